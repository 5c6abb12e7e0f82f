//! What is read and written of a loaded program by whoever holds its tables, without any right.

use super::fault::{LoadFault, WriteFault};
use super::tables::Tables;
use super::{MAPS, SAMPLES, plain};
use crate::Reason;
use crate::abi::{Config, Counter, SIGNATURES_MAX, Sample, Signatures};
use aya::maps::{Map, MapData, RingBuf};
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};

/// The tables of a loaded program, and what is in force.
pub struct Live {
    tables: Tables,
    samples: RingBuf<MapData>,
    config: Config,
    /// In the order of [`MAPS`], that of the samples at the end; the tables name them by number.
    maps: Vec<OwnedFd>,
}

impl Live {
    /// The tables that these descriptors are, in the order in which [`Self::maps`] gives them.
    ///
    /// # Errors
    /// There are too few, or one is no table of ours.
    pub fn of(maps: Vec<OwnedFd>) -> Result<Self, LoadFault> {
        let found = |name: &'static str| {
            let at = MAPS.iter().position(|own| *own == name);
            let map = at.and_then(|at| maps.get(at)).ok_or(LoadFault::NotOurs(name))?;
            Ok(map.as_raw_fd())
        };
        let tables = Tables::find(found)?;
        let ring = maps.get(MAPS.len()).ok_or(LoadFault::NotOurs(SAMPLES))?;
        let ring = ring.try_clone().map_err(|cause| LoadFault::of(&cause))?;
        let ring = MapData::from_fd(ring).map_err(|cause| LoadFault::of(&cause))?;
        let samples =
            RingBuf::try_from(Map::RingBuf(ring)).map_err(|cause| LoadFault::of(&cause))?;
        Ok(Self { tables, samples, config: Config::default(), maps })
    }

    /// Descriptors of every table, to be handed over.
    ///
    /// # Errors
    /// This process may open no more.
    pub fn maps(&self) -> io::Result<Vec<OwnedFd>> {
        self.maps.iter().map(OwnedFd::try_clone).collect()
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

    /// Puts signatures in force: they are written beside those in force, which then are replaced in one
    /// write.
    ///
    /// # Errors
    /// The kernel refuses it; the old ones stay.
    pub fn put_signatures(&mut self, table: &Signatures) -> Result<(), WriteFault> {
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
}
