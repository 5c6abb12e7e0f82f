//! The program on an interface: attached, pinned, replaced without a gap, taken off.

use super::fault::{AttachFault, AttachWhy};
use super::{Kernel, Program, program_mut};
use aya::programs::links::{FdLink, PinnedLink};
use aya::programs::xdp::{XdpLink, XdpMode};
use std::error::Error;
use std::path::Path;

/// How a program is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XdpKind {
    /// By the driver, before a packet is a packet.
    Native,
    /// By the kernel, behind the driver.
    Generic,
}

impl XdpKind {
    /// All of them, the cheapest first.
    pub const ALL: [Self; 2] = [Self::Native, Self::Generic];

    /// Its word in configuration and status.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Generic => "generic",
        }
    }

    fn mode(self) -> XdpMode {
        match self {
            Self::Native => XdpMode::Driver,
            Self::Generic => XdpMode::Skb,
        }
    }
}

/// A program on an interface; it is taken off when this is dropped, unless it is pinned.
pub struct Attached {
    interface: String,
    kind: XdpKind,
    link: Held,
}

enum Held {
    /// Gone with the process.
    Process(FdLink),
    /// Stays when the process dies.
    Pinned(PinnedLink),
}

impl Attached {
    /// Where.
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// How.
    pub fn kind(&self) -> XdpKind {
        self.kind
    }

    /// Takes it off, the pin as well.
    pub fn detach(self) {
        if let Held::Pinned(link) = self.link {
            // A pin that somebody removed already has no more hold on the program.
            let _ = link.unpin();
        }
    }

    /// Has it stay when the process dies, until [`Self::detach`].
    ///
    /// # Errors
    /// `pin` is not in a BPF file system; the program is taken off.
    pub fn pin(self, pin: &Path) -> Result<Self, AttachFault> {
        let Self { interface, kind, link } = self;
        let link = match link {
            Held::Process(link) => {
                if let Ok(pinned) = link.pin(pin) {
                    Held::Pinned(pinned)
                } else {
                    let folder = pin.parent().unwrap_or(pin).display().to_string();
                    return Err(AttachFault { interface, why: AttachWhy::NoPins(folder) });
                }
            }
            pinned @ Held::Pinned(_) => pinned,
        };
        Ok(Self { interface, kind, link })
    }
}

impl Kernel {
    /// Attaches the shield's program; it never replaces another.
    ///
    /// # Errors
    /// Why it cannot be there; whatever was there stays.
    pub fn attach(&mut self, interface: &str, kind: XdpKind) -> Result<Attached, AttachFault> {
        self.attach_program(Program::Seawall, interface, kind)
    }

    /// Attaches one of the programs of the object.
    ///
    /// # Errors
    /// As for [`Self::attach`].
    pub fn attach_program(
        &mut self,
        program: Program,
        interface: &str,
        kind: XdpKind,
    ) -> Result<Attached, AttachFault> {
        let fault = |why| AttachFault { interface: interface.to_owned(), why };
        let other = |cause: &(dyn Error + 'static)| fault(AttachWhy::of(cause));
        let program = program_mut(&mut self.ebpf, program).map_err(|cause| other(&cause))?;
        let id = program.attach(interface, kind.mode()).map_err(|cause| {
            let is_there = Path::new("/sys/class/net").join(interface).exists();
            match AttachWhy::of(&cause) {
                AttachWhy::Other(_) if !is_there => fault(AttachWhy::NoInterface),
                why => fault(why),
            }
        })?;
        let link = program.take_link(id).map_err(|cause| other(&cause))?;
        let link = FdLink::try_from(link).map_err(|cause| other(&cause))?;
        Ok(Attached { interface: interface.to_owned(), kind, link: Held::Process(link) })
    }

    /// Takes the place of a program of ours that a process left pinned, without a gap.
    ///
    /// # Errors
    /// There is no such pin, or the kernel refuses it; what was pinned goes on.
    pub fn adopt(
        &mut self,
        pin: &Path,
        (interface, kind): (&str, XdpKind),
    ) -> Result<Attached, AttachFault> {
        let fault = |cause: &(dyn Error + 'static)| AttachFault {
            interface: interface.to_owned(),
            why: AttachWhy::of(cause),
        };
        let pinned = PinnedLink::from_pin(pin).map_err(|cause| fault(&cause))?;
        let copy = PinnedLink::from_pin(pin).map_err(|cause| fault(&cause))?;
        let link = XdpLink::try_from(FdLink::from(copy)).map_err(|cause| fault(&cause))?;
        let program =
            program_mut(&mut self.ebpf, Program::Seawall).map_err(|cause| fault(&cause))?;
        let id = program.attach_to_link(link).map_err(|cause| fault(&cause))?;
        // The pin holds the link from here on; this process needs no second hold.
        drop(program.take_link(id));
        Ok(Attached { interface: interface.to_owned(), kind, link: Held::Pinned(pinned) })
    }
}

impl Kernel {
    /// Whether it is this program that runs where something is pinned; nothing where nothing is.
    pub fn runs_at(&mut self, pin: &Path) -> Option<bool> {
        let link = FdLink::from(PinnedLink::from_pin(pin).ok()?);
        let there = link.info().ok()?.program_id();
        let own = program_mut(&mut self.ebpf, Program::Seawall).ok()?.info().ok()?.id();
        Some(there == own)
    }
}

/// Takes off what a process left pinned.
///
/// # Errors
/// There is no such pin.
pub fn detach_pinned(pin: &Path) -> std::io::Result<()> {
    std::fs::remove_file(pin)
}
