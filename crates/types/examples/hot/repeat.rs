//! Does one piece of hot work as often as it is told, so that its instructions can be counted from
//! outside.
//!
//! Included by every example `hot_*.rs`. `cargo x bench` counts them all; to look into one:
//!
//! ```sh
//! cargo build --release -p seawall-wire --example hot_gate
//! valgrind --tool=callgrind target/release/examples/hot_gate 1000
//! ```
//!
//! The difference between two numbers of times, divided by their difference, is the cost of one,
//! whatever the start costs.

/// Does `work` as often as the first argument says; once without one.
///
/// # Panics
/// When the argument is not a number: work not done would pass for cheap work.
pub(crate) fn repeat(mut work: impl FnMut()) {
    let told = std::env::args().nth(1);
    let times: u32 =
        told.map_or(1, |times| times.parse().expect("the argument is a number of times"));
    for _ in 0..times {
        work();
    }
}
