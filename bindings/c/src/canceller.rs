//! Cancelling a call that waits.

use libatmn::Cancel;

use crate::guard;
use crate::pointer::object;

/// A flag that ends the calls it was given to. Once set, it stays set. It must live until those calls have returned.
pub struct atmn_canceller {
    pub(crate) cancel: Cancel,
}

/// A flag that is not set. Free it with `atmn_canceller_free`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_canceller_new() -> *mut atmn_canceller {
    guard::new(|| atmn_canceller { cancel: Cancel::new() })
}

/// Sets the flag, and does nothing else: any thread and any signal handler may. The call returns `ATMN_CANCELLED` within
/// about 50 milliseconds, its port free.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_canceller_cancel(canceller: *mut atmn_canceller) {
    // Not through the guard, which a signal handler might interrupt half-way. Storing a flag cannot panic.
    if let Some(canceller) = object(canceller) {
        canceller.cancel.cancel();
    }
}

/// Frees a canceller.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_canceller_free(canceller: *mut atmn_canceller) {
    guard::end(canceller);
}

/// The flag of a call; one that nobody sets if there is none.
pub(crate) fn flag(canceller: *const atmn_canceller) -> Cancel {
    object(canceller).map_or_else(Cancel::new, |canceller| canceller.cancel.clone())
}
