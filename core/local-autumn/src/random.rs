//! Unguessable texts.

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `length` characters of `[A-Za-z0-9]`, uniformly distributed.
///
/// # Errors
/// The operating system provides no randomness.
pub(crate) fn text(length: usize) -> Result<String, getrandom::Error> {
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        getrandom::fill(&mut bytes)?;
        // 248 is the largest multiple of 62 in a byte. Larger bytes would make the first letters more likely.
        let uniform = bytes.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        text.extend(uniform.take(length - text.len()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_has_its_length_and_is_unique() {
        let texts: std::collections::BTreeSet<_> = (0..100).map(|_| super::text(42).unwrap()).collect();
        assert_eq!(texts.len(), 100);
        assert!(texts.iter().all(|text| text.len() == 42 && text.bytes().all(|b| b.is_ascii_alphanumeric())));
    }
}
