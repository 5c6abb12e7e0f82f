use super::*;
use crate::{Origin, OriginSpec, ServiceTimes, SourceBlock, Sources};
use seawall_types::RequestRate;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

const SOON: Duration = Duration::from_secs(8);

fn rate(per_second: f64) -> RequestRate {
    RequestRate::new(per_second).unwrap()
}

fn get(path: &str) -> FloodRequest {
    FloodRequest::Get { path: path.to_owned() }
}

fn quick_origin() -> Origin {
    let none = Duration::ZERO;
    let service = ServiceTimes { page: none, asset: none, search: none, form: none };
    Origin::start(OriginSpec { workers: 64, queue: 1_000, service, ..OriginSpec::of("www") })
        .unwrap()
}

fn spec(origin: &Origin, sources: u16, per_second: f64) -> FloodSpec {
    let sources = Sources::new(SourceBlock::FLOOD, sources).unwrap();
    let host = "www.example.org";
    let spec = FloodSpec::of(origin.address(), host, get("/assets/page.js"), rate(per_second));
    FloodSpec { sources, ..spec }
}

async fn until(flood: &Flood, wanted: impl Fn(&FloodReport) -> bool) -> FloodReport {
    let poll = async {
        loop {
            let report = flood.report();
            if wanted(&report) {
                return report;
            }
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(SOON, poll).await.expect("the flood gets there in time")
}

/// Requests per second from the 200th request to the 700th, by the counts of both ends.
async fn measured_rate(origin: &Origin, flood: &Flood) -> f64 {
    let first = until(flood, |report| report.sent >= 200).await;
    let begin = Instant::now();
    let last = until(flood, |report| report.sent >= first.sent + 500).await;
    assert!(origin.load().served_total() + 100 >= last.sent);
    f64::from(u32::try_from(last.sent - first.sent).unwrap()) / begin.elapsed().as_secs_f64()
}

#[tokio::test]
async fn a_flood_keeps_its_rate_at_an_unloaded_origin() {
    let origin = quick_origin();
    let flood = Flood::start(spec(&origin, 50, 20.0)).unwrap();
    let mut best = f64::INFINITY;
    // The machine may be busy with something else for a moment; it is not for three windows.
    for _ in 0..3 {
        let off = (measured_rate(&origin, &flood).await - 1_000.0).abs();
        best = best.min(off);
        if off <= 150.0 {
            break;
        }
    }
    assert!(best <= 150.0, "off by {best} requests/s");
    flood.stop().await;
    let report = flood.report();
    assert_eq!(report.answered.keys().copied().collect::<Vec<_>>(), [200]);
    assert_eq!((report.connected, report.resets, report.timeouts), (50, 0, 0));
}

#[tokio::test]
async fn a_connection_for_each_request_is_counted_as_one() {
    let origin = quick_origin();
    let connections = ConnectionStyle::PerRequest;
    let flood = Flood::start(FloodSpec { connections, ..spec(&origin, 10, 50.0) }).unwrap();
    let report = until(&flood, |report| report.answered_total() >= 100).await;
    assert!(report.connected >= report.answered_total(), "{report:?}");
    assert_eq!((report.resets, report.unconnected), (0, 0));
}

#[tokio::test]
async fn moments_that_pass_while_an_answer_is_awaited_are_missed_and_not_made_up_for() {
    let origin = quick_origin();
    origin.stall().await.unwrap();
    let begin = Instant::now();
    let flood = Flood::start(spec(&origin, 4, 100.0)).unwrap();
    until(&flood, |report| report.sent == 4).await;
    let stalled_for = Duration::from_millis(100);
    sleep(stalled_for).await;
    assert_eq!(flood.report().sent, 4, "one request outstanding on each connection");
    origin.revive().await.unwrap();
    let report = until(&flood, |report| report.missed >= 4 * 5 && report.sent > 4).await;
    let moments = begin.elapsed().as_millis() / 10 + 1;
    let kept = u128::from(report.sent + report.missed);
    assert!(kept <= 4 * moments, "{kept} of {moments} moments on each of 4 connections");
}

#[tokio::test]
async fn a_posted_form_reaches_the_origin_whole() {
    let origin = quick_origin();
    let path = "/donate".to_owned();
    let request = FloodRequest::Post { path, body_bytes: FLOOD_BODY_MAX };
    let flood = Flood::start(FloodSpec { request, ..spec(&origin, 5, 20.0) }).unwrap();
    let report = until(&flood, |report| report.answered_total() >= 10).await;
    assert_eq!(report.answered.keys().copied().collect::<Vec<_>>(), [200]);
    assert!(report.bytes_out >= 10 * u64::from(FLOOD_BODY_MAX));
    assert!(origin.load().served_of(crate::PageClass::Form) >= 10);
}

#[tokio::test]
async fn a_flood_goes_on_through_its_origin_s_death_and_ends_at_its_time() {
    let origin = quick_origin();
    let lasting = Duration::from_millis(600);
    let flood = Flood::start(FloodSpec { lasting, ..spec(&origin, 5, 100.0) }).unwrap();
    until(&flood, |report| report.answered_total() >= 5).await;
    origin.kill().await.unwrap();
    let before = until(&flood, |report| report.unconnected >= 5).await;
    timeout(SOON, flood.ended()).await.expect("it ends by itself");
    let after = flood.report().since(&before);
    assert_eq!(after.answered_total(), 0);
    assert!(flood.report().sent <= 5 * 61, "not more than its schedule holds");
}

#[tokio::test]
async fn a_flood_at_every_bound_at_once_starts() {
    let origin = quick_origin();
    let at_bounds = FloodSpec {
        lasting: Duration::from_mins(10),
        connections_per_source: 4,
        ..spec(&origin, 2_000, 10.0)
    };
    assert!(Flood::start(at_bounds).is_ok());
    assert!(Flood::start(spec(&origin, 1, 500.0)).is_ok());
}

#[tokio::test]
async fn a_flood_beyond_a_bound_does_not_start_and_names_it() {
    let origin = quick_origin();
    let refused = |spec: FloodSpec| Flood::start(spec).map(drop).map_err(|error| error.to_string());
    let base = spec(&origin, 2_000, 10.0);
    let cases = [
        (FloodSpec { rate_per_source: rate(10.1), ..base.clone() }, "flood requests/s is"),
        (FloodSpec { connections_per_source: 5, ..base.clone() }, "flood connections is 10000"),
        (FloodSpec { lasting: Duration::from_secs(601), ..base.clone() }, "flood time is 601s"),
        (FloodSpec { request: get("/a b"), ..base.clone() }, "flood path is \"/a b\""),
        (FloodSpec { host: "a\r\nb: c".to_owned(), ..base.clone() }, "flood host is"),
        (FloodSpec { target: "[::1]:9".parse().unwrap(), ..base.clone() }, "2000 sources"),
        (spec(&origin, 1, 501.0), "flood requests/s of a connection is 501"),
    ];
    for (spec, text) in cases {
        let error = refused(spec).unwrap_err();
        assert!(error.contains(text), "{error}");
    }
}

/// What `make` gives inside a `current_thread` runtime on a thread of its own, which runs on until
/// the sender is dropped.
fn on_its_own_thread<T: Send + 'static>(
    make: impl FnOnce() -> T + Send + 'static,
) -> (T, oneshot::Sender<()>) {
    let (give, take) = std::sync::mpsc::channel();
    let (end, ended) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            give.send(make()).unwrap();
            // An error says that the sender was dropped, which is what is waited for.
            let _ = ended.await;
        });
    });
    (take.recv().unwrap(), end)
}

#[tokio::test]
async fn an_origin_and_a_flood_on_threads_of_their_own_are_read_and_stopped_from_another() {
    let (origin, _origin_runs) = on_its_own_thread(quick_origin);
    let spec = spec(&origin, 5, 50.0);
    let (flood, _flood_runs) = on_its_own_thread(move || Flood::start(spec).unwrap());
    until(&flood, |report| report.answered_total() >= 20).await;
    flood.stop().await;
    assert!(origin.load().served_total() >= 20);
    origin.stop().await;
    assert_eq!(origin.load().in_flight, 0);
}
