//! Reads the vector files into cases.

use atmn_tests::{repository, vectors};
use libatmn::{ApiKey, Environment, Kind};
use serde_json::{Map, Value, json};

use crate::case::{Case, long_text};

/// The files whose vectors already have the form of cases.
const CASE_FILES: &[&str] = &["resolve.json", "save.json", "misuse.json", "calls.json"];

/// Every case of every file, in order.
pub(crate) fn all() -> Vec<Case> {
    let cases = CASE_FILES.iter().flat_map(|file| list(file).into_iter().map(|vector| Case::read(file, &vector)));
    [keys(), servers(), authenticate(), env(), retries()].into_iter().flatten().chain(cases).collect()
}

fn list(file: &str) -> Vec<Value> {
    vectors(file).as_array().unwrap_or_else(|| panic!("{file} is not a list")).clone()
}

/// Each key is classified, and passed as an argument unless the text is empty, which would mean no key.
fn keys() -> Vec<Case> {
    let cases = |vector: Value| {
        let text = long_text(&vector["text"]);
        let name: String = text.chars().take(60).collect();
        let class = match vector["kind"].as_str() {
            None => Value::Null,
            Some(kind) => json!({ "kind": kind, "environment": vector["environment"] }),
        };
        let given = match class.as_object() {
            None => {
                let message = json!({ "contains": vector["reason"].as_str().unwrap_or("is not an Autumn API key") });
                json!({ "error": { "code": "malformed_key", "message": message, "context": { "origin": "argument" } } })
            }
            Some(_) => json!({ "ok": {
                "key": text, "kind": vector["kind"], "environment": vector["environment"],
                "source": { "origin": "argument", "outcome": "used", "masked": vector["masked"] },
            } }),
        };
        let classify = Case::new(
            "keys.json",
            name.clone(),
            &json!({ "op": "classify_key", "text": text }),
            json!({ "ok": class }),
        );
        let resolve = Case {
            secret: if text.len() < 12 { Vec::new() } else { vec![text.clone()] },
            ..Case::new("keys.json", name, &json!({ "op": "resolve_key", "directory": "{root}", "key": text }), given)
        };
        if text.is_empty() { vec![classify] } else { vec![classify, resolve] }
    };
    list("keys.json").into_iter().flat_map(cases).collect()
}

/// The login URL shows the URL of the API, and the note of a logout where keys are revoked.
fn servers() -> Vec<Case> {
    let cases = |vector: Value| {
        let text = long_text(&vector["text"]);
        let refused = json!({ "error": { "code": "invalid_argument", "context": { "option": "server" } } });
        let expect = |ok: Value| if vector["api"].is_null() { refused.clone() } else { json!({ "ok": ok }) };
        let api = vector["api"].as_str().unwrap_or_default();
        // Only the cloud is certain to have its dashboard.
        let dashboard = match api {
            "https://api.useautumn.com" => "in the dashboard, https://app.useautumn.com.".to_owned(),
            _ => format!("on {api}."),
        };
        let case = |op: &str, ok: Value| Case {
            secret: vec!["planted".into()],
            ..Case::new(
                "servers.json",
                text.clone(),
                &json!({ "op": op, "directory": "{root}", "server": text }),
                expect(ok),
            )
        };
        [
            case("start_login", json!({ "url": { "base": format!("{api}/api/auth/oauth2/authorize") } })),
            case("logout", json!({ "note": { "contains": dashboard } })),
        ]
    };
    list("servers.json").into_iter().flat_map(cases).collect()
}

fn authenticate() -> Vec<Case> {
    let case = |vector: Value| {
        let (method, path) = (&vector["method"], &vector["path"]);
        let mut request = json!({ "op": "authenticate", "listener": true, "method": method, "path": path });
        let optional = [
            ("authorization", &vector["headers"]["authorization"]),
            ("client_type", &vector["headers"]["x-client-type"]),
            ("accepts", &vector["accepts"]),
            ("store", &vector["store"]),
        ];
        for (name, value) in optional.into_iter().filter(|(_, value)| !value.is_null()) {
            request[name] = value.clone();
        }
        let expect = match vector["expect"]["body"].as_object() {
            None => json!({ "ok": vector["expect"], "events": [] }),
            Some(body) => {
                let context = json!({ "env": body["env"], "status": "401" });
                let error = json!({
                    "code": body["code"], "message": body["message"], "status": 401, "body": body, "context": context
                });
                json!({ "error": error, "events": [{ "event": "request_refused" }] })
            }
        };
        let secret = vec!["store is down".into(), "vectorSandbox".into(), "vectorLive".into()];
        Case { secret, ..Case::new("authenticate.json", vector["name"].as_str().unwrap_or_default(), &request, expect) }
    };
    list("authenticate.json").into_iter().map(case).collect()
}

/// For each file: one case that reads it, and one for each edit in its vector.
fn env() -> Vec<Case> {
    let folder = repository().join("tests/vectors/env");
    let entries = std::fs::read_dir(folder).expect("the folder of .env files");
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
        .iter()
        .flat_map(|name| list(&format!("env/{name}")).into_iter().flat_map(move |vector| edits(name, &vector)))
        .collect()
}

fn edits(file: &str, vector: &Value) -> Vec<Case> {
    let case = |name: &str, request: Value, expect: Value, after: &Value| Case {
        files: Map::from_iter([(".env".to_owned(), vector["before"].clone())]),
        after: Map::from_iter([(".env".to_owned(), after.clone())]),
        ..Case::new(
            "env/*.json",
            format!("{file}: {}: {name}", vector["name"].as_str().unwrap_or_default()),
            &request,
            expect,
        )
    };
    let (sandbox, live) = ("am_sk_test_new", "am_sk_live_new");
    let save = |keys: &[&str]| json!({ "op": "save_keys", "directory": "{root}", "keys": keys });
    let read = json!({ "op": "resolve_key", "directory": "{root}", "environment": "sandbox" });
    let logout = json!({ "op": "logout", "directory": "{root}" });
    let saved = json!({ "ok": { "created": false, "git": "none", "shadowed_by": [] } });
    // A file with a NUL byte is read, and never edited.
    let is_binary = vector["before"].as_str().is_some_and(|before| before.contains('\0'));
    let has = |name: &str| !is_binary && !vector[name].is_null();
    let mut cases = vec![case("read", read, reading(&vector["key"]), &vector["before"])];
    if is_binary {
        let refused = json!({ "error": { "code": "file_unreadable" } });
        cases.push(case("save", save(&[sandbox]), refused.clone(), &vector["before"]));
        cases.push(case("logout", logout.clone(), refused, &vector["before"]));
    }
    if has("set") {
        cases.push(case("set", save(&[sandbox]), saved.clone(), &vector["set"]));
    }
    if has("both") {
        cases.push(case("both", save(&[live, sandbox]), saved, &vector["both"]));
    }
    if has("remove") {
        // A logout writes no file without keys, and leaves a text that is no key.
        let is_key = |line: &str| {
            line.contains("SECRET_KEY") && ["am_sk_test_", "am_sk_live_"].iter().any(|start| line.contains(start))
        };
        let before = vector["before"].as_str().unwrap_or_default();
        let has_key = before.contains("SECRET_KEY=\"\n") || before.split(['\n', '\r']).any(is_key);
        let after = if has_key { &vector["remove"] } else { &vector["before"] };
        cases.push(case("remove", logout, json!({ "ok": { "remaining": [] } }), after));
    }
    cases
}

/// The longest total pause of a case that bindings run, in milliseconds; only the core's own tests run longer ones.
const PAUSE_LIMIT: u64 = 1500;

fn retries() -> Vec<Case> {
    list("retry.json").iter().map(retry).collect()
}

/// The server sends the answers; the runner checks the pauses and their events.
fn retry(vector: &Value) -> Case {
    let answers = vector["answers"].as_array().expect("answers");
    let waits: Vec<&Value> = vector["waits"].as_array().into_iter().flatten().collect();
    let sum = |index: usize| waits.iter().filter_map(|wait| wait[index].as_u64()).sum::<u64>();
    let mut request = json!({
        "op": "request", "listener": true, "server": "{server}", "directory": "{root}", "environment": "sandbox",
        "method": vector["method"], "path": "/v1/customers",
    });
    if vector["idempotency_key"] == true {
        request["idempotency_key"] = "once".into();
    }
    let last = answers.last().expect("an answer");
    let mut expect = match (last["status"].as_u64(), last["failure"].as_str()) {
        (Some(200), _) => json!({ "ok": { "status": 200 } }),
        (Some(status), _) => json!({ "error": { "code": "api_error", "context": { "status": status.to_string() } } }),
        (None, failure) => json!({ "error": { "code": failure } }),
    };
    expect["events"] = waits.iter().map(|_| json!({ "event": "retrying" })).collect();
    let failures = answers.iter().filter_map(|answer| answer["failure"].as_str());
    let practical = vector.get("took").or(vector.get("clock")).is_none() && sum(1) <= PAUSE_LIMIT;
    Case {
        files: Map::from_iter([(".env".into(), "AUTUMN_SECRET_KEY={sandbox_key}\n".into())]),
        faults: answers.iter().map(fault).collect(),
        requests: Some(answers.len()),
        pauses: sum(0),
        core_only: !practical || failures.into_iter().any(|failure| failure != "connection_lost"),
        ..Case::new("retry.json", vector["name"].as_str().unwrap_or_default(), &request, expect)
    }
}

fn fault(answer: &Value) -> Value {
    if answer.get("failure").is_some() {
        return json!({ "answer": "drop" });
    }
    let headers = [("retry-after", &answer["retry_after"]), ("date", &answer["date"])];
    let headers: Map<String, Value> = headers
        .into_iter()
        .filter(|(_, value)| value.is_string())
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    json!({ "status": answer["status"], "headers": headers })
}

/// The expected result of a resolution that reads this value.
fn reading(key: &Value) -> Value {
    let line = key["line"].as_u64().unwrap_or_default();
    let refused = |code: &str| json!({ "error": { "code": code, "context": { "line": line.to_string() } } });
    let Some(text) = key["text"].as_str() else {
        let absent = key.is_null() || key["is"] == "empty";
        return if absent { json!({ "error": { "code": "key_not_found" } }) } else { refused("malformed_key") };
    };
    match ApiKey::parse(text).map(|key| (key.kind(), key.environment())) {
        Err(_) => refused("malformed_key"),
        Ok((Kind::Publishable, _)) => refused("wrong_key_kind"),
        Ok((Kind::Secret, Environment::Live)) => refused("wrong_environment"),
        Ok((Kind::Secret, Environment::Sandbox)) => json!({ "ok": { "key": text, "source": { "line": line } } }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_reads_every_vector_file() {
        let mut files: Vec<String> = all().into_iter().map(|case| case.file).collect();
        files.dedup();
        let folder = repository().join("tests/vectors");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        // Every answer is checked against the lists of codes and shapes; the core's own tests read the hints.
        for name in names
            .filter(|name| name.ends_with(".json") && !matches!(&**name, "errors.json" | "hints.json" | "shapes.json"))
        {
            assert!(files.contains(&name), "no case comes from {name}");
        }
    }
}
