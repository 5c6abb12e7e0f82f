//! Connections that are opened, perhaps begun, and then left alone.

use crate::bounds::within;
use crate::{LoopbackTarget, Sources, StageError};
use std::io;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Connections that one call holds.
pub const HELD_MAX: u16 = 4_000;

/// Open connections; dropping it closes them.
#[derive(Debug)]
pub struct Held(Vec<TcpStream>);

/// Why connections could not be held.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// The request itself is out of bounds.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A connection could not be made or written to.
    #[error("connection {number} could not be opened")]
    Open {
        /// Which one, counted from 1.
        number: u16,
        /// What the system said.
        source: io::Error,
    },
}

/// Opens `count` connections to `target`, from each of `sources` in turn, and sends `beginning` on each.
///
/// # Errors
/// [`HoldError::Stage`] above [`HELD_MAX`]; [`HoldError::Open`] at the first that fails.
pub async fn hold(
    target: LoopbackTarget,
    sources: Sources,
    count: u16,
    beginning: &[u8],
) -> Result<Held, HoldError> {
    within("held connections", count, 0..=HELD_MAX).map_err(StageError::from)?;
    sources.can_reach(target)?;
    let mut held = Vec::with_capacity(usize::from(count));
    for (number, source) in (1..=count).zip(sources.addresses().cycle()) {
        let opened = async {
            let mut stream = target.dial(Some(source)).await?;
            stream.write_all(beginning).await?;
            Ok(stream)
        };
        held.push(opened.await.map_err(|source| HoldError::Open { number, source })?);
    }
    Ok(Held(held))
}

impl Held {
    /// How many the other side has not ended yet.
    ///
    /// What it has sent meanwhile is read and dropped.
    pub fn open(&self) -> usize {
        self.0.iter().filter(|stream| is_open(stream)).count()
    }

    /// How many were opened.
    pub fn opened(&self) -> usize {
        self.0.len()
    }
}

fn is_open(stream: &TcpStream) -> bool {
    let mut piece = [0; 4_096];
    loop {
        match stream.try_read(&mut piece) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
        }
    }
}
