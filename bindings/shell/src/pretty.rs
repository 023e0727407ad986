//! JSON for people: indented and coloured, with every number and the order of all members as the server sent them.

use anstyle::Style;
use serde::de::IgnoredAny;

use crate::style::{JSON_KEY, JSON_TEXT, JSON_WORD};

const INDENT: usize = 2;

/// The JSON, indented, and coloured if `colored` is set; `None` if the text is not JSON.
pub(crate) fn pretty(text: &str, colored: bool) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut printer = Printer { out: String::with_capacity(text.len() * 2), depth: 0, colored };
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = token_length(rest);
        let (token, after) = rest.split_at(length);
        rest = after.trim_start();
        printer.token(first, token, rest);
        // An empty list or object stays on one line.
        if matches!(first, '[' | '{') && rest.starts_with([']', '}']) {
            printer.depth -= 1;
            printer.out.push_str(&rest[..1]);
            rest = rest[1..].trim_start();
        } else if matches!(first, '[' | '{') {
            printer.line();
        }
    }
    Some(printer.out)
}

/// The length of the token that a valid JSON text begins with.
fn token_length(text: &str) -> usize {
    match text.as_bytes()[0] {
        b'"' => {
            let mut escaped = false;
            let end = text[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(text.len(), |end| end + 2)
        }
        b'[' | b'{' | b']' | b'}' | b',' | b':' => 1,
        _ => text.find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(text.len()),
    }
}

struct Printer {
    out: String,
    depth: usize,
    colored: bool,
}

impl Printer {
    fn token(&mut self, first: char, token: &str, rest: &str) {
        match first {
            '[' | '{' => {
                self.depth += 1;
                self.out.push_str(token);
            }
            ']' | '}' => {
                self.depth -= 1;
                self.line();
                self.out.push_str(token);
            }
            ',' => {
                self.out.push(',');
                self.line();
            }
            ':' => self.out.push_str(": "),
            '"' if rest.starts_with(':') => self.styled(JSON_KEY, token),
            '"' => self.styled(JSON_TEXT, token),
            _ => self.styled(JSON_WORD, token),
        }
    }

    fn styled(&mut self, style: Style, token: &str) {
        if self.colored {
            self.out.push_str(&format!("{style}{token}{style:#}"));
        } else {
            self.out.push_str(token);
        }
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.depth * INDENT));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failed assumption fails the test
mod tests {
    use super::*;

    #[test]
    fn pretty_changes_whitespace_only() {
        let text = r#"{"z":1.0000000000000000001,"a":[],"b":{ },"c":[1,"x: [\"\\",null,{"d":true}],"é":-1e400}"#;
        let printed = pretty(text, false).unwrap();
        let expected = "{\n  \"z\": 1.0000000000000000001,\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    \
                        \"x: [\\\"\\\\\",\n    null,\n    {\n      \"d\": true\n    }\n  ],\n  \"é\": -1e400\n}";
        assert_eq!(printed, expected);
        for text in ["1", "\"a\"", " [ ] ", "null"] {
            assert_eq!(pretty(text, false).as_deref(), Some(text.trim().replace(' ', "").as_str()));
        }
        assert_eq!(pretty("{", false), None);
        assert_eq!(pretty("<html>", false), None);
    }

    #[test]
    fn colored_text_differs_in_styles_only() {
        let text = r#"{"a":["b",1]}"#;
        let colored = pretty(text, true).unwrap();
        assert!(colored.contains('\u{1b}'));
        let plain: String = colored
            .split('\u{1b}')
            .enumerate()
            .map(|(at, part)| if at == 0 { part } else { part.split_once('m').unwrap().1 })
            .collect();
        assert_eq!(plain, pretty(text, false).unwrap());
    }
}
