//! The program in the kernel: loaded, attached, its tables written and its counters read.
//!
//! The one module that names aya; what is below it makes system calls of its own where aya has none.
//! Never decides anything, and never replaces a program that is not ours.
//! Bounds: a batch is handed over in pieces of [`BATCH_MAX`] entries.

mod attach;
mod calls;
mod fault;
mod live;
mod plain;
mod tables;

pub use attach::{Attached, XdpKind, detach_pinned};
pub use calls::monotonic_ns;
pub use fault::{AttachFault, AttachWhy, LoadFault, WriteFault};
pub use live::Live;
pub use tables::{BATCH_MAX, PortSet, Sweep, Tables, Written};

use crate::abi::Config;
use crate::object::object;
use aya::maps::Map;
use aya::programs::{TestRun as _, TestRunOptions, Xdp};
use aya::{Ebpf, EbpfLoader, TestRunAttrs};
use std::ops::{Deref, DerefMut};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::{fs, io};

/// A loaded program with its tables.
pub struct Kernel {
    ebpf: Ebpf,
    live: Live,
}

/// The tables, in the order in which their descriptors are handed over.
const MAPS: [&str; 17] = [
    "CONFIG",
    "BEAT",
    "ALLOW4",
    "ALLOW6",
    "HOST4",
    "HOST6",
    "NET4",
    "NET6",
    "CLASS4",
    "CLASS_UNTIL",
    "SIGNATURES",
    "SIGNATURE_HITS",
    "COUNTS",
    "PORTS",
    "FRAME",
    "FRONT4",
    "LIFTS",
];
/// The ring of samples, which comes behind them.
const SAMPLES: &str = "SAMPLES";

/// Which program of the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The shield.
    Seawall,
    /// Everything passes.
    PassAll,
    /// Everything is dropped.
    DropAll,
    /// Everything is dropped once its headers were read.
    DropRead,
    /// Makes traffic for tests.
    Generate,
    /// The shield over one source after the other, for measurements.
    Walk,
}

impl Program {
    const fn name(self) -> &'static str {
        match self {
            Self::Seawall => "seawall",
            Self::PassAll => "pass_all",
            Self::DropAll => "drop_all",
            Self::DropRead => "drop_read",
            Self::Generate => "generate",
            Self::Walk => "walk",
        }
    }
}

/// What a test run gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// What the program returned: 1 drop, 2 pass, 3 answer.
    pub returned: u32,
    /// The mean time of one run.
    pub nanoseconds: u64,
    /// The frame afterwards.
    pub frame: Vec<u8>,
}

/// Tables that may outlive their process: who is blocked until when, by the kernel's own clock.
pub const KEPT_TABLES: [&str; 2] = ["HOST4", "HOST6"];

/// Bytes of a frame that `generate` sends.
pub const GENERATED_LEN: usize = 64;

/// The largest frame that a test run takes.
pub const TEST_FRAME_MAX: usize = 3_500;

impl Kernel {
    /// Loads the program and makes its tables; nothing is attached and nothing is dropped.
    ///
    /// # Errors
    /// A capability is missing, or the kernel refuses the program.
    pub fn load() -> Result<Self, LoadFault> {
        Self::load_object(object())
    }

    /// Loads the program with [`KEPT_TABLES`] as they are pinned, or pins them.
    ///
    /// # Errors
    /// As for [`Self::load`]; also where nothing can be pinned.
    pub fn load_kept(pin: impl Fn(&str) -> PathBuf) -> Result<Self, LoadFault> {
        let mut loader = EbpfLoader::new();
        for name in KEPT_TABLES {
            loader.map_pin_path(name, pin(name));
        }
        Self::load_by(&mut loader, object())
    }

    /// Loads another object of the same program, such as one that was just compiled.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn load_object(object: &[u8]) -> Result<Self, LoadFault> {
        Self::load_by(&mut EbpfLoader::new(), object)
    }

    fn load_by(loader: &mut EbpfLoader<'_>, object: &[u8]) -> Result<Self, LoadFault> {
        let mut ebpf = loader.load(object).map_err(|cause| LoadFault::of(&cause))?;
        program_mut(&mut ebpf, Program::Seawall)?.load().map_err(|cause| LoadFault::of(&cause))?;
        let map = |name: &'static str| -> Result<OwnedFd, LoadFault> {
            let fd = ebpf.map(name).and_then(descriptor).ok_or(LoadFault::NotOurs(name))?;
            fd.try_clone_to_owned().map_err(|cause| LoadFault::of(&cause))
        };
        let maps: Result<Vec<_>, _> = MAPS.into_iter().chain([SAMPLES]).map(map).collect();
        let live = Live::of(maps?)?;
        Ok(Self { ebpf, live })
    }

    /// Loads a program besides the shield's.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn load_program(&mut self, program: Program) -> Result<(), LoadFault> {
        let program = program_mut(&mut self.ebpf, program)?;
        program.load().map_err(|cause| LoadFault::of(&cause))
    }

    /// Instructions that the verifier walked through; none where the kernel does not tell.
    pub fn verified_instructions(&mut self) -> Option<u32> {
        let program = program_mut(&mut self.ebpf, Program::Seawall).ok()?;
        program.info().ok()?.verified_instruction_count()
    }

    /// Bytes that the kernel keeps for each table, by its name.
    ///
    /// # Errors
    /// The kernel does not tell.
    pub fn memory(&self) -> io::Result<Vec<(&str, u64)>> {
        let told = |(name, map)| {
            let fd = descriptor(map).ok_or_else(|| io::Error::other("a table of another kind"))?;
            let text = fs::read_to_string(format!("/proc/self/fdinfo/{}", fd.as_raw_fd()))?;
            let bytes =
                text.lines().find_map(|line| line.strip_prefix("memlock:")?.trim().parse().ok());
            Ok((name, bytes.ok_or_else(|| io::Error::other("no line memlock"))?))
        };
        self.ebpf.maps().map(told).collect()
    }

    /// What `generate` sends, with which bits of its source by chance, and where to; only for tests.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn generate_to(
        &self,
        (ifindex, mask): (u32, u32),
        frame: &[u8; GENERATED_LEN],
    ) -> Result<(), WriteFault> {
        self.live.tables().write_frame(frame)?;
        let config = Config { half: ifindex, sample_every: mask, ..Config::default() };
        self.live.tables().write_config(&config)
    }

    /// Runs a program over one frame without attaching it anywhere.
    ///
    /// # Errors
    /// The kernel refuses it: the frame is shorter than 14 bytes or longer than [`TEST_FRAME_MAX`].
    pub fn run(&mut self, program: Program, frame: &[u8], times: u32) -> Result<Ran, LoadFault> {
        let mut out = vec![0; frame.len() + 256];
        let ran = program_mut(&mut self.ebpf, program)?
            .test_run(TestRunOptions {
                data_in: Some(frame),
                data_out: Some(&mut out),
                repeat: times,
                ..TestRunOptions::default()
            })
            .map_err(|cause| LoadFault::of(&cause))?;
        out.truncate(ran.data_size_out as usize);
        let nanoseconds = u64::try_from(ran.duration.as_nanos()).unwrap_or(u64::MAX);
        Ok(Ran { returned: ran.return_value, nanoseconds, frame: out })
    }

    /// Sends the frame of [`Self::generate_to`] so often; only for tests.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn generate(&mut self, times: u32) -> Result<(), LoadFault> {
        program_mut(&mut self.ebpf, Program::Generate)?
            .test_run(TestRunOptions {
                data_in: Some(&[0; GENERATED_LEN]),
                repeat: times,
                attrs: TestRunAttrs::new().xdp_live_frames(64),
                ..TestRunOptions::default()
            })
            .map(drop)
            .map_err(|cause| LoadFault::of(&cause))
    }
}

/// Who has loaded a program reads and writes its tables as anybody who holds them.
fn descriptor(map: &Map) -> Option<BorrowedFd<'_>> {
    match map {
        Map::Array(map)
        | Map::HashMap(map)
        | Map::LpmTrie(map)
        | Map::LruHashMap(map)
        | Map::PerCpuArray(map)
        | Map::RingBuf(map) => Some(map.fd().as_fd()),
        _ => None,
    }
}

impl Deref for Kernel {
    type Target = Live;

    fn deref(&self) -> &Live {
        &self.live
    }
}

impl DerefMut for Kernel {
    fn deref_mut(&mut self) -> &mut Live {
        &mut self.live
    }
}

fn program_mut(ebpf: &mut Ebpf, program: Program) -> Result<&mut Xdp, LoadFault> {
    let name = program.name();
    let found = ebpf.program_mut(name).ok_or(LoadFault::NotOurs(name))?;
    found.try_into().map_err(|_| LoadFault::NotOurs(name))
}
