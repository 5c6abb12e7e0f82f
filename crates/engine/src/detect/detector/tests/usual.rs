use super::*;

#[test]
fn no_more_than_is_calm_anywhere_counts_as_usual() {
    let capacity_ms_per_s = 1_000.0;
    let reading = Reading { capacity_ms_per_s, ..Reading::default() };
    let usual = |usual| Now::new((Moment(0), crate::TICK, 0.0), reading, usual).usual_ms_per_s;
    assert!((usual(Some(600.0)) - 600.0).abs() < 1e-9);
    assert!((usual(Some(950.0)) - 700.0).abs() < 1e-9);
    assert!(usual(None).abs() < 1e-9);
}

#[test]
fn where_no_more_is_listed_than_is_usual_nothing_is_a_share_of_the_excess() {
    let reading = Reading { capacity_ms_per_s: 1_000.0, ..Reading::default() };
    let excess = |listed| {
        Now::new((Moment(0), crate::TICK, listed), reading, Some(600.0)).listed_excess_ms_per_s
    };
    assert_eq!([599.0, 600.0, 600.5, 610.0].map(excess), [None, None, Some(1.0), Some(10.0)]);
    let mut world = World::new();
    world.pass(60, &[CALM]);
    world.pass(10, &[CALM, Party::OneTool { requests: 300, look: 1 }]);
    world.detector.open.as_mut().expect("it is told").finding.covered = 0.4;
    // What asked in the last tick is matched, and as if less had been listed than is usual.
    let reading = world.detector.reading.expect("it was told");
    let now = Now::new((world.now, crate::TICK, 1.0), reading, Some(600.0));
    let covered = world.detector.describe(&now, &mut world.names).covered;
    assert!((covered - 0.4).abs() < 1e-9, "{covered}");
}
