//! Links the unwinder into the program, so that it needs the C library only: it starts sooner, and runs in images that
//! hold no libgcc_s.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).as_deref() == Ok(value);
    if is("OS", "linux") && is("ENV", "gnu") {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}
