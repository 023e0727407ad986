//! Names that another account exchanges while a call works with them.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use atmn_tests::project::{LIVE, Project, SANDBOX, has_accounts};

use super::{OTHER, TEAM, USER, atmn_as, own};

const PRIVATE: &str = "PRIVATE=planted-private-text\n";

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
