//! Access lists of Linux: copied to a new version of a file, and searched for further accounts.

use std::fs::File;
use std::io;

/// Copies the access list. With one, the group bits of the mode are the upper bound for all entries of the list; without
/// the list, the group would get these permissions. A default list of the directory must not replace the old list.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn copy(from: &File, to: &File) -> io::Result<()> {
    use rustix::io::Errno;
    let copied = match read(from) {
        Ok(list) => rustix::fs::fsetxattr(to, NAME, &list, rustix::fs::XattrFlags::empty()),
        Err(Errno::NODATA) => rustix::fs::fremovexattr(to, NAME),
        Err(error) => Err(error),
    };
    match copied {
        Ok(()) | Err(Errno::NODATA | Errno::NOTSUP) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether the list gives a permission (4 to read, 2 to write) to a user or group that it names.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn grants(file: &File, permission: u16, known: &[u32]) -> bool {
    const USER: u16 = 2;
    const GROUP: u16 = 8;
    let Ok(list) = read(file) else { return false };
    // After the version in four bytes: tag, permissions and number of each entry.
    list.get(4..).unwrap_or_default().chunks_exact(8).any(|entry| {
        let half = |at: usize| u16::from_le_bytes([entry[at], entry[at + 1]]);
        let number = u32::from_le_bytes([entry[4], entry[5], entry[6], entry[7]]);
        half(2) & permission != 0 && (half(0) == GROUP || half(0) == USER && !known.contains(&number))
    })
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const NAME: &str = "system.posix_acl_access";

#[cfg(any(target_os = "linux", target_os = "android"))]
fn read(file: &File) -> rustix::io::Result<Vec<u8>> {
    // The size limit of an extended attribute on Linux.
    let mut list = vec![0; 64 * 1024];
    let length = rustix::fs::fgetxattr(file, NAME, &mut *list)?;
    list.truncate(length);
    Ok(list)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn copy(_: &File, _: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn grants(_: &File, _: u16, _: &[u32]) -> bool {
    false
}
