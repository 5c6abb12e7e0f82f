//! An origin is never asked for more than it can carry, and who waits for it is told so.

mod added;
mod learned;
mod line;
pub(crate) mod simulated;
mod workers;

use crate::fixtures::figure::figure;
use crate::fixtures::shield::control;
use crate::fixtures::{Answer, Client, Counting, HOST, SOON, Setup, Shield, wait_for};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// Requests that the origin may be asked at once.
const CAPACITY: u32 = 4;
/// What each costs it.
const COST: Duration = Duration::from_millis(100);

fn setup(origin: &Counting) -> Setup {
    Setup::before(origin.address).platform("capacity = \"4 concurrent\"")
}

/// What was answered, and after how long.
type Answers = Vec<(Answer, Duration)>;

/// What the status says of the platform.
fn present(setup: &Setup) -> serde_json::Value {
    let text = control(setup, "/api/v1/status").text();
    let status: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    status["platforms"][0].clone()
}

/// Asks again and again from as many clients for a span; every answer and how long it took.
fn crowd(target: SocketAddr, clients: usize, span: Duration) -> Answers {
    crowd_for("/page?x=1", target, clients, span)
}

/// The same for another path.
fn crowd_for(path: &'static str, target: SocketAddr, clients: usize, span: Duration) -> Answers {
    let ask = move || {
        let (mut client, until) = (Client::plain(target), Instant::now() + span);
        let mut answers = Vec::new();
        while Instant::now() < until {
            let began = Instant::now();
            let answer = client.ask(path);
            // Who is sent away at once asks again as fast as a person could reload.
            thread::sleep(Duration::from_millis(50).saturating_sub(began.elapsed()));
            answers.push((answer, began.elapsed()));
        }
        answers
    };
    let asking: Vec<_> = (0..clients).map(|_| thread::spawn(ask)).collect();
    asking.into_iter().flat_map(|client| client.join().expect("a client")).collect()
}

#[test]
fn a_platform_of_which_nobody_says_what_it_carries_holds_nobody_while_its_origin_keeps_up() {
    let origin = Counting::start(COST);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let answers = crowd(setup.plain, 32, Duration::from_secs(1));
    assert!(answers.iter().all(|(answer, _)| answer.status == 200));
    assert!(origin.most_at_once() > CAPACITY);
    let limit = || (present(&setup)["origin"]["limit"].as_u64()? >= 32).then_some(());
    wait_for("the limit", SOON, limit);
}

#[test]
fn an_origin_whose_operator_wants_nothing_learned_is_not_bounded_and_start_says_so() {
    let origin = Counting::start(COST);
    let setup = Setup::before(origin.address).platform("learn_capacity = false");
    let shield = Shield::start(&setup);
    assert!(shield.err().contains("nothing bounds what reaches the origins"), "{}", shield.err());
    let answers = crowd(setup.plain, 100, Duration::from_secs(1));
    assert!(answers.iter().all(|(answer, _)| answer.status == 200));
    assert!(present(&setup)["origin"]["limit"].is_null());
}

#[test]
fn an_origin_is_asked_no_more_at_once_than_its_capacity_says_and_stays_busy() {
    let origin = Counting::start(COST);
    let setup = setup(&origin);
    let _shield = Shield::start(&setup);
    let answers = crowd(setup.plain, 64, Duration::from_secs(4));
    assert!(origin.most_at_once() <= CAPACITY, "{} at once", origin.most_at_once());
    figure("admission.at_once", f64::from(origin.most_at_once()) / f64::from(CAPACITY), "x");
    let served = answers.iter().filter(|(answer, _)| answer.status == 200).count();
    // 40 a second is all that it can do.
    let served = u32::try_from(served).expect("a few hundred");
    figure("admission.goodput", f64::from(served) / 160.0, "x");
    assert!(served >= 128, "{served} served of 160 that could be");
    let held: Vec<_> = answers.iter().filter(|(answer, _)| answer.status != 200).collect();
    assert!(!held.is_empty());
    for (answer, took) in held {
        assert_eq!(answer.status, 503);
        let (verdict, code) = answer.verdict().expect("ours");
        assert!(verdict == "hold" && code.starts_with("overload."), "{verdict} {code}");
        let seconds: u64 = answer.header("retry-after").expect("when").parse().expect("seconds");
        assert!((2..=60).contains(&seconds));
        // At most 500 ms in the queue, and what a busy machine adds.
        assert!(*took < Duration::from_millis(900), "{took:?}");
    }
}

#[test]
fn a_request_whose_client_has_left_keeps_its_slot_until_the_origin_has_answered() {
    let origin = Counting::start(Duration::from_millis(150));
    // On one core: with more, a single slot goes round.
    let setup = Setup::before(origin.address).top("workers = 1");
    let setup = setup.platform("capacity = \"1 concurrent\"");
    let _shield = Shield::start(&setup);
    for nth in 1..=5 {
        let mut client = Client::plain(setup.plain);
        client.send(format!("GET /{nth} HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
        wait_for("the request at the origin", SOON, || (origin.count() >= nth).then_some(()));
        drop(client);
    }
    assert_eq!(origin.most_at_once(), 1);
}

#[test]
fn people_get_a_page_that_comes_back_by_itself_and_programs_a_short_answer() {
    let origin = Counting::start(Duration::from_secs(2));
    let setup = Setup::before(origin.address).platform("capacity = \"1 concurrent\"");
    let _shield = Shield::start(&setup);
    let mut first = Client::plain(setup.plain);
    first.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    wait_for("the request at the origin", SOON, || (origin.count() == 1).then_some(()));
    let mut person = Client::plain(setup.plain);
    person.send(format!(
        "GET / HTTP/1.1\r\nhost: {HOST}\r\nsec-fetch-mode: navigate\r\naccept: text/html\r\n\r\n"
    ));
    let page = person.answer();
    assert_eq!((page.status, page.verdict().expect("ours").0), (503, "hold"));
    assert!(page.length() < 10 * 1024);
    let seconds = page.header("retry-after").expect("when").to_owned();
    let text = page.text();
    assert!(text.contains(&format!("http-equiv=\"refresh\" content=\"{seconds}\"")), "{text}");
    assert!(!text.contains("{{") && !text.contains("src=") && !text.contains("href="), "{text}");
    let mut program = Client::plain(setup.plain);
    program.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\naccept: application/json\r\n\r\n"));
    let short = program.answer();
    assert_eq!((short.status, short.verdict().expect("ours").0), (503, "hold"));
    assert_eq!(short.header("content-type"), Some("application/problem+json"));
    assert!(short.length() < 1_000);
    assert_eq!(first.answer().status, 200);
}

#[test]
fn a_platform_that_is_only_observed_admits_everything_and_says_what_would_have_been_held() {
    let origin = Counting::start(COST);
    let setup = setup(&origin).platform("mode = \"observe\"");
    let _shield = Shield::start(&setup);
    let answers = crowd(setup.plain, 32, Duration::from_secs(2));
    assert!(answers.iter().all(|(answer, _)| answer.status == 200));
    assert!(origin.most_at_once() > CAPACITY);
    wait_for("what would have been held", SOON, || {
        let page = control(&setup, "/").text();
        page.contains("only observed").then_some(())
    });
}

#[test]
fn the_status_tells_limit_and_pressure_and_an_incident_while_more_is_asked_than_can_be_carried() {
    let origin = Counting::start(COST);
    let setup = setup(&origin);
    let _shield = Shield::start(&setup);
    let status = || present(&setup);
    wait_for("the limit", SOON, || (status()["origin"]["limit"] == 4).then_some(()));
    assert_eq!(status()["state"], "calm");
    let target = setup.plain;
    let crowd = thread::spawn(move || crowd(target, 48, Duration::from_secs(5)));
    wait_for("an incident", SOON, || (status()["state"] == "incident").then_some(()));
    let pressure = status()["pressure"].as_f64().expect("it is known");
    assert!(pressure > 1.0, "{pressure}");
    crowd.join().expect("the crowd");
    wait_for("calm demand", SOON, || (status()["pressure"].as_f64()? < 0.7).then_some(()));
}
