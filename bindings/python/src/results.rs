//! The result classes, and how each is made from the core's struct.
//!
//! Each conversion destructures its struct completely, so that a new field fails to compile here.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use pyo3::Python;
use pyo3::prelude::{Bound, IntoPyObject, PyAny, PyResult};
use pyo3::types::PyBytesMethods;

use crate::errors::caller;
use crate::key::ApiKey;
use crate::location::Location;
use crate::record::{Headers, ResponseBody, Tuple, record};

record! {
    /// Kind and environment of a key, read from its text alone.
    KeyClass {
        /// ``secret`` or ``publishable``.
        kind: String,
        /// ``sandbox`` or ``live``.
        environment: String,
    }
}

record! {
    /// The active key, the location it came from, and the locations that were skipped although they may hold a key.
    ResolvedKey {
        /// The key.
        key: ApiKey,
        /// Where the key was found.
        source: Location,
        /// The skipped locations; each ``reason`` says why.
        skipped: Tuple<Location> = (Tuple::empty()),
    }
}

record! {
    /// What :func:`save_keys` wrote.
    SaveResult {
        /// The file that holds the keys now. Where ``.env`` is a link, this is its target.
        path: OsString,
        /// Whether the file is new.
        created: bool = false,
        /// Whether git ignores, tracks or would commit the file.
        git: String = ("none".to_owned()),
        /// The keys that the file held before, masked.
        replaced: Tuple<Location> = (Tuple::empty()),
        /// The locations whose keys take precedence over the saved ones.
        shadowed_by: Tuple<Location> = (Tuple::empty()),
        /// Whether other processes were kept from writing the file at the same time.
        locked: bool = true,
        /// What the user should know: git does not ignore the file, tracks it, or gave no answer; the keys are in
        /// ``.env.local`` since git tracks ``.env``; other accounts can read the file, or the owner of its directory
        /// cannot; a line was added to ``.gitignore`` although git did not answer; an earlier commit may still track
        /// the file; a repository that another account planted was ignored; a nearer file has the variable without a
        /// value; or a byte order mark hides the first variable of the file from some readers.
        note: Option<String> = None,
    }
}

record! {
    /// What :func:`logout` removed, and which keys are left.
    LogoutResult {
        /// The file, or of two files the ``.env.local``. If it is a link, this is its target.
        path: OsString,
        /// The removed keys, masked, each with its file.
        removed: Tuple<Location> = (Tuple::empty()),
        /// Every location that still holds a key, from the nearest to the farthest.
        remaining: Tuple<Location> = (Tuple::empty()),
        /// That the keys are not revoked, and where to revoke them; what was left, and why; which edited file git tracks; and
        /// which file could not be searched.
        note: String = (String::new()),
        /// Whether other processes were kept from writing the file at the same time.
        locked: bool = true,
    }
}

record! {
    /// An organization of Autumn.
    Organization {
        /// The id; ``None`` where the server does not return one.
        id: Option<String>,
        /// The display name.
        name: String,
        /// The short name, as it appears in URLs.
        slug: String,
    }
}

record! {
    /// A finished login.
    LoginResult {
        /// The organization; ``None`` if the server did not return it in time.
        organization: Option<Organization> = None,
        /// The environments of ``keys``, in the same order.
        environments: Tuple<String> = (Tuple::empty()),
        /// The saved and kept keys.
        keys: Tuple<ApiKey> = (Tuple::empty()),
        /// What was saved, which is about the new keys alone; its note names a key that works and was kept. ``None``
        /// if all keys in the file still work and were kept.
        saved: Option<SaveResult> = None,
        /// What all of the keys may do, as the server has sent it, such as ``customers:read``; ``None`` if it has sent nothing.
        scopes: Option<Tuple<String>> = None,
    }
}

record! {
    /// A login that waits for :func:`complete_login`. It cannot be pickled, since ``url`` belongs to the user alone.
    PendingLogin {
        /// The URL to log in at. Show it to the user only.
        url: String,
        /// When the login expires.
        deadline: SystemTime,
        /// What to tell the user, with the URL.
        note: String = (String::new()),
    }
    secret |_| &["url", "note"],
}

record! {
    /// The organization that a key belongs to, the server that reported it, and where the key was found.
    Identity {
        /// The organization.
        organization: Organization,
        /// The base URL of the API.
        server: String,
        /// The key.
        key: ApiKey,
        /// Where the key was found.
        source: Location,
        /// The skipped locations, as in :class:`ResolvedKey`.
        skipped: Tuple<Location> = (Tuple::empty()),
        /// What the key may do, as the server sent it when a login on this machine created the key; otherwise ``None``.
        scopes: Option<Tuple<String>> = None,
    }
}

record! {
    /// The URLs of a server, and what a login asks of it.
    ServerFacts {
        /// The base URL of the API, without a trailing slash.
        api_url: String,
        /// The URL of the dashboard, where keys are created and revoked; ``None`` for a custom server. A local one
        /// may not run.
        dashboard_url: Option<String>,
        /// The scopes that a login can have.
        scopes: Tuple<String>,
        /// The OAuth client id of a login.
        client_id: String,
    }
}

record! {
    /// One check of a :class:`Diagnosis`.
    Check {
        /// What it is about, such as ``ports`` or ``server``.
        subject: String,
        /// ``ok``, ``warning`` or ``failed``.
        outcome: String,
        /// What was found, as a sentence. Keys in it are masked.
        message: String,
        /// What the user can do; ``None`` if nothing is wrong, or if the message says it.
        hint: Option<String> = None,
    }
}

record! {
    /// The result of :func:`diagnose`.
    Diagnosis {
        /// The checks, in the order in which they were made. A subject can have several.
        checks: Tuple<Check> = (Tuple::empty()),
    }
}

record! {
    /// What an incoming request presents. Nothing of it is verified yet.
    ///
    /// A dashboard request has neither a key nor an environment: ``verify`` has to check its session.
    Credential {
        /// ``secret``, ``publishable`` or ``dashboard``.
        kind: String,
        /// The environment of the key.
        environment: Option<String> = None,
        /// The key.
        key: Option<ApiKey> = None,
    }
}

record! {
    /// A response of the API.
    Response {
        /// The HTTP status.
        status: u16,
        /// The headers, in lower case. Values of a repeated header are joined by ``, ``; bytes that are not UTF-8 are
        /// U+FFFD.
        headers: Headers = (Headers::default()),
        /// The body.
        body: ResponseBody = (ResponseBody::default()),
    }
    hidden ["body"]
    methods {
        /// The body as text.
        #[getter]
        fn text(&self, py: Python<'_>) -> String {
            String::from_utf8_lossy(self.body.bind(py).as_bytes()).into_owned()
        }

        /// A header by its name in any case, or ``None``; values of a repeated header are joined by ``, ``.
        fn header(&self, name: &str) -> Option<String> {
            let values = self.headers.values(name);
            (!values.is_empty()).then(|| values.join(", "))
        }

        /// All values of a header by its name in any case, in the order of arrival.
        fn header_values(&self, name: &str) -> Vec<&str> {
            self.headers.values(name)
        }
    }
}

/// A result of the core that has a Python class.
pub(crate) trait ToPython {
    fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>>;
}

impl<T: ToPython> ToPython for Option<T> {
    fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        self.map_or_else(|| Ok(py.None().into_bound(py)), |value| value.to_python(py))
    }
}

/// A key or none, as a tuple: for a call, `None` would mean that it has not ended.
pub(crate) struct FoundKey(pub(crate) Option<libatmn::ResolvedKey>);

impl ToPython for FoundKey {
    fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let found: Vec<ResolvedKey> = self.0.into_iter().map(Into::into).collect();
        Tuple(found).into_pyobject(py).map(Bound::into_any)
    }
}

impl<T: Into<Location>> ToPython for Vec<T> {
    fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Tuple::<Location>::of(self).into_pyobject(py).map(Bound::into_any)
    }
}

impl ToPython for libatmn::ApiResponse {
    fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { status, headers, body } = self;
        let response = Response { status, headers: Headers::new(headers), body: ResponseBody::new(py, &body) };
        response.into_pyobject(py).map(Bound::into_any)
    }
}

/// Converts the core's structs by destructuring them.
macro_rules! conversions {
    ($($name:ident { $($field:ident $(: $unused:pat)?),+ } => { $($to:ident: $value:expr),+ $(,)? })+) => {$(
        impl From<libatmn::$name> for $name {
            fn from(from: libatmn::$name) -> Self {
                let libatmn::$name { $($field $(: $unused)?),+ } = from;
                Self { $($to: $value),+ }
            }
        }

        impl ToPython for libatmn::$name {
            fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
                $name::from(self).into_pyobject(py).map(Bound::into_any)
            }
        }
    )+};
}

/// A word of an enumeration, as Python has it.
fn word(name: &str) -> String {
    name.to_owned()
}

conversions! {
    KeyClass { kind, environment } => { kind: word(kind.name()), environment: word(environment.name()) }
    ResolvedKey { key, source, skipped } => { key: ApiKey(key), source: source.into(), skipped: Tuple::of(skipped) }
    SaveResult { path, created, git, replaced, shadowed_by, locked, note } => {
        path: path.into_os_string(),
        created: created,
        git: word(git.name()),
        replaced: Tuple::of(replaced),
        shadowed_by: Tuple::of(shadowed_by),
        locked: locked,
        note: note,
    }
    LogoutResult { path, removed, remaining, note, locked } => {
        path: PathBuf::into_os_string(path),
        removed: Tuple::of(removed),
        remaining: Tuple::of(remaining),
        note: note,
        locked: locked,
    }
    Organization { id, name, slug } => { id: id, name: name, slug: slug }
    LoginResult { organization, environments, keys, saved, scopes, kept: _ } => {
        organization: organization.map(Into::into),
        environments: Tuple(environments.iter().map(|environment| word(environment.name())).collect()),
        keys: Tuple(keys.into_iter().map(ApiKey).collect()),
        saved: saved.map(Into::into),
        scopes: scopes.map(Tuple),
    }
    PendingLogin { url, deadline, note } => { url: url, deadline: deadline, note: note }
    Identity { organization, server, key, source, skipped, scopes } => {
        organization: organization.into(),
        server: server.api().to_owned(),
        key: ApiKey(key),
        source: source.into(),
        skipped: Tuple::of(skipped),
        scopes: scopes.map(Tuple),
    }
    ServerFacts { api_url, dashboard_url, scopes, client_id } => {
        api_url: api_url,
        dashboard_url: dashboard_url,
        scopes: Tuple(scopes),
        client_id: client_id,
    }
    Check { subject, outcome, message, hint } => {
        subject: word(subject.name()),
        outcome: word(outcome.name()),
        message: message,
        hint: hint.map(|hint| hint.render(&caller())),
    }
    Diagnosis { checks } => { checks: Tuple::of(checks) }
}

impl ToPython for libatmn::BeginLoginResult {
    fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        match self {
            Self::Pending(pending) => pending.to_python(py),
            Self::Kept(kept) => kept.to_python(py),
        }
    }
}

impl ToPython for libatmn::Credential {
    fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let kind = word(self.kind_name());
        let key = match self {
            Self::Key(key) => Some(key),
            Self::Dashboard => None,
        };
        let environment = key.as_ref().map(|key| word(key.environment().name()));
        let credential = Credential { kind, environment, key: key.map(ApiKey) };
        credential.into_pyobject(py).map(Bound::into_any)
    }
}
