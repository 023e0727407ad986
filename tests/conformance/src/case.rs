//! One request with everything round it, and what must come back.

use serde_json::{Map, Value, json};

/// A request to one face, in a world of its own.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The vector file, by which results are counted.
    pub(crate) file: String,
    /// What a person looks for in the file.
    pub(crate) name: String,
    /// Files to be made: name to bytes (one character each), or to an object; see `world.rs`.
    pub(crate) files: Map<String, Value>,
    /// Git commands to be run in the world.
    pub(crate) git: Vec<String>,
    /// Variables of the face's process.
    pub(crate) env: Map<String, Value>,
    /// Working directory of the face's process, if it matters.
    pub(crate) cwd: Option<String>,
    /// What goes wrong with the server's answers, in order; see `autumn.rs`.
    pub(crate) faults: Vec<Value>,
    /// How many requests must reach the server, if it matters.
    pub(crate) requests: Option<usize>,
    /// How long they must take together at least, in milliseconds.
    pub(crate) pauses: u64,
    /// A login to be begun before: its options in `begin`, and what the person does. The address that the browser ends
    /// at is `{callback}` in the request.
    pub(crate) login: Option<Value>,
    /// Why only the core can play it, with its own tests.
    pub(crate) impractical: bool,
    /// The request, by the line protocol.
    pub(crate) request: Map<String, Value>,
    /// A pattern for the whole answer; see `check.rs`.
    pub(crate) expect: Value,
    /// Files that must stand there afterwards; `null` for none of that name.
    pub(crate) after: Map<String, Value>,
    /// Texts that no error may repeat.
    pub(crate) secret: Vec<String>,
}

impl Case {
    /// A request, and the pattern of its answer.
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
            impractical: false,
            request: object(request),
            expect,
            after: Map::new(),
            secret: Vec::new(),
        }
    }

    /// A vector that is written as a case: `resolve.json`, `save.json`, `misuse.json` and the like.
    pub(crate) fn read(file: &str, vector: &Value) -> Self {
        let name = vector["name"].as_str().unwrap_or_else(|| panic!("{file}: a vector has no name"));
        let known = [
            "name", "why", "files", "git", "env", "cwd", "faults", "requests", "login", "op", "with", "expect",
            "after", "secret",
        ];
        let unknown = object(vector).keys().find(|key| !known.contains(&key.as_str())).cloned();
        assert_eq!(unknown, None, "{file}: {name}: what is this?");
        assert!(vector["expect"].is_object(), "{file}: {name}: expects nothing");
        assert!(vector["why"].is_string(), "{file}: {name}: says not why");
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

    /// The operation asked for.
    pub(crate) fn op(&self) -> &str {
        self.request["op"].as_str().unwrap_or_default()
    }

    /// A text of the request.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.request.get(name)?.as_str()
    }

    /// Whether any text of the request, or any variable, fits.
    pub(crate) fn has_text(&self, fits: impl Fn(&str) -> bool) -> bool {
        let values = self.request.values().chain(self.env.values());
        values.into_iter().any(|value| match value {
            Value::String(text) => fits(text),
            Value::Array(list) => list.iter().filter_map(Value::as_str).any(&fits),
            _ => false,
        })
    }

    /// The case with `{root}` and the like replaced in everything that the face meets.
    pub(crate) fn placed(&self, locations: &[(&str, String)]) -> Self {
        let text = |text: &str| locations.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
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

/// The members of an object; none of anything else.
pub(crate) fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// A value with every long text written out: `{"before": "am_sk_test_", "repeat": "a", "times": 100000}`.
fn spelled(value: &Value) -> Value {
    match value {
        Value::Object(_) => long_text(value).into(),
        Value::Array(list) => list.iter().map(spelled).collect(),
        other => other.clone(),
    }
}

/// A text as vectors write it.
pub(crate) fn long_text(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let times = usize::try_from(value["times"].as_u64().expect("how often")).expect("a length");
    value["before"].as_str().unwrap_or_default().to_owned() + &value["repeat"].as_str().expect("what").repeat(times)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}
