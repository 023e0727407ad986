//! Leaves the Node-API symbols undefined: the process that loads the addon has them.

fn main() {
    napi_build::setup();
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "macos") {
        // Without a name, the file names the folder of the machine that built it.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libatmn.node");
    }
}
