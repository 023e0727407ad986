//! The pages that the browser gets, each a complete HTTP response. They run no script, load nothing and are never
//! cached; every external text goes through `escaped`, which also sanitizes and truncates it.

use crate::config::PAGE_TEXT_LIMIT;
use crate::key::Environment;
use crate::text::sanitize;

/// The style sheet, inline in every page; the Content-Security-Policy allows exactly these bytes.
const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#2b2118;--soft:#6b5a4a;--paper:#faf6f0;--card:#fff;--line:#e2d6c8;--mark:#6b5a4a;--good:#1a7f37;--bad:#b3261e;--warn:#8a5a00}\
@media(prefers-color-scheme:dark){:root{--ink:#f3ebe2;--soft:#bcab9a;--paper:#191410;--card:#241d17;--line:#43372c;--mark:#bcab9a;--good:#56d364;--bad:#ff8a80;--warn:#e3b341}}\
*{box-sizing:border-box}body{margin:0;padding:8vh 1rem;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}\
main,footer{max-width:28rem;margin:auto}\
main{padding:2rem;background:var(--card);border:1px solid var(--line);border-top:.25rem solid var(--mark);border-radius:1rem;\
overflow-wrap:anywhere}.good{--mark:var(--good)}.bad{--mark:var(--bad)}.warn{--mark:var(--warn)}\
.brand{margin:0 0 1.25rem;color:var(--soft);font-weight:600}\
.mark{display:block;width:2.5rem;height:2.5rem;margin:0 0 1rem;border:2px solid var(--mark);border-radius:50%;\
color:var(--mark);font-size:1.25rem;line-height:2.25rem;text-align:center}\
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}p{margin:.75rem 0 0}\
dl{margin:1.25rem 0 0;padding:.25rem 0;border:solid var(--line);border-width:1px 0}dl div{display:flex;gap:1rem;padding:.4rem 0}\
dt{flex:0 0 7.5rem;color:var(--soft)}dd{margin:0;font-weight:600}\
footer{padding:1rem 2rem;color:var(--soft);font-size:.875rem}\
@media(max-width:24rem){main{padding:1.5rem}footer{padding:1rem 1.5rem}dl div{display:block}}";

/// A service worker that removes itself.
const UNREGISTER_SCRIPT: &str = "\
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil((async () => {
  await self.clients.claim();
  const pages = await self.clients.matchAll({ type: 'window' });
  await self.registration.unregister();
  await Promise.all(pages.map((page) => page.navigate(page.url)));
})()));
";

/// The hash of [`STYLE`] for the Content-Security-Policy; a test recomputes it.
const STYLE_HASH: &str = "sha256-DeIlxLXPBVESZjVBEElP7fGqzr1GkBLZNrGztSAxhHo=";

/// The media type of the pages.
const HTML: &str = "text/html; charset=utf-8";

/// A complete HTTP response: status, headers and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    status: &'static str,
    content_type: &'static str,
    header: Option<(&'static str, String)>,
    body: String,
}

impl Page {
    /// The three-digit status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(500)
    }

    /// The headers, in the order of sending.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let policy = format!(
            "default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        let mut headers = vec![
            ("Content-Type", self.content_type.into()),
            ("Content-Length", self.body.len().to_string()),
            ("Content-Security-Policy", policy),
            ("X-Frame-Options", "DENY".into()),
            ("X-Content-Type-Options", "nosniff".into()),
            ("Cross-Origin-Opener-Policy", "same-origin".into()),
            // An <img> on another site must not detect that a login waits here.
            ("Cross-Origin-Resource-Policy", "same-origin".into()),
            ("Referrer-Policy", "no-referrer".into()),
            ("Cache-Control", "no-store".into()),
            ("Connection", "close".into()),
        ];
        headers.extend(self.header.clone());
        headers
    }

    /// The body, UTF-8.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Status line and headers as sent, including the empty line: the whole response to HEAD.
    #[must_use]
    pub fn head_bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {}\r\n", self.status);
        for (name, value) in self.headers() {
            head.extend([name, ": ", &value, "\r\n"]);
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// The whole response as sent.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head_bytes();
        bytes.extend_from_slice(self.body.as_bytes());
        bytes
    }

    fn new(status: &'static str, look: Look, title: &str, content: &str) -> Self {
        let (class, mark) = look.class_and_mark();
        let body = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title} · Autumn login</title>\n\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<style>{STYLE}</style>\n</head>\n\
             <body class=\"{class}\">\n<main>\n<p class=\"brand\">Autumn</p>\n<span class=\"mark\" aria-hidden=\"true\">{mark}</span>\n<h1>{title}</h1>\n{content}\n</main>\n\
             <footer>This page comes from the program on your computer that started the login.</footer>\n\
             </body>\n</html>\n"
        );
        Self { status, content_type: HTML, header: None, body }
    }
}

/// The colour and the sign of a page. The title says the same in words.
#[derive(Clone, Copy)]
enum Look {
    Success,
    Denial,
    Failure,
    /// The login goes on, or has ended before.
    Neutral,
}

impl Look {
    fn class_and_mark(self) -> (&'static str, &'static str) {
        match self {
            Self::Success => ("good", "✓"),
            Self::Denial => ("warn", "–"),
            Self::Failure => ("bad", "✗"),
            Self::Neutral => ("plain", "?"),
        }
    }
}

/// The keys are saved. `organization` is `None` if the server did not send its name.
#[must_use]
pub(crate) fn saved(organization: Option<&str>, environments: &[Environment], file_name: &str, project: &str) -> Page {
    let names = environments.iter().map(|environment| environment.name()).collect::<Vec<_>>().join(" and ");
    let mut content = String::from("<p>Your API keys were created and saved.</p>\n<dl>\n");
    if let Some(name) = organization {
        content.push_str(&row("Organization", name));
    }
    content.push_str(&row(if environments.len() == 1 { "Environment" } else { "Environments" }, &names));
    content.push_str(&row("Saved in", file_name));
    if !project.is_empty() {
        content.push_str(&row("Project", project));
    }
    content.push_str("</dl>\n<p>You can close this tab.</p>");
    Page::new("200 OK", Look::Success, "You are logged in", &content)
}

/// The user or the server refused the login.
#[must_use]
pub(crate) fn denied() -> Page {
    let content = "<p>Access was not granted. No keys were created and nothing was saved.</p>\n\
                   <p>You can close this tab. To try again, start the login again.</p>";
    Page::new("200 OK", Look::Denial, "Login denied", content)
}

/// The user approved, but the login failed afterwards; `message` is one sentence.
#[must_use]
pub(crate) fn failed(message: &str) -> Page {
    let content = format!(
        "<p>{}</p>\n<p>No keys were saved. The program that started the login shows what to do next.</p>\n\
         <p>You can close this tab.</p>",
        escaped(message)
    );
    // Not a 5xx: browsers replace some of those with their own error pages.
    Page::new("200 OK", Look::Failure, "Login failed", &content)
}

/// The result page was fetched already.
#[must_use]
pub(crate) fn gone() -> Page {
    let content = "<p>The result of this login was already shown, and it is shown only once.</p>\n\
                   <p>You can close this tab. The program that started the login shows the result.</p>";
    Page::new("410 Gone", Look::Neutral, "Already shown", content)
}

/// A callback with the state of another login, or without state.
#[must_use]
pub(crate) fn wrong_login() -> Page {
    let content = "<p>A login is waiting here, but this URL does not belong to it. Nothing was changed.</p>\n\
                   <p>If you came here from a login page, close this tab and use the most recent login page.</p>";
    Page::new("400 Bad Request", Look::Neutral, "Wrong login", content)
}

/// A path that does not exist.
#[must_use]
pub(crate) fn not_found() -> Page {
    Page::new(
        "404 Not Found",
        Look::Neutral,
        "Page not found",
        "<p>There is no page at this URL. Nothing was changed.</p>",
    )
}

/// The request head is larger than the limit. Browsers send cookies to every port of a host, so the cookies of other
/// programs on localhost can exceed any limit, and only the user can delete them.
pub(crate) fn too_large() -> Page {
    let content = "<p>The browser sent too many cookies, most likely those of other programs on localhost. The login is \
                   still waiting.</p>\n\
                   <p>Paste the URL of this page into the program that started the login, or delete the cookies of \
                   localhost and reload this page.</p>";
    Page::new("431 Request Header Fields Too Large", Look::Neutral, "Request too large", content)
}

/// A request that is invalid or not wanted; `status` is code and reason of the status line.
pub(crate) fn refused(status: &'static str) -> Page {
    let page =
        Page::new(status, Look::Neutral, "Request ignored", "<p>This request was ignored. Nothing was changed.</p>");
    match status.as_bytes() {
        [b'4', b'0', b'5', ..] => Page { header: Some(("Allow", "GET".into())), ..page },
        _ => page,
    }
}

/// A callback that another account of the machine delivered.
pub(crate) fn other_account() -> Page {
    let content = "<p>The login was started under another account of this computer, so this response was refused. \
                   Nothing was changed.</p>\n\
                   <p>If you started the login, paste the URL of this page into the program that started it.</p>";
    Page::new("403 Forbidden", Look::Neutral, "Other account", content)
}

/// A script for a browser that asks for the one of a service worker, which another program once registered for this
/// origin (Service Workers, "Update"). It takes the place of the old one, unregisters itself, and loads the pages again
/// that the old one has answered.
pub(crate) fn service_worker() -> Page {
    Page { status: "200 OK", content_type: "text/javascript", header: None, body: UNREGISTER_SCRIPT.to_owned() }
}

/// Redirects the browser, so that the code does not stay in its address bar and history.
pub(crate) fn see_other(path: &str) -> Page {
    Page {
        status: "303 See Other",
        content_type: HTML,
        header: Some(("Location", path.to_owned())),
        body: String::new(),
    }
}

fn row(term: &str, text: &str) -> String {
    // <bdi> keeps a right-to-left name from reordering the text around it.
    format!("<div><dt>{term}</dt><dd><bdi>{}</bdi></dd></div>\n", escaped(text))
}

/// Text as HTML shows it, inside elements and quoted attributes; sanitized and truncated.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in sanitize(text, PAGE_TEXT_LIMIT).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
