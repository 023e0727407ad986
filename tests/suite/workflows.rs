//! The workflows on GitHub: what runs beside a token is known to the byte.

use atmn_tests::repository;

const FILES: &[&str] = &[".github/workflows/ci.yml", ".github/workflows/release.yml"];

fn text(file: &str) -> String {
    std::fs::read_to_string(repository().join(file)).unwrap()
}

/// The jobs of a workflow: lines after `jobs:`, split at names that are indented by two spaces.
fn jobs(workflow: &str) -> Vec<(String, String)> {
    let mut jobs: Vec<(String, String)> = Vec::new();
    for line in workflow.split_once("\njobs:\n").unwrap().1.lines() {
        match line.strip_prefix("  ").and_then(|line| line.strip_suffix(':')) {
            Some(name) if !name.starts_with(' ') => jobs.push((name.to_owned(), String::new())),
            _ => {
                if let Some((_, body)) = jobs.last_mut() {
                    body.push_str(line);
                    body.push('\n');
                }
            }
        }
    }
    jobs
}

/// The part of a line before a comment.
fn code(line: &str) -> &str {
    line.split(" #").next().unwrap_or_default()
}

#[test]
fn actions_are_pinned_by_commit() {
    let mut count = 0;
    for file in FILES {
        for line in text(file).lines().filter(|line| line.trim_start().trim_start_matches("- ").starts_with("uses: ")) {
            let (action, version) =
                line.split_once(" # v").unwrap_or_else(|| panic!("{file}: {line} names no version"));
            let commit = action.rsplit('@').next().unwrap();
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{file}: {line}");
            assert!(version.split('.').count() == 3, "{file}: {line}");
            count += 1;
        }
    }
    assert!(count > 20, "only {count} actions found: does this test still read them?");
}

/// A commit of another repository, a dependency, or a script of this one could use the token that lies beside it.
#[test]
fn jobs_that_can_write_run_no_foreign_code() {
    let foreign = [
        "make ",
        "npm ci",
        "npm install",
        "npx ",
        "node ",
        "pip",
        "python",
        "cargo build",
        "cargo test",
        "cargo run",
        "cargo install",
        "rustup",
        "maturin",
        "bindings/",
        "tests/",
        "./",
        " sh ",
        "curl",
        "wget",
    ];
    let mut writers = Vec::new();
    for file in FILES {
        let workflow = text(file);
        assert!(workflow.contains("\npermissions:\n  contents: read\n"), "{file}: jobs can write unless they say so");
        for (job, body) in jobs(&workflow) {
            if !body.lines().any(|line| code(line).trim_end().ends_with(": write")) {
                continue;
            }
            let commands = body.lines().map(code).filter(|line| !line.contains("uses: ") && !line.contains("path"));
            for line in commands.filter(|line| !line.trim_start().starts_with('#')) {
                // `npm publish ./FILE` names a package that another job has packed.
                let line = line.replace("\"./$package\"", "").replace("./libatmn-[0-9]*.tgz", "");
                let found = foreign.iter().find(|word| line.contains(**word));
                assert!(found.is_none(), "{file}: the job {job} can write, and runs `{}`", line.trim());
            }
            for publish in body.lines().filter(|line| line.contains("npm publish")) {
                assert!(publish.contains("--ignore-scripts"), "{file}: {publish}");
            }
            for publish in body.lines().filter(|line| line.contains("run: cargo publish")) {
                assert!(publish.contains("--no-verify"), "{file}: {publish}");
            }
            writers.push(job);
        }
    }
    assert_eq!(writers, ["attest", "draft", "crates", "npm", "pypi"]);
}
