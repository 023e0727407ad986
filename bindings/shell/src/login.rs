//! `atmn login`

use std::ops::ControlFlow;
use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::{CompleteOptions, Event, LoginOptions, LoginResult, Result, begin_login, blocking};

use crate::cli::{Global, LoginArguments};
use crate::key::read_stdin;
use crate::output::Output;
use crate::signals::Ending;
use crate::{progress, save, terminal};

/// What finishes a login that was begun; ready to be run once ADDRESS is known.
const NEXT: &str = "printf %s 'ADDRESS' | atmn login --complete";

pub(crate) fn run(arguments: &LoginArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    if arguments.complete {
        return complete(arguments, output);
    }
    let options = options(arguments, global);
    if arguments.begin {
        return begin(&options, output);
    }
    let attended = terminal::is_attended() && !global.headless && !global.json;
    let ending = Ending::of_call();
    finish(progress::log_in(&options, attended, &ending, output), &ending, output)
}

fn options(arguments: &LoginArguments, global: &Global) -> LoginOptions {
    let LoginArguments { timeout, no_browser, force, sandbox_only, organization, git, begin: _, complete: _, ports } =
        arguments;
    let defaults = LoginOptions::default();
    LoginOptions {
        server: global.server(),
        directory: global.dir.clone(),
        login_timeout: *timeout,
        open_browser: !no_browser,
        force: *force,
        sandbox_only: *sandbox_only,
        allow_tracked: git.allow_tracked,
        gitignore: git.gitignore(),
        organization: organization.clone(),
        host: None,
        ports: ports.clone().unwrap_or(defaults.ports),
    }
}

fn begin(options: &LoginOptions, output: &Output) -> Result<ExitCode> {
    let pending = begin_login(options)?;
    if output.json {
        let mut told = json::pending_login(&pending);
        told["next"] = NEXT.into();
        return Ok(output.data_json(&told));
    }
    output.talk(&pending.note);
    output.talk(&format!("Then, within ten minutes, with that address: {NEXT}"));
    Ok(output.data(&pending.url))
}

fn complete(arguments: &LoginArguments, output: &Output) -> Result<ExitCode> {
    let text = read_stdin(output, "Paste the address that the browser ended at, then press Ctrl-D.")?;
    // From here on: while stdin is read, a signal ends the process by itself.
    let ending = Ending::of_call();
    let mut hear = |event: &Event| {
        progress::tell(event, output);
        ControlFlow::Continue(())
    };
    let options = CompleteOptions { login_timeout: arguments.timeout, host: None };
    let result = blocking::complete_login(text.reveal(), &options, Some(&mut hear), ending.cancel());
    finish(result, &ending, output)
}

fn finish(result: Result<LoginResult>, ending: &Ending, output: &Output) -> Result<ExitCode> {
    match result {
        Ok(done) if output.json => Ok(output.data_json(&json::login_result(&done))),
        Ok(done) => {
            tell(&done, output);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => ending.fail(error, "; nothing was saved", output),
    }
}

fn tell(done: &LoginResult, output: &Output) {
    let whose = done.organization.as_ref().map(|whose| format!("{} ({})", whose.name, whose.slug));
    match (&done.saved, whose) {
        (Some(saved), whose) => {
            let whose =
                whose.unwrap_or_else(|| "an organization whose name the server did not tell in time".to_owned());
            output.talk(&format!("Logged in to {whose}."));
            save::tell(&done.keys, saved, output);
        }
        (None, whose) => {
            let whose = whose.map(|whose| format!(" of {whose}")).unwrap_or_default();
            let keys: Vec<String> = done.keys.iter().map(ToString::to_string).collect();
            output.talk(&format!("The keys{whose} in .env still work and were kept: {}.", keys.join(", ")));
            output.talk("To log in all the same, such as for another organization: atmn login --force");
        }
    }
}
