//! One login under way: it owns the callback port, the verifier and the state.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use super::finish::{Finish, Finished, courtesy};
use super::paste::Pasted;
use super::{Destination, LoginOptions, LoginResult, check_timeout};
use crate::browser::{Browser, Opened};
use crate::callback::{Answer, Listener as Port, Outcome, Server as Callback};
use crate::cancel::{Cancel, TICK};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode, Listener};
use crate::hint::Hint;
use crate::host;
use crate::http::Http;
use crate::oauth::{Authorization, Discovery, discover, redirect_uri};
use crate::secret::Secret;
use crate::server::Server;

/// How long the server may take to describe itself, while the person is in the browser.
const DISCOVERY_TIME: Duration = Duration::from_secs(10);

/// A login under way. Dropping it frees its port.
pub struct Attempt {
    options: LoginOptions,
    http: Http,
    destination: Destination,
    authorization: Authorization,
    port: Port,
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

/// What other threads may do to a login that waits. Clones belong to the same login.
#[derive(Clone)]
pub struct AttemptHandle {
    cancel: Cancel,
    pasted: Arc<Mutex<Option<Answer>>>,
    state: Secret,
}

impl fmt::Debug for AttemptHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AttemptHandle").finish_non_exhaustive()
    }
}

impl AttemptHandle {
    /// Takes what a person pasted: the address that the browser ended at, its query, or the code alone. Refused text
    /// changes nothing, and the wait goes on.
    ///
    /// # Errors
    /// `state_mismatch`: it is the answer to another login; `invalid_argument`: it is no answer, or a key.
    pub fn submit(&self, text: &str) -> Result<()> {
        let answer = Pasted::read(text)?.answer(&self.state)?;
        let mut pasted = self.pasted.lock().unwrap_or_else(PoisonError::into_inner);
        pasted.get_or_insert(answer);
        Ok(())
    }

    /// Ends the login: its port is free within a second, and nothing is saved unless the keys were there already.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    fn take(&self) -> Option<Answer> {
        self.pasted.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Attempt {
    /// Takes a port, for keys that go to a place which may be another than the options say.
    pub(crate) fn start(options: &LoginOptions, destination: Destination, cancel: Cancel) -> Result<Self> {
        check_timeout(options.login_timeout)?;
        destination.check()?;
        let http = Http::new(Server::choose(options.server.as_ref())?);
        let port = Port::bind(options.ports.clone())?;
        let authorization = Authorization::new(http.server(), &redirect_uri(port.port()))?;
        let deadline = SystemTime::now().checked_add(options.login_timeout);
        let handle = AttemptHandle { cancel, pasted: Arc::default(), state: authorization.state.clone() };
        Ok(Self {
            options: options.clone(),
            http,
            destination,
            hint: host::here().hint(port.port()),
            began: Instant::now(),
            deadline: deadline.ok_or_else(|| Error::invalid("login_timeout", "The time to log in is too long."))?,
            authorization,
            port,
            handle,
        })
    }

    /// The address to log in at; for the person alone.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.authorization.url
    }

    /// The callback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.port()
    }

    /// The one piece of advice that fits these surroundings, such as the `ssh -L` line.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// When the wait ends.
    #[must_use]
    pub fn deadline(&self) -> SystemTime {
        self.deadline
    }

    /// For other threads: paste an answer, or cancel.
    #[must_use]
    pub fn handle(&self) -> AttemptHandle {
        self.handle.clone()
    }

    /// Opens the browser, serves the callback, and finishes the login. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// As [`login`](crate::login).
    pub async fn wait(self, listener: Option<Listener<'_>>) -> Result<LoginResult> {
        let mut events = Events::new(listener, self.handle.cancel.clone());
        self.announce(&mut events);
        // Whoever passes events on does so now: starting a browser can take long, and the address must be there by then.
        tokio::task::yield_now().await;
        let until = self.began + self.options.login_timeout;
        let mut server = self.port.serve(self.authorization.state.clone())?;
        let (mut browser, surroundings) = (Browser::default(), host::here());
        let mut side =
            Side { discovery: Some(Box::pin(discover(&self.http, DISCOVERY_TIME))), found: None, opening: None };
        if self.options.open_browser {
            let url = self.authorization.url.as_str();
            side.opening = Some(Box::pin(browser.open(url, |name| std::env::var_os(name), &surroundings)));
        }
        let answer = wait_for_answer(&mut server, &mut side, &mut events, &self.handle, until).await?;
        events.say(&Event::new(EventCode::CallbackReceived, "The browser has answered; finishing the login."));
        let finish = Finish {
            options: &self.options,
            destination: &self.destination,
            authorization: &self.authorization,
            http: &self.http,
        };
        let finished = finish.run(&mut server, answer, side, &mut events).await;
        let Finished { result, page } = finished;
        // The port is free by the end, and soon if somebody cancelled.
        courtesy(&events.cancel, Box::pin(server.finish(&page))).await;
        result
    }

    fn announce(&self, events: &mut Events<'_>) {
        let url = self.url();
        let milliseconds = self.deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        events.say(
            &Event::new(EventCode::LoginUrl, format!("Log in at this address: {url}"))
                .with("url", url)
                .with("port", self.port().to_string())
                .with("deadline", milliseconds.to_string()),
        );
        if let Some(hint) = &self.hint {
            events.say(&Event::new(EventCode::Hint, hint).with("port", self.port().to_string()));
        }
    }
}

/// Who hears what happens; a listener that says `Break` cancels.
pub(crate) struct Events<'a> {
    listener: Option<Listener<'a>>,
    pub(crate) cancel: Cancel,
}

impl<'a> Events<'a> {
    pub(crate) fn new(listener: Option<Listener<'a>>, cancel: Cancel) -> Self {
        Self { listener, cancel }
    }

    pub(crate) fn say(&mut self, event: &Event) {
        if let Some(listener) = &mut self.listener
            && listener(event).is_break()
        {
            self.cancel.cancel();
        }
    }
}

/// What goes on beside the wait.
pub(super) struct Side<'a> {
    discovery: Option<Pin<Box<dyn Future<Output = Option<Discovery>> + Send + 'a>>>,
    found: Option<Discovery>,
    opening: Option<Pin<Box<dyn Future<Output = Opened> + Send + 'a>>>,
}

impl Side<'_> {
    /// Lets both move, and reports what has become of the browser.
    fn turn(&mut self, context: &mut std::task::Context<'_>) -> Option<Opened> {
        if let Some(discovery) = &mut self.discovery
            && let Poll::Ready(found) = discovery.as_mut().poll(context)
        {
            (self.discovery, self.found) = (None, found);
        }
        let opened = match self.opening.as_mut()?.as_mut().poll(context) {
            Poll::Ready(opened) => opened,
            Poll::Pending => return None,
        };
        self.opening = None;
        Some(opened)
    }

    /// What the server says of itself, waited for a little if it has not come yet.
    pub(super) async fn discovery(&mut self, wait: Duration) -> Option<Discovery> {
        if let Some(discovery) = self.discovery.take() {
            self.found = tokio::time::timeout(wait, discovery).await.ok().flatten();
        }
        self.found.clone()
    }
}

enum Step {
    Came(Outcome),
    Browser(Opened),
    Tick,
}

async fn wait_for_answer(
    server: &mut Callback,
    side: &mut Side<'_>,
    events: &mut Events<'_>,
    handle: &AttemptHandle,
    until: Instant,
) -> Result<Answer> {
    let mut tick = tokio::time::interval(TICK);
    loop {
        // Cancelling comes first: whoever pressed it does not want what came at the same moment.
        if handle.cancel.is_cancelled() {
            return Err(Cancel::error());
        }
        if let Some(answer) = handle.take() {
            return Ok(answer);
        }
        if Instant::now() >= until {
            return Err(Error::new(ErrorCode::TimedOut, "Nobody logged in before the deadline; nothing was saved.")
                .with_hint(Hint::LogInAgain.and(Hint::IncreaseOption { option: "login_timeout" })));
        }
        match step(server, side, &mut tick).await {
            // What was pasted since the last look was there first.
            Step::Came(Outcome::Answer(answer)) => return Ok(handle.take().unwrap_or(answer)),
            Step::Came(Outcome::TlsHello) => events.say(&tls_hello()),
            Step::Browser(opened) => events.say(&browser_event(opened)),
            Step::Tick => {}
        }
    }
}

async fn step(server: &mut Callback, side: &mut Side<'_>, tick: &mut tokio::time::Interval) -> Step {
    poll_fn(|context| {
        if let Poll::Ready(outcome) = pin!(server.next()).poll(context) {
            return Poll::Ready(Step::Came(outcome));
        }
        if let Some(opened) = side.turn(context) {
            return Poll::Ready(Step::Browser(opened));
        }
        tick.poll_tick(context).map(|_| Step::Tick)
    })
    .await
}

fn tls_hello() -> Event {
    let message = "The browser tried https on the callback port, which speaks http. If it shows an error, allow http for \
                   localhost (HTTPS-only mode), or paste the address that it ended at.";
    Event::new(EventCode::Hint, message)
}

fn browser_event(opened: Opened) -> Event {
    match opened {
        Opened::Yes { program } => {
            Event::new(EventCode::BrowserOpened, "The address was handed to the browser.").with("program", program)
        }
        Opened::No { reason } => Event::new(EventCode::BrowserFailed, reason),
    }
}
