//! Keys in a text that a user pasted or piped: alone, in quotes, or as lines of a `.env` file.

use libatmn::{ApiKey, Environment, Result};

/// The keys in a text, and the number of its lines that set other variables.
pub(crate) struct PastedKeys {
    pub(crate) keys: Vec<ApiKey>,
    pub(crate) skipped: usize,
}

/// Finds the keys in a text.
///
/// # Errors
/// `malformed_key`: a word is not a key, or the value of a secret variable.
pub(crate) fn parse(text: &str) -> Result<PastedKeys> {
    let mut found = PastedKeys { keys: Vec::new(), skipped: 0 };
    let lines = text.trim_start_matches('\u{feff}').split(['\n', '\r']).map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match assignment(line) {
            Some((_, "")) => {}
            Some((name, value)) if is_secret_variable(name) || value.starts_with("am_") => {
                found.keys.push(ApiKey::parse(value)?);
            }
            Some(_) => found.skipped += 1,
            None => found.keys.extend(words(line)?),
        }
    }
    Ok(found)
}

fn words(line: &str) -> Result<Vec<ApiKey>> {
    line.split_whitespace().map(|word| ApiKey::parse(unquoted(word))).collect()
}

/// Name and value of a line such as `export NAME="value" # comment`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // A key contains no spaces, so a comment begins at the first one.
    is_name.then(|| (name, unquoted(value.split_whitespace().next().unwrap_or_default())))
}

fn is_secret_variable(name: &str) -> bool {
    [Environment::Sandbox, Environment::Live].iter().any(|environment| environment.variable() == name)
}

fn unquoted(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    ['"', '\'', '`'].into_iter().find_map(inside).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_keys_as_people_have_them() {
        let one = "am_sk_test_0123456789ab";
        for text in [
            one.to_owned(),
            format!("\u{feff}{one}\r\n"),
            format!("  '{one}'  "),
            format!("AUTUMN_SECRET_KEY={one}"),
            format!("export AUTUMN_SECRET_KEY=\"{one}\"  # from the dashboard"),
            format!("# mine\nPORT=80\nAUTUMN_SECRET_KEY = `{one}`\nAUTUMN_PROD_SECRET_KEY=\n"),
            format!("MY_KEY={one}"),
        ] {
            let found = parse(&text).ok().map(|found| found.keys);
            let keys: Vec<&str> = found.iter().flatten().map(ApiKey::reveal).collect();
            assert_eq!(keys, [one], "{text:?}");
        }
        assert_eq!(parse("PORT=80\nA=b").ok().map(|found| (found.keys.len(), found.skipped)), Some((0, 2)));
        for text in ["hunter2", "AUTUMN_SECRET_KEY=hunter2", "\"am_sk_test_0123456789ab", "am_sk_test_01 PORT=80"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
