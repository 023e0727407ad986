//! Keys from FIFOs, process substitution and standard input.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use atmn_tests::project::{LIVE, Project, SANDBOX, binary};

/// A FIFO at this path of the project.
fn fifo(project: &Project, name: &str) -> PathBuf {
    let path = project.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg("-m").arg("600").arg(&path).status().unwrap().success());
    path
}

/// Delivers a file to the next reader, as a secret manager does. Ends when a reader has gone.
fn deliver(path: &Path, write: impl FnOnce(std::fs::File) + Send + 'static) {
    let path = path.to_path_buf();
    std::thread::spawn(move || write(OpenOptions::new().write(true).open(path).unwrap()));
}

#[test]
fn fifo_delivers_env_file() {
    let project = Project::new();
    let path = fifo(&project, "app/.env");
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}other\n"));
    let long = format!("A={}\nAUTUMN_SECRET_KEY={SANDBOX}\n", "a".repeat(200_000));
    deliver(&path, move |mut file| file.write_all(long.as_bytes()).unwrap());
    let found = project.atmn(["key", "--json", "--dir", "app"]).run().ok().json();
    assert_eq!((found["source"]["path"].as_str(), found["source"]["line"].as_u64()), (path.to_str(), Some(2)));
    // A FIFO without the variable does not end the search.
    deliver(&path, |mut file| file.write_all(b"A=1\n").unwrap());
    let found = project.atmn(["key", "--json", "--dir", "app"]).run().ok().json();
    assert_eq!(found["source"]["path"].as_str(), project.path(".env").to_str());
}

#[test]
fn fifo_that_is_silent_endless_or_not_trusted_is_named() {
    let project = Project::new();
    let path = fifo(&project, "app/.env");
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let run = || project.atmn(["key", "--dir", "app"]).run();
    // No writer, and one that writes nothing: the key may be in the FIFO, so that of the parent is not used.
    for holder in [None, Some(OpenOptions::new().read(true).write(true).open(&path).unwrap())] {
        let done = run();
        done.fails("file_unreadable");
        assert!(done.stderr.contains("no program delivered its content within 2 seconds"), "{done:?}");
        assert!(done.stderr.contains("secret manager"), "{done:?}");
        drop(holder);
    }
    // A program that delivers a key and keeps the FIFO open: more could follow.
    let mut holder = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    writeln!(holder, "AUTUMN_SECRET_KEY={SANDBOX}").unwrap();
    let done = run();
    done.fails("file_unreadable");
    assert!(done.stderr.contains("did not close it within 2 seconds"), "{done:?}");
    assert!(done.stderr.contains("must close it") && !done.stderr.contains("Unlock"), "{done:?}");
    drop(holder);
    deliver(&path, |mut file| while file.write_all(&[b'#'; 4096]).is_ok() {});
    // The key may stand behind the limit.
    let done = run();
    done.fails("file_unreadable");
    assert!(done.stderr.contains("is larger than 1048576 bytes"), "{done:?}");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
    // Content that any account could have written is not read.
    let held = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    (&held).write_all(format!("AUTUMN_SECRET_KEY={LIVE}\n").as_bytes()).unwrap();
    let done = run().ok();
    assert!(done.stderr.contains("can be changed by other accounts"), "{done:?}");
    assert_eq!(done.stdout.trim_end(), SANDBOX);
}

#[test]
fn save_names_the_secret_manager_behind_a_fifo() {
    let project = Project::new();
    fifo(&project, ".env");
    let before = project.snapshot();
    let logout = (project.atmn(["logout"]), ".env: remove the key there.");
    for (command, hint) in [(project.save(), "Save the key in that secret manager"), logout] {
        let done = command.run();
        done.fails("not_a_file");
        assert!(done.stderr.contains("is a FIFO, through which a secret manager provides the file"), "{done:?}");
        assert!(done.stderr.contains(hint), "{done:?}");
    }
    assert_eq!(project.snapshot(), before);
}

/// `<(command)` is a pipe without a name.
#[test]
fn process_substitution_delivers_key_file() {
    let project = Project::new();
    let bash = |script: &str| {
        let mut command = Command::new("bash");
        command.args(["-euc", script]).current_dir(project.path("")).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("HOME", project.home()).env("ATMN", binary()).env("KEY", SANDBOX);
        let output = command.output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for script in [
        "env AUTUMN_SECRET_KEY_FILE=<(echo $KEY) $ATMN key",
        "env AUTUMN_SECRET_KEY_FILE=<(sleep 0.1; printf %s $KEY) $ATMN key --verbose",
        "echo $KEY | AUTUMN_SECRET_KEY_FILE=/dev/stdin $ATMN key",
    ] {
        let (stdout, stderr) = bash(script);
        assert_eq!(stdout.trim_end(), SANDBOX, "{script}: {stderr}");
    }
    let (_, stderr) = bash("env AUTUMN_SECRET_KEY_FILE=<(true) $ATMN key || true");
    assert!(stderr.contains("error[key_file_unreadable]") && stderr.contains("is a pipe that is empty"), "{stderr}");
    let (_, stderr) = bash("env AUTUMN_SECRET_KEY_FILE=<(yes) $ATMN key || true");
    assert!(stderr.contains("is larger than 4096 bytes"), "{stderr}");
}

#[test]
fn keys_on_stdin_lose_what_surrounds_them() {
    for text in [
        format!("AUTUMN_SECRET_KEY={SANDBOX}"),
        format!("export AUTUMN_SECRET_KEY=\"{SANDBOX}\"\r\nAUTUMN_PROD_SECRET_KEY='{LIVE}'\r\n"),
        format!("\u{feff}{SANDBOX}\n"),
        format!("“{SANDBOX}”"),
        format!("  `{SANDBOX}`;\n\n"),
        format!("{}\u{200b}{}", &SANDBOX[..20], &SANDBOX[20..]),
        format!("\u{1b}[200~{SANDBOX}\u{1b}[201~"),
        format!("{SANDBOX} {LIVE}"),
    ] {
        let project = Project::new();
        assert!(project.atmn(["save"]).stdin(&text).run().ok().stdout.is_empty());
        assert!(project.read(".env").contains(&format!("AUTUMN_SECRET_KEY={SANDBOX}\n")), "{text:?}");
        assert_eq!(project.read(".env").contains(LIVE), text.contains(LIVE), "{text:?}");
    }
    for (text, reason) in [
        ("op://planted/autumn/key", "is a 1Password reference"),
        ("AUTUMN_SECRET_KEY=encrypted:planted", "is encrypted by dotenvx"),
        ("am_oauth_planted", "is an OAuth access token"),
    ] {
        let project = Project::new();
        let done = project.atmn(["save"]).stdin(text).run();
        done.fails("malformed_key");
        assert!(done.stderr.contains(reason) && !done.stderr.contains("planted"), "{done:?}");
    }
}

#[test]
fn other_variables_on_stdin_are_no_keys() {
    let done = Project::new().atmn(["save"]).stdin("OTHER=planted").run();
    done.fails("invalid_argument");
    assert!(done.stderr.contains("Stdin contains no key.") && !done.stderr.contains("planted"), "{done:?}");
}
