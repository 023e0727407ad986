//! A login that a client started creates keys only after the listener of a waiting call has handled `callback_received`.

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::thread;
use std::time::Duration;

use libatmn::blocking::{self, Operation};
use libatmn::{ApiResponse, Cancel, ClientOptions, Event, EventCode, Result};
use tokio::sync::mpsc;

use super::{ClientFixture, browse, failed, get};
use crate::login::LONG_TIMEOUT;

/// How long the tests give a login that is not held to create keys.
const HEAD_START: Duration = Duration::from_millis(500);

/// A listener that passes on the login URL and refuses the callback.
fn refusing(shown: mpsc::UnboundedSender<String>) -> impl FnMut(&Event) -> ControlFlow<()> + Send {
    move |event| match event.code {
        EventCode::LoginUrl => {
            shown.send(event.context["url"].clone()).unwrap();
            ControlFlow::Continue(())
        }
        EventCode::CallbackReceived => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    }
}

/// Polls a call until it has shown the login URL, has the user approve it, and then leaves the call alone, as a listener
/// that runs on another thread does.
async fn approve_and_pause<T>(
    fixture: &ClientFixture,
    call: &mut Pin<&mut impl Future<Output = Result<T>>>,
    mut seen: mpsc::UnboundedReceiver<String>,
) {
    let shown = poll_fn(|context| {
        assert!(call.as_mut().poll(context).is_pending());
        seen.poll_recv(context)
    });
    let url = shown.await.unwrap();
    let callback = fixture.store().approve(&url, "ada@example.com", "copper-kettle").unwrap();
    thread::spawn(move || browse(&callback));
    let minted = async {
        while fixture.minted() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(HEAD_START, minted).await.is_err(), "keys were created");
}

#[test]
fn listener_that_refuses_the_callback_gets_no_keys() {
    let fixture = ClientFixture::revoked();
    let before = fixture.world.file();
    let client = libatmn::Client::new(fixture.options()).unwrap();
    crate::network::wait(async {
        let (shown, seen) = mpsc::unbounded_channel();
        let (mut listener, cancel, request) = (refusing(shown), Cancel::new(), get());
        let mut call = pin!(client.request(&request, Some(&mut listener), &cancel));
        approve_and_pause(&fixture, &mut call, seen).await;
        failed(call.await, "cancelled");
    });
    assert_eq!((fixture.minted(), fixture.world.file()), (0, before));
}

#[test]
fn login_that_no_call_lets_continue_times_out() {
    let fixture = ClientFixture::revoked();
    let client = libatmn::Client::new(ClientOptions { login_timeout: HEAD_START * 2, ..fixture.options() }).unwrap();
    crate::network::wait(async {
        let (shown, seen) = mpsc::unbounded_channel();
        let (mut listener, cancel, request) = (refusing(shown), Cancel::new(), get());
        let mut call = pin!(client.request(&request, Some(&mut listener), &cancel));
        approve_and_pause(&fixture, &mut call, seen).await;
        tokio::time::sleep(HEAD_START * 2).await;
        failed(call.await, "timed_out");
    });
    assert_eq!(fixture.minted(), 0);
}

/// Polls a request until it has sent an event.
fn poll_until(request: &mut Operation<ApiResponse>, code: EventCode) -> Event {
    let mut found = None;
    while found.is_none() {
        let mut listener = |event: &Event| {
            found = found.take().or((event.code == code).then(|| event.clone()));
            ControlFlow::Continue(())
        };
        assert!(request.poll(Duration::from_millis(10), Some(&mut listener)).unwrap().is_none());
    }
    found.unwrap()
}

/// Calls of a blocking client share a runtime. One whose caller does not poll it any more must not keep the runtime
/// from the others until it is freed.
#[test]
fn request_that_is_cancelled_or_late_lets_the_others_continue() {
    for is_cancelled in [true, false] {
        let fixture = ClientFixture::revoked();
        let login_timeout = if is_cancelled { LONG_TIMEOUT } else { HEAD_START * 2 };
        let client = blocking::Client::new(ClientOptions { login_timeout, ..fixture.options() }).unwrap();
        let mut first = client.start_request(get(), true, &Cancel::new()).unwrap();
        let url = poll_until(&mut first, EventCode::LoginUrl).context["url"].clone();
        let mut second = client.start_request(get(), true, &Cancel::new()).unwrap();
        poll_until(&mut second, EventCode::LoginWaiting);
        let callback = fixture.store().approve(&url, "ada@example.com", "copper-kettle").unwrap();
        thread::spawn(move || browse(&callback));
        thread::sleep(HEAD_START);
        assert_eq!(fixture.minted(), 0, "keys were created");
        if is_cancelled {
            first.cancel();
            assert_eq!(second.wait(None).unwrap().status, 200);
        } else {
            failed(second.wait(None), "timed_out");
        }
        assert_eq!(fixture.minted(), usize::from(is_cancelled));
    }
}

/// The refusal cancels one call. The other takes over the login with all its events, and lets it continue.
#[test]
fn next_call_lets_the_login_continue() {
    let fixture = ClientFixture::revoked();
    let client = libatmn::Client::new(fixture.options()).unwrap();
    let second = fixture.person("copper-kettle");
    crate::network::wait(async {
        let (shown, mut seen) = mpsc::unbounded_channel();
        let other = client.clone();
        let refuses =
            tokio::spawn(async move { other.request(&get(), Some(&mut refusing(shown)), &Cancel::new()).await });
        let url = tokio::time::timeout(LONG_TIMEOUT, seen.recv()).await.unwrap().unwrap();
        let user = second.clone();
        let stays =
            tokio::spawn(async move { client.request(&get(), Some(&mut user.listener()), &Cancel::new()).await });
        while second.count(EventCode::LoginWaiting) == 0 {
            tokio::task::yield_now().await;
        }
        let callback = fixture.store().approve(&url, "ada@example.com", "copper-kettle").unwrap();
        thread::spawn(move || browse(&callback));
        failed(refuses.await.unwrap(), "cancelled");
        assert_eq!(stays.await.unwrap().unwrap().status, 200);
    });
    assert_eq!((fixture.minted(), second.count(EventCode::CallbackReceived)), (1, 1));
}
