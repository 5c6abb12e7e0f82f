use super::*;
use crate::Trust;
use crate::tests::servers::{Behind, HOST, Heard, Keep, answer_always, listener, tls_front};
use crate::{LoopbackTarget, Origin, OriginSpec, PageClass, ServiceTimes, SourceBlock, Sources};
use seawall_types::Verdict;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const SOON: Duration = Duration::from_secs(8);

fn quick_origin() -> Origin {
    let quick = Duration::from_millis(1);
    let service = ServiceTimes { page: quick, asset: quick, search: quick, form: quick };
    Origin::start(OriginSpec { queue: 1_000, service, ..OriginSpec::of("www") }).unwrap()
}

fn spec(target: LoopbackTarget, transport: Transport) -> VisitorsSpec {
    let pause = Duration::from_millis(20);
    let entrances = vec!["/".to_owned(), "/donate".to_owned()];
    VisitorsSpec {
        seed: 1,
        people: Sources::new(SourceBlock::VISITORS, 20).unwrap(),
        doors: vec![Door { target, transport, weight: 1 }],
        platforms: vec![VisitedPlatform { host: HOST.to_owned(), weight: 1, entrances }],
        pace: Pace { away: pause, think: pause },
        lasting: SOON,
    }
}

async fn until(visitors: &Visitors, wanted: impl Fn(&PlatformOutcome) -> bool) -> PlatformOutcome {
    let poll = async {
        loop {
            let report = visitors.report();
            let outcome = report.of_host(HOST).expect("the platform is visited");
            if wanted(outcome) {
                return outcome.clone();
            }
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(SOON, poll).await.expect("the visitors get there in time")
}

#[tokio::test]
async fn visitors_at_an_origin_are_all_served_and_do_what_people_do() {
    let origin = quick_origin();
    let visitors = Visitors::start(spec(origin.address(), Transport::Plain)).unwrap();
    let outcome = until(&visitors, |outcome| outcome.ok >= 500).await;
    assert_eq!(outcome.ok_share(), Some(1.0), "{outcome:?}");
    assert!(outcome.latency.p50() <= outcome.latency.p99());
    assert!(outcome.latency.p99().unwrap() < Duration::from_secs(5));
    visitors.stop().await;
    let load = origin.load();
    let (pages, files) = (load.served_of(PageClass::Page), load.served_of(PageClass::Asset));
    assert!(load.served_of(PageClass::Form) > 0 && outcome.sessions > 20);
    assert!(files > pages && files < pages * 6, "{files} files for {pages} pages");
}

#[tokio::test]
async fn a_window_of_a_report_holds_only_what_came_in_it() {
    let origin = quick_origin();
    let visitors = Visitors::start(spec(origin.address(), Transport::Plain)).unwrap();
    until(&visitors, |outcome| outcome.ok >= 50).await;
    visitors.stop().await;
    let earlier = visitors.report();
    let window = visitors.report().since(&earlier);
    let outcome = window.of_host(HOST).unwrap();
    assert_eq!((outcome.ended(), outcome.sessions, outcome.latency.count()), (0, 0, 0));
    assert_eq!(outcome.ok_share(), None);
}

#[tokio::test]
async fn a_dead_origin_is_an_error_and_not_a_refusal() {
    let origin = quick_origin();
    origin.kill().await.unwrap();
    let visitors = Visitors::start(spec(origin.address(), Transport::Plain)).unwrap();
    let outcome = until(&visitors, |outcome| outcome.errors >= 20).await;
    assert_eq!((outcome.ok, outcome.refused_total(), outcome.failed), (0, 0, 0));
}

#[tokio::test]
async fn a_refusal_is_counted_by_its_verdict_word_and_never_as_served() {
    let (listener, target) = listener().await;
    let limit = "HTTP/1.1 429 Too Many Requests\r\nSeawall-Verdict: limit; code=rate.X\r\n\
                 Content-Length: 0\r\n\r\n";
    let mut heard = answer_always(listener, limit, Keep::Long);
    let visitors = Visitors::start(spec(target, Transport::Plain)).unwrap();
    let outcome = until(&visitors, |outcome| outcome.refused_total() >= 20).await;
    assert_eq!(outcome.refused[Verdict::Limit.index()], outcome.refused_total());
    assert_eq!((outcome.ok, outcome.failed, outcome.latency.count()), (0, 0, 0));
    while let Ok(Heard { from, .. }) = heard.try_recv() {
        assert!(from.to_string().starts_with("127.10."), "{from}");
    }
}

#[tokio::test]
async fn a_failure_without_a_verdict_word_is_the_origin_s_own() {
    let (listener, target) = listener().await;
    answer_always(listener, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", Keep::Long);
    let visitors = Visitors::start(spec(target, Transport::Plain)).unwrap();
    let outcome = until(&visitors, |outcome| outcome.failed >= 20).await;
    assert_eq!((outcome.ok, outcome.refused_total(), outcome.errors), (0, 0, 0));
}

/// A page with one file and one link, and a cookie.
const PAGE: &str = "HTTP/1.1 200 OK\r\nSet-Cookie: session=abc; Path=/\r\nContent-Length: 43\r\n\r\n\
                    <a href=\"/next\"></a><img src=\"/one.svg\">   ";

#[tokio::test]
async fn a_visitor_keeps_cookie_and_connection_and_asks_as_its_browser_does() {
    let (listener, target) = listener().await;
    let mut heard = answer_always(listener, PAGE, Keep::Long);
    let one = Sources::new(SourceBlock::VISITORS, 1).unwrap();
    let spec = VisitorsSpec { people: one, ..spec(target, Transport::Plain) };
    let visitors = Visitors::start(spec).unwrap();
    until(&visitors, |outcome| outcome.ok >= 20 && outcome.sessions >= 2).await;
    let first = heard.recv().await.unwrap();
    assert!(first.head.contains("\r\nUser-Agent: Mozilla/5.0") && first.number == 1);
    assert!(first.head.contains("Host: www.example.org\r\n") && !first.head.contains("Cookie"));
    let second = heard.recv().await.unwrap();
    assert!(second.head.starts_with("GET /one.svg HTTP/1.1\r\n") && second.number == 2);
    assert!(second.head.contains("\r\nReferer: http://www.example.org/"), "{}", second.head);
    while let Ok(Heard { head, .. }) = heard.try_recv() {
        assert!(head.contains("\r\nCookie: session=abc\r\n"), "{head}");
    }
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_meanwhile_is_no_error() {
    let (listener, target) = listener().await;
    answer_always(listener, PAGE, Keep::OneAnswer);
    let visitors = Visitors::start(spec(target, Transport::Plain)).unwrap();
    let outcome = until(&visitors, |outcome| outcome.ok >= 100).await;
    assert_eq!(outcome.ok_share(), Some(1.0), "{outcome:?}");
}

#[tokio::test]
async fn an_http2_door_is_taken_as_a_browser_takes_it() {
    let (target, certificate) = tls_front(Behind::Http2).await;
    let transport = Transport::TlsHttp2(Trust::Exactly(certificate));
    let visitors = Visitors::start(spec(target, transport)).unwrap();
    let outcome = until(&visitors, |outcome| outcome.ok >= 50).await;
    assert_eq!(outcome.ok_share(), Some(1.0), "{outcome:?}");
}

#[tokio::test]
async fn a_tls_door_is_taken_by_its_root_or_by_exactly_its_certificate() {
    let origin = quick_origin();
    let (target, certificate) = tls_front(Behind::Origin(origin.address().address())).await;
    for trust in [Trust::Exactly(certificate.clone()), Trust::Root(certificate)] {
        let visitors = Visitors::start(spec(target, Transport::TlsHttp1(trust))).unwrap();
        let outcome = until(&visitors, |outcome| outcome.ok >= 50).await;
        assert_eq!(outcome.ok_share(), Some(1.0), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_tls_door_with_another_certificate_is_not_taken() {
    let origin = quick_origin();
    let (target, _) = tls_front(Behind::Origin(origin.address().address())).await;
    let (_, other) = tls_front(Behind::Origin(origin.address().address())).await;
    for trust in [Trust::Exactly(other.clone()), Trust::Root(other)] {
        let visitors = Visitors::start(spec(target, Transport::TlsHttp1(trust))).unwrap();
        let outcome = until(&visitors, |outcome| outcome.errors >= 20).await;
        assert_eq!(outcome.ok, 0);
    }
}

#[test]
fn visitors_out_of_bounds_do_not_start_and_are_told_why() {
    let base = spec("127.0.0.1:9".parse().unwrap(), Transport::Plain);
    let instant = Pace { away: Duration::from_millis(1), think: Duration::from_millis(1) };
    let people = Sources::new(SourceBlock::VISITORS, 2_000).unwrap();
    let nobody = VisitedPlatform { host: HOST.to_owned(), weight: 0, entrances: Vec::new() };
    let no_way_in = VisitedPlatform { weight: 1, ..nobody.clone() };
    let cases = [
        (VisitorsSpec { people, pace: instant, ..base.clone() }, "visitor requests/s is"),
        (VisitorsSpec { doors: Vec::new(), ..base.clone() }, "list of doors is empty"),
        (VisitorsSpec { platforms: vec![nobody], ..base.clone() }, "visited platforms is empty"),
        (VisitorsSpec { platforms: vec![no_way_in], ..base.clone() }, "entrances is empty"),
        (VisitorsSpec { lasting: Duration::from_hours(13), ..base.clone() }, "time of visitors"),
        (base, "outside of a tokio runtime"),
    ];
    for (spec, text) in cases {
        let error = Visitors::start(spec).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
}
