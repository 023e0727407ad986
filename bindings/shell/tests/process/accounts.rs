//! The callback from other accounts of the machine. The login URL is an argument of the browser, which every account can
//! read.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use atmn_tests::project::has_accounts;

use crate::world::{CommandFixture, Process, get};

/// The account that logs in, and another one. The tests need no entries in `/etc/passwd`.
const USER: u32 = 51_234;
const OTHER: u32 = 51_235;

/// A login, and the account from which it receives its callback.
struct Login {
    world: CommandFixture,
    process: Process,
}

impl Login {
    /// `atmn login` under an account, started by a wrapper such as `unshare`.
    fn start(account: u32, wrapper: &[&str], variables: &[(&str, String)]) -> Self {
        let world = CommandFixture::new();
        for directory in [world.project.path(""), world.project.home()] {
            chown(directory, Some(account), Some(account)).unwrap();
        }
        let plain = world.command(&["--default-signal"], &["login", "--no-browser"]);
        let mut command = Command::new("env");
        command.args(wrapper).arg(plain.get_program()).args(plain.get_args()).current_dir(world.project.path(""));
        command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.envs(variables.iter().cloned()).uid(account).gid(account);
        let process = world.start(&mut command);
        Self { world, process }
    }

    /// Delivers the callback of an approved login from this account; returns the response.
    fn deliver(&self, url: &str, account: u32) -> String {
        send(&self.world.callback(url), account, "cat <&3")
    }

    /// Delivers the callback from this account, which ends the login.
    fn succeeds(mut self, account: u32) {
        let url = self.process.url();
        self.succeeds_at(&url, account);
    }

    fn succeeds_at(self, url: &str, account: u32) {
        let answer = self.deliver(url, account);
        let page =
            answer.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_else(|| panic!("{answer}"));
        get(&format!("http://localhost:{}{}", self.world.port, page.trim_end()));
        let done = self.process.end().ok();
        assert!(done.stderr.contains("Logged in to `Copper Kettle`"), "{done:?}");
    }
}

/// Sends a GET request for a URL from an account, and then runs this part of a script with the connection as
/// descriptor 3.
fn send(url: &str, account: u32, then: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let port = host.rsplit(':').next().unwrap();
    let script = format!(
        "exec 3<>/dev/tcp/127.0.0.1/$PORT; printf 'GET %s HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' \"$TARGET\" \"$HOST\" >&3; {then}"
    );
    let mut command = Command::new("bash");
    command.args(["-euc", &script]).current_dir("/").uid(account).gid(account);
    command.env("PORT", port).env("TARGET", format!("/{path}")).env("HOST", host);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn callback_from_another_account_is_refused() {
    if !has_accounts("accounts::callback_from_another_account_is_refused") {
        return;
    }
    let mut login = Login::start(USER, &[], &[]);
    let url = login.process.url();
    let answer = login.deliver(&url, OTHER);
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("another account"), "{answer}");
    login.process.line_with(&format!("Another account of this computer (user id {OTHER}) answered the login"));
    // Closing at once does not hide the owner: either it was seen in time, or nothing can be answered.
    for _ in 0..20 {
        send(&login.world.callback(&url), OTHER, "exec 3>&-");
    }
    login.succeeds_at(&url, USER);
}

#[test]
fn callback_from_root_is_accepted() {
    if !has_accounts("accounts::callback_from_root_is_accepted") {
        return;
    }
    Login::start(USER, &[], &[]).succeeds(0);
}

#[test]
fn root_accepts_the_callback_from_every_account() {
    if !has_accounts("accounts::root_accepts_the_callback_from_every_account") {
        return;
    }
    Login::start(0, &[], &[]).succeeds(OTHER);
}

/// Under `sudo -u`, the browser runs under the account that called `sudo`.
#[test]
fn callback_from_the_account_that_called_sudo_is_accepted() {
    if !has_accounts("accounts::callback_from_the_account_that_called_sudo_is_accepted") {
        return;
    }
    Login::start(USER, &[], &[("SUDO_UID", OTHER.to_string())]).succeeds(OTHER);
}

/// As in a rootless container: the browser's account has no number inside.
#[test]
fn callback_from_outside_the_user_namespace_is_accepted() {
    if !has_accounts("accounts::callback_from_outside_the_user_namespace_is_accepted") {
        return;
    }
    let user = format!("--map-user={USER}");
    Login::start(USER, &["unshare", "--user", &user], &[]).succeeds(OTHER);
}
