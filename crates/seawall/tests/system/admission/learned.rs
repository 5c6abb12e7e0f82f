//! What an origin can carry is learned where nobody says it.

use super::workers::Workers;
use super::{Answers, crowd, present};
use crate::fixtures::figure::figure;
use crate::fixtures::program::Running;
use crate::fixtures::{Counting, SOON, Setup, Shield, wait_for};
use std::net::SocketAddr;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// What each request costs the origin.
const COST: Duration = Duration::from_millis(50);
/// What four workers do of them in a second.
const FOUR_DO: f64 = 80.0;
/// Clients that together ask twenty times as often, of whom those that wait ask less.
const TWENTYFOLD: usize = 120;
/// At most 500 ms in the queue, and what a busy machine adds.
const HELD_WITHIN: Duration = Duration::from_millis(900);

fn held(answers: &Answers) -> usize {
    answers.iter().filter(|(answer, _)| answer.status != 200).count()
}

/// Nobody is told later than a queue may last that there is no room.
fn check_waits(answers: &Answers) {
    for (answer, took) in answers.iter().filter(|(answer, _)| answer.status != 200) {
        let (verdict, code) = answer.verdict().expect("ours");
        assert!(verdict == "hold" && code.starts_with("overload."), "{verdict} {code}");
        assert!(*took < HELD_WITHIN, "{took:?}");
    }
}

/// Requests a second that the origin does between two moments of a crowd.
fn goodput(origin: &Workers, (from, until): (Duration, Duration)) -> f64 {
    thread::sleep(from);
    let before = origin.done();
    thread::sleep(until.saturating_sub(from));
    f64::from(origin.done() - before) / until.saturating_sub(from).as_secs_f64()
}

/// What the origin does in a second while so many clients ask, from `from` seconds on.
fn under(origin: &Workers, target: SocketAddr, (clients, from, until): (usize, u64, u64)) -> f64 {
    let [from, until] = [from, until].map(Duration::from_secs);
    let asking = thread::spawn(move || crowd(target, clients, until));
    let goodput = goodput(origin, (from, until));
    check_waits(&asking.join().expect("the crowd"));
    goodput
}

/// When, after the end of a crowd, the last of a few visitors is held.
fn recovery(target: SocketAddr) -> Duration {
    let began = Instant::now();
    let mut last = Duration::ZERO;
    while began.elapsed() < Duration::from_secs(5) {
        let answers = crowd(target, 2, Duration::from_millis(500));
        if held(&answers) > 0 {
            last = began.elapsed();
        } else if began.elapsed() > last + Duration::from_secs(1) {
            break;
        }
    }
    last
}

#[test]
fn an_origin_nobody_told_of_does_nine_tenths_of_its_most_at_twenty_times_that() {
    let origin = Workers::start(4, COST);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let once = under(&origin, setup.plain, (5, 1, 3));
    let twentyfold = under(&origin, setup.plain, (TWENTYFOLD, 3, 7));
    assert_eq!(present(&setup)["state"], "incident");
    println!("goodput: {once:.0} at about once, {twentyfold:.0} at twenty times, of {FOUR_DO}");
    figure("admission.learned.goodput", twentyfold / FOUR_DO, "x");
    assert!(twentyfold >= 0.9 * FOUR_DO.min(once.max(0.95 * FOUR_DO)), "{twentyfold}");
    let recovery = recovery(setup.plain);
    figure("admission.learned.recovery", format!("{:.2}", recovery.as_secs_f64()), "s");
    assert!(recovery < Duration::from_secs(5));
}

#[test]
fn a_shield_that_starts_in_the_middle_of_a_flood_finds_what_the_origin_can_do() {
    let origin = Workers::start(4, COST);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let twentyfold = under(&origin, setup.plain, (TWENTYFOLD, 4, 9));
    println!("goodput {twentyfold:.0} of {FOUR_DO}, {} there at last", origin.present());
    figure("admission.learned.midflood", twentyfold / FOUR_DO, "x");
    assert!(twentyfold >= 0.9 * FOUR_DO, "{twentyfold}");
    let recovery = recovery(setup.plain);
    figure("admission.learned.recovery", format!("{:.2}", recovery.as_secs_f64()), "s");
    assert!(recovery < Duration::from_secs(5));
}

#[test]
fn the_limit_follows_an_origin_that_loses_half_of_its_workers_and_gets_more() {
    let origin = Workers::start(8, COST);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let target = setup.plain;
    let asking = thread::spawn(move || crowd(target, TWENTYFOLD, Duration::from_secs(14)));
    let mut done = Vec::new();
    for (workers, settles, until) in [(8, 2, 4), (4, 3, 5), (12, 3, 5)] {
        origin.become_of(workers);
        let [settles, until] = [settles, until].map(Duration::from_secs);
        done.push(goodput(&origin, (settles, until)) / (f64::from(workers) * FOUR_DO / 4.0));
    }
    check_waits(&asking.join().expect("the crowd"));
    println!("of what 8, 4, 12 workers can do: {done:.2?}");
    let least = done.iter().copied().fold(f64::INFINITY, f64::min);
    figure("admission.learned.follows", format!("{least:.2}"), "x");
    assert!(done.iter().all(|part| *part >= 0.85), "{done:?}");
}

#[test]
fn an_origin_that_hangs_without_closing_is_given_little_and_comes_back() {
    let origin = Workers::start(8, COST);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let target = setup.plain;
    let asking = thread::spawn(move || crowd(target, TWENTYFOLD, Duration::from_secs(12)));
    let before = goodput(&origin, (Duration::from_secs(1), Duration::from_secs(3)));
    origin.become_of(0);
    let hung = Instant::now();
    let little = || (present(&setup)["origin"]["limit"].as_u64()? <= 4).then_some(());
    wait_for("a limit of four at most", Duration::from_secs(5), little);
    let took = hung.elapsed().as_secs_f64();
    figure("admission.learned.hang", format!("{took:.2}"), "s");
    origin.become_of(8);
    let after = goodput(&origin, (Duration::from_secs(3), Duration::from_secs(5)));
    asking.join().expect("the crowd");
    println!("goodput before {before:.0}, after {after:.0} of 160");
    assert!(after >= 0.85 * 160.0, "{after}");
}

#[test]
fn a_calm_site_holds_nobody_while_other_programs_keep_every_processor_busy() {
    let origin = Workers::start(8, Duration::from_millis(10));
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let busy = |_| Running::start(Command::new("sh").args(["-c", "while :; do :; done"]));
    let processors = thread::available_parallelism().map_or(2, usize::from);
    let _busy: Vec<_> = (0..processors).map(busy).collect();
    // A third of what the origin can do, and every second a burst of what it has never seen.
    let target = setup.plain;
    let bursts = thread::spawn(move || {
        let burst = |_| {
            thread::sleep(Duration::from_millis(700));
            crowd(target, 30, Duration::from_millis(1))
        };
        (0..8).flat_map(burst).collect::<Answers>()
    });
    let mut answers = crowd(target, 10, Duration::from_secs(8));
    answers.extend(bursts.join().expect("the bursts"));
    let slowest = answers.iter().map(|(_, took)| *took).max().expect("some");
    println!("{} asked, {} held, the slowest took {slowest:?}", answers.len(), held(&answers));
    figure("admission.learned.held_calm", held(&answers), "requests");
    assert_eq!(held(&answers), 0, "of {}", answers.len());
}

#[test]
fn a_calm_start_with_more_at_once_than_is_given_first_holds_nobody() {
    let origin = Counting::start(Duration::from_millis(100));
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let answers = crowd(setup.plain, 90, Duration::from_secs(2));
    assert_eq!(held(&answers), 0, "of {}", answers.len());
    let limit = || (present(&setup)["origin"]["limit"].as_u64()? >= 64).then_some(());
    wait_for("the limit", SOON, limit);
    assert!(present(&setup)["pressure"].is_number());
}
