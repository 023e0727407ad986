//! Log in to Autumn, keep its API keys in `.env`, call its API.
//!
//! # Rules
//!
//! **Codes.** What can fail returns an `atmn_code`; `ATMN_OK` is 0. Its last parameter, `atmn_error **`, may be NULL;
//! otherwise an error is written there on failure, and only then, and you free it with `atmn_error_free`. Results are
//! written on success only: on failure, `*out` is what it was.
//!
//! **Owners.** What you are given as `T **` is yours: free it with T's one free function, for which NULL is fine. A
//! `const T *` or `const char *` that comes back is lent: it lives until the object that it was asked of is freed, or,
//! in a callback, until you return. Whatever you pass is copied if it is needed for longer than the call.
//!
//! **NULL.** A NULL that is not allowed is `ATMN_NULL_ARGUMENT` where there is a code; a getter that is asked of NULL
//! answers NULL or 0. Where NULL means something, it says so.
//!
//! **Texts** are UTF-8 and end with a NUL; anything else is `ATMN_NOT_UTF8`. Paths are the system's own bytes.
//!
//! **Numbers.** Enumerations are `int32_t`; 0 means "none" or "not set", and any number without a name is
//! `ATMN_INVALID_ARGUMENT`. Their names are macros, so `#ifdef ATMN_…` tells whether a header knows one. Flags are 0 or
//! 1, and any other number counts as 1.
//!
//! **Time.** What is called `…_ms` is milliseconds; a point in time is milliseconds since 1970, UTC.
//!
//! **Threads.** Different objects may be used by different threads at once. Clients, cancellers, and options that nobody
//! sets meanwhile may be used by any number of threads at once; of an attempt, `atmn_attempt_submit`,
//! `atmn_attempt_cancel` and the getters. Nobody may use what somebody else frees.
//!
//! **Callbacks** run on the thread that made the call, while it waits; no other thread ever enters your program. A
//! callback must return: no `longjmp`, no exception. Calls that wait do not belong in an event callback; they may be
//! refused there (`ATMN_INVALID_ARGUMENT`).
//!
//! **Waiting.** Every wait has a limit of time and can be cancelled from another thread or a signal handler.
//!
//! **Leaving nothing.** The library prints nothing, installs no signal handler, never exits and changes no environment
//! variable. No call leaves a thread, an open file or a socket behind, except a name lookup that the system has not
//! returned. A defect in the library is caught and reported as `ATMN_PANIC`; running out of memory ends the process.
//!
//! **Versions.** Functions, macros and numbers are only ever added. What would break a linked program raises the number
//! in the library's name (`libatmn.so.0`) and in `ATMN_ABI_VERSION`.

#![allow(non_camel_case_types)] // the names that C sees are the names here
#![allow(unsafe_code)] // exported names count as unsafe; all blocks are in `pointer`, and a test holds that

mod pointer;
mod guard;
mod text;

// From here on, each module is a section of the header, in this order.
pub mod version;
pub mod error;
pub mod key;
pub mod event;
pub mod canceller;
pub mod options;
pub mod location;
pub mod resolve;
pub mod save;
pub mod logout;
pub mod login;
pub mod attempt;
pub mod pending_login;
pub mod whoami;
pub mod request;
pub mod client;
pub mod authenticate;
