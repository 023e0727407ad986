//! Cancelling a call that waits.

use libatmn::Cancel;

use crate::object;
use crate::pointer::{Handle, Owned, as_ref};

/// A flag that ends the calls to which it was passed. Once set, it stays set. Free it after those calls have
/// returned; a login or a request that a call started keeps what it needs.
pub struct atmn_canceller {
    cancel: Cancel,
}

impl Handle for atmn_canceller {
    type Ownership = Owned;
}

/// The flag of a call. Without a canceller it is one that is never set.
pub(crate) fn cancel_flag(canceller: *const atmn_canceller) -> Cancel {
    as_ref(canceller).map_or_else(Cancel::new, |canceller| canceller.cancel.clone())
}

/// Makes a flag that is not set. Free it with `atmn_canceller_free`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_canceller_new() -> *mut atmn_canceller {
    object::new(|| atmn_canceller { cancel: Cancel::new() })
}

/// Sets the flag and, once, writes a byte to a pipe, so any thread and any signal handler may call it. The call that
/// waits returns `ATMN_CANCELLED` at once, and its port is free; while it waits for git, it returns after at most two
/// seconds. A login whose keys the server has already sent saves them first and then succeeds, which can take two
/// seconds for git and ten for a file that another process has locked.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_canceller_cancel(canceller: *mut atmn_canceller) {
    // Without catching panics, which is not safe in a signal handler: storing a flag and writing a byte cannot panic.
    if let Some(canceller) = as_ref(canceller) {
        canceller.cancel.cancel();
    }
}

/// Frees a canceller.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_canceller_free(canceller: *mut atmn_canceller) {
    object::free(canceller);
}
