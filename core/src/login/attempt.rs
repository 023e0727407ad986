//! One login attempt: it owns the callback port, the PKCE verifier and the state.

use std::fmt;
use std::pin::pin;
use std::time::{Duration, Instant, SystemTime};

use tokio::time::{sleep_until, timeout_at};

use super::background::{BackgroundTasks, BoxFuture};
use super::events::{EventSink, without_pasting};
use super::finish::{Finish, FinishedLogin, best_effort};
use super::handle::{AttemptHandle, EndOfSubmitting};
use super::kept::{Checked, check_before_login};
use super::lock::LoginLock;
use super::paste::{INCOMPLETE, check_pasted};
use super::{Destination, LoginOptions, LoginResult, check_timeout, endless_login};
use crate::browser::{Browser, OpenResult};
use crate::callback::{AcceptedPeers, AuthorizationResponse, CallbackEvent, CallbackPort, CallbackServer};
use crate::cancel::Cancel;
use crate::config::{BACKGROUND_DISCOVERY_TIMEOUT, DISCOVERY_TIMEOUT};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode, Listener};
use crate::hint::Hint;
use crate::host::Host;
use crate::http::Http;
use crate::oauth::{Authorization, discover, redirect_uri};
use crate::page;
use crate::server::Server;

/// Waits until the events so far have been handled.
pub(crate) type EventsHandled = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

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
    /// Where the listener only passes events on.
    handled: Option<EventsHandled>,
    /// Dropped with the attempt.
    #[expect(dead_code, reason = "only its drop matters")]
    ended: EndOfSubmitting,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Attempt").field("port", &self.port.port()).finish_non_exhaustive()
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
        let handle = AttemptHandle::new(cancel, authorization.state.clone());
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
            handled: None,
            ended: handle.end_on_drop(),
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

    /// Checks that new keys could be saved, for which it asks git, and waits until no other login for the file runs. Returns
    /// the keys in the file if all of them still work, unless `force` is set. Otherwise opens the browser, serves the
    /// callback, and finishes the login; a key that still works stays, and the other one is replaced. Needs a tokio runtime
    /// with I/O and time.
    ///
    /// # Errors
    /// As [`login`](crate::login).
    pub async fn wait(self, listener: Option<Listener<'_>>) -> Result<LoginResult> {
        self.run(listener, None).await
    }

    /// [`Attempt::wait`] for a caller that holds the lock of the file. Its listener only passes events on; `handled` waits
    /// until they have been handled.
    pub(crate) async fn wait_with_lock(
        mut self,
        listener: Listener<'_>,
        handled: EventsHandled,
        lock: LoginLock,
    ) -> Result<LoginResult> {
        self.handled = Some(handled);
        self.run(Some(listener), Some(lock)).await
    }

    async fn run(mut self, listener: Option<Listener<'_>>, lock: Option<LoginLock>) -> Result<LoginResult> {
        let mut events = EventSink::new(listener, self.handle.cancel_flag().clone());
        events.without_pasting = !self.host.reads_lines();
        self.handle.cancel_flag().check()?;
        let mut lock = match lock {
            Some(lock) => {
                self.destination.check(self.handle.cancel_flag())?;
                lock
            }
            None => {
                let limit = self.time_left();
                self.destination.lock(limit, &mut events).await?
            }
        };
        let result = self.log_in(&mut events).await;
        if let Err(error) = &result {
            lock.leave_failure(error);
        }
        result
    }

    fn time_left(&self) -> Duration {
        self.options.login_timeout.saturating_sub(self.began.elapsed())
    }

    async fn log_in(mut self, events: &mut EventSink<'_>) -> Result<LoginResult> {
        let checked = check_before_login(&self.host, &self.options, &self.http, &self.destination, events).await?;
        if let Some(notice) = self.http.take_notice() {
            events.emit(&Event::new(EventCode::Hint, notice));
        }
        match checked {
            Checked::Kept(kept) => return Ok(kept),
            Checked::Ask(working) => self.destination = self.destination.keeping(working),
        }
        self.destination.check_unchanged()?;
        self.announce(events);
        // Lets a caller in another task show the URL now: starting a browser can take long.
        tokio::task::yield_now().await;
        self.serve(events).await
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
        events.emit(&callback_received(&response).holding_until(until));
        let handled = wait_for_listener(self.handle.cancel_flag(), self.handled.as_ref(), until);
        if let Err(error) = server.alongside(handled).await {
            best_effort(&events.cancel, Box::pin(server.finish(&page::failed(&error.message)))).await;
            return Err(error);
        }
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
    let mut cancelled = pin!(handle.cancel_flag().cancelled());
    let mut expired = pin!(sleep_until(until.into()));
    let mut callback = None;
    loop {
        // Cancellation is checked first: it wins over a response that arrives at the same moment.
        handle.cancel_flag().check()?;
        handle.take_refusals().iter().for_each(|refusal| events.emit(refusal));
        // Text that was pasted since the last check came before a callback.
        if let Some(response) = first_pasted(handle, tasks, events, autumn).await?.or(callback.take()) {
            return Ok(response);
        }
        if Instant::now() >= until {
            return Err(timed_out(TIMED_OUT));
        }
        tokio::select! {
            biased;
            () = &mut cancelled => return Err(Cancel::error()),
            event = server.next() => match event {
                CallbackEvent::Response(response) => callback = Some(response),
                CallbackEvent::Notice(notice) => events.emit(&notice.event(server.port())),
            },
            opened = tasks.browser_opened() => events.emit(&browser_event(opened)),
            () = handle.submitted() => {}
            () = &mut expired => return Err(timed_out(TIMED_OUT)),
        }
    }
}

/// Waits until the listener has handled `callback_received`. If it refuses the event, or its time is up, the server creates no
/// keys.
async fn wait_for_listener(cancel: &Cancel, handled: Option<&EventsHandled>, until: Instant) -> Result<()> {
    if let Some(handled) = handled {
        let handled = async {
            handled().await;
            Ok(())
        };
        let _ = timeout_at(until.into(), cancel.run(handled)).await;
    }
    cancel.check()?;
    if Instant::now() < until {
        return Ok(());
    }
    Err(timed_out("The login timed out before its listener had handled `callback_received`; nothing was saved."))
}

/// The first pasted response that can complete the login. An event answers any other, and the login waits for the rest.
async fn first_pasted(
    handle: &AttemptHandle,
    tasks: &mut BackgroundTasks<'_>,
    events: &mut EventSink<'_>,
    autumn: &Server,
) -> Result<Option<AuthorizationResponse>> {
    while let Some(response) = handle.take_pasted() {
        let discovery = handle.cancel_flag().run(async { Ok(tasks.discovery(DISCOVERY_TIMEOUT).await) }).await?;
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

const TIMED_OUT: &str = "The login timed out; nothing was saved.";

fn timed_out(message: &str) -> Error {
    Error::new(ErrorCode::TimedOut, message)
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
