//! Concurrent writers and kills: no reader sees half a file, and no saved line is lost.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use atmn_tests::project::{LIVE, Project, SANDBOX};

/// `make soak` runs more of them.
fn rounds(usual: usize) -> usize {
    if std::env::var_os("ATMN_SOAK").is_some() { usual * 10 } else { usual }
}

fn pair(writer: usize) -> (String, String) {
    (format!("am_sk_test_writer{writer:030}"), format!("am_sk_live_writer{writer:030}"))
}

fn saver(project: &Project, writer: usize) -> Child {
    let (sandbox, live) = pair(writer);
    let mut command: Command = project.atmn(["save", "--json"]).command();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{sandbox} {live}").as_bytes()).unwrap();
    child
}

/// The file as a reader sees it: always complete, always with both keys of one writer.
fn check_whole(content: &str) {
    // A reader may see half of an append that crosses a page of the file, but never half of a save.
    let unfinished = content.rfind('\n').map_or("", |end| &content[end + 1..]);
    assert!(unfinished.starts_with("STRANGER_") || "STRANGER_".starts_with(unfinished), "half a file: {content:?}");
    assert!(content.contains("BEFORE=1\n"), "{content:?}");
    let value = |name: &str| {
        let found: Vec<&str> = content.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).collect();
        assert!(found.len() < 2, "{name} twice: {content:?}");
        found.first().map(|key| key[11..].to_owned())
    };
    assert_eq!(value("AUTUMN_SECRET_KEY"), value("AUTUMN_PROD_SECRET_KEY"), "two logins mixed: {content:?}");
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn sixteen_writers_and_an_appender_lose_nothing() {
    for _ in 0..rounds(3) {
        let project = Project::new();
        let path = project.write(".env", "BEFORE=1\n");
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // Also if an assertion fails, because the other threads would wait forever.
            let finished = OnDrop(|| done.store(true, Ordering::Release));
            // Another program, which takes no lock and appends its own variables.
            let stranger = scope.spawn(|| {
                let mut seen = BTreeSet::new();
                for number in 0..10_000 {
                    if done.load(Ordering::Acquire) {
                        break;
                    }
                    let line = format!("STRANGER_{number}=1\n");
                    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(line.as_bytes()).unwrap();
                    // Only what is visible under the name counts: an append to a file that was just replaced is lost
                    // to every program, no matter which writer replaces it.
                    if std::fs::read_to_string(&path).unwrap().contains(&line) {
                        seen.insert(line);
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
                seen
            });
            let reader = scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    check_whole(&std::fs::read_to_string(&path).unwrap());
                }
            });
            let savers: Vec<Child> = (0..16).map(|writer| saver(&project, writer)).collect();
            for saver in savers {
                let output = saver.wait_with_output().unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            }
            drop(finished);
            reader.join().unwrap();
            let content = std::fs::read_to_string(&path).unwrap();
            check_whole(&content);
            for line in stranger.join().unwrap() {
                assert!(content.contains(&line), "{line} was visible and is lost: {content}");
            }
        });
        let left: Vec<_> = std::fs::read_dir(project.path("")).unwrap().collect();
        assert_eq!(left.len(), 1, "something was left behind: {left:?}");
    }
}

#[test]
fn concurrent_writers_report_created_and_replaced() {
    let project = Project::new();
    let savers: Vec<Child> = (0..16).map(|writer| saver(&project, writer)).collect();
    let saved: Vec<serde_json::Value> = savers
        .into_iter()
        .map(|saver| serde_json::from_slice(&saver.wait_with_output().unwrap().stdout).unwrap())
        .collect();
    let creators: Vec<_> = saved.iter().filter(|saved| saved["created"] == true).collect();
    assert_eq!(creators.len(), 1, "{creators:?}");
    let replaced = |saved: &serde_json::Value| saved["replaced"].as_array().unwrap().len();
    assert!(saved.iter().all(|saved| replaced(saved) == if saved["created"] == true { 0 } else { 2 }), "{saved:?}");
}

/// How long a save takes: the shortest time of some, since one of them may wait for a busy machine.
fn duration_of_a_save(project: &Project, reset: impl Fn()) -> Duration {
    let measured = (0..5).map(|_| {
        reset();
        let began = Instant::now();
        let _ = project.save().run().ok();
        began.elapsed()
    });
    measured.min().unwrap()
}

#[test]
fn kill_leaves_old_or_new_file() {
    let project = Project::new();
    let filler = "FILLER=0123456789012345678901234567890123456789\n".repeat(2000);
    let old = format!("{filler}BEFORE=1\n");
    let new = format!("{old}AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n");
    let path = project.write(".env", &old);
    let usual = duration_of_a_save(&project, || std::fs::write(&path, &old).unwrap());
    let (mut kept, mut replaced) = (0, 0);
    let kills = rounds(300);
    for number in 0..kills {
        std::fs::write(&path, &old).unwrap();
        let mut command = project.atmn(["save", "--quiet"]).command();
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{SANDBOX} {LIVE}").as_bytes()).unwrap();
        // Moments spread over the time that a save takes.
        let step = u32::try_from(number % 100).unwrap();
        let moment = Instant::now() + usual * step / 40;
        while Instant::now() < moment {
            std::thread::sleep(Duration::from_micros(100));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        match std::fs::read_to_string(&path).unwrap() {
            content if content == old => kept += 1,
            content if content == new => replaced += 1,
            content => panic!("kill {number} left {} bytes", content.len()),
        }
    }
    assert!(kept > 0 && replaced > 0, "all kills came too early or too late: {kept} kept, {replaced} replaced");
    // The next save that changes the file removes what a killed one left behind.
    std::fs::write(&path, &old).unwrap();
    let _ = project.save().run().ok();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), new);
    assert_eq!(std::fs::read_dir(project.path("")).unwrap().count(), 1);
}

/// A kill at any moment leaves no key under a name that `git add -A` takes.
#[test]
fn kill_leaves_no_key_that_git_would_add() {
    for exists in [true, false] {
        let project = Project::new();
        project.git_init();
        project.write(".gitignore", "/.env\n");
        let filler = "FILLER=0123456789012345678901234567890123456789\n".repeat(2000);
        let reset = || {
            let _ = std::fs::remove_file(project.path(".env"));
            if exists {
                project.write(".env", &filler);
            }
        };
        let usual = duration_of_a_save(&project, reset);
        for number in 0..rounds(60) {
            reset();
            let mut child = project.atmn(["save", "--quiet"]).command().stdin(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(format!("{SANDBOX} {LIVE}").as_bytes()).unwrap();
            // The end of a save is dense with system calls, so most kills come there.
            let step = u32::try_from(number % 60).unwrap();
            std::thread::sleep(usual / 2 + usual * step / 60);
            child.kill().unwrap();
            child.wait().unwrap();
            let mut add = Command::new("git");
            add.args(["add", "--all", "--dry-run"]).current_dir(project.path("")).env("HOME", project.home());
            let taken = String::from_utf8(add.output().unwrap().stdout).unwrap();
            for line in taken.lines() {
                let name = line.trim_start_matches("add '").trim_end_matches('\'');
                let content = std::fs::read_to_string(project.path(name)).unwrap();
                assert!(
                    ![SANDBOX, LIVE].iter().any(|key| content.contains(key)),
                    "kill {number}: git would add {name}"
                );
            }
            assert!(taken.contains("add '.gitignore'\n"), "kill {number}: {taken}");
        }
        // Only a save that changes the file removes what a killed one left behind.
        reset();
        let _ = project.save().run().ok();
        assert_eq!(std::fs::read_dir(project.path("")).unwrap().count(), 3, "something was left behind");
    }
}
