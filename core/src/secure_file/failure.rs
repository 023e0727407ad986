//! The errors of writing a file.

use std::io;
use std::path::Path;

use super::platform::{self, Status};
use crate::config::LOCAL_ENV_FILE;
use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::locations::shown;

pub(super) fn refused_link(path: &Path, real: &Path, why: &str) -> Error {
    let message = format!("{} is a symbolic link to {}, {why}.", shown(path), shown(real));
    Error::new(ErrorCode::LinkRefused, message)
        .with_hint(
            "Keys are written through such a link only if the name of the file contains `.env`. Edit that file yourself, or \
             replace the link by a file.",
        )
        .with("path", path.to_string_lossy())
}

/// An error about a file to which a link leads: the link is what the user can change.
pub(super) fn behind_link(error: Error, link: &Path) -> Error {
    let replace = format!("{} is a symbolic link to this file: replace it by a file, or save elsewhere.", shown(link));
    error.with_hint(Hint::from(replace).and(Hint::PassOption {
        option: "file",
        value: LOCAL_ENV_FILE,
        purpose: "save in a file beside it",
    }))
}

pub(super) fn not_adoptable(file: &Path, old: &Status, error: io::Error) -> Error {
    let path = shown(file);
    let message = format!("Replacing {path} would change its owner or permissions, so it was not changed.");
    let hint: Hint = match platform::foreign_group(old) {
        Some(group) => {
            format!("You are not in the file's group, {group}: run `chgrp` on the file, or join that group.").into()
        }
        None => "Run as the file's owner.".into(),
    };
    Error::new(ErrorCode::EnvFileNotReplaceable, message)
        .with_hint(hint)
        .with("path", file.to_string_lossy())
        .with_cause(error)
}

pub(super) fn not_replaceable(file: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => {
            let message = format!("{} cannot be replaced, so it was not changed.", shown(file));
            Error::new(ErrorCode::EnvFileNotReplaceable, message)
                .with_hint("The file may be a bind mount: mount its directory instead.")
                .with("path", file.to_string_lossy())
                .with_cause(error)
        }
        _ => unwritable(file, error),
    }
}

pub(super) fn unwritable(file: &Path, error: io::Error) -> Error {
    let path = shown(file);
    let (code, message, hint) = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => (
            ErrorCode::DiskFull,
            format!("There is no space left to write {path}; it was not changed."),
            "Free some disk space, then try again.",
        ),
        io::ErrorKind::ReadOnlyFilesystem => (
            ErrorCode::FileUnwritable,
            format!("{path} is on a read-only file system; it was not changed."),
            "Mount its directory writable, or run this outside the container.",
        ),
        _ => (
            ErrorCode::FileUnwritable,
            format!("{path} could not be written; it was not changed."),
            "Check the permissions of the file and its directory.",
        ),
    };
    Error::new(code, message).with_hint(hint).with("path", file.to_string_lossy()).with_system_cause(error)
}
