//! Whether an answer is the right one: by its pattern, by its shape, and beside the core's.

use atmn_tests::vectors;
use libatmn::__internal::config::CALLBACK_PORTS;
use libatmn::ApiKey;
use serde_json::{Map, Value, json};
use url::Url;

use crate::case::Case;

/// Whether an answer fits a pattern. Objects may have members that the pattern does not name; lists have exactly its
/// elements; `{"contains": "…"}` is a text with this in it.
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

/// The answer without what differs from run to run: what the vectors have a name for is called by that name, and places
/// outside the world, which depend on where the temporary directory lies, are left out.
pub(crate) fn settled(case: &Case, answer: &Value, names: &[(&str, String)]) -> Value {
    let settle = |value: &Value| settled(case, value, names);
    match answer {
        Value::Array(list) => list.iter().map(settle).filter(|value| !is_local(value)).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let value = match name.as_str() {
                    "url" => settle(&url(value)),
                    "deadline" if value.is_u64() => "a point in time".into(),
                    // Faces that are asked at once take different ones.
                    "port" if value.is_u64() => "a port".into(),
                    "hint" if members.contains_key("port") => "advice".into(),
                    "request_id" if value.is_string() => "a name".into(),
                    "body" if value.is_string() => settle(&without_times(value)),
                    // It tells how long the pause is, which is left to chance.
                    "message" if members.get("event").is_some_and(|event| event == "retrying") => "a pause".into(),
                    _ => settle(value),
                };
                (name.clone(), value)
            };
            members.iter().map(member).collect()
        }
        Value::String(text) => {
            let text = names.iter().fold(text.clone(), |text, (name, value)| text.replace(value, name));
            // A login brings new keys.
            if case.login.is_some() { without_chance(&text).into() } else { text.into() }
        }
        other => other.clone(),
    }
}

/// A body of the API's without the moments at which things were made: numbers of thirteen digits.
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

/// What another machine, or a slower one, would not say: a file that is not there above the world, advice for these
/// surroundings, and that a browser has started, which is noticed only if it ends or runs for long.
fn is_local(element: &Value) -> bool {
    let path = element.get("path").and_then(Value::as_str).filter(|_| element["outcome"] == "absent");
    let event = element.get("event").is_some_and(|event| event == "hint" || event == "browser_opened");
    event || path.is_some_and(|path| !path.starts_with("{root}"))
}

/// A text without what a login leaves to chance: a new key, the characters that a masked one shows, and what stands behind
/// the address to log in at.
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

/// An address in its parts; what is random in it, by its length.
fn url(value: &Value) -> Value {
    let Some((text, Ok(url))) = value.as_str().map(|text| (text, Url::parse(text))) else { return value.clone() };
    let pair = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        let random = matches!(&*name, "state" | "code_challenge");
        // Faces that log in at the same time have different ports.
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

/// What is wrong with the shape of an answer: `shapes.json` says which members there are.
pub(crate) fn misshapen(op: &str, answer: &Value) -> Option<String> {
    let shapes = vectors("shapes.json");
    let location = |location: &Value| members("place", location, &shapes);
    let list = |list: &Value| list.as_array().into_iter().flatten().find_map(location);
    if let Some(error) = answer.get("error") {
        return ["code", "message", "hint", "context", "cause"]
            .iter()
            .find(|name| error.get(**name).is_none())
            .map(|name| format!("an error without `{name}`"));
    }
    let ok = answer.get("ok")?;
    let saved = |saved: &Value| members("saved", saved, &shapes).or_else(|| list(&saved["replaced"]));
    match op {
        "classify_key" if ok.is_null() => None,
        "classify_key" => members("key_class", ok, &shapes),
        "resolve_key" | "reauthenticate" => {
            members("resolved_key", ok, &shapes).or_else(|| location(&ok["source"])).or_else(|| list(&ok["skipped"]))
        }
        "explain_key" => list(ok),
        "save_keys" => saved(ok),
        "logout" => members("logged_out", ok, &shapes).or_else(|| list(&ok["removed"])),
        "whoami" => members("identity", ok, &shapes)
            .or_else(|| members("organization", &ok["organization"], &shapes))
            .or_else(|| location(&ok["source"])),
        "login" | "complete_login" => {
            let written = ok.get("saved").filter(|written| !written.is_null());
            members("logged_in", ok, &shapes).or_else(|| written.and_then(saved))
        }
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

/// The secret that an error gives away. The cause of a refusal is the program's own, and stays with it.
pub(crate) fn given_away<'a>(case: &'a Case, answer: &Value) -> Option<&'a str> {
    let mut error = answer.get("error")?.clone();
    if let Some(members) = error.as_object_mut().filter(|_| case.op() == "authenticate") {
        members.remove("cause");
    }
    let error = error.to_string();
    let secrets = case.secret.iter().map(String::as_str).chain(["{sandbox_key}", "{live_key}", "{publishable_key}"]);
    secrets.into_iter().find(|secret| error.contains(secret))
}

/// How an answer differs from the core's.
pub(crate) fn difference(case: &Case, core: &Value, answer: &Value) -> Option<String> {
    let (mut core, answer) = (comparable(case, core), comparable(case, answer));
    // Not every language has classes of errors.
    if answer["error"].get("class").is_none() {
        core.get_mut("error").and_then(|error| error.as_object_mut()?.remove("class"));
    }
    (core != answer).then(|| format!("the core says {core}\n    got           {answer}"))
}

/// Leaves out what the faces need not agree on.
fn comparable(case: &Case, answer: &Value) -> Value {
    let mut answer = answer.clone();
    let error = answer.get_mut("error").and_then(Value::as_object_mut);
    if let Some(error) = error.filter(|_| case.op() == "authenticate") {
        // The reason is an error of the host language.
        error.remove("cause");
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_what_must_be_there() {
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
    fn a_member_too_few_or_too_many_is_seen_at_any_depth() {
        let location = json!({ "origin": "process", "variable": null, "path": null, "line": null, "outcome": "used",
            "masked": null, "reason": null, "text": "x" });
        let whole = json!({ "ok": [location, location] });
        assert_eq!(misshapen("explain_key", &whole), None);
        let mut fewer = whole.clone();
        fewer["ok"][1].as_object_mut().unwrap().remove("text");
        assert!(misshapen("explain_key", &fewer).is_some());
        let mut more = whole;
        more["ok"][0]["extra"] = true.into();
        assert!(misshapen("explain_key", &more).is_some());
        assert!(misshapen("login", &json!({ "error": { "code": "x" } })).is_some());
    }

    #[test]
    fn secrets_and_differences_are_seen() {
        let error = |message: &str| json!({ "error": { "code": "x", "message": message, "cause": "a" } });
        assert_eq!(given_away(&case("logout"), &error("it is planted")), Some("planted"));
        assert_eq!(given_away(&case("logout"), &error("it is not")), None);
        assert!(difference(&case("logout"), &error("a"), &error("b")).is_some());
        assert!(difference(&case("logout"), &error("a"), &json!({ "ok": null })).is_some());
        assert_eq!(difference(&case("logout"), &error("a"), &error("a")), None);
    }

    #[test]
    fn what_is_random_is_settled() {
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
