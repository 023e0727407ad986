//! Updates of a file while another program writes it: no change is lost, and a reader sees each change at all times.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use super::swap::{Exchanged, SwapResult};
use super::temporary::TemporaryDirectory;
use super::{Distrust, ReadError, Snapshot, Target, Visibility, content, platform, read};
use crate::error::{ErrorCode, Result};
use crate::secret::SecretBytes;

struct File {
    folder: tempfile::TempDir,
    target: Target,
}

impl File {
    fn new(content: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let target = Target::locate(&path, Visibility::Private, |_| true).unwrap();
        Self { folder, target }
    }

    /// Appends `OURS` while `other` changes the file; returns the contents that were edited.
    fn update(&self, other: impl Fn(&Path)) -> Result<Vec<(String, bool)>> {
        let mut given = Vec::new();
        self.target.update(|found| {
            given.push((text(&found.bytes), found.exists()));
            if given.len() == 1 {
                other(&self.target.path);
            }
            Ok((Some(append(&found.bytes, "OURS\n")), ()))
        })?;
        assert_eq!(std::fs::read_dir(self.folder.path()).unwrap().count(), 1, "a temporary file was left behind");
        Ok(given)
    }

    fn content(&self) -> String {
        std::fs::read_to_string(&self.target.path).unwrap()
    }
}

fn text(bytes: &SecretBytes) -> String {
    String::from_utf8(bytes.reveal().to_vec()).unwrap()
}

fn append(bytes: &SecretBytes, more: &str) -> SecretBytes {
    SecretBytes::from([bytes.reveal(), more.as_bytes()].concat())
}

/// Identifies the version of a file; a rename changes it too.
fn version(path: &Path) -> (u64, i64, i64) {
    let metadata = path.metadata().unwrap();
    (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[test]
fn update_keeps_a_concurrent_change_at_every_moment() {
    let file = File::new(Some("OLD\n"));
    let mut theirs = None;
    let mut rounds = 0;
    let path = &file.target.path;
    file.target
        .update(|found| {
            rounds += 1;
            match theirs {
                None => {
                    std::fs::write(path, "THEIRS\n").unwrap();
                    theirs = Some(version(path));
                }
                Some(before) => assert_eq!(before, version(path), "the change disappeared for a moment"),
            }
            Ok((Some(append(&found.bytes, "OURS\n")), ()))
        })
        .unwrap();
    assert_eq!((file.content().as_str(), rounds), ("THEIRS\nOURS\n", 2));
}

#[test]
fn update_does_not_restore_deleted_content() {
    let file = File::new(Some("OLD\n"));
    std::fs::set_permissions(&file.target.path, Permissions::from_mode(0o644)).unwrap();
    let given = file.update(|path| std::fs::remove_file(path).unwrap()).unwrap();
    assert_eq!(given, [("OLD\n".to_owned(), true), (String::new(), false)]);
    assert_eq!(file.content(), "OURS\n");
    assert_eq!(file.target.path.metadata().unwrap().mode() & 0o777, 0o600, "a new file must be private");
}

#[test]
fn update_does_not_overwrite_a_new_file() {
    let file = File::new(None);
    let given = file.update(|path| std::fs::write(path, "THEIRS\n").unwrap()).unwrap();
    assert_eq!(given, [(String::new(), false), ("THEIRS\n".to_owned(), true)]);
    assert_eq!(file.content(), "THEIRS\nOURS\n");
}

#[test]
fn update_detects_a_replaced_file() {
    let file = File::new(Some("OLD\n"));
    let elsewhere = tempfile::tempdir().unwrap();
    let other = elsewhere.path().join("other");
    std::fs::write(&other, "NEW\n").unwrap();
    assert_eq!(file.update(|path| std::fs::rename(&other, path).unwrap()).unwrap().len(), 2);
    assert_eq!(file.content(), "NEW\nOURS\n");
}

/// Some network file systems change timestamps without a write.
#[test]
fn update_ignores_a_changed_timestamp() {
    let file = File::new(Some("OLD\n"));
    let given = file.update(|path| std::fs::write(path, "OLD\n").unwrap()).unwrap();
    assert_eq!((given.len(), file.content().as_str()), (1, "OLD\nOURS\n"));
}

#[test]
fn update_refuses_a_link_that_appears() {
    let file = File::new(Some("OLD\n"));
    let elsewhere = tempfile::tempdir().unwrap();
    let other = elsewhere.path().join("other");
    std::fs::write(&other, "OLD\n").unwrap();
    let swap_in = |path: &Path| {
        std::fs::remove_file(path).unwrap();
        symlink(&other, path).unwrap();
    };
    assert_eq!(file.update(swap_in).unwrap_err().code, ErrorCode::LinkRefused);
    assert!(file.target.path.is_symlink());
    assert_eq!(std::fs::read_to_string(other).unwrap(), "OLD\n");
}

/// Two writes in one tick of the clock have the same fingerprint. The swap is then undone.
#[test]
fn swap_restores_a_change_with_the_same_fingerprint() {
    let file = File::new(Some("THEIRS\n"));
    let present = file.target.read().unwrap();
    let mistaken = Snapshot { bytes: SecretBytes::from(b"OLD\n".to_vec()), ..present };
    let swapped = file.target.swap(&append(&mistaken.bytes, "OURS\n"), &mistaken).unwrap();
    let SwapResult::Conflict { present, newest } = swapped else { panic!("a change was lost") };
    assert_eq!((text(&present.bytes), text(&newest)), ("THEIRS\n".to_owned(), "THEIRS\n".to_owned()));
    assert_eq!(file.content(), "THEIRS\n");
}

/// An access list in the format of Linux: version 2, then kind, permissions and id of each entry.
#[cfg(target_os = "linux")]
fn access_list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
    let entry = |(kind, rights, number): &(u16, u16, u32)| {
        [&kind.to_le_bytes()[..], &rights.to_le_bytes(), &number.to_le_bytes()].concat()
    };
    [&2_u32.to_le_bytes()[..], &entries.iter().flat_map(entry).collect::<Vec<_>>()].concat()
}

#[test]
#[cfg(target_os = "linux")]
fn update_keeps_the_access_list() {
    use rustix::fs::{XattrFlags, lgetxattr, setxattr};
    const NONE: u32 = u32::MAX;
    const NAME: &str = "system.posix_acl_access";
    // The owner and one other user have access, the group has not; the mask appears as the group bits.
    let list = access_list(&[(1, 6, NONE), (2, 4, 4711), (4, 0, NONE), (16, 4, NONE), (32, 0, NONE)]);
    let file = File::new(Some("OLD\n"));
    let path = &file.target.path;
    setxattr(path, NAME, &list, XattrFlags::empty()).unwrap();
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o640);
    file.update(|_| ()).unwrap();
    let mut kept = [0; 64];
    let length = lgetxattr(path, NAME, &mut kept).unwrap();
    assert_eq!((&kept[..length], path.metadata().unwrap().mode() & 0o777), (&*list, 0o640));

    // Only the directory has a list, as a default for new files.
    let file = File::new(Some("OLD\n"));
    let path = &file.target.path;
    std::fs::set_permissions(path, Permissions::from_mode(0o640)).unwrap();
    setxattr(file.folder.path(), "system.posix_acl_default", &list, XattrFlags::empty()).unwrap();
    file.update(|_| ()).unwrap();
    assert!(lgetxattr(path, NAME, &mut kept).is_err(), "another user got access");
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o640);
}

#[test]
fn update_fails_if_the_file_keeps_changing() {
    let file = File::new(Some("0\n"));
    let mut number = 0;
    let result = file.target.update(|found| {
        number += 1;
        std::fs::write(&file.target.path, format!("{number}\n")).unwrap();
        Ok((Some(append(&found.bytes, "OURS\n")), ()))
    });
    assert_eq!(result.unwrap_err().code, ErrorCode::FileLocked);
    assert_eq!(file.content(), format!("{number}\n"));
}

/// What a killed process leaves in its temporary directory, no version control system adds, and the next save removes it.
#[test]
fn no_version_control_system_adds_temporary_files() {
    let systems: [(&[&str], &[&str]); 2] = [
        (&["git", "init", "--quiet"], &["git", "add", "--all", "--dry-run"]),
        (&["hg", "init"], &["hg", "addremove", "--dry-run"]),
    ];
    for (init, add) in systems {
        let folder = tempfile::tempdir().unwrap();
        let run = |line: &[&str]| {
            let mut command = std::process::Command::new(line[0]);
            command.args(&line[1..]).current_dir(folder.path()).env("HOME", folder.path()).env("HGRCPATH", "");
            let output = command.output().unwrap();
            assert!(output.status.success(), "{line:?}: {output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        run(init);
        std::fs::write(folder.path().join("other"), "").unwrap();
        let found = platform::find(&folder.path().join(".env")).unwrap();
        let workspace = TemporaryDirectory::create(&found.directory).unwrap();
        workspace.directory.create(&workspace.file, true).unwrap();
        std::mem::forget(workspace);
        let added = run(add);
        assert!(added.contains("other") && !added.contains("atmn"), "{added}");
        drop(TemporaryDirectory::create(&found.directory).unwrap());
        assert!(!folder.path().join(".env.atmn.tmp").exists(), "{add:?}");
    }
}

/// Another program puts `first` in place right before our version arrives, and `then` in the place of our version.
fn exchange_between(first: (&str, u32), then: Option<&str>) -> (File, SwapResult) {
    let file = File::new(Some("PRIVATE\n"));
    let put = |(content, mode): (&str, u32)| {
        let path = file.folder.path().join("other");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        std::fs::rename(path, &file.target.path).unwrap();
    };
    let target = &file.target;
    let found = target.read().unwrap();
    let content = append(&found.bytes, "OURS\n");
    let workspace = target.workspace().unwrap();
    let draft = target.draft_named(&workspace.directory, &workspace.file, &content).unwrap();
    let adopted = found.status.unwrap();
    let exchanged = Exchanged { adopted, written: platform::Status::of(&draft).unwrap() };
    put(first);
    assert!(workspace.directory.exchange(&workspace.file, &target.found.directory, &target.found.name).unwrap());
    if let Some(content) = then {
        put((content, 0o600));
    }
    let result = target.check_exchanged(workspace, &content, &found, &exchanged).unwrap();
    assert_eq!(std::fs::read_dir(file.folder.path()).unwrap().count(), 1, "a temporary file was left behind");
    (file, result)
}

/// The next try never mixes the content of one file with the owner and permissions of another.
#[test]
fn file_of_another_program_is_kept_and_not_mixed_with_ours() {
    for (first, then, kept) in [
        (("README\n", 0o644), None, "README\n"),
        (("README\n", 0o644), Some("SECRET\n"), "SECRET\n"),
        (("NEWER\n", 0o600), Some("NEWEST\n"), "NEWEST\n"),
    ] {
        let (file, result) = exchange_between(first, then);
        assert_eq!(file.content(), kept);
        let SwapResult::Conflict { present, newest } = result else { panic!("the save went on: {first:?} {then:?}") };
        assert_eq!((text(&present.bytes).as_str(), text(&newest).as_str()), (kept, kept));
    }
}

/// A file that grew after its length was read, too.
#[test]
fn content_is_whole_up_to_the_limit() {
    let file = File::new(Some("12345"));
    for length in [0, 5] {
        let content = |limit| content(&std::fs::File::open(&file.target.path).unwrap(), length, limit);
        assert!(matches!(content(4), Err(ReadError::TooLarge(4))));
        for limit in [5, 6] {
            assert_eq!(text(&content(limit).unwrap()), "12345");
        }
    }
}

#[test]
fn loop_of_links_is_a_broken_link() {
    let folder = tempfile::tempdir().unwrap();
    symlink("loop", folder.path().join("loop")).unwrap();
    for path in ["loop", "loop/file"] {
        let result = read(&folder.path().join(path), 10);
        assert!(matches!(result, Err(ReadError::BrokenLink)), "{path}: {:?}", result.err());
    }
}

/// Mode bits show of an access list only the most that it grants.
#[cfg(target_os = "linux")]
#[test]
fn file_counts_unless_its_access_list_lets_another_account_write() {
    const NONE: u32 = u32::MAX;
    const USER: u16 = 2;
    const GROUP: u16 = 8;
    let file = File::new(Some("A=1\n"));
    let path = &file.target.path;
    // Whether the group of the file has no other members, and so may write.
    std::fs::set_permissions(path, Permissions::from_mode(0o660)).unwrap();
    let private = read(path, 10).is_ok();
    let own = path.metadata().unwrap().uid();
    for (entry, mask, trusted) in [
        ((USER, 4, 4711), 4, true),
        ((USER, 4, 4711), 6, private),
        ((USER, 6, own), 6, private),
        ((USER, 6, 4711), 6, false),
        ((GROUP, 4, 4711), 4, true),
        ((GROUP, 4, 4711), 6, private),
        ((GROUP, 6, 4711), 6, false),
    ] {
        let mut list = [(1, 6, NONE), entry, (4, 0, NONE), (16, mask, NONE), (32, 0, NONE)];
        list.sort_unstable();
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(path, "system.posix_acl_access", &access_list(&list), flags).unwrap();
        let result = read(path, 10).map(drop);
        assert!(trusted == result.is_ok(), "{entry:?} {mask}: {result:?}");
        assert!(trusted || matches!(result, Err(ReadError::Untrusted(Distrust::Writable))), "{result:?}");
    }
}
