//! What becomes of a panic of ours in another language: an error, of which nothing is printed and nothing repeated. What
//! a panic says could hold a key.
//!
//! Only for faces: a library that is loaded into a program of C's, Node's or Python's has a standard library of its own,
//! so the hook is nobody else's.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

use crate::error::{Error, Result};

thread_local! {
    /// Where this thread panicked.
    static LOCATION: Cell<Option<String>> = const { Cell::new(None) };
}

/// From now on a panic prints nothing; where it was is kept for the error. [`catch_panic`] begins with it.
pub fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_hook(Box::new(|panic| {
            // A thread that ends keeps nothing any more.
            let _ = LOCATION.try_with(|kept| kept.set(location(panic)));
        }));
    });
}

/// The file and line of ours.
#[must_use]
pub fn location(panic: &PanicHookInfo<'_>) -> Option<String> {
    panic.location().map(|location| format!("{}:{}", location.file(), location.line()))
}

/// What comes of the work.
///
/// # Errors
/// `panic`, if it ran into a defect.
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T> {
    install_panic_hook();
    // What was broken off half-way is either dropped here or guarded by a lock that does not mind.
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Error::defect(LOCATION.take()))
}

/// [`catch_panic`], for work that waits.
///
/// # Errors
/// `panic`, or what the work fails with.
pub async fn catch_panic_async<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut work = pin!(work);
    poll_fn(|context| catch_panic(|| work.as_mut().poll(context)).unwrap_or_else(|defect| Poll::Ready(Err(defect))))
        .await
}

#[cfg(test)]
#[allow(clippy::panic)] // that is what is tested
mod tests {
    use std::process::Command;
    use std::task::{Context, Waker};

    use super::*;
    use crate::error::ErrorCode;

    const CHILD: &str = "ATMN_TEST_DEFECT";

    /// Run by the test below in a process of its own, since a panic hook belongs to the whole process.
    #[test]
    fn defects_in_a_process_of_their_own() {
        if std::env::var_os(CHILD).is_none() {
            return;
        }
        let waiting = pin!(catch_panic_async(async { panic!("am_sk_test_planted") }));
        let Poll::Ready(waited) = waiting.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("nothing here waits");
        };
        for result in [catch_panic(|| panic!("am_sk_test_planted")), waited] {
            let result: Result<()> = result;
            let error = result.unwrap_err();
            assert_eq!(error.code, ErrorCode::Panic);
            assert!(error.context["place"].contains("panics.rs:"), "{error:?}");
            assert!(error.message.contains(&error.context["place"]), "{error:?}");
            assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        }
        assert_eq!(catch_panic(|| 7).unwrap(), 7);
    }

    #[test]
    fn a_defect_is_an_error_and_prints_nothing() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let name = "panics::tests::defects_in_a_process_of_their_own";
        let output = command.args(["--exact", name, "--nocapture"]).env(CHILD, "1").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}
