//! Text from elsewhere: as it may be shown, and the words of enumerations.

use crate::error::{Error, Result};

/// The value of that name; the text itself is not repeated.
///
/// # Errors
/// `invalid_argument`: there is none.
pub(crate) fn parse_enum<T: Copy>(option: &str, text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T> {
    all.iter().copied().find(|value| name(*value) == text).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|value| format!("`{}`", name(*value))).collect();
        let names = match names.split_last() {
            Some((last, first)) if !first.is_empty() => format!("{} or {last}", first.join(", ")),
            _ => names.concat(),
        };
        Error::invalid(option, format!("`{option}` must be {names}."))
    })
}

/// At most `limit` characters; what moves a cursor, hides text or turns it round is replaced, so nothing that stood
/// apart comes to stand together.
pub(crate) fn sanitize(text: &str, limit: usize) -> String {
    let mut characters = text.trim().chars();
    let mut cleaned: String = characters.by_ref().take(limit).map(visible).collect();
    if characters.next().is_some() {
        cleaned.push('…');
    }
    cleaned
}

/// A character as it may be shown, alone or in a text.
#[must_use]
pub fn visible(c: char) -> char {
    if c.is_control() || is_invisible(c) { char::REPLACEMENT_CHARACTER } else { c }
}

/// Line and paragraph separators, and characters that Unicode calls format characters: zero width, direction, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Words by which secrets of Autumn's begin.
const SECRET_PREFIXES: [&str; 4] = ["am_sk_", "am_pk_", "am_oauth_", "am_jwt_"];

/// Whether a text repeats one of these secrets, or something that looks like a key or token of Autumn's.
pub(crate) fn contains_secret(text: &str, secrets: &[&str]) -> bool {
    // What stands between the characters of a secret does not hide it from a reader.
    let text: String = text.chars().filter(|c| !(c.is_control() || c.is_whitespace() || is_invisible(*c))).collect();
    SECRET_PREFIXES.iter().any(|prefix| text.contains(prefix))
        || secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret))
}

/// A word that programs understand, such as `invalid_grant`: 1 to 64 characters of `[A-Za-z_.-]`, and no secret. Digits
/// are left out: the words of servers do without, and a token that stands in the wrong place has some.
pub(crate) fn safe_code(text: &str, secrets: &[&str]) -> Option<String> {
    safe_token(text, secrets).filter(|word| !word.bytes().any(|byte| byte.is_ascii_digit()))
}

/// A name for a request or the like: 1 to 64 characters of `[A-Za-z0-9_.-]`, and no secret.
pub(crate) fn safe_token(text: &str, secrets: &[&str]) -> Option<String> {
    let clean = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    (clean && (1..=64).contains(&text.len()) && !contains_secret(text, secrets)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_shown_moves_hides_or_turns() {
        let text = " a\u{1b}[2Jb\r\nc\u{202e}d\u{200b}e\u{9b}31mf\u{2028}g ";
        assert_eq!(sanitize(text, 99), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}31mf\u{fffd}g");
        assert_eq!(sanitize("Zoë 株式会社", 99), "Zoë 株式会社");
        assert_eq!(sanitize("12345", 5), "12345");
        assert_eq!(sanitize("123456", 5), "12345…");
    }

    #[test]
    fn parse_rejects_unknown_names() {
        use crate::client::Reauth;
        for value in Reauth::ALL {
            assert_eq!(Reauth::parse(value.name()).unwrap(), *value);
        }
        for text in ["", "Never", "never ", "planted"] {
            let error = Reauth::parse(text).unwrap_err();
            assert_eq!(error.message, "`reauth` must be `never`, `auto` or `always`.");
            assert_eq!(error.context["option"], "reauth");
        }
    }

    #[test]
    fn secrets_are_noticed() {
        assert!(contains_secret("your key am_sk_live_x is wrong", &[]));
        assert!(contains_secret("token t0ken", &["t0ken"]));
        assert!(contains_secret("token t0\u{200b}k\nen", &["t0ken"]));
        assert!(!contains_secret("nothing here", &["", "t0ken"]));
    }

    #[test]
    fn a_code_is_one_word() {
        assert_eq!(safe_code("invalid_grant", &[]).as_deref(), Some("invalid_grant"));
        for text in ["", "two words", "line\nbreak", "\u{1b}[0m", "am_oauth_x", "code", "t0ken", &"x".repeat(65)] {
            assert_eq!(safe_code(text, &["code"]), None, "{text:?}");
        }
        assert_eq!(safe_token("req-0a1B.2", &[]).as_deref(), Some("req-0a1B.2"));
    }
}
