//! The program in the kernel, by its test runs: nothing is attached to any interface.
//!
//! Where the kernel does not let this process load programs, each test says `skipped` and ends.

#![expect(clippy::unwrap_used, reason = "helpers of tests; what fails tells where")]

mod cookies;
mod differential;
mod frames;
mod front;
mod layer;
mod object;
mod stages;
mod sweep;

use seawall_packet::kernel::{Kernel, Program};
use seawall_packet::{Reason, kernel::LoadFault};

/// A loaded program; none, after a sentence, where this process may not.
fn loaded(test: &str) -> Option<Kernel> {
    match Kernel::load() {
        Ok(kernel) => Some(kernel),
        Err(LoadFault::NotAllowed) => {
            eprintln!("skipped {test}: {}", LoadFault::NotAllowed);
            None
        }
        Err(fault) => panic!("{fault}"),
    }
}

/// What the program returned for a frame, and the reason that was counted.
fn verdict(kernel: &mut Kernel, frame: &[u8]) -> (u32, Reason) {
    let before = kernel.counts().unwrap();
    let ran = kernel.run(Program::Seawall, frame, 1).unwrap();
    let after = kernel.counts().unwrap();
    let counted = (0..Reason::COUNT).find(|at| after[*at].packets > before[*at].packets).unwrap();
    (ran.returned, Reason::of(u8::try_from(counted).unwrap()).unwrap())
}
