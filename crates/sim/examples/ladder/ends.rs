//! What becomes of measures when a flood ends, in a hundred floods, and when it comes again.

use crate::{files, threads};
use seawall_sim::Score;
use seawall_sim::defence::DefenceKind;
use seawall_sim::rate::moment;
use seawall_sim::scenario::{Prepared, Scenario, Setting};
use seawall_sim::score::{Calling, Deed, Done, Figure};
use seawall_types::Moment;
use std::fmt::Write as _;

const FOLDER: &str = "scenarios";
const OWN_FOLDER: &str = "scenarios/brain";
/// Floods that end at once.
const PLAYED: [&str; 10] = ["01", "02", "03", "06", "07", "08", "12", "13", "15", "18"];
const SEEDS: u64 = 10;
/// Seconds after a flood's end in which everything must be let go.
const LET_GO_WITHIN: f64 = 60.0;
/// Seconds that are played after an end.
const AFTER_S: f64 = 75.0;
/// When an end must be known to have been.
const RIGHT_WITHIN: f64 = 10.0;
/// Seconds that stand for never.
const NEVER: f64 = 999.0;
/// The flood that comes again.
const AGAIN: &str = "second-wave";

/// What one flood's end came to.
struct End {
    /// By how much what is said of the end is wrong; none when nothing is said.
    wrong_s: Option<f64>,
    /// Seconds from the end until the platform is called one without a flood, for good.
    recognised_s: f64,
    /// Times that an incident opened, or the platform was called one with a flood, after the end.
    flaps: u32,
    /// Measures that stand after the time in which they must be let go.
    left: u32,
}

/// The lines.
pub(crate) fn lines() -> Result<String, String> {
    let is_meant = |scenario: &Scenario| {
        PLAYED.iter().any(|number| scenario.name.split('-').next() == Some(number))
    };
    let mut scenarios = files::scenarios(FOLDER)?;
    scenarios.retain(is_meant);
    let prepared = scenarios.into_iter().map(|scenario| {
        let end = end_of(&scenario);
        let seconds = whole(end + AFTER_S);
        Prepared::new(Scenario { seconds, ..scenario }).map(|prepared| (prepared, end))
    });
    let prepared = prepared.collect::<Result<Vec<_>, _>>().map_err(|said| said.to_string())?;
    let trials: Vec<_> =
        prepared.iter().flat_map(|one| (1..=SEEDS).map(move |seed| (one, seed))).collect();
    let ends = threads::each(&trials, |((prepared, end), seed)| {
        play(prepared, *seed).map(|score| of(&score, *end))
    });
    let ends = ends.into_iter().collect::<Result<Vec<_>, _>>()?;
    let count = |is: fn(&End) -> bool| ends.iter().filter(|end| is(end)).count();
    let right = count(|end| end.wrong_s.is_some_and(|wrong| wrong <= RIGHT_WITHIN));
    let mut text = String::new();
    let _ = writeln!(text, "FIGURE ladder.ends {right} of {} trials", ends.len());
    let recognised = ends.iter().map(|end| end.recognised_s).fold(0.0, f64::max);
    let _ = writeln!(text, "FIGURE ladder.recognised_s {recognised} seconds");
    let flaps = ends.iter().map(|end| end.flaps).max().unwrap_or(0);
    let _ = writeln!(text, "FIGURE ladder.flaps {flaps} at most");
    let _ = writeln!(text, "FIGURE ladder.left {} trials", count(|end| end.left > 0));
    let _ = writeln!(text, "FIGURE ladder.second_wave_s {} seconds", second_wave()?);
    Ok(text)
}

fn play(prepared: &Prepared, seed: u64) -> Result<Score, String> {
    let setting = Setting { seed, defence: DefenceKind::Shield, times_normal: Some(3.0) };
    let scores = prepared.play(setting).map_err(|miscast| miscast.to_string())?;
    scores.into_iter().next().ok_or_else(|| "a scenario has a platform".to_owned())
}

fn of(score: &Score, end: f64) -> End {
    let since_end = |at: Moment| at.as_secs_f64() - end;
    let closed = score.deeds.iter().rev().find_map(|deed| match deed.what {
        Done::Closed(ended) => Some(since_end(ended).abs()),
        Done::Stands(..) | Done::Opened | Done::Called(_) => None,
    });
    let called = score.deeds.iter().rev().find_map(|deed| match deed.what {
        Done::Called(calling) => Some((calling, since_end(deed.at))),
        Done::Stands(..) | Done::Opened | Done::Closed(_) => None,
    });
    // Who calls it an incident again after the end flaps as well as who opens one.
    let begins = |deed: &&Deed| matches!(deed.what, Done::Opened | Done::Called(Calling::Incident));
    let opened = score.deeds.iter().filter(begins);
    let flaps = opened.filter(|deed| since_end(deed.at) > 0.0).count();
    let stands = score.deeds.iter().filter(|deed| since_end(deed.at) <= LET_GO_WITHIN);
    let left = stands.fold(0, |stands, deed| match deed.what {
        Done::Stands(measures, _) => measures,
        Done::Opened | Done::Closed(_) | Done::Called(_) => stands,
    });
    let recognised_s = match called {
        Some((Calling::Over, after_s)) if after_s >= 0.0 => after_s,
        // What is called over while it goes on is not recognised.
        Some((Calling::Over | Calling::Incident, _)) | None => NEVER,
    };
    let flaps = u32::try_from(flaps).unwrap_or(u32::MAX);
    End { wrong_s: closed, recognised_s, flaps, left }
}

/// Seconds from the begin of a wave that was seen before until a tenth of it comes through, at most.
fn second_wave() -> Result<f64, String> {
    let own = files::scenarios(OWN_FOLDER)?.into_iter().find(|own| own.name == AGAIN);
    let own = own.ok_or("there is no second wave")?;
    let begin = own.groups.iter().filter_map(|group| group.span).map(|span| span.from);
    let begin = begin.fold(0.0, f64::max);
    let prepared = Prepared::new(own).map_err(|miscast| miscast.to_string())?;
    let mut worst: f64 = 0.0;
    for seed in 1..=5 {
        let mut score = play(&prepared, seed)?;
        // What was before the wave is not what is asked about.
        let quarters = score.quarters.iter_mut().enumerate();
        quarters.filter(|(at, _)| moment(begin).0 > *at as u64 * 250_000_000).for_each(
            |(_, one)| {
                (one.flood_offered, one.flood_offered_ms) = (0, 0.0);
            },
        );
        worst = worst.max(score.summary().figure(Figure::Effective).unwrap_or(NEVER));
    }
    Ok(worst)
}

/// When the last flood of a scenario is over.
fn end_of(scenario: &Scenario) -> f64 {
    let spans = scenario.groups.iter().filter_map(|group| group.span);
    spans.map(|span| span.until).fold(0.0, f64::max)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a scenario"
)]
fn whole(seconds: f64) -> u32 {
    seconds.ceil() as u32
}
