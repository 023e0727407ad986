//! Where one face is asked: a world, a server, and what the vectors call their parts.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::autumn::Autumn;
use crate::browser;
use crate::case::{Case, object};
use crate::check;
use crate::face::Face;
use crate::world::World;

pub(crate) struct Stage {
    world: World,
    autumn: Autumn,
    /// What stands in the vectors, and what it stands for here.
    locations: Vec<(&'static str, String)>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let (world, autumn) = (World::new(), Autumn::start());
        let root = world.root().display().to_string();
        let digits = root.bytes().map(|byte| format!("{byte:02x}")).collect();
        let program = std::env::current_exe().expect("this program").display().to_string();
        let browser = format!("{program} {}", browser::FLAG);
        let mut locations =
            vec![("{root}", root), ("{root_hex}", digits), ("{browser}", browser), ("{program}", program)];
        locations.extend(autumn.locations());
        Self { world, autumn, locations }
    }

    /// What a face says of itself.
    pub(crate) fn surface(&self, face: &mut Face) -> Result<Value, String> {
        let answer = face.ask(&crate::about_itself(), &self.world)?;
        answer.get("ok").cloned().ok_or_else(|| format!("no surface: {answer}"))
    }

    /// One question to a face, and whether it did what it should beside answering.
    pub(crate) fn ask(&self, case: &Case, face: &mut Face) -> Result<Value, String> {
        let placed = case.placed(&self.locations);
        self.world.make(&placed);
        let placed = self.begin(placed, face)?;
        let before = self.autumn.prepare(&placed);
        let began = Instant::now();
        let answer = face.ask(&placed, &self.world)?;
        let took = began.elapsed();
        let answer = check::settled(case, &answer, &self.locations);
        if took < Duration::from_millis(case.pauses) {
            return Err(format!("pauses of {} ms are due, and all took {took:?}\n    got      {answer}", case.pauses));
        }
        let requests = self.autumn.requests() - before;
        if case.requests.is_some_and(|expected| expected != requests) {
            return Err(format!("{:?} requests are due, and {requests} came\n    got      {answer}", case.requests));
        }
        match self.world.differences(&placed).as_slice() {
            [] => Ok(answer),
            differences => Err(format!("{}\n    got      {answer}", differences.join("\n    "))),
        }
    }

    /// Begins the login that a case completes, if it has been begun before, with the same face, and follows its address
    /// as a person would.
    fn begin(&self, case: Case, face: &mut Face) -> Result<Case, String> {
        let Some(login) = &case.login else { return Ok(case) };
        if login.get("begin").is_none() {
            return Ok(case);
        }
        let mut request = object(&login["begin"]);
        request.insert("op".into(), "begin_login".into());
        let begun = face.ask(&Case { request, ..case.clone() }, &self.world)?;
        let url = begun["ok"]["url"].as_str().ok_or_else(|| format!("no login has begun: {begun}"))?;
        Ok(case.placed(&[("{callback}", self.autumn.follow(url, login)?)]))
    }
}
