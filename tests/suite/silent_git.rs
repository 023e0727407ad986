//! Git does not answer: an existing file is refused, and a new one is ignored first. The host program reaps its children:
//! git's answer still arrives.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use atmn_tests::project::{Project, Run, SANDBOX, UNPRIVILEGED, is_root};
use libatmn::{ApiKey, Cancel, Host, SaveOptions, save_keys};

/// A repository with a `.env` that git tracks.
fn tracked() -> Project {
    let project = Project::new();
    project.git_init();
    project.write(".env", "A=1\n");
    project.git(&["add", ".env"]);
    project
}

fn save(project: &Project, arguments: &[&str]) -> Run {
    project.atmn(["save", "--json"].iter().chain(arguments)).stdin(SANDBOX)
}

/// Another `git`, and the `PATH` with which it is found.
fn make_git(project: &Project, script: &str) -> String {
    let git = project.home().join("git");
    std::fs::write(&git, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&git, PermissionsExt::from_mode(0o755)).unwrap();
    format!("{}:/usr/bin:/bin", project.home().display())
}

fn with_git(project: &Project, run: Run, script: &str) -> Run {
    run.env("PATH", make_git(project, script))
}

/// Asserts that a silent git protects an existing file, tracked or not, and a new one.
fn is_protected(break_git: impl Fn(&Project, Run) -> Run, reason: &str) {
    let project = tracked();
    let before = project.snapshot();
    let done = break_git(&project, project.save()).run();
    done.fails("env_file_unprotected");
    for part in [reason, "--allow-tracked"] {
        assert!(done.stderr.contains(part), "{part:?} is missing: {done:?}");
    }
    assert_eq!(project.snapshot(), before);
    let saved = break_git(&project, save(&project, &["--allow-tracked"])).run().ok().json();
    assert_eq!((&saved["git"], saved["created"].as_bool()), (&"unknown".into(), Some(false)));

    let project = Project::new();
    project.git_init();
    let saved = break_git(&project, save(&project, &[])).run().ok().json();
    assert_eq!((&saved["git"], saved["created"].as_bool()), (&"unknown".into(), Some(true)));
    assert_eq!(project.read(".gitignore"), "/.env\n");
    let note = saved["note"].as_str().unwrap();
    assert!(note.contains("Added /.env to .gitignore") && note.contains(reason), "{note}");

    // A line that is there already is enough.
    let project = Project::new();
    project.git_init();
    project.write(".gitignore", ".env\n");
    let saved = break_git(&project, save(&project, &[])).run().ok().json();
    let note = saved["note"].as_str().unwrap();
    assert!(saved["git"] == "unknown" && note.starts_with("Could not find out whether git ignores "), "{saved}");
    assert_eq!(project.read(".gitignore"), ".env\n");
}

/// The file may belong to a team, so only a logout that names it edits it.
#[test]
fn logout_beside_a_private_file_leaves_one_that_may_be_tracked() {
    let project = tracked();
    let team = format!("AUTUMN_SECRET_KEY={SANDBOX}\n");
    for file in [".env", ".env.local"] {
        project.write(file, &team);
    }
    let logout = |arguments: &[&str]| {
        let run = project.atmn(["logout", "--json"].iter().chain(arguments)).env("PATH", project.home());
        run.run().ok().json()
    };
    let done = logout(&[]);
    assert_eq!((project.read(".env"), project.read(".env.local")), (team, String::new()));
    let note = done["note"].as_str().unwrap();
    assert!(note.contains("it may be tracked by git, which did not answer"), "{note}");
    assert_eq!(done["remaining"][0]["path"], project.path(".env").to_str().unwrap());
    let _ = logout(&["--file", ".env"]);
    assert_eq!(project.read(".env"), "");
}

#[test]
fn missing_git_protects_files() {
    is_protected(|project, run| run.env("PATH", project.home()), "git is not installed or not on PATH");
}

#[test]
fn hanging_git_protects_files() {
    // One replaces itself, and one has a child that holds the pipe open.
    for script in ["exec sleep 600", "sleep 3; exit 1"] {
        is_protected(|project, run| with_git(project, run, script), "git did not answer within 2 seconds");
    }
}

/// Cancels a save while git runs, which never answers. Returns the time until the call had ended.
fn cancelled_save(project: &Project, started: &str) -> Duration {
    let marker = project.home().join("started");
    let _ = std::fs::remove_file(&marker);
    let path = make_git(project, &started.replace("MARKER", marker.to_str().unwrap()));
    let variables = [("PATH", path), ("XDG_STATE_HOME", project.home().join("state").display().to_string())];
    let host = Host::new(variables, Some(project.path("")));
    let cancel = Cancel::new();
    let options = SaveOptions { host: Some(host), cancel: cancel.clone(), ..SaveOptions::default() };
    let caller = thread::spawn(move || {
        let error = save_keys(&[ApiKey::parse(SANDBOX).unwrap()], &options).unwrap_err();
        assert_eq!(error.code.name(), "cancelled");
    });
    while !marker.exists() {
        thread::yield_now();
    }
    let began = Instant::now();
    cancel.cancel();
    caller.join().unwrap();
    began.elapsed()
}

/// Git has two seconds. A call that waits for all of them returns that long after git has started.
#[test]
fn cancel_ends_the_wait_for_git() {
    let second = Duration::from_secs(1);
    let silent = "echo $$ >MARKER.draft; mv MARKER.draft MARKER; exec sleep 600";
    // Answers the first question, and is silent about the second, which is asked after `.gitignore` was written.
    let answered = "case \"$*\" in *ls-files*) printf '? .env\\0';; \
        *) if [ -f .gitignore ]; then echo $$ >MARKER.draft; mv MARKER.draft MARKER; exec sleep 600; fi; \
        printf '\\0\\0\\0./.env\\0';; esac";
    for script in [silent, answered] {
        let project = Project::new();
        project.git_init();
        let before = project.snapshot();
        // A busy machine may be slow at times, but not each time.
        let is_quick = (0..20).any(|_| cancelled_save(&project, script) < second);
        assert!(is_quick, "the call waited for git: {script}");
        assert_eq!(project.snapshot(), before);
        let process = std::fs::read_to_string(project.home().join("started")).unwrap();
        let command = format!("/proc/{}/cmdline", process.trim());
        // A zombie has no command line.
        while std::fs::read(&command).is_ok_and(|line| !line.is_empty()) {
            thread::yield_now();
        }
    }
}

#[test]
fn failing_git_protects_files() {
    is_protected(|project, run| with_git(project, run, "exit 1"), "git ended without an answer");
    is_protected(|project, run| with_git(project, run, "kill -9 $$"), "git ended without an answer");
    let script = "echo 'fatal: it is broken' >&2; exit 128";
    is_protected(|project, run| with_git(project, run, script), "git failed: `it is broken`");
    is_protected(|project, run| with_git(project, run, "yes"), "git ended without an answer");
}

#[test]
fn damaged_index_protects_files() {
    let damage = |project: &Project, run: Run| {
        project.write(".git/index", "damaged");
        run
    };
    is_protected(damage, "git failed: `");
}

/// The main repository of a linked worktree was moved, so the `.git` file of the worktree points to nothing.
#[test]
fn moved_main_repository_protects_files() {
    let project = tracked();
    project.git(&["commit", "--quiet", "-m", "x"]);
    project.git(&["worktree", "add", "--quiet", "../home/linked"]);
    let linked = project.home().join("linked");
    std::fs::rename(project.path(""), project.home().join("moved")).unwrap();
    std::fs::create_dir(project.path("")).unwrap();
    let done = project.save().current_dir(&linked).run();
    done.fails("env_file_unprotected");
    let reason = format!("git finds no repository, since {} names a directory", linked.join(".git").display());
    assert!(done.stderr.contains(&reason) && done.stderr.contains("at the same path"), "{done:?}");
    assert!(!done.stderr.contains("git status"), "{done:?}");
    let checks = project.atmn(["doctor", "--offline"]).current_dir(&linked).run();
    let said = checks.stdout.clone() + &checks.stderr;
    assert!(said.contains("at the same path") && !said.contains("git status"), "{checks:?}");
    assert_eq!(std::fs::read_to_string(linked.join(".env")).unwrap(), "A=1\n");
}

/// In a container, the main repository may be missing, or `.git` be the empty place of a mount. The first save creates the
/// file and its line in `.gitignore`; the next ones find both.
#[test]
fn work_tree_without_its_repository_can_save_again() {
    for git in ["gitdir: /nonexistent/worktree\n", ""] {
        let project = Project::new();
        project.write(".git", git);
        let saved = save(&project, &[]).run().ok().json();
        assert_eq!((&saved["git"], saved["created"].as_bool()), (&"unknown".into(), Some(true)));
        let again = project.atmn(["save", "--json"]).stdin("am_sk_test_second0123456789").run().ok().json();
        let note = again["note"].as_str().unwrap();
        assert!(note.contains("could still be tracked by an earlier commit"), "{note}");
        assert!(project.read(".env").contains("second"));
        // Another pattern in `.gitignore` may bring the file back, and without a line it may be tracked.
        for ignore in ["/.env\n!/.env\n", ""] {
            project.write(".gitignore", ignore);
            project.save().run().fails("env_file_unprotected");
        }
    }
}

/// Git itself goes on above an empty `.git` directory, so a repository there can track the file.
#[test]
fn repository_above_an_empty_git_directory_is_asked() {
    let project = Project::new();
    project.git_init();
    project.write("inner/.env", "A=1\n");
    project.write("inner/.gitignore", "/.env\n");
    project.git(&["add", "--force", "inner/.env"]);
    std::fs::create_dir(project.path("inner/.git")).unwrap();
    project.atmn(["save", "--dir", "inner"]).stdin(SANDBOX).run().fails("env_file_tracked");
    assert_eq!(project.read("inner/.env"), "A=1\n");
}

/// Root in a repository of another user, as in a container with a bind mount. Git itself refuses to answer there.
#[test]
fn repository_of_another_owner_is_asked() {
    if !is_root() {
        let project = tracked();
        let script = "mount --bind . /mnt; cd /mnt; $ATMN save 2>&1 || true";
        assert!(project.in_namespace(script).stdin(SANDBOX).run().ok().stdout.contains("env_file_tracked"));
        return;
    }
    let owned = |project: &Project| {
        let owner = format!("{UNPRIVILEGED}:{UNPRIVILEGED}");
        assert!(Command::new("chown").args(["-R", &owner]).arg(project.path("")).status().unwrap().success());
        let mut git = Command::new("git");
        git.args(["ls-files"]).current_dir(project.path("")).env("HOME", project.home());
        assert!(String::from_utf8_lossy(&git.output().unwrap().stderr).contains("dubious ownership"));
    };
    let project = tracked();
    owned(&project);
    project.save().run().fails("env_file_tracked");
    let project = Project::new();
    project.git_init();
    owned(&project);
    assert_eq!(save(&project, &[]).run().ok().json()["git"], "added");
}

/// A library that a host program loads: it changes what happens to ended children.
fn host_that(project: &Project, what: &str) -> PathBuf {
    let source = project.home().join("host.c");
    let code = r#"
        #include <signal.h>
        #include <stdlib.h>
        #include <sys/wait.h>
        static void reap(int number) { (void)number; while (waitpid(-1, NULL, WNOHANG) > 0) {} }
        __attribute__((constructor)) static void host(void) {
            struct sigaction action = {0};
            HOST
            sigaction(SIGCHLD, &action, NULL);
            unsetenv("LD_PRELOAD");
        }
    "#;
    std::fs::write(&source, code.replace("HOST", what)).unwrap();
    let library = project.home().join("host.so");
    let mut cc = Command::new("cc");
    assert!(cc.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status().unwrap().success());
    library
}

#[test]
fn host_that_reaps_children_changes_nothing() {
    for what in [
        "action.sa_handler = reap;",
        "action.sa_handler = reap; action.sa_flags = SA_RESTART;",
        "action.sa_handler = SIG_DFL; action.sa_flags = SA_NOCLDWAIT;",
        "action.sa_handler = SIG_IGN;",
    ] {
        let project = tracked();
        let host = host_that(&project, what);
        let before = project.snapshot();
        project.save().env("LD_PRELOAD", &host).run().fails("env_file_tracked");
        assert_eq!(project.snapshot(), before, "{what}");
        project.git(&["rm", "--quiet", "--cached", ".env"]);
        assert_eq!(save(&project, &[]).env("LD_PRELOAD", &host).run().ok().json()["git"], "not_ignored", "{what}");
        std::fs::remove_file(project.path(".env")).unwrap();
        assert_eq!(save(&project, &[]).env("LD_PRELOAD", &host).run().ok().json()["git"], "added", "{what}");
        assert_eq!(save(&project, &[]).env("LD_PRELOAD", &host).run().ok().json()["git"], "ignored", "{what}");
    }
}
