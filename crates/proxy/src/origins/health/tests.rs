use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn at(ms: u64) -> Moment {
    Moment(1_000_000_000) + Duration::from_millis(ms)
}

fn out(fault: Fault) -> Health {
    let health = Health::default();
    let last = (0..FAULTS_MAX).map(|_| health.fault(at(0), fault, Others::None)).last();
    assert_eq!(last, Some(true));
    health
}

#[test]
fn three_faults_in_a_row_take_an_origin_out_and_a_good_answer_between_starts_afresh() {
    for fault in [Fault::Unreached, Fault::Garbage, Fault::Closed, Fault::Timeout, Fault::Check] {
        let health = Health::default();
        assert!(!health.fault(at(0), fault, Others::Healthy), "{fault:?}");
        assert!(!health.fault(at(1), fault, Others::Healthy), "{fault:?}");
        assert!(health.fault(at(2), fault, Others::Healthy), "{fault:?}");
        assert!(!health.fault(at(3), fault, Others::Healthy), "told once");
    }
    let health = Health::default();
    for nth in 0..10 {
        assert!(!health.fault(at(nth), Fault::Timeout, Others::None));
        assert!(!health.fault(at(nth), Fault::Timeout, Others::None));
        assert_eq!(health.answered(at(nth), at(nth)), None);
    }
    assert!(health.is_healthy());
}

#[test]
fn one_refused_connection_is_enough_where_others_serve_and_not_where_none_does() {
    assert!(Health::default().fault(at(0), Fault::Refused, Others::Healthy));
    let alone = Health::default();
    assert!(!alone.fault(at(0), Fault::Refused, Others::None));
    assert!(alone.is_healthy());
}

#[test]
fn an_answer_from_before_it_was_taken_out_does_not_bring_an_origin_back() {
    let health = out(Fault::Timeout);
    assert_eq!(health.answered(at(500), at(0) - SECOND), None);
    assert!(!health.is_healthy());
    assert_eq!(health.answered(at(500), at(100)), Some(Duration::from_millis(500)));
    assert!(health.is_healthy());
}

#[test]
fn what_a_request_from_before_an_origins_return_has_to_tell_is_old() {
    let health = out(Fault::Timeout);
    assert!(!health.is_back_since(at(0)), "it is still out");
    health.check_was_good(at(1_000));
    assert!(health.is_back_since(at(999)) && !health.is_back_since(at(1_000)));
}

#[test]
fn what_a_probe_has_found_only_a_probe_undoes() {
    let health = out(Fault::Check);
    assert_eq!(health.answered(at(500), at(100)), None);
    assert_eq!(health.check_was_good(at(600)), Some(Duration::from_millis(600)));
    assert_eq!(health.check_was_good(at(700)), None, "told once");
}

#[test]
fn an_origin_that_is_back_gets_from_a_tenth_of_its_share_to_all_of_it() {
    let health = out(Fault::Refused);
    assert_eq!(health.share(at(0), Some(10 * SECOND)), SHARE_WHOLE, "nothing to grow from yet");
    health.check_was_good(at(1_000));
    for (ms, share) in [(1_000, 100), (2_000, 190), (6_000, 550), (11_000, 1_000), (60_000, 1_000)]
    {
        assert_eq!(health.share(at(ms), Some(10 * SECOND)), share, "after {ms} ms");
    }
    assert_eq!(health.share(at(1_000), None), SHARE_WHOLE);
    assert_eq!(Health::default().share(at(0), Some(10 * SECOND)), SHARE_WHOLE);
}

#[test]
fn an_origin_that_refuses_is_tried_four_times_a_second_and_one_that_answers_badly_always() {
    let refuses = out(Fault::Refused);
    let tries = (0..1_000).filter(|ms| refuses.may_be_tried(at(*ms))).count();
    assert_eq!(tries, 4);
    let hangs = out(Fault::Timeout);
    assert!((0..1_000).all(|ms| hangs.may_be_tried(at(ms))));
}

#[test]
fn trials_come_after_back_offs_that_double_up_to_fifteen_seconds() {
    let health = out(Fault::Closed);
    let trials: Vec<u64> =
        (0..80_000).step_by(100).filter(|ms| health.takes_trial(at(*ms))).collect();
    assert_eq!(trials, [1_000, 3_000, 7_000, 15_000, 30_000, 45_000, 60_000, 75_000]);
    for fault in [Fault::Refused, Fault::Garbage, Fault::Check] {
        assert!(!out(fault).takes_trial(at(60_000)), "a probe is to tell: {fault:?}");
    }
}

#[test]
fn back_offs_begin_anew_for_an_origin_that_was_well_for_long() {
    let health = out(Fault::Closed);
    assert!(health.takes_trial(at(1_000)) && !health.takes_trial(at(2_000)));
    health.check_was_good(at(2_000));
    let fail = |ms| {
        for _ in 0..FAULTS_MAX {
            health.fault(at(ms), Fault::Closed, Others::None);
        }
    };
    fail(3_000);
    assert!(!health.takes_trial(at(6_900)) && health.takes_trial(at(7_000)), "four seconds");
    health.check_was_good(at(8_000));
    fail(30_000);
    assert!(health.takes_trial(at(31_000)), "one second");
}
