//! The one registry of servers, variable names and limits.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Holds the sandbox key in `.env`; a deployment may put its live key here.
pub(crate) const SECRET_VARIABLE: &str = "AUTUMN_SECRET_KEY";
/// Holds the live key in `.env`.
pub(crate) const PROD_SECRET_VARIABLE: &str = "AUTUMN_PROD_SECRET_KEY";
/// Behind a variable's name: the file that holds its value, as container engines and service managers deliver it.
pub(crate) const SECRET_FILE_SUFFIX: &str = "_FILE";
/// Names the API server where no option does (process environment only).
pub(crate) const BACKEND_VARIABLE: &str = "ATMN_BACKEND_URL";

/// Set to anything but `0` or `false`, it forbids to log in again where a key is rejected.
pub(crate) const NO_RECOVERY_VARIABLE: &str = "ATMN_DISABLE_AUTH_RECOVERY";

/// The file that keys are saved in.
pub(crate) const ENV_FILE: &str = ".env";
/// The file names looked for in each directory, the stronger first.
pub(crate) const ENV_FILES: [&str; 2] = [".env.local", ENV_FILE];

/// Largest `.env` that is read or edited, in bytes.
pub(crate) const ENV_FILE_LIMIT: u64 = 64 * 1024 * 1024;
/// Largest file that a `…_FILE` variable may name, in bytes.
pub(crate) const SECRET_FILE_LIMIT: u64 = 4 * 1024;
/// Longest part of a key behind its prefix, in characters.
pub(crate) const KEY_TAIL_LIMIT: usize = 256;
/// How long `git` may take to answer one question.
pub(crate) const GIT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait for another process that writes the same file.
pub(crate) const WRITE_LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// How long name, connection, proxy and TLS may take together.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a request may take in all, unless the caller says otherwise.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the server's description of itself is waited for.
pub const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(3);
/// How long an unused connection is kept: less than the five seconds after which Node's servers close
/// theirs, so that no request is lost on its way.
pub(crate) const IDLE_CONNECTION_TIMEOUT: Duration = Duration::from_secs(4);
/// Largest answer about tokens, keys and organizations, in bytes after decompression.
pub(crate) const SMALL_RESPONSE_LIMIT: usize = 1024 * 1024;
/// Largest answer to a call of the API, in bytes after decompression, unless the caller says otherwise.
pub(crate) const RESPONSE_LIMIT: usize = 64 * 1024 * 1024;
/// Most tries of a request.
pub(crate) const RETRY_TRIES: u32 = 4;
/// The longest first pause between two tries; each further one may be twice as long.
pub(crate) const RETRY_BASE: Duration = Duration::from_millis(500);
/// What tries and pauses may take together.
pub(crate) const RETRY_LIMIT: Duration = Duration::from_secs(30);
/// Longest OAuth access token, in bytes.
pub(crate) const TOKEN_LIMIT: usize = 8 * 1024;
/// Longest text of the server's that is shown, in characters.
pub(crate) const SHOWN_LIMIT: usize = 200;

/// How libatmn calls itself.
pub(crate) const USER_AGENT: &str = concat!("libatmn/", env!("CARGO_PKG_VERSION"));
/// What is understood as an answer.
pub(crate) const ACCEPT: (&str, &str) = ("accept", "application/json");
/// The version of the API that is spoken.
pub(crate) const API_VERSION: (&str, &str) = ("x-api-version", "2.1.0");

/// Name the proxy, the stronger first; small letters come first, as with curl.
pub(crate) const PROXY_VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Name the hosts that are reached without the proxy.
pub(crate) const NO_PROXY_VARIABLES: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// Names a file of root certificates that take the place of the system's.
pub(crate) const ROOTS_FILE_VARIABLE: &str = "SSL_CERT_FILE";
/// Names directories of root certificates that take the place of the system's.
pub(crate) const ROOTS_DIRECTORIES_VARIABLE: &str = "SSL_CERT_DIR";
/// Names a file of root certificates that are trusted in addition.
pub(crate) const EXTRA_ROOTS_VARIABLE: &str = "ATMN_EXTRA_CA_CERTS";

/// Longest request head that the callback server reads, in bytes.
pub(crate) const CALLBACK_HEAD_LIMIT: usize = 16 * 1024;
/// Most header fields in it.
pub(crate) const CALLBACK_FIELD_LIMIT: usize = 100;
/// Connections to the callback port at a time; one more costs the oldest that has not sent a whole request.
pub(crate) const CALLBACK_CONNECTION_LIMIT: usize = 256;
/// How long a whole request may take from the first moment on, however busily it drips.
pub(crate) const CALLBACK_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take to be fetched.
pub(crate) const CALLBACK_ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the browser may take to come for the result once the login is over.
pub(crate) const CALLBACK_FINISH_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a browser's program may take to say that it failed; one that still runs has the address.
pub(crate) const BROWSER_EARLY_EXIT: Duration = Duration::from_secs(1);

/// Who libatmn is to the authorization server: Autumn's public command-line client (no secret).
pub const CLIENT_ID: &str = "hAWUopQqLnsSwuRgeRzIBzKslwXmQUSr";
/// The callback's host, by the name under which it is registered.
pub(crate) const CALLBACK_HOST: &str = "localhost";
/// The callback ports; `http://localhost:<port>/` is registered for each of them and compared byte for byte.
pub const CALLBACK_PORTS: RangeInclusive<u16> = 31448..=31452;
/// All that the client may ask for. The server froze the list: one scope more is `invalid_scope`.
pub const SCOPES: [&str; 20] = [
    "customers:create",
    "customers:read",
    "customers:list",
    "customers:update",
    "customers:delete",
    "features:create",
    "features:read",
    "features:list",
    "features:update",
    "features:delete",
    "plans:create",
    "plans:read",
    "plans:list",
    "plans:update",
    "plans:delete",
    "rewards:read",
    "rewards:write",
    "apiKeys:create",
    "apiKeys:read",
    "organisation:read",
];

/// Behind the API's base address: the issuer (RFC 9207), under which the OAuth endpoints lie.
pub const ISSUER_PATH: &str = "/api/auth";
/// Where the browser is sent (RFC 6749, 3.1).
pub const AUTHORIZE_PATH: &str = "/api/auth/oauth2/authorize";
/// Where the code is exchanged (RFC 6749, 3.2).
pub const TOKEN_PATH: &str = "/api/auth/oauth2/token";
/// Where the OAuth token is given back (RFC 7009).
pub const REVOKE_PATH: &str = "/api/auth/oauth2/revoke";
/// Where the server describes itself (RFC 8414).
pub const DISCOVERY_PATH: &str = "/.well-known/oauth-authorization-server";
/// Where the OAuth token buys a pair of keys.
pub const MINT_KEYS_PATH: &str = "/cli/api-keys";
/// Where a secret key learns whose it is.
pub const ORGANIZATION_PATH: &str = "/v1/organization/me";

/// The header by which the dashboard makes itself known, in lower case.
pub const CLIENT_TYPE_HEADER: &str = "x-client-type";
/// What the dashboard puts there.
pub(crate) const DASHBOARD_CLIENT_TYPE: &str = "dashboard";
/// The paths that a publishable key may call, with their methods; a last `*` stands for exactly one segment.
pub(crate) const PUBLIC_ENDPOINTS: [(&str, &str); 4] =
    [("GET", "/v1/products"), ("POST", "/v1/entitled"), ("POST", "/v1/check"), ("GET", "/v1/customers/*")];

/// How long a person may take to log in, unless the caller says otherwise.
pub(crate) const LOGIN_TIMEOUT: Duration = Duration::from_secs(300);
/// How long a login in two steps may wait to be completed.
pub(crate) const PENDING_LOGIN_LIFETIME: Duration = Duration::from_secs(600);
/// How long everything behind the callback may take.
pub(crate) const FINISH_TIMEOUT: Duration = Duration::from_secs(30);

/// Autumn's API.
pub(crate) const CLOUD_API: &str = "https://api.useautumn.com";
/// The dashboard, where keys are listed and revoked.
pub(crate) const CLOUD_DASHBOARD: &str = "https://app.useautumn.com";
/// The API of a server on this machine.
pub(crate) const LOCAL_API: &str = "http://localhost:8080";
/// The dashboard of a server on this machine.
pub(crate) const LOCAL_DASHBOARD: &str = "http://localhost:3000";
