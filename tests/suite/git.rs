//! Keys stay out of version control.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use atmn_tests::project::{Project, SANDBOX};

fn saved(project: &Project, arguments: &[&str]) -> serde_json::Value {
    let arguments = ["save", "--json"].iter().chain(arguments);
    project.atmn(arguments).stdin(SANDBOX).run().ok().json()
}

#[test]
fn new_file_is_ignored_before_it_is_written() {
    let project = Project::new();
    project.git_init();
    assert_eq!(saved(&project, &[])["git"], "added");
    assert_eq!(project.read(".gitignore"), "/.env\n");
    assert_eq!(project.mode(".gitignore") & 0o600, 0o600);
    assert_ne!(project.mode(".gitignore"), 0o600, "a .gitignore is no secret");
    assert_eq!(saved(&project, &[])["git"], "ignored");
    assert_eq!(project.read(".gitignore"), "/.env\n");
}

#[test]
fn save_adds_line_to_gitignore_beside_file() {
    let project = Project::new();
    project.git_init();
    project.write(".gitignore", "node_modules");
    project.write("app/.gitignore", "dist\n");
    let run = || project.atmn(["save", "--json", "--dir", "app"]).stdin(SANDBOX).run().ok().json();
    assert_eq!(run()["git"], "added");
    assert_eq!(project.read("app/.gitignore"), "dist\n/.env\n");
    assert_eq!(project.read(".gitignore"), "node_modules");
    assert_eq!(saved(&project, &[])["git"], "added");
    assert_eq!(project.read(".gitignore"), "node_modules\n/.env\n");
}

#[test]
fn existing_gitignore_rule_is_enough() {
    let project = Project::new();
    project.git_init();
    project.write(".gitignore", ".env*\n");
    assert_eq!(saved(&project, &[])["git"], "ignored");
    assert_eq!(project.read(".gitignore"), ".env*\n");
}

#[test]
fn gitignore_never_reports_missing_rule() {
    let project = Project::new();
    project.git_init();
    assert_eq!(saved(&project, &["--no-gitignore"])["git"], "not_ignored");
    assert!(!project.path(".gitignore").exists());
}

#[test]
fn existing_file_is_reported_only() {
    let project = Project::new();
    project.git_init();
    project.write(".env", "A=1\n");
    let done = project.save().run().ok();
    assert_eq!(done.stderr.matches("Warning: git does not ignore").count(), 1, "{done:?}");
    assert!(!project.path(".gitignore").exists());
    let note = saved(&project, &[])["note"].as_str().unwrap_or_default().to_owned();
    assert!(note.starts_with("git does not ignore ") && note.contains("; add `/.env` to .gitignore."), "{note}");
}

#[test]
fn tracked_file_is_refused_unless_allowed() {
    let project = Project::new();
    project.git_init();
    project.write(".env", "A=1\n");
    project.git(&["add", ".env"]);
    let before = project.snapshot();
    project.save().run().fails("env_file_tracked");
    assert_eq!(project.snapshot(), before);
    assert_eq!(saved(&project, &["--allow-tracked"])["git"], "tracked");
    assert!(project.read(".env").contains(SANDBOX));
    // Removing keys from a tracked file is always allowed.
    let _ = project.atmn(["logout"]).run().ok();
    assert_eq!(project.read(".env"), "A=1\n");
}

#[test]
fn git_variables_are_ignored() {
    let project = Project::new();
    project.git_init();
    let other = Project::new();
    other.git_init();
    other.write(".env", "A=1\n");
    other.git(&["add", ".env"]);
    let run = project.atmn(["save", "--json"]).stdin(SANDBOX).env("GIT_DIR", other.path(".git"));
    assert_eq!(run.env("GIT_WORK_TREE", other.path("")).run().ok().json()["git"], "added");
}

#[test]
fn repository_cannot_start_programs() {
    let project = Project::new();
    project.git_init();
    let program = project.write("hook", format!("#!/bin/sh\ntouch {}\n", project.home().join("ran").display()));
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    project.git(&["config", "core.fsmonitor", program.to_str().unwrap()]);
    // A `git` in the project does not run either, although a relative entry of PATH names its directory.
    std::fs::copy(&program, project.path("git")).unwrap();
    let run = project.atmn(["save", "--json"]).stdin(SANDBOX).env("PATH", ".::/usr/local/bin:/usr/bin:/bin");
    assert_eq!(run.run().ok().json()["git"], "added");
    assert!(!project.home().join("ran").exists());
}

/// A `.gitignore` whose object is missing: git would fetch it from a remote, with a program that the
/// repository names.
/// A directory among the files can look like a repository without a work tree, or like a work tree of another system. The
/// repository that a commit goes into still decides.
#[test]
fn directories_of_the_repository_cannot_answer_for_it() {
    let project = Project::new();
    project.git_init();
    for (directory, files) in [
        (
            "bare",
            &[
                ("HEAD", "ref: refs/heads/main\n"),
                ("objects/x", ""),
                ("refs/x", ""),
                ("config", "[core]\nrepositoryformatversion=0\nbare=false\nworktree=.\n"),
                ("info/exclude", ".env\n"),
            ][..],
        ),
        ("hg", &[(".hg/dirstate", "\0\0\0\0"), (".hgignore", "syntax: glob\n.env\n")]),
        ("jj", &[(".jj/working_copy/tree_state", "")]),
    ] {
        for (name, content) in files {
            project.write(&format!("{directory}/{name}"), content);
        }
        project.write(&format!("{directory}/.env"), "A=1\n");
        project.git(&["add", "--force", &format!("{directory}/.env")]);
        let before = project.snapshot();
        let save = |arguments: &[&str]| {
            project.atmn(["save", "--dir", directory].iter().chain(arguments)).stdin(SANDBOX).run()
        };
        save(&[]).fails("env_file_tracked");
        assert_eq!(project.snapshot(), before, "{directory}");

        project.git(&["rm", "--quiet", "--force", &format!("{directory}/.env")]);
        assert_eq!(save(&["--json"]).ok().json()["git"], "added", "{directory}");
        project.git(&["check-ignore", &format!("{directory}/.env")]);
    }
}

#[test]
fn missing_objects_are_not_fetched() {
    let project = Project::new();
    project.git_init();
    let missing = format!("100644,{},.gitignore", "1".repeat(40));
    project.git(&["update-index", "--add", "--cacheinfo", &missing]);
    project.git(&["update-index", "--skip-worktree", ".gitignore"]);
    let ran = project.home().join("ran");
    for (name, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", project.path("").to_str().unwrap()),
        ("remote.origin.uploadpack", &format!("touch {}; false", ran.display())),
        ("protocol.file.allow", "always"),
    ] {
        project.git(&["config", name, value]);
    }
    // Plain `git` runs the program, so the trap works.
    let mut git = std::process::Command::new("git");
    git.args(["check-ignore", "--quiet", ".env"]).current_dir(project.path("")).output().unwrap();
    std::fs::remove_file(&ran).unwrap();
    assert_eq!(project.atmn(["save", "--json"]).stdin(SANDBOX).run().ok().json()["git"], "added");
    assert!(!ran.exists());
}

/// Running git takes longer than everything else, so the user may change files meanwhile.
#[test]
fn save_notices_changes_while_git_runs() {
    let before = format!("A=1\nAUTUMN_SECRET_KEY={}\n", SANDBOX.replace("planted", "another"));
    for (deed, after, created, replaced) in [
        ("rm .env", "", true, 0),
        ("echo B=2 >.env", "B=2\n", false, 0),
        ("echo B=2 >other; mv other .env", "B=2\n", false, 0),
        ("sed -i s/A=1/A=2/ .env", "A=2\n", false, 1),
    ] {
        let project = Project::new();
        project.git_init();
        project.write(".env", &before);
        let git = project.home().join("git");
        // The change happens between the two questions to git.
        let real = "exec /usr/bin/env PATH=/usr/local/bin:/usr/bin:/bin git \"$@\"";
        std::fs::write(&git, format!("#!/bin/sh\ncase \"$*\" in *check-ignore*) {deed};; esac\n{real}\n")).unwrap();
        std::fs::set_permissions(&git, PermissionsExt::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", project.home().display());
        let saved = project.atmn(["save", "--json"]).stdin(SANDBOX).env("PATH", path).run().ok().json();
        assert_eq!(project.read(".env"), format!("{after}AUTUMN_SECRET_KEY={SANDBOX}\n"), "{deed}");
        assert_eq!(saved["created"], created, "{deed}");
        assert_eq!(saved["replaced"].as_array().unwrap().len(), replaced, "{deed}");
        // Only a save that creates the file adds it to `.gitignore`.
        assert_eq!(saved["git"], if created { "added" } else { "not_ignored" }, "{deed}");
        assert_eq!(project.path(".gitignore").exists(), created, "{deed}");
    }
}

#[test]
fn uneditable_gitignore_error_has_a_hint() {
    let refused = |code: &str, make: fn(&Path)| {
        let project = Project::new();
        project.git_init();
        make(&project.path(".gitignore"));
        let before = project.snapshot();
        let done = project.save().run();
        done.fails(code);
        assert!(done.stderr.contains("--no-gitignore"), "{done:?}");
        assert_eq!(project.snapshot(), before);
        assert_eq!(saved(&project, &["--no-gitignore"])["git"], "not_ignored");
    };
    refused("not_a_file", |path| std::fs::create_dir(path).unwrap());
    refused("link_refused", |path| std::os::unix::fs::symlink("/etc/hostname", path).unwrap());
    // Git does not follow a link, so a line in its target would have no effect.
    refused("link_refused", |path| {
        std::fs::write(path.with_file_name("shared"), "dist\n").unwrap();
        std::os::unix::fs::symlink("shared", path).unwrap();
    });
}

/// Git is asked again after the line was added.
#[test]
fn line_without_effect_is_an_error() {
    let project = Project::new();
    project.git_init();
    let git = project.home().join("git");
    let real = "exec /usr/bin/env PATH=/usr/local/bin:/usr/bin:/bin git \"$@\"";
    let script = format!("case \"$*\" in *check-ignore*) printf '\\0\\0\\0./.env\\0'; exit 1;; esac\n{real}\n");
    std::fs::write(&git, format!("#!/bin/sh\n{script}")).unwrap();
    std::fs::set_permissions(&git, PermissionsExt::from_mode(0o755)).unwrap();
    let before = project.snapshot();
    let done = project.save().env("PATH", format!("{}:/usr/bin:/bin", project.home().display())).run();
    done.fails("env_file_unprotected");
    assert!(done.stderr.contains("--no-gitignore"), "{done:?}");
    assert_eq!(project.snapshot(), before);
}

#[test]
fn failed_save_restores_gitignore() {
    for before in [None, Some("dist")] {
        let project = Project::new();
        project.git_init();
        if let Some(before) = before {
            project.write(".gitignore", before);
        }
        let snapshot = project.snapshot();
        // The limit of 512 bytes is enough for `.gitignore`, and not for two long keys.
        let keys = ["test", "live"].map(|kind| format!("am_sk_{kind}_{}", "xy".repeat(128))).join(" ");
        let script = "trap '' XFSZ; ulimit -f 1; $ATMN save";
        project.in_namespace(script).stdin(&keys).run().fails("disk_full");
        assert_eq!(project.snapshot(), snapshot);
    }
}
