//! Any bytes: the editor keeps everything except the edited variables, and reports what it changed.
#![no_main]

use libatmn::__internal::dotenv::{Document, Value};
use libatmn::SecretBytes;
use libfuzzer_sys::fuzz_target;

const NAME: &str = "AUTUMN_SECRET_KEY";
const KEY: &str = "am_sk_test_0123456789ab";

fuzz_target!(|bytes: &[u8]| {
    let before = Document::parse(SecretBytes::from(bytes.to_vec()));
    assert_eq!(before.bytes(), bytes);
    let others = |document: &Document| -> Vec<Vec<u8>> {
        document.names().filter(|name| *name != NAME.as_bytes()).map(<[u8]>::to_vec).collect()
    };
    let set = before.set(NAME, KEY);
    let read = set.read(NAME).expect("the key was set");
    assert!(matches!(read.value, Value::Text(text) if text.reveal() == KEY));
    assert_eq!(set.assignments(NAME).count(), 1);
    assert_eq!(others(&set), others(&before));
    assert_eq!(set.set(NAME, KEY).bytes(), set.bytes());
    for document in [before, set] {
        let removed = document.remove(&[NAME]);
        assert!(removed.read(NAME).is_none());
        assert_eq!(others(&removed), others(&document));
        assert_eq!(removed.remove(&[NAME]).bytes(), removed.bytes());
    }
});
