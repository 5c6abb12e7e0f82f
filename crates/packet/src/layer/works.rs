//! What of the packet layer needs rights: loading, attaching, pinning, rules of nft.
//!
//! Takes requests, each of which it answers with how everything stands after it.
//! Never touches an interface or a folder that it was not given at the start, and reads no sample.
//! Bounds: [`INTERFACES_MAX`] interfaces.

use super::part::{self, Part};
use super::{INTERFACES_MAX, REFLECTORS, Wanted, network, pins, trial};
use crate::abi::Ports;
use crate::kernel::{Kernel, PortSet, WriteFault};
use crate::model::{Network, Party};
use crate::privileged::{Net, Request, Told};
use serde::{Deserialize, Serialize};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the end of rules is waited for.
const NFT_ENDS: Duration = Duration::from_secs(1);

/// What may be touched, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// How interfaces are to be covered.
    pub wanted: Wanted,
    /// Which; none for none.
    pub interfaces: Vec<String>,
    /// Folder of a BPF file system, for what outlives its process.
    pub pins: PathBuf,
    /// Whether the program outlives its process.
    pub stays: bool,
}

/// Whoever holds the rights.
pub(crate) struct Works {
    pub(super) bounds: Bounds,
    pub(super) kernel: Option<Kernel>,
    pub(super) passes: Vec<Network>,
    parts: Vec<Part>,
    said: Vec<String>,
    /// Ends of rules that take longer.
    ending: Vec<JoinHandle<()>>,
}

impl Works {
    /// Nothing is loaded yet.
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            kernel: None,
            passes: Vec::new(),
            parts: Vec::new(),
            said: Vec::new(),
            ending: Vec::new(),
        }
    }

    /// Does what is asked.
    pub(crate) fn obey(&mut self, request: Request) -> (Told, Vec<OwnedFd>) {
        let (mut maps, mut full) = (Vec::new(), 0);
        match request {
            Request::Load { passes, tcp_ports } => maps = self.load(&passes, &tcp_ports),
            Request::Cover => self.cover(),
            Request::Reclaim => self.reclaim(),
            Request::Look => {}
            Request::Arm(drops) => self.keepers().for_each(|keeper| keeper.arm(drops)),
            Request::Pass(passes) => {
                self.passes = self.networks(&passes);
                self.keepers().for_each(|keeper| keeper.pass(self.passes.clone()));
            }
            Request::Block(hosts) => {
                let hosts: Vec<_> =
                    hosts.into_iter().map(|(who, end)| (Party::of(who), end)).collect();
                full = self.keepers().map(|keeper| keeper.block(&hosts).full).max().unwrap_or(0);
            }
            Request::Lift(hosts) => {
                let hosts: Vec<_> = hosts.into_iter().map(Party::of).collect();
                self.keepers().for_each(|keeper| keeper.lift(&hosts));
            }
            Request::Leave => self.leave(),
            Request::End => self.end(),
        }
        (self.told(full), maps)
    }

    /// How everything stands.
    fn told(&mut self, full: usize) -> Told {
        let parts = self.parts.iter();
        Told {
            modes: parts.map(|part| (part.interface().to_owned(), part.mode())).collect(),
            said: std::mem::take(&mut self.said),
            troubles: self.parts.iter().filter_map(Part::trouble).collect(),
            full,
            stays: self.bounds.stays,
            is_succeeded: self.is_succeeded(),
        }
    }

    pub(super) fn say(&mut self, sentence: String) {
        self.said.push(sentence);
    }

    /// Networks that were told; those with more bits than an address has are refused, and that is said.
    fn networks(&mut self, told: &[Net]) -> Vec<Network> {
        let is_sound = |own: &Network| own.bits <= Network::host(own.address).bits;
        let (sound, odd): (Vec<_>, Vec<_>) = told.iter().copied().map(network).partition(is_sound);
        if let Some(Network { address, bits }) = odd.first() {
            let count = odd.len();
            self.say(format!(
                "networks with more bits than an address has are refused: {count}, the first of them \
                 {address}/{bits}"
            ));
        }
        sound
    }

    fn keepers(&self) -> impl Iterator<Item = &crate::nft::Keeper> {
        self.parts.iter().filter_map(Part::nft)
    }

    /// Loads the program and fills its tables; where that cannot be, says so.
    fn load(&mut self, passes: &[Net], tcp_ports: &[u16]) -> Vec<OwnedFd> {
        self.end();
        self.passes = self.networks(passes);
        if self.bounds.stays && !pins::is_bpf(&self.bounds.pins) {
            let folder = self.bounds.pins.display();
            let sentence = format!(
                "{folder} is no BPF file system, so the program ends with the shield; mount it with \
                 `mount -t bpf bpf {folder}`"
            );
            self.bounds.stays = false;
            self.say(sentence);
        }
        if self.bounds.wanted == Wanted::Nft {
            return Vec::new();
        }
        let loaded = self.loaded().and_then(|mut kernel| {
            self.prepare(&mut kernel, tcp_ports)?;
            let maps = kernel.maps().map_err(|cause| cause.to_string())?;
            Ok((kernel, maps))
        });
        match loaded {
            Ok((kernel, maps)) => {
                self.kernel = Some(kernel);
                maps
            }
            Err(sentence) => {
                self.say(format!("no XDP: {sentence}"));
                Vec::new()
            }
        }
    }

    fn loaded(&mut self) -> Result<Kernel, String> {
        if let (Some(first), true) = (self.bounds.interfaces.first(), self.bounds.stays) {
            match Kernel::load_kept(|name| pins::table(&self.bounds.pins, first, name)) {
                Ok(kernel) => return Ok(kernel),
                Err(fault) => {
                    self.bounds.stays = false;
                    self.say(format!(
                        "nothing can be pinned, so the program ends with the shield: {fault}"
                    ));
                }
            }
        }
        Kernel::load().map_err(|fault| fault.to_string())
    }

    fn prepare(&self, kernel: &mut Kernel, tcp_ports: &[u16]) -> Result<(), String> {
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
        trial::passes(kernel, &self.passes)
    }

    fn cover(&mut self) {
        if !self.parts.is_empty() {
            let sentence = "whoever asks is at fault: the interfaces are covered already";
            self.say(sentence.to_owned());
            return;
        }
        let interfaces = self.bounds.interfaces.clone();
        if self.bounds.stays {
            // An earlier shield whose first interface this was had named its tables after it.
            interfaces.iter().skip(1).for_each(|own| pins::unpin_tables(&self.bounds.pins, own));
        }
        for interface in interfaces.into_iter().take(INTERFACES_MAX) {
            let part = part::cover(self, interface);
            self.parts.push(part);
        }
    }

    /// Covers by XDP what another program kept it from, where that one is gone, and tells where nft works.
    fn reclaim(&mut self) {
        self.said.extend(self.parts.iter_mut().filter_map(Part::arrival));
        let keep = self.bounds.stays.then_some(&*self.bounds.pins);
        let Some(kernel) = &mut self.kernel else { return };
        for part in &mut self.parts {
            if let Some((sentence, ending)) = part.reclaim(kernel, keep) {
                self.said.push(sentence);
                self.ending.extend(ending);
            }
        }
    }

    /// Whether a successor runs its own program wherever this one's was pinned.
    fn is_succeeded(&mut self) -> bool {
        let Some(kernel) = self.kernel.as_mut().filter(|_| self.bounds.stays) else { return true };
        !self.parts.iter().any(|part| part.is_own(kernel, &self.bounds.pins))
    }

    /// Leaves to a successor what it has taken over, and takes everything else off.
    fn leave(&mut self) {
        let (pins, stays) = (self.bounds.pins.clone(), self.bounds.stays);
        let parts = std::mem::take(&mut self.parts);
        for part in &parts {
            part.close();
        }
        for part in parts {
            let interface = part.interface().to_owned();
            let is_own = self.kernel.as_mut().is_some_and(|own| part.is_own(own, &pins));
            if stays && !is_own && part.nft().is_none() {
                part.leave();
                continue;
            }
            self.ending.extend(part.end(Instant::now() + NFT_ENDS));
            if stays {
                pins::unpin(&pins, &interface);
            }
        }
        self.kernel = None;
    }

    /// Leaves every interface as it was before.
    fn end(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        for part in &parts {
            part.close();
        }
        let give_up = Instant::now() + NFT_ENDS;
        for part in parts {
            let interface = part.interface().to_owned();
            self.ending.extend(part.end(give_up));
            if self.bounds.stays {
                pins::unpin(&self.bounds.pins, &interface);
            }
        }
        self.kernel = None;
    }

    /// Whoever asked is gone without a word: what is pinned stays, everything else is left as it was.
    pub(crate) fn abandon(mut self) {
        for part in std::mem::take(&mut self.parts) {
            match part.nft() {
                Some(_) => self.ending.extend(part.end(Instant::now())),
                None => part.leave(),
            }
        }
        for ending in self.ending {
            // One that panicked has nothing left to take away.
            let _ = ending.join();
        }
    }
}
