//! Checks that need no network: ports, browser, git, the `.env` file, keys, and programs of the same name.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use libatmn::__internal::config::CALLBACK_PORTS;
use libatmn::{Environment, ErrorCode, Git, Host, Outcome, ResolveOptions, blocking};
use libatmn::{explain_key, resolve_key};

use super::{Check, CheckOutcome};
use crate::cli::{DoctorArguments, Global};

pub(super) fn of_machine(arguments: &DoctorArguments, global: &Global, report: &mut impl FnMut(Check)) {
    let host = Host::current();
    report(Check::ok("version", format!("atmn {}", env!("CARGO_PKG_VERSION"))));
    report(programs(&host));
    report(ports(arguments));
    report(browser(&host));
    let directory = global.dir.clone().or_else(|| host.working_directory().map(Path::to_path_buf));
    match directory.filter(|directory| directory.is_dir()) {
        Some(directory) => {
            report(git(&directory, &host));
            report(env_file(&directory.join(".env")));
        }
        None => report(Check::failed("directory", "The directory does not exist.", "Pass another one with `--dir`.")),
    }
    for environment in [Environment::Sandbox, Environment::Live] {
        report(key(environment, global));
        shadowed(environment, global).into_iter().for_each(&mut *report);
    }
}

/// Another program called `atmn`, such as Autumn's npm package, may be the one that the shell runs.
fn programs(host: &Host) -> Check {
    let name = format!("atmn{}", std::env::consts::EXE_SUFFIX);
    let path = host.var("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = std::env::split_paths(path).map(|entry| entry.join(&name)).collect();
    found.retain(|path| path.is_file());
    found.dedup();
    let this = std::env::current_exe().and_then(std::fs::canonicalize).ok();
    let other = found.iter().find(|path| std::fs::canonicalize(path).ok() != this);
    match (other, found.first()) {
        (Some(other), Some(first)) => Check::warning(
            "PATH",
            format!("There is another program `atmn`: {}. Your shell runs {}.", other.display(), first.display()),
            "If it is Autumn's npm package, run that one as `npx atmn`, and remove it from PATH.",
        ),
        (_, Some(first)) => Check::ok("PATH", format!("Your shell runs {}.", first.display())),
        (_, None) => Check::ok("PATH", "No program `atmn` is on PATH; this one was started by its path."),
    }
}

fn ports(arguments: &DoctorArguments) -> Check {
    let ports = arguments.ports.clone().unwrap_or(CALLBACK_PORTS);
    let (first, last) = (*ports.start(), *ports.end());
    let (free, taken): (Vec<u16>, Vec<u16>) = ports.partition(|port| is_free(*port));
    let list = |ports: &[u16]| ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let hint = if cfg!(windows) {
        "See `netsh interface ipv4 show excludedportrange protocol=tcp` for ranges that Windows reserves."
    } else {
        "A login that waits, or another program, uses them. One free port is enough."
    };
    match (free.is_empty(), taken.is_empty()) {
        (_, true) => Check::ok("ports", format!("The callback ports {first} to {last} are free.")),
        (false, _) => Check::warning("ports", format!("These callback ports are in use: {}.", list(&taken)), hint),
        (true, _) => Check::failed("ports", format!("All callback ports are in use: {}.", list(&taken)), hint),
    }
}

/// Whether a port is free in both families. A machine without IPv6 is fine.
fn is_free(port: u16) -> bool {
    let bind = |address: SocketAddr| TcpListener::bind(address);
    let second = bind((Ipv6Addr::LOCALHOST, port).into());
    let without = second.as_ref().err().is_some_and(|error| error.kind() == std::io::ErrorKind::AddrNotAvailable);
    bind((Ipv4Addr::LOCALHOST, port).into()).is_ok() && (second.is_ok() || without)
}

fn browser(host: &Host) -> Check {
    match blocking::find_browser(host) {
        Ok(program) => Check::ok("browser", format!("A login opens the browser with `{program}`.")),
        Err(reason) => Check::warning(
            "browser",
            format!("A login cannot open a browser: {reason}."),
            "Open the login URL yourself, or name a program in `BROWSER`.",
        ),
    }
}

fn git(directory: &Path, host: &Host) -> Check {
    let whole = std::fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf());
    if !whole.ancestors().any(|above| above.join(".git").exists()) {
        return Check::ok("git", "This directory is in no git repository.");
    }
    match blocking::git_status(&directory.join(".env"), host) {
        Ok(Git::None) => Check::ok("git", "This directory is in no git repository."),
        Ok(Git::Ignored | Git::Added) => Check::ok("git", "git ignores .env."),
        Ok(Git::NotIgnored) => {
            Check::warning("git", "git does not ignore .env.", "`atmn login` and `atmn save` add it to .gitignore.")
        }
        Ok(Git::Tracked) => Check::failed(
            "git",
            "git tracks .env, so keys in it would be committed.",
            "Run `git rm --cached .env` and add `.env` to .gitignore.",
        ),
        Ok(Git::Unknown) => Check::warning("git", "git does not say whether it ignores .env.", "Run `git status`."),
        Err(reason) => Check::warning("git", format!("git {reason}."), "Run `git status`."),
    }
}

fn env_file(path: &Path) -> Check {
    let name = path.display();
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Check::ok("file", format!("{name} does not exist yet."))
        }
        Err(error) => {
            Check::failed("file", format!("Cannot read {name}: {error}."), "Check the permissions of the directory.")
        }
        Ok(metadata) if !metadata.is_file() => {
            Check::failed("file", format!("{name} is not a regular file."), "Move it away.")
        }
        Ok(metadata) if is_open_to_others(&metadata) => Check::warning(
            "file",
            format!("Other accounts of this machine can read or write {name}."),
            format!("Run `chmod 600 {name}`."),
        ),
        Ok(_) => Check::ok("file", format!("Only your account can read {name}.")),
    }
}

#[cfg(unix)]
fn is_open_to_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}

pub(super) fn resolve_options(environment: Environment, global: &Global) -> ResolveOptions {
    ResolveOptions { environment: Some(environment), directory: global.dir.clone(), ..ResolveOptions::default() }
}

pub(super) fn subject(environment: Environment) -> &'static str {
    match environment {
        Environment::Sandbox => "sandbox key",
        Environment::Live => "live key",
    }
}

fn key(environment: Environment, global: &Global) -> Check {
    match resolve_key(&resolve_options(environment, global)) {
        Ok(found) => Check::ok(subject(environment), format!("{} from {}.", found.key, found.source)),
        Err(error) if error.code == ErrorCode::KeyNotFound => {
            Check::of_error(subject(environment), CheckOutcome::Warning, &error)
        }
        Err(error) => Check::of_error(subject(environment), CheckOutcome::Failed, &error),
    }
}

/// Locations with a key that another one hides.
fn shadowed(environment: Environment, global: &Global) -> Vec<Check> {
    let locations = explain_key(&resolve_options(environment, global)).unwrap_or_default();
    let hidden = locations.iter().filter(|location| location.outcome == Outcome::Shadowed);
    let used = locations.iter().find(|location| location.outcome == Outcome::Used);
    let check = |location| {
        let first = used.map(|used| format!(": {used} comes first")).unwrap_or_default();
        let hint = "Remove the one that you do not want. `atmn key --explain` lists all.";
        Check::warning(subject(environment), format!("{location} is not used{first}."), hint)
    };
    hidden.map(check).collect()
}
