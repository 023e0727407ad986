//! Work trees of Mercurial and of jj, without `.git`.

use std::process::Command;

use atmn_tests::project::{Project, SANDBOX};

fn saved(project: &Project, arguments: &[&str]) -> serde_json::Value {
    project.atmn(["save", "--json"].iter().chain(arguments)).stdin(SANDBOX).run().ok().json()
}

fn hg(project: &Project, arguments: &[&str]) -> String {
    let mut command = Command::new("hg");
    command
        .args(["--config", "ui.username=t", "--config", "storage.dirstate-v2.slow-path=allow"])
        .args(arguments)
        .current_dir(project.path(""));
    let output = command.env("HOME", project.home()).env("HGPLAIN", "1").output().unwrap();
    assert!(output.status.success(), "hg {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The second format of Mercurial's list of tracked files is an option.
const FORMATS: &[&str] = &["format.use-dirstate-v2=no", "format.use-dirstate-v2=yes"];

#[test]
fn file_that_mercurial_tracks_is_refused() {
    for format in FORMATS {
        let project = Project::new();
        hg(&project, &["init", "--config", format]);
        project.write(".env", "A=1\n");
        project.write("app/.env", "A=1\n");
        project.write("README", "A=1\n");
        hg(&project, &["add", "README", "app/.env"]);
        assert_eq!(saved(&project, &[])["git"], "not_ignored", "{format}");
        let done = project.atmn(["save", "--dir", "app"]).stdin(SANDBOX).run();
        done.fails("env_file_tracked");
        hg(&project, &["add", ".env"]);
        hg(&project, &["commit", "-m", "x"]);
        let before = project.snapshot();
        let done = project.save().run();
        done.fails("env_file_tracked");
        assert!(done.stderr.contains("--file .env.local") && !done.stderr.contains("forget"), "{done:?}");
        assert_eq!(project.snapshot(), before);
        assert_eq!(saved(&project, &["--allow-tracked"])["git"], "tracked");
    }
}

/// libatmn does not edit `.hgignore`: it tells the line, and Mercurial understands it.
#[test]
fn new_file_in_mercurial_must_be_ignored_first() {
    let project = Project::new();
    hg(&project, &["init"]);
    let before = project.snapshot();
    let done = project.save().run();
    done.fails("env_file_unprotected");
    assert_eq!(project.snapshot(), before);
    let line = done.stderr.split('`').find(|part| part.starts_with("re:")).unwrap().to_owned();
    assert_eq!(line, r"re:^\.env$");
    project.write(".hgignore", format!("syntax: glob\n*.o\n{line}\n"));
    assert_eq!(saved(&project, &[])["git"], "ignored");
    assert_eq!(hg(&project, &["status", "--no-status", "--ignored"]), ".env\n");
    let again = Project::new();
    hg(&again, &["init"]);
    assert_eq!(saved(&again, &["--no-gitignore"])["git"], "not_ignored");
}

/// A work tree of jj as it lies on the disk: jj itself is not installed on the test machines.
fn jj(tracked: &[&str]) -> Project {
    let project = Project::new();
    let entry = |path: &&str| {
        let state = [0x08, 0x01];
        let length = |length: usize| u8::try_from(length).unwrap();
        let inner = [&[0x0a, length(path.len())], path.as_bytes(), &[0x12, length(state.len())], &state].concat();
        [&[0x12, length(inner.len())][..], &inner].concat()
    };
    let state: Vec<u8> = tracked.iter().flat_map(entry).collect();
    project.write(".jj/working_copy/tree_state", state);
    project
}

#[test]
fn file_that_jj_tracks_is_refused() {
    let project = jj(&[".env.example", "README", ".env"]);
    project.write(".env", "A=1\n");
    let before = project.snapshot();
    let done = project.save().run();
    done.fails("env_file_tracked");
    assert!(done.stderr.contains("--file .env.local") && !done.stderr.contains("untrack"), "{done:?}");
    assert_eq!(project.snapshot(), before);
}

/// jj adds every file that is not ignored at its next command, so an existing file is ignored first too.
#[test]
fn file_in_jj_is_ignored_first() {
    for exists in [false, true] {
        let project = jj(&[".env.example", "README", "app/.env"]);
        if exists {
            project.write(".env", "A=1\n");
        }
        assert_eq!(saved(&project, &[])["git"], "added");
        assert_eq!(project.read(".gitignore"), "/.env\n");
        assert_eq!(saved(&project, &[])["git"], "ignored");
    }
}

#[test]
fn unknown_list_of_tracked_files_protects_files() {
    let project = jj(&[]);
    std::fs::remove_file(project.path(".jj/working_copy/tree_state")).unwrap();
    project.write(".env", "A=1\n");
    project.save().run().fails("env_file_unprotected");
    let project = Project::new();
    project.write(".hg/dirstate", "\ntreestate\n");
    project.write(".env", "A=1\n");
    project.save().run().fails("env_file_unprotected");
}
