//! Another archive of Rust. It contains parts of the standard library, as libatmn.a does.

#[unsafe(no_mangle)]
pub extern "C" fn other() -> i32 {
    std::panic::catch_unwind(|| std::hint::black_box(vec![42]).len() + 41).map_or(0, |number| number as i32)
}
