//! A defect of ours ends in one sentence: no backtrace, and nothing of what the panic says, which could hold a key.

use std::io::Write;
use std::panic::{UnwindSafe, catch_unwind, set_hook};
use std::process::ExitCode;

pub(crate) fn guard(work: impl FnOnce() -> ExitCode + UnwindSafe) -> ExitCode {
    set_hook(Box::new(|info| {
        let place = info.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        let mut stderr = std::io::stderr();
        let _ = writeln!(stderr, "error[panic]: atmn {version} ran into a defect of its own{place}.");
        let _ = writeln!(stderr, "  hint: Your files are as they were. Please report this line.");
    }));
    catch_unwind(work).unwrap_or(ExitCode::FAILURE)
}
