//! All constants: variable names, endpoints, ports, time limits and sizes.

use std::ops::RangeInclusive;
use std::time::Duration;

/// The variable of the sandbox key in `.env`. Deployments may use it for their live key.
pub(crate) const SECRET_VARIABLE: &str = "AUTUMN_SECRET_KEY";
/// The variable of the live key in `.env`.
pub(crate) const PROD_SECRET_VARIABLE: &str = "AUTUMN_PROD_SECRET_KEY";
/// The variable that names a file with the sandbox key, as container engines and service managers provide it.
pub(crate) const SECRET_FILE_VARIABLE: &str = "AUTUMN_SECRET_KEY_FILE";
/// The variable that names a file with the live key.
pub(crate) const PROD_SECRET_FILE_VARIABLE: &str = "AUTUMN_PROD_SECRET_KEY_FILE";
/// The server, unless an option names one (process environment only).
pub(crate) const BACKEND_VARIABLE: &str = "ATMN_BACKEND_URL";

/// Disables automatic login for rejected keys, unless it is `0` or `false`.
pub(crate) const NO_RECOVERY_VARIABLE: &str = "ATMN_DISABLE_AUTH_RECOVERY";

/// The file in which keys are saved.
pub(crate) const ENV_FILE: &str = ".env";
/// The files to search in each directory, in order of precedence.
pub(crate) const ENV_FILES: [&str; 2] = [".env.local", ENV_FILE];

/// The size limit of a `.env` file, in bytes.
pub(crate) const ENV_FILE_LIMIT: u64 = 64 * 1024 * 1024;
/// The size limit of a file that a `…_FILE` variable names, in bytes.
pub(crate) const SECRET_FILE_LIMIT: u64 = 4 * 1024;
/// How long to wait for a secret manager to deliver a file through a FIFO, and the size limit of such a file in bytes.
#[cfg(unix)]
pub(crate) const PIPE_TIMEOUT: Duration = Duration::from_secs(2);
#[cfg(unix)]
pub(crate) const PIPE_LIMIT: u64 = 1024 * 1024;
/// The size limit of a file with root certificates, in bytes. Those of systems have 250 kB.
pub(crate) const CERTIFICATES_LIMIT: u64 = 8 * 1024 * 1024;
/// The maximum length of a key after its prefix, in characters.
pub(crate) const KEY_TAIL_LIMIT: usize = 256;
/// The time limit of one `git` command.
pub(crate) const GIT_TIMEOUT: Duration = Duration::from_secs(2);
/// The size limit of a file of git that contains a path, in bytes.
pub(crate) const GIT_POINTER_LIMIT: u64 = 8 * 1024;
/// The size limit of the file in which jj or Mercurial lists tracked files, in bytes.
pub(crate) const TRACKED_FILES_LIMIT: u64 = 64 * 1024 * 1024;
/// The length at which a message of git is cut off, in characters.
pub(crate) const GIT_MESSAGE_LIMIT: usize = 200;
/// How many times to retry replacing a file that other programs change at the same time.
pub(crate) const REPLACE_TRIES: usize = 100;
/// The size limit of the message that the holder of a lock leaves for the next one, in bytes.
pub(crate) const LOCK_MESSAGE_LIMIT: u64 = 4 * 1024;
/// How long to wait for another program that has a file open and so prevents replacing it.
#[cfg(windows)]
pub(crate) const RENAME_TIMEOUT: Duration = Duration::from_secs(2);
/// The time limit for waiting for another process that writes the same file.
pub(crate) const WRITE_LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum number of known keys. A further one drops the oldest.
pub(crate) const KNOWN_KEYS_LIMIT: usize = 500;
/// How long to wait for another process that writes the known keys.
pub(crate) const KNOWN_KEYS_LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// The age of an entry from which the next response renews its time.
pub(crate) const KNOWN_KEYS_REFRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// The stack of each thread, in bytes. If it is not set, the standard library reads an environment variable.
pub(crate) const THREAD_STACK: usize = 2 << 20;
/// The time limit for name resolution, connection, proxy and TLS together.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The time limit for the server's response before a user is sent to it.
pub(crate) const REACH_TIMEOUT: Duration = Duration::from_secs(5);
/// The same for the connection. It is shorter, so that a connection that cannot be made is reported as such.
pub(crate) const REACH_CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long a server may be silent before an event says what the login waits for.
pub(crate) const SILENCE_NOTICE: Duration = Duration::from_secs(1);
/// The maximum length of a path with its query as it is sent, in bytes. The HTTP library refuses a URL of 65,535 bytes, and
/// the URL of the server is a part of that.
pub(crate) const REQUEST_TARGET_LIMIT: usize = 65_000;
/// The default time limit of a request.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The time limit for the discovery document of the server.
pub const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(3);
/// How long an idle connection is kept. Node servers close idle connections after five seconds; a shorter time avoids
/// sending a request on a connection that is being closed.
pub(crate) const IDLE_CONNECTION_TIMEOUT: Duration = Duration::from_secs(4);
/// The size limit of a response with tokens, keys or organizations, in bytes after decompression.
pub(crate) const SMALL_RESPONSE_LIMIT: usize = 1024 * 1024;
/// The default size limit of an API response, in bytes after decompression.
pub(crate) const RESPONSE_LIMIT: usize = 64 * 1024 * 1024;
/// The maximum number of tries of a request.
pub(crate) const RETRIES: u32 = 3;
/// The maximum first pause between two tries. Each further maximum is twice as long.
pub(crate) const RETRY_BASE: Duration = Duration::from_millis(500);
/// The time limit for all tries and pauses together.
pub(crate) const RETRY_LIMIT: Duration = Duration::from_secs(30);
/// The maximum length of an OAuth access token, in bytes.
pub(crate) const TOKEN_LIMIT: usize = 8 * 1024;
/// The maximum length of a server text in messages, in characters.
pub(crate) const SHOWN_LIMIT: usize = 200;

/// The `User-Agent` header.
pub(crate) const USER_AGENT: &str = concat!("libatmn/", env!("CARGO_PKG_VERSION"));
/// The accepted content type of responses.
pub(crate) const ACCEPT: (&str, &str) = ("accept", "application/json");
/// The version of the API.
pub(crate) const API_VERSION: (&str, &str) = ("x-api-version", "2.1.0");

/// The variables of the proxy, in order of precedence; lower case takes precedence, as in curl.
pub(crate) const PROXY_VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// The variables of the hosts that are reached without the proxy.
pub(crate) const NO_PROXY_VARIABLES: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// The file of root certificates that replaces those of the system.
pub(crate) const ROOTS_FILE_VARIABLE: &str = "SSL_CERT_FILE";
/// The directories of root certificates that replace those of the system.
pub(crate) const ROOTS_DIRECTORIES_VARIABLE: &str = "SSL_CERT_DIR";
/// The file of root certificates that are trusted in addition.
pub(crate) const EXTRA_ROOTS_VARIABLE: &str = "ATMN_EXTRA_CA_CERTS";

/// The size limit of a request head on the callback port, in bytes.
pub(crate) const CALLBACK_HEAD_LIMIT: usize = 16 * 1024;
/// The maximum number of header fields in it.
pub(crate) const CALLBACK_FIELD_LIMIT: usize = 100;
/// The maximum number of connections to the callback port. A further one closes the oldest with an incomplete request.
pub(crate) const CALLBACK_CONNECTION_LIMIT: usize = 256;
/// The time limit of a complete request on the callback port; slow activity does not extend it.
pub(crate) const CALLBACK_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The time limit for sending a response on the callback port.
pub(crate) const CALLBACK_ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the callback server waits for the browser to fetch the result page.
pub(crate) const CALLBACK_FINISH_TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait for the exit code of the browser command. If it still runs then, it has opened the URL.
pub(crate) const BROWSER_EARLY_EXIT: Duration = Duration::from_secs(1);

/// The OAuth client id: Autumn's public command-line client (no secret).
pub const CLIENT_ID: &str = "hAWUopQqLnsSwuRgeRzIBzKslwXmQUSr";
/// The host of the callback URL, as registered with the server.
pub(crate) const CALLBACK_HOST: &str = "localhost";
/// The callback ports. `http://localhost:<port>/` is registered for each, and the server compares it byte for byte.
pub const CALLBACK_PORTS: RangeInclusive<u16> = 31448..=31452;
/// The OAuth scopes of the client. The server refuses any other scope with `invalid_scope`.
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

/// The path of the issuer (RFC 9207), below which the OAuth endpoints are.
pub const ISSUER_PATH: &str = "/api/auth";
/// The authorization endpoint (RFC 6749, 3.1).
pub const AUTHORIZE_PATH: &str = "/api/auth/oauth2/authorize";
/// The token endpoint (RFC 6749, 3.2).
pub const TOKEN_PATH: &str = "/api/auth/oauth2/token";
/// The revocation endpoint (RFC 7009).
pub const REVOKE_PATH: &str = "/api/auth/oauth2/revoke";
/// The discovery document (RFC 8414).
pub const DISCOVERY_PATH: &str = "/.well-known/oauth-authorization-server";
/// The endpoint that creates a pair of keys for an OAuth token.
pub const MINT_KEYS_PATH: &str = "/cli/api-keys";
/// The endpoint that returns the organization of a secret key.
pub const ORGANIZATION_PATH: &str = "/v1/organization/me";

/// The header that identifies requests of the dashboard, in lower case.
pub const CLIENT_TYPE_HEADER: &str = "x-client-type";
/// The value of this header in requests of the dashboard.
pub(crate) const DASHBOARD_CLIENT_TYPE: &str = "dashboard";
/// The endpoints that accept publishable keys. A final `*` matches exactly one segment.
pub(crate) const PUBLIC_ENDPOINTS: [(&str, &str); 4] =
    [("GET", "/v1/products"), ("POST", "/v1/entitled"), ("POST", "/v1/check"), ("GET", "/v1/customers/*")];

/// The default time limit for the user to log in.
pub(crate) const LOGIN_TIMEOUT: Duration = Duration::from_secs(300);
/// How long a login in two steps can be completed.
pub(crate) const PENDING_LOGIN_LIFETIME: Duration = Duration::from_secs(600);
/// The time limit for finishing a login after the callback.
pub(crate) const FINISH_TIMEOUT: Duration = Duration::from_secs(30);

/// Autumn's API.
pub(crate) const CLOUD_API: &str = "https://api.useautumn.com";
/// The dashboard, where keys are listed and revoked.
pub(crate) const CLOUD_DASHBOARD: &str = "https://app.useautumn.com";
/// The API of a server on this machine.
pub(crate) const LOCAL_API: &str = "http://localhost:8080";
/// The dashboard of a server on this machine.
pub(crate) const LOCAL_DASHBOARD: &str = "http://localhost:3000";
