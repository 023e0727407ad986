//! What the lines of a variable hold: a key, even in a malformed value; another text; or nothing.

use super::line::LineKind;
use super::syntax::{comment, line_count, top};
use super::{Document, Value, is_plain};
use crate::key::{ApiKey, Flaw, PREFIXES};
use crate::text::trim_invisible;

/// A line of a variable.
#[derive(Debug)]
pub(crate) struct HeldLine {
    /// The line number, from 1.
    pub(crate) line: u32,
    /// The first byte of the line.
    start: usize,
    pub(crate) held: Held,
}

#[derive(Debug)]
pub(crate) enum Held {
    /// A key. The value can be malformed around it, such as with an open quote.
    Key(ApiKey),
    /// A text without a key, and its class if that is known.
    Other(Option<Flaw>),
    /// No value, or only quotes.
    Nothing,
}

impl Document {
    /// Every line that some reader takes for an assignment of the name, from top to bottom.
    pub(crate) fn held<'a>(&'a self, name: &'a str) -> impl Iterator<Item = HeldLine> + 'a {
        let bytes = self.bytes();
        let (mut number, mut counted) = (1, top(bytes));
        self.lines_of(name).map(move |line| {
            number += line_count(&bytes[counted..line.start]);
            counted = line.start;
            let (name_end, value) = match &line.kind {
                LineKind::Assignment { name, value, .. } => (name.end, super::decode(&bytes[value.clone()])),
                LineKind::Claim { name, .. } => (name.end, Value::Empty),
                LineKind::Blank | LineKind::Other => (line.text_end, Value::Empty),
            };
            let held = Held::of(&value, &bytes[name_end..line.text_end]);
            HeldLine { line: u32::try_from(number).unwrap_or(u32::MAX), start: line.start, held }
        })
    }

    /// The document without the lines that `goes` accepts. If no other text of a variable stays, its lines without a value
    /// go too: some readers refuse an `export NAME` without an assignment.
    pub(crate) fn remove_held(&self, names: &[&'static str], goes: impl Fn(&Held) -> bool) -> Self {
        let (mut whole, mut starts) = (Vec::new(), Vec::new());
        for name in names {
            let of_name: Vec<HeldLine> = self.held(name).collect();
            let going = || of_name.iter().filter(|line| goes(&line.held));
            let stays = of_name.iter().any(|line| !matches!(line.held, Held::Nothing) && !goes(&line.held));
            if going().next().is_some() && !stays {
                whole.push(*name);
            }
            starts.extend(going().map(|line| line.start));
        }
        if starts.is_empty() { self.clone() } else { self.remove_lines(names, &whole, &starts) }
    }
}

impl Held {
    /// `text` is the line after the name.
    fn of(value: &Value, text: &[u8]) -> Self {
        let well_formed = match value {
            Value::Text(text) => ApiKey::parse(text.reveal()).ok(),
            Value::Empty | Value::Unusable(_) => None,
        };
        if let Some(key) = well_formed.or_else(|| key_in(&text[..text.len() - comment(text).len()])) {
            return Self::Key(key);
        }
        match value {
            Value::Text(text) if trim_invisible(text.reveal()).is_empty() => Self::Nothing,
            Value::Text(text) => Self::Other(Flaw::of(text.reveal())),
            Value::Unusable(flaw) => Self::Other(Some(flaw.clone())),
            Value::Empty => Self::Nothing,
        }
    }
}

/// The first key in a text. A part of a path or of another word is none.
fn key_in(text: &[u8]) -> Option<ApiKey> {
    let is_start =
        |at: usize| at == 0 || !(text[at - 1].is_ascii_alphanumeric() || matches!(text[at - 1], b'_' | b'/'));
    let starts = (0..text.len()).filter(|at| text[*at] == b'a' && is_start(*at));
    starts.filter(|at| PREFIXES.iter().any(|(prefix, _)| text[*at..].starts_with(prefix.as_bytes()))).find_map(|at| {
        let length = text[at..].iter().take_while(|byte| is_plain(**byte)).count();
        ApiKey::parse(std::str::from_utf8(&text[at..at + length]).ok()?).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;

    const KEY: &str = "am_sk_test_planted0123456789";

    fn document(text: &str) -> Document {
        Document::parse(SecretBytes::from(text.as_bytes().to_vec()))
    }

    fn held(text: &str) -> String {
        let document = document(text);
        let lines = document.held("K").map(|line| match line.held {
            Held::Key(key) => format!("{} {key}", line.line),
            Held::Other(flaw) => format!("{} {}", line.line, flaw.map(|flaw| flaw.reason).unwrap_or_default()),
            Held::Nothing => format!("{} -", line.line),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn key_in_a_malformed_value_is_found() {
        for value in
            ["KEY", "\"KEY", "'KEY", "KEY\"", "#KEY", "Bearer KEY", "${X:-KEY}", "\"KEY # x", "K=KEY", "x KEY;"]
        {
            let text = format!("A=1\nK={}\n", value.replace("KEY", KEY));
            assert_eq!(held(&text), "2 am_sk_test_…6789", "{value}");
        }
        assert_eq!(held(&format!("'K'={KEY}\nK: {KEY}\n")), "1 am_sk_test_…6789\n2 am_sk_test_…6789");
    }

    #[test]
    fn text_without_a_key_and_empty_values_are_told_apart() {
        for value in ["", "''", "\"\"", " # put key here", &format!(" # {KEY}"), "\" \""] {
            assert_eq!(held(&format!("K={value}\n")), "1 -", "{value}");
        }
        assert_eq!(held("K\nexport K\n"), "1 -\n2 -");
        assert_eq!(held("K=op://v/i/f\n"), "1 is a 1Password reference");
        assert_eq!(held(&format!("K=op://v/{KEY}/f\n")), "1 is a 1Password reference");
        assert_eq!(held("K=am_sk_test_your_key_here\n"), "1 is a placeholder");
        assert_eq!(held("K=planted\n"), "1 ");
    }

    #[test]
    fn only_accepted_lines_are_removed() {
        let live = KEY.replace("test", "live");
        let is_test = |held: &Held| matches!(held, Held::Key(key) if key.reveal() == KEY);
        for (before, after) in [
            (format!("K={KEY}\nexport K\nK=\nA=1\n"), "A=1\n".to_owned()),
            (format!("K={KEY}\nK=op://v/i/f\nA=1\n"), "K=op://v/i/f\nA=1\n".to_owned()),
            (format!("K={KEY}\nK={live}\n"), format!("K={live}\n")),
            (format!("L=\nK=\"{KEY}\nA=1\n"), "L=\nA=1\n".to_owned()),
            ("K=\nexport K\nK=op://v/i/f\n".to_owned(), "K=\nexport K\nK=op://v/i/f\n".to_owned()),
        ] {
            let edited = document(&before).remove_held(&["K", "L"], is_test);
            assert_eq!(String::from_utf8_lossy(edited.bytes()), after, "{before}");
        }
    }
}
