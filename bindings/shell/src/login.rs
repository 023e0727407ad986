//! `atmn login`

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use libatmn::__internal::host::is_automation;
use libatmn::__internal::json;
use libatmn::__internal::text::quoted;
use libatmn::{
    BeginLoginResult, CompleteOptions, Error, ErrorCode, Event, EventCode, Hint, Host, LoginOptions, LoginResult,
    Organization, Result, blocking,
};

use crate::cli::{Global, LoginArguments};
use crate::output::Output;
use crate::signals::Signals;
use crate::{events, save, stdin, terminal};

/// The command that finishes a login in two steps. It is ready to run once CALLBACK_URL is replaced.
const COMPLETE_COMMAND: &str = "printf %s 'CALLBACK_URL' | atmn login --complete";
/// The time before the deadline at which a message announces it. A shorter wait needs no such message.
const REMINDER: Duration = Duration::from_secs(60);

pub(crate) fn run(arguments: &LoginArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    if arguments.complete {
        return complete(arguments, output);
    }
    let options = options(arguments, global);
    if arguments.begin {
        return begin(&options, output);
    }
    check_terminal()?;
    let signals = Signals::for_call();
    finish(log_in(&options, terminal::accepts_paste(global), &signals, output), &signals, output)
}

fn options(arguments: &LoginArguments, global: &Global) -> LoginOptions {
    let LoginArguments {
        timeout,
        no_browser,
        force,
        sandbox_only,
        organization,
        scopes,
        git,
        begin: _,
        complete: _,
        ports,
    } = arguments;
    let defaults = LoginOptions::default();
    LoginOptions {
        server: global.server(),
        directory: global.dir.clone(),
        file: git.file,
        login_timeout: *timeout,
        open_browser: !no_browser,
        force: *force,
        sandbox_only: *sandbox_only,
        allow_tracked: git.allow_tracked,
        gitignore: git.gitignore(),
        organization: organization.clone(),
        scopes: scopes.clone(),
        host: None,
        ports: ports.clone().unwrap_or(defaults.ports),
    }
}

/// Refuses to wait where no user can log in: in automation without a terminal.
fn check_terminal() -> Result<()> {
    if terminal::exists() || !is_automation(&Host::current()) {
        return Ok(());
    }
    let message = "This is an automated environment without a terminal, where no user can log in.";
    let begin = "To log in from a script, run `atmn login --begin`.";
    Err(Error::new(ErrorCode::LoginUnattended, message)
        .with_hint(Hint::from("Set `AUTUMN_SECRET_KEY` to a key instead of logging in.").and(begin)))
}

/// Starts a login and waits for it. Between the polls, signals and pasted lines are handled.
fn log_in(options: &LoginOptions, accepts_paste: bool, signals: &Signals, output: &Output) -> Result<LoginResult> {
    let mut attempt = blocking::start_login(options, signals.cancel())?;
    let (handle, deadline) = (attempt.handle(), attempt.deadline());
    let mut reminder_due = options.login_timeout > REMINDER;
    let mut on_event = |event: &Event| {
        events::print(event, output);
        if event.code == EventCode::LoginUrl {
            output.message(&events::wait_message(options.login_timeout, deadline, accepts_paste));
        }
        ControlFlow::Continue(())
    };
    loop {
        if accepts_paste {
            events::submit_typed_line(|text| handle.submit(text), output);
        }
        if let Some(result) = attempt.poll(events::POLL_INTERVAL, Some(&mut on_event))? {
            return Ok(result);
        }
        if reminder_due && deadline.duration_since(SystemTime::now()).unwrap_or_default() < REMINDER {
            reminder_due = false;
            output.message("Still waiting; one minute left.");
        }
    }
}

fn begin(options: &LoginOptions, output: &Output) -> Result<ExitCode> {
    let signals = Signals::for_call();
    let pending = match blocking::begin_login(options, signals.cancel()) {
        Ok(BeginLoginResult::Pending(pending)) => pending,
        Ok(BeginLoginResult::Kept(result)) => return finish(Ok(result), &signals, output),
        Err(error) => return finish(Err(error), &signals, output),
    };
    if output.json {
        let mut result = json::pending_login(&pending);
        result["next"] = COMPLETE_COMMAND.into();
        return Ok(output.data_json(&result));
    }
    output.message(&pending.note);
    output.message(&format!("Then run this command within ten minutes: {COMPLETE_COMMAND}"));
    Ok(output.data(&pending.url))
}

fn complete(arguments: &LoginArguments, output: &Output) -> Result<ExitCode> {
    let text = stdin::read(output, "Paste the callback URL, then press Ctrl-D.")?;
    // Signals are caught only from here on, so that they end the process while it reads stdin.
    let signals = Signals::for_call();
    let mut on_event = |event: &Event| {
        events::print(event, output);
        ControlFlow::Continue(())
    };
    let options = CompleteOptions { login_timeout: arguments.timeout, host: None };
    let result = blocking::complete_login(text.reveal(), &options, Some(&mut on_event), signals.cancel());
    finish(result, &signals, output)
}

fn finish(result: Result<LoginResult>, signals: &Signals, output: &Output) -> Result<ExitCode> {
    match result {
        Ok(result) if output.json => Ok(output.data_json(&json::login_result(&result))),
        Ok(result) => {
            print(&result, output);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => signals.fail(error, "Login", " Nothing was saved.", output),
    }
}

fn print(result: &LoginResult, output: &Output) {
    let named =
        |organization: &Organization| format!("{} ({})", quoted(&organization.name), quoted(&organization.slug));
    let organization = result.organization.as_ref().map(named);
    match (&result.saved, organization) {
        (Some(saved), organization) => {
            match organization {
                Some(organization) => output.message(&format!("Logged in to {organization}.")),
                None => output.message("Logged in (organization name unavailable)."),
            }
            save::print(&result.keys, saved, output);
        }
        (None, organization) => {
            let owner = organization.map(|organization| format!(" of {organization}")).unwrap_or_default();
            let keys: Vec<String> = result.keys.iter().map(ToString::to_string).collect();
            output.message(&format!("The saved keys{owner} still work and were kept: {}.", keys.join(", ")));
            output.message("To switch organizations or create new keys, run `atmn login --force`.");
        }
    }
}
