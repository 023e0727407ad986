//! Turns a panic into an error for the bindings. The panic message is neither printed nor kept, since it could hold a key.
//!
//! Only the bindings use this. A library that is loaded into a C, Node or Python process has its own copy of the standard
//! library, so its panic hook affects no other code.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

use crate::error::{Error, Result};

thread_local! {
    /// The source location of the last panic in this thread.
    static LOCATION: Cell<Option<String>> = const { Cell::new(None) };
}

/// Installs a hook that prints nothing and keeps the location of the panic. [`catch_panic`] calls it.
pub fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_hook(Box::new(|panic| {
            // Thread-local storage may already be destroyed.
            let _ = LOCATION.try_with(|kept| kept.set(location(panic)));
        }));
    });
}

/// The file and line of a panic.
#[must_use]
pub fn location(panic: &PanicHookInfo<'_>) -> Option<String> {
    panic.location().map(|location| format!("{}:{}", location.file(), location.line()))
}

/// Runs `work` and returns its result.
///
/// # Errors
/// `panic`: `work` panicked.
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T> {
    install_panic_hook();
    // Unwind-safe: interrupted state is dropped here, or guarded by a lock that ignores poisoning.
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Error::defect(LOCATION.take()))
}

/// [`catch_panic`] for a future.
///
/// # Errors
/// `panic`, or the error of `work`.
pub async fn catch_panic_async<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut work = pin!(work);
    poll_fn(|context| catch_panic(|| work.as_mut().poll(context)).unwrap_or_else(|defect| Poll::Ready(Err(defect))))
        .await
}

#[cfg(test)]
#[allow(clippy::panic)] // these tests catch panics
mod tests {
    use std::process::Command;
    use std::task::{Context, Waker};

    use super::*;
    use crate::error::ErrorCode;

    const CHILD: &str = "ATMN_TEST_PANIC";

    /// The next test runs this one in a separate process, since a panic hook belongs to the whole process.
    #[test]
    fn child_that_panics() {
        if std::env::var_os(CHILD).is_none() {
            return;
        }
        let waiting = pin!(catch_panic_async(async { panic!("am_sk_test_planted") }));
        let Poll::Ready(waited) = waiting.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("the future must be ready");
        };
        for result in [catch_panic(|| panic!("am_sk_test_planted")), waited] {
            let result: Result<()> = result;
            let error = result.unwrap_err();
            assert_eq!(error.code, ErrorCode::Panic);
            assert!(error.context["location"].contains("panics.rs:"), "{error:?}");
            assert!(error.message.contains(&error.context["location"]), "{error:?}");
            assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        }
        assert_eq!(catch_panic(|| 7).unwrap(), 7);
    }

    #[test]
    fn catch_panic_returns_an_error_and_prints_nothing() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let name = "panics::tests::child_that_panics";
        let output = command.args(["--exact", name, "--nocapture"]).env(CHILD, "1").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}
