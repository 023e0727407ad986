//! The faces: those of `faces.json`, and the shell.

use std::path::PathBuf;

use atmn_tests::repository;
use serde_json::{Map, Value};

use crate::case::Case;
use crate::driver::{self, Driver};
use crate::shell::Shell;
use crate::world::World;

/// What is asked.
pub(crate) enum Face {
    Driver(Driver),
    Shell(Shell),
}

impl Face {
    pub(crate) fn ask(&mut self, case: &Case, world: &World) -> Result<Value, String> {
        match self {
            Self::Driver(driver) => driver.ask(case, world),
            Self::Shell(shell) => shell.ask(case, world),
        }
    }

    pub(crate) fn end(&mut self) -> Result<(), String> {
        match self {
            Self::Driver(driver) => driver.end(),
            Self::Shell(_) => Ok(()),
        }
    }
}

/// All faces, or the core and those that are named. The core comes first: the others are compared with it.
pub(crate) fn all(only: &[String]) -> Vec<(String, Face)> {
    let target = target();
    let text = std::fs::read_to_string(repository().join("tests/conformance/faces.json")).expect("faces.json");
    let listed: Map<String, Value> = serde_json::from_str(&text).expect("faces.json");
    let face = |(name, command): (&String, &Value)| {
        (name.clone(), Face::Driver(Driver::new(&driver::words(command, &target, &repository()))))
    };
    let mut faces: Vec<_> = listed.iter().map(face).collect();
    faces.push(("shell".into(), Face::Shell(Shell::new(target.join("atmn")))));
    faces.sort_by_key(|(name, _)| (name != "core", name == "shell"));
    let unknown = only.iter().find(|name| faces.iter().all(|(face, _)| face != *name));
    assert_eq!(unknown, None, "no such face");
    faces.retain(|(name, _)| name == "core" || only.is_empty() || only.contains(name));
    faces
}

/// Cargo's folder of finished programs, this one among them.
pub(crate) fn target() -> PathBuf {
    std::env::current_exe().expect("this program").parent().expect("its folder").to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_a_driver_is_asked() {
        let folder = repository().join("tests/conformance");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let folders = entries.filter(|path| path.is_dir()).map(|path| path.file_name().unwrap().to_owned());
        let faces: Vec<String> = all(&[]).into_iter().map(|(name, _)| name).collect();
        for name in folders.filter(|name| name != "src") {
            assert!(faces.iter().any(|face| name == face.as_str()), "{} is missing in faces.json", name.display());
        }
        assert_eq!(faces.first().map(String::as_str), Some("core"));
    }
}
