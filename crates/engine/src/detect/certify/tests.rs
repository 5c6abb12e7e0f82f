use super::*;

/// Found by halving the exact binomial sum in decimal arithmetic of 40 digits.
const KNOWN: [(u32, u32, f64, f64); 9] = [
    (0, 8_192, 0.003_125, 0.000_703_892_897_638_297),
    (3, 8_192, 0.003_125, 0.001_414_850_701_408_572_5),
    (3, 500, 0.003_125, 0.022_994_563_703_377_01),
    (60, 8_192, 0.003_125, 0.010_301_421_670_541_905),
    (1, 20, 0.05, 0.216_106_164_206_847_33),
    (10, 100, 0.025, 0.176_222_597_740_022_7),
    (99, 100, 0.05, 0.999_487_198_598_373_7),
    (4_000, 8_192, 0.05, 0.497_428_447_242_399_54),
    (1, 2, 0.05, 0.974_679_434_480_896_1),
];

#[test]
fn bounds_are_the_exact_ones() {
    for (hits, trials, alpha, expected) in KNOWN {
        let bound = upper_bound(hits, trials, alpha);
        let off = (bound / expected - 1.0).abs();
        assert!(off < 1e-9, "{hits} of {trials} at {alpha}: {bound}, not {expected}");
    }
}

#[test]
fn nothing_is_promised_where_nobody_or_everybody_is_touched() {
    for (hits, trials) in [(0, 0), (1, 1), (7, 7), (8, 7)] {
        assert!((upper_bound(hits, trials, 0.05) - 1.0).abs() < f64::EPSILON);
    }
}

#[test]
fn more_hits_promise_less_and_more_visitors_more() {
    for trials in [20, 500, 8_192] {
        let bounds: Vec<f64> = (0..20).map(|hits| upper_bound(hits, trials, 0.003)).collect();
        assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{trials}: {bounds:?}");
    }
    assert!(upper_bound(2, 100, 0.05) > upper_bound(2, 101, 0.05));
}

#[test]
fn a_certificate_is_never_printed_below_what_it_is() {
    let of = |hits, visitors| Certificate::with(0.003_125, (hits, visitors));
    let text = |hits, visitors| of(hits, visitors).text();
    assert_eq!(text(0, 8_192), "0 of 8,192 known-good visitors (at most 0.071 %, 95 %)");
    assert_eq!(text(3, 500), "3 of 500 known-good visitors (at most 2.3 %, 95 %)");
    assert_eq!(text(0, 0), "0 of 0 known-good visitors (at most 100 %, 95 %)");
    for hits in 0..200 {
        let certificate = of(hits, 4_096);
        let (percent, _) = rounded_up(certificate.bound * 100.0);
        assert!(percent >= certificate.bound * 100.0 - 1e-9);
    }
}

#[test]
fn those_who_came_back_speak_where_many_came_once_and_a_few_scouts_among_them_bar_nothing() {
    let bound =
        |returning| Touched { hits: 13, visitors: 2_500, returning }.certificate(ALPHA).bound;
    let on_all = upper_bound(13, 2_500, ALPHA);
    assert!(bound((13, 13)) > 0.7);
    for bars_nothing in [(0, 0), (0, 2_000), (3, 400), (10, 1_500)] {
        assert!((bound(bars_nothing) - on_all).abs() < 1e-12, "{bars_nothing:?}");
    }
}
