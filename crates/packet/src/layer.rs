//! The packet layer of one shield: how each interface is covered, whether it drops, and its end.
//!
//! Takes what the operator wants; gives a sentence for each thing that is not as wanted.
//! Never fails a start: what cannot be had is said, and the next best is taken.
//! Never drops before it is armed, and an arming that nobody confirms within [`CONFIRM_WITHIN`] is undone.
//! Bounds: [`INTERFACES_MAX`] interfaces; tables as in the program.

mod part;
mod trial;

use crate::abi::{Beat, Config, Counter, Ports, flag};
use crate::guard::Guard;
use crate::kernel::{Kernel, PortSet, WriteFault, Written, monotonic_ns};
use crate::model::{Network, Party};
use crate::{Reason, nft};
use part::Part;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Interfaces that are covered.
pub const INTERFACES_MAX: usize = 32;
/// An arming that nobody confirms for this long is undone.
pub const CONFIRM_WITHIN: Duration = Duration::from_mins(1);
/// After this long without a sign of life the program passes everything.
pub const STALE_AFTER: Duration = Duration::from_mins(1);
/// One packet in so many is sampled on each processor.
const SAMPLE_EVERY: u32 = 1_000;

/// How the operator wants interfaces covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The first that works.
    Auto,
    /// Native XDP alone.
    Native,
    /// Generic XDP alone.
    Generic,
    /// Rules of nft alone.
    Nft,
    /// Not at all.
    Off,
}

/// How an interface is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By the driver.
    Native,
    /// By the kernel, behind the driver.
    Generic,
    /// By rules of nft.
    Nft,
    /// Not at all.
    Off,
}

impl Mode {
    /// Its word in configuration and status.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Generic => "generic",
            Self::Nft => "nft",
            Self::Off => "off",
        }
    }
}

/// What a layer is started with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// How interfaces are to be covered.
    pub wanted: Wanted,
    /// Which; none for none.
    pub interfaces: Vec<String>,
    /// Whether it drops from the start.
    pub armed: bool,
    /// Folder of a BPF file system in which programs outlive this process; none for not.
    pub pins: Option<PathBuf>,
    /// Networks that always pass.
    pub allowed: Vec<Network>,
    /// Addresses that always pass.
    pub guard: Guard,
}

/// One interface, for status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub interface: String,
    /// How it is covered.
    pub mode: Mode,
    /// Whether packets are dropped.
    pub armed: bool,
}

/// Whether packets are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arming {
    Safe,
    /// Until then somebody must confirm.
    Trial {
        until_ns: u64,
    },
    Armed,
}

/// The running layer.
pub struct Layer {
    kernel: Option<Kernel>,
    parts: Vec<Part>,
    arming: Arming,
    said: Vec<String>,
    passes: Vec<Network>,
}

impl Layer {
    /// Covers interfaces as well as it can be done.
    pub fn start(setup: Setup) -> Self {
        let Setup { wanted, interfaces, armed, pins, allowed, guard } = setup;
        let mut passes = allowed;
        passes.extend(guard.addresses().map(|(address, _)| Network::host(address)));
        let mut layer = Self {
            kernel: None,
            parts: Vec::new(),
            arming: if armed { Arming::Armed } else { Arming::Safe },
            said: Vec::new(),
            passes,
        };
        if wanted == Wanted::Off {
            return layer;
        }
        if interfaces.is_empty() {
            layer.say("packet.interfaces names none: the packet layer is off".to_owned());
            return layer;
        }
        if guard.left_out > 0 {
            layer.say(format!("{} addresses found no room on the guard list", guard.left_out));
        }
        if wanted != Wanted::Nft {
            layer.load();
        }
        for interface in interfaces.into_iter().take(INTERFACES_MAX) {
            let part = part::cover(&mut layer, (interface, wanted), pins.as_deref());
            layer.parts.push(part);
        }
        layer.enforce();
        layer
    }

    /// Loads the program and fills its tables; where that cannot be, says so.
    fn load(&mut self) {
        let kernel = Kernel::load().map_err(|fault| fault.to_string());
        match kernel.and_then(|kernel| self.prepare(kernel)) {
            Ok(kernel) => self.kernel = Some(kernel),
            Err(sentence) => self.say(format!("no XDP: {sentence}")),
        }
    }

    fn prepare(&mut self, mut kernel: Kernel) -> Result<Kernel, String> {
        let told = |fault: WriteFault| format!("{fault}: {}", fault.source);
        let entries: Vec<_> = self.passes.iter().map(|network| (*network, 0)).collect();
        let written = kernel.tables().allow(&entries).map_err(told)?;
        if written.full > 0 {
            return Err(format!("{} networks found no room on the allow list", written.full));
        }
        let reflectors = Ports::of(REFLECTORS);
        kernel.tables().put_ports(PortSet::Reflectors, &reflectors).map_err(told)?;
        trial::passes(&mut kernel, &self.passes)?;
        Ok(kernel)
    }

    /// What is not as wanted, each a sentence.
    pub fn sentences(&self) -> &[String] {
        &self.said
    }

    fn say(&mut self, sentence: String) {
        self.said.push(sentence);
    }

    /// How each interface stands.
    pub fn standing(&self) -> Vec<Standing> {
        let armed = self.arming != Arming::Safe;
        let of = |part: &Part| Standing {
            interface: part.interface().to_owned(),
            mode: part.mode(),
            armed: armed && part.mode() != Mode::Off,
        };
        self.parts.iter().map(of).collect()
    }

    /// Whether any interface is covered.
    pub fn covers(&self) -> bool {
        self.parts.iter().any(|part| part.mode() != Mode::Off)
    }

    /// Drops from now on; undone in [`CONFIRM_WITHIN`] unless somebody confirms.
    pub fn arm(&mut self) {
        if self.arming == Arming::Safe {
            self.arming = Arming::Trial { until_ns: monotonic_ns() + nanoseconds(CONFIRM_WITHIN) };
            self.enforce();
        }
    }

    /// Keeps an arming; false when there was none to keep.
    pub fn confirm(&mut self) -> bool {
        let was_armed = self.arming != Arming::Safe;
        if was_armed {
            self.arming = Arming::Armed;
        }
        was_armed
    }

    /// Drops nothing any more; what would be dropped is still counted.
    pub fn disarm(&mut self) {
        self.arming = Arming::Safe;
        self.enforce();
    }

    /// Leaves every interface as it was before.
    pub fn end(&mut self) {
        for part in self.parts.drain(..) {
            part.end();
        }
        self.kernel = None;
    }

    /// Shows life, and undoes an arming that nobody confirmed; call it about once a second.
    ///
    /// Gives a sentence when something changed by itself.
    pub fn tick(&mut self) -> Option<String> {
        let now = monotonic_ns();
        if let Some(kernel) = &self.kernel {
            // A sign of life that cannot be given leads to passing everything, which is the safe side.
            let _ = kernel.tables().beat(Beat { at_ns: now, stale_ns: nanoseconds(STALE_AFTER) });
        }
        let Arming::Trial { until_ns } = self.arming else { return None };
        (until_ns <= now).then(|| {
            self.disarm();
            "nobody confirmed the arming within a minute: the packet layer drops nothing any more"
                .to_owned()
        })
    }

    /// Blocks sources for a while; tells how many found no room.
    ///
    /// # Errors
    /// A table cannot be written.
    pub fn block(&mut self, sources: &[(Party, Duration)]) -> Result<Written, String> {
        let now = monotonic_ns();
        let ends: Vec<_> =
            sources.iter().map(|(who, span)| (*who, now + nanoseconds(*span))).collect();
        let mut written = Written::default();
        if let Some(kernel) = &self.kernel {
            written = kernel.tables().block_hosts(&ends).map_err(|fault| fault.to_string())?;
        }
        for table in self.parts.iter().filter_map(Part::nft) {
            nft::run(&table.block(sources))?;
        }
        Ok(written)
    }

    /// Lifts blocks of sources.
    ///
    /// # Errors
    /// A table cannot be written.
    pub fn lift(&mut self, sources: &[Party]) -> Result<(), String> {
        if let Some(kernel) = &self.kernel {
            kernel.tables().lift_hosts(sources).map_err(|fault| fault.to_string())?;
        }
        for table in self.parts.iter().filter_map(Part::nft) {
            nft::run(&table.lift(sources))?;
        }
        Ok(())
    }

    /// Packets by reason, of all interfaces under XDP.
    pub fn counts(&self) -> Option<[Counter; Reason::COUNT]> {
        self.kernel.as_ref()?.counts().ok()
    }

    /// Whether an address always passes.
    pub fn always_passes(&self, address: IpAddr) -> bool {
        self.passes.iter().any(|network| network.holds(address))
    }

    /// Writes what the arming says.
    fn enforce(&mut self) {
        let drops = self.arming != Arming::Safe;
        let flags = STAGES | if drops { flag::ARMED } else { 0 };
        let mut said = Vec::new();
        self.tick_now();
        if let Some(kernel) = &mut self.kernel {
            let config = Config { flags, sample_every: SAMPLE_EVERY, ..Config::default() };
            said.extend(kernel.configure(config).err().map(|fault| fault.to_string()));
        }
        for table in self.parts.iter().filter_map(Part::nft) {
            said.extend(nft::run(&table.arm(drops)).err());
        }
        self.said.extend(said);
    }

    /// Life is shown before anything is armed, or the program would take the shield for dead.
    fn tick_now(&self) {
        if let Some(kernel) = &self.kernel {
            let beat = Beat { at_ns: monotonic_ns(), stale_ns: nanoseconds(STALE_AFTER) };
            let _ = kernel.tables().beat(beat);
        }
    }
}

/// Stages that need nothing to be learned: who is blocked, and what nobody sends.
///
/// Reflectors, served ports, budgets and cookies wait for a detector that switches them on.
const STAGES: u32 = flag::HOSTS | flag::NETS | flag::CLASSES | flag::SANITY | flag::SIGNATURES;

/// UDP services that answer more than they are asked, by port.
const REFLECTORS: [u16; 21] = [
    17, 19, 53, 111, 123, 137, 161, 389, 427, 520, 1194, 1434, 1900, 3283, 3478, 3702, 5683,
    10_074, 11_211, 32_414, 33_848,
];

fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
