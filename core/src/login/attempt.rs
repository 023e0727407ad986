//! One login attempt: it owns the callback port, the PKCE verifier and the state.

use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use tokio::sync::Notify;
use tokio::time::sleep_until;

use super::background::BackgroundTasks;
use super::events::{EventSink, without_pasting};
use super::finish::{Finish, FinishedLogin, best_effort};
use super::kept::kept_keys;
use super::paste::{INCOMPLETE, PastedLines, check_pasted};
use super::{Destination, LoginOptions, LoginResult, check_timeout, endless_login};
use crate::browser::{Browser, OpenResult};
use crate::callback::{AcceptedPeers, AuthorizationResponse, CallbackEvent, CallbackPort, CallbackServer};
use crate::cancel::Cancel;
use crate::config::{BACKGROUND_DISCOVERY_TIMEOUT, DISCOVERY_TIMEOUT};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode, Listener};
use crate::hint::{Caller, Hint};
use crate::host::Host;
use crate::http::Http;
use crate::oauth::{Authorization, discover, redirect_uri};
use crate::secret::Secret;
use crate::server::Server;

/// A login attempt. Dropping it frees its port.
pub struct Attempt {
    host: Host,
    options: LoginOptions,
    http: Http,
    destination: Destination,
    authorization: Authorization,
    port: CallbackPort,
    began: Instant,
    deadline: SystemTime,
    hint: Option<String>,
    handle: AttemptHandle,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Attempt").field("port", &self.port.port()).finish_non_exhaustive()
    }
}

/// Controls a login attempt from other threads. Clones belong to the same attempt.
#[derive(Clone)]
pub struct AttemptHandle {
    cancel: Cancel,
    pasted: Arc<PastedResponses>,
    state: Secret,
}

/// What was submitted, in order.
#[derive(Default)]
struct PastedResponses {
    lines: PastedLines,
    responses: Mutex<VecDeque<AuthorizationResponse>>,
    /// The answers to lines that were refused.
    refusals: Mutex<Vec<Event>>,
    submitted: Notify,
}

impl fmt::Debug for AttemptHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AttemptHandle").finish_non_exhaustive()
    }
}

impl AttemptHandle {
    /// Submits text that the user pasted: the callback URL, its query, or only the code. After an error the attempt keeps
    /// waiting. A URL that a terminal passes on in several lines can be submitted line by line: each but the last is an
    /// error.
    ///
    /// # Errors
    /// `state_mismatch`: the text belongs to another login; `invalid_argument`: it is not a callback URL, or it is a key.
    pub fn submit(&self, text: &str) -> Result<()> {
        let response = self.pasted.lines.response(text, &self.state)?;
        let mut pasted = self.pasted.responses.lock().unwrap_or_else(PoisonError::into_inner);
        pasted.push_back(response);
        drop(pasted);
        self.pasted.submitted.notify_one();
        Ok(())
    }

    /// Submits a line that the user typed or pasted while the attempt waits, for bindings that read a terminal. A blank line is
    /// ignored. The event `hint` answers a line that is refused, in the words of the caller, and the attempt keeps waiting.
    /// Returns whether the line was accepted, so that no other line is needed.
    #[doc(hidden)]
    #[must_use]
    pub fn submit_line(&self, line: &str, caller: &Caller) -> bool {
        if line.trim().is_empty() {
            return false;
        }
        let Err(error) = self.submit(line) else { return true };
        let mut refusals = self.pasted.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.push(refusal(error, caller));
        drop(refusals);
        self.pasted.submitted.notify_one();
        false
    }

    /// Cancels the attempt, as [`Cancel::cancel`] does. Its port is free within a second, and no keys are saved unless the
    /// server has sent them already; those are saved first, and the attempt succeeds.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    pub(crate) fn cancel_flag(&self) -> &Cancel {
        &self.cancel
    }

    fn take_refusals(&self) -> Vec<Event> {
        std::mem::take(&mut *self.pasted.refusals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take_pasted(&self) -> Option<AuthorizationResponse> {
        self.pasted.responses.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl Attempt {
    /// Starts an attempt whose keys go to `destination`, which may differ from the one in the options.
    pub(crate) fn start(host: &Host, options: &LoginOptions, destination: Destination, cancel: Cancel) -> Result<Self> {
        check_timeout(options.login_timeout)?;
        options.wanted_scopes()?;
        let http = Http::new(Server::choose(options.server.as_ref(), host)?, host);
        let port = CallbackPort::bind(options.ports.clone())?;
        let authorization = Authorization::new(http.server(), &redirect_uri(port.port()))?;
        let deadline = SystemTime::now().checked_add(options.login_timeout);
        let handle = AttemptHandle { cancel, pasted: Arc::default(), state: authorization.state.clone() };
        Ok(Self {
            host: host.clone(),
            options: options.clone(),
            http,
            destination,
            hint: host.kind().hint(port.port()).and_then(|hint| advice(host, &hint)),
            began: Instant::now(),
            deadline: deadline.ok_or_else(endless_login)?,
            authorization,
            port,
            handle,
        })
    }

    /// The login URL. Show it only to the user who logs in.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.authorization.url
    }

    /// The callback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.port()
    }

    /// How the browser can reach the callback port in this environment, such as an `ssh -L` command; `None` if it can
    /// without help.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// When the attempt times out.
    #[must_use]
    pub fn deadline(&self) -> SystemTime {
        self.deadline
    }

    /// A handle for other threads, to submit pasted text or to cancel.
    #[must_use]
    pub fn handle(&self) -> AttemptHandle {
        self.handle.clone()
    }

    /// Checks that new keys could be saved, for which it asks git. Returns the keys in the file if they still work, unless
    /// `force` is set. Otherwise opens the browser, serves the callback, and finishes the login. Needs a tokio runtime with
    /// I/O and time.
    ///
    /// # Errors
    /// As [`login`](crate::login).
    pub async fn wait(self, listener: Option<Listener<'_>>) -> Result<LoginResult> {
        let mut events = EventSink::new(listener, self.handle.cancel.clone());
        events.without_pasting = !self.host.reads_lines();
        self.handle.cancel.check()?;
        self.destination.check(&self.handle.cancel)?;
        let expected = self.destination.expected.as_ref();
        let kept = kept_keys(&self.host, &self.options, &self.http, expected, &mut events).await?;
        if let Some(notice) = self.http.take_notice() {
            events.emit(&Event::new(EventCode::Hint, notice));
        }
        if let Some(kept) = kept {
            return Ok(kept);
        }
        self.announce(&mut events);
        // Lets a caller in another task show the URL now: starting a browser can take long.
        tokio::task::yield_now().await;
        self.serve(&mut events).await
    }

    async fn serve(self, events: &mut EventSink<'_>) -> Result<LoginResult> {
        let until = self.began + self.options.login_timeout;
        let mut server = self.port.serve(self.authorization.state.clone(), AcceptedPeers::of(&self.host))?;
        let (mut browser, kind) = (Browser::default(), self.host.kind());
        let mut tasks = BackgroundTasks::new(Box::pin(discover(&self.http, BACKGROUND_DISCOVERY_TIMEOUT)));
        if self.options.open_browser {
            let url = self.authorization.url.as_str();
            tasks.open_browser(Box::pin(browser.open(url, &self.host, &kind)));
        }
        let autumn = self.http.server();
        let response = wait_for_response(&mut server, &mut tasks, events, &self.handle, until, autumn).await?;
        events.emit(&callback_received(&response));
        let finish = Finish {
            options: &self.options,
            destination: &self.destination,
            authorization: &self.authorization,
            http: &self.http,
        };
        let FinishedLogin { result, page } = finish.run(&mut server, response, tasks, events).await;
        // Frees the port before the attempt ends, and quickly after a cancellation.
        best_effort(&events.cancel, Box::pin(server.finish(&page))).await;
        result
    }

    fn announce(&self, events: &mut EventSink<'_>) {
        let url = self.url();
        let milliseconds = self.deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        events.emit(
            &Event::new(EventCode::LoginUrl, format!("Log in at this URL: {url}"))
                .with("url", url)
                .with("port", self.port().to_string())
                .with("deadline", milliseconds.to_string())
                .with("path", self.destination.path()),
        );
        if let Some(hint) = &self.hint {
            events.emit(&Event::new(EventCode::Hint, hint).with("port", self.port().to_string()));
        }
    }
}

/// Waits for the first callback or pasted text.
async fn wait_for_response(
    server: &mut CallbackServer,
    tasks: &mut BackgroundTasks<'_>,
    events: &mut EventSink<'_>,
    handle: &AttemptHandle,
    until: Instant,
    autumn: &Server,
) -> Result<AuthorizationResponse> {
    let mut cancelled = pin!(handle.cancel.cancelled());
    let mut expired = pin!(sleep_until(until.into()));
    let mut callback = None;
    loop {
        // Cancellation is checked first: it wins over a response that arrives at the same moment.
        handle.cancel.check()?;
        handle.take_refusals().iter().for_each(|refusal| events.emit(refusal));
        // Text that was pasted since the last check came before a callback.
        if let Some(response) = first_pasted(handle, tasks, events, autumn).await?.or(callback.take()) {
            return Ok(response);
        }
        if Instant::now() >= until {
            return Err(timed_out());
        }
        tokio::select! {
            biased;
            () = &mut cancelled => return Err(Cancel::error()),
            event = server.next() => match event {
                CallbackEvent::Response(response) => callback = Some(response),
                CallbackEvent::Notice(notice) => events.emit(&notice.event(server.port())),
            },
            opened = tasks.browser_opened() => events.emit(&browser_event(opened)),
            () = handle.pasted.submitted.notified() => {}
            () = &mut expired => return Err(timed_out()),
        }
    }
}

/// The first pasted response that can complete the login. An event answers any other, and the login waits for the rest.
async fn first_pasted(
    handle: &AttemptHandle,
    tasks: &mut BackgroundTasks<'_>,
    events: &mut EventSink<'_>,
    autumn: &Server,
) -> Result<Option<AuthorizationResponse>> {
    while let Some(response) = handle.take_pasted() {
        let discovery = handle.cancel.run(async { Ok(tasks.discovery(DISCOVERY_TIMEOUT).await) }).await?;
        if check_pasted(&response, autumn, discovery.as_ref()).is_ok() {
            return Ok(Some(response));
        }
        let message = format!("{INCOMPLETE} Paste the complete URL that the browser shows at the end. Still waiting.");
        events.emit(&Event::new(EventCode::Hint, message));
    }
    Ok(None)
}

/// Advice for this host.
fn advice(host: &Host, hint: &str) -> Option<String> {
    if host.reads_lines() { Some(hint.to_owned()) } else { without_pasting(hint) }
}

/// The answer to a line that was refused.
fn refusal(error: Error, caller: &Caller) -> Event {
    let Error { message, hint, .. } = error.for_caller(caller);
    let hint = hint.map(|hint| format!(" {hint}")).unwrap_or_default();
    Event::new(EventCode::Hint, format!("{message}{hint} Still waiting."))
}

fn timed_out() -> Error {
    Error::new(ErrorCode::TimedOut, "The login timed out; nothing was saved.")
        .with_hint(Hint::LogInAgain.and(Hint::IncreaseOption { option: "login_timeout" }))
}

fn callback_received(response: &AuthorizationResponse) -> Event {
    let message = match response {
        AuthorizationResponse::Authorized { .. } => "Approved. Creating keys …",
        AuthorizationResponse::Denied { .. } => "The login was denied.",
    };
    Event::new(EventCode::CallbackReceived, message)
}

fn browser_event(result: OpenResult) -> Event {
    match result {
        OpenResult::Opened { program } => {
            Event::new(EventCode::BrowserOpened, "Opened your browser.").with("program", program)
        }
        OpenResult::Unknown { program } => {
            let message = format!(
                "If no window of your browser appears, open the URL yourself: {program} has ended, and its exit code is not known."
            );
            Event::new(EventCode::Hint, message).with("program", program)
        }
        OpenResult::Failed { reason } => Event::new(EventCode::BrowserFailed, reason),
    }
}
