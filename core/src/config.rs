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
/// The file of one machine, which git ignores in most projects.
pub(crate) const LOCAL_ENV_FILE: &str = ".env.local";
/// The files to search in each directory, in order of precedence.
pub(crate) const ENV_FILES: &[&str] = &[LOCAL_ENV_FILE, ENV_FILE];

/// A name of the key that libatmn does not read, as other services call theirs.
pub(crate) const MISPLACED_VARIABLE: &str = "AUTUMN_API_KEY";

/// The variable by which nearly all CI systems can be recognized.
pub(crate) const CI_VARIABLE: &str = "CI";
/// The variables of CI systems that do not set `CI`, or did not in older versions: Travis and others, Azure Pipelines,
/// Jenkins, Hudson, TeamCity, CodeBuild (two), Bamboo and GoCD.
pub(crate) const OTHER_CI_VARIABLES: [&str; 9] = [
    "CONTINUOUS_INTEGRATION",
    "TF_BUILD",
    "JENKINS_URL",
    "HUDSON_URL",
    "TEAMCITY_VERSION",
    "CODEBUILD_BUILD_ID",
    "CODEBUILD_BUILD_ARN",
    "bamboo_planKey",
    "GO_PIPELINE_LABEL",
];
/// Files that libatmn does not read, which Wrangler and the editors of Windows write.
pub(crate) const MISPLACED_FILES: &[&str] = &[".dev.vars", MISNAMED_FILE];
/// A `.env` under the name that the editors of Windows give it.
pub(crate) const MISNAMED_FILE: &str = ".env.txt";
/// The size limit of these files, in bytes.
pub(crate) const MISPLACED_FILE_LIMIT: u64 = 1024 * 1024;

/// How often a login checks the saved keys, if they change during the check.
pub(crate) const CHECK_TRIES: u32 = 3;

/// The size limit of a `.env` file, in bytes.
pub(crate) const ENV_FILE_LIMIT: u64 = 64 * 1024 * 1024;
/// The size limit of a file that a `…_FILE` variable names, in bytes.
pub(crate) const SECRET_FILE_LIMIT: u64 = 4 * 1024;
/// How long to wait for a secret manager to deliver a file through a FIFO, and the size limit of such a file in bytes.
#[cfg(unix)]
pub(crate) const PIPE_TIMEOUT: Duration = Duration::from_secs(2);
#[cfg(unix)]
pub(crate) const PIPE_LIMIT: u64 = 1024 * 1024;
/// The maximum number of symbolic links on the way to a file, as in Linux.
#[cfg(unix)]
pub(crate) const LINK_LIMIT: u32 = 40;
/// The size limit of `/etc/passwd` and `/etc/group`, in bytes.
#[cfg(unix)]
pub(crate) const ACCOUNTS_FILE_LIMIT: u64 = 4 * 1024 * 1024;
/// The size limit of a file with root certificates, in bytes. Those of systems have 250 kB.
pub(crate) const CERTIFICATES_LIMIT: u64 = 8 * 1024 * 1024;
/// The maximum length of a key after its prefix, in characters.
pub(crate) const KEY_TAIL_LIMIT: usize = 256;
/// The maximum number of here-documents in a `.env` file that are searched for their end.
pub(crate) const HEREDOC_LIMIT: usize = 100;
/// How often to look again at a lock, a child process or a file, where the system does not report a change.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(2);
/// How often waiting calls look for a cancellation where nothing can wake them.
pub(crate) const CANCEL_POLL_INTERVAL: Duration = Duration::from_millis(50);
/// The size limit of what a child process prints, in bytes.
pub(crate) const CHILD_OUTPUT_LIMIT: usize = 64 * 1024;
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
/// How long a disk may take to say whether the directory of a pending login still exists.
pub(crate) const DIRECTORY_TIMEOUT: Duration = Duration::from_secs(2);
/// The time limit for waiting for another process that writes the same file.
pub(crate) const WRITE_LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum number of known keys. A further one drops the oldest.
pub(crate) const KNOWN_KEYS_LIMIT: usize = 500;
/// The size limit of the file of known keys, in bytes. The maximum number of keys fits.
pub(crate) const KNOWN_KEYS_FILE_LIMIT: u64 = 4 * 1024 * 1024;
/// How long to wait for another process that writes the known keys.
pub(crate) const KNOWN_KEYS_LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// The age of an entry from which the next response renews its time.
pub(crate) const KNOWN_KEYS_REFRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// The stack of each thread, in bytes. If it is not set, the standard library reads an environment variable.
pub(crate) const THREAD_STACK: usize = 2 << 20;
/// The time limit of one poll of a blocking operation, which polls as often as it needs.
pub(crate) const POLL_LIMIT: Duration = Duration::from_secs(60 * 60);
/// The time limit for name resolution, connection, proxy and TLS together.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The time limit for the server's response before a user is sent to it.
pub(crate) const REACH_TIMEOUT: Duration = Duration::from_secs(5);
/// The same for the connection. It is shorter, so that a connection that cannot be made is reported as such.
pub(crate) const REACH_CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long a server may be silent before an event says what the login waits for.
pub const SILENCE_NOTICE: Duration = Duration::from_secs(1);
/// The maximum length of a path with its query as it is sent, in bytes. The HTTP library refuses a URL of 65,535 bytes, and
/// the URL of the server is a part of that.
pub(crate) const REQUEST_TARGET_LIMIT: usize = 65_000;
/// The default time limit of a request.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The time limit of each request of a diagnosis. A server that needs longer is of no use to a login.
pub(crate) const DIAGNOSE_TIMEOUT: Duration = Duration::from_secs(15);
/// The time limit for the discovery document of the server.
pub const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(3);
/// The same, where the request runs while the user is in the browser.
pub(crate) const BACKGROUND_DISCOVERY_TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum length of the issuer in this document, in bytes.
pub(crate) const ISSUER_LIMIT: usize = 2048;
/// How long an idle connection is kept. Node servers close idle connections after five seconds; a shorter time avoids
/// sending a request on a connection that is being closed.
pub(crate) const IDLE_CONNECTION_TIMEOUT: Duration = Duration::from_secs(4);
/// The size limit of a response with tokens, keys or organizations, in bytes after decompression.
pub(crate) const SMALL_RESPONSE_LIMIT: usize = 1024 * 1024;
/// The maximum length of an id or slug, in bytes.
pub(crate) const ID_LIMIT: usize = 128;
/// The maximum number of scopes that a response may list. Further ones are ignored.
pub(crate) const SCOPE_COUNT_LIMIT: usize = 200;
/// The maximum length of a scope, in bytes.
pub(crate) const SCOPE_LENGTH_LIMIT: usize = 64;
/// The default size limit of an API response, in bytes after decompression.
pub(crate) const RESPONSE_LIMIT: usize = 64 * 1024 * 1024;
/// The maximum number of tries of a request.
pub(crate) const RETRIES: u32 = 3;
/// The maximum first pause between two tries. Each further maximum is twice as long.
pub(crate) const RETRY_BASE: Duration = Duration::from_millis(500);
/// The time limit for all tries and pauses together.
pub(crate) const RETRY_LIMIT: Duration = Duration::from_secs(30);
/// The allowed methods of API calls; `CONNECT` and `TRACE` are for proxies.
pub const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// How many calls of an asyncio client run at once. Each has a thread and a few descriptors; further ones wait.
pub const CONCURRENT_CALLS: usize = 100;
/// The maximum number of headers of an API call. Servers accept about a hundred.
pub(crate) const HEADER_COUNT_LIMIT: usize = 10_000;
/// The maximum length of an OAuth access token, in bytes.
pub(crate) const TOKEN_LIMIT: usize = 8 * 1024;
/// The maximum length of a server text in messages, in characters.
pub(crate) const SHOWN_LIMIT: usize = 200;
/// The maximum length of external text on the result page, in characters.
pub(crate) const PAGE_TEXT_LIMIT: usize = 300;

/// The `User-Agent` header.
pub(crate) const USER_AGENT: &str = concat!("libatmn/", env!("CARGO_PKG_VERSION"));
/// The accepted content type of responses.
pub(crate) const ACCEPT: (&str, &str) = ("accept", "application/json");
/// The version of the API.
pub(crate) const API_VERSION: (&str, &str) = ("x-api-version", "2.1.0");

/// The variables of the proxy, in order of precedence; lower case takes precedence, as in curl.
pub const PROXY_VARIABLES: &[&str] = &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// The variables of the hosts that are reached without the proxy.
pub const NO_PROXY_VARIABLES: &[&str] = &["no_proxy", "NO_PROXY"];
/// The file of root certificates that replaces those of the system.
pub const ROOTS_FILE_VARIABLE: &str = "SSL_CERT_FILE";
/// The directories of root certificates that replace those of the system.
pub const ROOTS_DIRECTORIES_VARIABLE: &str = "SSL_CERT_DIR";
/// The file of root certificates that are trusted in addition.
pub const EXTRA_ROOTS_VARIABLE: &str = "ATMN_EXTRA_CA_CERTS";

/// The size limit of a request head on the callback port, in bytes.
pub(crate) const CALLBACK_HEAD_LIMIT: usize = 16 * 1024;
/// The maximum number of header fields in it.
pub(crate) const CALLBACK_FIELD_LIMIT: usize = 100;
/// The maximum length of `error` in a callback, in characters. The rest is cut off.
pub(crate) const CALLBACK_ERROR_LIMIT: usize = 64;
/// The maximum length of `error_description` and `iss` in a callback, in characters. The rest is cut off.
pub(crate) const CALLBACK_TEXT_LIMIT: usize = 300;
/// How many bytes a client may send after its request before the server closes the connection.
pub(crate) const CALLBACK_SURPLUS_LIMIT: usize = 64 * 1024;
/// The maximum number of connections that wait to be accepted. The system may lower it.
pub(crate) const CALLBACK_BACKLOG: i32 = 256;
/// How many connections are accepted before they are read: far fewer than the limit, so that none is closed unread.
pub(crate) const CALLBACK_ACCEPT_BATCH: usize = 16;
/// How long accepting pauses after the system refused a connection, usually for lack of file descriptors.
pub(crate) const CALLBACK_ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The maximum number of connections to the callback port. A further one closes the oldest with an incomplete request.
pub(crate) const CALLBACK_CONNECTION_LIMIT: usize = 256;
/// To what the limit may shrink where file descriptors are scarce: enough for a browser and its request for a favicon.
pub(crate) const CALLBACK_MIN_CONNECTIONS: usize = 8;
/// The size limit of the system's table of sockets, in bytes. A line has 150 bytes.
pub(crate) const SOCKET_TABLE_LIMIT: u64 = 64 * 1024 * 1024;
/// The time limit of a complete request on the callback port; slow activity does not extend it.
pub(crate) const CALLBACK_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The time limit for sending a response on the callback port.
pub(crate) const CALLBACK_ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the callback server waits for the browser to fetch the result page.
pub(crate) const CALLBACK_FINISH_TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait for the exit code of the browser command. If it still runs then, it has opened the URL.
pub(crate) const BROWSER_EARLY_EXIT: Duration = Duration::from_secs(1);
/// How often the browser command is polled for its exit code.
pub(crate) const BROWSER_POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The OAuth client id: Autumn's public command-line client (no secret).
pub const CLIENT_ID: &str = "hAWUopQqLnsSwuRgeRzIBzKslwXmQUSr";
/// The host of the callback URL, as registered with the server.
pub(crate) const CALLBACK_HOST: &str = "localhost";
/// The names of this machine in a callback URL and in a `Host` header.
pub const LOOPBACK_HOSTS: &[&str] = &["localhost", "127.0.0.1", "[::1]"];
/// The callback ports. `http://localhost:<port>/` is registered for each, and the server compares it byte for byte.
pub const CALLBACK_PORTS: RangeInclusive<u16> = 31448..=31452;
/// The OAuth scopes of the client. The server refuses any other scope with `invalid_scope`.
pub const SCOPES: &[&str] = &[
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
/// The random bytes of a state.
pub(crate) const STATE_BYTES: u32 = 32;
/// The random bytes of a PKCE verifier.
pub(crate) const VERIFIER_BYTES: usize = 32;
/// The length of a code that the user pastes without its URL, in characters.
pub(crate) const CODE_LENGTH: RangeInclusive<usize> = 16..=512;
/// The maximum length of a URL that the user pastes line by line, in bytes.
pub(crate) const PASTED_URL_LIMIT: usize = 16 * 1024;

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
pub(crate) const PUBLIC_ENDPOINTS: &[(&str, &str)] =
    &[("GET", "/v1/products"), ("POST", "/v1/entitled"), ("POST", "/v1/check"), ("GET", "/v1/customers/*")];

/// The default time limit for the user to log in.
pub(crate) const LOGIN_TIMEOUT: Duration = Duration::from_secs(300);
/// How long a login in two steps can be completed.
pub(crate) const PENDING_LOGIN_LIFETIME: Duration = Duration::from_secs(600);
/// The number of values of one variable in a file that a login remembers, more than any real file has. It does not replace
/// a value that it does not know.
pub(crate) const VALUES_LIMIT: usize = 64;
/// The size limit of the file of a login in two steps, in bytes.
pub(crate) const PENDING_LOGIN_FILE_LIMIT: u64 = 64 * 1024;
/// The time limit for finishing a login after the callback.
pub(crate) const FINISH_TIMEOUT: Duration = Duration::from_secs(30);
/// The time limit of each best-effort step: the organization's name, the revocation of the token, the browser's page.
pub(crate) const BEST_EFFORT_TIMEOUT: Duration = Duration::from_secs(3);
/// The time limit of the same steps after a cancellation, whose caller waits for the port to be free.
pub(crate) const GRACE_AFTER_CANCEL: Duration = Duration::from_millis(250);
/// How long the last waiter that leaves a shared login waits for it to end. A cancelled login needs less, even to save keys
/// that exist already; the limit is for a login whose runtime no longer runs.
pub(crate) const LEAVE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a waiting call waits before it takes over the login of a call that was cancelled. Calls that share one signal are
/// all cancelled by then.
pub(crate) const TAKE_OVER_PAUSE: Duration = Duration::from_millis(100);

/// Autumn's API.
pub(crate) const CLOUD_API: &str = "https://api.useautumn.com";
/// The dashboard, where keys are listed and revoked.
pub(crate) const CLOUD_DASHBOARD: &str = "https://app.useautumn.com";
/// The API of a server on this machine.
pub(crate) const LOCAL_API: &str = "http://localhost:8080";
/// The dashboard of a server on this machine.
pub(crate) const LOCAL_DASHBOARD: &str = "http://localhost:3000";

/// How far this machine's clock may be from the server's. Certificates and tokens tolerate a few minutes.
pub(crate) const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);
