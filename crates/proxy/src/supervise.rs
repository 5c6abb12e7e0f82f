//! Starts a thread's work again when it panics or fails, so that no queue is left without an acceptor.
//!
//! What the work held is dropped on the way; what it shares is written so that a panic leaves
//! nothing half done.
//! Bounds: at most one start in [`PAUSE`].

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// Between two starts: work that always breaks must not take a core whole.
const PAUSE: Duration = Duration::from_millis(100);

/// Does `work` until it ends well, or breaks when it is not `wanted` any more.
///
/// Every new start is counted in `restarts` and told in the log under `name`.
pub(crate) fn keep_up(
    name: &str,
    restarts: &AtomicU64,
    wanted: impl Fn() -> bool,
    mut work: impl FnMut() -> io::Result<()>,
) {
    loop {
        let why = match catch_unwind(AssertUnwindSafe(&mut work)) {
            Ok(Ok(())) => return,
            Ok(Err(cause)) => cause.to_string(),
            Err(_) => "a panic, told above".to_owned(),
        };
        if !wanted() {
            return;
        }
        let before = restarts.fetch_add(1, Relaxed);
        tracing::error!(name, restarts = before + 1, why, "broke and is started again");
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts_of(wanted: bool, breaks: u32) -> (u32, u64) {
        let (restarts, mut starts) = (AtomicU64::new(0), 0);
        let work = || {
            starts += 1;
            match starts {
                starts if starts > breaks => Ok(()),
                1 => panic!("as the test wants"),
                _ => Err(io::Error::other("as the test wants")),
            }
        };
        keep_up("core-0", &restarts, || wanted, work);
        (starts, restarts.into_inner())
    }

    #[test]
    fn work_that_panics_or_fails_is_started_again_until_it_ends_well() {
        assert_eq!(starts_of(true, 2), (3, 2));
        assert_eq!(starts_of(true, 0), (1, 0));
    }

    #[test]
    fn work_that_nobody_wants_any_more_is_not_started_again() {
        assert_eq!(starts_of(false, 2), (1, 0));
    }
}
