//! Who takes part: three platforms with their origins, people who visit them, and a flood.
//!
//! The numbers belong together.
//! A visitor opens a page of up to seven requests every few seconds, so [`SOURCE_RPS`] and
//! [`SOURCE_BURST`] leave visitors alone (tried over 300,000 requests of such visitors).
//! The flood asks for more than its platform's origin can carry until every source has used up its
//! burst, and for a sixth of it once each is held to its rate; that holds for any number of
//! sources, since the origin's workers are counted by them.

use seawall_stage::{OriginSpec, ServiceTimes};
use std::time::Duration;

/// Requests per second that one source may keep up.
pub(super) const SOURCE_RPS: u32 = 2;
/// Requests that one source may send at once.
pub(super) const SOURCE_BURST: u32 = 20;
/// Requests per second that each source of the flood has in mind.
pub(super) const FLOOD_RPS: f64 = 18.0;
/// What the flood asks for.
pub(super) const FLOOD_PATH: &str = "/donate";
/// Index of the platform that is flooded.
pub(super) const FLOODED: usize = 1;

/// People, enough that every platform has visitors at any time.
const PEOPLE: u16 = 150;
/// Sources of the flood, where the system lets us open as many sockets.
const SOURCES: u16 = 200;
/// With fewer the flood would not show.
const SOURCES_MIN: u16 = 40;
/// Milliseconds that the flooded form costs its origin.
const FORM_MS: u16 = 40;
/// Workers of the flooded origin for each ten sources.
///
/// While each source waits for an answer, ten sources ask for twice what five workers carry; at
/// two requests a second of 40 ms each, they keep less than one of the five busy.
const WORKERS_FOR_TEN: u16 = 5;

/// Sockets and files of the shield, the origins and the runtimes themselves.
const DESCRIPTORS_OF_HOUSE: u64 = 150;
/// Both ends of a person's connection, and of the one to the origin.
const DESCRIPTORS_OF_PERSON: u64 = 4;
/// The same, and one for a connection that is being replaced.
const DESCRIPTORS_OF_SOURCE: u64 = 5;

/// One platform of the demo.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) name: &'static str,
    /// The first is the one that visitors ask for.
    pub(super) hosts: &'static [&'static str],
    /// Where sessions of visitors begin.
    pub(super) entrances: &'static [&'static str],
    /// How popular it is beside the others.
    pub(super) weight: u16,
    pub(super) origin: OriginSpec,
}

/// Everyone who takes part.
#[derive(Debug, Clone)]
pub(super) struct Cast {
    pub(super) parts: [Part; 3],
    pub(super) people: u16,
    /// Sources of the flood.
    pub(super) sources: u16,
    /// Fewer sources than there were to be, because of this many descriptors.
    pub(super) cut_by: Option<u64>,
}

impl Cast {
    /// As many as `descriptors` open files allow.
    ///
    /// # Errors
    /// A sentence when that is too few for a show.
    pub(super) fn fitting(descriptors: u64) -> Result<Self, String> {
        let of_people = u64::from(PEOPLE) * DESCRIPTORS_OF_PERSON;
        let for_flood = descriptors.saturating_sub(DESCRIPTORS_OF_HOUSE + of_people);
        let possible = u16::try_from(for_flood / DESCRIPTORS_OF_SOURCE).unwrap_or(u16::MAX);
        if possible < SOURCES_MIN {
            let needed =
                DESCRIPTORS_OF_HOUSE + of_people + u64::from(SOURCES_MIN) * DESCRIPTORS_OF_SOURCE;
            return Err(format!(
                "this process may open {descriptors} files and the demo needs {needed}; allow more \
                 (ulimit -Hn) and start it again"
            ));
        }
        let sources = possible.min(SOURCES);
        Ok(Self {
            parts: parts(sources),
            people: PEOPLE,
            sources,
            cut_by: (sources < SOURCES).then_some(descriptors),
        })
    }
}

fn parts(sources: u16) -> [Part; 3] {
    let www = Part {
        name: "www",
        hosts: &["www.example.org", "localhost", "127.0.0.1"],
        entrances: &["/", "/news", "/news/1", "/news/4", "/about"],
        weight: 5,
        origin: OriginSpec::of("www"),
    };
    let donate = Part {
        name: "donate",
        hosts: &["donate.example.org", "donate.localhost"],
        entrances: &["/", "/donate"],
        weight: 4,
        origin: flooded_origin(sources),
    };
    let events = Part {
        name: "events",
        hosts: &["events.example.org", "events.localhost"],
        entrances: &["/", "/events", "/register"],
        weight: 4,
        origin: OriginSpec::of("events"),
    };
    [www, donate, events]
}

/// Its line has room for everyone, so that an overrun shows as waiting and not as failures.
fn flooded_origin(sources: u16) -> OriginSpec {
    OriginSpec {
        workers: sources * WORKERS_FOR_TEN / 10,
        queue: sources + PEOPLE,
        service: ServiceTimes {
            form: Duration::from_millis(u64::from(FORM_MS)),
            ..ServiceTimes::default()
        },
        ..OriginSpec::of("donate")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the flood asks of its origin over what that can carry, at a rate of each source.
    fn demand(cast: &Cast, source_rps: f64) -> f64 {
        let asked_ms = f64::from(cast.sources) * source_rps * f64::from(FORM_MS);
        asked_ms / (f64::from(cast.parts[FLOODED].origin.workers) * 1e3)
    }

    #[test]
    fn the_flood_is_too_much_until_each_source_is_held_to_its_rate() {
        for descriptors in [1_024, 20_000] {
            let cast = Cast::fitting(descriptors).unwrap();
            assert!(demand(&cast, FLOOD_RPS) > 1.2);
            assert!(demand(&cast, f64::from(SOURCE_RPS)) < 0.2);
        }
    }

    #[test]
    fn few_descriptors_make_a_smaller_flood_that_says_so_and_too_few_none() {
        let whole = Cast::fitting(1_750).unwrap();
        assert_eq!((whole.sources, whole.cut_by), (200, None));
        let cut = Cast::fitting(1_749).unwrap();
        assert_eq!((cut.sources, cut.cut_by), (199, Some(1_749)));
        let least = Cast::fitting(950).unwrap();
        assert_eq!(least.sources, SOURCES_MIN);
        let refused = Cast::fitting(949).unwrap_err();
        assert!(refused.contains("949") && refused.contains("950"), "{refused}");
    }
}
