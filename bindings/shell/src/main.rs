//! The `atmn` command. The library of this crate implements it.

// libgcc linked statically, so that the program needs only the C library: libgcc_s takes a tenth of a millisecond to load,
// and small container images do not have it. A build script would link it into the packages for Node and Python too, where a
// second unwinder in the process can crash it. The block declares nothing that could be called.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
#[link(name = "gcc_eh", kind = "static", modifiers = "-bundle")]
unsafe extern "C" {}

fn main() -> std::process::ExitCode {
    atmn_cli::main()
}
