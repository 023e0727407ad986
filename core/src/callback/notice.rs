//! What a request to the callback port tells the user, although it does not end the login.

use crate::event::{Event, EventCode};

/// Something that the user should know about the callback port. Each kind is reported once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A browser tried https, which this port does not speak.
    TlsHello,
    /// The callback came from this other account of the machine.
    OtherAccount(u32),
    /// The browser has a service worker of another program for this port's origin.
    ServiceWorker,
}

impl Notice {
    /// The event that reports it.
    pub(crate) fn event(self, port: u16) -> Event {
        let event = Event::new(EventCode::Hint, self.message(port)).with("port", port.to_string());
        match self {
            Self::OtherAccount(uid) => event.with("uid", uid.to_string()),
            Self::TlsHello | Self::ServiceWorker => event,
        }
    }

    fn message(self, port: u16) -> String {
        match self {
            Self::TlsHello => {
                "The browser tried https on the callback port, which serves http. If the browser shows an error, allow \
                 http for localhost (HTTPS-only mode). Or paste the URL of that page."
                    .to_owned()
            }
            Self::OtherAccount(uid) => format!(
                "Another account of this computer (user id {uid}) answered the login; its answer was refused. Log in \
                 again, and approve only in your own browser. If your browser runs under that account, paste the URL of the \
                 page that it shows."
            ),
            Self::ServiceWorker => format!(
                "Your browser has a service worker of another program for `localhost:{port}`, which can hide the \
                 result of the login. libatmn removes it; if the browser shows another program's page, reload the page."
            ),
        }
    }
}
