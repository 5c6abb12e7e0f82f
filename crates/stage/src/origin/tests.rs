use super::*;
use crate::raw::{Ended, exchange};
use std::time::Duration;
use tokio::time::{sleep, timeout};

const SOON: Duration = Duration::from_secs(5);

fn small(workers: u16, queue: u16, page: Duration) -> OriginSpec {
    let service = ServiceTimes { page, ..ServiceTimes::default() };
    OriginSpec { workers, queue, service, ..OriginSpec::of("www") }
}

/// The status of one GET and what came with it.
async fn get(origin: &Origin, path: &str) -> (u16, String) {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: www.example.org\r\nConnection: close\r\n\r\n");
    let answer = exchange(origin.address(), request.as_bytes(), SOON).await.unwrap();
    assert_eq!(answer.ended, Ended::Closed);
    let text = String::from_utf8(answer.bytes).unwrap();
    (text.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0), text)
}

/// Waits until the origin's own counts satisfy `wanted`.
async fn until(origin: &Origin, wanted: impl Fn(OriginLoad) -> bool) -> OriginLoad {
    let poll = async {
        while !wanted(origin.load()) {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(SOON, poll).await.expect("the origin gets there in time");
    origin.load()
}

#[tokio::test]
async fn a_request_beyond_workers_and_line_is_refused_and_the_others_are_served() {
    let origin = Origin::start(small(2, 3, Duration::ZERO)).unwrap();
    origin.stall().await.unwrap();
    let ask = async |_| get(&origin, "/").await.0;
    let held = async { tokio::join!(ask(1), ask(2), ask(3), ask(4), ask(5)) };
    let sixth = async {
        until(&origin, |load| (load.in_flight, load.queued) == (2, 3)).await;
        assert_eq!(get(&origin, "/").await.0, 503);
        origin.revive().await.unwrap();
    };
    let (statuses, ()) = tokio::join!(held, sixth);
    assert_eq!(statuses, (200, 200, 200, 200, 200));
    let load = until(&origin, |load| load.in_flight == 0).await;
    assert_eq!((load.served_of(PageClass::Page), load.refused, load.queued), (5, 1, 0));
}

#[tokio::test]
async fn a_worker_s_time_and_the_wait_for_it_are_counted_where_they_are_spent() {
    let page = Duration::from_millis(20);
    let origin = Origin::start(small(1, 4, page)).unwrap();
    tokio::join!(get(&origin, "/"), get(&origin, "/about"), get(&origin, "/news"));
    let load = until(&origin, |load| load.in_flight == 0).await;
    assert_eq!(load.served_total(), 3);
    assert!(load.busy_ms >= 60, "{load:?}");
    assert!(load.queue_wait_ms >= 60, "20 ms for the second and 40 for the third: {load:?}");
}

#[tokio::test]
async fn work_goes_on_when_its_client_has_left() {
    let origin = Origin::start(small(1, 1, Duration::from_millis(50))).unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n";
    let left = exchange(origin.address(), request, Duration::from_millis(5)).await.unwrap();
    assert_eq!((left.ended, left.bytes.len()), (Ended::Deadline, 0));
    until(&origin, |load| load.served_total() == 1).await;
}

#[tokio::test]
async fn a_page_sets_a_session_cookie_once_and_a_file_never_does() {
    let origin = Origin::start(OriginSpec::of("www")).unwrap();
    let (status, page) = get(&origin, "/").await;
    assert!(status == 200 && page.contains("set-cookie: session="), "{page}");
    let (status, file) = get(&origin, "/assets/style.css").await;
    assert!(status == 200 && !file.contains("set-cookie"), "{file}");
    let known = b"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b; session=1\r\nConnection: close\r\n\r\n";
    let again = exchange(origin.address(), known, SOON).await.unwrap();
    assert!(!String::from_utf8(again.bytes).unwrap().contains("set-cookie"));
    assert_eq!(get(&origin, "/nowhere").await.0, 404);
}

#[tokio::test]
async fn a_body_at_the_limit_is_taken_and_one_byte_more_is_not() {
    let origin = Origin::start(OriginSpec::of("donate")).unwrap();
    let post = async |length: usize| {
        let head = format!(
            "POST /donate HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        let bytes = [head.into_bytes(), vec![b'a'; length]].concat();
        let answer = exchange(origin.address(), &bytes, SOON).await.unwrap();
        String::from_utf8_lossy(&answer.bytes).get(9..12).map(str::to_owned)
    };
    assert_eq!(post(BODY_MAX).await.as_deref(), Some("200"));
    assert_eq!(post(BODY_MAX + 1).await.as_deref(), Some("413"));
}

#[tokio::test]
async fn a_killed_origin_breaks_off_refuses_and_comes_back_on_its_port() {
    let origin = Origin::start(small(1, 1, Duration::ZERO)).unwrap();
    origin.stall().await.unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n";
    let cut_off = exchange(origin.address(), request, SOON);
    let kill = async {
        until(&origin, |load| load.in_flight == 1).await;
        origin.kill().await.unwrap();
    };
    let (cut_off, ()) = tokio::join!(cut_off, kill);
    assert_ne!(cut_off.unwrap().ended, Ended::Deadline);
    until(&origin, |load| load.in_flight == 0).await;
    for _ in 0..2 {
        assert!(exchange(origin.address(), request, SOON).await.is_err());
        origin.revive().await.unwrap();
        assert_eq!(get(&origin, "/").await.0, 200);
        origin.kill().await.unwrap();
    }
}

#[tokio::test]
async fn a_stopped_origin_finishes_what_it_has_and_takes_no_more() {
    let origin = Origin::start(small(1, 1, Duration::from_millis(50))).unwrap();
    let stop = async {
        until(&origin, |load| load.in_flight == 1).await;
        origin.stop().await;
    };
    let ((status, _), ()) = tokio::join!(get(&origin, "/"), stop);
    assert_eq!(status, 200);
    assert!(exchange(origin.address(), b"", SOON).await.is_err());
    assert!(matches!(origin.revive().await, Err(StageError::Stopped { .. })));
    origin.stop().await;
}

#[test]
fn an_origin_out_of_bounds_or_out_of_a_runtime_does_not_start() {
    let refused = Origin::start(small(0, 1, Duration::ZERO)).unwrap_err();
    assert!(refused.to_string().contains("origin workers is 0"), "{refused}");
    assert!(Origin::start(small(1, 10_001, Duration::ZERO)).is_err());
    assert!(Origin::start(small(1, 1, Duration::from_secs(31))).is_err());
    let refused = Origin::start(small(1, 10_000, Duration::from_secs(30))).unwrap_err();
    assert!(matches!(refused, StageError::NoRuntime));
}
