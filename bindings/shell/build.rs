//! What the program needs: on Linux, the C library alone.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // The unwinder inside: libgcc_s takes a tenth of a millisecond to load, and small images do not have it.
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}
