//! The known keys: for each key that a server has accepted, which server and organization it belongs to. The file is in
//! the private state directory and holds hashes, never keys.
//!
//! Everything here is best effort. Without the file, every key is unknown, and an unknown key counts as one of the cloud:
//! so a key is sent to no other server unasked.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::api::OrganizationIdentity;
use crate::config::{
    KNOWN_KEYS_FILE_LIMIT, KNOWN_KEYS_LIMIT, KNOWN_KEYS_LOCK_TIMEOUT, KNOWN_KEYS_REFRESH, POLL_INTERVAL,
};
use crate::host::Host;
use crate::key::ApiKey;
use crate::secret::SecretBytes;
use crate::secure_file::{self, Lock, LockResult};
use crate::server::Server;
use crate::text::hex;

const FILE: &str = "known-keys.json";
/// The end of the name of a file that is about to replace the known keys.
const TEMPORARY_SUFFIX: &str = ".tmp";

/// What is known about a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KnownKey {
    /// The base URL of the server that accepted the key.
    pub(crate) server: String,
    /// The organization, as far as the server has sent it.
    pub(crate) organization: OrganizationIdentity,
    environment: String,
    /// The scopes of the key, if the server has sent them.
    pub(crate) scopes: Option<Vec<String>>,
    /// When the entry was written, in milliseconds since 1970.
    time: u64,
}

impl KnownKey {
    fn parse(entry: &Value) -> Option<Self> {
        let text = |name: &str| Some(entry.get(name)?.as_str()?.to_owned());
        let scopes = entry.get("scopes").and_then(Value::as_array);
        let scopes = scopes.map(|scopes| scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        Some(Self {
            server: text("server")?,
            organization: OrganizationIdentity { id: text("organization_id"), slug: text("organization_slug") },
            environment: text("environment")?,
            scopes,
            time: entry.get("time")?.as_u64()?,
        })
    }

    fn to_json(&self) -> Value {
        json!({
            "server": self.server,
            "organization_id": self.organization.id,
            "organization_slug": self.organization.slug,
            "environment": self.environment,
            "scopes": self.scopes,
            "time": self.time,
        })
    }
}

/// The content of the file, by hash of the key.
type KnownKeys = BTreeMap<String, KnownKey>;

/// What is known about a key; `None` if nothing is.
pub(crate) fn find(host: &Host, key: &ApiKey) -> Option<KnownKey> {
    let directory = secure_file::state_directory(host).ok()?;
    read(&directory.join(FILE)).remove(&hash(key))
}

/// The organization of a key, if the key is known to belong to this server.
pub(crate) fn organization(host: &Host, server: &Server, key: &ApiKey) -> Option<OrganizationIdentity> {
    let known = find(host, key).filter(|known| known.server == server.api())?;
    Some(known.organization).filter(|organization| !organization.is_empty())
}

/// What this machine remembers of a key, for a user whose server does not confirm it.
#[derive(Debug)]
pub struct LastKnown {
    /// The slug of the organization, or its id.
    pub organization: Option<String>,
    /// The scopes of the key.
    pub scopes: Option<Vec<String>>,
}

/// What is remembered of a key, if the key is known to belong to this server.
#[must_use]
pub fn last_known(host: &Host, server: &Server, key: &ApiKey) -> Option<LastKnown> {
    let known = find(host, key).filter(|known| known.server == server.api())?;
    let OrganizationIdentity { id, slug } = known.organization;
    Some(LastKnown { organization: slug.or(id), scopes: known.scopes.filter(|scopes| !scopes.is_empty()) })
}

/// The scopes of a key, if the key is known to belong to this server and the server has sent them.
pub(crate) fn scopes(host: &Host, server: &Server, key: &ApiKey) -> Option<Vec<String>> {
    let known = find(host, key).filter(|known| known.server == server.api())?;
    known.scopes.filter(|scopes| !scopes.is_empty())
}

/// Whether a key may be sent to this server without being asked for: the server that accepted it, or the cloud for a key
/// that is not known.
pub(crate) fn belongs_to(host: &Host, server: &Server, key: &ApiKey) -> bool {
    match find(host, key) {
        Some(known) => known.server == server.api(),
        None => *server == Server::Cloud,
    }
}

/// A key that a server has created or accepted.
pub(crate) struct Accepted<'a> {
    pub(crate) server: &'a Server,
    pub(crate) organization: &'a OrganizationIdentity,
    /// The scopes, if the server has sent them.
    pub(crate) scopes: Option<&'a [String]>,
}

/// Remembers keys that the server has just created.
pub(crate) fn remember_created(host: &Host, keys: &[ApiKey], accepted: &Accepted<'_>) {
    update(host, |known| {
        for key in keys {
            insert(known, key, accepted);
        }
        !keys.is_empty()
    });
}

/// Remembers a key that the server has accepted. The first server that accepts a key keeps it: a server that accepts every
/// key does not take over the keys of another one.
pub(crate) fn remember_accepted(host: &Host, key: &ApiKey, accepted: &Accepted<'_>) {
    if find(host, key).is_some_and(|known| !is_news(&known, accepted)) {
        return;
    }
    update(host, |known| {
        let is_news = known.get(&hash(key)).is_none_or(|known| is_news(known, accepted));
        if is_news {
            insert(known, key, accepted);
        }
        is_news
    });
}

/// Forgets keys.
pub(crate) fn forget(host: &Host, keys: &[ApiKey]) {
    if keys.iter().any(|key| find(host, key).is_some()) {
        update(host, |known| {
            let before = known.len();
            for key in keys {
                known.remove(&hash(key));
            }
            known.len() != before
        });
    }
}

/// Whether a response adds anything to an entry. A new time alone is written once a day at most.
fn is_news(known: &KnownKey, accepted: &Accepted<'_>) -> bool {
    let is_old = || now().saturating_sub(known.time) > milliseconds(KNOWN_KEYS_REFRESH);
    let is_complete = || accepted.organization.clone().or(known.organization.clone()) == known.organization;
    known.server == accepted.server.api() && (is_old() || !is_complete())
}

/// Adds or updates an entry; what this response does not tell stays.
fn insert(known: &mut KnownKeys, key: &ApiKey, accepted: &Accepted<'_>) {
    let server = accepted.server.api().to_owned();
    let before = known.remove(&hash(key)).filter(|before| before.server == server).unwrap_or_default();
    let scopes = accepted.scopes.map(<[String]>::to_vec).or(before.scopes);
    let organization = accepted.organization.clone().or(before.organization);
    let environment = key.environment().name().to_owned();
    known.insert(hash(key), KnownKey { server, organization, environment, scopes, time: now() });
}

/// Changes the file under its lock, if `change` returns `true`. Errors are ignored: what is not remembered is only asked for again.
fn update(host: &Host, change: impl FnOnce(&mut KnownKeys) -> bool) {
    let Ok(directory) = secure_file::state_directory(host) else { return };
    let path = directory.join(FILE);
    let Some(_lock) = lock(host, &path) else { return };
    let mut known = read(&path);
    if change(&mut known) {
        drop_oldest(&mut known);
        let _ = write(&path, &known);
    }
}

/// The lock of the file, or `Some(None)` where there are no locks; `None` if another process holds it for too long.
fn lock(host: &Host, path: &Path) -> Option<Option<Lock>> {
    let deadline = Instant::now() + KNOWN_KEYS_LOCK_TIMEOUT;
    loop {
        match Lock::state(host, path) {
            LockResult::Held(lock) => return Some(Some(lock)),
            LockResult::Impossible => return Some(None),
            LockResult::Busy if Instant::now() >= deadline => return None,
            LockResult::Busy => std::thread::sleep(POLL_INTERVAL),
        }
    }
}

/// The content of the file; empty if it is not readable or damaged.
fn read(path: &Path) -> KnownKeys {
    let bytes = secure_file::read(path, KNOWN_KEYS_FILE_LIMIT).ok();
    let content: Option<Value> = bytes.and_then(|bytes| serde_json::from_slice(bytes.reveal()).ok());
    let entries = content.as_ref().and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(hash, entry)| Some((hash.clone(), KnownKey::parse(entry)?))).collect()
}

/// Replaces the file. Readers see the old or the new content.
fn write(path: &Path, known: &KnownKeys) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(TEMPORARY_SUFFIX);
    let temporary = Path::new(&temporary);
    // A process that died may have left one.
    secure_file::remove(temporary);
    let entries: Value = known.iter().map(|(hash, entry)| (hash.clone(), entry.to_json())).collect();
    let content = SecretBytes::from(entries.to_string().into_bytes());
    let written = secure_file::create_private(temporary, &content).and_then(|()| std::fs::rename(temporary, path));
    written.inspect_err(|_| secure_file::remove(temporary))
}

fn drop_oldest(known: &mut KnownKeys) {
    while known.len() > KNOWN_KEYS_LIMIT {
        let oldest = known.iter().min_by_key(|(_, entry)| entry.time).map(|(hash, _)| hash.clone());
        oldest.and_then(|hash| known.remove(&hash));
    }
}

/// A key has more than 128 random bits, so its hash does not lead back to it.
fn hash(key: &ApiKey) -> String {
    hex(&Sha256::digest(key.reveal().as_bytes()))
}

fn now() -> u64 {
    milliseconds(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
