//! What the module needs: on Linux, the C library alone. Elsewhere, the linker has to be told that the interpreter's
//! symbols stay open.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
    let target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // The unwinder inside: libgcc_s takes a fifth of the time that the import does.
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}
