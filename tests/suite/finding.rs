//! Keys as people really keep them: behind FIFOs, in the main worktree, and in texts with something around the key.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use atmn_tests::project::{LIVE, Project, Run, SANDBOX, UNPRIVILEGED, binary, is_root};
use libatmn::{Boundary, Host, ResolveOptions, explain_key, resolve_key};

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

/// A repository in the project with a linked worktree beside it.
struct Worktrees {
    project: Project,
    linked: PathBuf,
}

impl Worktrees {
    fn new() -> Self {
        let project = Project::new();
        project.git_init();
        project.git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
        project.git(&["worktree", "add", "--quiet", "../linked"]);
        let linked = project.path("").parent().unwrap().join("linked");
        std::fs::create_dir_all(linked.join("app/src")).unwrap();
        Self { project, linked }
    }

    fn atmn(&self, arguments: &[&str]) -> Run {
        self.project.atmn(arguments).current_dir(self.linked.join("app/src"))
    }

    /// The path of the active key, from a subdirectory of the linked worktree.
    fn source(&self) -> Option<PathBuf> {
        let done = self.atmn(&["key", "--json"]).run();
        (done.code == 0).then(|| PathBuf::from(done.json()["source"]["path"].as_str().unwrap()))
    }
}

#[test]
fn main_worktree_comes_last_in_a_linked_one() {
    let trees = Worktrees::new();
    let key = format!("AUTUMN_SECRET_KEY={SANDBOX}\n");
    let done = trees.atmn(&["key"]).run();
    done.fails("key_not_found");
    let main = trees.project.path("");
    assert!(done.stderr.contains(&format!("then in the main worktree {}", main.display())), "{done:?}");
    // From the farthest to the nearest location; each takes precedence over those before.
    let top = main.parent().unwrap();
    let files = [
        main.join(".env"),
        main.join("app/.env"),
        main.join("app/.env.local"),
        top.join(".env"),
        trees.linked.join(".env"),
        trees.linked.join("app/src/.env"),
    ];
    for file in &files {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, &key).unwrap();
        assert_eq!(trees.source().as_ref(), Some(file));
    }
    let options = |boundary| ResolveOptions {
        directory: Some(trees.linked.join("app/src")),
        boundary,
        host: Some(Host::new([("", "")], None)),
        ..ResolveOptions::default()
    };
    let listed = |boundary| -> Vec<PathBuf> {
        explain_key(&options(boundary)).unwrap().into_iter().filter_map(|location| location.path).collect()
    };
    let all = listed(Boundary::Filesystem);
    let last = ["app/src/.env.local", "app/src/.env", "app/.env.local", "app/.env", ".env.local", ".env"];
    assert!(all.ends_with(&last.map(|name| main.join(name))), "{all:?}");
    assert!(listed(Boundary::Repository).ends_with(&last.map(|name| main.join(name))));
    assert!(!listed(Boundary::Directory(trees.linked.clone())).iter().any(|path| path.starts_with(&main)));
    assert!(listed(Boundary::Directory(top.to_path_buf())).iter().any(|path| path.starts_with(&main)));
    for file in &files[4..] {
        std::fs::remove_file(file).unwrap();
    }
    assert!(resolve_key(&options(Boundary::Directory(trees.linked.clone()))).is_err());
}

#[test]
fn main_worktree_around_a_linked_one_is_listed_once() {
    let project = Project::new();
    project.git_init();
    project.git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    project.git(&["worktree", "add", "--quiet", ".trees/one"]);
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let done = project.atmn(["key", "--explain", "--verbose"]).current_dir(project.path(".trees/one")).run().ok();
    let main = format!("{}, line 1", project.path(".env").display());
    assert_eq!(done.stdout.matches(&main).count(), 1, "{done:?}");
}

/// Git registers a worktree on both sides, so a `.git` file alone leads nowhere.
#[test]
fn only_a_registered_worktree_leads_to_the_main_one() {
    let trees = Worktrees::new();
    let (project, linked) = (&trees.project, &trees.linked);
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let main = project.path(".env");
    assert_eq!(trees.source().as_ref(), Some(&main));
    let pointer = linked.join(".git");
    let data = project.path(".git/worktrees/linked");
    // Relative paths, as `worktree.useRelativePaths` writes them.
    std::fs::write(&pointer, "gitdir: ../project/.git/worktrees/linked\r\n").unwrap();
    std::fs::write(data.join("gitdir"), "../../../../linked/.git\n").unwrap();
    assert_eq!(trees.source().as_ref(), Some(&main));

    let forged = linked.parent().unwrap().join("forged");
    std::fs::create_dir_all(&forged).unwrap();
    let from_forged = || project.atmn(["key"]).current_dir(&forged).run();
    for content in [
        format!("gitdir: {}\n", data.display()),
        format!("gitdir: {}\n", project.path(".git").display()),
        "gitdir: /nonexistent\n".to_owned(),
        "gitdir: \0\n".to_owned(),
        String::new(),
        "x".repeat(100_000),
    ] {
        std::fs::write(forged.join(".git"), content).unwrap();
        from_forged().fails("key_not_found");
    }
    // A submodule has a `.git` file, too.
    std::fs::create_dir_all(project.path(".git/modules/forged")).unwrap();
    std::fs::write(forged.join(".git"), format!("gitdir: {}\n", project.path(".git/modules/forged").display()))
        .unwrap();
    from_forged().fails("key_not_found");

    std::fs::set_permissions(&pointer, PermissionsExt::from_mode(0o666)).unwrap();
    let done = trees.atmn(&["key", "--explain"]).run().ok();
    let skipped = format!("skipped   {} (skipped: it can be changed by other accounts)", pointer.display());
    assert!(done.stdout.contains(&skipped) && !done.stdout.contains("used"), "{done:?}");
    if is_root() {
        std::fs::set_permissions(&pointer, PermissionsExt::from_mode(0o644)).unwrap();
        assert_eq!(trees.source().as_ref(), Some(&main));
        std::os::unix::fs::chown(&pointer, Some(UNPRIVILEGED), None).unwrap();
        assert_eq!(trees.source(), None);
    }
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

#[test]
fn explanation_starts_with_the_active_key() {
    let project = Project::new();
    project.write("a/b/.env", "AUTUMN_SECRET_KEY=\n");
    project.write("a/.env", format!("A=1\nAUTUMN_SECRET_KEY={SANDBOX}\n"));
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    std::fs::create_dir(project.path("a/b/.env.local")).unwrap();
    let run = |arguments: &[&str]| project.atmn(arguments).current_dir(project.path("a/b")).run().ok().stdout;
    let short = run(&["key", "--explain"]);
    let (lines, all) = (short.lines().collect::<Vec<_>>(), run(&["key", "--explain", "--verbose"]));
    let path = |name: &str| project.path(name).display().to_string();
    assert!(lines[0].starts_with(&format!("used      AUTUMN_SECRET_KEY in {}, line 2: am_sk_test_…", path("a/.env"))));
    assert!(lines[1].starts_with(&format!("skipped   {}", path("a/b/.env.local"))), "{short}");
    assert!(lines[2].starts_with(&format!("shadowed  AUTUMN_SECRET_KEY in {}", path(".env"))), "{short}");
    let others = all.lines().count() - 3;
    assert_eq!(lines[3..], [format!("also checked: {others} locations without a key")]);
    assert!(all.starts_with("absent    AUTUMN_SECRET_KEY in the process environment\n"), "{all}");
}

/// Node and Vite take the mark for a part of the name of the first variable.
#[test]
fn doctor_names_a_byte_order_mark_before_a_variable() {
    let project = Project::new();
    let doctor = || {
        let done = project.atmn(["doctor", "--offline"]).run();
        done.stdout + &done.stderr
    };
    for (text, is_named) in
        [("\u{feff}A=1\n", true), ("\u{feff}\n A=1\n", true), ("\u{feff}# A=\nA=1\n", false), ("A=1\n", false)]
    {
        project.write(".env", text);
        assert_eq!(doctor().contains("starts with a byte order mark"), is_named, "{text:?}");
    }
}

/// A file that another account could have written is not named either.
#[test]
fn misplaced_key_is_named_by_command_and_doctor() {
    let project = Project::new();
    let file = project.write(".dev.vars", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let said = |arguments: &[&str]| {
        let done = project.atmn(arguments).run();
        done.stdout + &done.stderr
    };
    for arguments in [&["key"][..], &["key", "--explain"], &["doctor", "--offline"]] {
        let text = said(arguments);
        assert!(text.contains(".dev.vars") && !text.contains(SANDBOX), "{arguments:?}: {text}");
    }
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    assert!(!said(&["key"]).contains(".dev.vars"));
}

/// A file that is not readable to libatmn is not writable to it either, so a login alone would not help.
#[test]
fn hint_repairs_the_file_in_which_a_login_would_save() {
    let project = Project::new();
    std::fs::create_dir(project.path("app")).unwrap();
    let file = project.write(".env", "A=1\n");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    let hint = |directory: &str| {
        let run = project.atmn(["key", "--dir", directory]).run();
        run.fails("key_not_found");
        run.stderr
    };
    let own = hint(".");
    assert!(own.contains(".env can be changed by other accounts. Take ownership of the file"), "{own}");
    assert!(own.contains("atmn login"), "{own}");
    project.save().run().fails("file_untrusted");
    // A login in a subdirectory saves there.
    assert!(!hint("app").contains("Take ownership"), "{}", hint("app"));
    // After the repair, the same command names only the login.
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(!hint(".").contains("Take ownership"), "{}", hint("."));
    let _ = project.save().run().ok();
}

#[test]
fn hint_of_a_key_file_fits_the_reason() {
    let project = Project::new();
    let file = project.write("secret", format!("{SANDBOX}\n"));
    let hint = || {
        let run = project.atmn(["key"]).env("AUTUMN_SECRET_KEY_FILE", &file).run();
        run.fails("key_file_unreadable");
        run.stderr
    };
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    assert!(hint().contains("Take ownership of the file"), "{}", hint());
    assert!(hint().contains("named by AUTUMN_SECRET_KEY_FILE, can be changed by other accounts"), "{}", hint());
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::write(&file, "\u{feff}a".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    assert!(hint().contains("Save the file as UTF-8"), "{}", hint());
    std::fs::write(&file, "a\nb\n").unwrap();
    assert!(hint().contains("Set `AUTUMN_SECRET_KEY_FILE` to the path of a file that has the key"), "{}", hint());
}

#[test]
fn file_that_is_no_text_is_not_edited() {
    let project = Project::new();
    let encrypted = b"\0GITCRYPT\0\x8a\x01";
    std::fs::write(project.path(".env"), encrypted).unwrap();
    for run in [project.save().run(), project.atmn(["logout"]).run()] {
        run.fails("file_unreadable");
        assert!(run.stderr.contains("contains a NUL byte") && run.stderr.contains("git-crypt"), "{run:?}");
    }
    assert_eq!(std::fs::read(project.path(".env")).unwrap(), encrypted);
}

/// git finds no line in such a file, so the key would be committed.
#[test]
fn gitignore_that_is_no_text_is_not_edited() {
    let project = Project::new();
    project.git_init();
    let utf16: Vec<u8> = "\u{feff}node_modules\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(project.path(".gitignore"), &utf16).unwrap();
    let run = project.save().run();
    run.fails("file_unreadable");
    assert!(run.stderr.contains(".gitignore is not UTF-8 text") && run.stderr.contains("--no-gitignore"), "{run:?}");
    assert_eq!(std::fs::read(project.path(".gitignore")).unwrap(), utf16);
    assert!(!project.path(".env").exists());
}

#[test]
fn mercurial_gets_its_own_ignore_file() {
    let project = Project::new();
    assert!(Command::new("hg").arg("init").current_dir(project.path("")).status().unwrap().success());
    project.write(".env", "A=1\n");
    let advice = format!(r"`re:^\.env$` to {}", project.path(".hgignore").display());
    let doctor = project.atmn(["doctor", "--offline"]).run();
    assert!(doctor.stdout.contains(&format!("Add {advice}.")), "{doctor:?}");
    let saved = project.save().run().ok();
    assert!(
        saved.stderr.contains(&format!("hg does not ignore {}; add {advice}.", project.path(".env").display())),
        "{saved:?}"
    );
}

#[test]
fn doctor_names_a_command_that_a_shell_accepts() {
    let project = Project::new();
    std::fs::create_dir(project.path("my pro'j")).unwrap();
    project.write("my pro'j/.env", "A=1\n");
    let file = project.path("my pro'j/.env");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    for directory in file.ancestors().skip(1).take_while(|directory| directory.starts_with(project.path(""))) {
        std::fs::set_permissions(directory, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let doctor = || {
        let run = project.atmn(["doctor", "--offline", "--dir", "my pro'j"]).run();
        run.stdout + &run.stderr
    };
    let quoted = file.display().to_string().replace('\'', r"'\''");
    let is_reached = file
        .ancestors()
        .skip(1)
        .all(|directory| std::fs::metadata(directory).unwrap().permissions().mode() & 0o011 != 0);
    assert_eq!(doctor().contains(&format!("Run `chmod 600 '{quoted}'`.")), is_reached, "{}", doctor());
    // Other accounts cannot enter this directory.
    std::fs::set_permissions(file.parent().unwrap(), PermissionsExt::from_mode(0o700)).unwrap();
    assert!(!doctor().contains("chmod"), "{}", doctor());
}
