//! The visitors, who come again as others once their day is over.

use super::addresses::Addresses;
use super::cast::Cast;
use super::stage_thread::StageThread;
use seawall_stage::bounds::VISITORS_LASTING_MAX;
use seawall_stage::{
    Door, LoopbackTarget, Pace, SourceBlock, Sources, StageError, Transport, Trust,
    VisitedPlatform, VisitorReport, Visitors, VisitorsSpec,
};
use std::time::Duration;

/// Mean time between two sessions of one person.
const AWAY: Duration = Duration::from_secs(20);
/// Mean time on a page.
const THINK: Duration = Duration::from_secs(4);

/// Everyone who has come so far, and those who are here.
#[derive(Debug)]
pub(super) struct Crowd {
    thread: StageThread,
    spec: VisitorsSpec,
    here: Visitors,
    /// What those met whose day is over.
    gone: Option<VisitorReport>,
}

impl Crowd {
    /// Lets people come to the shield at `addresses`.
    ///
    /// # Errors
    /// The stage does not take them.
    pub(super) fn start(
        thread: StageThread,
        cast: &Cast,
        addresses: &Addresses,
        trust: &Trust,
    ) -> Result<Self, StageError> {
        let spec = VisitorsSpec {
            seed: 1,
            people: Sources::new(SourceBlock::VISITORS, cast.people)?,
            doors: doors(addresses, trust),
            platforms: cast.parts.iter().map(visited).collect(),
            pace: Pace { away: AWAY, think: THINK },
            lasting: VISITORS_LASTING_MAX,
        };
        let here = thread.with(|| Visitors::start(spec.clone()))?;
        Ok(Self { thread, spec, here, gone: None })
    }

    /// What all of them have met so far.
    pub(super) fn report(&self) -> VisitorReport {
        let here = self.here.report();
        match &self.gone {
            Some(gone) => gone.plus(&here),
            None => here,
        }
    }

    /// Waits until those who are here have had their day.
    pub(super) async fn ended(&self) {
        self.here.ended().await;
    }

    /// Lets others come in their place.
    ///
    /// # Errors
    /// The stage does not take them.
    pub(super) fn renew(&mut self) -> Result<(), StageError> {
        self.gone = Some(self.report());
        self.spec.seed += 1;
        self.here = self.thread.with(|| Visitors::start(self.spec.clone()))?;
        Ok(())
    }

    /// Ends their visits.
    pub(super) async fn stop(&self) {
        self.here.stop().await;
    }
}

fn visited(part: &super::cast::Part) -> VisitedPlatform {
    VisitedPlatform {
        host: part.hosts[0].to_owned(),
        weight: part.weight,
        entrances: part.entrances.iter().map(|path| (*path).to_owned()).collect(),
    }
}

/// Half over HTTP/2, a third over HTTP/1.1 with TLS, the rest plain.
fn doors(addresses: &Addresses, trust: &Trust) -> Vec<Door> {
    let door = |target: LoopbackTarget, transport, weight| Door { target, transport, weight };
    vec![
        door(addresses.plain, Transport::Plain, 2),
        door(addresses.tls, Transport::TlsHttp1(trust.clone()), 4),
        door(addresses.tls, Transport::TlsHttp2(trust.clone()), 6),
    ]
}
