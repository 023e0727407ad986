//! Jujutsu and Mercurial. Both can run programs that the repository names, and neither needs to be installed, so the
//! files that list the tracked paths are searched instead. A path that may be listed counts as tracked.

use std::path::Path;

use super::System;
use crate::config::TRACKED_FILES_LIMIT;
use crate::git::{Git, Silence};
use crate::secret::SecretBytes;
use crate::secure_file::{ReadError, read};

pub(super) fn status(system: System, root: &Path, file: &Path) -> Result<Git, Silence> {
    let path = relative(file, root);
    let tracked = match system {
        System::Git | System::Jj => jj_lists(&jj_state(root)?, &path),
        System::Mercurial => {
            let states = mercurial_states(root)?;
            let is_second_format = states.iter().any(|state| state.starts_with(b"dirstate-v2\n"));
            states.iter().any(|state| mercurial_lists(state, &path, is_second_format))
        }
    };
    if tracked {
        return Ok(Git::Tracked);
    }
    Ok(if is_ignored(system, root, file) { Git::Ignored } else { Git::NotIgnored })
}

/// The state of jj's working copy: a message in which each tracked path has its length in front.
fn jj_state(root: &Path) -> Result<Vec<u8>, Silence> {
    content(&root.join(".jj/working_copy/tree_state"))?.ok_or_else(|| unreadable("has no list of tracked files"))
}

/// Mercurial's list of tracked files; there is none before the first `hg add`. The second format keeps the paths in a
/// file whose name the first one tells.
fn mercurial_states(root: &Path) -> Result<Vec<Vec<u8>>, Silence> {
    let data = root.join(".hg");
    let entries = std::fs::read_dir(&data).map_err(|_| unreadable("has no readable directory .hg"))?;
    let names = entries.filter_map(|entry| entry.ok().map(|entry| entry.file_name()));
    let lists = names.filter(|name| name.to_string_lossy().starts_with("dirstate"));
    let states: Result<Vec<_>, _> = lists.map(|name| content(&data.join(name))).collect();
    let states: Vec<Vec<u8>> = states?.into_iter().flatten().collect();
    if states.iter().any(|state| state.starts_with(b"\ntreestate\n")) || data.join("treestate").exists() {
        return Err(unreadable("uses a list of tracked files that is not supported"));
    }
    Ok(states)
}

fn content(path: &Path) -> Result<Option<Vec<u8>>, Silence> {
    match read(path, TRACKED_FILES_LIMIT) {
        Ok(bytes) => Ok(Some(bytes.reveal().to_vec())),
        Err(ReadError::Absent) => Ok(None),
        Err(error) => Err(Silence::Failed(Some(format!("its list of tracked files {}", error.reason())))),
    }
}

fn unreadable(reason: &str) -> Silence {
    Silence::Failed(Some(format!("the work tree {reason}")))
}

/// Whether jj's list has the path: not as the end of a longer path, nor as its beginning.
fn jj_lists(state: &[u8], path: &[u8]) -> bool {
    // The length of the path is in front of it. If that is the code of a slash, it is no slash.
    let is_end = |at: usize| path.len() != usize::from(b'/') && at > 0 && state[at - 1] == b'/';
    let is_beginning = |end: usize| state.get(end).is_some_and(u8::is_ascii_graphic);
    positions(state, path).any(|at| !is_end(at) && !is_beginning(at + path.len()))
}

/// Whether Mercurial's list has the path.
fn mercurial_lists(state: &[u8], path: &[u8], is_second_format: bool) -> bool {
    // The second format has paths without a separator between them.
    if is_second_format {
        return positions(state, path).any(|at| at == 0 || state[at - 1] != b'/');
    }
    // The first format has the length in front, and the source of a copied file after a NUL.
    let length = u32::try_from(path.len()).unwrap_or_default().to_be_bytes();
    positions(state, path).any(|at| state[..at].ends_with(&length) || state.get(at + path.len()) == Some(&0))
}

fn positions<'a>(state: &'a [u8], path: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    state.windows(path.len()).enumerate().filter(move |(_, window)| *window == path).map(|(at, _)| at)
}

/// Whether a line names the file and no other line could bring it back. Other patterns may ignore it as well; then a
/// second line does no harm.
pub(super) fn is_ignored(system: System, root: &Path, file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let (ignore, lines) = match system {
        System::Git | System::Jj => (file.with_file_name(".gitignore"), vec![format!("/{name}"), name.into_owned()]),
        System::Mercurial => {
            let path = String::from_utf8_lossy(&relative(file, root)).into_owned();
            let line = mercurial_line(file, root);
            let bare = line.trim_start_matches("re:").to_owned();
            (root.join(".hgignore"), vec![bare, line, format!("rootglob:{path}"), name.into_owned()])
        }
    };
    if ignore.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
        return false;
    }
    let text = read(&ignore, TRACKED_FILES_LIMIT).unwrap_or_else(|_| SecretBytes::default());
    let text = String::from_utf8_lossy(text.reveal());
    let mut found = text.lines().map(str::trim_end).filter(|line| lines.iter().any(|known| known == line));
    found.next().is_some() && !text.lines().any(|line| line.starts_with('!'))
}

/// The line of `.hgignore` for a file, as a regular expression with its syntax in front.
pub(super) fn mercurial_line(file: &Path, root: &Path) -> String {
    let mut line = String::from("re:^");
    for character in String::from_utf8_lossy(&relative(file, root)).chars() {
        if character.is_ascii() && !(character.is_ascii_alphanumeric() || matches!(character, '/' | '_')) {
            line.push('\\');
        }
        line.push(character);
    }
    line + "$"
}

/// The path below the root, with slashes.
fn relative(file: &Path, root: &Path) -> Vec<u8> {
    let parts = file.strip_prefix(root).unwrap_or(file).components();
    let parts: Vec<&[u8]> = parts.map(|part| part.as_os_str().as_encoded_bytes()).collect();
    parts.join(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_path_is_listed() {
        for (state, listed) in [
            ("\u{a}\u{4}.env\u{12}", true),
            ("\u{a}\u{6}.envrc\u{12}", false),
            ("\u{a}\u{c}.env.example\u{12}", false),
            ("\u{a}\u{8}app/.env\u{12}", false),
            ("\u{a}\u{8}app/.env\u{12}\u{a}\u{4}.env", true),
            ("", false),
        ] {
            assert_eq!(jj_lists(state.as_bytes(), b".env"), listed, "{state:?}");
        }
        let long = "d".repeat(42) + "/.env";
        assert!(jj_lists(format!("\u{a}/{long}\u{12}").as_bytes(), long.as_bytes()));
        for (state, listed) in [
            ("\0\0\0\u{4}.envn\0\0", true),
            ("\0\0\0\u{6}.env\0an", true),
            ("\0\0\0\u{6}.envrcn", false),
            ("\0\0\0\u{8}app/.envn", false),
        ] {
            assert_eq!(mercurial_lists(state.as_bytes(), b".env", false), listed, "{state:?}");
        }
        for (state, listed) in [("a.envb", true), ("app/.env", false), (".env.example", true)] {
            assert_eq!(mercurial_lists(state.as_bytes(), b".env", true), listed, "{state:?}");
        }
    }

    #[test]
    fn mercurial_line_escapes_the_path() {
        assert_eq!(mercurial_line(Path::new("/r/a b/.env"), Path::new("/r")), r"re:^a\ b/\.env$");
    }
}
