//! The server: one local Autumn for all cases, with faults and a request log.

use libatmn::{ApiKey, Environment, Kind};
use local_autumn::{Fault, LocalAutumn, Options, Running};
use serde_json::Value;

use crate::case::Case;

/// The path that faults apply to, unless the case names another.
const PATH: &str = "/v1/customers";

pub(crate) struct Autumn {
    running: Running,
}

impl Autumn {
    pub(crate) fn start() -> Self {
        let options = Options { port: 0, controls: true, ..Options::default() };
        Self { running: LocalAutumn::bind(options).expect("a port").spawn().expect("a thread") }
    }

    /// The placeholders for the server and its keys.
    pub(crate) fn placeholders(&self) -> Vec<(&'static str, String)> {
        let (sandbox, live) = (Environment::Sandbox, Environment::Live);
        let secret = [self.key(Kind::Secret, sandbox), self.key(Kind::Secret, live)];
        vec![
            ("{server}", self.running.url()),
            ("{host}", self.running.url().trim_start_matches("http://").to_owned()),
            ("{sandbox_key}", secret[0].reveal().to_owned()),
            ("{masked_sandbox_key}", secret[0].to_string()),
            ("{live_key}", secret[1].reveal().to_owned()),
            ("{masked_live_key}", secret[1].to_string()),
            ("{publishable_key}", self.key(Kind::Publishable, sandbox).reveal().to_owned()),
        ]
    }

    fn key(&self, kind: Kind, environment: Environment) -> ApiKey {
        let fits = |key: &ApiKey| key.kind() == kind && key.environment() == environment;
        let mut keys = self.running.store().keys().into_iter();
        let known = keys.find(|known| known.organization.slug == "copper-kettle" && fits(&known.key));
        known.expect("a key of each kind").key
    }

    /// Sets up the faults and the user; returns the number of requests so far.
    pub(crate) fn prepare(&self, case: &Case) -> usize {
        self.running.store().clear_faults();
        let person = case.login.as_ref().filter(|login| login.get("begin").is_none());
        let choice = person.and_then(|person| person["email"].as_str().zip(person["chooses"].as_str()));
        self.running.store().approve_automatically(choice).expect("a person");
        for fault in &case.faults {
            let path = fault["path"].as_str().unwrap_or(PATH);
            assert!(self.running.store().inject(path, 1, read(fault)), "{}: no fault", case.name);
        }
        self.requests()
    }

    /// The number of requests so far.
    pub(crate) fn requests(&self) -> usize {
        let requests = self.running.store().requests().len();
        assert!(requests < 1000, "the request log is full");
        requests
    }

    /// Approves or denies a login URL as the user would; returns the callback URL.
    pub(crate) fn follow(&self, url: &str, person: &Value) -> Result<String, String> {
        let store = self.running.store();
        let text = |name: &str| person[name].as_str().unwrap_or_default();
        let done =
            if person["denies"] == true { store.deny(url) } else { store.approve(url, text("email"), text("chooses")) };
        done.map_err(|error| format!("{url}: {error}"))
    }
}

/// A fault of a vector: `{"status": 503, "headers": {…}, "body": "…"}`, or the name of a fault.
fn read(fault: &Value) -> Fault {
    match fault["answer"].as_str() {
        Some("drop") => Fault::Drop,
        Some("truncate") => Fault::Truncate,
        Some("garbage") => Fault::Garbage,
        Some("late") => Fault::Delay(std::time::Duration::from_secs(3)),
        Some(other) => panic!("unknown fault {other}"),
        None => Fault::Answer {
            status: fault["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status"),
            headers: crate::case::object(&fault["headers"])
                .into_iter()
                .map(|(name, value)| (name, value.as_str().expect("a header").to_owned()))
                .collect(),
            body: fault["body"].as_str().unwrap_or_default().to_owned(),
        },
    }
}
