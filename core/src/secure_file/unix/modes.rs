//! Which file systems keep no modes: their permissions say nothing, and chmod is refused or has no effect.

use super::status::Status;

/// Whether the file is on a file system without modes. Asked only where a mode would decide against the file.
pub(in super::super) fn are_missing(file: &Status) -> bool {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo") else { return false };
    is_modeless(&mounts, &file.device())
}

/// See `proc_pid_mountinfo(5)`: the third field is the number of the file system, and its type comes after ` - `.
fn is_modeless(mounts: &str, device: &str) -> bool {
    let of_device = |line: &&str| line.split(' ').nth(2) == Some(device);
    mounts.lines().find(of_device).and_then(|line| line.split_once(" - ")).is_some_and(|(_, mount)| {
        let kind = mount.split(' ').next().unwrap_or_default();
        match kind {
            "vfat" | "msdos" | "exfat" | "ntfs" | "ntfs3" | "fuseblk" | "cifs" | "smb3" | "smbfs" => true,
            // The drives of Windows in WSL; with the option `metadata`, they keep modes.
            "drvfs" | "9p" | "virtiofs" => (kind == "drvfs" || mount.contains("drvfs")) && !mount.contains("metadata"),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_without_modes_are_known_by_their_type() {
        let mounts = "\
            21 1 0:20 / / rw shared:1 - ext4 /dev/vda rw\n\
            22 21 8:17 / /mnt/usb rw - vfat /dev/sdb1 rw,uid=1000\n\
            23 21 0:50 / /mnt/c rw - 9p C:\\134 rw,aname=drvfs;path=C:\\;uid=0\n\
            24 21 0:51 / /mnt/d rw - 9p D:\\134 rw,aname=drvfs;path=D:\\;metadata\n\
            25 21 0:52 / /mnt/vm rw - 9p share rw\n\
            26 21 0:53 / /mnt/vfat rw - fuse.vfat vfat rw\n";
        let missing = |device: &str| is_modeless(mounts, device);
        assert!(missing("8:17") && missing("0:50"));
        assert!(!missing("0:20") && !missing("0:51") && !missing("0:52") && !missing("0:53") && !missing("9:9"));
    }
}
