//! `atmn login`

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use libatmn::__internal::host::is_automation;
use libatmn::__internal::json;
use libatmn::__internal::login::messages_of_precedence;
use libatmn::__internal::text::quoted;
use libatmn::{
    ApiKey, BeginLoginResult, CompleteOptions, Error, ErrorCode, Event, EventCode, Hint, Host, LoginOptions,
    LoginResult, Organization, Result, Server, blocking,
};

use crate::cli::{Global, LoginArguments};
use crate::output::Output;
use crate::signals::Signals;
use crate::terminal::{self, Keyboard, Paste};
use crate::{events, program, qr, save, stdin};

/// The command that finishes a login in two steps. It is ready to run once CALLBACK_URL is replaced.
const COMPLETE_COMMAND: &str = "printf %s 'CALLBACK_URL' | atmn login --complete";
/// The way for scripts, as a hint.
const BEGIN: &str = "To log in from a script, run `atmn login --begin`.";
/// The time before the deadline at which a message announces it. A shorter wait needs no such message.
const REMINDER: Duration = Duration::from_secs(60);

pub(crate) fn run(arguments: &LoginArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    if arguments.complete {
        return complete(arguments, global, output);
    }
    let options = options(arguments, global);
    if arguments.begin {
        return begin(&options, arguments.qr, output);
    }
    check_terminal()?;
    if output.is_rich() {
        output.title("Log in to Autumn");
    }
    let signals = Signals::for_call();
    let has_viewer = has_viewer(arguments, global);
    finish(log_in(&options, Paste::of(global), arguments.qr, has_viewer, &signals, output), &signals, output)
}

/// Whether a user may see the login URL: in a terminal, in a browser, or as the arguments ask. A program that reads the
/// events of `--json` shows it.
fn has_viewer(arguments: &LoginArguments, global: &Global) -> bool {
    let is_asked_for = global.headless || global.json || arguments.no_browser || arguments.qr;
    is_asked_for || terminal::exists() || blocking::has_browser(&Host::current())
}

fn options(arguments: &LoginArguments, global: &Global) -> LoginOptions {
    let LoginArguments {
        timeout,
        no_browser,
        qr: _,
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
        host: Some(Host::current().reading_lines()),
        ports: ports.clone().unwrap_or(defaults.ports),
    }
}

/// Refuses to wait where no user can log in: in automation without a terminal.
fn check_terminal() -> Result<()> {
    if terminal::exists() || !is_automation(&Host::current()) {
        return Ok(());
    }
    Err(no_user("This is an automated environment without a terminal, where no user can log in.", BEGIN))
}

fn no_user(message: &str, otherwise: &str) -> Error {
    let set = Hint::from("Set `AUTUMN_SECRET_KEY` to a key instead of logging in.");
    Error::new(ErrorCode::LoginUnattended, message).with_hint(set.and(otherwise))
}

/// The error where no user could see the login URL, such as in cron.
fn unseen() -> Error {
    let message = "There is no terminal and no browser in which a user could see the login URL.";
    no_user(message, &format!("To print the URL and wait for a user, add `--headless`. {BEGIN}"))
}

/// Starts a login and waits for it. Between the polls, signals and pasted lines are handled.
fn log_in(
    options: &LoginOptions,
    paste: Paste,
    qr: bool,
    has_viewer: bool,
    signals: &Signals,
    output: &Output,
) -> Result<LoginResult> {
    let mut attempt = blocking::start_login(options, signals.cancel())?;
    let url = attempt.url().to_owned();
    let mut keyboard = Keyboard::open(paste);
    let mut step = LoginStep::Start;
    let (handle, deadline) = (attempt.handle(), attempt.deadline());
    let mut reminder_due = options.login_timeout > REMINDER;
    // Where a browser opens and Enter shows the whole URL, its beginning is enough.
    let short = output.is_rich() && paste == Paste::Read && options.open_browser;
    let on_event = |event: &Event, step: &mut LoginStep| {
        // Keys that work were not found, so the login would wait.
        if event.code == EventCode::LoginUrl && !has_viewer {
            *step = LoginStep::Unseen;
            return ControlFlow::Break(());
        }
        match event.code {
            EventCode::LoginUrl if short => output.link(&url, url.split('?').next().unwrap_or(&url)),
            code => {
                events::print(event, paste, output);
                if short && code == EventCode::BrowserFailed {
                    events::print_url(&url, output);
                }
            }
        }
        *step = step.after(event.code);
        if event.code == EventCode::LoginUrl {
            if qr {
                qr::print(&url, output);
            }
            output.message(&events::wait_message(options.login_timeout, deadline, paste));
        }
        ControlFlow::Continue(())
    };
    for tick in 0.. {
        // Not before the server has been asked: the URL is not needed if the saved keys work.
        let shown = (!matches!(step, LoginStep::Start)).then_some(url.as_str());
        events::handle_typed(&mut keyboard, shown, |text| handle.submit(text), output);
        let polled = attempt.poll(events::POLL_INTERVAL, Some(&mut |event: &Event| on_event(event, &mut step)));
        if let Some(result) = polled.map_err(|error| if step == LoginStep::Unseen { unseen() } else { error })? {
            output.status("");
            return Ok(result);
        }
        let is_near = deadline.duration_since(SystemTime::now()).unwrap_or_default() < REMINDER;
        if reminder_due && is_near && !output.is_rich() {
            reminder_due = false;
            output.message("Still waiting; one minute left.");
        }
        output.status(&step.status(tick, deadline, paste));
    }
    Err(Error::new(ErrorCode::TimedOut, "The login took too long."))
}

/// What a waiting login waits for.
#[derive(Clone, Copy, PartialEq)]
enum LoginStep {
    Start,
    /// No user could see the login URL, so the login ends.
    Unseen,
    Approve,
    Create,
    Save,
}

impl LoginStep {
    fn after(self, event: EventCode) -> Self {
        match event {
            EventCode::LoginUrl => Self::Approve,
            EventCode::CallbackReceived => Self::Create,
            EventCode::KeysReceived => Self::Save,
            _ => self,
        }
    }

    /// The status line, with a sign that moves.
    fn status(self, tick: usize, deadline: SystemTime, paste: Paste) -> String {
        const SIGNS: &[char] = &['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
        let sign = SIGNS[tick % SIGNS.len()];
        match self {
            Self::Start => format!("{sign} Contacting the server …"),
            Self::Unseen => String::new(),
            Self::Approve => {
                let left = events::time_left(deadline);
                let keys = if paste == Paste::Read { " · Enter: show URL · c: copy URL" } else { "" };
                format!("{sign} Waiting for you in the browser · {left} left{keys}")
            }
            Self::Create => format!("{sign} Creating keys …"),
            Self::Save => format!("{sign} Saving keys …"),
        }
    }
}

fn begin(options: &LoginOptions, qr: bool, output: &Output) -> Result<ExitCode> {
    let signals = Signals::for_call();
    let host = Host::current();
    let waiting = output.contacting_for_login(Server::choose(options.server.as_ref(), &host)?.api());
    let begun = blocking::begin_login(options, signals.cancel());
    drop(waiting);
    let pending = match begun {
        Ok(BeginLoginResult::Pending(pending)) => pending,
        Ok(BeginLoginResult::Kept(result)) => {
            let warnings = messages_of_precedence(&host, options, &result.keys);
            warnings.into_iter().for_each(|warning| events::print_hint(warning, output));
            return finish(Ok(result), &signals, output);
        }
        Err(error) => return finish(Err(error), &signals, output),
    };
    if output.json {
        let mut result = json::pending_login(&pending);
        result["next"] = COMPLETE_COMMAND.into();
        return Ok(output.data_json(&result));
    }
    if qr {
        qr::print(&pending.url, output);
    }
    output.message(&pending.note);
    output.message("Then run this command within ten minutes:");
    output.command(&program::named_line(COMPLETE_COMMAND));
    Ok(output.data(&pending.url))
}

fn complete(arguments: &LoginArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let text = stdin::read(global, output, "Paste the callback URL, then press Enter. It is not shown.")?;
    // Signals are caught only from here on, so that they end the process while it reads stdin.
    let signals = Signals::for_call();
    let mut on_event = |event: &Event| {
        events::print(event, Paste::NoTerminal, output);
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
                Some(organization) => output.done(&format!("Logged in to {organization}.")),
                None => output.done("Logged in (organization name unavailable)."),
            }
            let is_new = |key: &&ApiKey| Some(key.environment()) != result.kept;
            let new: Vec<ApiKey> = result.keys.iter().filter(is_new).cloned().collect();
            save::print(&new, saved, output);
            if output.is_rich() {
                output.message("Next: `atmn run -- COMMAND` starts a program with the key; `atmn env` shows the key.");
            }
        }
        (None, organization) => {
            let owner = organization.map(|organization| format!(" of {organization}")).unwrap_or_default();
            let keys: Vec<String> = result.keys.iter().map(ToString::to_string).collect();
            output.message(&format!("The saved keys{owner} still work and were kept: {}.", keys.join(", ")));
            output.message("To switch organizations or create new keys, run `atmn login --force`.");
        }
    }
}
