//! Any `.env`, which another process replaces all the time, also by a link to a private file: each version that is found
//! is one of the other process, with the keys or without them, and nothing else is written or left behind.
#![no_main]

use std::collections::VecDeque;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use libatmn::__internal::dotenv::Document;
use libatmn::{ApiKey, Host, LogoutOptions, SaveOptions, SecretBytes, logout, save_keys};
use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &["AUTUMN_SECRET_KEY", "AUTUMN_PROD_SECRET_KEY"];
const KEY: &str = "am_sk_test_0123456789ab";
const PRIVATE: &[u8] = b"PRIVATE=planted\n";

/// Installs one of two files, a link to the private one, or nothing, in turn.
const OTHER: &str = "
import os, sys
def tries(*steps):
    for step in steps:
        try: step()
        except OSError: pass
def install(name):
    with open(name, 'rb') as file: content = file.read()
    with open('other', 'wb') as file: file.write(content)
    os.rename('other', '.env')
parent = os.getppid()
while os.getppid() == parent:
    tries(lambda: install('../first'), lambda: os.symlink('../private', 'link'), lambda: os.rename('link', '.env'),
          lambda: install('../second'), lambda: os.rename('.env', 'aside'), lambda: os.rename('aside', '.env'))
";

struct ExchangeFixture {
    root: PathBuf,
    /// The files that the other process may still install.
    versions: VecDeque<Vec<u8>>,
    inode: u64,
    _other: Child,
}

impl ExchangeFixture {
    fn new() -> Self {
        let root = std::env::temp_dir().join(format!("atmn-fuzz-{}", std::process::id()));
        fs::create_dir_all(root.join("project")).expect("a directory");
        for (name, content) in [("private", PRIVATE), ("first", b""), ("second", b"")] {
            fs::write(root.join(name), content).expect("a file");
        }
        let inode = fs::metadata(root.join("private")).expect("the private file").ino();
        let mut other = Command::new("python3");
        other.args(["-c", OTHER]).current_dir(root.join("project")).stdin(Stdio::null());
        let other = other.spawn().expect("python3");
        Self { root, versions: VecDeque::from([Vec::new()]), inode, _other: other }
    }

    /// Gives the other process a new file. Files of earlier runs can be on their way.
    fn provide(&mut self, name: &str, content: &[u8]) {
        fs::write(self.root.join("new"), content).expect("a file");
        fs::rename(self.root.join("new"), self.root.join(name)).expect("a file");
        self.versions.push_back(without_keys(content));
        if self.versions.len() > 64 {
            self.versions.pop_front();
        }
    }

    fn check(&self) {
        let private = self.root.join("private");
        assert_eq!(fs::read(&private).expect("the private file"), PRIVATE);
        assert_eq!(fs::metadata(private).expect("the private file").ino(), self.inode);
        let project = self.root.join("project");
        if let Some(content) = content(&project.join(".env")) {
            let found = without_keys(&content);
            // A last line gets its line break before keys are appended, and so does one that a lone CR ends.
            let is_known = |found: &[u8]| self.versions.iter().any(|version| unended(version) == unended(found));
            // A save creates the file while it is absent.
            assert!(found.is_empty() || is_known(&found), "{}", content.escape_ascii());
        }
        let expected = [".env", "other", "link", "aside"];
        for entry in fs::read_dir(project).expect("the project").flatten() {
            assert!(expected.iter().any(|name| *name == entry.file_name()), "{entry:?} was left behind");
        }
    }
}

/// The content of a regular file, not of a link.
fn content(path: &Path) -> Option<Vec<u8>> {
    use std::io::Read;
    use std::os::unix::fs::OpenOptionsExt;
    const NO_FOLLOW: i32 = 0o400_000;
    let mut file = fs::OpenOptions::new().read(true).custom_flags(NO_FOLLOW).open(path).ok()?;
    let mut content = Vec::new();
    file.read_to_end(&mut content).ok()?;
    Some(content)
}

/// The text without the line breaks that an edit may add.
fn unended(text: &[u8]) -> Vec<u8> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let is_added = |at: usize| text[at] == b'\n' && at > 0 && text[at - 1] == b'\r';
    (0..text.len()).filter(|at| !is_added(*at)).map(|at| text[at]).collect()
}

fn without_keys(content: &[u8]) -> Vec<u8> {
    Document::parse(SecretBytes::from(content.to_vec())).remove(NAMES).bytes().to_vec()
}

fuzz_target!(|bytes: &[u8]| {
    static WORLD: OnceLock<Mutex<ExchangeFixture>> = OnceLock::new();
    let mut world = WORLD.get_or_init(|| Mutex::new(ExchangeFixture::new())).lock().unwrap_or_else(PoisonError::into_inner);
    let (first, second) = bytes.split_at(bytes.len() / 2);
    world.provide("first", first);
    world.provide("second", second);
    let project = world.root.join("project");
    let state = world.root.join("state");
    let host = Host::new([("XDG_STATE_HOME", state.to_str().expect("UTF-8"))], Some(project.clone()));
    let save = SaveOptions { directory: Some(project.clone()), host: Some(host.clone()), ..SaveOptions::default() };
    let key = ApiKey::parse(KEY).expect("a key");
    // Either result is right: the file can be a link, or be gone, at any moment.
    let _ = save_keys(&[key], &save);
    world.check();
    let _ = logout(&LogoutOptions { directory: Some(project), host: Some(host), ..LogoutOptions::default() });
    world.check();
});
