//! One interface: the ways to cover it, tried in their order, each refusal said.

use super::works::Works;
use super::{Mode, Wanted, pins};
use crate::kernel::{
    AttachFault, AttachWhy, Attached, Kernel, XdpKind, detach_pinned, monotonic_ns,
};
use crate::nft::{self, Keeper, NftFault, Table};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Instant;

/// How one interface is covered.
pub(super) struct Part {
    interface: String,
    way: Way,
    /// The better way that another program was in.
    kept_from: Option<XdpKind>,
    /// Whether nft has made no table yet.
    waits: bool,
}

enum Way {
    Xdp(Attached),
    Nft(Keeper),
    Off,
}

impl Part {
    pub(super) fn interface(&self) -> &str {
        &self.interface
    }

    pub(super) fn mode(&self) -> Mode {
        match &self.way {
            Way::Xdp(attached) => Mode::of(attached.kind()),
            Way::Nft(keeper) if keeper.stands() => Mode::Nft,
            Way::Nft(_) | Way::Off => Mode::Off,
        }
    }

    pub(super) fn nft(&self) -> Option<&Keeper> {
        match &self.way {
            Way::Nft(keeper) => Some(keeper),
            Way::Xdp(_) | Way::Off => None,
        }
    }

    /// What nft refuses right now.
    pub(super) fn trouble(&self) -> Option<String> {
        let trouble = self.nft()?.trouble()?;
        Some(format!("nft on {} is tried again: {trouble}", self.interface))
    }

    /// Takes the way that another program was in, where that one is gone: a sentence, and the end of
    /// rules that takes longer.
    pub(super) fn reclaim(
        &mut self,
        kernel: &mut Kernel,
        keep: Option<&Path>,
    ) -> Option<(String, Option<JoinHandle<()>>)> {
        let kind = self.kept_from?;
        let attached = attach(kernel, (&self.interface, kind), keep).ok()?;
        self.kept_from = None;
        self.waits = false;
        let before = std::mem::replace(&mut self.way, Way::Xdp(attached));
        let ending = before.end(Instant::now());
        let (interface, kind) = (&self.interface, kind.word());
        let said = format!("{interface}: the other program is gone; {kind} XDP from now on");
        Some((said, ending))
    }

    /// A sentence when nft has made the table that it had failed to make.
    pub(super) fn arrival(&mut self) -> Option<String> {
        let arrives = self.waits && self.nft()?.stands();
        self.waits &= !arrives;
        arrives.then(|| format!("{}: nft does what it is told from now on", self.interface))
    }

    /// Whether this process's program is pinned here, and no successor has replaced it.
    pub(super) fn is_own(&self, kernel: &mut Kernel, pins: &Path) -> bool {
        let Way::Xdp(attached) = &self.way else { return false };
        let pin = pins::program(pins, &self.interface, attached.kind());
        kernel.runs_at(&pin) == Some(true)
    }

    /// Begins its end where that takes a while.
    pub(super) fn close(&self) {
        self.nft().into_iter().for_each(Keeper::close);
    }

    /// Ends; what is left of it at `give_up` goes on by itself.
    pub(super) fn end(self, give_up: Instant) -> Option<JoinHandle<()>> {
        self.way.end(give_up)
    }

    /// Goes, and what is pinned stays.
    pub(super) fn leave(self) {
        drop(self);
    }
}

impl Way {
    fn end(self, give_up: Instant) -> Option<JoinHandle<()>> {
        match self {
            Self::Xdp(attached) => {
                attached.detach();
                None
            }
            Self::Nft(keeper) => keeper.end(give_up),
            Self::Off => None,
        }
    }
}

/// What came of one way.
enum Tried {
    Covered(Way),
    Nothing,
    /// Another program is there.
    Occupied,
    NoInterface,
}

/// Covers an interface by the first way that works.
pub(super) fn cover(works: &mut Works, interface: String) -> Part {
    let ways: &[Mode] = match works.bounds.wanted {
        Wanted::Auto => &[Mode::Native, Mode::Generic, Mode::Nft],
        Wanted::Native => &[Mode::Native],
        Wanted::Generic => &[Mode::Generic],
        Wanted::Nft => &[Mode::Nft],
        Wanted::Off => &[],
    };
    if let Some(attached) = left_behind(works, &interface, ways) {
        return Part { interface, way: Way::Xdp(attached), kept_from: None, waits: false };
    }
    let mut kept_from = None;
    for mode in ways {
        let covered = match mode {
            Mode::Native => by_xdp(works, &interface, XdpKind::Native),
            Mode::Generic => by_xdp(works, &interface, XdpKind::Generic),
            Mode::Nft => by_nft(works, &interface),
            Mode::Off => Tried::Nothing,
        };
        match (covered, mode) {
            (Tried::Covered(way), _) => {
                let waits = matches!(&way, Way::Nft(keeper) if !keeper.stands());
                return Part { interface, way, kept_from, waits };
            }
            (Tried::Nothing, _) => {}
            (Tried::Occupied, Mode::Native) => kept_from = Some(XdpKind::Native),
            (Tried::Occupied, _) => kept_from = kept_from.or(Some(XdpKind::Generic)),
            // Rules for what is not there would cover nothing and say that they do.
            (Tried::NoInterface, _) => break,
        }
    }
    works.say(format!("{interface}: the packet layer is off"));
    Part { interface, way: Way::Off, kept_from, waits: false }
}

/// Takes over what an earlier shield left pinned; takes it off where that is not wanted or fails.
fn left_behind(works: &mut Works, interface: &str, ways: &[Mode]) -> Option<Attached> {
    let (kind, pin) = pins::left_behind(&works.bounds.pins, interface)?;
    if ways.contains(&Mode::of(kind))
        && let Some(kernel) = &mut works.kernel
    {
        match kernel.adopt(&pin, (interface, kind)) {
            Ok(attached) => {
                if !works.bounds.stays {
                    // Without its name this process alone holds it.
                    let _ = detach_pinned(&pin);
                }
                return Some(attached);
            }
            Err(fault) => works.say(format!(
                "what an earlier shield left on an interface is taken off and not taken over: {fault}"
            )),
        }
    }
    // What this process may not take off is found by whoever tries to attach.
    let _ = detach_pinned(&pin);
    None
}

fn by_xdp(works: &mut Works, interface: &str, kind: XdpKind) -> Tried {
    let keep = works.bounds.stays.then(|| works.bounds.pins.clone());
    let Some(kernel) = works.kernel.as_mut() else { return Tried::Nothing };
    match attach(kernel, (interface, kind), keep.as_deref()) {
        Ok(attached) => Tried::Covered(Way::Xdp(attached)),
        Err(fault) => {
            works.say(format!("no {} XDP on {fault}", kind.word()));
            match fault.why {
                AttachWhy::NoInterface => Tried::NoInterface,
                AttachWhy::Occupied => Tried::Occupied,
                _ => Tried::Nothing,
            }
        }
    }
}

/// Attaches, and pins in `keep`.
fn attach(
    kernel: &mut Kernel,
    (interface, kind): (&str, XdpKind),
    keep: Option<&Path>,
) -> Result<Attached, AttachFault> {
    let attached = kernel.attach(interface, kind)?;
    match keep {
        None => Ok(attached),
        Some(folder) => attached.pin(&pins::program(folder, interface, kind)),
    }
}

fn by_nft(works: &mut Works, interface: &str) -> Tried {
    // Later versions of nft make rules for an interface that is yet to come.
    if !exists(interface) {
        works.say(format!("no nft on {interface}: there is no such interface"));
        return Tried::NoInterface;
    }
    let table = Table::new(interface, monotonic_ns());
    let passes = works.passes.clone();
    let kept = match nft::run(&table.create(&passes)) {
        Ok(()) => Keeper::start(table, passes),
        Err(fault) if may_pass(&fault) => {
            works.say(format!(
                "no nft on {interface}: {fault}; the packet layer is off there until it is tried with \
                 success"
            ));
            Keeper::start_after(&fault, table, passes)
        }
        Err(fault) => {
            works.say(format!("no nft on {interface}: {fault}"));
            return Tried::Nothing;
        }
    };
    match kept {
        Ok(keeper) => Tried::Covered(Way::Nft(keeper)),
        Err(cause) => {
            works.say(format!("no nft on {interface}: {cause}"));
            Tried::Nothing
        }
    }
}

/// Whether a later attempt may do better: not without nft, and not without the right to use it.
fn may_pass(fault: &NftFault) -> bool {
    match fault {
        NftFault::NotRun(_) => false,
        NftFault::Hung(_) => true,
        NftFault::Refused(said) => !said.contains("not permitted"),
    }
}

/// Whether the kernel has an interface of this name where this process is.
fn exists(interface: &str) -> bool {
    let table = std::fs::read_to_string("/proc/net/dev").unwrap_or_default();
    table.lines().any(|line| line.split_once(':').is_some_and(|(own, _)| own.trim() == interface))
}
