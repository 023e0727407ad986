//! What the system says about a file: kind, owner, mode, identity.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{FileType, Mode, Stat};

/// The metadata of a file or directory.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Status(Stat);

impl From<Stat> for Status {
    fn from(stat: Stat) -> Self {
        Self(stat)
    }
}

impl Status {
    /// The metadata of an open file.
    pub(in super::super) fn of(file: impl AsFd) -> io::Result<Self> {
        Ok(rustix::fs::fstat(file)?.into())
    }

    fn kind(&self) -> FileType {
        FileType::from_raw_mode(self.0.st_mode)
    }

    pub(in super::super) fn is_link(&self) -> bool {
        self.kind() == FileType::Symlink
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.kind() == FileType::Fifo
    }

    /// The kind of a path that is not a regular file.
    pub(in super::super) fn other_kind(&self) -> Option<&'static str> {
        match self.kind() {
            FileType::RegularFile => None,
            FileType::Directory => Some("directory"),
            FileType::Fifo => Some("FIFO"),
            FileType::Socket => Some("socket"),
            FileType::Symlink => Some("symbolic link"),
            _ => Some("device"),
        }
    }

    pub(in super::super) fn length(&self) -> u64 {
        u64::try_from(self.0.st_size).unwrap_or_default()
    }

    pub(super) fn owner(&self) -> u32 {
        self.0.st_uid
    }

    pub(super) fn group(&self) -> u32 {
        self.0.st_gid
    }

    /// The permissions.
    pub(super) fn mode(&self) -> Mode {
        Mode::from_raw_mode(self.0.st_mode) & (Mode::RWXU | Mode::RWXG | Mode::RWXO)
    }

    /// Whether only its owner, and that of the directory, can rename an entry of the directory.
    pub(super) fn is_sticky(&self) -> bool {
        Mode::from_raw_mode(self.0.st_mode).contains(Mode::SVTX)
    }

    /// The number of the file system, as in `/proc/self/mountinfo`.
    pub(super) fn device(&self) -> String {
        format!("{}:{}", rustix::fs::major(self.0.st_dev), rustix::fs::minor(self.0.st_dev))
    }

    /// Whether both are the same file.
    pub(in super::super) fn is_same_file(&self, other: &Self) -> bool {
        (self.0.st_dev, self.0.st_ino) == (other.0.st_dev, other.0.st_ino)
    }

    /// Whether the same accounts have access to both.
    pub(in super::super) fn has_same_access(&self, other: &Self) -> bool {
        (self.owner(), self.group(), self.mode()) == (other.owner(), other.group(), other.mode())
    }

    /// Whether nothing shows a write, a rename or a change of permissions in between. Timestamps are coarse, so this does
    /// not prove that the content is unchanged.
    pub(in super::super) fn is_untouched(&self, now: &Self) -> bool {
        let times = |stat: &Stat| (stat.st_mtime, stat.st_mtime_nsec, stat.st_ctime, stat.st_ctime_nsec);
        self.is_same_file(now) && self.length() == now.length() && times(&self.0) == times(&now.0)
    }
}
