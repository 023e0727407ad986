//! Text and bytes that may hold a key: they cannot print themselves and are wiped when dropped.

use std::fmt;
use std::sync::Arc;

use zeroize::{Zeroize as _, Zeroizing};

/// A text that must not be seen: `Debug` shows its length at most, there is no `Display`, and the memory is
/// overwritten on drop.
///
/// ```
/// let secret = libatmn::Secret::from(String::from("am_sk_test_example"));
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.reveal(), "am_sk_test_example");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. Whoever calls this takes over the duty not to print it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The bytes of a file that may hold keys; as silent as [`Secret`], and wiped with the last of its clones, which share
/// them.
#[derive(Clone, Default)]
pub struct SecretBytes(Arc<Wiped>);

/// Bytes that are overwritten when they are dropped. As a slice: a vector is wiped byte by byte, and a file is large.
#[derive(Default)]
struct Wiped(Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.spare_capacity_mut().zeroize();
        self.0.as_mut_slice().zeroize();
    }
}

impl SecretBytes {
    /// The bytes themselves.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0.0
    }
}

/// Clones share their bytes, so that there is nothing to compare. Not for what an attacker could measure: it ends at the
/// first difference.
impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.reveal() == other.reveal()
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Wiped(bytes)))
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretBytes(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_formatting_shows_the_content() {
        let text = Secret::from("am_sk_test_planted");
        let bytes = SecretBytes::from(b"am_sk_test_planted".to_vec());
        let shown = format!("{text:?} {text:#?} {bytes:?} {bytes:#?} {:?}", Some((&text, &bytes)));
        assert!(!shown.contains("planted"), "{shown}");
    }
}
