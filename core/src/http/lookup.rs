//! Looks host names up with the system's resolver, on a thread for each lookup.
//!
//! The runtime would start the thread itself, and panics if the system starts no further one.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::thread::Builder;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use crate::config::THREAD_STACK;
use crate::error::NoThread;
use crate::standard_streams::reserve_standard_streams;
use crate::threads::spawn;

/// The resolver of the system. A lookup that takes longer than its request ends on its own.
pub(super) struct SystemLookup;

impl Resolve for SystemLookup {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            start(name, sender).map_err(NoThread)?;
            let addresses: Addrs = Box::new(receiver.await??.into_iter());
            Ok(addresses)
        })
    }
}

fn start(name: Name, sender: oneshot::Sender<io::Result<Vec<SocketAddr>>>) -> io::Result<()> {
    let look_up = move || {
        let _streams = reserve_standard_streams();
        let found = (name.as_str(), 0).to_socket_addrs().map(Iterator::collect);
        // The receiver is gone if the request was cancelled.
        let _ = sender.send(found);
    };
    spawn(Builder::new().name("atmn-lookup".to_owned()).stack_size(THREAD_STACK), look_up).map(drop)
}
