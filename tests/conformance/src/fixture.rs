//! The environment in which one binding runs all cases: a workspace, a server, and the values of placeholders.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::autumn::Autumn;
use crate::binding::Binding;
use crate::browser;
use crate::case::{Case, object};
use crate::check;
use crate::workspace::Workspace;

pub(crate) struct Fixture {
    workspace: Workspace,
    autumn: Autumn,
    /// The placeholders of the vectors, with their values.
    placeholders: Vec<(&'static str, String)>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let (workspace, autumn) = (Workspace::new(), Autumn::start());
        let root = workspace.root().display().to_string();
        let digits = root.bytes().map(|byte| format!("{byte:02x}")).collect();
        let program = std::env::current_exe().expect("this program").display().to_string();
        let browser = format!("{program} {}", browser::FLAG);
        let mut placeholders =
            vec![("{root}", root), ("{root_hex}", digits), ("{browser}", browser), ("{program}", program)];
        placeholders.extend(autumn.placeholders());
        Self { workspace, autumn, placeholders }
    }

    /// The names that a binding offers.
    pub(crate) fn surface(&self, binding: &mut Binding) -> Result<Value, String> {
        let answer = binding.ask(&crate::surface_request(), &self.workspace)?;
        answer.get("ok").cloned().ok_or_else(|| format!("no surface: {answer}"))
    }

    /// Asks a binding, and checks its requests, its pauses and the files it leaves.
    pub(crate) fn ask(&self, case: &Case, binding: &mut Binding) -> Result<Value, String> {
        let filled = case.filled(&self.placeholders);
        self.workspace.create(&filled);
        let filled = self.begin(filled, binding)?;
        let before = self.autumn.prepare(&filled);
        let began = Instant::now();
        let answer = binding.ask(&filled, &self.workspace)?;
        let took = began.elapsed();
        let answer = check::settled(case, &answer, &self.placeholders);
        if took < Duration::from_millis(case.pauses) {
            return Err(format!(
                "expected pauses of {} ms, but the call took {took:?}\n    got      {answer}",
                case.pauses
            ));
        }
        let requests = self.autumn.requests() - before;
        if case.requests.is_some_and(|expected| expected != requests) {
            return Err(format!("expected {:?} requests, got {requests}\n    got      {answer}", case.requests));
        }
        match self.workspace.differences(&filled).as_slice() {
            [] => Ok(answer),
            differences => Err(format!("{}\n    got      {answer}", differences.join("\n    "))),
        }
    }

    /// Begins the login that the case completes, in the same binding, and follows its URL as a browser would.
    fn begin(&self, case: Case, binding: &mut Binding) -> Result<Case, String> {
        let Some(login) = &case.login else { return Ok(case) };
        if login.get("begin").is_none() {
            return Ok(case);
        }
        let mut request = object(&login["begin"]);
        request.insert("op".into(), "begin_login".into());
        let begun = binding.ask(&Case { request, ..case.clone() }, &self.workspace)?;
        let url = begun["ok"]["url"].as_str().ok_or_else(|| format!("begin_login failed: {begun}"))?;
        Ok(case.filled(&[("{callback}", self.autumn.follow(url, login)?)]))
    }
}
