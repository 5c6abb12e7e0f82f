//! `seawall demo`: everything in one process on loopback.
//!
//! Takes the command line; gives a header, a story of one line for each thing measured, and totals.
//! Never leaves loopback, needs no root and no configuration, and claims nothing that was not
//! measured.
//! Bounds: those of the stage; a state folder in the system's temporary folder, which stays.

mod addresses;
mod cast;
mod closing;
mod crowd;
mod floods;
mod folder;
mod header;
mod look;
mod papers;
mod schedule;
mod set;
mod show;
mod stage_thread;
mod story;
mod words;

use crate::cli::Demo;
use crate::failure::Failure;
use crate::run::raise_descriptor_limit;
use crate::signals::Signals;
use addresses::Addresses;
use cast::Cast;
use header::Header;
use schedule::Cue;
use seawall_proxy::Queue;
use set::Set;
use show::{Course, Outside};
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Shows everything at work.
///
/// # Errors
/// It could not start; nothing is left running and no folder is left behind.
pub(crate) fn demo(arguments: &Demo) -> Result<ExitCode, Failure> {
    let addresses = Addresses::of(arguments)?;
    let cast = Cast::fitting(raise_descriptor_limit()).map_err(Failure::failed)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| Failure::caused_by(&cause))?;
    let _entered = runtime.enter();
    let signals = Signals::listen().map_err(|cause| Failure::caused_by(&cause))?;
    let mut set = Set::build(cast, &addresses)?;
    let cues = floods(arguments);
    let header = Header {
        cast: &set.players.cast,
        addresses: &addresses,
        folder: set.folder.path(),
        token_file: &set.token_file,
        flood: cues.clone().next(),
    };
    print(&header.text());
    print("ready\n");
    let mut outside = Outside { signals, commands: set.commands, effects: set.effects };
    let course = Course { floods: cues, lasting: arguments.lasting };
    runtime.block_on(set.players.play(&mut outside, course))?;
    let last = runtime.block_on(set.players.leave());
    let folder = set.folder.path();
    let known = set.players.node.control().incidents(usize::MAX);
    print(&closing::text(&set.players.cast, &last, (folder, &known)));
    set.players.node.drain(Queue::Ours);
    Ok(ExitCode::SUCCESS)
}

fn floods(arguments: &Demo) -> impl Iterator<Item = Cue> + Clone {
    let most = if arguments.no_attack { 0 } else { usize::MAX };
    schedule::floods(arguments.lasting).take(most)
}

/// Tells at once; a reader that is gone does not end the show.
fn print(text: &str) {
    let mut out = io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
