#![no_main]

#[path = "../src/agree.rs"]
#[expect(dead_code, reason = "heads that are written anew are checked by the proxy's own tests")]
mod agree;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    agree::agree(bytes);
});
