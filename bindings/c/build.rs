//! The shared library's name, what it needs, and that it stays once it is loaded.

/// Raised by whatever breaks a program that was linked before; the same number is in `src/version.rs`.
const ABI: u32 = 0;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libatmn.so.{ABI}");
        // A name lookup that the system has not returned may outlive its call: its code must not be unmapped.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
        if target("ENV") == "gnu" {
            // The unwinder inside: libgcc_s takes a tenth of a millisecond to load, and small images do not have it.
            println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        }
    }
}
