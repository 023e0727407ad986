//! Waits for a lock that may be held for minutes, without asking again and again, and so that the wait can be cancelled.
//!
//! The system lets a thread wait for a lock, but no descriptor tells when it is free, and only a signal would end such a
//! wait. So one thread for each lock file waits on behalf of the calls of this process. A cancelled call leaves at once.
//! The thread stays until the lock is free; if no call wants it by then, the thread releases it and ends.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot::{Sender, channel};

use super::lock::{Lock, lock_path};
use crate::host::Host;
use crate::per_process::PerProcess;
use crate::threads::spawn;

/// The calls that wait for each lock file that has a thread. A sender whose call has left is closed.
type Queues = Arc<Mutex<BTreeMap<PathBuf, VecDeque<Sender<Option<Lock>>>>>>;

static QUEUES: PerProcess<Queues> = PerProcess::new();

impl Lock {
    /// Waits for the lock of [`Lock::login`]. `None` if the system offers no locks. Dropping the future ends the wait.
    pub(crate) async fn login_when_free(host: &Host, target: &Path) -> Option<Self> {
        wait(lock_path(host, target, "login")?).await
    }
}

/// Waits for the lock in a file. `None` if the system offers no locks, or no thread.
async fn wait(path: PathBuf) -> Option<Lock> {
    let (sender, receiver) = channel();
    join(path, sender).ok()?;
    // A lock that was sent after the call had left is released by the channel.
    receiver.await.ok().flatten()
}

/// Joins the queue of the file, and starts its thread if there is none.
fn join(path: PathBuf, sender: Sender<Option<Lock>>) -> io::Result<()> {
    let queues = QUEUES.get_or_try_init(|_| Ok(Queues::default())).map_err(io::Error::other)?;
    let mut waiting = locked(&queues);
    if let Some(queue) = waiting.get_mut(&path) {
        queue.push_back(sender);
        return Ok(());
    }
    let (own, own_path) = (Arc::clone(&queues), path.clone());
    let thread = std::thread::Builder::new().name("libatmn-lock".into());
    spawn(thread, move || serve(&own, &own_path))?;
    waiting.insert(path, VecDeque::from([sender]));
    Ok(())
}

/// Acquires the lock for one call after the other, until none waits.
fn serve(queues: &Queues, path: &Path) {
    while is_wanted(queues, path) {
        let mut lock = Lock::blocking(path);
        while let Some(sender) = next(queues, path) {
            match sender.send(lock) {
                Ok(()) => break,
                // The call left a moment ago.
                Err(unwanted) => lock = unwanted,
            }
        }
    }
}

/// Whether a call waits. If none does, the queue ends with its thread.
fn is_wanted(queues: &Queues, path: &Path) -> bool {
    let mut waiting = locked(queues);
    let queue = waiting.entry(path.to_path_buf()).or_default();
    queue.retain(|sender| !sender.is_closed());
    let is_wanted = !queue.is_empty();
    if !is_wanted {
        waiting.remove(path);
    }
    is_wanted
}

fn next(queues: &Queues, path: &Path) -> Option<Sender<Option<Lock>>> {
    locked(queues).get_mut(path)?.pop_front()
}

fn locked<T>(queues: &Mutex<T>) -> MutexGuard<'_, T> {
    queues.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    fn until(condition: impl Fn() -> bool) {
        while !condition() {
            std::thread::yield_now();
        }
    }

    /// A lock file that another open file holds.
    fn held() -> (tempfile::TempDir, PathBuf, File) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let holder = File::create(&path).unwrap();
        holder.lock().unwrap();
        (folder, path, holder)
    }

    fn is_free(path: &Path) -> bool {
        File::open(path).unwrap().try_lock().is_ok()
    }

    fn has_thread(path: &Path) -> bool {
        locked(&QUEUES.get_or_try_init(|_| Ok(Queues::default())).unwrap()).contains_key(path)
    }

    #[test]
    fn calls_get_the_lock_one_after_the_other() {
        let (_folder, path, holder) = held();
        let (one, other) = block_on(async {
            let call = || async {
                let lock = wait(path.clone()).await.unwrap();
                assert!(!is_free(&path), "another call holds the lock too");
                drop(lock);
            };
            tokio::join!(call(), async {
                tokio::task::yield_now().await;
                drop(holder);
                call().await;
            })
        });
        assert_eq!((one, other), ((), ()));
        until(|| !has_thread(&path));
        assert!(is_free(&path));
    }

    /// A runtime polls a future only if something wakes it, so the number of polls is the number of wake-ups.
    #[test]
    fn waiting_call_is_woken_by_the_lock_only() {
        let (_folder, path, holder) = held();
        block_on(async {
            let (mut polls, mut waiting) = (0, pin!(wait(path.clone())));
            let counted = poll_fn(|context| {
                polls += 1;
                waiting.as_mut().poll(context).map(drop)
            });
            let idle = tokio::time::timeout(std::time::Duration::from_millis(400), counted);
            assert!(idle.await.is_err(), "it ended while the lock was held");
            assert!(polls <= 2, "{polls} wake-ups while nothing happened");
            drop(holder);
            assert!(waiting.await.is_some());
        });
    }

    #[test]
    fn cancelled_calls_share_one_thread_which_keeps_no_lock() {
        let (_folder, path, holder) = held();
        block_on(async {
            for _ in 0..20 {
                let mut waiting = pin!(wait(path.clone()));
                poll_fn(|context| {
                    assert!(waiting.as_mut().poll(context).is_pending());
                    Poll::Ready(())
                })
                .await;
            }
        });
        assert!(has_thread(&path) && !is_free(&path));
        drop(holder);
        until(|| !has_thread(&path));
        assert!(is_free(&path), "the lock was left to a call that had been cancelled");
    }

    #[test]
    fn file_that_cannot_be_locked_is_no_wait() {
        assert!(block_on(wait(PathBuf::from("/dev/null/lock"))).is_none());
    }
}
