//! Bytes in JSON: each character from U+0000 to U+00FF is one byte.

/// The bytes that a text represents.
#[must_use]
pub fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("a character beyond U+00FF")).collect()
}

/// The text that represents bytes.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
