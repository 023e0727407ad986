//! The directory of a case: created again at the same path for every case of a binding, so that answers can be compared
//! byte for byte.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use atmn_tests::latin1;
use serde_json::Value;

use crate::case::Case;
use crate::check;

pub(crate) struct Workspace {
    directory: tempfile::TempDir,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        // In memory if possible: every save flushes its file, which takes longer on a disk than everything else.
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let workspace = Self { directory: directory.expect("a temporary directory") };
        for name in ["home", "state", "idle"] {
            std::fs::create_dir(workspace.path(name)).expect("a directory");
        }
        workspace
    }

    fn path(&self, name: &str) -> PathBuf {
        std::fs::canonicalize(self.directory.path()).expect("a directory").join(name)
    }

    /// The directory of the case's files; `{root}` in the vectors.
    pub(crate) fn root(&self) -> PathBuf {
        self.path("root")
    }

    /// The working directory of a process whose case names none.
    pub(crate) fn idle(&self) -> PathBuf {
        self.path("idle")
    }

    /// Environment variables of every driver, in addition to the case's own.
    pub(crate) fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        vec![("HOME", self.path("home")), ("XDG_STATE_HOME", self.path("state"))]
    }

    /// Creates the case's files, and nothing else.
    pub(crate) fn create(&self, case: &Case) {
        let root = self.root();
        if root.exists() {
            std::fs::remove_dir_all(&root).expect("remove the workspace");
        }
        std::fs::create_dir(&root).expect("a directory");
        for (name, content) in &case.files {
            let name = OsString::from_vec(latin1::bytes(name));
            create(&root.join(&name), content)
                .unwrap_or_else(|error| panic!("{}: {}: {error}", case.name, name.display()));
        }
        for command in &case.git {
            let mut git = Command::new("git");
            git.args(["-c", "init.defaultBranch=main"]).args(command.split(' ')).current_dir(&root);
            let done = git.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).output();
            let done = done.expect("git");
            assert!(done.status.success(), "git {command}: {}", String::from_utf8_lossy(&done.stderr));
        }
    }

    /// A sentence for each file that is not as the case expects.
    pub(crate) fn differences(&self, case: &Case) -> Vec<String> {
        let difference = |(name, expected): (&String, &Value)| {
            let found = std::fs::read(self.root().join(name)).ok().map(|bytes| latin1::text(&bytes));
            let found = Value::from(found);
            (!check::fits(&found, expected)).then(|| format!("{name}: expected {expected}, got {found}"))
        };
        let stale = self.root().join(".env.atmn.tmp").exists().then(|| "a temporary file was left behind".to_owned());
        case.after.iter().filter_map(difference).chain(stale).collect()
    }
}

/// A text is a file with these bytes; an object is `{"directory": true}`, `{"fifo": true}` or `{"link": "target"}`.
fn create(path: &Path, content: &Value) -> std::io::Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or(path))?;
    if let Some(text) = content.as_str() {
        return std::fs::write(path, latin1::bytes(text));
    }
    if let Some(target) = content["link"].as_str() {
        return symlink(target, path);
    }
    if content["fifo"] == true {
        return Command::new("mkfifo").arg(path).status().map(|status| assert!(status.success()));
    }
    assert_eq!(content["directory"], true, "unknown kind of file");
    std::fs::create_dir_all(path)
}
