//! One login for all waiting calls, even if some of them are cancelled.

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libatmn::__internal::config::ORGANIZATION_PATH;
use libatmn::{Cancel, ClientOptions, Event, EventCode};

use super::{CUSTOMERS, ClientFixture, User, blocking, browse, failed, get, until};
use crate::login::{LONG_TIMEOUT, is_free};

/// The number of calls that all meet the rejected key before the login completes.
const CALLS: usize = 100;

/// Makes a call from each of several threads, and returns all results.
fn all_at_once<T: Send + 'static>(count: usize, call: impl Fn(usize) -> T + Send + Sync + 'static) -> Vec<T> {
    let (call, start) = (Arc::new(call), Arc::new(Barrier::new(count)));
    let threads: Vec<_> = (0..count)
        .map(|index| {
            let (call, start) = (Arc::clone(&call), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                call(index)
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

/// A user who acts only after all calls wait for the login.
fn patient(calls: usize, act: impl Fn(&str) + Send + Sync + 'static) -> User {
    let heard = Arc::<Mutex<Vec<Event>>>::default();
    let seen = Arc::clone(&heard);
    let waiting = move || seen.lock().unwrap().iter().filter(|event| event.code == EventCode::LoginWaiting).count();
    let person = User::new(move |url| {
        until("all others wait", || waiting() == calls - 1);
        act(url);
    });
    User { heard, ..person }
}

#[test]
fn hundred_calls_share_one_login() {
    let fixture = ClientFixture::revoked();
    let store = fixture.store().clone();
    let person = patient(CALLS, move |url| {
        drop(browse(&store.approve(url, "ada@example.com", "copper-kettle").unwrap()));
    });
    let (client, user) = (fixture.client(), person.clone());
    let answers = all_at_once(CALLS, move |_| client.request(&get(), Some(&mut user.listener()), &Cancel::new()));
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().status == 200));
    let statuses = fixture.statuses(CUSTOMERS);
    let count = |status| statuses.iter().filter(|answered| **answered == status).count();
    assert_eq!((count(401), count(200)), (CALLS, CALLS));
    assert_eq!((fixture.minted(), person.logins()), (1, 1));
    assert_eq!(person.count(EventCode::LoginWaiting), CALLS - 1);
    assert_eq!(person.count(EventCode::RequestRepeated), CALLS);
    // No call asks for the organization, because the login returned it.
    assert_eq!(fixture.world.requests_to(ORGANIZATION_PATH), 1);
}

/// The same with tasks of one tokio thread.
#[test]
fn hundred_tasks_share_one_login() {
    let fixture = ClientFixture::revoked();
    let store = fixture.store().clone();
    let person = patient(CALLS, move |url| {
        drop(browse(&store.approve(url, "ada@example.com", "copper-kettle").unwrap()));
    });
    let client = libatmn::Client::new(fixture.options()).unwrap();
    crate::network::wait(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..CALLS {
            let (client, person) = (client.clone(), person.clone());
            tasks.spawn(async move { client.request(&get(), Some(&mut person.listener()), &Cancel::new()).await });
        }
        assert!(tasks.join_all().await.iter().all(|answer| answer.as_ref().unwrap().status == 200));
    });
    assert_eq!((fixture.minted(), person.logins()), (1, 1));
}

/// The result of a login for five waiting calls.
fn five(fixture: &ClientFixture, options: ClientOptions, person: &User, code: &'static str) {
    let (client, user) = (blocking::Client::new(options).unwrap(), person.clone());
    let before = fixture.world.file();
    let results = all_at_once(5, move |_| client.request(&get(), Some(&mut user.listener()), &Cancel::new()));
    let messages: Vec<String> = results.into_iter().map(|result| failed(result, code).message).collect();
    assert!(messages.iter().all(|message| *message == messages[0]), "{messages:?}");
    assert_eq!(fixture.world.file(), before);
    assert_eq!(person.logins(), 1);
}

/// Calls that share one signal are cancelled one after the other. The next call must not show the URL again meanwhile.
#[test]
fn call_that_is_cancelled_at_once_does_not_take_over() {
    let fixture = ClientFixture::revoked();
    let (first, second) = (Cancel::new(), Cancel::new());
    let person = User::new(|_| {});
    let client = libatmn::Client::new(fixture.options()).unwrap();
    crate::network::wait(async {
        let call = |cancel: &Cancel| {
            let (client, person, cancel) = (client.clone(), person.clone(), cancel.clone());
            tokio::spawn(async move { client.request(&get(), Some(&mut person.listener()), &cancel).await })
        };
        let has = async |code: EventCode| {
            while person.count(code) == 0 {
                tokio::task::yield_now().await;
            }
        };
        let primary = call(&first);
        has(EventCode::LoginUrl).await;
        let waiting = call(&second);
        has(EventCode::LoginWaiting).await;
        first.cancel();
        failed(primary.await.unwrap(), "cancelled");
        second.cancel();
        failed(waiting.await.unwrap(), "cancelled");
    });
    assert_eq!(person.logins(), 1);
}

#[test]
fn denied_login_fails_all_waiting_calls() {
    let fixture = ClientFixture::revoked();
    let store = fixture.store().clone();
    let person = patient(5, move |url| drop(browse(&store.deny(url).unwrap())));
    five(&fixture, fixture.options(), &person, "login_denied");
}

#[test]
fn expired_login_fails_all_waiting_calls() {
    let fixture = ClientFixture::revoked();
    let options = ClientOptions { login_timeout: Duration::from_secs(2), ..fixture.options() };
    five(&fixture, options, &User::new(|_| {}), "timed_out");
}

#[test]
fn cancelled_call_frees_port_before_it_returns() {
    let fixture = ClientFixture::revoked();
    let options = fixture.options();
    let (port, cancel) = (*options.ports.start(), Cancel::new());
    let client = blocking::Client::new(options).unwrap();
    let remote = cancel.clone();
    let person = User::new(move |_| remote.cancel());
    failed(client.request(&get(), Some(&mut person.listener()), &cancel), "cancelled");
    assert!(is_free(port));
    // A listener that returns `Break` also cancels, and only this call.
    let cancel = Cancel::new();
    let mut listener = |event: &Event| match event.code {
        EventCode::LoginUrl => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    failed(client.request(&get(), Some(&mut listener), &cancel), "cancelled");
    assert!(!cancel.is_cancelled());
    assert!(is_free(port));
    assert_eq!(fixture.minted(), 0);
}

#[test]
fn next_waiter_receives_login_url_after_first_leaves() {
    let fixture = ClientFixture::revoked();
    let (client, first_leaves) = (Arc::new(fixture.client()), Cancel::new());
    let (shown, seen) = mpsc::channel();
    let first = User::new(move |url| shown.send(url.to_owned()).unwrap());
    let (other, cancel, user) = (Arc::clone(&client), first_leaves.clone(), first.clone());
    let leaving = thread::spawn(move || other.request(&get(), Some(&mut user.listener()), &cancel));
    let url = seen.recv_timeout(LONG_TIMEOUT).unwrap();

    let second = fixture.person("copper-kettle");
    let (other, user) = (Arc::clone(&client), second.clone());
    let staying = thread::spawn(move || other.request(&get(), Some(&mut user.listener()), &Cancel::new()));
    until("the second waits", || second.count(EventCode::LoginWaiting) == 1);
    assert_eq!(second.logins(), 0);
    first_leaves.cancel();
    failed(leaving.join().unwrap(), "cancelled");
    assert_eq!(staying.join().unwrap().unwrap().status, 200);
    let heard = second.heard.lock().unwrap();
    let event = heard.iter().find(|event| event.code == EventCode::LoginUrl).unwrap();
    assert_eq!(event.context["url"], url, "it is the same login");
    assert_eq!((fixture.minted(), first.logins()), (1, 1));
}

/// Async programs cancel by dropping the future.
#[test]
fn dropped_call_releases_shared_login() {
    let fixture = ClientFixture::revoked();
    let options = fixture.options();
    let port = *options.ports.start();
    let client = libatmn::Client::new(options).unwrap();
    crate::network::wait(async {
        let (shown, mut seen) = tokio::sync::mpsc::unbounded_channel();
        let person = User::new(move |url| shown.send(url.to_owned()).unwrap());
        let mut listener = person.listener();
        let cancel = Cancel::new();
        let call = async {
            let result = client.request(&get(), Some(&mut listener), &cancel).await;
            panic!("it was not to end: {result:?}");
        };
        tokio::time::timeout(LONG_TIMEOUT, driven_until(call, async { drop(seen.recv().await.unwrap()) }))
            .await
            .unwrap();
        let freed = async {
            while !is_free(port) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(LONG_TIMEOUT, freed).await.unwrap();
        // The next call can start another login.
        let person = fixture.person("copper-kettle");
        client.request(&get(), Some(&mut person.listener()), &Cancel::new()).await.unwrap();
    });
    assert_eq!(fixture.minted(), 1);
}

/// Polls `work` until `end` is ready, then drops it.
async fn driven_until(work: impl Future<Output = ()>, end: impl Future<Output = ()>) {
    let (mut work, mut end) = (pin!(work), pin!(end));
    poll_fn(|context| {
        let _ = work.as_mut().poll(context);
        end.as_mut().poll(context)
    })
    .await;
}

/// Two clients in one process behave like two processes: they share only the file lock.
#[test]
fn two_clients_share_one_login_through_file() {
    let fixture = ClientFixture::revoked();
    let store = fixture.store().clone();
    let person = patient(2, move |url| {
        drop(browse(&store.approve(url, "ada@example.com", "copper-kettle").unwrap()));
    });
    let (clients, user) = ([fixture.client(), fixture.client()], person.clone());
    let answers =
        all_at_once(2, move |index| clients[index].request(&get(), Some(&mut user.listener()), &Cancel::new()));
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().status == 200));
    assert_eq!((fixture.minted(), person.logins()), (1, 1));
}

/// The holder of the lock records why there is no new key, so that the waiting callers do not ask the user again.
#[test]
fn denied_login_fails_clients_waiting_for_file() {
    let fixture = ClientFixture::revoked();
    let store = fixture.store().clone();
    let person = patient(2, move |url| drop(browse(&store.deny(url).unwrap())));
    let (clients, user) = ([fixture.client(), fixture.client()], person.clone());
    let results =
        all_at_once(2, move |index| clients[index].request(&get(), Some(&mut user.listener()), &Cancel::new()));
    let errors: Vec<_> = results.into_iter().map(|result| failed(result, "login_denied").message).collect();
    assert!(errors.iter().any(|message| message.starts_with("Another program")), "{errors:?}");
    assert_eq!(person.logins(), 1);
    // The recorded denial does not affect later calls.
    let person = fixture.person("copper-kettle");
    fixture.call(&get(), &person).unwrap();
}

#[test]
fn listener_receives_all_events_before_call_returns() {
    let fixture = ClientFixture::revoked();
    let (client, own) = (fixture.client(), thread::current().id());
    let store = fixture.store().clone();
    let mut codes = Vec::new();
    let mut listener = |event: &Event| {
        assert_eq!(thread::current().id(), own);
        codes.push(event.code);
        if event.code == EventCode::LoginUrl {
            let callback = store.approve(&event.context["url"], "ada@example.com", "copper-kettle").unwrap();
            thread::spawn(move || browse(&callback));
        }
        ControlFlow::Continue(())
    };
    client.request(&get(), Some(&mut listener), &Cancel::new()).unwrap();
    assert!(codes.contains(&EventCode::KeysSaved) && codes.last() == Some(&EventCode::RequestRepeated), "{codes:?}");
}

/// Each login has its full time limit, even after it waited for another login.
#[test]
fn waiting_for_lock_does_not_shorten_login() {
    const TIME: Duration = Duration::from_secs(10);
    let (fixture, leaves) = (ClientFixture::revoked(), Cancel::new());
    let options = ClientOptions { login_timeout: TIME, ..fixture.options() };
    let (first, second) = (fixture.client(), blocking::Client::new(options).unwrap());
    let (shown, seen) = mpsc::channel();
    let person = User::new(move |_| shown.send(()).unwrap());
    let cancel = leaves.clone();
    let leaving = thread::spawn(move || first.request(&get(), Some(&mut person.listener()), &cancel));
    seen.recv_timeout(LONG_TIMEOUT).unwrap();

    let (mut waits_since, mut deadline) = (None, Duration::ZERO);
    let mut listener = |event: &Event| {
        if event.code == EventCode::LoginWaiting {
            waits_since = Some(SystemTime::now().duration_since(UNIX_EPOCH).unwrap());
            let leaves = leaves.clone();
            thread::spawn(move || {
                thread::sleep(Duration::from_secs(2));
                leaves.cancel();
            });
        }
        if event.code != EventCode::LoginUrl {
            return ControlFlow::Continue(());
        }
        deadline = Duration::from_millis(event.context["deadline"].parse().unwrap());
        ControlFlow::Break(())
    };
    failed(second.request(&get(), Some(&mut listener), &Cancel::new()), "cancelled");
    failed(leaving.join().unwrap(), "cancelled");
    assert!(deadline >= waits_since.unwrap() + TIME + Duration::from_secs(1), "{deadline:?}");
}

/// The runtime of the first call ends with it, as in a program with one runtime per thread.
#[test]
fn ended_runtime_leaves_no_waiter_stuck() {
    let fixture = ClientFixture::revoked();
    let client = libatmn::Client::new(fixture.options()).unwrap();
    let (shown, seen) = mpsc::channel();
    let (ends, mut end) = tokio::sync::mpsc::unbounded_channel::<()>();
    let other = client.clone();
    let leaving = thread::spawn(move || {
        let person = User::new(move |_| shown.send(()).unwrap());
        let (mut listener, cancel, request) = (person.listener(), Cancel::new(), get());
        let call = async { drop(other.request(&request, Some(&mut listener), &cancel).await) };
        crate::network::wait(driven_until(call, async { end.recv().await.unwrap() }));
    });
    seen.recv_timeout(LONG_TIMEOUT).unwrap();
    let person = fixture.person("copper-kettle");
    let mut listener = person.listener();
    let mut listener = |event: &Event| {
        if event.code == EventCode::LoginWaiting {
            ends.send(()).unwrap();
        }
        listener(event)
    };
    let answer = crate::network::wait(client.request(&get(), Some(&mut listener), &Cancel::new()));
    assert_eq!(answer.unwrap().status, 200);
    leaving.join().unwrap();
    assert_eq!(fixture.minted(), 1);
}
