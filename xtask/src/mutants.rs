//! Makes the detector and the ladder wrong in ways that were chosen, and sees that a named test notices each.
//!
//! Works on a copy under `target/mutants`; the checkout stays as it is.
//! A mutant that its test lets live fails the chore, and so does one whose text is no longer there.
//! Bounds: [`LIMIT`] for each mutant.

use crate::shell::{self, Failure};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What one build and one test may take.
const LIMIT: Duration = Duration::from_mins(10);
/// What is copied.
const COPIED: [&str; 4] = ["Cargo.toml", "Cargo.lock", "crates", "xtask"];
const DETECTOR: &str = "crates/engine/src/detect";
const POLICY: &str = "crates/engine/src/policy";

/// A deliberate fault and the test that must notice it.
struct Mutant {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    test: &'static str,
}

const fn mutant(
    file: &'static str,
    (from, to): (&'static str, &'static str),
    test: &'static str,
) -> Mutant {
    Mutant { file, from, to, test }
}

const OF_DETECTOR: [Mutant; 16] = [
    mutant(
        "pressure.rs",
        ("LOOKS_AT: f64 = 0.85", "LOOKS_AT: f64 = 8.5"),
        "one_tick_far_over_capacity_is_enough_to_look",
    ),
    mutant(
        "pressure.rs",
        ("LOOKS_AT_ONCE: f64 = 1.2", "LOOKS_AT_ONCE: f64 = 0.2"),
        "one_tick_far_over_capacity_is_enough_to_look",
    ),
    mutant(
        "pressure.rs",
        ("Duration::from_mins(10)", "Duration::from_secs(1)"),
        "visitors_are_learned_before_pressure",
    ),
    mutant(
        "baseline.rs",
        ("if is_calm && self.ramp.gained < RAMP_AT", "if self.ramp.gained < f64::MAX"),
        "what_is_usual_is_not_moved_by_what_is_not_calm",
    ),
    mutant("baseline.rs", ("*demand <= over", "*demand >= over"), "the_onset_of_a_step"),
    mutant(
        "baseline.rs",
        ("RAMP_SLACK: f64 = 1.0", "RAMP_SLACK: f64 = -1.0"),
        "a_ramp_is_dated_from_its_first_seconds_and_noise_is_no_ramp",
    ),
    mutant(
        "held_back.rs",
        ("from_secs(10)", "from_secs(0)"),
        "visitors_of_calm_times_are_not_those_who_came_shortly_before_a_flood",
    ),
    mutant(
        "memory.rs",
        ("RESTS_UNDER: f64 = 0.2", "RESTS_UNDER: f64 = 0.01"),
        "a_signature_rests_after_a_second_under_a_fifth_of_its_peak",
    ),
    mutant(
        "memory.rs",
        ("known.is_active |= is_pressed", "known.is_active |= true"),
        "what_rests_stays_at_rest_while_everything_can_be_served",
    ),
    mutant(
        "memory.rs",
        (".min_by_key(", ".max_by_key("),
        "a_full_memory_forgets_what_was_seen_longest_ago",
    ),
    mutant(
        "memory/bytes.rs",
        ("clean_windows: clean_windows.min(CLEAN_MAX)", "clean_windows: 0"),
        "a_second_wave_is_known_after_a_restart",
    ),
    mutant(
        "manners.rs",
        ("GOES_ON_FROM: u32 = 3", "GOES_ON_FROM: u32 = 1"),
        "who_loads_a_page_with_its_parts_goes_on",
    ),
    mutant(
        "manners.rs",
        ("sender.first_at >= since && sender.is_served", "sender.first_at >= since"),
        "who_came_before_and_who_was_kept_out_are_not_asked",
    ),
    mutant(
        "verdict.rs",
        ("KNOWN_MIN: u32 = 100", "KNOWN_MIN: u32 = 0"),
        "nothing_is_called_a_flood_before_a_hundred_visitors_are_known",
    ),
    mutant(
        "verdict.rs",
        ("AS_VISITORS: f64 = 0.5", "AS_VISITORS: f64 = 5.0"),
        "unlike_clients_are_a_flood_unless_they_go_about_as_visitors_do",
    ),
    mutant(
        "detector.rs",
        (
            "OVER_AFTER: Duration = Duration::from_secs(30)",
            "OVER_AFTER: Duration = Duration::from_secs(3)",
        ),
        "one_tool_is_a_flood_from_its_first_tick_to_half_a_minute_after_it",
    ),
];

const OF_POLICY: [Mutant; 14] = [
    mutant(
        "climb.rs",
        ("CONVICTS_UNDER: f64 = 0.03", "CONVICTS_UNDER: f64 = 0.3"),
        "who_fails_one_time_in_twenty_is_not_refused",
    ),
    mutant(
        "climb.rs",
        ("TRIALS_MIN: u32 = 300", "TRIALS_MIN: u32 = 30"),
        "fewer_than_three_hundred_trials_convict_nobody",
    ),
    mutant(
        "climb.rs",
        ("AMBIGUOUS_FROM: f64 = 0.2", "AMBIGUOUS_FROM: f64 = 2.0"),
        "where_people_pass_a_measure_only_puts_last",
    ),
    mutant(
        "climb.rs",
        ("DROPS_FROM: f64 = 3.0", "DROPS_FROM: f64 = 1.0"),
        "nothing_is_dropped_while_refusing_holds",
    ),
    mutant(
        "climb.rs",
        ("IncidentKind::Surge) => Rung::Lane", "IncidentKind::Surge) => Rung::Drop"),
        "a_crowd_is_put_last_and_never_challenged",
    ),
    mutant(
        "climb.rs",
        ("HOLD_MIN: Duration = Duration::from_secs(30)", "HOLD_MIN: Duration = Duration::ZERO"),
        "nothing_is_let_go_before_half_a_minute_of_ease",
    ),
    mutant(
        "climb.rs",
        ("self.hold = (2 * self.hold).min(HOLD_MAX);\n            return", "return"),
        "what_comes_again_is_met_at_once_and_held_for_twice_as_long",
    ),
    mutant(
        "trial.rs",
        ("RIPE_AFTER: Duration = Duration::from_secs(10)", "RIPE_AFTER: Duration = Duration::ZERO"),
        "nobody_has_failed_before_there_was_time_to_pass",
    ),
    mutant(
        "trial.rs",
        ("LIVE: Duration = Duration::from_mins(1)", "LIVE: Duration = Duration::from_secs(600)"),
        "what_is_a_minute_old_tells_nothing_any_more",
    ),
    mutant(
        "budget.rs",
        ("(Rung::Refuse, 0.002)", "(Rung::Refuse, 0.02)"),
        "a_certificate_decides_how_far_a_measure_may_go",
    ),
    mutant(
        "budget.rs",
        ("*level <= rung", "*level == rung"),
        "what_is_dropped_must_fit_every_budget",
    ),
    mutant(
        "collateral.rs",
        ("met > 0 &&", "met > came &&"),
        "a_promise_is_broken_when_chance_does_not_explain_what_was_met",
    ),
    mutant(
        "ladder.rs",
        (
            "OVERFLOWS_AFTER: Duration = Duration::from_secs(2)",
            "OVERFLOWS_AFTER: Duration = Duration::ZERO",
        ),
        "strangers_are_challenged_after_two_seconds",
    ),
    mutant(
        "rules.rs",
        ("if self.allow.contains(asked.address) { None } else", "if false { None } else"),
        "ten_thousand_events_of_any_kind_never_touch_an_allowed_address",
    ),
];

/// Tries every mutant.
pub(crate) fn chore(root: &Path) -> Result<(), Failure> {
    let folder = root.join("target").join("mutants");
    let tree = folder.join("tree");
    let _ = fs::remove_dir_all(&tree);
    for part in COPIED {
        copy(&root.join(part), &tree.join(part))
            .map_err(|cause| Failure::of(format!("copy {part}"), cause))?;
    }
    let mut alive = Vec::new();
    let all = OF_DETECTOR.iter().map(|mutant| (DETECTOR, mutant));
    let all = all.chain(OF_POLICY.iter().map(|mutant| (POLICY, mutant)));
    for (sources, Mutant { file, from, to, test }) in all {
        let path = tree.join(sources).join(file);
        let sound = fs::read_to_string(&path)
            .map_err(|cause| Failure::of(format!("read {}", path.display()), cause))?;
        if !sound.contains(from) {
            return Err(Failure::new(format!("{file} no longer holds {from:?}")));
        }
        write(&path, &sound.replacen(from, to, 1))?;
        let notices = !passes(&tree, &folder, test)?;
        write(&path, &sound)?;
        println!("{file}: {from:?} as {to:?}: {}", if notices { "noticed" } else { "ALIVE" });
        if !notices {
            alive.push(format!("{file}: {to:?} is not noticed by {test}"));
        }
    }
    if alive.is_empty() { Ok(()) } else { Err(Failure::new(alive.join("\n"))) }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|cause| Failure::of(format!("write {}", path.display()), cause))
}

/// Whether a test of the copy passes; a mutant that does not compile passes, since no test saw it.
fn passes(tree: &Path, folder: &Path, test: &str) -> Result<bool, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = |words: &[&str]| {
        let mut command = shell::timed(LIMIT, &cargo);
        command.args(["test", "-q", "-p", "seawall-engine", "--lib"]).args(words);
        command.current_dir(tree).env("CARGO_TARGET_DIR", folder.join("build"));
        command.output().map_err(|cause| Failure::of("run cargo", cause))
    };
    if !run(&["--no-run"])?.status.success() {
        return Ok(true);
    }
    Ok(run(&[test])?.status.success())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_file() {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        return fs::copy(from, to).map(drop);
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
