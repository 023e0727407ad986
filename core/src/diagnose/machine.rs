//! Checks that need no network: programs, ports, the browser, git and files.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::{CallingCommand, Check, CheckOutcome, CheckSubject, DiagnoseOptions, directory};
use crate::browser::find_browser;
use crate::callback::is_port_free;
use crate::cancel::Cancel;
use crate::config::{
    ENV_FILE, ENV_FILE_LIMIT, ENV_FILES, PROD_SECRET_FILE_VARIABLE, PROD_SECRET_VARIABLE, SECRET_FILE_VARIABLE,
    SECRET_VARIABLE,
};
use crate::dotenv::Document;
use crate::error::{Error, ErrorCode, Result};
use crate::git::Git;
use crate::hint::Hint;
use crate::host::{EXE_SUFFIX, Host, split_paths};
use crate::locations::{shell_quoted, shown};
use crate::save::{SaveOptions, check_target, file_with_keys};
use crate::secure_file::read;
use crate::version_control::{TrackingStatus, ignoring_line};

pub(super) fn check(
    options: &DiagnoseOptions,
    host: &Host,
    cancel: &Cancel,
    report: &mut (dyn FnMut(Check) + Send),
) -> Result<()> {
    report(Check::ok(CheckSubject::Version, format!("libatmn {}", env!("CARGO_PKG_VERSION"))));
    report(programs(options.command.as_ref(), host));
    report(ports(options));
    report(browser(host));
    match directory(options, host).filter(|directory| directory.is_dir()) {
        Some(directory) => saving(&directory, host, cancel, report)?,
        None => report(Check::failed(CheckSubject::Directory, "The directory does not exist.", "Use another one.")),
    }
    Ok(())
}

/// Another program called `atmn`, such as Autumn's npm package, may be the one that the shell runs.
fn programs(command: Option<&CallingCommand>, host: &Host) -> Check {
    let this = match command {
        // Users do not type `atmn`, so no other program of this name can come first.
        Some(CallingCommand::Part(name)) => {
            return Check::ok(CheckSubject::Programs, format!("You run this command as `{name}`."));
        }
        Some(CallingCommand::Program(path)) => Some(path.as_path()),
        None => None,
    };
    let name = format!("atmn{EXE_SUFFIX}");
    let path = host.var("PATH").unwrap_or_default();
    let found: Vec<PathBuf> = split_paths(path).map(|entry| entry.join(&name)).filter(|path| path.is_file()).collect();
    let Some(first) = found.first() else {
        return Check::ok(CheckSubject::Programs, "No program `atmn` is on PATH.");
    };
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let known = real(this.unwrap_or(first));
    match found.iter().find(|path| real(path) != known) {
        None => Check::ok(CheckSubject::Programs, format!("Your shell runs {}.", shown(first))),
        Some(other) => Check::warning(
            CheckSubject::Programs,
            format!("There is another program `atmn`: {}. Your shell runs {}.", shown(other), shown(first)),
            "If it is Autumn's npm package, run that one as `npx atmn`, and remove it from PATH.",
        ),
    }
}

fn ports(options: &DiagnoseOptions) -> Check {
    let (first, last) = (*options.ports.start(), *options.ports.end());
    let (free, taken): (Vec<u16>, Vec<u16>) = options.ports.clone().partition(|port| is_port_free(*port));
    let list = taken.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let subject = CheckSubject::Ports;
    match (free.is_empty(), taken.is_empty()) {
        (_, true) => Check::ok(subject, format!("The callback ports {first} to {last} are free.")),
        (false, _) => Check::warning(
            subject,
            format!("These callback ports cannot be used: {list}."),
            "A login that waits, or another program, uses them, or the system reserves them. One free port is enough.",
        ),
        (true, _) => Check::failed(
            subject,
            format!("No callback port can be used: {list}."),
            Hint::FreePort { reserved: cfg!(windows) },
        ),
    }
}

fn browser(host: &Host) -> Check {
    match find_browser(host, &host.kind()) {
        Ok(program) => Check::ok(CheckSubject::Browser, format!("A login opens the browser with `{program}`.")),
        Err(reason) => Check::warning(
            CheckSubject::Browser,
            format!("A login cannot open a browser: {reason}."),
            "Open the login URL yourself, or name a program in `BROWSER`.",
        ),
    }
}

/// Whether a login could save its keys, by the checks that it makes itself; then who else can read the files.
///
/// # Errors
/// `cancelled`
fn saving(directory: &Path, host: &Host, cancel: &Cancel, report: &mut (dyn FnMut(Check) + Send)) -> Result<()> {
    let variable = provided_by(host);
    let report = &mut |check| {
        report(match variable {
            Some(variable) => only_for_logins(check, variable),
            None => check,
        });
    };
    let chosen = file_with_keys(directory, None);
    let refusal = check_target(host, &chosen, &SaveOptions { cancel: cancel.clone(), ..SaveOptions::default() }).err();
    let status = TrackingStatus::of(&chosen, host, cancel)?;
    let (of_git, of_file): (Option<Error>, Option<Error>) = match refusal {
        Some(error) if matches!(error.code, ErrorCode::EnvFileTracked | ErrorCode::EnvFileUnprotected) => {
            (Some(error), None)
        }
        refusal => (None, refusal),
    };
    if let Some(note) = status.planted_note() {
        report(Check::warning(CheckSubject::Git, note, "Remove it, or tell that account's owner."));
    }
    report(match of_git {
        Some(error) => Check::of_error(CheckSubject::Git, CheckOutcome::Failed, error),
        None => tracking(&status, &chosen),
    });
    let files = ENV_FILES.iter().map(|name| directory.join(name));
    let shown = files.filter(|path| path.ends_with(ENV_FILE) || path.symlink_metadata().is_ok());
    shown.for_each(|path| {
        // A FIFO has its own line, which says why nothing is saved in it.
        let refusal = of_file.clone().filter(|_| path == chosen && !is_fifo(&path));
        report(
            refusal
                .map_or_else(|| file(&path), |error| Check::of_error(CheckSubject::File, CheckOutcome::Failed, error)),
        );
        byte_order_mark(&path).into_iter().for_each(&mut *report);
    });
    Ok(())
}

/// The variable by which the environment provides a key, as in deployments. Calls need no file then.
fn provided_by(host: &Host) -> Option<&'static str> {
    let variables = [SECRET_VARIABLE, SECRET_FILE_VARIABLE, PROD_SECRET_VARIABLE, PROD_SECRET_FILE_VARIABLE];
    variables.into_iter().find(|name| host.var(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty()))
}

/// A failure that no call meets is a warning.
fn only_for_logins(check: Check, variable: &str) -> Check {
    if check.outcome != CheckOutcome::Failed {
        return check;
    }
    let message = format!("{} Only a login would fail: {variable} provides a key.", check.message);
    Check { outcome: CheckOutcome::Warning, message, ..check }
}

/// How version control treats the file in which a login can save its keys.
fn tracking(status: &TrackingStatus, own: &Path) -> Check {
    let (subject, command) = (CheckSubject::Git, status.command());
    let name = own.file_name().unwrap_or_default().to_string_lossy();
    let exists = own.symlink_metadata().is_ok();
    match status.git {
        Git::None => Check::ok(subject, "This directory is in no git repository."),
        Git::Ignored | Git::Added => Check::ok(subject, format!("{command} ignores {name}.")),
        Git::NotIgnored => Check::warning(
            subject,
            format!("{command} does not ignore {name}."),
            match status.needs_ignoring(exists) {
                true => "A login, and saving keys, add it to .gitignore.".to_owned(),
                false => {
                    let (_, line, ignore) = ignoring_line(own);
                    format!("Add `{line}` to {ignore}.")
                }
            },
        ),
        Git::Tracked => {
            Check::ok(subject, format!("{command} tracks {name}, so keys are saved in .env.local, which it ignores."))
        }
        Git::Unknown => {
            let message = format!("{command} does not say whether it ignores {name}.");
            Check::warning(subject, message, status.repair().unwrap_or_else(|| "Repair the repository.".into()))
        }
    }
}

fn file(path: &Path) -> Check {
    let (subject, name) = (CheckSubject::File, shown(path));
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Check::ok(subject, format!("{name} does not exist yet."))
        }
        Err(error) => {
            Check::failed(subject, format!("Cannot read {name}: {error}."), "Check the permissions of the directory.")
        }
        Ok(_) if is_fifo(path) => Check::warning(
            subject,
            format!("{name} is a FIFO, such as a secret manager makes: keys can be read from it, not saved in it."),
            "Save keys in the secret manager.",
        ),
        Ok(metadata) if !metadata.is_file() => {
            Check::failed(subject, format!("{name} is not a regular file."), "Move it away.")
        }
        Ok(metadata) if is_open_to_others(&metadata) && is_reached_by_others(path) => Check::warning(
            subject,
            format!("Other accounts of this machine can read or write {name}."),
            format!("Run `chmod 600 {}`.", shell_quoted(path)),
        ),
        Ok(_) => Check::ok(subject, format!("Only your account can read {name}.")),
    }
}

fn byte_order_mark(path: &Path) -> Option<Check> {
    let document = Document::parse(read(path, ENV_FILE_LIMIT).ok()?);
    let note = document.byte_order_mark_note(&shown(path))?;
    Some(Check::warning(CheckSubject::File, note, "Save the file as UTF-8 without a byte order mark."))
}

#[cfg(unix)]
fn is_fifo(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(unix)]
fn is_open_to_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode() & 0o077 != 0
}

/// Whether other accounts may enter every directory on the way to a file.
#[cfg(unix)]
fn is_reached_by_others(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let is_open = |directory: &Path| std::fs::metadata(directory).is_ok_and(|found| found.mode() & 0o011 != 0);
    real.ancestors().skip(1).all(is_open)
}

#[cfg(not(unix))]
fn is_reached_by_others(_: &Path) -> bool {
    true
}

#[cfg(not(unix))]
fn is_fifo(_: &Path) -> bool {
    false
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Metadata) -> bool {
    false
}
