//! New content of a file before it has the file's name. Until then, no other account can reach it, and no version control
//! system adds it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use super::platform::{Directory, Status};
use crate::secret::SecretBytes;
use crate::text::hex;

/// The name of the directory for named temporary files. It is fixed, so that a later call finds what a killed one left.
const WORKSPACE: &str = ".env.atmn.tmp";
const GITIGNORE: &str = ".gitignore";
const IGNORE_ALL: &[u8] = b"*\n";
/// The name of a file that another program put in the place of ours.
const KEPT: &str = "kept";
/// Mercurial takes a directory with this entry for another repository, and adds nothing that is in it.
const OTHER_REPOSITORY: &str = ".hg";

/// A private directory beside the target. Git and jj ignore all its files, `.gitignore` included, and Mercurial takes it
/// for another repository. Dropping it removes it.
pub(super) struct TemporaryDirectory<'a> {
    parent: &'a Directory,
    own_name: OsString,
    pub(super) directory: Directory,
    /// The name of the temporary file. It is random, so that no repository can track it.
    pub(super) file: OsString,
    is_kept: bool,
}

impl<'a> TemporaryDirectory<'a> {
    pub(super) fn create(parent: &'a Directory) -> io::Result<Self> {
        let fixed = OsString::from(WORKSPACE);
        let (own_name, directory) = match parent.create_private_directory(&fixed) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // A directory of another program or of the repository stays, and does not stop the call.
                let name = if clear_leftover(parent, &fixed).is_some() { fixed } else { random_name(".env.atmn.")? };
                let directory = parent.create_private_directory(&name)?;
                (name, directory)
            }
            result => (fixed, result?),
        };
        let workspace = Self { parent, own_name, directory, file: random_name("")?, is_kept: false };
        workspace.directory.create(OsStr::new(GITIGNORE), true)?.write_all(IGNORE_ALL)?;
        workspace.directory.create_private_directory(OsStr::new(OTHER_REPOSITORY))?;
        Ok(workspace)
    }

    /// The metadata of the temporary file.
    pub(super) fn status(&self) -> io::Result<Status> {
        self.directory.status(&self.file)
    }

    /// Whether this file has the temporary name.
    pub(super) fn holds_file(&self, file: &Status) -> bool {
        self.status().is_ok_and(|status| status.is_same_file(file))
    }

    /// Leaves the directory where it is, since the temporary file is not ours. Its new name keeps later calls from removing
    /// it. Returns its path.
    pub(super) fn keep(mut self) -> PathBuf {
        self.is_kept = true;
        let name = OsStr::new(KEPT);
        let renamed = self.directory.rename(&self.file, &self.directory, name).is_ok();
        self.directory.path().join(if renamed { name } else { &self.file })
    }
}

impl Drop for TemporaryDirectory<'_> {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let _ = self.directory.remove(&self.file);
        let _ = self.directory.remove(OsStr::new(GITIGNORE));
        let _ = self.directory.remove_directory(OsStr::new(OTHER_REPOSITORY));
        let _ = self.parent.remove_directory(&self.own_name);
    }
}

/// Removes a workspace that a killed process left behind; `None` if anything in it is not ours.
fn clear_leftover(parent: &Directory, name: &OsStr) -> Option<()> {
    let left = parent.subdirectory(name).ok().filter(Directory::is_private)?;
    let names = left.names().ok()?;
    let is_ours = |name: &OsString| name == GITIGNORE || name == OTHER_REPOSITORY || is_random(name);
    if !names.iter().all(is_ours) {
        return None;
    }
    names.iter().filter(|name| is_random(name)).try_for_each(|name| left.remove(name)).ok()?;
    // Last, so that a key stays ignored. A directory that is not empty is not ours, and stays.
    let is_left = |name: &str| names.iter().any(|found| found == name);
    if is_left(OTHER_REPOSITORY) {
        left.remove_directory(OsStr::new(OTHER_REPOSITORY)).ok()?;
    }
    if is_left(GITIGNORE) {
        left.remove(OsStr::new(GITIGNORE)).ok()?;
    }
    parent.remove_directory(name).ok()
}

const RANDOM_BYTES: usize = 8;

fn random_name(prefix: &str) -> io::Result<OsString> {
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("{prefix}{}", hex(&bytes)).into())
}

fn is_random(name: &OsStr) -> bool {
    let text = name.to_string_lossy();
    text.len() == 2 * RANDOM_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Writes the content to the disk.
pub(super) fn fill(mut file: &File, content: &SecretBytes) -> io::Result<()> {
    file.write_all(content.reveal())?;
    file.sync_all()
}
