//! The packet layer of one shield: how each interface is covered, whether it drops, and its end.
//!
//! Takes what the operator wants; gives a sentence for each thing that is not as wanted.
//! Never fails a start: what cannot be had is said, and the next best is taken.
//! Never drops before it is armed, and an arming that nobody confirms within [`CONFIRM_WITHIN`] is undone.
//! Bounds: [`INTERFACES_MAX`] interfaces; tables as in the program.

mod part;
mod pins;
mod response;
mod trial;

use crate::Reason;
use crate::abi::{Beat, Config, Counter, Ports, flag};
use crate::guard::Guard;
use crate::kernel::{Kernel, PortSet, WriteFault, Written, XdpKind, monotonic_ns};
use crate::model::{Network, Party};
use part::Part;
pub use pins::unpin;
use response::Response;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Interfaces that are covered.
pub const INTERFACES_MAX: usize = 32;
/// An arming that nobody confirms for this long is undone.
pub const CONFIRM_WITHIN: Duration = Duration::from_mins(1);
/// After this long without a sign of life the program passes everything.
pub const STALE_AFTER: Duration = Duration::from_mins(1);

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
    const fn of(kind: XdpKind) -> Self {
        match kind {
            XdpKind::Native => Self::Native,
            XdpKind::Generic => Self::Generic,
        }
    }

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
    /// Folder of a BPF file system, for what outlives its process.
    pub pins: PathBuf,
    /// Whether the program outlives this one.
    pub stays: bool,
    /// Networks that always pass.
    pub allowed: Vec<Network>,
    /// Addresses that always pass.
    pub guard: Guard,
    /// TCP ports whose SYNs may be answered with cookies.
    pub tcp_ports: Vec<u16>,
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
    response: Response,
    said: Vec<String>,
    /// Networks that the operator lets pass.
    allowed: Vec<Network>,
    /// Hosts that no configuration takes away.
    guarded: Vec<Network>,
    /// Everybody who always passes: both.
    passes: Vec<Network>,
    pins: PathBuf,
    /// The first interface, after which tables that stay are named.
    first: Option<String>,
    /// Whether the program outlives this process.
    stays: bool,
}

impl Layer {
    /// Covers interfaces as well as it can be done.
    pub fn start(setup: Setup) -> Self {
        let Setup { wanted, interfaces, armed, pins, stays, allowed, guard, tcp_ports } = setup;
        let guarded = hosts(&guard);
        let passes = allowed.iter().chain(&guarded).copied().collect();
        let mut layer = Self {
            kernel: None,
            parts: Vec::new(),
            arming: if armed { Arming::Armed } else { Arming::Safe },
            response: Response::new(monotonic_ns()),
            said: Vec::new(),
            allowed,
            guarded,
            passes,
            pins,
            first: interfaces.first().cloned(),
            stays,
        };
        if wanted == Wanted::Off {
            return layer;
        }
        if interfaces.is_empty() {
            layer.say(
                "packet.interfaces names none and there is no default route: the packet layer is off"
                    .to_owned(),
            );
            return layer;
        }
        if guard.left_out > 0 {
            layer.say(format!("{} addresses found no room on the guard list", guard.left_out));
        }
        if stays && !pins::is_bpf(&layer.pins) {
            layer.stays = false;
            layer.say(format!(
                "{} is no BPF file system, so the program ends with the shield; mount it with \
                 `mount -t bpf bpf {}`",
                layer.pins.display(),
                layer.pins.display()
            ));
        }
        if wanted != Wanted::Nft {
            layer.load(&tcp_ports);
        }
        if layer.stays {
            // An earlier shield whose first interface this was had named its tables after it.
            interfaces.iter().skip(1).for_each(|other| pins::unpin_tables(&layer.pins, other));
        }
        // What takes the place of a program that drops drops from its first packet.
        layer.enforce();
        for interface in interfaces.into_iter().take(INTERFACES_MAX) {
            let part = part::cover(&mut layer, interface, wanted);
            layer.parts.push(part);
        }
        layer.enforce();
        layer
    }

    /// Loads the program and fills its tables; where that cannot be, says so.
    fn load(&mut self, tcp_ports: &[u16]) {
        let kernel = match (&self.first, self.stays) {
            (Some(first), true) => Kernel::load_kept(|name| pins::table(&self.pins, first, name)),
            _ => Kernel::load(),
        };
        let kernel = kernel.map_err(|fault| fault.to_string());
        match kernel.and_then(|kernel| self.prepare(kernel, tcp_ports)) {
            Ok(kernel) => self.kernel = Some(kernel),
            Err(sentence) => self.say(format!("no XDP: {sentence}")),
        }
    }

    fn prepare(&mut self, mut kernel: Kernel, tcp_ports: &[u16]) -> Result<Kernel, String> {
        let told = |fault: WriteFault| format!("{fault}: {}", fault.source);
        let entries: Vec<_> = self.passes.iter().map(|network| (*network, 0)).collect();
        let written = kernel.tables().allow(&entries).map_err(told)?;
        if written.full > 0 {
            return Err(format!("{} networks found no room on the allow list", written.full));
        }
        let reflectors = Ports::of(REFLECTORS);
        kernel.tables().put_ports(PortSet::Reflectors, &reflectors).map_err(told)?;
        let cookies = Ports::of(tcp_ports.iter().copied());
        kernel.tables().put_ports(PortSet::Cookies, &cookies).map_err(told)?;
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

    /// What is not as it should be right now, a sentence for each interface.
    pub fn troubles(&self) -> Vec<String> {
        self.parts.iter().filter_map(Part::trouble).collect()
    }

    /// Whether packets are dropped somewhere.
    pub fn drops(&self) -> bool {
        self.arming != Arming::Safe && self.covers()
    }

    /// Whether the program outlives this process.
    pub fn stays(&self) -> bool {
        self.stays
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
            let interface = part.interface().to_owned();
            part.end();
            if self.stays {
                unpin(&self.pins, &interface);
            }
        }
        self.kernel = None;
    }

    /// Whether a successor runs its own program wherever this one's was pinned.
    pub fn is_succeeded(&mut self) -> bool {
        let Some(kernel) = &mut self.kernel else { return true };
        !self.parts.iter().any(|part| part.is_own(kernel, &self.pins))
    }

    /// Leaves to a successor what it has taken over, and takes everything else off.
    pub fn leave(&mut self) {
        for part in std::mem::take(&mut self.parts) {
            let interface = part.interface().to_owned();
            let is_own = self.kernel.as_mut().is_some_and(|own| part.is_own(own, &self.pins));
            if !self.stays {
                part.end();
            } else if is_own {
                part.end();
                unpin(&self.pins, &interface);
            } else {
                part.leave();
            }
        }
        self.kernel = None;
    }

    /// Covers by XDP what another program kept it from, where that one is gone; call it now and then.
    ///
    /// Gives a sentence for each interface that changed.
    pub fn reclaim(&mut self) -> Vec<String> {
        let (pins, stays) = (self.pins.clone(), self.stays);
        let keep = stays.then_some(&*pins);
        let Some(kernel) = &mut self.kernel else { return Vec::new() };
        let parts = self.parts.iter_mut();
        parts.filter_map(|part| part.reclaim(kernel, keep)).collect()
    }

    /// Shows life, looks at what comes in, and undoes an arming that nobody confirmed; call it about
    /// once a second, or oftener.
    ///
    /// Gives sentences about what changed by itself.
    pub fn tick(&mut self) -> Vec<String> {
        let now = monotonic_ns();
        self.show_life();
        let mut said = self.look(now).unwrap_or_else(|fault| vec![fault.to_string()]);
        if matches!(self.arming, Arming::Trial { until_ns } if until_ns <= now) {
            self.disarm();
            said.push(
                "nobody confirmed the arming within a minute: the packet layer drops nothing any more"
                    .to_owned(),
            );
        }
        said
    }

    /// Answers what is found in samples, and ends what is over.
    fn look(&mut self, now: u64) -> Result<Vec<String>, WriteFault> {
        let Some(kernel) = &mut self.kernel else { return Ok(Vec::new()) };
        let said = self.response.look(kernel, now)?;
        let config = config(&self.response, self.arming, now);
        if (Config { half: kernel.config().half, ..config }) != kernel.config() {
            kernel.configure(config)?;
        }
        Ok(said)
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
        for table in self.parts.iter().filter_map(Part::nft) {
            written.full = written.full.max(table.block(&ends).full);
        }
        if let Some(kernel) = &self.kernel {
            let told = |fault: WriteFault| fault.to_string();
            written.full = written.full.max(kernel.tables().block_hosts(&ends).map_err(told)?.full);
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
        self.parts.iter().filter_map(Part::nft).for_each(|table| table.lift(sources));
        Ok(())
    }

    /// Other networks always pass from now on, beside those that are guarded.
    ///
    /// # Errors
    /// A table cannot be written.
    pub fn allow(&mut self, allowed: Vec<Network>) -> Result<(), String> {
        self.allowed = allowed;
        self.let_pass()
    }

    /// Others are guarded from now on.
    ///
    /// # Errors
    /// A table cannot be written, or has no room for all of them.
    pub fn guard(&mut self, guard: &Guard) -> Result<(), String> {
        self.guarded = hosts(guard);
        self.let_pass()
    }

    /// Brings the tables up to date: who is new passes before anybody stops to.
    fn let_pass(&mut self) -> Result<(), String> {
        let passes: Vec<_> = self.allowed.iter().chain(&self.guarded).copied().collect();
        // Networks may be written in several ways and stand in the tables once.
        let [before, now] = [&self.passes, &passes].map(|networks| keys(networks));
        if before == now {
            return Ok(());
        }
        let mut full = 0;
        if let Some(kernel) = &self.kernel {
            let told = |fault: WriteFault| fault.to_string();
            let new: Vec<_> = now.difference(&before).map(|own| (network(*own), 0)).collect();
            full = kernel.tables().allow(&new).map_err(told)?.full;
            for gone in before.difference(&now) {
                kernel.tables().disallow(network(*gone)).map_err(told)?;
            }
        }
        self.passes = passes;
        for table in self.parts.iter().filter_map(Part::nft) {
            table.pass(self.passes.clone());
        }
        if full > 0 {
            return Err(format!("{full} networks found no room on the allow list"));
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
        self.show_life();
        if let Some(kernel) = &mut self.kernel {
            let config = config(&self.response, self.arming, monotonic_ns());
            self.said.extend(kernel.configure(config).err().map(|fault| fault.to_string()));
        }
        self.parts.iter().filter_map(Part::nft).for_each(|table| table.arm(drops));
    }

    /// Life is shown before anything is armed, or the program would take the shield for dead.
    fn show_life(&self) {
        if let Some(kernel) = &self.kernel {
            // One that cannot be shown leads to passing everything, which is the safe side.
            let beat = Beat { at_ns: monotonic_ns(), stale_ns: nanoseconds(STALE_AFTER) };
            let _ = kernel.tables().beat(beat);
        }
    }
}

fn hosts(guard: &Guard) -> Vec<Network> {
    guard.addresses().map(|(address, _)| Network::host(address)).collect()
}

/// Networks as the tables know them: the first address and the bits that count.
fn keys(networks: &[Network]) -> BTreeSet<(IpAddr, u8)> {
    networks.iter().map(|network| (network.first(), network.bits)).collect()
}

fn network((address, bits): (IpAddr, u8)) -> Network {
    Network { address, bits }
}

/// What acts: what always does, what was found to be needed, and whether it drops.
fn config(response: &Response, arming: Arming, now: u64) -> Config {
    let found = response.config(now);
    let armed = if arming == Arming::Safe { 0 } else { flag::ARMED };
    Config { flags: STAGES | armed | found.flags, ..found }
}

/// Stages that need nothing to be learned: who is blocked, and what nobody sends.
const STAGES: u32 = flag::HOSTS | flag::NETS | flag::CLASSES | flag::SANITY | flag::SIGNATURES;

/// UDP services that answer more than they are asked, by port.
const REFLECTORS: [u16; 21] = [
    17, 19, 53, 111, 123, 137, 161, 389, 427, 520, 1194, 1434, 1900, 3283, 3478, 3702, 5683,
    10_074, 11_211, 32_414, 33_848,
];

fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
