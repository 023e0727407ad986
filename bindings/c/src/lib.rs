//! Logs users in to Autumn, stores the API keys in `.env`, finds them again, and calls the API with them.
//!
//! # Rules
//!
//! **Codes.** A function that can fail returns an `atmn_code`; `ATMN_OK` is 0. Its last parameter, `atmn_error
//! **error`, may be NULL. On failure, and only then, an error is stored there; free it with `atmn_error_free`. Results
//! are stored on success only: on failure, `*out` keeps its value. Each call that opens a file or a connection or
//! starts a thread can return `ATMN_SYSTEM_LIMIT`: this process has no descriptor or thread left.
//!
//! **Ownership.** An object that you receive through a `T **` or from `…_new` is yours: free it with the one free
//! function of its type, which accepts NULL. A `const T *` or `const char *` that a function returns is lent: it is
//! valid until you free the object that you passed, or, inside a callback, until the callback returns. Texts that are
//! called static are never freed. The library copies every argument that it needs after the call.
//!
//! **NULL.** If an argument must not be NULL and is, a function that returns a code returns `ATMN_NULL_ARGUMENT`; a
//! getter returns NULL or 0, and -1 for a descriptor or a time limit; a setter or free function does nothing. The
//! description of a function says where NULL has a meaning. Getters can be nested, because each accepts the NULL of
//! the previous one; check the last result for NULL before you print it.
//!
//! **Lists.** A list that belongs to an object has two getters: `…_count(object)`, and `…_get(object, index)`, which
//! counts from 0 and returns NULL, or 0 for a number, at or after the end. A list of `atmn_entry` also has
//! `…_find(object, name)`: the value of the first entry with this name, in upper or lower case, or NULL.
//!
//! **Text** is UTF-8 and ends with a NUL; other bytes are `ATMN_NOT_UTF8`. Paths are the bytes that the system uses.
//!
//! **Numbers.** Enumerations are `int32_t`. 0 means "none" or "not set"; a number without a name is
//! `ATMN_INVALID_ARGUMENT`. The names are macros, so `#ifdef ATMN_…` tests whether a header has one. Flags are 0 or 1;
//! any other number counts as 1.
//!
//! **Units.** Names that end in `_ms` are in milliseconds; a point in time is in milliseconds since 1970-01-01, UTC.
//!
//! **Options in errors.** For an argument that cannot be used, the entry "option" of the error's context is the name of
//! the parameter, or of the option: "login_timeout_ms" for `atmn_options_set_login_timeout_ms`, "header" for what
//! `atmn_request_add_header` has added and "query" for what `atmn_request_add_query` has added.
//!
//! **Threads.** Different threads may use different objects at the same time. Any number of threads may share a
//! client, a canceller, and options that no thread changes meanwhile; and may call `atmn_attempt_submit`,
//! `atmn_attempt_cancel` and the getters of one attempt. Do not free an object while another thread uses it. A call
//! needs at most 256 KiB of stack, also over TLS and in a build without optimization; the callback runs on the same
//! stack. During a call, its thread cannot be cancelled: a `pthread_cancel` takes effect after the call has returned. A
//! thread that makes calls must have the cancellation type `PTHREAD_CANCEL_DEFERRED`, as each thread has at first: with
//! `PTHREAD_CANCEL_ASYNCHRONOUS`, a `pthread_cancel` as a call begins or ends can end the process (`abort`).
//!
//! **Environment.** Calls read environment variables and the working directory. As with `getenv`, no other thread may
//! call `setenv`, `putenv` or `unsetenv` during a call. An attempt or a started request runs on its own thread,
//! where the system's name lookup reads variables at any time: until it has ended, no thread may change them, also not
//! between two polls. A client for which the option "directory" is not set takes the working directory of each of its
//! calls.
//!
//! **Callbacks** run on the thread that made the call, while it waits; no other thread enters your program. A callback
//! and its `user_data` belong to one call: they are those of the options or the request that you pass to it, or of the
//! client. A callback must return. `longjmp` out of a callback is forbidden: the library's locks stay held and its
//! thread stays marked as busy, so later calls fail or do not return. `pthread_exit` in a callback and a C++ exception
//! that leaves it end the process (`abort`). An event callback must not make calls that wait; they can fail there with
//! `ATMN_INVALID_ARGUMENT`. After it has returned another number than 0, it is not called again for this call.
//!
//! **Waiting.** Every call that can wait takes an `atmn_canceller`, with which another thread or a signal handler ends
//! it. Without one, a call waits for at most ten seconds for a file that another process has locked, two seconds for
//! git, and the limits that the options set. An event loop starts logins and requests instead, and waits for their
//! file descriptors (`atmn_attempt_fd`, `atmn_started_request_fd`).
//!
//! **Processes.** Saving keys and logging out run `git`, and a login runs `git` and the command that opens a browser.
//! They start with an empty signal mask and the default action for SIGCHLD. git answers through a pipe, and its exit
//! status is not needed. The exit status of the browser's command is: if your program reaps all children, ignores
//! SIGCHLD or sets `SA_NOCLDWAIT`, it can be lost. Then neither `ATMN_EVENT_BROWSER_OPENED` nor
//! `ATMN_EVENT_BROWSER_FAILED` is sent, but an `ATMN_EVENT_HINT` with the entry "program". A command that outlives its
//! login keeps running; when it has ended, `atmn_attempt_free` or the next call that runs git or a browser reaps it.
//!
//! **Standard streams.** If stdin, stdout or stderr is closed, no file and no socket of the library takes its number.
//! During a call, and while an attempt or a started request runs, the number is open; reading and writing fail there.
//!
//! **Signals.** The library installs no signal handler. Writing to a connection that the server has reset raises
//! SIGPIPE; a call blocks this signal in its own thread, takes away what it has raised, and restores the mask before it
//! returns. Callbacks run with the mask of your program. A SIGPIPE that was pending before the call, or that another
//! process sends meanwhile, is still delivered. Threads that the library starts block all signals, except those that
//! report a fault of the thread itself. In a signal handler, call only `atmn_canceller_cancel`,
//! `atmn_attempt_cancel` and `atmn_started_request_cancel`.
//!
//! **Start and end.** Nothing is initialized before the first call. Calls work in constructors of static objects. In
//! `atexit` handlers and destructors of static objects, those that need no network work, and the others may fail with
//! `ATMN_INVALID_ARGUMENT`; free clients and attempts before. The library stays loaded after `dlclose`. A program may
//! contain both libatmn.a and libatmn.so; do not pass objects of one to functions of the other. After `fork`, the child
//! may make calls; objects other than clients are for the process that made them.
//!
//! **No side effects.** The library prints nothing, never exits and changes no environment variable. No call leaves a
//! thread, an open file or a socket behind, except a name lookup that the system has not returned. An internal error is
//! caught and returned as `ATMN_PANIC`; running out of memory ends the process.
//!
//! **Versions.** Later releases only add functions, macros and numbers. A release that breaks linked programs raises
//! the number in the name of the library (`libatmn.so.0`) and in `ATMN_ABI_VERSION`.

#![allow(non_camel_case_types)] // type names are those of the header
#![warn(clippy::disallowed_methods)] // a call takes the environment as a `Host`
#![allow(unsafe_code)] // for `#[unsafe(no_mangle)]`; a test lists the modules with unsafe blocks

// Each module imports only modules above it, which a test checks.
mod pointer;
mod calling_thread;
mod null;
mod text;
mod time;
mod descriptor;
mod stderr;
mod object;
mod enumeration;
mod caller;

// Each public module is a section of the header, in this order.
pub mod version;
pub mod entry;
pub mod response;
pub mod error;
mod call;
pub mod key;
pub mod event;
pub mod canceller;
pub mod options;
mod read_options;
pub mod location;
pub mod resolve;
pub mod save;
pub mod logout;
pub mod login;
pub mod attempt;
pub mod pending_login;
pub mod whoami;
pub mod server_info;
pub mod diagnose;
pub mod request;
pub mod client;
pub mod started_request;
pub mod authenticate;
