mod first;
mod pulses;
mod usual;
mod waiting;

use super::*;
use crate::detect::Why;
use crate::detect::certify::{ALPHA, Certificate};
use crate::detect::promises::Promises;
use crate::detect::search::{PUT_LAST_BUDGET, certified, touched};
use crate::detect::signature::Term;
use crate::incident::IncidentKind;
use expect_test::{Expect, expect};
use seawall_types::{Attribute, FarEnd, Reason, SourceKey, Trait, Traits};
use std::fmt::Write as _;
use std::net::Ipv4Addr;

/// What origins can carry in these tests, in origin-milliseconds per second.
const CAPACITY: f64 = 3_000.0;

/// Who sends in one tick, and how much.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Party {
    /// Visits of a page with its parts by so many people; those of calm times come from 4,000 homes.
    Visits { people: u32, from: u32 },
    /// One tool: one look, one page, so many requests from 500 sources.
    OneTool { requests: u32, look: u32 },
    /// The same at a high rate, but that one request of forty asks with another kind of query.
    UnevenTool { requests: u32 },
    /// A look of its own for each request, on pages that people ask for.
    RandomLooks { requests: u32 },
    /// Pages alone, from browsers like everybody's, at many sources.
    Mimicry { requests: u32 },
    /// A look that nobody had before, but people: a page with its parts.
    NewBrowser { people: u32 },
    /// The landing page of a campaign, with its parts.
    Campaign { people: u32 },
    /// Senders of one tool that each ask for one thing, once, in a way that its flood does not.
    Scouts { requests: u32 },
    /// One client that a limit stops, over and over.
    Refused { requests: u32 },
    /// An app that asks for two things and loads no pages, from 400 phones.
    App { requests: u32 },
}

const PAGES: u32 = 5;
const PARTS: [u32; 3] = [101, 102, 103];
const LOOKS: u32 = 40;

fn shows(pairs: &[(Attribute, u32)]) -> Traits {
    pairs.iter().fold(Traits::default(), |traits, (attribute, value)| {
        traits.with(*attribute, Trait::new(*value))
    })
}

fn look(number: u32) -> Traits {
    use Attribute::{Agent, H2, Headers, Ja4};
    shows(&[(Ja4, 1_000 + number), (Agent, 2_000 + number), (H2, 3_000 + number % 7)])
        .with(Headers, Trait::new(4_000 + number % 9))
}

fn asks(look: Traits, route: u32, (query, referer): (u32, u32)) -> Traits {
    use Attribute::{Method, Query, Referer, Route};
    let [method, route, query, referer] = [1, route, query, referer].map(Trait::new);
    look.with(Method, method).with(Route, route).with(Query, query).with(Referer, referer)
}

/// A world of one platform, tick by tick.
struct World {
    detector: Detector,
    names: Names,
    now: Moment,
    drawn: u64,
    story: String,
}

impl World {
    fn new() -> Self {
        Self::with_seed(1)
    }

    fn with_seed(seed: u64) -> Self {
        Self {
            detector: Detector::new(PlatformId(0), seed),
            names: Names::default(),
            now: Moment(0),
            drawn: 0,
            story: String::new(),
        }
    }

    fn draw(&mut self, below: u32) -> u32 {
        self.drawn += 1;
        let drawn = ((mixed(self.drawn) >> 32) * u64::from(below)) >> 32;
        u32::try_from(drawn).unwrap()
    }

    fn send(&mut self, source: u32, traits: Traits, cost_us: u32) {
        self.send_with((source, Verdict::Admit), traits, cost_us);
    }

    fn send_with(&mut self, (source, verdict): (u32, Verdict), traits: Traits, cost_us: u32) {
        self.detector.observe(
            &RequestObservation {
                at: self.now,
                platform: PlatformId(0),
                // Sixteen homes a network, so that no network is crowded.
                source: SourceKey::of(Ipv4Addr::from(((source / 16) << 8) | (source % 16)).into()),
                far: FarEnd::default(),
                verdict,
                reason: Reason::Clear,
                cost_us,
                is_proven: false,
                measure: None,
                traits,
            },
            0.0,
        );
    }

    fn visit(&mut self, source: u32, look: Traits, (page, query, referer): (u32, u32, u32)) {
        self.send(source, asks(look, page, (query, referer)), 10_000);
        for part in PARTS {
            self.send(source, asks(look, part, (1, 2)), 300);
        }
    }

    fn act(&mut self, party: Party) {
        match party {
            Party::Visits { people, from } => {
                for _ in 0..people {
                    let home = self.draw(from);
                    let referer = 1 + self.draw(4);
                    let page = 1 + self.draw(PAGES);
                    self.visit(home, look(home % LOOKS), (page, 1, referer));
                }
            }
            Party::OneTool { requests, look: number } => {
                for _ in 0..requests {
                    let source = 1_000_000 + self.draw(500);
                    self.send(source, asks(look(500 + number), 1, (1, 1)), 10_000);
                }
            }
            Party::UnevenTool { requests } => {
                for _ in 0..requests {
                    let source = 1_000_000 + 16 * self.draw(1_000);
                    let query = if self.draw(40) == 0 { 2 } else { 1 };
                    self.send(source, asks(look(500), 1, (query, 1)), 10_000);
                }
            }
            Party::RandomLooks { requests } => {
                for _ in 0..requests {
                    let source = 2_000_000 + self.draw(500);
                    let (number, page) = (10_000 + self.draw(1 << 20), 1 + self.draw(PAGES));
                    self.send(source, asks(look(number), page, (1, 1)), 10_000);
                }
            }
            Party::Mimicry { requests } => {
                for _ in 0..requests {
                    let source = 3_000_000 + self.draw(5_000);
                    let (page, referer) = (1 + self.draw(PAGES), 1 + self.draw(4));
                    self.send(source, asks(look(source % LOOKS), page, (1, referer)), 10_000);
                }
            }
            Party::NewBrowser { people } => {
                for _ in 0..people {
                    let home = 4_000_000 + self.draw(100_000);
                    let (page, referer) = (1 + self.draw(PAGES), 1 + self.draw(4));
                    self.visit(home, look(900), (page, 1, referer));
                }
            }
            Party::Scouts { requests } => {
                for _ in 0..requests {
                    let source = 6_000_000 + 16 * self.draw(100_000);
                    let asked =
                        asks(look(500), 101, (1, 1)).with(Attribute::Headers, Trait::new(9));
                    self.send(source, asked, 300);
                }
            }
            Party::Refused { requests } => {
                for _ in 0..requests {
                    let asked = asks(look(7), 1, (1, 1));
                    self.send_with((7_000_000, Verdict::Limit), asked, 10_000);
                }
            }
            Party::App { requests } => {
                for _ in 0..requests {
                    let (phone, route) = (8_000_000 + self.draw(400), 201 + self.draw(5) / 3);
                    self.send(phone, asks(look(800), route, (1, 1)), 12_000);
                }
            }
            Party::Campaign { people } => {
                for _ in 0..people {
                    let home = 5_000_000 + self.draw(100_000);
                    self.visit(home, look(home % LOOKS), (77, 3, 4));
                }
            }
        }
    }

    /// Lets so many seconds pass with these parties in each tick.
    fn pass(&mut self, seconds: u32, parties: &[Party]) {
        (0..4 * seconds).for_each(|_| self.pass_tick(parties));
    }

    fn pass_tick(&mut self, parties: &[Party]) {
        self.pass_tick_asked(None, parties);
    }

    /// A tick of which is known what all that asked in it would take, listed or not.
    fn pass_tick_asked(&mut self, pressure: Option<f64>, parties: &[Party]) {
        for party in parties {
            self.act(*party);
        }
        self.now = self.now + crate::TICK;
        let capacity_ms_per_s = Some(CAPACITY);
        let asked = Asked { pressure, capacity_ms_per_s, ..Asked::default() };
        if let Some(change) = self.detector.tick(self.now, asked, &mut self.names) {
            self.tell(&change);
        }
    }

    fn tell(&mut self, change: &FindingChange) {
        let word = match change {
            FindingChange::Began(_) => "began  ",
            FindingChange::Changed(_) => "changed",
            FindingChange::Ended(_) => "ended  ",
        };
        let finding = change.finding();
        let (at, onset) = (finding.at.as_secs_f64(), finding.onset_at.as_secs_f64());
        let told: Vec<_> = finding.signatures.iter().map(|one| one.expression.as_str()).collect();
        let (kind, covered) = (finding.kind.word(), 100.0 * finding.covered);
        writeln!(
            self.story,
            "{at:06.2}s {word} {kind}, onset {onset:.2} s, {covered:.0} % by [{}]",
            told.join(" | ")
        )
        .unwrap();
    }
}

const CALM: Party = Party::Visits { people: 20, from: 4_000 };

/// Forty calm seconds, then phases.
fn check(phases: &[(u32, &[Party])], expected: &Expect) {
    let mut world = World::new();
    world.pass(40, &[CALM]);
    for (seconds, parties) in phases {
        world.pass(*seconds, parties);
    }
    expected.assert_eq(&world.story);
}

#[test]
fn calm_traffic_has_no_finding() {
    check(&[(120, &[CALM])], &expect![""]);
}

#[test]
fn a_new_browser_or_a_tool_that_overloads_nobody_has_no_finding() {
    let tool = Party::OneTool { requests: 20, look: 0 };
    let browser = Party::NewBrowser { people: 20 };
    check(&[(30, &[CALM, tool]), (30, &[CALM, browser])], &expect![""]);
}

#[test]
fn where_two_thirds_are_usual_nothing_is_looked_for_in_what_is_calm_there() {
    let busy = Party::Visits { people: 45, from: 4_000 };
    let mut world = World::new();
    world.pass(60, &[busy]);
    world.pass(5, &[busy, Party::OneTool { requests: 20, look: 0 }]);
    let reading = world.detector.reading().unwrap();
    assert!(reading.is_high && reading.is_calm, "{reading:?}");
    assert_eq!(world.detector.promises.tried(), 0);
    assert!(world.detector.memory.is_empty());
}

#[test]
fn an_episode_of_which_nothing_is_said_ends_half_a_minute_after_its_last_pressure_too() {
    let browser = Party::NewBrowser { people: 40 };
    let mut world = World::new();
    world.pass(40, &[CALM]);
    world.pass(3, &[CALM, browser]);
    let tried = world.detector.promises.tried();
    assert!(tried > 0);
    world.pass(20, &[CALM]);
    assert_eq!(world.detector.promises.tried(), tried);
    world.pass(12, &[CALM]);
    assert_eq!(world.detector.promises.tried(), 0);
    assert_eq!(world.story, "");
}

#[test]
fn one_tool_is_a_flood_from_its_first_tick_to_half_a_minute_after_it() {
    let tool = Party::OneTool { requests: 300, look: 0 };
    check(
        &[(10, &[CALM, tool]), (35, &[CALM])],
        &expect![[r"
        040.25s began   flood, onset 40.00 s, 100 % by [ua=#000009c4]
        080.75s ended   flood, onset 40.00 s, 100 % by [ua=#000009c4]
    "]],
    );
}

#[test]
fn looks_that_nobody_had_are_a_flood_although_no_two_are_alike() {
    check(
        &[(10, &[CALM, Party::RandomLooks { requests: 300 }])],
        &expect![[r"
        040.25s began   flood, onset 40.00 s, 100 % by [new ua]
    "]],
    );
}

#[test]
fn a_crowd_of_people_is_a_surge_and_nothing_is_described() {
    let crowd = Party::Visits { people: 300, from: 100_000 };
    check(
        &[(20, &[CALM, crowd])],
        &expect![[r"
            040.25s began   unknown, onset 40.00 s, 0 % by []
            041.25s changed surge, onset 40.00 s, 0 % by []
        "]],
    );
}

#[test]
fn a_campaign_that_overloads_is_a_surge() {
    check(
        &[(20, &[CALM, Party::Campaign { people: 300 }])],
        &expect![[r"
            040.25s began   unknown, onset 40.00 s, 0 % by []
            041.25s changed surge, onset 40.00 s, 0 % by []
        "]],
    );
}

#[test]
fn an_app_that_asks_too_often_is_a_surge_and_its_look_for_other_things_is_not() {
    let after = |party| {
        let mut world = World::new();
        world.pass(40, &[CALM, Party::App { requests: 8 }]);
        world.pass(5, &[CALM, Party::App { requests: 8 }, party]);
        let finding = world.detector.finding().unwrap();
        (finding.kind, finding.why)
    };
    let (kind, why) = after(Party::App { requests: 300 });
    assert_eq!(kind, IncidentKind::Surge, "{why:?}");
    assert!(matches!(why, Why::AsTheirKind(_)), "{why:?}");
    let (kind, why) = after(Party::OneTool { requests: 300, look: 300 });
    assert_ne!(kind, IncidentKind::Surge, "{why:?}");
}

#[test]
fn a_crowd_with_a_browser_that_nobody_had_is_no_flood_for_long() {
    check(
        &[(20, &[CALM, Party::NewBrowser { people: 300 }])],
        &expect![[r"
            040.25s began   unknown, onset 40.00 s, 100 % by [ua=#00000b54]
            041.25s changed surge, onset 40.00 s, 100 % by [ua=#00000b54]
        "]],
    );
}

#[test]
fn mimicry_is_said_to_be_undescribed() {
    check(
        &[(20, &[CALM, Party::Mimicry { requests: 400 }])],
        &expect![[r"
        040.25s began   unknown, onset 40.00 s, 0 % by []
    "]],
    );
}

#[test]
fn a_second_pulse_is_known_at_its_first_tick() {
    let tool = Party::OneTool { requests: 300, look: 0 };
    check(
        &[(5, &[CALM, tool]), (15, &[CALM]), (5, &[CALM, tool])],
        &expect![[r"
        040.25s began   flood, onset 40.00 s, 100 % by [ua=#000009c4]
        060.25s changed flood, onset 40.00 s, 100 % by [ua=#000009c4]
    "]],
    );
}

#[test]
fn a_look_that_takes_the_place_of_another_is_described_in_its_first_tick() {
    let mut world = World::new();
    world.pass(40, &[CALM]);
    world.pass(10, &[CALM, Party::OneTool { requests: 300, look: 0 }]);
    let next = asks(look(501), 1, (1, 1));
    assert!(!world.detector.describes(&next));
    world.pass_tick(&[CALM, Party::OneTool { requests: 300, look: 1 }]);
    assert!(world.detector.describes(&next));
}

#[test]
fn a_crowd_with_a_new_browser_is_not_said_while_all_can_be_carried() {
    check(&[(20, &[CALM, Party::NewBrowser { people: 45 }])], &expect![""]);
}

#[test]
fn a_flood_of_few_dear_requests_is_described_by_more_seconds() {
    let mut world = World::new();
    world.pass(40, &[CALM]);
    for tick in 0..4 * 30 {
        let source = 6_000_000 + tick;
        world.send(source, asks(look(501), 9, (2, 1)), 2_000_000);
        world.pass_tick(&[CALM]);
    }
    expect![[r"
        040.50s began   unknown, onset 40.00 s, 0 % by []
        045.25s changed flood, onset 40.00 s, 100 % by [path=#00000009]
    "]]
    .assert_eq(&world.story);
}

#[test]
fn visitors_of_calm_times_are_not_those_who_came_shortly_before_a_flood() {
    let mut world = World::new();
    world.pass(30, &[CALM]);
    // No more than ever, a quarter of it with the tool: nothing grows, nothing is pressed.
    let with_tool =
        [Party::Visits { people: 15, from: 4_000 }, Party::OneTool { requests: 5, look: 0 }];
    world.pass(8, &with_tool);
    world.pass(5, &[CALM, Party::OneTool { requests: 300, look: 0 }]);
    let finding = world.detector.finding().unwrap();
    assert_eq!(finding.kind, IncidentKind::Flood, "{}", world.story);
    assert_eq!(finding.footing, Footing::Calm);
    assert!(finding.signatures.iter().all(|one| one.hits == 0), "{:?}", finding.signatures);
}

#[test]
fn one_client_that_is_refused_keeps_nobody_from_becoming_known() {
    let known = |parties: &[Party]| {
        let mut world = World::new();
        world.pass(60, parties);
        world.detector.footing()
    };
    let (visitors, footing) = known(&[CALM]);
    assert!(visitors > 500, "{visitors}");
    // Twice what the origins can carry, all of it stopped.
    assert_eq!(known(&[CALM, Party::Refused { requests: 150 }]), (visitors, footing));
}

#[test]
fn what_visitors_have_come_to_show_does_not_act_again() {
    let tool = Party::OneTool { requests: 300, look: 0 };
    // As much as ever is asked for, a quarter of it with the tool.
    let with_tool =
        [Party::Visits { people: 15, from: 4_000 }, Party::OneTool { requests: 5, look: 0 }];
    let mut world = World::new();
    world.pass(40, &[CALM]);
    world.pass(5, &[CALM, tool]);
    assert_eq!(world.detector.memory.active().len(), 1);
    world.pass(11 * 60, &[CALM]);
    // The tool becomes one that many visitors use.
    world.pass(60, &with_tool);
    world.pass(5, &[CALM, tool]);
    let active = world.detector.memory.active();
    let known = world.detector.visitors.reservoirs().unwrap();
    for one in active {
        let Certificate { hits, visitors, .. } = one.certificate;
        assert_eq!((hits, visitors), touched(&one.signature, known), "{}", world.story);
        assert!(one.certificate.bound <= PROVISIONAL_BUDGET, "{}", world.story);
        assert!(!one.signature.text(&world.names).contains("ua=#000009c4"), "{}", world.story);
    }
}

#[test]
fn a_client_that_a_few_visitors_show_too_is_described_and_only_to_be_put_last() {
    let mut world = World::new();
    for tick in 0..4 * 40 {
        // One of thirty who come shows the flood's client.
        let poison: &[Party] =
            if tick % 2 == 0 { &[Party::OneTool { requests: 1, look: 0 }] } else { &[] };
        world.pass_tick(&[&[CALM], poison].concat());
    }
    world.pass(12, &[CALM]);
    world.pass(5, &[CALM, Party::OneTool { requests: 300, look: 0 }]);
    let active: Vec<_> = world.detector.active().collect();
    let [one] = active.as_slice() else { panic!("{}", world.story) };
    let Certificate { hits, visitors, bound } = one.certificate;
    assert!(hits > visitors / 100, "{hits} of {visitors}");
    let budget = crate::policy::budget::budget(seawall_types::Rung::Challenge).unwrap();
    assert!(bound > budget && bound <= PUT_LAST_BUDGET, "{bound}");
    let finding = world.detector.finding().unwrap();
    assert_eq!(finding.kind, IncidentKind::Flood, "{}", world.story);
    assert!(finding.covered > 0.9, "{}", finding.covered);
}

#[test]
fn what_is_promised_in_an_episode_is_tried_once_and_counted_until_it_is_over() {
    let mut world = World::new();
    world.pass(40, &[CALM]);
    world.pass(5, &[CALM, Party::OneTool { requests: 300, look: 0 }]);
    let tried = world.detector.promises.tried();
    assert!((1..8).contains(&tried), "{tried}");
    world.pass(2, &[CALM, Party::OneTool { requests: 300, look: 0 }]);
    assert_eq!(world.detector.promises.tried(), tried);
    world.pass(5, &[CALM, Party::OneTool { requests: 300, look: 7 }]);
    assert!(world.detector.promises.tried() > tried);
    world.pass(35, &[CALM]);
    assert!(world.detector.finding().is_none(), "{}", world.story);
    assert_eq!(world.detector.promises.tried(), 0);
}

#[test]
fn nothing_is_called_a_flood_before_a_hundred_visitors_are_known() {
    let mut world = World::new();
    world.pass(12, &[Party::Visits { people: 1, from: 4_000 }]);
    world.pass(10, &[Party::OneTool { requests: 300, look: 0 }]);
    let finding = world.detector.finding().unwrap();
    assert_eq!(finding.kind, IncidentKind::Unknown);
    assert!(matches!(finding.why, Why::TooFewKnown(_)), "{:?}", finding.why);
}

#[test]
fn who_came_once_before_a_flood_does_not_outvote_those_who_use_the_site() {
    let mut world = World::new();
    let people = Party::Visits { people: 8, from: 200 };
    world.pass(40, &[people, Party::Scouts { requests: 20 }]);
    let known = world.detector.visitors.reservoirs().unwrap();
    // What a ninth of the people show, and none of those who came once.
    let headers = Term::Is(Attribute::Headers, look(5).get(Attribute::Headers));
    let signature = Signature::new(&[headers]).unwrap();
    let certificate = certified(&signature, known, &mut Promises::default());
    let of_all = Certificate::with(ALPHA, touched(&signature, known));
    assert!(of_all.bound < PROVISIONAL_BUDGET, "{of_all:?}");
    assert!(certificate.bound > 1.5 * PROVISIONAL_BUDGET, "{certificate:?}");
}

#[test]
fn what_was_learned_survives_a_restart_and_is_refused_when_it_is_cut() {
    let tool = Party::OneTool { requests: 300, look: 0 };
    let mut world = World::new();
    world.pass(40, &[CALM]);
    world.pass(5, &[CALM, tool]);
    let bytes = world.detector.to_bytes(world.now);
    let mut again = World::new();
    assert!(!again.detector.restore(Moment(0), &bytes[..bytes.len() - 1]));
    assert!(!again.detector.restore(Moment(0), b"swlearn0"));
    // Hours of the week and signatures come first and have no sum of their own.
    for at in (0..2_000).step_by(97).chain((2_000..bytes.len()).step_by(20_011)) {
        let mut spoiled = bytes.clone();
        spoiled[at] ^= 4;
        assert!(!again.detector.restore(Moment(0), &spoiled), "byte {at} was changed");
    }
    assert!(again.detector.restore(Moment(0), &bytes));
    assert_eq!(again.detector.footing(), world.detector.footing());
    again.pass(1, &[CALM]);
    again.pass(1, &[CALM, tool]);
    let finding = again.detector.finding().unwrap();
    assert_eq!(finding.kind, IncidentKind::Flood);
    assert_eq!(finding.at, again.now);
}

#[test]
fn the_same_input_gives_the_same_findings() {
    let story = || {
        let mut world = World::new();
        world.pass(40, &[CALM]);
        world.pass(5, &[CALM, Party::RandomLooks { requests: 300 }]);
        (world.story, world.detector.to_bytes(world.now))
    };
    assert_eq!(story(), story());
}
