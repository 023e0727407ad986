//! The main worktree of a linked git worktree, found without running git.
//!
//! `.env` is not tracked, so a new worktree has none, and the keys are in the main worktree.

use std::path::{Path, PathBuf};

use crate::config::GIT_POINTER_LIMIT;
use crate::locations::repository_root;
use crate::secure_file::{ReadError, is_of_owner, read};

/// The main worktree, seen from a directory in a linked one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MainWorktree {
    /// Its root.
    pub(crate) root: PathBuf,
    /// The same directory in it, which may not exist.
    directory: PathBuf,
}

/// A file of git that was not read, and the reason.
#[derive(Debug)]
pub(crate) struct SkippedPointer {
    pub(crate) path: PathBuf,
    pub(crate) reason: String,
}

impl MainWorktree {
    /// The main worktree of the repository; `None` if the directory is in no linked worktree.
    ///
    /// Its `.git` file names a directory of the main repository, which in turn names that file. So a file of another origin
    /// does not choose the directory.
    ///
    /// # Errors
    /// Another account could have written one of these files.
    pub(crate) fn of(directory: &Path) -> Result<Option<Self>, SkippedPointer> {
        let Some(root) = repository_root(directory) else { return Ok(None) };
        let link = root.join(".git");
        let Some(data) = pointer(&link, root, "gitdir: ")? else { return Ok(None) };
        if !is_of_owner(&data, &link).unwrap_or(true) {
            return Err(SkippedPointer { path: link, reason: "names a repository of another user".to_owned() });
        }
        let Some(back) = pointer(&data.join("gitdir"), &data, "")? else { return Ok(None) };
        let Some(common) = pointer(&data.join("commondir"), &data, "")? else { return Ok(None) };
        let is_registered = real(&back) == real(&link) && data.parent() == Some(&common.join("worktrees"));
        // A submodule, a bare repository or a separate git directory has no main worktree around it.
        if !is_registered || common.file_name() != Some(".git".as_ref()) {
            return Ok(None);
        }
        let (Some(main), Ok(inside)) = (common.parent(), directory.strip_prefix(root)) else { return Ok(None) };
        Ok(Some(Self { root: main.to_path_buf(), directory: main.join(inside) }))
    }

    /// The directories to search, from the corresponding one up to the root.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &Path> {
        self.directory.ancestors().take_while(|path| path.starts_with(&self.root))
    }
}

/// Why the repository that the `.git` file of a work tree names cannot answer for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRepository {
    /// It does not exist, such as in a container without the directory of the main repository.
    Absent,
    /// It belongs to another account, which does not own the `.git` file.
    Foreign,
    /// `.git` is an empty file or directory, such as the place of a mount.
    Empty,
}

impl NoRepository {
    /// `None` if it can answer, or if git keeps its data in a directory `.git`.
    pub(crate) fn of(root: &Path) -> Option<Self> {
        let link = root.join(".git");
        if is_empty_directory(&link) {
            return Some(Self::Empty);
        }
        let bytes = read(&link, GIT_POINTER_LIMIT).ok()?;
        if bytes.reveal().is_empty() {
            return Some(Self::Empty);
        }
        let path = std::str::from_utf8(bytes.reveal()).ok()?.strip_prefix("gitdir: ")?;
        match is_of_owner(&root.join(path.trim_end_matches(['\n', '\r'])), &link) {
            Ok(true) => None,
            Ok(false) => Some(Self::Foreign),
            Err(error) => (error.kind() == std::io::ErrorKind::NotFound).then_some(Self::Absent),
        }
    }
}

pub(crate) fn is_empty_directory(path: &Path) -> bool {
    std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// The path that a file of git contains after a label, relative to a directory.
fn pointer(file: &Path, base: &Path, label: &str) -> Result<Option<PathBuf>, SkippedPointer> {
    let bytes = match read(file, GIT_POINTER_LIMIT) {
        Ok(bytes) => bytes,
        Err(error @ ReadError::Untrusted(_)) => {
            return Err(SkippedPointer { path: file.to_path_buf(), reason: error.reason() });
        }
        // Such as the directory `.git` of a main worktree.
        Err(_) => return Ok(None),
    };
    let text = std::str::from_utf8(bytes.reveal()).ok().and_then(|text| text.strip_prefix(label));
    Ok(text.and_then(|path| real(&base.join(path.trim_end_matches(['\n', '\r'])))))
}

fn real(path: &Path) -> Option<PathBuf> {
    dunce::canonicalize(path).ok()
}
