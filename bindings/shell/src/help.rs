//! The examples, environment variables and exit codes in `atmn --help` and in the man page.

/// A heading, and terms with their descriptions.
pub type Section = (&'static str, &'static [(&'static str, &'static str)]);

/// The sections after the options in `atmn --help`.
pub const SECTIONS: &[Section] = &[
    (
        "Examples",
        &[
            ("atmn login", "log in with the browser and save both keys in .env"),
            ("atmn key --explain", "show which key is active, and why"),
            ("AUTUMN_SECRET_KEY=$(atmn key -q) npm start", "pass the active key to another program"),
            ("atmn api GET /v1/customers --query limit=10", "call the API"),
            ("echo \"$KEY\" | atmn key --check", "identify a key"),
        ],
    ),
    (
        "Environment",
        &[
            ("AUTUMN_SECRET_KEY", "the sandbox key; in a deployment, either key"),
            ("AUTUMN_PROD_SECRET_KEY", "the live key"),
            ("AUTUMN_SECRET_KEY_FILE, AUTUMN_PROD_SECRET_KEY_FILE", "a file that contains the key"),
            ("ATMN_BACKEND_URL", "the API server's URL [default: https://api.useautumn.com]"),
            ("ATMN_DISABLE_AUTH_RECOVERY", "1 disables automatic login after a rejected key"),
            ("ATMN_EXTRA_CA_CERTS", "a PEM file of root certificates to use with the system's"),
            ("SSL_CERT_FILE, SSL_CERT_DIR", "root certificates to use instead of the system's"),
            (
                "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY",
                "the proxy for requests; never used for URLs on this machine",
            ),
            ("BROWSER", "commands that open URLs, separated by `:`, or `false`"),
            ("XDG_STATE_HOME", "parent of atmn/ (locks, logins) [default: ~/.local/state]"),
        ],
    ),
    (
        "Exit codes",
        &[
            ("0", "success"),
            ("1", "failed"),
            ("2", "usage error"),
            ("4", "login required"),
            ("129, 130, 143", "ended by SIGHUP, SIGINT, SIGTERM"),
        ],
    ),
];

/// The column of the descriptions.
const COLUMN: usize = 40;

/// The sections as text.
pub(crate) fn text() -> String {
    let line = |(term, description): &(&str, &str)| {
        if term.chars().count() + 4 > COLUMN {
            format!("  {term}\n{:COLUMN$}  {description}\n", "")
        } else {
            format!("  {term:COLUMN$}{description}\n")
        }
    };
    let section = |(heading, terms): &Section| format!("{heading}:\n{}", terms.iter().map(line).collect::<String>());
    SECTIONS.iter().map(section).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}
