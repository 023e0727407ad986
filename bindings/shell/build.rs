//! Links libgcc statically on Linux, so that the program needs only the C library.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // libgcc_s takes a tenth of a millisecond to load, and small container images do not have it.
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}
