//! Linker options: the interpreter's symbols stay undefined, and on Linux the module depends on the C library alone.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
    let target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // Link the unwinder statically: loading libgcc_s takes a fifth of the import's time.
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}
