//! The `atmn` command, which `npx libatmn` runs.

use std::ffi::OsString;

use atmn_cli::CommandLine;
use napi_derive::napi;

/// Runs the command on the thread of JavaScript, which does nothing else meanwhile, and returns the exit code. The process
/// must run nothing but this.
#[napi(catch_unwind)]
pub fn run_command(arguments: Vec<String>) -> u8 {
    atmn_cli::call(CommandLine {
        name: "npx libatmn".into(),
        arguments: exact(arguments, std::env::args_os().collect()),
    })
}

/// The arguments as the system has them, since JavaScript has only those that are UTF-8. `process` are those of the process,
/// which begin with `node` and the script; not every system passes them to a library.
fn exact(arguments: Vec<String>, process: Vec<OsString>) -> Vec<OsString> {
    let last = process.len().checked_sub(arguments.len()).map(|start| &process[start..]);
    match last {
        Some(last) if last.iter().zip(&arguments).all(|(exact, text)| exact.to_string_lossy() == *text) => {
            last.to_vec()
        }
        _ => arguments.into_iter().map(OsString::from).collect(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    #[test]
    fn arguments_that_are_not_utf8_are_those_of_the_process() {
        let path = OsString::from_vec(b"/srv/\xff".to_vec());
        let process = vec!["node".into(), "bin.js".into(), "--dir".into(), path.clone()];
        assert_eq!(exact(vec!["--dir".into(), "/srv/\u{fffd}".into()], process), ["--dir".into(), path]);
        for process in [vec![], vec!["node".into(), "bin.js".into(), "other".into()]] {
            assert_eq!(exact(vec!["login".into()], process), ["login"]);
        }
    }
}
