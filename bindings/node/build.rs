//! Leaves the Node-API symbols undefined: the process that loads the addon has them.

fn main() {
    napi_build::setup();
}
