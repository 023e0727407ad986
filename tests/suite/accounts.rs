//! Other accounts of the machine: what they can write does not count, and no exchange of a name leads a call to another
//! file. The accounts are numbers that no group file lists.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use atmn_tests::project::{LIVE, Project, Run, SANDBOX, has_accounts};

/// A user that works, another user, and a group with both of them.
const USER: u32 = 4713;
const OTHER: u32 = 4711;
const TEAM: u32 = 4712;
const PRIVATE: &str = "PRIVATE=planted-private-text\n";

fn own(path: &Path, user: u32, group: u32, mode: u32) {
    lchown(path, Some(user), Some(group)).unwrap();
    if !path.is_symlink() {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
}

/// The command as an account, whose home is its own.
fn atmn_as(user: u32, project: &Project, arguments: &[&str]) -> Run {
    let home = project.path("").with_file_name(format!("home-{user}"));
    std::fs::create_dir_all(&home).unwrap();
    own(&home, user, user, 0o700);
    project.atmn(arguments).env("HOME", home).account(user, &[TEAM])
}

/// Another account that runs a script in a loop, until this is dropped or the test is killed.
struct Attacker(Child);

impl Attacker {
    fn start(directory: &Path, arguments: &[&Path], body: &str) -> Self {
        let script = format!(
            "import os, sys\nos.umask(0o002)\n\
             def look(name):\n    try:\n        if 'planted-private' in open(name).read(): open('leaked', 'w').close()\n    \
             except OSError: pass\n\
             def tries(*steps):\n    for step in steps:\n        try: step()\n        except OSError: pass\n\
             def write(name):\n    with open(name, 'w') as file: file.write('A=1\\n')\n\
             parent = os.getppid()\nprint('ready', flush=True)\nwhile os.getppid() == parent:\n{body}"
        );
        let id = OTHER.to_string();
        let groups = TEAM.to_string();
        let mut child = Command::new("setpriv")
            .args(["--reuid", &id, "--regid", &id, "--groups", &groups, "python3", "-c", &script])
            .args(arguments)
            .current_dir(directory)
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = [0; 6];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
        Self(child)
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// All files below a directory that contain the private text.
fn holders(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let Ok(metadata) = path.symlink_metadata() else { continue };
        if metadata.is_dir() {
            found.extend(holders(&path));
        } else if metadata.is_file() && std::fs::read_to_string(&path).is_ok_and(|text| text.contains(PRIVATE)) {
            found.push(path);
        }
    }
    found
}

/// What the other account exchanges in its own directory while root saves there and logs out again.
const EXCHANGES: &[(&str, &str)] = &[
    // The file.
    (
        "file",
        "    tries(lambda: os.symlink(sys.argv[1] + '/.env', 'l'), lambda: os.rename('l', '.env'), lambda: look('.env'),
          lambda: write('f'), lambda: os.rename('f', '.env'), lambda: look('.env'))\n",
    ),
    // The folder.
    (
        "folder",
        "    tries(lambda: os.rename('../project', '../p'), lambda: os.symlink(sys.argv[1], '../project'),
          lambda: look('.env'), lambda: os.unlink('../project'), lambda: os.rename('../p', '../project'))\n",
    ),
    // The file that makes git ignore `.env`.
    (
        "gitignore",
        "    tries(lambda: os.unlink('.env'), lambda: os.symlink(sys.argv[1] + '/.env', 'l'),
          lambda: os.rename('l', '.gitignore'), lambda: look('.gitignore'), lambda: os.unlink('.gitignore'))\n",
    ),
    // The directory of the temporary file.
    (
        "workspace",
        "    tries(lambda: os.rename('.env.atmn.tmp', 'w' + str(os.urandom(4))), lambda: os.mkdir('.env.atmn.tmp'),
          lambda: os.rmdir('.env.atmn.tmp'), lambda: os.symlink(sys.argv[1], '.env.atmn.tmp'),
          lambda: os.unlink('.env.atmn.tmp'), lambda: look('.env'))\n",
    ),
];

#[test]
fn exchange_of_any_name_leads_root_to_no_other_file() {
    if !has_accounts("accounts::exchange_of_any_name_leads_root_to_no_other_file") {
        return;
    }
    for &(name, body) in EXCHANGES {
        let project = Project::new();
        if name == "gitignore" {
            project.git_init();
        }
        project.write(".env", "A=1\n");
        own(&project.path(".env"), OTHER, OTHER, 0o644);
        own(&project.path(""), OTHER, OTHER, 0o755);
        own(project.path("").parent().unwrap(), OTHER, OTHER, 0o755);
        let private = tempfile::tempdir().unwrap();
        std::fs::set_permissions(private.path(), Permissions::from_mode(0o755)).unwrap();
        let secret = private.path().join(".env");
        std::fs::write(&secret, PRIVATE).unwrap();
        own(&secret, 0, 0, 0o600);
        let before = secret.metadata().unwrap();

        let attacker = Attacker::start(&project.path(""), &[private.path()], body);
        let directory = project.path("").to_string_lossy().into_owned();
        for number in 0..75 {
            let arguments =
                if number % 2 == 0 { ["save", "--dir", &directory] } else { ["logout", "--dir", &directory] };
            let _ = project.atmn(arguments).current_dir("/").stdin(&format!("{SANDBOX} {LIVE}")).run();
        }
        drop(attacker);
        let after = secret.metadata().unwrap();
        assert_eq!(std::fs::read_to_string(&secret).unwrap(), PRIVATE, "{name}: written");
        let facts =
            |metadata: &std::fs::Metadata| (metadata.ino(), metadata.uid(), metadata.mode(), metadata.mtime_nsec());
        assert_eq!(facts(&before), facts(&after), "{name}: replaced");
        assert_eq!(std::fs::read_dir(private.path()).unwrap().count(), 1, "{name}: created");
        let root = project.path("").parent().unwrap().to_path_buf();
        assert!(holders(&root).is_empty(), "{name}: copied");
        assert!(!root.join("project/leaked").exists() && !root.join("p/leaked").exists(), "{name}: leaked");
    }
}

#[test]
fn exchange_in_a_group_directory_opens_no_private_file() {
    if !has_accounts("accounts::exchange_in_a_group_directory_opens_no_private_file") {
        return;
    }
    let project = Project::new();
    project.write(".env", PRIVATE);
    own(&project.path(".env"), USER, USER, 0o600);
    own(&project.path(""), 0, TEAM, 0o2775);
    let body = "    tries(lambda: os.rename('.env', 'v'), lambda: write('f'), lambda: os.chmod('f', 0o664), lambda: \
                os.rename('f', '.env'), lambda: look('.env'), lambda: os.rename('v', '.env'), lambda: look('.env'))\n";
    let attacker = Attacker::start(&project.path(""), &[], body);
    for number in 0..150 {
        let arguments: &[&str] = if number % 2 == 0 { &["save"] } else { &["logout"] };
        let _ = atmn_as(USER, &project, arguments).stdin(&format!("{SANDBOX} {LIVE}")).run();
    }
    drop(attacker);
    // The other account may remove files of this directory, so the text may be in none of them.
    for path in holders(&project.path("")) {
        let metadata = path.metadata().unwrap();
        assert_eq!((metadata.uid(), metadata.mode() & 0o777), (USER, 0o600), "{path:?}");
    }
    assert!(!project.path("leaked").exists());
}

#[test]
fn link_of_another_account_does_not_count() {
    if !has_accounts("accounts::link_of_another_account_does_not_count") {
        return;
    }
    let project = Project::new();
    let mine = project.write("mine.env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    own(&mine, USER, USER, 0o600);
    own(&project.path(""), 0, 0, 0o1777);
    symlink("mine.env", project.path(".env")).unwrap();
    for (owner, counts) in [(OTHER, false), (USER, true), (0, true)] {
        lchown(project.path(".env"), Some(owner), Some(owner)).unwrap();
        let done = atmn_as(USER, &project, &["key"]).run();
        assert_eq!(done.code == 0, counts, "{owner}: {done:?}");
        assert_eq!(done.stderr.contains("is behind a symbolic link of another user"), !counts, "{done:?}");
        let done = atmn_as(USER, &project, &["logout"]).run();
        assert_eq!(done.code == 0, counts, "{owner}: {done:?}");
        if counts {
            assert_eq!(std::fs::read_to_string(&mine).unwrap(), "");
            std::fs::write(&mine, format!("AUTUMN_SECRET_KEY={SANDBOX}\n")).unwrap();
        } else {
            done.fails("file_untrusted");
        }
    }
    // The same for a link to the directory.
    let link = project.path("link");
    std::fs::create_dir(project.path("folder")).unwrap();
    own(&project.path("folder"), USER, USER, 0o755);
    symlink("folder", &link).unwrap();
    lchown(&link, Some(OTHER), Some(OTHER)).unwrap();
    for arguments in [["save", "--dir", "link"], ["key", "--dir", "link"], ["logout", "--dir", "link"]] {
        atmn_as(USER, &project, &arguments).stdin(SANDBOX).run().fails("file_untrusted");
    }
    lchown(&link, Some(USER), Some(USER)).unwrap();
    assert_eq!(atmn_as(USER, &project, &["save", "--dir", "link"]).stdin(SANDBOX).run().code, 0);
}

#[test]
fn file_counts_if_no_further_account_could_write_it() {
    if !has_accounts("accounts::file_counts_if_no_further_account_could_write_it") {
        return;
    }
    // The owner and group of the directory and its mode; the same of the file; who reads; whether the file counts.
    let cases = [
        // The group of the user's own number is private, as with umask 002.
        ((USER, USER, 0o775), (USER, USER, 0o664), USER, true),
        ((USER, TEAM, 0o775), (USER, TEAM, 0o664), USER, false),
        ((USER, TEAM, 0o755), (USER, TEAM, 0o640), USER, true),
        ((USER, USER, 0o755), (USER, USER, 0o666), USER, false),
        // Root reads the file of a user who alone writes the directory.
        ((USER, USER, 0o755), (USER, USER, 0o600), 0, true),
        ((USER, USER, 0o775), (USER, USER, 0o664), 0, true),
        ((USER, USER, 0o777), (USER, USER, 0o600), 0, false),
        ((USER, TEAM, 0o775), (USER, USER, 0o600), 0, false),
        // A file of a third account.
        ((USER, USER, 0o755), (OTHER, OTHER, 0o644), USER, false),
        ((0, 0, 0o755), (OTHER, OTHER, 0o644), USER, false),
        ((0, 0, 0o755), (0, 0, 0o644), USER, true),
        ((OTHER, OTHER, 0o755), (OTHER, OTHER, 0o644), USER, true),
    ];
    for case in cases {
        let ((user, group, mode), file, reader, counts) = case;
        let project = Project::new();
        let path = project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
        own(&path, file.0, file.1, file.2);
        own(&project.path(""), user, group, mode);
        let done = atmn_as(reader, &project, &["key"]).run();
        assert_eq!(done.code == 0, counts, "{case:?} {done:?}");
    }
}

/// Container engines mount a secret with the owner that it has on the host.
#[test]
fn named_key_file_counts_if_root_or_the_user_put_it_there() {
    if !has_accounts("accounts::named_key_file_counts_if_root_or_the_user_put_it_there") {
        return;
    }
    // The owner and mode of the directory and of the file; who reads; whether the file counts.
    let cases = [
        ((0, 0o755), (OTHER, 0o600), 0, true),
        ((0, 0o755), (OTHER, 0o644), USER, true),
        ((USER, 0o755), (OTHER, 0o644), USER, true),
        ((0, 0o755), (OTHER, 0o666), USER, false),
        ((0, 0o1777), (OTHER, 0o644), USER, false),
        ((OTHER, 0o777), (OTHER, 0o644), USER, false),
        ((4710, 0o755), (OTHER, 0o644), USER, false),
    ];
    for case in cases {
        let ((owner, mode), file, reader, counts) = case;
        let project = Project::new();
        let path = project.write("secrets/autumn", format!("{SANDBOX}\n"));
        own(&path, file.0, file.0, file.1);
        own(&project.path("secrets"), owner, owner, mode);
        own(&project.path(""), 0, 0, 0o755);
        let done = atmn_as(reader, &project, &["key"]).env("AUTUMN_SECRET_KEY_FILE", &path).run();
        assert_eq!(done.code == 0, counts, "{case:?} {done:?}");
    }
}

/// `sudo` can keep the `HOME` of the account that called it.
#[test]
fn root_creates_nothing_in_the_home_of_another_account() {
    if !has_accounts("accounts::root_creates_nothing_in_the_home_of_another_account") {
        return;
    }
    let project = Project::new();
    let home = tempfile::tempdir().unwrap();
    own(home.path(), USER, USER, 0o755);
    for arguments in [&["save"][..], &["doctor"], &["logout"]] {
        let _ = project.atmn(arguments).env("HOME", home.path()).env("XDG_STATE_HOME", "").stdin(SANDBOX).run();
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "{arguments:?}");
    }
    let done = project.atmn(["save"]).env("HOME", home.path()).env("XDG_STATE_HOME", "").stdin(SANDBOX).run().ok();
    assert!(!done.stderr.contains("could not lock"), "{done:?}");
}

#[test]
fn link_of_the_directorys_owner_counts_for_the_owners_files() {
    if !has_accounts("accounts::link_of_the_directorys_owner_counts_for_the_owners_files") {
        return;
    }
    let project = Project::new();
    let (theirs, ours) = (project.write("real.env", ""), project.home().join("root.env"));
    for (path, owner, counts) in [(&theirs, USER, true), (&ours, 0, false)] {
        std::fs::write(path, format!("AUTUMN_SECRET_KEY={SANDBOX}\n")).unwrap();
        own(path, owner, owner, 0o600);
        let _ = std::fs::remove_file(project.path(".env"));
        symlink(path, project.path(".env")).unwrap();
        lchown(project.path(".env"), Some(USER), Some(USER)).unwrap();
        own(&project.path(""), USER, USER, 0o755);
        let done = project.atmn(["key"]).run();
        assert_eq!(done.code == 0, counts, "{done:?}");
        let done = project.save().run();
        assert_eq!(done.code == 0, counts, "{done:?}");
    }
    assert_eq!(std::fs::read_to_string(ours).unwrap(), format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
}

#[test]
fn new_file_of_root_stays_roots_and_is_reported() {
    if !has_accounts("accounts::new_file_of_root_stays_roots_and_is_reported") {
        return;
    }
    let project = Project::new();
    chown(project.path(""), Some(USER), Some(USER)).unwrap();
    let saved = project.atmn(["save", "--json"]).stdin(SANDBOX).run().ok().json();
    assert_eq!((project.path(".env").metadata().unwrap().uid(), project.mode(".env")), (0, 0o600));
    assert!(saved["note"].as_str().unwrap().contains("belongs to the account that saved it"), "{saved}");
}

#[test]
fn foreign_group_is_named_with_the_way_out() {
    if !has_accounts("accounts::foreign_group_is_named_with_the_way_out") {
        return;
    }
    // Group 0 has a name on every system.
    for (group, name) in [(4799, "number 4799"), (0, "`root`")] {
        let project = Project::new();
        own(&project.write(".env", "A=1\n"), USER, group, 0o640);
        own(&project.path(""), USER, USER, 0o755);
        let before = project.snapshot();
        let done = atmn_as(USER, &project, &["save"]).stdin(SANDBOX).run();
        done.fails("env_file_not_replaceable");
        assert!(done.stderr.contains(&format!("group, {name}: run `chgrp`")), "{done:?}");
        assert_eq!(project.snapshot(), before);
    }
}

#[test]
fn readable_file_is_reported() {
    let project = Project::new();
    let path = project.write(".env", "A=1\n");
    for (mode, reported) in [(0o644, true), (0o604, true), (0o600, false)] {
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let saved = project.atmn(["save", "--json"]).stdin(SANDBOX).run().ok().json();
        let note = saved["note"].as_str().unwrap_or_default();
        assert_eq!(note.contains("Run `chmod 600` on it"), reported, "{mode:o} {saved}");
        let done = project.atmn(["save"]).stdin(SANDBOX).run().ok();
        assert_eq!(done.stderr.contains("Warning: Other accounts can read"), !note.is_empty(), "{done:?}");
    }
}

/// Such as a `.git` in `/tmp`. Git refuses it too, and its owner cannot read a private file below.
#[test]
fn planted_repository_does_not_answer_for_the_users_files() {
    if !has_accounts("accounts::planted_repository_does_not_answer_for_the_users_files") {
        return;
    }
    for (data, is_file) in [(".git", true), (".git", false), (".hg", false), (".jj", false)] {
        let project = Project::new();
        own(&project.path(""), 0, 0, 0o1777);
        let planted = project.path(data);
        if is_file {
            std::fs::write(&planted, "garbage").unwrap();
        } else {
            std::fs::create_dir(&planted).unwrap();
        }
        own(&planted, OTHER, OTHER, 0o755);
        let file = project.write("app/.env", "A=1\n");
        own(&file, USER, USER, 0o600);
        own(&project.path("app"), USER, USER, 0o755);
        let save =
            |directory: &str| atmn_as(USER, &project, &["save", "--json", "--dir", directory]).stdin(SANDBOX).run();
        let saved = save("app").ok().json();
        let note = saved["note"].as_str().unwrap_or_default();
        assert!(note.contains(&format!("{} was ignored", planted.display())), "{data}: {saved}");
        assert_eq!(saved["git"], "none");
        if data != ".git" {
            continue;
        }
        // In that directory itself, the repository may be that of a team.
        let own_file = project.write(".env", "A=1\n");
        own(&own_file, USER, USER, 0o600);
        atmn_as(USER, &project, &["save"]).stdin(SANDBOX).run().fails("env_file_unprotected");
        // The account that owns the project may also own the repository, no matter who owns the file.
        own(&project.path("app"), OTHER, OTHER, 0o755);
        for owner in [OTHER, 0] {
            own(&file, owner, owner, 0o600);
            project.atmn(["save", "--dir", "app"]).stdin(SANDBOX).run().fails("env_file_unprotected");
        }
    }
}

/// A silent repository in a directory of a group may be that of a team: the save is refused, and says where it is.
#[test]
fn silent_repository_of_a_team_blocks_and_is_named() {
    if !has_accounts("accounts::silent_repository_of_a_team_blocks_and_is_named") {
        return;
    }
    let project = Project::new();
    own(&project.path(""), OTHER, TEAM, 0o2775);
    own(&project.write(".git", "garbage"), OTHER, TEAM, 0o644);
    own(&project.write("app/.env", "A=1\n"), USER, USER, 0o600);
    own(&project.path("app"), USER, USER, 0o755);
    let done = atmn_as(USER, &project, &["save", "--dir", "app"]).stdin(SANDBOX).run();
    done.fails("env_file_unprotected");
    assert!(done.stderr.contains(&format!("Repair the repository in {}", project.path("").display())), "{done:?}");
}

/// A `.git` file of the user that names a repository of another account, such as one from an archive.
#[test]
fn repository_of_another_account_chooses_no_key_and_answers_nothing() {
    if !has_accounts("accounts::repository_of_another_account_chooses_no_key_and_answers_nothing") {
        return;
    }
    let project = Project::new();
    project.git_init();
    project.git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    project.git(&["worktree", "add", "--quiet", "../linked"]);
    let linked = project.path("").parent().unwrap().join("linked");
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let file = linked.join(".env");
    std::fs::write(&file, "A=1\n").unwrap();
    let give = |path: &Path, user: u32| {
        let owner = format!("{user}:{user}");
        assert!(Command::new("chown").args(["-R", &owner]).arg(path).status().unwrap().success());
    };
    give(&project.path(""), OTHER);
    own(&project.path(""), OTHER, OTHER, 0o755);
    own(&project.path(".env"), OTHER, OTHER, 0o644);
    give(&linked, USER);
    own(&linked, USER, USER, 0o755);
    let run = |user, arguments: &[&str]| atmn_as(user, &project, arguments).current_dir(&linked).stdin(SANDBOX).run();
    let reason = "names a repository of another user";
    run(USER, &["key"]).fails("key_not_found");
    assert!(run(USER, &["key", "--explain"]).stdout.contains(reason));
    let refused = run(USER, &["save"]);
    refused.fails("env_file_unprotected");
    assert!(refused.stderr.contains(reason), "{refused:?}");
    // Root, as in a container, for a worktree and a repository of one account.
    give(&linked, OTHER);
    own(&linked, OTHER, OTHER, 0o755);
    assert_eq!(run(0, &["key"]).code, 0);
}

/// An account that can exchange the directory of locks could make a call open another file, or wait.
#[test]
fn state_directory_that_others_can_exchange_is_not_used() {
    if !has_accounts("accounts::state_directory_that_others_can_exchange_is_not_used") {
        return;
    }
    // The owner and mode of the directory around, and of XDG_STATE_HOME; whether it is used.
    let cases = [
        ((0, 0o755), (USER, 0o700), true),
        ((0, 0o1777), (USER, 0o755), true),
        ((0, 0o755), (0, 0o1777), true),
        ((0, 0o755), (USER, 0o777), false),
        ((0, 0o777), (USER, 0o700), false),
        ((0, 0o755), (OTHER, 0o1777), false),
    ];
    for case in cases {
        let (around, state, is_used) = case;
        let project = Project::new();
        own(&project.path(""), USER, USER, 0o755);
        let outer = project.home().join("outer");
        let named = outer.join("state");
        std::fs::create_dir_all(&named).unwrap();
        own(&named, state.0, state.0, state.1);
        own(&outer, around.0, around.0, around.1);
        own(&project.home(), 0, 0, 0o755);
        let save =
            |arguments: &[&str]| atmn_as(USER, &project, arguments).env("XDG_STATE_HOME", &named).stdin(SANDBOX).run();
        let done = save(&["save"]).ok();
        assert_eq!(!done.stderr.contains("could not lock the file"), is_used, "{case:?} {done:?}");
    }
}
