//! A line in `.gitignore` for a new file.

use std::path::Path;

use super::refusal::way_out;
use crate::error::{Error, ErrorCode, Result};
use crate::locations::shown;
use crate::secret::SecretBytes;
use crate::secure_file::{Snapshot, Target, Visibility};

/// A line for the file in `.gitignore`, which is removed again unless the keys are saved.
pub(crate) struct Ignoring {
    target: Target,
    before: Snapshot,
    after: SecretBytes,
    kept: bool,
}

impl Ignoring {
    /// Adds the line.
    ///
    /// # Errors
    /// Those of a `.gitignore` that cannot be edited, each with the way out.
    pub(super) fn add(file: &Path) -> Result<Self> {
        target(file).and_then(|target| Self::added(file, target)).map_err(|error| error.with_hint(way_out()))
    }

    /// Checks whether the line could be added.
    ///
    /// # Errors
    /// As `add`, as far as this is known without writing.
    pub(super) fn check(file: &Path) -> Result<()> {
        let check = |target: Target| {
            check_text(&target, &target.read()?)?;
            target.check_writable()
        };
        target(file).and_then(check).map_err(|error| error.with_hint(way_out()))
    }

    fn added(file: &Path, target: Target) -> Result<Self> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let (before, after) = target.update(|found| {
            check_text(&target, found)?;
            let after = SecretBytes::from(ignoring(found.bytes.reveal(), &name));
            Ok((Some(after.clone()), (found.clone(), after)))
        })?;
        Ok(Self { target, before, after, kept: false })
    }

    /// Keeps the line.
    pub(crate) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Ignoring {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        // Best effort: if another program changed the file, or an error occurs, a harmless line stays.
        let is_ours = |now: &Snapshot| now.bytes == self.after;
        if self.before.exists() {
            let _ = self.target.update(|now| Ok((is_ours(now).then(|| self.before.bytes.clone()), ())));
        } else if self.target.read().is_ok_and(|now| is_ours(&now)) {
            self.target.remove();
        }
    }
}

/// The `.gitignore` beside the file. A link is refused: git does not follow it, so a line in its target has no effect.
fn target(file: &Path) -> Result<Target> {
    let path = file.with_file_name(".gitignore");
    if path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
        let message = format!("{} is a symbolic link, which git does not follow.", shown(&path));
        return Err(Error::new(ErrorCode::LinkRefused, message).with("path", path.to_string_lossy()));
    }
    Target::locate(&path, Visibility::Public, |_| false)
}

/// Refuses a file in another encoding, in which git would not find the line.
fn check_text(target: &Target, found: &Snapshot) -> Result<()> {
    let bytes = found.bytes.reveal();
    if bytes.contains(&0) || bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        let message = format!("{} is not UTF-8 text, so git would not find a further line in it.", shown(&target.path));
        return Err(Error::new(ErrorCode::FileUnreadable, message).with("path", target.path.to_string_lossy()));
    }
    Ok(())
}

fn ignoring(gitignore: &[u8], name: &str) -> Vec<u8> {
    let mut after = gitignore.to_vec();
    if !matches!(gitignore.last(), None | Some(b'\n')) {
        after.push(b'\n');
    }
    after.extend_from_slice(format!("/{name}\n").as_bytes());
    after
}
