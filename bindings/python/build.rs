//! Elsewhere than on Linux, the linker has to be told that the interpreter's symbols stay open.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
