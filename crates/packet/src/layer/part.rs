//! One interface: the ways to cover it, tried in their order, each refusal said.

use super::{Layer, Mode, Wanted};
use crate::kernel::{AttachFault, AttachWhy, Attached, Kernel, XdpKind};
use crate::nft::{self, Table};
use std::path::Path;

/// How one interface is covered.
pub(super) struct Part {
    interface: String,
    way: Way,
}

enum Way {
    Xdp(Attached),
    Nft(Table),
    Off,
}

impl Part {
    pub(super) fn interface(&self) -> &str {
        &self.interface
    }

    pub(super) fn mode(&self) -> Mode {
        match &self.way {
            Way::Xdp(attached) => match attached.kind() {
                XdpKind::Native => Mode::Native,
                XdpKind::Generic => Mode::Generic,
            },
            Way::Nft(_) => Mode::Nft,
            Way::Off => Mode::Off,
        }
    }

    pub(super) fn nft(&self) -> Option<&Table> {
        match &self.way {
            Way::Nft(table) => Some(table),
            Way::Xdp(_) | Way::Off => None,
        }
    }

    pub(super) fn end(self) {
        match self.way {
            Way::Xdp(attached) => attached.detach(),
            // Rules of an interface that is gone are gone as well.
            Way::Nft(table) => drop(nft::run(&table.remove())),
            Way::Off => {}
        }
    }
}

/// What came of one way.
enum Tried {
    Covered(Way),
    Nothing,
    NoInterface,
}

/// Covers an interface by the first way that works.
pub(super) fn cover(
    layer: &mut Layer,
    (interface, wanted): (String, Wanted),
    pins: Option<&Path>,
) -> Part {
    let ways: &[Mode] = match wanted {
        Wanted::Auto => &[Mode::Native, Mode::Generic, Mode::Nft],
        Wanted::Native => &[Mode::Native],
        Wanted::Generic => &[Mode::Generic],
        Wanted::Nft => &[Mode::Nft],
        Wanted::Off => &[],
    };
    for mode in ways {
        let covered = match mode {
            Mode::Native => by_xdp(layer, (&interface, XdpKind::Native), pins),
            Mode::Generic => by_xdp(layer, (&interface, XdpKind::Generic), pins),
            Mode::Nft => by_nft(layer, &interface),
            Mode::Off => Tried::Nothing,
        };
        match covered {
            Tried::Covered(way) => return Part { interface, way },
            Tried::Nothing => {}
            // Rules for what is not there would cover nothing and say that they do.
            Tried::NoInterface => break,
        }
    }
    layer.say(format!("{interface}: the packet layer is off"));
    Part { interface, way: Way::Off }
}

fn by_xdp(layer: &mut Layer, (interface, kind): (&str, XdpKind), pins: Option<&Path>) -> Tried {
    let Some(kernel) = layer.kernel.as_mut() else { return Tried::Nothing };
    let done = match pins.map(|folder| folder.join(format!("seawall-{interface}"))) {
        None => kernel.attach(interface, kind),
        Some(pin) => adopt_or_pin(kernel, (interface, kind), &pin),
    };
    match done {
        Ok(attached) => Tried::Covered(Way::Xdp(attached)),
        Err(fault) => {
            let is_there = fault.why != AttachWhy::NoInterface;
            layer.say(format!("no {} XDP on {fault}", kind.word()));
            if is_there { Tried::Nothing } else { Tried::NoInterface }
        }
    }
}

/// Takes over what was pinned before; else attaches, and pins where that can be done.
fn adopt_or_pin(
    kernel: &mut Kernel,
    (interface, kind): (&str, XdpKind),
    pin: &Path,
) -> Result<Attached, AttachFault> {
    if pin.exists() {
        return kernel.adopt(pin, (interface, kind));
    }
    if !pin.parent().is_some_and(Path::exists) {
        let why = AttachWhy::NoPins(pin.display().to_string());
        return Err(AttachFault { interface: interface.to_owned(), why });
    }
    kernel.attach(interface, kind)?.pin(pin)
}

fn by_nft(layer: &mut Layer, interface: &str) -> Tried {
    let table = Table::new(interface);
    match nft::run(&table.create(&layer.passes)) {
        Ok(()) => Tried::Covered(Way::Nft(table)),
        Err(sentence) => {
            layer.say(format!("no nft on {interface}: {sentence}"));
            Tried::Nothing
        }
    }
}
