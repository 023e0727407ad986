//! Leaves the symbols of Node-API to be found in the process that loads the addon.

fn main() {
    napi_build::setup();
}
