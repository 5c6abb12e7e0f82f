//! hot: append, a second of a platform into the evidence log budget 40400
//!
//! Encoding, two hashes, the tree and the queue; a hundred facts between two deadlines, a sync and
//! a signed checkpoint for every hundred, on a disk that takes everything at once.
//! Counted without the processor's own SHA-256, which the counting machine does not have.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_evidence::store::Item;
use seawall_evidence::{Folder, Limits, Log, NodeKey, Store};
use seawall_types::evidence::{Fact, PlatformSecond, RequestCounts, Stamp};
use seawall_types::{Moment, Reason, Verdict, WallTime};
use std::hint::black_box;
use std::io;

/// Facts between two deadlines.
const AT_ONCE: u64 = 100;

/// A disk that takes everything and keeps nothing.
struct Nowhere;

impl Folder for Nowhere {
    fn list(&mut self) -> io::Result<Vec<Item>> {
        Ok(Vec::new())
    }
    fn read(&mut self, _name: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

impl Store for Nowhere {
    fn claim(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn append(&mut self, _name: &str, bytes: &[u8]) -> io::Result<()> {
        black_box(bytes);
        Ok(())
    }
    fn sync(&mut self, _name: &str) -> io::Result<()> {
        Ok(())
    }
    fn cut(&mut self, _name: &str, _length: u64) -> io::Result<()> {
        Ok(())
    }
    fn replace(&mut self, _name: &str, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn remove(&mut self, _name: &str) -> io::Result<()> {
        Ok(())
    }
}

fn main() {
    let key = NodeKey::of_node("a".parse().expect("a name"), &[7; 32]);
    let limits = Limits { total_bytes: u64::MAX, ..Limits::default() };
    let mut log = Log::open(Nowhere, key, limits, at(0));
    let mut requests = RequestCounts::default();
    requests.add(Verdict::Admit, Reason::Clear, 310);
    requests.add(Verdict::Limit, Reason::Rate, 4_711);
    let second = Fact::PlatformSecond(PlatformSecond {
        platform: "www".to_owned(),
        incident: "www-1".parse().ok(),
        requests,
        origin_ms: 7_900,
        bytes_out: 1_234_567,
        pressure_permille: Some(987),
        limit: Some(64),
        in_flight: 63,
        queue_wait_max_ms: Some(480),
    });
    let mut number = 0;
    repeat(|| {
        number += 1;
        log.append(at(number), black_box(&second));
        if number % AT_ONCE == 0 {
            log.finish(at(number));
        }
    });
    assert_eq!(log.status().lost, 0);
}

fn at(ms: u64) -> Stamp {
    Stamp { wall: WallTime(1_772_366_400_000 + ms), moment: Moment(ms * 1_000_000) }
}
