//! A defect of ours ends in one sentence: no backtrace, and nothing of what the panic says, which could hold a key.

use std::io::Write;
use std::panic::{UnwindSafe, catch_unwind, set_hook};
use std::process::ExitCode;

use libatmn::__internal::panics::location;
use libatmn::Error;

pub(crate) fn guard(work: impl FnOnce() -> ExitCode + UnwindSafe) -> ExitCode {
    set_hook(Box::new(|info| {
        let error = Error::defect(location(info));
        let mut stderr = std::io::stderr();
        let _ = writeln!(stderr, "error[{}]: {error}", error.code.name());
        let _ = writeln!(stderr, "  hint: {}", error.hint.map(|hint| hint.to_string()).unwrap_or_default());
    }));
    catch_unwind(work).unwrap_or(ExitCode::FAILURE)
}
