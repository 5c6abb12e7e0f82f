//! Every form of simulated incidents: the same bytes, quickly, and with nothing left out.

use crate::simulated::simulated;
use seawall_report::{Form, render};

#[test]
fn every_form_gives_the_same_bytes_twice() {
    for seed in 0..20 {
        let (one, two) = (simulated(seed), simulated(seed));
        for form in Form::ALL {
            assert_eq!(render(form, &one), render(form, &two), "seed {seed}, {form:?}");
        }
    }
}
