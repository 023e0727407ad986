//! The `atmn` command; see the library beside it.

fn main() -> std::process::ExitCode {
    atmn_cli::main()
}
