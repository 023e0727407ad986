//! A case: one request with its files, environment and server, and the expected answer.

use serde_json::{Map, Value, json};

/// A request to a binding, in its own workspace.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The vector file, by which results are counted.
    pub(crate) file: String,
    /// The name, by which a reader finds the vector.
    pub(crate) name: String,
    /// Files to create: name to bytes (one character each), or to an object; see `workspace.rs`.
    pub(crate) files: Map<String, Value>,
    /// Git commands to run in the workspace.
    pub(crate) git: Vec<String>,
    /// Environment variables of the binding's process.
    pub(crate) env: Map<String, Value>,
    /// Working directory of the binding's process, if it matters.
    pub(crate) cwd: Option<String>,
    /// Faults of the server's answers, in order; see `autumn.rs`.
    pub(crate) faults: Vec<Value>,
    /// The number of requests that must reach the server, if it matters.
    pub(crate) requests: Option<usize>,
    /// The least time that the pauses must take together, in milliseconds.
    pub(crate) pauses: u64,
    /// A login that begins before the request: its options in `begin`, and what the user does. The callback URL is
    /// `{callback}` in the request.
    pub(crate) login: Option<Value>,
    /// Whether only the core's own tests can run the case.
    pub(crate) core_only: bool,
    /// The request, by the line protocol.
    pub(crate) request: Map<String, Value>,
    /// The pattern for the whole answer; see `check.rs`.
    pub(crate) expect: Value,
    /// Files that must exist afterwards; `null` if no file of that name may exist.
    pub(crate) after: Map<String, Value>,
    /// Texts that no error may contain.
    pub(crate) secret: Vec<String>,
}

impl Case {
    /// A case with a request and the pattern of its answer, and nothing else.
    pub(crate) fn new(file: &str, name: impl Into<String>, request: &Value, expect: Value) -> Self {
        Self {
            file: file.to_owned(),
            name: name.into(),
            files: Map::new(),
            git: Vec::new(),
            env: Map::new(),
            cwd: None,
            faults: Vec::new(),
            requests: None,
            pauses: 0,
            login: None,
            core_only: false,
            request: object(request),
            expect,
            after: Map::new(),
            secret: Vec::new(),
        }
    }

    /// A vector that is written as a case, as in `resolve.json`, `save.json`, `misuse.json` and `calls.json`.
    pub(crate) fn read(file: &str, vector: &Value) -> Self {
        let name = vector["name"].as_str().unwrap_or_else(|| panic!("{file}: a vector has no `name`"));
        let known = [
            "name", "why", "files", "git", "env", "cwd", "faults", "requests", "login", "op", "with", "expect",
            "after", "secret",
        ];
        let unknown = object(vector).keys().find(|key| !known.contains(&key.as_str())).cloned();
        assert_eq!(unknown, None, "{file}: {name}: unknown member");
        assert!(vector["expect"].is_object(), "{file}: {name}: `expect` is missing");
        assert!(vector["why"].is_string(), "{file}: {name}: `why` is missing");
        let mut request: Map<_, _> =
            object(&vector["with"]).into_iter().map(|(name, value)| (name, spelled(&value))).collect();
        request.insert("op".into(), vector["op"].clone());
        Self {
            files: object(&vector["files"]),
            git: texts(&vector["git"]),
            env: object(&vector["env"]),
            cwd: vector["cwd"].as_str().map(str::to_owned),
            faults: vector["faults"].as_array().cloned().unwrap_or_default(),
            requests: vector["requests"].as_u64().and_then(|number| usize::try_from(number).ok()),
            login: vector.get("login").cloned(),
            after: object(&vector["after"]),
            secret: texts(&vector["secret"]),
            ..Self::new(file, name, &request.into(), vector["expect"].clone())
        }
    }

    /// The operation.
    pub(crate) fn op(&self) -> &str {
        self.request["op"].as_str().unwrap_or_default()
    }

    /// A text of the request.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.request.get(name)?.as_str()
    }

    /// Whether `fits` holds for any text of the request or any variable.
    pub(crate) fn has_text(&self, fits: impl Fn(&str) -> bool) -> bool {
        let values = self.request.values().chain(self.env.values());
        values.into_iter().any(|value| match value {
            Value::String(text) => fits(text),
            Value::Array(list) => list.iter().filter_map(Value::as_str).any(&fits),
            _ => false,
        })
    }

    /// The case with all placeholders such as `{root}` replaced by their values.
    pub(crate) fn filled(&self, placeholders: &[(&str, String)]) -> Self {
        let text =
            |text: &str| placeholders.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        let map = |map: &Map<String, Value>| object(&replaced(&json!(map), &text));
        Self {
            env: map(&self.env),
            files: map(&self.files),
            cwd: self.cwd.as_deref().map(text),
            login: self.login.as_ref().map(|login| replaced(login, &text)),
            request: map(&self.request),
            ..self.clone()
        }
    }
}

fn replaced(value: &Value, with: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => with(text).into(),
        Value::Array(list) => list.iter().map(|value| replaced(value, with)).collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), replaced(value, with))).collect(),
        other => other.clone(),
    }
}

/// The members of an object; empty for any other value.
pub(crate) fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// A value with every long text expanded, such as `{"before": "am_sk_test_", "repeat": "a", "times": 100000}`.
fn spelled(value: &Value) -> Value {
    match value {
        Value::Object(_) => long_text(value).into(),
        Value::Array(list) => list.iter().map(spelled).collect(),
        other => other.clone(),
    }
}

/// A text of a vector, expanded if it is long.
pub(crate) fn long_text(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let times = usize::try_from(value["times"].as_u64().expect("`times`")).expect("a length");
    value["before"].as_str().unwrap_or_default().to_owned() + &value["repeat"].as_str().expect("`repeat`").repeat(times)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}
