//! How much faster than it happened an incident is replayed, as a line `FIGURE <name> <number> x`.
//!
//! `cargo run --profile system -p seawall-sim --example replay_speed`
//!
//! Records a flood of one tool at ten times the usual rate, replays all of it and then the calm part
//! alone, reading included; the difference is what the incident took.

use seawall_sim::defence::DefenceKind;
use seawall_sim::replay::{Plan, Recording, play};
use seawall_sim::scenario::{Prepared, Scenario, Setting, record};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const SCENARIO: &str = include_str!("../../../scenarios/01-one-tool.toml");
/// Times that each is replayed; the fastest counts.
const TIMES: u32 = 3;

fn main() -> ExitCode {
    match measure() {
        Ok(times) => {
            println!("FIGURE brain.replay_x {times:.0} x");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<f64, String> {
    let scenario = Scenario::parse(SCENARIO, "01-one-tool").map_err(|faults| faults.to_string())?;
    let prepared = Prepared::new(scenario).map_err(|miscast| miscast.to_string())?;
    let event = prepared.event().ok_or("the scenario has no event")?;
    let (mut whole, mut calm) = (String::new(), String::new());
    let mut sink = |line: &str| {
        let t = line.strip_prefix("{\"t\":").and_then(|rest| rest.split(',').next());
        let t = t.and_then(|t| t.parse::<f64>().ok()).unwrap_or(f64::MAX);
        // What comes after the incident is left out of both.
        if t < event.until {
            whole.push_str(line);
        }
        if t < event.from {
            calm.push_str(line);
        }
    };
    let setting = Setting { seed: 1, defence: DefenceKind::Nothing, times_normal: None };
    record::play(&prepared, setting, &mut sink).map_err(|miscast| miscast.to_string())?;
    let took = fastest(&whole)?.saturating_sub(fastest(&calm)?);
    Ok((event.until - event.from) / took.as_secs_f64())
}

fn fastest(lines: &str) -> Result<Duration, String> {
    let mut best = Duration::MAX;
    for _ in 0..TIMES {
        best = best.min(replay(lines)?);
    }
    Ok(best)
}

#[expect(clippy::disallowed_methods, reason = "a measurement of machine time")]
fn replay(lines: &str) -> Result<Duration, String> {
    let began = Instant::now();
    let mut recording = Recording::new();
    recording.add("incident.jsonl", lines.as_bytes()).map_err(|more| more.to_string())?;
    let recorded = recording.finish();
    let outcome = play(&recorded, Plan::without_configuration(&recorded, 1), &mut |_| {});
    if outcome.summary.incidents.is_empty() && lines.len() > 10_000_000 {
        return Err("the replay knows of no incident".to_owned());
    }
    Ok(began.elapsed())
}
