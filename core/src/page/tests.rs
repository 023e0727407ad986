//! Every page, its headers, and texts that try to break out of it.

use sha2::{Digest as _, Sha256};

use super::*;

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</dd></dl></main><style>*{display:none}</style>",
    "' onload='alert(1)",
    "&lt;b&gt; &amp; &#x3c;script&#x3e;",
    "\u{1b}[2J\u{1b}]0;owned\u{7}\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "\u{202e}evil\u{2066}\u{2028}\u{0}\u{9b}31m",
    "<!--",
    "]]>{{7*7}}${7*7}<%= 7 %>",
];

fn all(text: &str) -> Vec<Page> {
    vec![
        saved(Some(text), &[Environment::Sandbox, Environment::Live], text, text),
        saved(None, &[Environment::Sandbox], ".env", ""),
        denied(),
        failed(text),
        gone(),
        wrong_login(),
        not_found(),
        too_large(),
        refused("405 Method Not Allowed"),
        refused("400 Bad Request"),
        see_other("/0123"),
    ]
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(*chunk.get(at).unwrap_or(&0)));
        (0..4).map(move |at| (at, bits >> (18 - 6 * at) & 63)).collect::<Vec<_>>()
    };
    let digit = |chunk: &[u8], (at, bits): (usize, usize)| if at > chunk.len() { '=' } else { DIGITS[bits].into() };
    bytes.chunks(3).flat_map(|chunk| group(chunk).into_iter().map(move |digits| digit(chunk, digits))).collect()
}

#[test]
fn policy_allows_only_the_style_sheet() {
    assert_eq!(STYLE_HASH, format!("sha256-{}", base64(&Sha256::digest(STYLE))));
}

#[test]
fn pages_have_every_header_once() {
    for page in all("Acme") {
        let text = String::from_utf8(page.bytes()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let lines: Vec<_> = head.split("\r\n").collect();
        assert_eq!(lines[0], format!("HTTP/1.1 {}", page.status));
        for wanted in [
            format!("Content-Length: {}", body.len()),
            "Content-Type: text/html; charset=utf-8".into(),
            format!(
                "Content-Security-Policy: default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; \
                 form-action 'none'; frame-ancestors 'none'"
            ),
            "X-Frame-Options: DENY".into(),
            "X-Content-Type-Options: nosniff".into(),
            "Cross-Origin-Opener-Policy: same-origin".into(),
            "Referrer-Policy: no-referrer".into(),
            "Cache-Control: no-store".into(),
            "Connection: close".into(),
        ] {
            assert_eq!(lines.iter().filter(|line| **line == wanted).count(), 1, "{wanted} in {head}");
        }
        let names: Vec<_> = page.headers().iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        assert!(names.iter().all(|name| names.iter().filter(|other| *other == name).count() == 1), "{names:?}");
        assert!(!names.iter().any(|name| name.starts_with("access-control") || name == "set-cookie"), "{names:?}");
    }
}

#[test]
fn pages_are_complete_and_load_nothing() {
    let pages = all("Acme");
    let titles: std::collections::BTreeSet<_> = pages.iter().filter(|page| !page.body.is_empty()).map(title).collect();
    assert_eq!(titles.len(), 8, "{titles:?}");
    for page in pages.iter().filter(|page| page.status() != 303) {
        for part in ["<!doctype html>", "<html lang=\"en\">", "<meta charset=\"utf-8\">", "<main>", "name=\"viewport\""]
        {
            assert!(page.body.contains(part), "{part}");
        }
        assert_eq!(page.body.matches("<h1>").count(), 1);
        for bad in ["<script", "src=", "href=", "http:", "https:", "url(", "@import", "onload", "style=\"", "<form"] {
            assert!(!page.body.contains(bad), "{bad}");
        }
    }
}

fn title(page: &Page) -> String {
    page.body.split("<title>").nth(1).unwrap().split("</title>").next().unwrap().to_owned()
}

/// The markup around a hostile text equals the markup around a harmless one.
#[test]
fn external_text_is_escaped() {
    for hostile in HOSTILE {
        for (page, harmless) in all(hostile).into_iter().zip(all("Acme")) {
            let tags = |page: &Page| page.body.matches('<').count();
            assert_eq!(tags(&page), tags(&harmless), "{hostile}");
            assert_eq!(page.body.matches('"').count(), harmless.body.matches('"').count(), "{hostile}");
            assert!(
                !page.body.chars().any(|c| (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}')) && c != '\n'),
                "{hostile}"
            );
            assert_eq!(
                page.head_bytes().split(|b| *b == b'\n').count(),
                harmless.head_bytes().split(|b| *b == b'\n').count()
            );
        }
    }
}

#[test]
fn long_text_is_truncated() {
    let page = failed(&"ü".repeat(100_000));
    assert!(page.body.len() < 5_000);
    assert_eq!(sanitize("abcdef", 6), "abcdef");
    assert_eq!(sanitize("abcdefg", 6), "abcdef…");
}

#[test]
fn saved_page_shows_organization_environments_and_file() {
    let page = saved(Some("Ahorn & Söhne"), &[Environment::Sandbox, Environment::Live], ".env", "shop");
    for part in ["Ahorn &amp; Söhne", "sandbox and live", ".env", "You can close this tab."] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(!saved(None, &[Environment::Sandbox], ".env", "").body.contains("Organization"));
    assert!(!page.body.contains("will close"));
}

/// A user sees at a glance how the login ended, also without colours.
#[test]
fn success_denial_and_failure_differ_in_colour_mark_and_title() {
    let pages = [saved(None, &[Environment::Live], ".env", "shop"), denied(), failed("It failed.")];
    let part = |page: &Page, before: &str, after: &str| {
        page.body.split(before).nth(1).unwrap().split(after).next().unwrap().to_owned()
    };
    for (before, after) in [("<body class=\"", "\""), ("aria-hidden=\"true\">", "<"), ("<h1>", "<")] {
        let parts: std::collections::BTreeSet<_> = pages.iter().map(|page| part(page, before, after)).collect();
        assert_eq!(parts.len(), 3, "{parts:?}");
    }
    assert!(pages[0].body.contains("<dt>Project</dt><dd><bdi>shop</bdi>"), "{}", pages[0].body);
    assert!(pages.iter().all(|page| page.body.contains("Autumn</p>")));
}
