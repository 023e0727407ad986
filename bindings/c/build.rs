//! Linker options of the shared library.

/// Raised by a release that breaks linked programs; the same number is in `src/version.rs`.
const ABI: u32 = 0;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libatmn.so.{ABI}");
        // A name lookup that the system has not returned can outlive its call, so its code must stay mapped after `dlclose`.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
        if target("ENV") == "gnu" {
            // The unwinder is linked statically: minimal container images have no libgcc_s, and loading it takes 0.1 ms.
            println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        }
    }
    if target("OS") == "macos" {
        // Programs find the library through their own `-rpath`, by the name that `install` gives it.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libatmn.{ABI}.dylib");
    }
}
