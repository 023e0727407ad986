//! Keys in a text that a user pasted or piped.

use super::{ApiKey, Environment};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::text::{clean_pasted, is_variable_name, strip_bearer, strip_command, strip_wrapping};

/// The keys in a text, and the number of its lines that set other variables.
#[derive(Debug, Default)]
pub struct PastedKeys {
    /// The keys, in order, each once.
    pub keys: Vec<ApiKey>,
    /// The keys whose line names the secret variable of the other environment.
    pub misnamed: Vec<ApiKey>,
    /// The number of lines that set other variables.
    pub skipped: usize,
}

/// The keys in a text: alone, several on a line, in quotes, as lines of a `.env` file, or after `Bearer`. Invisible
/// characters are removed.
///
/// # Errors
/// `malformed_key`: the text contains something else.
pub fn pasted_keys(text: &str) -> Result<PastedKeys> {
    let text = clean_pasted(text);
    let mut found = PastedKeys::default();
    let lines = text.reveal().split(['\n', '\r', '\u{2028}', '\u{2029}']).map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match assignment(line) {
            Some((_, "")) => {}
            Some((name, value)) if is_secret_variable(name) || value.starts_with("am_") => {
                found.add_assigned(name, ApiKey::parse(value).map_err(|error| found.explain(error))?);
            }
            Some(_) => found.skipped += 1,
            None => words(line, &mut found)?,
        }
    }
    Ok(found)
}

impl PastedKeys {
    /// The error of a text that is not a key; after a key, it may be the rest of that key.
    fn explain(&self, error: Error) -> Error {
        if self.keys.is_empty() {
            return error;
        }
        let broken = Hint::from("If a key is broken into two lines, paste it on one line.");
        let hint = match &error.hint {
            Some(hint) => broken.and(hint.as_ref().clone()),
            None => broken,
        };
        error.with_hint(hint)
    }

    fn add(&mut self, key: ApiKey) {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    fn add_assigned(&mut self, name: &str, key: ApiKey) {
        if name == key.environment().other().variable() {
            self.misnamed.push(key.clone());
        }
        self.add(key);
    }
}

fn words(line: &str, found: &mut PastedKeys) -> Result<()> {
    let bare = strip_wrapping(line);
    let line = strip_bearer(bare).unwrap_or(line);
    // A comment after a key is no part of it.
    for word in line.split_whitespace().take_while(|word| !word.starts_with('#')) {
        let key = ApiKey::parse(strip_wrapping(word)).map_err(|error| found.explain(error))?;
        found.add(key);
    }
    Ok(())
}

/// Name and value of a line such as `export NAME="value" # comment`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = strip_command(line);
    // YAML has a colon. Other texts have one as well, so only the name of a secret variable counts.
    let in_yaml = || line.split_once(": ").filter(|(name, _)| is_secret_variable(name.trim()));
    let (name, value) = in_yaml().or_else(|| line.split_once('='))?;
    let name = name.trim();
    let unquoted = value.trim().trim_start_matches(['"', '\'']);
    let value = strip_bearer(unquoted).unwrap_or(value);
    // A key contains no spaces, so a comment begins at the first one.
    is_variable_name(name).then(|| (name, strip_wrapping(value.split_whitespace().next().unwrap_or_default())))
}

fn is_secret_variable(name: &str) -> bool {
    [Environment::Sandbox, Environment::Live].iter().any(|environment| environment.variable() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_as_people_have_them() {
        let one = "am_sk_test_0123456789ab";
        for text in [
            one.to_owned(),
            format!("\u{feff}{one}\r\n"),
            format!("  '{one}'  "),
            format!("“{one}”"),
            format!("\u{1b}[200~{one}\u{1b}[201~"),
            format!("AUTUMN_SECRET_KEY={one}"),
            format!("export AUTUMN_SECRET_KEY=\"{one}\"  # from the dashboard"),
            format!("# mine\nPORT=80\nAUTUMN_SECRET_KEY = `{one}`\nAUTUMN_PROD_SECRET_KEY=\n"),
            format!("MY_KEY={one}"),
            format!("Bearer {one}"),
            format!("authorization:  bearer {one}\n"),
            format!("\"Authorization: Bearer {one}\""),
            format!("AUTUMN_SECRET_KEY=\"Bearer {one}\" # mine"),
            format!("\u{a0}{one}\u{a0}"),
            format!("AUTUMN_SECRET_KEY=\u{a0}{one}"),
            format!("{one}\u{1b}[D\u{1b}OA"),
            format!("{one} # prod"),
            format!("$env:AUTUMN_SECRET_KEY=\"{one}\""),
            format!("AUTUMN_SECRET_KEY: {one}"),
            format!("  AUTUMN_SECRET_KEY: '{one}'  # in YAML"),
        ] {
            let found = pasted_keys(&text).ok().map(|found| found.keys);
            let keys: Vec<&str> = found.iter().flatten().map(ApiKey::reveal).collect();
            assert_eq!(keys, [one], "{text:?}");
        }
        let twice = pasted_keys(&format!("{one}\nAUTUMN_SECRET_KEY={one}")).unwrap();
        assert_eq!((twice.keys.len(), twice.misnamed.len()), (1, 0));
        assert_eq!(pasted_keys("PORT=80\nA=b").ok().map(|found| (found.keys.len(), found.skipped)), Some((0, 2)));
        for text in ["hunter2", "AUTUMN_SECRET_KEY=hunter2", "am_sk_test_01 PORT=80"] {
            assert!(pasted_keys(text).is_err(), "{text}");
        }
        for base64 in ["YW1fc2tfdGVzdF9wbGFudGVk", "YW1fc2tfdGVzdF9wbGFudGVkMQ==", "YW1fc2tfdGVzdF9wbGFudGVkMTI="] {
            let error = pasted_keys(base64).unwrap_err();
            assert!(error.message.contains("is encoded in Base64"), "{base64}: {error:?}");
        }
        let broken = pasted_keys("am_sk_test_0123456789\nab-planted").unwrap_err();
        assert!(broken.hint.unwrap().to_string().contains("on one line") && !broken.message.contains("planted"));
    }

    #[test]
    fn keys_under_the_name_of_the_other_environment_are_known() {
        for (line, count) in [
            ("AUTUMN_SECRET_KEY=am_sk_test_0123456789ab", 0),
            ("AUTUMN_PROD_SECRET_KEY=am_sk_live_0123456789ab", 0),
            ("MY_KEY=am_sk_live_0123456789ab", 0),
            ("AUTUMN_PROD_SECRET_KEY=am_sk_test_0123456789ab", 1),
            ("export AUTUMN_SECRET_KEY='am_sk_live_0123456789ab'", 1),
        ] {
            let found = pasted_keys(line).unwrap();
            assert_eq!((found.keys.len(), found.misnamed.len()), (1, count), "{line}");
        }
    }
}
