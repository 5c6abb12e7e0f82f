use super::*;
use seawall_types::{SourceKey, Upload, UseKind, WatchedUse};

const PLAIN: UseKind = UseKind::Upload(Upload::Plain);
const PROGRAM: UseKind = UseKind::Upload(Upload::Program);

const TICK_MS: u64 = 250;

fn at(seconds: u64) -> Moment {
    Moment(seconds * 1_000_000_000)
}

fn used(at: Moment, address: &str, went_through: bool) -> WatchedUse {
    let source = SourceKey::of(address.parse().unwrap());
    WatchedUse { at, platform: PlatformId(0), kind: UseKind::Admin, source, went_through }
}

fn last(seen: &[IntegritySeen], aspect: Aspect) -> Option<Seen> {
    seen.iter().rev().find(|one| one.aspect == aspect).map(|one| one.seen)
}

/// A platform with habits: an office administers it, and pages of some size are sent.
struct Day {
    integrity: Integrity,
    bytes: u64,
    admitted: u64,
    told: Vec<IntegritySeen>,
    chance: u64,
}

impl Day {
    fn new(seed: u64) -> Self {
        let integrity = Integrity::new(PlatformId(0));
        Self { integrity, bytes: 0, admitted: 0, told: Vec::new(), chance: seed }
    }

    fn draw(&mut self) -> u64 {
        self.chance = crate::detect::mixed(self.chance);
        self.chance
    }

    /// One page: most are small, one of a thousand is a file of up to 4 MiB.
    fn page(&mut self) -> u64 {
        let size = 2_000 + self.draw() % 30_000;
        if self.draw().is_multiple_of(1_000) { self.draw() % (4 << 20) } else { size }
    }

    fn second(&mut self, second: u64, requests: u64, in_incident: bool) {
        for _ in 0..requests {
            self.bytes += self.page();
        }
        self.admitted += requests;
        for tick in 0..1_000 / TICK_MS {
            let now = Moment((second * 1_000 + tick * TICK_MS) * 1_000_000);
            self.integrity.tick(now, (self.bytes, self.admitted), in_incident);
            self.told.extend(self.integrity.due(now, in_incident));
        }
    }

    fn admin(&mut self, second: u64, address: &str, in_incident: bool) {
        self.integrity.observe(&used(at(second), address, true), in_incident);
    }
}

#[test]
fn twenty_four_plain_hours_turn_nothing() {
    for seed in 1..=5 {
        let mut day = Day::new(seed);
        for second in 0..86_400 {
            // Quiet at night, a rush at noon, nobody for a while.
            let hour = second / 3_600;
            let rush = if hour == 12 { 60 } else { 0 };
            let requests = match hour {
                3 => 0,
                0..=6 => day.draw() % 3,
                _ => 5 + rush + day.draw() % 20,
            };
            day.second(second, requests, false);
            if second % 600 == 0 {
                let address = if second % 1_200 == 0 { "192.0.2.7" } else { "192.0.2.200" };
                day.admin(second, address, false);
                let login = WatchedUse { kind: UseKind::Login, ..used(at(second), address, false) };
                day.integrity.observe(&login, false);
                let sent = WatchedUse { kind: PLAIN, ..used(at(second), address, true) };
                day.integrity.observe(&sent, false);
            }
        }
        let departed: Vec<_> = day.told.iter().filter(|seen| seen.seen == Seen::Departs).collect();
        println!("FIGURE report.calm {} departures", departed.len());
        assert!(departed.is_empty(), "seed {seed}: {departed:?}");
        assert_eq!(last(&day.told, Aspect::Upload), Some(Seen::AsBefore));
        assert_eq!(last(&day.told, Aspect::Egress), Some(Seen::AsBefore));
        assert_eq!(last(&day.told, Aspect::Admin), Some(Seen::AsBefore));
    }
}

#[test]
fn fifty_megabytes_that_leave_during_a_flood_depart_within_a_minute() {
    for seed in 1..=20 {
        let mut day = Day::new(seed);
        (0..1_800).for_each(|second| day.second(second, 10, false));
        (1_800..1_860).for_each(|second| day.second(second, 12, true));
        assert_ne!(last(&day.told, Aspect::Egress), Some(Seen::Departs), "seed {seed}");
        day.bytes += 50_000_000;
        (1_860..1_920).for_each(|second| day.second(second, 12, true));
        let found = day.told.iter().find(|seen| seen.seen == Seen::Departs);
        let found = found.unwrap_or_else(|| panic!("seed {seed}: nothing departs"));
        assert!(found.until.since(at(1_860)) <= Duration::from_mins(1));
        assert!(found.detail.contains("MiB left within a minute"), "{}", found.detail);
    }
}

#[test]
fn a_crowd_that_takes_ten_times_as_much_with_ten_times_the_requests_departs_from_nothing() {
    let mut day = Day::new(3);
    (0..3_600).for_each(|second| day.second(second, 10, false));
    (3_600..4_200).for_each(|second| day.second(second, 100, false));
    assert!(day.told.iter().all(|seen| seen.seen != Seen::Departs));
}

#[test]
fn an_admin_from_a_new_place_departs_at_once_and_is_no_habit_while_an_incident_is_open() {
    let mut day = Day::new(1);
    (0..LEARNT_AFTER).for_each(|second| day.admin(second, "192.0.2.7", false));
    assert_eq!(last(&day.integrity.due(at(660), true), Aspect::Admin), Some(Seen::Learning));
    day.admin(661, "192.0.2.99", true);
    assert_eq!(last(&day.integrity.due(at(700), true), Aspect::Admin), Some(Seen::AsBefore));
    for second in [701, 720] {
        day.admin(second, "198.51.100.9", true);
        let due = day.integrity.due(at(second), true);
        assert_eq!(last(&due, Aspect::Admin), Some(Seen::Departs), "{second}");
        assert!(due.iter().all(|seen| !seen.detail.contains("198.51")), "no address is told");
    }
    // Turned away by the origin is no use.
    day.integrity.observe(&used(at(760), "203.0.113.1", false), true);
    assert_eq!(last(&day.integrity.due(at(800), true), Aspect::Admin), Some(Seen::AsBefore));
}

#[test]
fn before_habits_are_known_nothing_departs() {
    let mut day = Day::new(1);
    for second in 0..LEARNT_AFTER {
        day.admin(second, &format!("198.51.{second}.9"), true);
    }
    assert_eq!(last(&day.integrity.due(at(700), true), Aspect::Admin), Some(Seen::Learning));
}

#[test]
fn many_failed_logins_in_a_minute_depart_and_a_few_do_not() {
    let mut day = Day::new(1);
    let failed =
        |second| WatchedUse { kind: UseKind::Login, ..used(at(second), "192.0.2.7", false) };
    let few = FAILURES_LEAST / 2;
    day.integrity.observe(&failed(1), false);
    assert_eq!(last(&day.integrity.due(at(600), false), Aspect::Login), Some(Seen::Learning));
    (1..few).for_each(|_| day.integrity.observe(&failed(1), false));
    assert_eq!(last(&day.integrity.due(at(660), false), Aspect::Login), Some(Seen::AsBefore));
    (few..FAILURES_LEAST).for_each(|_| day.integrity.observe(&failed(1), false));
    assert_eq!(last(&day.integrity.due(at(1_300), false), Aspect::Login), Some(Seen::AsBefore));
    day.integrity.observe(&failed(1), false);
    assert_eq!(last(&day.integrity.due(at(1_301), false), Aspect::Login), Some(Seen::Departs));
}

#[test]
fn a_file_under_the_name_of_a_program_departs_at_once_where_the_origin_took_it() {
    let mut day = Day::new(1);
    let put = |second, went_through| WatchedUse {
        kind: PROGRAM,
        ..used(at(second), "192.0.2.7", went_through)
    };
    day.integrity.observe(&put(5, false), true);
    day.second(6, 1, true);
    assert_eq!(last(&day.told, Aspect::Upload), Some(Seen::AsBefore));
    day.integrity.observe(&put(8, true), true);
    day.second(9, 1, true);
    assert_eq!(last(&day.told, Aspect::Upload), Some(Seen::Departs));
}

#[test]
fn many_files_in_a_minute_depart_and_a_few_do_not() {
    for (files, seen) in [(UPLOADS_LEAST, Seen::AsBefore), (UPLOADS_LEAST + 1, Seen::Departs)] {
        let mut day = Day::new(1);
        for _ in 0..files {
            let sent = WatchedUse { kind: PLAIN, ..used(at(61), "192.0.2.7", true) };
            day.integrity.observe(&sent, false);
        }
        day.second(62, 1, false);
        assert_eq!(last(&day.told, Aspect::Upload), Some(seen), "{files} files");
    }
}
