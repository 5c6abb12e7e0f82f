//! The packet layer of one shield: how each interface is covered, whether it drops, and its end.
//!
//! Takes what the operator wants; gives a sentence for each thing that is not as wanted.
//! Never fails a start: what cannot be had is said, and the next best is taken.
//! Never drops before it is armed, and an arming that nobody confirms within [`CONFIRM_WITHIN`] is undone.
//! Bounds: [`INTERFACES_MAX`] interfaces; tables as in the program.

mod hands;
mod part;
mod pins;
mod response;
mod trial;
mod works;

use crate::Reason;
use crate::abi::{Beat, Config, Counter, flag};
use crate::guard::Guard;
use crate::kernel::{Live, Sweep, WriteFault, Written, XdpKind, monotonic_ns};
use crate::model::{Network, Party};
use crate::nft;
use crate::privileged::{Net, Request, Told};
pub use hands::Hands;
pub use pins::unpin;
pub use response::Flood;
use response::{BUSY_SINCE_START, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;
pub use works::Bounds;
pub(crate) use works::Works;

/// Interfaces that are covered.
pub const INTERFACES_MAX: usize = 32;
/// An arming that nobody confirms for this long is undone.
pub const CONFIRM_WITHIN: Duration = Duration::from_mins(1);
/// Hosts that are named in one request.
const REQUEST_HOSTS: usize = 1_024;
/// After this long without a sign of life the program passes everything.
pub const STALE_AFTER: Duration = Duration::from_mins(1);

/// How the operator wants interfaces covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

impl Setup {
    /// What may be touched.
    pub fn bounds(&self) -> Bounds {
        let Self { wanted, interfaces, pins, stays, .. } = self.clone();
        Bounds { wanted, interfaces, pins, stays }
    }
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
    hands: Hands,
    /// What those hands told last.
    told: Told,
    live: Option<Live>,
    arming: Arming,
    response: Response,
    said: Vec<String>,
    /// What is told of floods, which nothing but a flood bounds.
    flood_said: Vec<String>,
    /// Networks that the operator lets pass.
    allowed: Vec<Network>,
    /// Hosts that no configuration takes away.
    guarded: Vec<Network>,
    /// Everybody who always passes: both.
    passes: Vec<Network>,
    /// Blocks of an earlier shield are taken out of the tables from then on, once all of them are over.
    sweep: Option<(u64, Sweep)>,
}

impl Layer {
    /// Covers interfaces as well as it can be done, with the rights of this process.
    pub fn start(setup: Setup) -> Self {
        let hands = Hands::own(setup.bounds());
        Self::start_by(hands, setup)
    }

    /// The same with the rights of others.
    pub fn start_by(hands: Hands, setup: Setup) -> Self {
        let Setup { wanted, interfaces, armed, allowed, guard, tcp_ports, .. } = setup;
        let guarded = hosts(&guard);
        let passes = allowed.iter().chain(&guarded).copied().collect();
        let mut layer = Self {
            hands,
            told: Told::default(),
            live: None,
            arming: if armed { Arming::Armed } else { Arming::Safe },
            response: Response::new(monotonic_ns()),
            said: Vec::new(),
            flood_said: Vec::new(),
            allowed,
            guarded,
            passes,
            sweep: None,
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
        let covered = layer.cover(tcp_ports);
        layer.said.extend(covered.err());
        layer
    }

    /// Starts anew with the same hands.
    pub fn start_again(&mut self, setup: Setup) {
        let hands = std::mem::replace(&mut self.hands, Hands::nobody("it starts anew"));
        *self = Self::start_by(hands, setup);
    }

    /// Has the program loaded and interfaces covered.
    fn cover(&mut self, tcp_ports: Vec<u16>) -> Result<(), String> {
        let passes = nets(&self.passes);
        let maps = self.ask(Request::Load { passes, tcp_ports })?;
        if !maps.is_empty() {
            self.live = Some(Live::of(maps).map_err(|fault| format!("no XDP: {fault}"))?);
        }
        self.sweep =
            self.told.stays.then(|| (monotonic_ns() + nanoseconds(STALE_AFTER), Sweep::default()));
        // What takes the place of a program that drops drops from its first packet.
        self.enforce()?;
        self.ask(Request::Cover)?;
        self.enforce()
    }

    /// Has something done that needs rights; gives descriptors that came with the answer.
    fn ask(&mut self, request: Request) -> Result<Vec<OwnedFd>, String> {
        match self.hands.ask(request) {
            Ok((mut told, maps)) => {
                self.said.append(&mut told.said);
                self.told = told;
                Ok(maps)
            }
            Err(why) => {
                self.lose();
                Err(why)
            }
        }
    }

    /// Whoever held the rights is gone: nothing is dropped any more, wherever the program still is.
    fn lose(&mut self) {
        self.arming = Arming::Safe;
        self.response.forget();
        self.told = Told { modes: std::mem::take(&mut self.told.modes), ..Told::default() };
        self.told.modes.iter_mut().for_each(|(_, mode)| *mode = Mode::Off);
        if let Some(mut live) = self.live.take() {
            let config = config(&self.response, Arming::Safe, monotonic_ns());
            // Without a sign of life nothing is dropped after a minute either.
            let _ = live.configure(config);
        }
    }

    /// What is not as wanted, each a sentence; [`Self::tick`] gives them as well, and then they are told.
    pub fn sentences(&self) -> &[String] {
        &self.said
    }

    fn say(&mut self, sentence: String) {
        self.said.push(sentence);
    }

    /// How each interface stands.
    pub fn standing(&self) -> Vec<Standing> {
        let armed = self.arming != Arming::Safe;
        let of = |(interface, mode): &(String, Mode)| Standing {
            interface: interface.clone(),
            mode: *mode,
            armed: armed && *mode != Mode::Off,
        };
        self.told.modes.iter().map(of).collect()
    }

    /// Whether any interface is covered.
    pub fn covers(&self) -> bool {
        self.told.modes.iter().any(|(_, mode)| *mode != Mode::Off)
    }

    /// Whether any interface is covered by rules of nft.
    fn has_nft(&self) -> bool {
        self.told.modes.iter().any(|(_, mode)| *mode == Mode::Nft)
    }

    /// What is not as it should be right now, a sentence for each interface.
    pub fn troubles(&self) -> &[String] {
        &self.told.troubles
    }

    /// Whether packets are dropped somewhere.
    pub fn drops(&self) -> bool {
        self.arming != Arming::Safe && self.covers()
    }

    /// Whether the program outlives its process.
    pub fn stays(&self) -> bool {
        self.told.stays
    }

    /// Drops from now on; undone in [`CONFIRM_WITHIN`] unless somebody confirms.
    pub fn arm(&mut self) {
        if self.arming == Arming::Safe {
            self.arming = Arming::Trial { until_ns: monotonic_ns() + nanoseconds(CONFIRM_WITHIN) };
            let enforced = self.enforce();
            self.said.extend(enforced.err());
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
        let enforced = self.enforce();
        self.said.extend(enforced.err());
    }

    /// Leaves every interface as it was before.
    pub fn end(&mut self) {
        let ended = self.ask(Request::End);
        self.said.extend(ended.err());
        self.live = None;
        self.response.forget();
    }

    /// Whether a successor runs its own program wherever this one's was pinned.
    pub fn is_succeeded(&mut self) -> bool {
        self.ask(Request::Look).is_err() || self.told.is_succeeded
    }

    /// Leaves to a successor what it has taken over, and takes everything else off.
    pub fn leave(&mut self) {
        let left = self.ask(Request::Leave);
        self.said.extend(left.err());
        self.live = None;
    }

    /// Covers by XDP what another program kept it from, where that one is gone, and by nft what that had
    /// failed to; call it now and then.
    ///
    /// Gives a sentence for each interface that changed.
    pub fn reclaim(&mut self) -> Vec<String> {
        let (known, had_nft) = (self.said.len(), self.has_nft());
        let asked = self.ask(Request::Reclaim);
        let mut said = self.said.split_off(known);
        said.extend(asked.err());
        if self.has_nft() && !had_nft {
            // Who passes may have changed since it was told, and is told before anything is dropped.
            let passes = Request::Pass(nets(&self.passes));
            said.extend(self.ask(passes).err().or_else(|| self.enforce().err()));
        }
        said
    }

    /// Shows life, looks at what comes in, and undoes an arming that nobody confirmed; call it about
    /// once a second, or oftener.
    ///
    /// Gives sentences about what changed by itself.
    pub fn tick(&mut self) -> Vec<String> {
        let now = monotonic_ns();
        if let Some(why) = self.hands.missing() {
            self.lose();
            return vec![why];
        }
        self.show_life();
        let mut said = std::mem::take(&mut self.said);
        said.extend(self.look(now).iter().map(WriteFault::to_string));
        if self.has_nft() {
            said.extend(self.ask(Request::Look).err());
        }
        if matches!(self.arming, Arming::Trial { until_ns } if until_ns <= now) {
            self.disarm();
            said.push(
                "nobody confirmed the arming within a minute: the packet layer drops nothing any more"
                    .to_owned(),
            );
        }
        said
    }

    /// Takes what was told of floods since the last time.
    pub fn take_flood_sentences(&mut self) -> Vec<String> {
        std::mem::take(&mut self.flood_said)
    }

    /// Answers what is found in samples, and ends what is over; gives what failed.
    fn look(&mut self, now: u64) -> Vec<WriteFault> {
        let Some(live) = &mut self.live else { return Vec::new() };
        let mut faults = Vec::new();
        if let Some((_, mut sweep)) = self.sweep.take_if(|(from, _)| *from <= now) {
            // One that fails is not begun again: entries that are over only take room.
            match live.tables().sweep(&mut sweep, now) {
                Ok(_) => self.sweep = (!sweep.is_done()).then_some((now, sweep)),
                Err(fault) => faults.push(fault),
            }
        }
        let is_covered =
            self.told.modes.iter().any(|(_, mode)| matches!(mode, Mode::Native | Mode::Generic));
        if !is_covered {
            self.response.wait();
        }
        match self.response.look(live, now) {
            Ok(said) => {
                // What is always the same words belongs to what is not as wanted.
                let is_usual = |sentence: &String| sentence == BUSY_SINCE_START;
                let (busy, floods): (Vec<_>, Vec<_>) = said.into_iter().partition(is_usual);
                self.said.extend(busy);
                self.flood_said.extend(floods);
            }
            Err(fault) => faults.push(fault),
        }
        // Whatever failed, a stage whose time is over is switched off.
        let config = config(&self.response, self.arming, now);
        if (Config { half: live.config().half, ..config }) != live.config() {
            faults.extend(live.configure(config).err());
        }
        faults
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
        if let Some(live) = &self.live {
            let told = |fault: WriteFault| fault.to_string();
            written = live.tables().block_hosts(&ends).map_err(told)?;
        }
        if self.has_nft() {
            for piece in ends.chunks(REQUEST_HOSTS) {
                let hosts = piece.iter().map(|(who, end)| (nft::address(*who), *end));
                self.ask(Request::Block(hosts.collect()))?;
                written.full = written.full.max(self.told.full);
            }
        }
        Ok(written)
    }

    /// Lifts blocks of sources.
    ///
    /// # Errors
    /// A table cannot be written.
    pub fn lift(&mut self, sources: &[Party]) -> Result<(), String> {
        if let Some(live) = &self.live {
            live.tables().lift_hosts(sources).map_err(|fault| fault.to_string())?;
        }
        if self.has_nft() {
            for piece in sources.chunks(REQUEST_HOSTS) {
                self.ask(Request::Lift(piece.iter().copied().map(nft::address).collect()))?;
            }
        }
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
        if let Some(live) = &self.live {
            let told = |fault: WriteFault| fault.to_string();
            let new: Vec<_> = now.difference(&before).map(|own| (network(*own), 0)).collect();
            full = live.tables().allow(&new).map_err(told)?.full;
            for gone in before.difference(&now) {
                live.tables().disallow(network(*gone)).map_err(told)?;
            }
        }
        self.passes = passes;
        if self.has_nft() {
            self.ask(Request::Pass(now.into_iter().collect()))?;
        }
        if full > 0 {
            return Err(format!("{full} networks found no room on the allow list"));
        }
        Ok(())
    }

    /// Packets by reason, of all interfaces under XDP.
    pub fn counts(&self) -> Option<[Counter; Reason::COUNT]> {
        self.live.as_ref()?.counts().ok()
    }

    /// Floods of packets that are met now.
    pub fn floods(&self) -> &[Flood] {
        self.response.floods()
    }

    /// Whether an address always passes.
    pub fn always_passes(&self, address: IpAddr) -> bool {
        self.passes.iter().any(|network| network.holds(address))
    }

    /// Writes what the arming says.
    fn enforce(&mut self) -> Result<(), String> {
        self.show_life();
        if let Some(live) = &mut self.live {
            let config = config(&self.response, self.arming, monotonic_ns());
            live.configure(config).map_err(|fault| fault.to_string())?;
        }
        if self.has_nft() {
            self.ask(Request::Arm(self.arming != Arming::Safe))?;
        }
        Ok(())
    }

    /// Life is shown before anything is armed, or the program would take the shield for dead.
    fn show_life(&self) {
        if let Some(live) = &self.live {
            // One that cannot be shown leads to passing everything, which is the safe side.
            let beat = Beat { at_ns: monotonic_ns(), stale_ns: nanoseconds(STALE_AFTER) };
            let _ = live.tables().beat(beat);
        }
    }
}

fn hosts(guard: &Guard) -> Vec<Network> {
    guard.addresses().map(|(address, _)| Network::host(address)).collect()
}

/// Networks as the tables know them, each once: the first address and the bits that count.
fn keys(networks: &[Network]) -> BTreeSet<Net> {
    networks.iter().map(|network| (network.first(), network.bits)).collect()
}

fn nets(networks: &[Network]) -> Vec<Net> {
    keys(networks).into_iter().collect()
}

fn network((address, bits): Net) -> Network {
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
