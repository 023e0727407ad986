use super::*;

const NEW: &str = "am_sk_live_new0123456789";

/// The locations that take precedence over a live key in this variable of the file.
fn shadowing(variable: &'static str, content: &str) -> Vec<(Option<&'static str>, Option<u32>)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    std::fs::write(&file, content).unwrap();
    let host = Host::new([("", "")], Some(folder.path().into()));
    let key = ApiKey::parse(NEW).unwrap();
    let nearer = nearer_locations(&host, &file, &[KeyEntry { variable, key: &key }]).unwrap();
    nearer.iter().filter(|location| decides(location)).map(|location| (location.variable, location.line)).collect()
}

/// A new login writes a live key to `AUTUMN_SECRET_KEY` if the rejected one was there.
#[test]
fn other_variable_of_the_file_shadows_a_live_key() {
    let both = format!("AUTUMN_SECRET_KEY={NEW}\nAUTUMN_PROD_SECRET_KEY=am_sk_live_other0123456\n");
    let (first, second) = (Environment::Sandbox.variable(), Environment::Live.variable());
    assert_eq!(shadowing(first, &both), [(Some(second), Some(2))]);
    assert_eq!(shadowing(first, &format!("AUTUMN_SECRET_KEY={NEW}\n")), []);
    assert_eq!(
        shadowing(second, &format!("AUTUMN_SECRET_KEY=am_sk_live_other0123456\nAUTUMN_PROD_SECRET_KEY={NEW}\n")),
        []
    );
}

#[test]
fn no_key_and_two_of_one_environment_are_different_mistakes() {
    let message = |keys: &[ApiKey]| in_order(keys).unwrap_err().message;
    let live = |text: &str| ApiKey::parse(&format!("am_sk_live_{text}0123456789")).unwrap();
    assert_eq!(message(&[]), "`keys` must contain a key.");
    assert_eq!(message(&[live("a"), live("b")]), "`keys` must not contain two keys of the same environment.");
}
