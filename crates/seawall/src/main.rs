//! Seawall.
fn main() {}
