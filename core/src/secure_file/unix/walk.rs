//! Finds a file step by step: each directory on the way is opened once and kept, and each symbolic link is judged before it
//! is followed. So no exchange of a directory or a link on the way leads to another file.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;

use super::directory::{Directory, ENTRIES};
use super::status::Status;
use super::trust;
use crate::config::LINK_LIMIT;
use crate::secure_file::{Distrust, ReadError};

/// A file, present or not, by its open directory and its name there.
#[derive(Debug)]
pub(in super::super) struct Found {
    pub(in super::super) directory: Directory,
    pub(in super::super) name: OsString,
    /// Whether the path itself was a link.
    pub(in super::super) is_linked: bool,
    /// The owner that the file must have, because a link of this account leads to it.
    owner: Option<u32>,
    /// An entry such as `/proc/self/fd/3`, which only the kernel can follow.
    pub(super) is_magic: bool,
    /// Whether the caller named this file, rather than a search found it.
    is_named: bool,
}

impl Found {
    /// The real path.
    pub(in super::super) fn path(&self) -> PathBuf {
        self.directory.path().join(&self.name)
    }

    /// The metadata of the file; a link that appeared since is not followed.
    pub(in super::super) fn status(&self) -> io::Result<Status> {
        if self.is_magic {
            return Ok(rustix::fs::statat(&self.directory.descriptor, &self.name, rustix::fs::AtFlags::empty())?.into());
        }
        self.directory.status(&self.name)
    }

    pub(in super::super) fn open(&self) -> io::Result<File> {
        if self.is_magic {
            let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
            return self.directory.open_with(&self.name, flags, Mode::empty());
        }
        self.directory.open(&self.name)
    }

    /// Checks that no further account could have written the file.
    pub(in super::super) fn check_trust(&self, file: &File, status: &Status) -> Result<(), ReadError> {
        trust::check_file(file, status, &self.directory, self.is_named)?.map_err(ReadError::Untrusted)?;
        self.check_owner(status)
    }

    /// Checks that a link which leads here does not choose a file or directory of another account.
    pub(in super::super) fn check_owner(&self, status: &Status) -> Result<(), ReadError> {
        check_owner(self.owner, status)
    }
}

/// Finds a file that the caller names, such as with an environment variable.
pub(in super::super) fn find_named(path: &Path) -> Result<Found, ReadError> {
    Ok(Found { is_named: true, ..find(path)? })
}

/// Finds a file. Links are followed, the last one too.
pub(in super::super) fn find(path: &Path) -> Result<Found, ReadError> {
    LinkWalk::start(path)?.finish()
}

/// The real path of a directory.
pub(in super::super) fn real_directory(path: &Path) -> Result<PathBuf, ReadError> {
    let mut walk = LinkWalk::start(path)?;
    // As if an entry of it were wanted: then each step is a directory.
    walk.steps.insert(0, OsString::from("."));
    let Found { directory, owner, .. } = walk.finish()?;
    check_owner(owner, &directory.own_status()?)?;
    Ok(directory.path().to_path_buf())
}

fn check_owner(wanted: Option<u32>, status: &Status) -> Result<(), ReadError> {
    match wanted {
        Some(owner) if owner != status.owner() => Err(ReadError::Untrusted(Distrust::Link)),
        Some(_) | None => Ok(()),
    }
}

struct LinkWalk {
    directory: Directory,
    /// The names that are left, the next one last.
    steps: Vec<OsString>,
    links: u32,
    is_linked: bool,
    is_magic: bool,
    owner: Option<u32>,
}

impl LinkWalk {
    /// Starts at the last directory if no link leads to it, which the kernel can say in one call; else at the root.
    fn start(path: &Path) -> Result<Self, ReadError> {
        if let Some((directory, name)) = without_links(path) {
            return Ok(Self::at(directory, vec![name]));
        }
        let start = if path.is_absolute() { "/" } else { "." };
        let flags = ENTRIES | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::openat(CWD, start, flags, Mode::empty()).map_err(io::Error::from)?;
        Ok(Self::at(Directory::new(descriptor, PathBuf::from(start)), steps(path)))
    }

    fn at(directory: Directory, steps: Vec<OsString>) -> Self {
        Self { directory, steps, links: 0, is_linked: false, is_magic: false, owner: None }
    }

    fn finish(mut self) -> Result<Found, ReadError> {
        while let Some(name) = self.steps.pop() {
            if self.step(&name)? {
                let Self { directory, is_linked, is_magic, owner, .. } = self;
                return Ok(Found { directory, name, is_linked, owner, is_magic, is_named: false });
            }
        }
        Err(ReadError::Absent)
    }

    /// Goes on by one name; whether it is the file.
    fn step(&mut self, name: &OsStr) -> Result<bool, ReadError> {
        let is_last = self.steps.is_empty();
        match self.directory.status(name) {
            Ok(status) if status.is_link() => {
                self.is_magic = is_last && is_in_proc(&self.directory);
                if !self.is_magic {
                    self.follow(name, is_last)?;
                    return Ok(false);
                }
            }
            Ok(_) => {}
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Err(_) if self.is_linked => return Err(ReadError::BrokenLink),
            Err(_) if !is_last => return Err(ReadError::Absent),
            Err(_) => {}
        }
        if !is_last {
            self.directory = self.directory.enter(name)?;
        }
        Ok(is_last)
    }

    fn follow(&mut self, name: &OsStr, is_last: bool) -> Result<(), ReadError> {
        let (link, target) = read_link(&self.directory, name)?;
        self.links += 1;
        self.is_linked |= is_last;
        if self.links > LINK_LIMIT {
            return Err(ReadError::BrokenLink);
        }
        if let Some(owner) = trust::check_link(&link, &self.directory)?.map_err(ReadError::Untrusted)? {
            if self.owner.is_some_and(|other| other != owner) {
                return Err(ReadError::Untrusted(Distrust::Link));
            }
            self.owner = Some(owner);
        }
        self.steps.extend(steps(&target));
        Ok(())
    }
}

/// The names of a path, the first one last. `/` and `..` are names too.
fn steps(path: &Path) -> Vec<OsString> {
    let name = |component: Component<'_>| (component != Component::CurDir).then(|| component.as_os_str().to_owned());
    path.components().rev().filter_map(name).collect()
}

/// The last directory of a path to which no link leads.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn without_links(path: &Path) -> Option<(Directory, OsString)> {
    use rustix::fs::ResolveFlags;
    let (parent, name) = (path.parent()?, path.file_name()?);
    if !path.is_absolute() || parent.components().any(|component| component == Component::ParentDir) {
        return None;
    }
    let flags = ENTRIES | OFlags::DIRECTORY | OFlags::CLOEXEC;
    // Fails for links, before Linux 5.6, and in some sandboxes.
    let descriptor = rustix::fs::openat2(CWD, parent, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS).ok()?;
    Some((Directory::new(descriptor, parent.to_path_buf()), name.to_owned()))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn without_links(_: &Path) -> Option<(Directory, OsString)> {
    None
}

/// A link and its target, both from one descriptor of the link.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn read_link(directory: &Directory, name: &OsStr) -> io::Result<(Status, PathBuf)> {
    let link = directory.open_with(name, OFlags::PATH | OFlags::NOFOLLOW, Mode::empty())?;
    let target = rustix::fs::readlinkat(&link, "", Vec::new())?;
    Ok((Status::of(&link)?, path_from(target.into_bytes())))
}

/// Without descriptors of links, a link that is exchanged in between is noticed by its number.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn read_link(directory: &Directory, name: &OsStr) -> io::Result<(Status, PathBuf)> {
    let before = directory.status(name)?;
    let target = rustix::fs::readlinkat(&directory.descriptor, name, Vec::new())?;
    if !before.is_untouched(&directory.status(name)?) {
        return Err(io::Error::other("another program exchanged the link"));
    }
    Ok((before, path_from(target.into_bytes())))
}

fn path_from(bytes: Vec<u8>) -> PathBuf {
    OsString::from_vec(bytes).into()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_in_proc(directory: &Directory) -> bool {
    rustix::fs::fstatfs(&directory.descriptor).is_ok_and(|system| system.f_type == rustix::fs::PROC_SUPER_MAGIC)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_in_proc(_: &Directory) -> bool {
    false
}

pub(in super::super) fn is_link_loop(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::LOOP)
}
