//! Linker options: the interpreter's symbols stay undefined.
//!
//! The unwinder is the system's, libgcc_s. CPython before 3.14 ends daemon threads at exit with `pthread_exit`, which
//! unwinds their stacks with libgcc_s. A second unwinder, linked into this module, would read the state of the first and
//! crash.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
