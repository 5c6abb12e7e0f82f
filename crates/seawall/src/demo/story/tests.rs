use super::*;
use crate::demo::floods::FloodCount;
use seawall_engine::{PlatformSnapshot, PlatformState, Snapshot};
use seawall_stage::{OriginLoad, PlatformOutcome, VisitorReport};
use seawall_types::{Reason, Rung, Verdict};
use std::sync::Arc;

const DONATE: PlatformId = PlatformId(1);

/// What everyone has counted for one platform since the start.
#[derive(Clone, Copy)]
struct Counted {
    state: PlatformState,
    pressure: f64,
    admitted: u64,
    stopped: u64,
    visitors_ok: u64,
    visitors_failed: u64,
    p99_ms: u64,
}

const QUIET: Counted = Counted {
    state: PlatformState::Calm,
    pressure: 0.01,
    admitted: 100,
    stopped: 0,
    visitors_ok: 100,
    visitors_failed: 0,
    p99_ms: 30,
};

fn at_ms(ms: u64) -> Moment {
    Moment(ms * 1_000_000)
}

/// www and events stand still; donate is as it was counted.
fn look(ms: u64, donate: Counted) -> Look {
    let all = [QUIET, donate, QUIET];
    let snapshot = |counted: Counted| {
        let mut totals = [[0; Reason::COUNT]; Verdict::COUNT];
        totals[Verdict::Admit.index()][Reason::Clear.index()] = counted.admitted;
        totals[Verdict::Limit.index()][Reason::Rate.index()] = counted.stopped;
        PlatformSnapshot {
            state: counted.state,
            pressure: Some(counted.pressure),
            totals,
            ..PlatformSnapshot::default()
        }
    };
    let outcome = |counted: Counted| PlatformOutcome {
        host: String::new(),
        sessions: 0,
        ok: counted.visitors_ok,
        refused: [0; Verdict::COUNT],
        failed: counted.visitors_failed,
        errors: 0,
        timeouts: 0,
        latency: std::iter::repeat_n(Duration::from_millis(counted.p99_ms), 8).collect(),
    };
    let origin = |counted: Counted| OriginLoad {
        served: [counted.admitted, 0, 0, 0],
        busy_ms: counted.admitted * 40,
        queue_wait_ms: counted.admitted * 12,
        ..OriginLoad::default()
    };
    Look {
        at: at_ms(ms),
        shield: Arc::new(Snapshot {
            at: at_ms(ms),
            platforms: all.map(snapshot).to_vec(),
            ..Snapshot::default()
        }),
        visitors: VisitorReport { platforms: all.map(outcome).to_vec() },
        origins: all.map(origin).to_vec(),
        flood: FloodCount {
            sent: counted_by_flood(donate),
            limited: donate.stopped,
            ..FloodCount::default()
        },
    }
}

/// All that was stopped, and what the origin did beyond the visitors.
fn counted_by_flood(donate: Counted) -> u64 {
    donate.stopped + donate.admitted - donate.visitors_ok
}

fn story() -> Story {
    Story::new(Cast::fitting(20_000).unwrap(), look(2_000, QUIET))
}

fn began() -> Effect {
    Effect::MitigationBegan(MitigationBegan {
        platform: DONATE,
        at: at_ms(18_600),
        rung: Rung::Limit,
        stopped_rps: 1_351.4,
        sources: 200,
        pressure: Some(1.96),
    })
}

/// Donate while the limit acts.
fn flooded(admitted: u64, stopped: u64) -> Counted {
    Counted {
        state: PlatformState::Watch,
        pressure: 0.19,
        admitted,
        stopped,
        visitors_ok: 140,
        p99_ms: 95,
        ..QUIET
    }
}

#[test]
fn a_flood_is_told_from_calm_to_calm_with_what_each_counted() {
    let mut story = story();
    let calm = Counted { admitted: 130, visitors_ok: 130, ..QUIET };
    let mut lines = story.tick(look(7_000, calm));
    story.flood_begins(look(17_000, calm));
    lines.extend(story.hear(&began(), look(19_000, flooded(5_000, 600))));
    let relieved = Effect::Relieved(Relieved {
        platform: DONATE,
        at: at_ms(19_500),
        began_at: at_ms(18_600),
        pressure: 0.24,
    });
    lines.extend(story.hear(&relieved, look(20_200, flooded(5_400, 4_400))));
    lines.extend(story.tick(look(22_000, flooded(6_200, 10_200))));
    lines.extend(story.tick(look(27_000, flooded(8_300, 26_200))));
    let ended = Effect::MitigationEnded(MitigationEnded {
        platform: DONATE,
        at: at_ms(27_000),
        began_at: at_ms(18_600),
        stopped: 26_200,
        admitted: 3_400,
        peak_stopped_rps: 3_204.0,
    });
    lines.extend(
        story.hear(&ended, look(32_000, Counted { admitted: 8_310, visitors_ok: 150, ..calm })),
    );
    let text: Vec<_> = lines.iter().map(ToString::to_string).collect();
    let expected = "   \
5.0  calm        shield: www 0, donate 6, events 0 rps | visitors ok: 100 % of 30 | origin of donate: 0.2 % busy
  17.0  mitigation  donate: per-source limit acts, 429 to 200 sources | shield: 1,351 rps stopped, demand 2.0 x capacity | its origin: 97.4 % busy, 12 ms in line
  18.2  relief      donate: demand back in its bound 0.9 s after the limit began to act | shield: 0.24 x capacity | its visitors ok: 100 % of 10, p99 98 ms
  20.0  mitigation  donate | shield: 3,200 rps stopped, 400 rps admitted, demand 0.19 x capacity | its visitors ok: none came | flood: 3,600 rps sent
  25.0  mitigation  donate | shield: 3,200 rps stopped, 420 rps admitted, demand 0.19 x capacity | its visitors ok: none came | flood: 3,620 rps sent
  30.0  end         donate: nothing to stop since 25.0 s | shield: 26,200 stopped, 3,400 admitted, peak 3,204 rps stopped | visitors ok: www none came, donate 100 % of 10, events none came";
    assert_eq!(text.join("\n"), expected);
}

#[test]
fn an_overrun_that_nothing_acts_against_yet_is_not_called_calm() {
    let mut story = story();
    let overrun = Counted { state: PlatformState::Watch, pressure: 1.9, ..QUIET };
    assert_eq!(story.tick(look(7_000, overrun)), []);
    assert_eq!(story.tick(look(12_000, QUIET)).len(), 1);
}

#[test]
fn what_was_told_a_moment_ago_is_not_told_again_at_once() {
    let mut story = story();
    story.hear(&began(), look(19_000, flooded(5_000, 600)));
    assert_eq!(story.tick(look(19_900, flooded(5_100, 900))), []);
    let lines = story.tick(look(24_900, flooded(7_000, 16_900)));
    assert_eq!(lines[0].word, Word::Mitigation);
    assert!(lines[0].text.contains("3,200 rps stopped"), "{}", lines[0]);
}

#[test]
fn visitors_who_failed_are_told_and_not_rounded_away() {
    let mut story = story();
    let failed = Counted { admitted: 1_100, visitors_ok: 1_099, visitors_failed: 1, ..QUIET };
    let lines = story.tick(look(7_000, failed));
    assert!(lines[0].text.contains("visitors ok: 99.9 % of 1,000"), "{}", lines[0]);
}

#[test]
fn demand_that_did_not_come_back_is_never_told_as_relief() {
    let mut story = story();
    story.hear(&began(), look(19_000, flooded(5_000, 600)));
    let mut over = flooded(7_000, 16_900);
    over.pressure = 1.7;
    let lines = story.tick(look(24_000, over));
    assert_eq!(lines[0].word, Word::Mitigation);
    assert!(lines[0].text.contains("demand 1.7 x capacity"), "{}", lines[0]);
}
