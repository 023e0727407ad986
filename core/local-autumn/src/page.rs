//! The HTML of the pages: plain forms without scripts or external resources. [`escape`] escapes every value.

use std::fmt::Write as _;

use libatmn::Environment;

use crate::accounts::{Organization, Person, people};
use crate::clock::date;
use crate::keys::StoredKey;

/// The style sheet inside every page. The Content-Security-Policy allows exactly these bytes.
pub(crate) const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#2b2118;--soft:#6b5a4a;--paper:#faf6f0;--card:#fff;--line:#e2d6c8;--leaf:#a8430f;--on:#fff}\
@media(prefers-color-scheme:dark){:root{--ink:#f3ebe2;--soft:#bcab9a;--paper:#191410;--card:#241d17;--line:#43372c;--leaf:#ff9b5e;--on:#241206}}\
*{box-sizing:border-box}body{margin:0;padding:6vh 1rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}\
main{max-width:27rem;margin:auto;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:1rem}\
header,footer{max-width:27rem;margin:0 auto 1rem;color:var(--soft);font-size:.875rem}footer{margin:1rem auto 0}\
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}h2{margin:1.75rem 0 .5rem;font-size:1.05rem}h3{margin:1rem 0 .25rem;color:var(--soft);font-size:.875rem}p{margin:.5rem 0}\
fieldset{margin:1.25rem 0;padding:0;border:0}legend{padding:0;font-weight:600}\
label{display:block;margin:.5rem 0;padding:.75rem 1rem;border:1px solid var(--line);border-radius:.625rem}\
label:has(:checked){border-color:var(--leaf)}input{accent-color:var(--leaf);margin:0 .5rem 0 0}\
button{display:block;width:100%;margin:.5rem 0;padding:.75rem 1rem;font:inherit;font-weight:600;color:inherit;text-align:start;\
background:none;border:1px solid var(--line);border-radius:.625rem;cursor:pointer}\
button.main{background:var(--leaf);border-color:var(--leaf);color:var(--on);text-align:center}button.plain{text-align:center}\
button.quiet{text-align:center;border-color:transparent;color:var(--soft)}\
button.small{display:inline-block;width:auto;margin:.25rem 0;padding:.25rem .75rem;font-size:.875rem}\
button small,li small{display:block;font-weight:400;color:var(--soft)}:focus-visible{outline:3px solid var(--leaf);outline-offset:2px}\
ul{margin:.5rem 0;padding-inline-start:1.25rem}li{margin:.5rem 0}code{overflow-wrap:anywhere;font-size:.875rem}\
details{margin:1rem 0}summary{cursor:pointer}";

/// A page: the title, which is also the heading, and the HTML below it.
pub(crate) struct ServerPage {
    title: String,
    content: String,
}

impl ServerPage {
    fn new(title: impl Into<String>, content: impl Into<String>) -> Self {
        Self { title: title.into(), content: content.into() }
    }

    pub(crate) fn html(&self) -> String {
        let (title, content) = (escape(&self.title), &self.content);
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title} · Local Autumn</title>\n\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<style>{STYLE}</style>\n</head>\n\
             <body>\n<header>Local Autumn for development. All people, organizations and keys are made up.</header>\n\
             <main>\n<h1>{title}</h1>\n{content}\n</main>\n<footer>All data is in memory and is lost when the server stops.</footer>\n\
             </body>\n</html>\n"
        )
    }
}

/// Escapes text for HTML elements and quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
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

/// The page for an error that the server does not send to the client, because it cannot trust the callback URL.
pub(crate) fn failure(error: &str, description: &str) -> ServerPage {
    let content = format!(
        "<p>{}</p>\n<p>Code: <code>{}</code></p>\n<p>The program that sent you here does not know about this \
         error. Close this page and start the login again.</p>",
        escape(description),
        escape(error)
    );
    ServerPage::new("Login cannot continue", content)
}

/// The page for a URL without a page.
pub(crate) fn not_found() -> ServerPage {
    ServerPage::new(
        "Page not found",
        "<p>There is no page at this URL.</p>\n<p>The API keys are <a href=\"/\">here</a>.</p>",
    )
}

/// The page after a made-up payment.
pub(crate) fn paid(plan: &str) -> ServerPage {
    ServerPage::new("Paid", format!("<p>The plan {} has begun. No money was moved.</p>", escape(plan)))
}

/// The list of people. `query` is the authorization request that continues after the sign-in, or empty.
pub(crate) fn sign_in(query: &str) -> ServerPage {
    let mut content = String::from("<p>Choose who you are. There are no passwords here.</p>\n");
    content.push_str("<form method=\"post\" action=\"/sign-in\">\n");
    hidden(&mut content, "query", query);
    for person in people() {
        let organizations: Vec<_> = person.organizations.iter().map(|organization| organization.name).collect();
        let _ = writeln!(
            content,
            "<button name=\"person\" value=\"{}\">{}<small>{} · {}</small></button>",
            escape(person.id),
            escape(person.name),
            escape(person.email),
            escape(&organizations.join(", "))
        );
    }
    content.push_str("</form>");
    ServerPage::new("Sign in", content)
}

/// The question whether the program may have keys, and of which organization.
pub(crate) fn consent(query: &str, person: &Person, current: &Organization, scopes: &[String]) -> ServerPage {
    let mut content = format!(
        "<p>The command-line program <strong>atmn</strong> asks for sandbox and live API keys. \
         You are signed in as {} ({}).</p>\n<form method=\"post\" action=\"/consent\">\n",
        escape(person.name),
        escape(person.email)
    );
    hidden(&mut content, "query", query);
    content.push_str("<fieldset>\n<legend>Organization</legend>\n");
    for organization in person.organizations {
        let checked = if *organization == current { " checked" } else { "" };
        let _ = writeln!(
            content,
            "<label><input type=\"radio\" name=\"organization\" value=\"{}\" required{checked}>{}</label>",
            escape(organization.id),
            escape(organization.name)
        );
    }
    content.push_str("</fieldset>\n");
    permissions(&mut content, scopes);
    content.push_str(
        "<button class=\"main\" name=\"decision\" value=\"allow\">Allow</button>\n\
         <button class=\"plain\" name=\"decision\" value=\"deny\">Deny</button>\n</form>\n\
         <form method=\"post\" action=\"/sign-out\">\n",
    );
    hidden(&mut content, "query", query);
    content.push_str("<button class=\"quiet\">Use another account</button>\n</form>");
    ServerPage::new("Allow atmn to use Autumn?", content)
}

fn permissions(content: &mut String, scopes: &[String]) {
    let _ = write!(content, "<details>\n<summary>{} permissions</summary>\n<ul>\n", scopes.len());
    for scope in scopes {
        let _ = writeln!(content, "<li><code>{}</code></li>", escape(scope));
    }
    content.push_str("</ul>\n</details>\n");
}

/// The keys of a person's organizations. Secret keys are masked; publishable keys are public.
pub(crate) fn keys(person: &Person, keys: &[StoredKey]) -> ServerPage {
    let mut content = format!("<p>{} ({})</p>\n", escape(person.name), escape(person.email));
    for organization in person.organizations {
        let _ = writeln!(content, "<h2>{}</h2>", escape(organization.name));
        for (title, environment) in [("Sandbox", Environment::Sandbox), ("Live", Environment::Live)] {
            let of_group = |key: &StoredKey| key.organization == *organization && key.key.environment() == environment;
            let group: Vec<_> = keys.iter().enumerate().filter(|(_, key)| of_group(key)).collect();
            if !group.is_empty() {
                let _ = writeln!(content, "<h3>{title}</h3>\n<ul>");
                group.into_iter().for_each(|(index, key)| key_line(&mut content, index, key));
                content.push_str("</ul>\n");
            }
        }
    }
    content.push_str("<form method=\"post\" action=\"/sign-out\">\n<button class=\"quiet\">Sign out</button>\n</form>");
    ServerPage::new("API keys", content)
}

fn key_line(content: &mut String, index: usize, key: &StoredKey) {
    let name = escape(&key.name);
    let (text, date) = (escape(&key.display_text()), date(key.created));
    let _ = write!(content, "<li>{name} <code>{text}</code><small>Created on {date}</small>");
    if key.revoked {
        content.push_str(" (revoked)");
    } else {
        let _ = write!(
            content,
            "<form method=\"post\" action=\"/keys/revoke\"><button class=\"small\" name=\"key\" value=\"{index}\" \
             aria-label=\"Revoke {name}, {text}\">Revoke</button></form>"
        );
    }
    content.push_str("</li>\n");
}

fn hidden(content: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(content, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value));
    }
}
