//! The bindings: those of `bindings.json`, and the command.

use std::path::PathBuf;

use atmn_tests::repository;
use serde_json::{Map, Value};

use crate::case::Case;
use crate::driver::{self, Driver};
use crate::shell::Shell;
use crate::workspace::Workspace;

/// One binding, or the command.
pub(crate) enum Binding {
    Driver(Driver),
    Shell(Shell),
}

impl Binding {
    pub(crate) fn ask(&mut self, case: &Case, workspace: &Workspace) -> Result<Value, String> {
        match self {
            Self::Driver(driver) => driver.ask(case, workspace),
            Self::Shell(shell) => shell.ask(case, workspace),
        }
    }

    pub(crate) fn end(&mut self) -> Result<(), String> {
        match self {
            Self::Driver(driver) => driver.end(),
            Self::Shell(_) => Ok(()),
        }
    }
}

/// All bindings, or the core and the named ones. The core comes first, because the others are compared with it.
pub(crate) fn all(only: &[String]) -> Vec<(String, Binding)> {
    let target = target();
    let text = std::fs::read_to_string(repository().join("tests/conformance/bindings.json")).expect("bindings.json");
    let listed: Map<String, Value> = serde_json::from_str(&text).expect("bindings.json");
    let binding = |(name, command): (&String, &Value)| {
        (name.clone(), Binding::Driver(Driver::new(&driver::words(command, &target, &repository()))))
    };
    let mut bindings: Vec<_> = listed.iter().map(binding).collect();
    bindings.push(("shell".into(), Binding::Shell(Shell::new(target.join("atmn")))));
    bindings.sort_by_key(|(name, _)| (name != "core", name == "shell"));
    let unknown = only.iter().find(|name| bindings.iter().all(|(binding, _)| binding != *name));
    assert_eq!(unknown, None, "unknown binding");
    bindings.retain(|(name, _)| name == "core" || only.is_empty() || only.contains(name));
    bindings
}

/// Cargo's folder of finished programs, which contains this one.
pub(crate) fn target() -> PathBuf {
    std::env::current_exe().expect("this program").parent().expect("its folder").to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_includes_every_driver_folder() {
        let folder = repository().join("tests/conformance");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let folders = entries.filter(|path| path.is_dir()).map(|path| path.file_name().unwrap().to_owned());
        let bindings: Vec<String> = all(&[]).into_iter().map(|(name, _)| name).collect();
        for name in folders.filter(|name| name != "src") {
            assert!(
                bindings.iter().any(|binding| name == binding.as_str()),
                "{} is missing in bindings.json",
                name.display()
            );
        }
        assert_eq!(bindings.first().map(String::as_str), Some("core"));
    }
}
