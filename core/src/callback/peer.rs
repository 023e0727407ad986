//! The account behind a connection to the callback port.
//!
//! The login URL is an argument of the browser, so every account of the machine can read it, approve the login as another
//! user of Autumn, and deliver the callback: the keys of that user would be saved here. Linux tells the owner of each
//! socket in `/proc/net/tcp` and `/proc/net/tcp6` (proc(5)).

use std::fs::File;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};

use crate::config::SOCKET_TABLE_LIMIT;
use crate::host::Host;

/// The owner of the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// It may end the login: our own account, root, or an account that the system does not tell.
    Accepted,
    /// Another account of this machine, by its user id.
    OtherAccount(u32),
    /// It has closed the connection already, so its owner cannot be known. A browser waits for its page.
    Gone,
}

/// The accounts whose connections may end the login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AcceptedPeers {
    /// All accounts: this process is root, or the system tells no owners.
    All,
    /// These accounts and root.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))] // only Linux tells owners
    Accounts(Vec<u32>),
}

impl AcceptedPeers {
    /// The accounts of a login on this host: the process's own, and under `sudo -u` the one that ran `sudo`.
    #[cfg(target_os = "linux")]
    pub(crate) fn of(host: &Host) -> Self {
        let own = rustix::process::geteuid();
        if own.is_root() {
            return Self::All;
        }
        let sudo = host.text("SUDO_UID").and_then(|uid| uid.parse().ok());
        Self::Accounts([own.as_raw(), rustix::process::getuid().as_raw()].into_iter().chain(sudo).collect())
    }

    /// Only Linux tells the owner of a socket.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn of(_: &Host) -> Self {
        Self::All
    }

    /// Judges the connection from `peer` to our port at `local`. Reads the system's table of sockets, so it is called
    /// only for a request that would end the login.
    pub(super) fn judge(&self, peer: SocketAddr, local: SocketAddr) -> Peer {
        let Self::Accounts(accounts) = self else { return Peer::Accepted };
        let table = |name| read(name, SOCKET_TABLE_LIMIT);
        let table = if local.is_ipv6() {
            table("/proc/net/tcp6")
        } else {
            // A socket for both families, such as those of Java, is in the other table.
            table("/proc/net/tcp").map(|own| own + &table("/proc/net/tcp6").unwrap_or_default())
        };
        // A remote peer reached the port through a forwarder, whose owner the system does not tell.
        match table {
            Some(table) if peer.ip().is_loopback() => judge_table(&table, peer, local, accounts, unmapped_uid()),
            _ => Peer::Accepted,
        }
    }
}

/// Judges a connection by a table of sockets; `unmapped` is the user id that stands for accounts outside of our user
/// namespace.
fn judge_table(table: &str, peer: SocketAddr, local: SocketAddr, accounts: &[u32], unmapped: Option<u32>) -> Peer {
    // The headings are no addresses.
    let sockets = || table.lines().filter_map(Socket::parse);
    let Some(found) = sockets().find(|socket| socket.local == peer && socket.remote == local) else {
        // A table without our listening socket tells nothing, as in WSL 1.
        let is_complete = sockets().any(|socket| socket.local == local && socket.remote.port() == 0);
        return if is_complete { Peer::Gone } else { Peer::Accepted };
    };
    match found.uid {
        // A closed socket belongs to no file, and is listed as root's.
        _ if found.inode == 0 => Peer::Gone,
        0 => Peer::Accepted,
        uid if accounts.contains(&uid) || unmapped == Some(uid) => Peer::Accepted,
        uid => Peer::OtherAccount(uid),
    }
}

/// The user id that stands for every account which our user namespace does not map; `None` if it maps all accounts.
fn unmapped_uid() -> Option<u32> {
    let map = read("/proc/self/uid_map", 64 << 10)?;
    if map.split_whitespace().eq(["0", "0", "4294967295"]) {
        return None;
    }
    read("/proc/sys/kernel/overflowuid", 64)?.trim().parse().ok()
}

/// A file of `/proc`; `None` if it cannot be read or is larger than the limit.
fn read(path: &str, limit: u64) -> Option<String> {
    let mut text = String::new();
    let read = File::open(path).ok()?.take(limit).read_to_string(&mut text).ok()?;
    (u64::try_from(read).ok()? < limit).then_some(text)
}

/// A line of the table.
struct Socket {
    local: SocketAddr,
    remote: SocketAddr,
    uid: u32,
    inode: u64,
}

impl Socket {
    /// `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …`
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split_ascii_whitespace();
        let (local, remote) = (address(fields.nth(1)?)?, address(fields.next()?)?);
        let uid = fields.nth(4)?.parse().ok()?;
        let inode = fields.nth(1)?.parse().ok()?;
        Some(Self { local, remote, uid, inode })
    }
}

/// An address such as `0100007F:7AD8`: words of 32 bits in the byte order of the machine, and the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (words, port) = text.split_once(':')?;
    let word = |index: usize| u32::from_str_radix(words.get(index * 8..index * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    let ip = match words.len() {
        8 => IpAddr::from(word(0)?),
        32 => {
            let mut bytes = [0; 16];
            for (index, target) in bytes.chunks_exact_mut(4).enumerate() {
                target.copy_from_slice(&word(index)?);
            }
            IpAddr::from(bytes)
        }
        _ => return None,
    };
    // An IPv4 connection of a socket for both families has mapped addresses.
    Some(SocketAddr::new(ip.to_canonical(), u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    /// A line of the table on a little-endian machine, rewritten for the byte order of this one.
    fn line(local: u16, remote: u16, uid: u32, inode: u64) -> String {
        let loopback = format!("{:08X}", u32::from_ne_bytes([127, 0, 0, 1]));
        let remote_ip = if remote == 0 { "00000000" } else { loopback.as_str() };
        format!(
            "   0: {loopback}:{local:04X} {remote_ip}:{remote:04X} 01 00000000:00000000 00:00000000 00000000 {uid:5}        0 {inode} 1 0000000000000000 20 4 30 10 -1\n"
        )
    }

    fn judged(lines: &[String], unmapped: Option<u32>) -> Peer {
        let table = String::from(HEADING) + &lines.concat();
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        judge_table(&table, at(40_000), at(31_448), &[1000], unmapped)
    }

    #[test]
    fn peer_is_accepted_by_its_account() {
        let ours = line(31_448, 40_000, 1000, 7);
        let listening = line(31_448, 0, 1000, 6);
        let from = |uid, inode| judged(&[listening.clone(), ours.clone(), line(40_000, 31_448, uid, inode)], None);
        assert_eq!(from(1000, 9), Peer::Accepted);
        assert_eq!(from(0, 9), Peer::Accepted, "root, such as a forwarder");
        assert_eq!(from(1001, 9), Peer::OtherAccount(1001));
        assert_eq!(from(65_534, 9), Peer::OtherAccount(65_534), "an account with the number of unmapped ones");
        assert_eq!(from(0, 0), Peer::Gone, "closed at once, to hide its owner");
        assert_eq!(judged(&[listening.clone(), ours], None), Peer::Gone, "reset at once");
    }

    #[test]
    fn peer_outside_the_user_namespace_is_accepted() {
        let lines = [line(31_448, 0, 1000, 6), line(40_000, 31_448, 65_534, 9)];
        assert_eq!(judged(&lines, Some(65_534)), Peer::Accepted);
    }

    #[test]
    fn peer_is_accepted_if_the_table_tells_nothing() {
        for lines in [vec![], vec![line(1, 2, 1001, 3)], vec!["garbage\n".to_owned()]] {
            assert_eq!(judged(&lines, None), Peer::Accepted, "{lines:?}");
        }
    }

    #[test]
    fn addresses_are_read_in_the_byte_order_of_the_machine() {
        let words = [0, 0, 0, u32::from_ne_bytes([0, 0, 0, 1])].map(|word| format!("{word:08X}")).concat();
        assert_eq!(address(&format!("{words}:7AD8")), Some("[::1]:31448".parse().unwrap()));
        let mapped =
            [[0; 4], [0; 4], [0, 0, 255, 255], [127, 0, 0, 1]].map(|word| format!("{:08X}", u32::from_ne_bytes(word)));
        assert_eq!(address(&format!("{}:7AD8", mapped.concat())), Some("127.0.0.1:31448".parse().unwrap()));
        for text in ["", ":", "0100007F", "0100007:1", "0100007F:10000", "é100007F:1", "0100007G:1"] {
            assert_eq!(address(text), None, "{text}");
        }
    }
}
