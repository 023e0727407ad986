//! Dropped secrets are wiped from memory, and so are the copies that save and resolve make.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use libatmn::__internal::oauth::{Authorization, redirect_uri};
use libatmn::{
    ApiKey, LogoutOptions, ResolveOptions, SaveOptions, Secret, SecretBytes, Server, logout, resolve_key, save_keys,
};

/// Serializes these tests, because each would find the key that another one reads.
static READING: Mutex<()> = Mutex::new(());

/// A key that is kept with inverted bits, so that the test itself does not leave it in memory.
struct InvertedText(Vec<u8>);

impl InvertedText {
    fn new(number: u8) -> Self {
        let tail = (0..40).map(|location: u8| b'a' + (location.wrapping_mul(7) ^ number.wrapping_mul(11)) % 26);
        Self(b"am_sk_test_".iter().copied().chain(tail).map(|byte| !byte).collect())
    }

    fn text(&self) -> Secret {
        let mut text = String::with_capacity(self.0.len());
        text.extend(self.0.iter().map(|byte| char::from(!byte)));
        Secret::from(text)
    }

    /// How often the second half of the key occurs in the writable memory of this process. The allocator overwrites the
    /// beginning of freed memory, so the first half does not count.
    fn copies(&self) -> usize {
        let _alone = READING.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = &self.0[self.0.len() / 2..];
        let is_copy = |found: &[u8]| found.iter().zip(wanted).all(|(found, wanted)| *found == !wanted);
        let mut piece = vec![0; 1 << 20];
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let mut memory = File::open("/proc/self/mem").unwrap();
        let mut copies = 0;
        for (start, end) in maps.lines().filter_map(writable) {
            for at in (start..end).step_by(piece.len() - wanted.len()) {
                let length = piece.len().min(usize::try_from(end - at).unwrap());
                let read = memory.seek(SeekFrom::Start(at)).and_then(|_| memory.read(&mut piece[..length]));
                let read = read.unwrap_or_default();
                copies += piece[..read].windows(wanted.len()).filter(|found| is_copy(found)).count();
                // Otherwise the scan would find this buffer.
                piece[..read].fill(0);
            }
        }
        copies
    }
}

/// The bounds of a piece of memory that holds data.
fn writable(line: &str) -> Option<(u64, u64)> {
    let (bounds, rest) = line.split_once(' ')?;
    let (start, end) = bounds.split_once('-')?;
    let address = |text| u64::from_str_radix(text, 16).unwrap();
    rest.starts_with("rw").then(|| (address(start), address(end)))
}

#[test]
fn dropped_secret_is_wiped() {
    let hidden = InvertedText::new(1);
    assert_eq!(hidden.copies(), 0);
    let text = hidden.text();
    assert!(hidden.copies() > 0, "this test does not find what is there");
    let bytes = SecretBytes::from([text.reveal().as_bytes(), &[b' '; 100]].concat());
    let key = ApiKey::parse(text.reveal()).unwrap();
    drop((text, bytes.clone(), key.clone()));
    assert!(hidden.copies() > 0);
    drop((bytes, key));
    assert_eq!(hidden.copies(), 0);
}

#[test]
fn resolve_leaves_no_key_in_memory_for_any_syntax() {
    let hidden = InvertedText::new(3);
    for (before, behind) in [("", "\n"), ("'", "'\n"), ("\"", "\" # mine"), ("", "-x\r\n")] {
        let folder = tempfile::tempdir().unwrap();
        let (name, text) = ("AUTUMN_SECRET_KEY=", hidden.text());
        let line = [name, before, text.reveal(), behind].concat();
        std::fs::write(folder.path().join(".env"), SecretBytes::from(line.into_bytes()).reveal()).unwrap();
        let directory = Some(folder.path().to_path_buf());
        let found = resolve_key(&ResolveOptions { directory, ..Default::default() }).unwrap();
        assert!(found.key.reveal().starts_with(text.reveal()));
        drop((text, found));
        assert_eq!(hidden.copies(), 0, "{before}key{behind}");
    }
}

#[test]
fn save_and_resolve_leave_no_key_in_memory() {
    let hidden = InvertedText::new(2);
    for before in [
        "",
        "A=1\n",
        "AUTUMN_SECRET_KEY=am_sk_test_old\n",
        "B=\"x\nexport AUTUMN_SECRET_KEY='a' # it's\nC='d\ne'\nB='\n",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let directory = Some(folder.path().to_path_buf());
        std::fs::write(folder.path().join(".env"), before).unwrap();
        let key = ApiKey::parse(hidden.text().reveal()).unwrap();
        save_keys(std::slice::from_ref(&key), &SaveOptions { directory: directory.clone(), ..Default::default() })
            .unwrap();
        drop(key);
        assert_eq!(hidden.copies(), 0, "saved into {before:?}");
        let options = ResolveOptions { directory: directory.clone(), ..Default::default() };
        assert!(resolve_key(&options).unwrap().key.reveal() == hidden.text().reveal());
        assert_eq!(hidden.copies(), 0, "found in {before:?}");
        logout(&LogoutOptions { directory, ..Default::default() }).unwrap();
        assert_eq!(hidden.copies(), 0, "logged out of {before:?}");
    }
}

/// The verifier proves to the server which program requested the code. The random bytes that it is made of count too.
#[test]
fn waiting_login_has_its_verifier_in_wiped_memory_only() {
    let login = Authorization::new(&Server::Cloud, &redirect_uri(31_448)).unwrap();
    let text = InvertedText(login.verifier.reveal().bytes().map(|byte| !byte).collect());
    let digit = |byte: u8| char::from(!byte).to_digit(16).unwrap();
    let byte = |pair: &[u8]| !u8::try_from(digit(pair[0]) * 16 + digit(pair[1])).unwrap();
    let bytes = InvertedText(text.0.chunks(2).map(byte).collect());
    assert_eq!((text.copies(), bytes.copies()), (1, 0));
    drop(login);
    assert_eq!((text.copies(), bytes.copies()), (0, 0));
}
