//! The accounts of a group, from `/etc/group` and `/etc/passwd` alone: a directory service is never asked, since that could
//! block, and loads foreign code into the caller's process.

use std::io::Read;
use std::path::PathBuf;

use crate::config::ACCOUNTS_FILE_LIMIT;
use crate::text::quoted;

/// Whether no account but those in `known` is in the group. `owner` is the owner of the file: on most systems, an account
/// has a private group with the same number, which then does not need to be listed.
pub(super) fn is_private_group(group: u32, owner: u32, known: &[u32]) -> bool {
    is_private(&text("/etc/group"), &text("/etc/passwd"), group, owner, known)
}

/// The name of a group, or its number if the file does not list it.
pub(super) fn group_name(group: u32) -> String {
    named(&text("/etc/group"), group)
}

/// The home directory of an account.
pub(super) fn home_of(account: u32) -> Option<PathBuf> {
    home_in(&text("/etc/passwd"), account)
}

fn home_in(accounts: &str, account: u32) -> Option<PathBuf> {
    // name:password:number:group:comment:home:shell
    let mut lines = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let line = lines.find(|fields| fields.get(2).is_some_and(|number| number.parse() == Ok(account)))?;
    line.get(5).map(PathBuf::from).filter(|home| home.is_absolute())
}

fn text(path: &str) -> String {
    let mut text = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(ACCOUNTS_FILE_LIMIT).read_to_end(&mut text));
    read.map(|_| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
}

fn named(groups: &str, group: u32) -> String {
    let name = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (!name.is_empty() && number.parse() == Ok(group)).then_some(name)
    });
    name.map_or_else(|| format!("number {group}"), quoted)
}

fn is_private(groups: &str, accounts: &str, group: u32, owner: u32, known: &[u32]) -> bool {
    // name:password:number:member,member
    let members = groups.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.get(2)?.parse() == Ok(group)).then(|| fields.get(3).copied().unwrap_or_default())
    });
    if members.is_none() && group != owner {
        return false;
    }
    // name:password:number:group:…
    let account = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        Some((fields.first()?.to_string(), fields.get(2)?.parse::<u32>().ok()?, fields.get(3)?.parse::<u32>().ok()?))
    };
    let accounts: Vec<(String, u32, u32)> = accounts.lines().filter_map(account).collect();
    let is_known = |member: &str| accounts.iter().any(|(name, number, _)| name == member && known.contains(number));
    let listed = members.unwrap_or_default().split(',').map(str::trim).filter(|member| !member.is_empty());
    listed.into_iter().all(is_known)
        && accounts.iter().all(|(_, number, main)| *main != group || known.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_has_a_name_or_a_number() {
        let groups = "root:x:0:\n:x:7:\nbroken\nteam:x:202:ann,bob\n";
        for (group, name) in [(0, "`root`"), (202, "`team`"), (7, "number 7"), (4799, "number 4799")] {
            assert_eq!(named(groups, group), name);
        }
    }

    #[test]
    fn home_is_the_absolute_path_of_the_account() {
        let accounts = "daemon:x:1:1::/usr/sbin:\nbroken\nroot:x:0:0::/root:/bin/sh\nodd:x:2:2::home:\nshort:x:3\n";
        for (account, home) in [(0, Some("/root")), (1, Some("/usr/sbin")), (2, None), (3, None), (4, None)] {
            assert_eq!(home_in(accounts, account), home.map(PathBuf::from), "{account}");
        }
    }

    #[test]
    fn group_is_private_if_no_other_account_is_in_it() {
        let accounts = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/:\nbob:x:1001:1001::/:\ncid:x:1002:100::/:\n";
        let groups =
            "root:x:0:\nann:x:1000:\nbob:x:1001:ann\nusers:x:100:\nempty:x:200:\nlone:x:201:ann\nteam:x:202:ann,bob\n";
        let private = |group, owner| is_private(groups, accounts, group, owner, &[0, owner]);
        assert!(private(1000, 1000) && private(200, 1000) && private(201, 1000) && private(0, 1000));
        // Another member, another account's main group, an unknown group, an unknown member.
        assert!(!private(1001, 1001) && !private(202, 1000) && !private(100, 1000) && !private(999, 1000));
        assert!(!is_private("team:x:202:ghost\n", accounts, 202, 1000, &[0, 1000]));
        // Without the files, only the number says that the group is private.
        assert!(is_private("", "", 1000, 1000, &[0, 1000]) && !is_private("", "", 1001, 1000, &[0, 1000]));
    }
}
