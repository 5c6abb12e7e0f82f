//! The program in the kernel: loaded, attached, its tables written and its counters read.
//!
//! The one module that names aya; what is below it makes system calls of its own where aya has none.
//! Never decides anything, and never replaces a program that is not ours.
//! Bounds: a batch is handed over in pieces of [`BATCH_MAX`] entries.

mod attach;
mod calls;
mod fault;
mod plain;
mod tables;

pub use attach::{Attached, XdpKind, detach_pinned};
pub use calls::monotonic_ns;
pub use fault::{AttachFault, AttachWhy, LoadFault, WriteFault};
pub use tables::{BATCH_MAX, PortSet, Tables, Written};

use crate::Reason;
use crate::abi::{Config, Counter, SIGNATURES_MAX, Sample};
use crate::object::object;
use aya::maps::{Map, MapData, RingBuf};
use aya::programs::{TestRun as _, TestRunOptions, Xdp};
use aya::{Ebpf, EbpfLoader, TestRunAttrs};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::PathBuf;

/// A loaded program with its tables.
pub struct Kernel {
    ebpf: Ebpf,
    tables: Tables,
    samples: RingBuf<MapData>,
    config: Config,
}

/// Which program of the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The shield.
    Seawall,
    /// Everything passes.
    PassAll,
    /// Everything is dropped.
    DropAll,
    /// Makes traffic for tests.
    Generate,
}

impl Program {
    const fn name(self) -> &'static str {
        match self {
            Self::Seawall => "seawall",
            Self::PassAll => "pass_all",
            Self::DropAll => "drop_all",
            Self::Generate => "generate",
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
        let ring = ebpf.take_map("SAMPLES").ok_or(LoadFault::NotOurs("SAMPLES"))?;
        let samples = RingBuf::try_from(ring).map_err(|cause| LoadFault::of(&cause))?;
        let tables = Tables::find(|name| {
            let map = ebpf.map(name).ok_or(LoadFault::NotOurs(name))?;
            match map {
                Map::Array(map)
                | Map::HashMap(map)
                | Map::LpmTrie(map)
                | Map::LruHashMap(map)
                | Map::PerCpuArray(map) => Ok(map.fd().as_fd().as_raw_fd()),
                _ => Err(LoadFault::NotOurs(name)),
            }
        })?;
        Ok(Self { ebpf, tables, samples, config: Config::default() })
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

    /// The tables.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// What is in force.
    pub fn config(&self) -> Config {
        self.config
    }

    /// Which stages act, and how; the half of the signatures stays.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn configure(&mut self, config: Config) -> Result<(), WriteFault> {
        let config = Config { half: self.config.half, ..config };
        self.tables.write_config(&config)?;
        self.config = config;
        Ok(())
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
        self.tables.write_frame(frame)?;
        let config = Config { half: ifindex, sample_every: mask, ..Config::default() };
        self.tables.write_config(&config)
    }

    /// Puts signatures in force: they are written beside those in force, which then are replaced in one
    /// write.
    ///
    /// # Errors
    /// The kernel refuses it; the old ones stay.
    pub fn put_signatures(&mut self, table: &crate::abi::Signatures) -> Result<(), WriteFault> {
        let half = 1 - (self.config.half & 1);
        self.tables.write_signatures(half, table)?;
        let config = Config { half, ..self.config };
        self.tables.write_config(&config)?;
        self.config = config;
        Ok(())
    }

    /// Packets by reason since the program was loaded.
    ///
    /// # Errors
    /// The kernel does not give them.
    pub fn counts(&self) -> Result<[Counter; Reason::COUNT], WriteFault> {
        self.tables.counts()
    }

    /// Packets by signature in force, in the order of its table.
    ///
    /// # Errors
    /// The kernel does not give them.
    pub fn signature_hits(&self) -> Result<[Counter; SIGNATURES_MAX], WriteFault> {
        self.tables.hits(self.config.half & 1)
    }

    /// Hands over the samples that wait, at most `most`.
    pub fn samples(&mut self, most: usize, mut take: impl FnMut(&Sample)) {
        for _ in 0..most {
            let Some(item) = self.samples.next() else { return };
            if let Some(sample) = plain::read(&item) {
                take(&sample);
            }
        }
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

fn program_mut(ebpf: &mut Ebpf, program: Program) -> Result<&mut Xdp, LoadFault> {
    let name = program.name();
    let found = ebpf.program_mut(name).ok_or(LoadFault::NotOurs(name))?;
    found.try_into().map_err(|_| LoadFault::NotOurs(name))
}
