//! A line in `.gitignore` for a new file.

use std::path::Path;

use crate::error::Result;
use crate::hint::Hint;
use crate::locations::repository_root;
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
    pub(crate) fn add(file: &Path) -> Result<Self> {
        Self::added(file).map_err(|error| error.with_hint(way_out()))
    }

    fn added(file: &Path) -> Result<Self> {
        let directory = file.parent().unwrap_or(file);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let project = repository_root(directory).unwrap_or(directory).to_path_buf();
        let path = directory.join(".gitignore");
        let target = Target::locate(&path, Visibility::Public, |real| real.starts_with(&project))?;
        let (before, after) = target.update(|found| {
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
            let _ = std::fs::remove_file(&self.target.path);
        }
    }
}

/// What to do if the line cannot be added.
fn way_out() -> Hint {
    let purpose = "save without changing .gitignore";
    let option = Hint::PassOption { option: "gitignore", value: "never", purpose };
    Hint::from("Make git ignore .env in another way.").and(option)
}

fn ignoring(gitignore: &[u8], name: &str) -> Vec<u8> {
    let mut after = gitignore.to_vec();
    if !matches!(gitignore.last(), None | Some(b'\n')) {
        after.push(b'\n');
    }
    after.extend_from_slice(format!("/{name}\n").as_bytes());
    after
}
