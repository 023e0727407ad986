//! The headers and the HTML of every page.

use crate::browser::TestBrowser;
use crate::support::{Reply, authorize_target, start};

fn pages() -> Vec<Reply> {
    let autumn = start();
    let anonymous = TestBrowser::new(&autumn);
    let ada = TestBrowser::signed_in(&autumn, "usr_Ada8fK2mQ");
    vec![
        anonymous.open(&authorize_target(&[])),
        ada.open(&authorize_target(&[])),
        anonymous.open(&authorize_target(&[("client_id", "x")])),
        anonymous.open("/"),
        ada.open("/"),
    ]
}

#[test]
fn every_page_has_security_headers() {
    for page in pages() {
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.ends_with("base-uri 'none'; frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"));
    }
}

#[test]
fn consent_form_may_redirect_only_to_its_callback_url() {
    for (page, target) in pages().iter().zip(["", " http://localhost:31449", "", "", ""]) {
        let policy = page.header("content-security-policy");
        assert!(policy.contains(&format!("form-action 'self'{target};")), "{policy}");
    }
}

/// A browser ignores the style if the hash in the policy does not match it.
#[test]
fn style_matches_the_hash_in_the_policy() {
    use base64::Engine as _;
    use sha2::Digest as _;
    for page in pages() {
        let style = page.text().split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
        assert!(page.header("content-security-policy").contains(&format!("'sha256-{hash}'")));
    }
}

#[test]
fn every_page_is_accessible() {
    for page in pages() {
        let text = page.text();
        assert!(text.starts_with("<!doctype html>\n<html lang=\"en\">"));
        assert_eq!(text.matches("<h1>").count(), 1);
        assert!(text.contains("<title>") && text.contains("<main>") && text.contains("width=device-width"));
        for tag in text.split('<').filter_map(|rest| rest.split('>').next()) {
            let active = tag.starts_with("script") || tag.contains(" style=") || tag.contains(" on");
            assert!(!active, "{tag}");
        }
        assert!(!text.contains("http://") && !text.contains("https://"), "nothing is loaded or linked");
        for tag in ["form", "fieldset", "button", "label", "ul", "li", "details", "main"] {
            let opened = text.matches(&format!("<{tag}>")).count() + text.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, text.matches(&format!("</{tag}>")).count(), "{tag}: {text}");
        }
    }
}

#[test]
fn external_text_is_escaped() {
    let autumn = start();
    let target = authorize_target(&[("state", "x\"><b>&'")]) + "&evil=\"<i>";
    let page = crate::support::get(&autumn, &target.replace(['"', '<', '>'], "%22"), &[]);
    assert!(!page.text().contains("<b>") && !page.text().contains("<i>"));
    let raw = authorize_target(&[]) + "&evil='x'";
    let page = crate::support::get(&autumn, &raw, &[]);
    assert!(page.text().contains("&amp;evil=&#39;x&#39;"), "{}", page.text());
}
