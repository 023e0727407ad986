//! Text and bytes that may hold a key. They cannot be printed by accident and are overwritten when dropped.

use std::fmt;
use std::sync::Arc;

use zeroize::{Zeroize as _, Zeroizing};

/// A text that must stay secret: `Debug` shows nothing of it, there is no `Display`, and dropping it overwrites its
/// memory.
///
/// ```
/// let secret = libatmn::Secret::from(String::from("am_sk_test_example"));
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.reveal(), "am_sk_test_example");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text. The caller must not print it.
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

/// The bytes of a file that may hold keys, as protected as a [`Secret`]. Clones share the bytes; dropping the last one
/// overwrites them.
#[derive(Clone, Default)]
pub struct SecretBytes(Arc<Wiped>);

/// Bytes that are overwritten when dropped. `Zeroize` overwrites a vector byte by byte and a slice in one step, which
/// matters for large files.
#[derive(Default)]
struct Wiped(Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.spare_capacity_mut().zeroize();
        self.0.as_mut_slice().zeroize();
    }
}

impl SecretBytes {
    /// The bytes. The caller must not print them.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0.0
    }
}

/// Compares clones by identity. The comparison is not constant-time: do not use it where an attacker can measure it.
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
    fn formatting_never_shows_the_content() {
        let text = Secret::from("am_sk_test_planted");
        let bytes = SecretBytes::from(b"am_sk_test_planted".to_vec());
        let shown = format!("{text:?} {text:#?} {bytes:?} {bytes:#?} {:?}", Some((&text, &bytes)));
        assert!(!shown.contains("planted"), "{shown}");
    }
}
