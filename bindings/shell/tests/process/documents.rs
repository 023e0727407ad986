//! Runs every console block of the documentation in a terminal, against a local Autumn, and compares output and exit
//! code. In the expected output, `…` matches any text.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use atmn_tests::project::{Done, Project, binary};
use atmn_tests::{pages, repository};

use crate::world::{CommandFixture, get};

const CLOUD: &str = "https://api.useautumn.com";

/// A command of a console block, and the lines shown below it.
struct ConsoleStep {
    command: String,
    shown: Vec<String>,
}

impl ConsoleStep {
    /// The exit code in the command's comment, or 0.
    fn exit_code(&self) -> i32 {
        let comment =
            self.command.split("# exit code ").nth(1).map(|rest| rest.chars().take_while(char::is_ascii_digit));
        comment.map_or(0, |digits| digits.collect::<String>().parse().unwrap())
    }
}

fn steps(page: &str) -> Vec<ConsoleStep> {
    let mut steps: Vec<ConsoleStep> = Vec::new();
    for line in pages::blocks(page, "console").iter().flat_map(|block| block.lines()) {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(ConsoleStep { command: command.to_owned(), shown: Vec::new() }),
            (None, Some(step)) if step.command.ends_with('\\') => step.command += &format!("\n{line}"),
            (None, Some(step)) => step.shown.push(line.to_owned()),
            (None, None) => panic!("a block of {page} does not begin with a command: {line}"),
        }
    }
    steps
}

/// A world with what the pages assume: the directory `packages/web`, a clipboard, and `atmn` on the path.
struct Stage {
    world: CommandFixture,
    programs: PathBuf,
    /// The callback URL of the last login.
    callback_url: String,
}

impl Stage {
    fn new() -> Self {
        let world = CommandFixture::new();
        world.project.git_init();
        let programs = world.project.home().join("bin");
        for folder in [&programs, &world.project.path("packages/web")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let keys: Vec<String> = world.autumn.store().keys().iter().map(|known| known.key.reveal().to_owned()).collect();
        let key = |prefix: &str| keys.iter().find(|key| key.starts_with(prefix)).cloned().unwrap_or_default();
        program(&programs, "pbpaste", &format!("echo {} {}", key("am_sk_test_"), key("am_sk_live_")));
        let (atmn, port) = (binary().display().to_string(), world.port);
        let script = format!(
            "case \"$*\" in *--complete*) ;; login*|api*) set -- \"$@\" --ports {port} ;; esac\nexec {atmn} \"$@\""
        );
        program(&programs, "atmn", &script);
        Self { world, programs, callback_url: String::new() }
    }

    /// Runs a command, and approves every login.
    fn run(&mut self, step: &ConsoleStep) -> Done {
        let line = step.command.replace(CLOUD, &self.world.autumn.url());
        let mut command = Command::new("env");
        command
            .args(["--default-signal", "script", "--quiet", "--return", "--command", &line, "/dev/null"])
            .env_clear();
        command.current_dir(self.world.project.path("")).env("HOME", self.world.project.home()).env("SHELL", "/bin/sh");
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.programs.display()));
        command
            .env("ATMN_BACKEND_URL", self.world.autumn.url())
            .env("BROWSER", "false")
            .env("CALLBACK_URL", &self.callback_url);
        let mut process = self.world.start(&mut command);
        while let Some(line) = process.line() {
            let url = line.split(['"', ' ', '\r', '\n']).find(|word| word.contains("/oauth2/authorize?"));
            let Some(url) = url else { continue };
            self.callback_url = self.world.autumn.store().approve(url, "ada@example.com", "night-library").unwrap();
            if !step.command.contains("--begin") {
                let answer = get(&self.callback_url);
                let page = answer.lines().find_map(|line| line.strip_prefix("Location: ")).expect("a page");
                get(&format!("http://localhost:{}{page}", self.world.port));
            }
        }
        process.end()
    }

    /// The expected output with the paths and URLs of this world.
    fn localized(&self, shown: &str) -> String {
        let project = self.world.project.path("").display().to_string();
        shown.replace("/srv/shop", &project).replace(CLOUD, &self.world.autumn.url())
    }
}

fn program(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// Whether a line matches the expected output, in which `…` matches any text.
fn matches(line: &str, shown: &str) -> bool {
    let mut pieces = pieces(shown);
    let Some(mut rest) = line.strip_prefix(pieces.remove(0)) else { return false };
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

/// The texts between the `…`. The last four characters of a masked key may differ too.
fn pieces(shown: &str) -> Vec<&str> {
    let mut pieces: Vec<&str> = shown.split('…').collect();
    for at in 1..pieces.len() {
        if pieces[at - 1].ends_with("am_sk_test_") || pieces[at - 1].ends_with("am_sk_live_") {
            pieces[at] = &pieces[at][4..];
        }
    }
    pieces
}

fn check(name: &str) -> usize {
    let mut stage = Stage::new();
    let steps = steps(&pages::read(name));
    for step in &steps {
        let done = stage.run(step);
        let output = format!("{}{}", done.stdout, done.stderr).replace('\r', "");
        assert_eq!(done.code, step.exit_code(), "{name}: $ {}\n{output}", step.command);
        let mut lines = output.lines();
        for shown in step.shown.iter().filter(|line| !line.is_empty()) {
            let shown = stage.localized(shown);
            assert!(lines.any(|line| matches(line, &shown)), "{name}: $ {}\nno `{shown}` in\n{output}", step.command);
        }
    }
    steps.len()
}

#[test]
fn console_blocks_behave_as_shown() {
    let counts: Vec<(String, usize)> = pages::names().into_iter().map(|name| (name.clone(), check(&name))).collect();
    let of = |name: &str| counts.iter().find(|(known, _)| known == name).map_or(0, |(_, count)| *count);
    assert!(of("README.md") >= 4 && of("docs/shell.md") >= 10, "{counts:?}");
}

/// Other users can read arguments, so a key is in none.
#[test]
fn no_example_puts_a_key_into_an_argument() {
    let man = repository().join("bindings/shell/man");
    let man = std::fs::read_dir(man).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    for text in pages::names().iter().map(|name| pages::read(name)).chain(man) {
        for (at, _) in text.match_indices("$(atmn key") {
            let line = text[..at].rsplit('\n').next().unwrap();
            assert!(line.ends_with('='), "{line}$(atmn key)");
        }
    }
}

/// A user of a script learns where an example pipes that a pipe hides the exit code.
#[test]
fn pages_that_pipe_from_the_command_name_pipefail() {
    let man = repository().join("bindings/shell/man");
    let man = std::fs::read_dir(man).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    for text in man.chain([pages::read("docs/shell.md")]) {
        // The line for PowerShell, which has no such option.
        let mut lines = text.lines().filter(|line| !line.contains("powershell"));
        let pipes = |line: &str| line.split_once("atmn ").is_some_and(|(_, rest)| rest.contains(" | "));
        assert!(!lines.any(pipes) || text.contains("pipefail"), "{text}");
    }
}

/// `sh` blocks need other machines or installations, so only their syntax is checked.
#[test]
fn sh_blocks_have_valid_syntax() {
    for name in pages::names() {
        for block in pages::blocks(&pages::read(&name), "sh") {
            let status = Command::new("sh").args(["-n", "-c", &block]).current_dir(repository()).status().unwrap();
            assert!(status.success(), "{name}: {block}");
        }
    }
}

/// The last one needs only programs that are here.
#[test]
fn script_of_the_page_on_testing_runs() {
    let script = pages::blocks(&pages::read("docs/testing.md"), "sh").pop().unwrap();
    let project = Project::new();
    let programs = binary().parent().unwrap().display().to_string();
    let mut command = Command::new(repository().join("tests/support/isolated"));
    command.args(["sh", "-euc", &script]).current_dir(project.path("")).env_clear().env("HOME", project.home());
    let output = command.env("PATH", format!("{programs}:/usr/local/bin:/usr/bin:/bin")).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stdout.contains("\"id\":\"pro\""), "{stdout}{stderr}");
    assert!(stderr.contains("Saved the live key") && stderr.contains("Trying again"), "{stderr}");
}

#[test]
fn matches_detects_differences() {
    assert!(matches(
        "Saved the sandbox key am_sk_test_…abcd in /x/.env.",
        "Saved the sandbox key am_sk_test_…dbox in /x/.env."
    ));
    assert!(!matches(
        "Saved the sandbox key am_sk_test_…abcd in /y/.env.",
        "Saved the sandbox key am_sk_test_…dbox in /x/.env."
    ));
    assert!(
        matches("(until 10:00 UTC). If", "(until … UTC). If") && !matches("(until 10:00 UTC). Or", "(until … UTC). If")
    );
    assert!(!matches("Environment   live", "Environment   sandbox"));
}
