//! What admission adds to a request while there is room for all.

use crate::fixtures::figure::figure;
use crate::fixtures::{Client, Counting, Setup, Shield};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Requests of which the median is taken.
const REQUESTS: usize = 400;
const REPETITIONS: usize = 5;
const ADDED_MAX_US: f64 = 100.0;

/// Median of what requests on one connection take, in microseconds.
fn median_us(target: SocketAddr) -> f64 {
    let mut client = Client::plain(target);
    let mut ask = || {
        let began = Instant::now();
        assert_eq!(client.ask("/page").status, 200);
        began.elapsed().as_secs_f64() * 1e6
    };
    median((0..REQUESTS).map(|_| ask()).collect())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[test]
fn admission_adds_less_than_a_tenth_of_a_millisecond() {
    let origin = Counting::start(Duration::ZERO);
    let [bounded, observed] = ["protect", "observe"].map(|mode| {
        let setup = Setup::before(origin.address).platform(&format!("mode = \"{mode}\""));
        let shield = Shield::start(&setup);
        (setup, shield)
    });
    // In turn, so that whatever else the machine does falls on both.
    let added = (0..REPETITIONS).map(|_| {
        let [with, without] = [&bounded, &observed].map(|(setup, _)| median_us(setup.plain));
        let added = with - without;
        println!("{with:.0} us bounded, {without:.0} us observed");
        figure("admission.added", format!("{added:.1}"), "us");
        added
    });
    let added = median(added.collect());
    assert!(added <= ADDED_MAX_US, "{added:.0} us more");
}
