//! The Rust program of `make soak`: many logins and many calls in one process. See `watch.py`.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a failed assumption is a failed test

use std::ops::ControlFlow;

use libatmn::{ApiRequest, Cancel, ClientOptions, Event, LoginOptions, blocking};

fn main() {
    let cancel = Cancel::new();
    let options = LoginOptions { force: true, ..LoginOptions::default() };
    for turn in 1..=200 {
        let mut listener = |_: &Event| ControlFlow::Continue(());
        blocking::login(&options, Some(&mut listener), &cancel).unwrap();
        pause("logins", turn, 50);
    }
    let client = blocking::Client::new(ClientOptions::default()).unwrap();
    let request = ApiRequest::new("GET", "/v1/organization/me");
    for turn in 1..=10_000 {
        assert_eq!(client.request(&request, None, &cancel).unwrap().status, 200);
        pause("calls", turn, 2_500);
    }
}

/// Waits for `watch.py` to measure this process, every few turns.
fn pause(what: &str, turn: u32, every: u32) {
    if turn.is_multiple_of(every) {
        println!("{what} {turn}");
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
}
