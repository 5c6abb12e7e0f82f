//! `seawall demo` as a person meets it: its story, its totals, its API, its ends.
//!
//! Each test starts the built binary on free ports of loopback and reads what it prints.

#[cfg(test)]
mod demo {
    mod acts;
    mod play;
    mod story;
}
