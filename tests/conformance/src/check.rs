//! Checks an answer: by the vector's pattern, by its shape, and against the core's answer.

use atmn_tests::vectors;
use libatmn::__internal::config::CALLBACK_PORTS;
use libatmn::__internal::context::{CONTEXT_VALUES, undocumented};
use libatmn::{ApiKey, Error, ErrorCode, Language};
use serde_json::{Map, Value, json};
use url::Url;

use crate::case::Case;

/// Whether an answer fits a pattern. An object may have members that the pattern does not name; a list must have exactly
/// the pattern's elements; `{"contains": "…"}` matches a text that contains this part.
pub(crate) fn fits(answer: &Value, pattern: &Value) -> bool {
    match (answer, pattern) {
        (Value::String(text), Value::Object(wanted)) => {
            wanted.get("contains").and_then(Value::as_str).is_some_and(|part| text.contains(part))
        }
        (Value::Object(members), Value::Object(wanted)) => {
            wanted.iter().all(|(name, pattern)| members.get(name).is_some_and(|member| fits(member, pattern)))
        }
        (Value::Array(list), Value::Array(wanted)) => {
            list.len() == wanted.len() && list.iter().zip(wanted).all(|(element, pattern)| fits(element, pattern))
        }
        _ => answer == pattern,
    }
}

/// Options whose names differ between languages, as the core names them.
const OPTIONS: &[&str] = &[
    "timeout",
    "login_timeout",
    "response_limit",
    "open_browser",
    "sandbox_only",
    "allow_tracked",
    "content_type",
    "idempotency_key",
];

/// The answer with the core's name of an option, in the context and in the message. Every binding names options in its
/// own language.
pub(crate) fn with_core_names(binding: &str, mut answer: Value) -> Value {
    let language = match binding {
        "c" => Language::C,
        "node" => Language::Node,
        "python" => Language::Python,
        "shell" => Language::Command,
        _ => Language::Rust,
    };
    let Some(error) = answer.get_mut("error") else { return answer };
    let option = error["context"]["option"].as_str().map(str::to_owned);
    let Some(option) = option else { return answer };
    if let Some(core) = OPTIONS.iter().copied().find(|core| language.option(core) == option || *core == option) {
        error["context"]["option"] = core.into();
        let message = error["message"].as_str().unwrap_or_default();
        let spellings = [language.option(core).to_owned(), option];
        let message = spellings.iter().fold(message.to_owned(), |message, spelling| {
            message.replace(&format!("`{spelling}`"), &format!("`{core}`"))
        });
        error["message"] = message.into();
    }
    answer
}

/// A message about an argument without the range and the method in it: each language has types with other ranges, and
/// the command names the word that was typed.
fn without_range(message: &Value, context: &Value) -> Value {
    let (text, option) = (message.as_str().unwrap_or_default(), context["option"].as_str().unwrap_or_default());
    let is_a_number = option.ends_with("timeout") || option.ends_with("limit") || option == "retries";
    match text.split_once("` must be ") {
        Some((before, _)) if is_a_number => format!("{before}` must be in its range.").into(),
        _ if option == "method" && text.ends_with("is not an allowed HTTP method.") => "A wrong method.".into(),
        _ => message.clone(),
    }
}

/// The words of a failure of the system without its number, which Python writes in front, and Rust at the end.
fn without_number(cause: &Value) -> Value {
    let Some(cause) = cause.as_str() else { return Value::Null };
    let text = cause.strip_prefix("[Errno ").and_then(|rest| rest.split_once("] ")).map_or(cause, |(_, text)| text);
    text.split_once(" (os error ").map_or(text, |(text, _)| text).into()
}

/// The answer without what differs between runs: values that the vectors have a placeholder for become that placeholder,
/// and locations outside the workspace, which depend on where the temporary directory is, are left out.
pub(crate) fn settled(case: &Case, answer: &Value, names: &[(&str, String)]) -> Value {
    let settle = |value: &Value| settled(case, value, names);
    match answer {
        Value::Array(list) => list.iter().map(settle).filter(|value| !is_local(value)).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let value = match name.as_str() {
                    "url" => settle(&url(value)),
                    "deadline" if value.is_u64() => "a point in time".into(),
                    // Bindings run at the same time and use different ports.
                    "port" if value.is_u64() => "a port".into(),
                    "pause_ms" if value.is_u64() => "a pause".into(),
                    "hint" if members.contains_key("port") => "advice".into(),
                    // Hints of checks name commands and functions of the language.
                    "hint" if members.contains_key("subject") && value.is_string() => "advice".into(),
                    "request_id" if value.is_string() => "a name".into(),
                    "body" if value.is_string() => settle(&without_times(value)),
                    // The message states the length of the pause, which is random.
                    "message" if members.get("event").is_some_and(|event| event == "retrying") => "a pause".into(),
                    _ => settle(value),
                };
                (name.clone(), value)
            };
            members.iter().map(member).collect()
        }
        Value::String(text) => {
            let text = names.iter().fold(text.clone(), |text, (name, value)| text.replace(value, name));
            // A login creates new keys.
            if case.login.is_some() { without_chance(&text).into() } else { text.into() }
        }
        other => other.clone(),
    }
}

/// A body of the API without timestamps in milliseconds, which are numbers of thirteen digits.
fn without_times(body: &Value) -> Value {
    let text = body.as_str().unwrap_or_default();
    let time = |word: &str| word.len() == 13 && word.bytes().all(|byte| byte.is_ascii_digit());
    let words = text.split_inclusive(|c: char| !c.is_ascii_digit());
    let settle = |word: &str| {
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
        if time(digits) { word.replace(digits, "TIME") } else { word.to_owned() }
    };
    words.map(settle).collect::<String>().into()
}

/// Whether an element depends on the machine: a check of ports or programs, an absent file above the workspace, a hint for this host, and the event
/// that a browser has started, which is sent only if the browser exits or runs for a while.
fn is_local(element: &Value) -> bool {
    let path = element.get("path").and_then(Value::as_str).filter(|_| element["outcome"] == "absent");
    let event = element.get("event").is_some_and(|event| event == "hint" || event == "browser_opened");
    // Other bindings log in at the same time, and the command knows which program it is.
    let check = element.get("subject").is_some_and(|subject| subject == "ports" || subject == "programs");
    event || check || path.is_some_and(|path| !path.starts_with("{root}"))
}

/// A text without the random parts of a login: a new key, the visible characters of a masked key, and the query of the
/// login URL.
fn without_chance(text: &str) -> String {
    if let Ok(key) = ApiKey::parse(text) {
        return format!("a {} key", key.environment().name());
    }
    let mut parts = text.split('…');
    let first = parts.next().unwrap_or_default().to_owned();
    let text = parts.fold(first, |text, part| text + "…" + part.get(4..).unwrap_or_default());
    match text.split_once("/authorize?") {
        None => text,
        Some((before, rest)) => {
            before.to_owned() + "/authorize" + rest.trim_start_matches(|c: char| !c.is_whitespace())
        }
    }
}

/// A URL in its parts; random parameters are replaced by their length.
fn url(value: &Value) -> Value {
    let Some((text, Ok(url))) = value.as_str().map(|text| (text, Url::parse(text))) else { return value.clone() };
    let pair = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        let random = matches!(&*name, "state" | "code_challenge");
        // Bindings that log in at the same time use different ports.
        let callback = CALLBACK_PORTS.into_iter().any(|port| value == format!("http://localhost:{port}/"));
        let settled = match callback {
            true => json!("a registered callback"),
            false if random => json!(value.len()),
            false => json!(value),
        };
        (name.into_owned(), settled)
    };
    json!({ "base": text.split('?').next(), "query": url.query_pairs().map(pair).collect::<Map<_, _>>() })
}

/// A sentence about a name in the context of an error that the table of the core, and so the page of events and errors, does
/// not list for such an error.
fn undocumented_name(error: &Value) -> Option<String> {
    let code = *ErrorCode::ALL.iter().find(|code| error["code"] == code.name())?;
    let mut rebuilt = Error::new(code, "");
    for (name, text) in error["context"].as_object()? {
        match CONTEXT_VALUES.iter().find(|value| value.name == name) {
            Some(value) => rebuilt = rebuilt.with(value.name, text.as_str().unwrap_or_default()),
            None => return Some(format!("`{name}` in a context, which `context.rs` does not list")),
        }
    }
    let name = *undocumented(&rebuilt).first()?;
    Some(format!("`{name}` in the context of `{}`, which `context.rs` does not list", code.name()))
}

/// A sentence that says how the shape of an answer differs from `shapes.json`, if it does. `surface.json` names the
/// result of each operation.
pub(crate) fn shape_difference(op: &str, answer: &Value) -> Option<String> {
    let shapes = vectors("shapes.json");
    if let Some(error) = answer.get("error") {
        let mut names = shapes["error"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let missing = names.find(|name| error.get(*name).is_none()).map(|name| format!("an error without `{name}`"));
        return missing.or_else(|| undocumented_name(error));
    }
    let ok = answer.get("ok")?;
    let agreed = crate::surface::agreed();
    let result = agreed["returns"][op].as_str().filter(|_| ok.is_object());
    result.and_then(|result| members(result, ok, &shapes)).or_else(|| nested(ok, &shapes))
}

/// Checks every location, organization and saved file within an answer.
fn nested(value: &Value, shapes: &Value) -> Option<String> {
    let shape = |name: &str, value: &Value| match name {
        "organization" if value.is_object() => members("organization", value, shapes),
        "saved" if value.is_object() => members("save_result", value, shapes),
        _ if value.get("subject").is_some() => members("check", value, shapes),
        _ if value.get("outcome").is_some() => members("location", value, shapes),
        _ => None,
    };
    match value {
        Value::Array(list) => list.iter().find_map(|value| shape("", value).or_else(|| nested(value, shapes))),
        Value::Object(map) => map.iter().find_map(|(name, value)| shape(name, value).or_else(|| nested(value, shapes))),
        _ => None,
    }
}

fn members(shape: &str, value: &Value, shapes: &Value) -> Option<String> {
    let mut agreed: Vec<&str> = shapes[shape].as_array()?.iter().filter_map(Value::as_str).collect();
    let mut found: Vec<&str> = value.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    agreed.sort_unstable();
    found.sort_unstable();
    (agreed != found).then(|| format!("{shape} has {found:?}, agreed is {agreed:?}"))
}

/// The secret that an error contains, if any. The cause of a refusal comes from the calling program, so it may contain one.
pub(crate) fn leaked_secret<'a>(case: &'a Case, answer: &Value) -> Option<&'a str> {
    let mut error = answer.get("error")?.clone();
    if let Some(members) = error.as_object_mut().filter(|_| case.op() == "authenticate") {
        members.remove("cause");
    }
    let error = error.to_string();
    let secrets = case.secret.iter().map(String::as_str).chain(["{sandbox_key}", "{live_key}", "{publishable_key}"]);
    secrets.into_iter().find(|secret| error.contains(secret))
}

/// A sentence that says how an answer differs from the core's, if it does.
pub(crate) fn difference(case: &Case, core: &Value, answer: &Value) -> Option<String> {
    let (mut core, answer) = (comparable(case, core), comparable(case, answer));
    // Not every language has classes of errors, and the command prints the body of a response instead.
    for member in ["class", "response"] {
        if answer["error"].get(member).is_none() {
            core.get_mut("error").and_then(|error| error.as_object_mut()?.remove(member));
        }
    }
    (core != answer).then(|| format!("the core says {core}\n    got           {answer}"))
}

/// The answer without the parts in which bindings may differ.
fn comparable(case: &Case, answer: &Value) -> Value {
    let mut answer = answer.clone();
    let error = answer.get_mut("error").and_then(Value::as_object_mut);
    if let Some(error) = error.filter(|_| case.op() == "authenticate") {
        // The reason is an error of the host language.
        error.remove("cause");
    }
    if let Some(hint) = answer.get_mut("error").and_then(|error| error.get_mut("hint")).filter(|hint| hint.is_string())
    {
        // Each language renders hints in its own words; `hints.json` has the texts.
        *hint = "a hint".into();
    }
    if let Some(Value::String(message)) = answer.get_mut("error").and_then(|error| error.get_mut("message")) {
        // C spells the values of enumerations as its constants.
        for value in ["never", "auto", "always"] {
            let constant = format!("`ATMN_REAUTH_{}`", value.to_uppercase());
            *message = message.replace(&constant, &format!("`{value}`"));
        }
    }
    if let Some(error) = answer.get_mut("error").filter(|error| error.is_object()) {
        error["message"] = without_range(&error["message"], &error["context"]);
        error["cause"] = without_number(&error["cause"]);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_checks_every_member_of_the_pattern() {
        let answer = json!({ "ok": { "path": "/a/.env", "line": 3, "skipped": [{ "line": 1 }, { "line": 2 }] } });
        for pattern in [
            json!({ "ok": { "line": 3 } }),
            json!({ "ok": { "path": { "contains": ".env" } } }),
            json!({ "ok": { "skipped": [{}, { "line": 2 }] } }),
        ] {
            assert!(fits(&answer, &pattern), "{pattern}");
        }
        for pattern in [
            json!({ "error": {} }),
            json!({ "ok": { "line": "3" } }),
            json!({ "ok": { "path": { "contains": "b" } } }),
            json!({ "ok": { "path": {} } }),
            json!({ "ok": { "skipped": [{}] } }),
            json!({ "ok": { "skipped": [] } }),
            json!({ "ok": null }),
        ] {
            assert!(!fits(&answer, &pattern), "{pattern}");
        }
    }

    fn case(op: &str) -> Case {
        Case { secret: vec!["planted".into()], ..Case::new("", "", &json!({ "op": op }), Value::Null) }
    }

    #[test]
    fn shape_difference_reports_missing_and_extra_members_at_any_depth() {
        let location = json!({ "origin": "process", "variable": null, "path": null, "line": null, "outcome": "used",
            "masked": null, "reason": null, "text": "x" });
        let whole = json!({ "ok": [location, location] });
        assert_eq!(shape_difference("explain_key", &whole), None);
        let mut fewer = whole.clone();
        fewer["ok"][1].as_object_mut().unwrap().remove("text");
        assert!(shape_difference("explain_key", &fewer).is_some());
        let mut more = whole;
        more["ok"][0]["extra"] = true.into();
        assert!(shape_difference("explain_key", &more).is_some());
        assert!(shape_difference("login", &json!({ "error": { "code": "x" } })).is_some());
    }

    #[test]
    fn leaked_secret_and_difference_report_what_they_find() {
        let error = |message: &str| json!({ "error": { "code": "x", "message": message, "cause": "a" } });
        assert_eq!(leaked_secret(&case("logout"), &error("it is planted")), Some("planted"));
        assert_eq!(leaked_secret(&case("logout"), &error("it is not")), None);
        assert!(difference(&case("logout"), &error("a"), &error("b")).is_some());
        assert!(difference(&case("logout"), &error("a"), &json!({ "ok": null })).is_some());
        assert_eq!(difference(&case("logout"), &error("a"), &error("a")), None);
    }

    #[test]
    fn settled_replaces_random_values() {
        let answer = json!({ "ok": [
            { "path": "/w/.env", "outcome": "absent" }, { "path": "/.env", "outcome": "absent" },
            { "path": "/.env", "outcome": "used" }, { "deadline": 5 } ] });
        let settled = settled(&case("explain_key"), &answer, &[("{root}", "/w".into())]);
        assert_eq!(settled["ok"].as_array().map(Vec::len), Some(3));
        assert_eq!(settled["ok"][2]["deadline"], "a point in time");
        assert_eq!(without_times(&"{\"a\":1795379229000,\"b\":12}".into()), "{\"a\":TIME,\"b\":12}");
        assert_eq!(without_chance("am_sk_test_…abcd in a, am_sk_live_…efgh"), "am_sk_test_… in a, am_sk_live_…");
        let url = url(&"http://a/b?state=abc&scope=x%20y".into());
        assert_eq!(url, json!({ "base": "http://a/b", "query": { "state": 3, "scope": "x y" } }));
    }
}
