//! Panics: a bug in atmn ends in one error without a backtrace. The panic's message could contain a key, so it is left
//! out.

use std::io::Write;
use std::panic::{UnwindSafe, catch_unwind, set_hook};
use std::process::ExitCode;

use libatmn::__internal::panics::location;
use libatmn::Error;

use crate::output::CALLER;

pub(crate) fn guard(work: impl FnOnce() -> ExitCode + UnwindSafe) -> ExitCode {
    set_hook(Box::new(|info| {
        let error = Error::defect(location(info)).for_caller(&CALLER);
        let mut stderr = std::io::stderr();
        let _ = writeln!(stderr, "error[{}]: {error}", error.code.name());
        let _ = writeln!(stderr, "  hint: {}", error.hint.map(|hint| hint.to_string()).unwrap_or_default());
    }));
    catch_unwind(work).unwrap_or(ExitCode::FAILURE)
}
