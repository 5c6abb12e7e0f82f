//! Faults of the detector.

use super::{Mutant, mutant};

pub(super) const FAULTS: [Mutant; 36] = [
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
        ("if trial.is_pressed && !known.is_active", "if !known.is_active"),
        "what_rests_stays_at_rest_while_everything_can_be_served",
    ),
    mutant(
        "memory.rs",
        (".min_by_key(", ".max_by_key("),
        "a_full_memory_forgets_what_was_seen_longest_ago",
    ),
    mutant(
        "memory/prepared.rs",
        ("if !trial.is_pressed || self.all", "if self.all"),
        "what_was_new_of_a_pulse_is_kept_for_the_next_whose_look_is_another",
    ),
    mutant(
        "memory/prepared.rs",
        ("if self.was_prepared || self.all", "if self.prepared.is_some() || self.all"),
        "what_cannot_be_promised_is_not_tried_again_before_the_episode_is_over",
    ),
    mutant(
        "detector/telling.rs",
        ("(now, &active) / excess,", "(now, &active) / now.reading.demand_ms_per_s,"),
        "what_is_covered_is_of_what_was_listed_in_the_same_tick",
    ),
    mutant(
        "reservoir.rs",
        ("EVEN_UNDER: u32 = 32", "EVEN_UNDER: u32 = 0"),
        "few_visitors_are_divided_evenly_and_stay_where_they_are_whatever_the_seed",
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
    mutant(
        "memory.rs",
        ("if touches_too_many {", "if certificate.bound > 1.0 {"),
        "what_touches_too_many_visitors_of_today_never_acts_again",
    ),
    mutant(
        "memory.rs",
        ("spent + certificate.bound <= trial.budget", "certificate.bound <= trial.budget"),
        "what_acts_again_stays_in_the_budget_of_all_and_the_rest_goes_on_resting",
    ),
    mutant(
        "memory.rs",
        ("|known| now.since(known.seen_at) < FORGOTTEN_AFTER", "|_| true"),
        "what_was_not_seen_for_a_week_is_forgotten",
    ),
    mutant(
        "search.rs",
        ("certificate.bound <= budget - spent)", "certificate.bound <= 1.0)"),
        "a_description_that_unseen_visitors_contradict_is_not_given",
    ),
    mutant(
        "signature.rs",
        ("self.terms().all(", "self.terms().any("),
        "a_flood_whose_tool_visitors_use_too_is_described_by_more_than_the_tool",
    ),
    mutant(
        "reservoir/crowd.rs",
        ("OF_SOURCE_LEAST: u32 = 4", "OF_SOURCE_LEAST: u32 = 4_000"),
        "one_address_that_rotates_its_clients_is_no_crowd_of_visitors",
    ),
    mutant(
        "pressure.rs",
        (
            "let offered_pressure = self.mean(&self.last_offered) / capacity;",
            "let offered_pressure = pressure;",
        ),
        "what_a_limit_stops_is_looked_at_and_keeps_nobody_from_being_learned",
    ),
    mutant(
        "detector/open.rs",
        ("if ticks < needed", "if ticks < needed || kind == IncidentKind::Unknown"),
        "a_flood_does_not_stay_one_for_ever",
    ),
    mutant(
        "detector/bytes.rs",
        ("if checksum(body).to_le_bytes() != *sum", "if checksum(body) == 0 && sum.is_empty()"),
        "what_was_learned_survives_a_restart_and_is_refused_when_it_is_cut",
    ),
    mutant(
        "memory.rs",
        ("one.is_of_episode &&", "one.is_active &&"),
        "what_rests_between_two_pulses_describes_the_next_before_it_is_seen",
    ),
    mutant(
        "pressure.rs",
        ("CALM_TIMES_USUAL: f64 = 1.5", "CALM_TIMES_USUAL: f64 = 0.5"),
        "where_two_thirds_of_the_capacity_are_usual_visitors_are_learned_up_to_all_of_it",
    ),
    mutant(
        "verdict.rs",
        ("BY_CHANCE: f64 = 2.0", "BY_CHANCE: f64 = 0.0"),
        "usual_visitors_beside_what_is_kept_out_make_no_surge",
    ),
    mutant(
        "verdict.rs",
        ("GOES_ELSEWHERE: f64 = 0.2", "GOES_ELSEWHERE: f64 = 2.0"),
        "who_gets_nothing_and_goes_on_to_other_things_is_no_crowd",
    ),
    mutant(
        "unserved.rs",
        ("f64::from(request.cost_us) <= cheap_us", "f64::from(request.cost_us) < 0.0"),
        "parts_of_a_page_and_visitors_who_are_known_say_nothing",
    ),
    mutant(
        "verdict.rs",
        ("AS_EVER: f64 = 0.8", "AS_EVER: f64 = 0.5"),
        "who_does_as_such_clients_always_do_is_a_surge_unless_no_visitor_is_like_it",
    ),
    mutant(
        "habits.rs",
        ("asks.cost - usual * all * asked.share_of_cost", "asks.cost"),
        "what_is_usual_of_a_kind_is_no_excess_of_it",
    ),
];
