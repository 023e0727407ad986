//! `atmn api`

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use libatmn::{
    ApiRequest, ApiResponse, ClientOptions, Event, EventCode, Host, ResolveOptions, Result, Server, blocking,
};

use crate::api_pages::ListPages;
use crate::cli::{ApiArguments, Global};
use crate::output::Output;
use crate::signals::Signals;
use crate::terminal::{Keyboard, Paste};
use crate::{api_request, events};

pub(crate) fn run(arguments: &ApiArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let (options, request) = (options(arguments, global), api_request::request(arguments)?);
    // Signals are caught only from here on, so that they end the process while it reads stdin.
    let signals = Signals::for_call();
    let session = ApiSession {
        login_timeout: options.login_timeout,
        server: Server::choose(options.server.as_ref(), &Host::current())?,
        client: blocking::Client::new(options)?,
        paste: Paste::of(global),
        signals: &signals,
        output,
    };
    match session.pages(request, arguments) {
        Ok(code) => Ok(code),
        Err(error) => {
            // The message of an error is one sentence; what the server said in full is a result.
            if let Some(response) = &error.response {
                print(response, arguments, output);
            }
            signals.fail(error, "Request", "", output)
        }
    }
}

/// The calls of one command.
struct ApiSession<'a> {
    client: blocking::Client,
    server: Server,
    login_timeout: Duration,
    paste: Paste,
    signals: &'a Signals,
    output: &'a Output,
}

impl ApiSession<'_> {
    /// Sends the request and prints the response; with `--paginate`, also those with the next pages.
    fn pages(&self, mut request: ApiRequest, arguments: &ApiArguments) -> Result<ExitCode> {
        let mut pages = ListPages::new(&request);
        loop {
            let response = self.call(&request)?;
            let code = print(&response, arguments, self.output);
            let goes_on = arguments.paginate && code == ExitCode::SUCCESS;
            if !goes_on || !pages.advance(&mut request, response.body)? {
                return Ok(code);
            }
        }
    }

    /// Calls the API. If the client logs in, pasted lines go to that login.
    fn call(&self, request: &ApiRequest) -> Result<ApiResponse> {
        let done = AtomicBool::new(false);
        let waiting = self.output.contacting(self.server.api());
        std::thread::scope(|scope| {
            let mut on_event = |event: &Event| {
                waiting.end();
                events::print(event, self.paste, self.output);
                if event.code == EventCode::LoginUrl {
                    let deadline = SystemTime::now() + self.login_timeout;
                    self.output.message(&events::wait_message(self.login_timeout, deadline, self.paste));
                    // The request blocks this thread, so another one reads pasted lines.
                    let url = event.context.get("url").cloned().unwrap_or_default();
                    let done = &done;
                    scope.spawn(move || self.submit_typed_lines(done, &url));
                }
                ControlFlow::Continue(())
            };
            let result = self.client.request(request, Some(&mut on_event), self.signals.cancel());
            done.store(true, Ordering::Relaxed);
            result
        })
    }

    fn submit_typed_lines(&self, done: &AtomicBool, url: &str) {
        let mut keyboard = Keyboard::open(self.paste);
        while !done.load(Ordering::Relaxed) {
            events::handle_typed(&mut keyboard, Some(url), |text| self.client.submit(text), self.output);
            std::thread::sleep(events::POLL_INTERVAL);
        }
    }
}

fn options(arguments: &ApiArguments, global: &Global) -> ClientOptions {
    let defaults = ClientOptions::default();
    ClientOptions {
        server: global.server(),
        resolve: ResolveOptions {
            environment: Some(global.environment()),
            directory: global.dir.clone(),
            host: Some(Host::current().reading_lines()),
            ..ResolveOptions::default()
        },
        timeout: arguments.timeout.unwrap_or(defaults.timeout),
        retries: arguments.retries.unwrap_or(defaults.retries),
        reauth: arguments.reauth,
        organization: arguments.organization.clone(),
        open_browser: !arguments.no_browser,
        ports: arguments.ports.clone().unwrap_or(defaults.ports),
        response_limit: defaults.response_limit,
        login_timeout: defaults.login_timeout,
    }
}

/// Prints a response. A page ends with a newline, so that the next one begins on its own line.
fn print(response: &ApiResponse, arguments: &ApiArguments, output: &Output) -> ExitCode {
    let ApiResponse { status, headers, body } = response;
    let mut head = String::new();
    if arguments.include {
        head.push_str(&format!("HTTP {status}\n"));
        headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\n")));
        head.push('\n');
    }
    let is_line = body.is_empty() || body.ends_with(b"\n");
    let body = if arguments.paginate && !is_line { &[body, &b"\n"[..]].concat() } else { body };
    output.response(&head, body)
}
