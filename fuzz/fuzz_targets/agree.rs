#![no_main]

#[path = "../src/agree.rs"]
mod agree;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    agree::agree(bytes);
});
