//! Why keys are not written to a file that version control may commit, and what to do.

use std::path::Path;

use super::System;
use super::other::mercurial_line;
use crate::error::{Error, ErrorCode};
use crate::git::{Silence, StartFailure};
use crate::hint::Hint;
use crate::locations::shown;
use crate::worktree::NoRepository;

/// A tracked file may belong to a team. No hint says to stop tracking it: pulling that commit would delete the file in every
/// other work tree.
pub(super) fn tracked(path: &Path, system: System) -> Error {
    let command = system.command();
    let message = format!("{} is tracked by {command}, so the key would be committed.", shown(path));
    let purpose = "save although the file is tracked";
    let option = Hint::PassOption { option: "allow_tracked", value: "true", purpose };
    let elsewhere = Hint::from(format!("Save the key where {command} does not track the file."));
    let error = Error::new(ErrorCode::EnvFileTracked, message).with_hint(elsewhere.and(option));
    error.with("path", path.to_string_lossy())
}

pub(super) fn unknown(path: &Path, system: System, silence: &Silence, root: &Path) -> Error {
    let (command, reason) = (system.command(), silence.reason());
    let message = format!("{} may be tracked by {command}, so it was not changed: {command} {reason}.", shown(path));
    let system_code = match silence {
        Silence::NotStarted(failure) => failure.system_code,
        _ => None,
    };
    let error = unprotected(path, message).with("reason", reason).with_option("system_code", system_code);
    let repair = repair(system, silence, root);
    if matches!(silence, Silence::NotStarted(StartFailure { lack_hint: Some(_), .. })) {
        // Once git can be started, it decides whether the file is tracked.
        return error.with_hint(repair);
    }
    let purpose = "save although the file may be tracked";
    let option = Hint::PassOption { option: "allow_tracked", value: "true", purpose };
    error.with_hint(repair.and(option))
}

/// What to do so that the system answers for the work tree with this root.
pub(super) fn repair(system: System, silence: &Silence, root: &Path) -> Hint {
    let (command, root) = (system.command(), shown(root));
    match silence {
        Silence::NotStarted(StartFailure { lack_hint: Some(hint), .. }) => (*hint).into(),
        Silence::NotInstalled => format!("Install {command}, or put it on PATH.").into(),
        Silence::NotStarted(_) | Silence::Failed(_) => {
            format!("Repair the repository in {root} until `{command} status` works there.").into()
        }
        Silence::Slow => format!("Try again when `{command} status` is fast in {root}.").into(),
        Silence::NoRepository(_, NoRepository::Absent) => {
            "Make that directory available at the same path, such as with a mount in a container.".into()
        }
        Silence::NoRepository(_, NoRepository::Empty) => {
            "Make the repository available there, or remove .git if it is not needed.".into()
        }
        Silence::NoRepository(_, NoRepository::Foreign) => {
            "Check where that file leads. If the repository is not yours, remove the file.".into()
        }
    }
}

pub(super) fn still_not_ignored(path: &Path, system: System) -> Error {
    let (file, command) = (name(path), system.command());
    let message = format!("{command} does not ignore {} although .gitignore says `/{file}`.", shown(path));
    unprotected(path, message).with_hint(way_out())
}

pub(super) fn not_ignored_by_mercurial(path: &Path, root: &Path) -> Error {
    let message = format!("hg does not ignore {}, so `hg addremove` would add it.", shown(path));
    let line = mercurial_line(path, root);
    let hint = Hint::from(format!("Add the line `{line}` to {}, then try again.", shown(&root.join(".hgignore"))));
    unprotected(path, message).with_hint(hint.and(never()))
}

/// What to do if `.gitignore` cannot be edited.
pub(super) fn way_out() -> Hint {
    Hint::from("Make git ignore .env in another way.").and(never())
}

fn never() -> Hint {
    Hint::PassOption { option: "gitignore", value: "never", purpose: "save without changing .gitignore" }
}

fn unprotected(path: &Path, message: String) -> Error {
    Error::new(ErrorCode::EnvFileUnprotected, message).with("path", path.to_string_lossy())
}

pub(super) fn name(path: &Path) -> String {
    path.file_name().map(|name| shown(Path::new(name))).unwrap_or_default()
}
