//! The `atmn` command. The library of this crate implements it.

fn main() -> std::process::ExitCode {
    atmn_cli::main()
}
