//! Faults of the ladder and of what it stands on.

use super::{Mutant, mutant};

pub(super) const FAULTS: [Mutant; 24] = [
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
        (
            "self.hold = (2 * self.hold).min(HOLD_MAX);\n            // What was proven",
            "// What was proven",
        ),
        "what_comes_again_is_met_at_once_and_held_for_twice_as_long",
    ),
    mutant(
        "trial.rs",
        ("RIPE_AFTER: Duration = Duration::from_secs(10)", "RIPE_AFTER: Duration = Duration::ZERO"),
        "nobody_has_failed_before_there_was_time_to_pass",
    ),
    mutant(
        "trial.rs",
        ("LIVE: Duration = Duration::from_mins(1)", "LIVE: Duration = Duration::from_mins(10)"),
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
        ("met >= MET_MIN &&", "met > came &&"),
        "a_promise_is_broken_when_chance_does_not_explain_what_was_met",
    ),
    mutant(
        "ladder/strangers.rs",
        (
            "OVERFLOWS_AFTER: Duration = Duration::from_secs(2)",
            "OVERFLOWS_AFTER: Duration = Duration::ZERO",
        ),
        "strangers_are_challenged_after_two_seconds",
    ),
    mutant(
        "ladder/strangers.rs",
        ("VISITORS_MIN: u32 = 100", "VISITORS_MIN: u32 = 1"),
        "nobody_is_asked_where_fewer_than_a_hundred_visitors_are_known",
    ),
    mutant(
        "ladder/strangers.rs",
        ("MORE_THAN_USUAL: f64 = 1.5", "MORE_THAN_USUAL: f64 = 1.0"),
        "an_origin_that_carries_less_is_no_reason_to_ask_anybody",
    ),
    mutant(
        "climb.rs",
        ("CROWD_FROM: f64 = 0.5", "CROWD_FROM: f64 = 2.0"),
        "a_crowd_that_passes_is_let_go_within_seconds_and_asked_again_later",
    ),
    mutant(
        "climb.rs",
        ("What::Strangers => Step::LetGo,", "What::Strangers => Step::Stay,"),
        "below_capacity_nobody_is_asked_for_longer_than_ten_seconds",
    ),
    mutant(
        "budget.rs",
        ("Footing::Calm | Footing::Nobody", "Footing::Calm | Footing::Nobody | Footing::Proven"),
        "on_the_first_day_more_may_be_challenged_together_and_no_more_refused",
    ),
    mutant(
        "trial.rs",
        ("SENDERS_MAX: usize = 16_384", "SENDERS_MAX: usize = 32_768"),
        "of_more_senders_the_same_half_counts_with_what_it_did_before",
    ),
    mutant(
        "trial.rs",
        (
            "let is_left = sender.passed < sender.challenged.min(OF_SOURCE_MAX);",
            "let is_left = true;",
        ),
        "one_sender_that_solves_again_and_again_has_no_refusal_withdrawn",
    ),
    mutant(
        "rules.rs",
        ("if self.allow.contains(asked.address) { None } else", "if false { None } else"),
        "ten_thousand_events_of_any_kind_never_touch_an_allowed_address",
    ),
    mutant(
        "ladder/prepared.rs",
        ("} else if !sight.prepared.as_ref().is_some_and(is_own) {", "} else if false {"),
        "what_is_waited_for_is_let_go_with_the_episode_in_which_it_may_come",
    ),
    mutant(
        "measure.rs",
        ("if self.version == known.version()", "if self.version <= known.version()"),
        "who_becomes_known_while_a_flood_rests_is_not_new_any_more",
    ),
    mutant(
        "ladder/prepared.rs",
        ("self.platform, Rung::Lane", "self.platform, Rung::Refuse"),
        "what_a_flood_may_come_again_with_is_put_last_and_challenged_once_it_does",
    ),
];
