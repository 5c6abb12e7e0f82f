#![no_main]

#[path = "../src/recording.rs"]
mod recording;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recording::recording(bytes));
