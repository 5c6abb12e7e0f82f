use super::*;
use crate::detect::signature::Term;
use seawall_types::{Attribute, Trait};

const TOOL: u32 = 7;

fn signature(ja4: u32) -> Signature {
    Signature::new(&[Term::Is(Attribute::Ja4, Trait::new(ja4)), Term::Novel(Attribute::Agent)])
        .unwrap()
}

fn certificate(hits: u32, visitors: u32) -> Certificate {
    Certificate::with(0.003, (hits, visitors))
}

fn found(ja4: u32) -> Found {
    Found {
        signature: signature(ja4),
        certificate: certificate(0, 4_000),
        share_of_excess: 0.9,
        ms_per_s: 1_000.0,
    }
}

fn at(ticks: u64) -> Moment {
    Moment(ticks * 250_000_000)
}

/// A tick under pressure in which everything matches so much and touches nobody.
fn pressed(memory: &mut Memory, tick: u64, ms_per_s: f64) -> bool {
    tried(memory, tick, ms_per_s, |_| certificate(0, 4_000))
}

fn tried(
    memory: &mut Memory,
    tick: u64,
    ms_per_s: f64,
    mut certificate: impl FnMut(&Signature) -> Certificate,
) -> bool {
    let mut trial = Trial {
        is_pressed: true,
        excess_ms_per_s: Some(2_000.0),
        budget: 0.01,
        certificate: &mut certificate,
    };
    memory.tick(at(tick), &mut trial, |_| ms_per_s)
}

#[test]
fn windows_are_counted_once_a_second_and_five_of_them_count() {
    let mut memory = Memory::default();
    assert_eq!(memory.persistence(&signature(TOOL)), 0);
    memory.found(at(0), &found(TOOL));
    memory.found(at(1), &found(TOOL));
    assert_eq!(memory.persistence(&signature(TOOL)), 1);
    (1..20).for_each(|second| memory.found(at(4 * second), &found(TOOL)));
    assert_eq!(memory.persistence(&signature(TOOL)), CLEAN_MAX);
}

#[test]
fn a_signature_rests_after_a_second_under_a_fifth_of_its_peak_and_acts_on_its_first_tick_over_it() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    let acts = |memory: &mut Memory, tick, ms_per_s| {
        pressed(memory, tick, ms_per_s);
        !memory.active().is_empty()
    };
    assert!(acts(&mut memory, 1, 900.0));
    assert!(acts(&mut memory, 2, 150.0));
    assert!(acts(&mut memory, 4, 0.0));
    assert!(!acts(&mut memory, 5, 0.0));
    assert!(!acts(&mut memory, 6, 199.0));
    assert!(acts(&mut memory, 7, 201.0));
}

#[test]
fn what_rests_stays_at_rest_while_everything_can_be_served() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    (1..8).for_each(|tick| assert_eq!(pressed(&mut memory, tick, 0.0), tick == 4));
    let mut touches_nobody = |_: &Signature| certificate(0, 4_000);
    let mut calm = Trial {
        is_pressed: false,
        excess_ms_per_s: Some(2_000.0),
        budget: 0.01,
        certificate: &mut touches_nobody,
    };
    assert!(!memory.tick(at(9), &mut calm, |_| 900.0));
    assert!(memory.active().is_empty());
    assert!(pressed(&mut memory, 10, 900.0));
}

#[test]
fn a_full_memory_forgets_what_was_seen_longest_ago() {
    let mut memory = Memory::default();
    let all = u32::try_from(REMEMBERED_MAX).unwrap();
    for ja4 in 1..=all + 1 {
        memory.found(at(u64::from(ja4)), &found(ja4));
    }
    assert_eq!(memory.all.len(), REMEMBERED_MAX);
    assert_eq!(memory.persistence(&signature(1)), 0);
    assert_eq!(memory.persistence(&signature(all + 1)), 1);
}

#[test]
fn what_was_not_seen_for_a_week_is_forgotten() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    let ticks = u64::try_from(FORGOTTEN_AFTER.as_millis() / 250).unwrap();
    pressed(&mut memory, ticks - 1, 0.0);
    assert!(!memory.is_empty());
    pressed(&mut memory, ticks, 0.0);
    assert!(memory.is_empty());
}

#[test]
fn a_second_wave_is_known_after_a_restart_at_its_first_tick() {
    let mut memory = Memory::default();
    (0..9).for_each(|second| memory.found(at(4 * second), &found(TOOL)));
    let mut bytes = Vec::new();
    memory.put(&mut bytes);
    bytes.push(42);
    let (mut again, rest) = Memory::take(at(1), &bytes).unwrap();
    assert_eq!(rest, [42]);
    assert!(again.active().is_empty());
    assert_eq!(again.persistence(&signature(TOOL)), CLEAN_MAX);
    assert!(pressed(&mut again, 2, 400.0));
    assert_eq!(again.active()[0].certificate, certificate(0, 4_000));
}

#[test]
fn what_acts_again_is_certified_on_the_visitors_of_today() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    memory.episode_is_over();
    assert!(memory.active().is_empty());
    let today = certificate(1, 8_000);
    assert!(tried(&mut memory, 1, 900.0, |_| today));
    assert_eq!(memory.active()[0].certificate, today);
}

#[test]
fn what_rests_between_two_pulses_describes_the_next_before_it_is_seen() {
    let mut memory = Memory::default();
    // Where nobody is known nothing is new, so this one names a value alone.
    let alone = Signature::new(&[Term::Is(Attribute::Ja4, Trait::new(TOOL))]).unwrap();
    memory.found(at(0), &Found { signature: alone, ..found(TOOL) });
    let nobody = Known::nobody();
    let tool = Traits::default()
        .with(Attribute::Ja4, Trait::new(TOOL))
        .with(Attribute::Agent, Trait::new(9));
    (1..8).for_each(|tick| assert_eq!(pressed(&mut memory, tick, 0.0), tick == 4));
    assert!(memory.active().is_empty());
    assert!(memory.describes(&tool, &nobody));
    memory.episode_is_over();
    assert!(!memory.describes(&tool, &nobody));
    assert!(pressed(&mut memory, 9, 900.0));
    assert!(memory.describes(&tool, &nobody));
}

#[test]
fn what_was_new_of_a_pulse_is_kept_for_the_next_whose_look_is_another() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    let general = |attribute| Signature::new(&[Term::Novel(attribute)]).unwrap();
    let [ja4, h2] = [Attribute::Ja4, Attribute::H2].map(general);
    memory.was_clean(at(0), &[signature(TOOL), ja4, h2, general(Attribute::Route)]);
    // Visitors show few values of one thing and many of another.
    let values = |attribute| if attribute == Attribute::H2 { 9 } else { 200 };
    assert_eq!(memory.general(values), None, "it goes on");
    (1..8).for_each(|tick| assert_eq!(pressed(&mut memory, tick, 0.0), tick == 4));
    assert_eq!(memory.general(values), Some((h2, 1_000.0)));
    memory.prepare(Some(Found { signature: h2, ..found(TOOL) }));
    assert_eq!(memory.general(values), None, "one is enough");
    let shows =
        |signature: Signature| move |one: &Signature| if *one == signature { 500.0 } else { 0.0 };
    let mut touches_nobody = |_: &Signature| certificate(0, 4_000);
    let mut trial = |is_pressed, memory: &mut Memory, signature| {
        let mut trial = Trial {
            is_pressed,
            excess_ms_per_s: Some(2_000.0),
            budget: 0.01,
            certificate: &mut touches_nobody,
        };
        memory.tick(at(9), &mut trial, shows(signature));
        memory.active().iter().map(|one| one.signature).collect::<Vec<_>>()
    };
    assert_eq!(trial(false, &mut memory, h2), [], "all can be served");
    assert_eq!(trial(true, &mut memory, h2), [h2]);
    assert_eq!(memory.prepared(), None);
    let share = memory.active()[0].share_of_excess;
    assert!((share - 0.25).abs() < 1e-9, "of what it matched as it woke: {share}");
}

#[test]
fn what_cannot_be_promised_is_not_tried_again_before_the_episode_is_over() {
    let mut memory = Memory::default();
    let h2 = Signature::new(&[Term::Novel(Attribute::H2)]).unwrap();
    let rests = |memory: &mut Memory| {
        memory.found(at(0), &found(TOOL));
        memory.was_clean(at(0), &[h2]);
        (1..8).for_each(|tick| {
            pressed(memory, tick, 0.0);
        });
        memory.general(|_| 9)
    };
    assert_eq!(rests(&mut memory), Some((h2, 1_000.0)));
    memory.prepare(None);
    assert_eq!((memory.general(|_| 9), memory.prepared()), (None, None));
    memory.episode_is_over();
    assert_eq!(rests(&mut memory), Some((h2, 1_000.0)), "of another episode");
}

#[test]
fn a_pulse_of_the_same_look_needs_nothing_more_general_and_an_end_forgets_it() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    (1..8).for_each(|tick| assert_eq!(pressed(&mut memory, tick, 0.0), tick == 4));
    let h2 = Signature::new(&[Term::Novel(Attribute::H2)]).unwrap();
    memory.prepare(Some(Found { signature: h2, ..found(TOOL) }));
    assert!(pressed(&mut memory, 9, 900.0));
    assert_eq!(
        memory.active().iter().map(|one| one.signature).collect::<Vec<_>>(),
        [signature(TOOL)]
    );
    assert!(memory.prepared().is_some());
    memory.episode_is_over();
    assert_eq!(memory.prepared(), None);
}

#[test]
fn what_touches_too_many_visitors_of_today_never_acts_again() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    memory.episode_is_over();
    assert!(!tried(&mut memory, 1, 900.0, |_| certificate(200, 8_000)));
    assert!(memory.is_empty());
}

#[test]
fn what_acts_again_stays_in_the_budget_of_all_and_the_rest_goes_on_resting() {
    let mut memory = Memory::default();
    (1..=6).for_each(|ja4| memory.found(at(0), &found(ja4)));
    memory.episode_is_over();
    // Each is bounded at 0.29 %: three fit into one percent.
    assert!(tried(&mut memory, 1, 900.0, |_| certificate(0, 2_000)));
    assert_eq!(memory.active().len(), 3);
    assert_eq!(memory.all.len(), 6);
}

#[test]
fn bytes_that_are_cut_or_senseless_are_refused() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    let mut bytes = Vec::new();
    memory.put(&mut bytes);
    for length in 0..bytes.len() {
        assert!(Memory::take(at(0), &bytes[..length]).is_none(), "{length}");
    }
    let with = |place: usize, byte: u8| {
        let mut wrong = bytes.clone();
        wrong[place] = byte;
        Memory::take(at(0), &wrong).is_none()
    };
    assert!(with(0, 200), "more than can be remembered");
    assert!(with(1, 9), "no kind of term");
    assert!(with(2, 99), "no attribute");
}

#[test]
fn what_wakes_while_no_more_is_listed_than_is_usual_keeps_its_share() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    (1..8).for_each(|tick| assert_eq!(pressed(&mut memory, tick, 0.0), tick == 4));
    let h2 = Signature::new(&[Term::Novel(Attribute::H2)]).unwrap();
    memory.prepare(Some(Found { signature: h2, ..found(TOOL) }));
    let mut touches_nobody = |_: &Signature| certificate(0, 4_000);
    let certificate = &mut touches_nobody;
    let mut trial = Trial { is_pressed: true, excess_ms_per_s: None, budget: 0.01, certificate };
    memory.tick(at(9), &mut trial, |one| if *one == h2 { 500.0 } else { 0.0 });
    let active: Vec<_> =
        memory.active().iter().map(|one| (one.signature, one.share_of_excess)).collect();
    assert_eq!(active, [(h2, found(TOOL).share_of_excess)]);
}
