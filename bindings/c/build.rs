//! The shared library's name, and that it stays once it is loaded.

/// Raised by whatever breaks a program that was linked before; the same number is in `src/version.rs`.
const ABI: u32 = 0;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libatmn.so.{ABI}");
        // A name lookup that the system has not returned may outlive its call: its code must not be unmapped.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
