use super::*;
use crate::{LoopbackTarget, Origin, OriginSpec, PageClass, ServiceTimes, SourceBlock, Sources};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use seawall_types::Verdict;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

const SOON: Duration = Duration::from_secs(8);
const HOST: &str = "www.example.org";

fn quick_origin() -> Origin {
    let quick = Duration::from_millis(1);
    let service = ServiceTimes {
        page: quick,
        asset: quick,
        search: quick,
        form: quick,
    };
    Origin::start(OriginSpec {
        queue: 1_000,
        service,
        ..OriginSpec::of("www")
    })
    .unwrap()
}

fn spec(target: LoopbackTarget, transport: Transport) -> VisitorsSpec {
    let pause = Duration::from_millis(20);
    let entrances = vec!["/".to_owned(), "/donate".to_owned()];
    VisitorsSpec {
        seed: 1,
        people: Sources::new(SourceBlock::VISITORS, 20).unwrap(),
        doors: vec![Door {
            target,
            transport,
            weight: 1,
        }],
        platforms: vec![VisitedPlatform {
            host: HOST.to_owned(),
            weight: 1,
            entrances,
        }],
        pace: Pace {
            away: pause,
            think: pause,
        },
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
    timeout(SOON, poll)
        .await
        .expect("the visitors get there in time")
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
    let (pages, files) = (
        load.served_of(PageClass::Page),
        load.served_of(PageClass::Asset),
    );
    assert!(load.served_of(PageClass::Form) > 0 && outcome.sessions > 20);
    assert!(
        files > pages && files < pages * 6,
        "{files} files for {pages} pages"
    );
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
    assert_eq!(
        (outcome.ended(), outcome.sessions, outcome.latency.count()),
        (0, 0, 0)
    );
    assert_eq!(outcome.ok_share(), None);
}

#[tokio::test]
async fn a_dead_origin_is_an_error_and_not_a_refusal() {
    let origin = quick_origin();
    origin.kill().await.unwrap();
    let visitors = Visitors::start(spec(origin.address(), Transport::Plain)).unwrap();
    let outcome = until(&visitors, |outcome| outcome.errors >= 20).await;
    assert_eq!(
        (outcome.ok, outcome.refused_total(), outcome.failed),
        (0, 0, 0)
    );
}

/// Answers every request on `listener` with `answer`, and tells who came.
fn answer_always(listener: TcpListener, answer: &'static str) -> mpsc::UnboundedReceiver<IpAddr> {
    let (tell, came) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, from) = listener.accept().await.unwrap();
            // A test that does not ask who came has dropped its end.
            let _ = tell.send(from.ip());
            tokio::spawn(async move {
                let mut bytes = [0; 4_096];
                while stream.read(&mut bytes).await.is_ok_and(|count| count > 0) {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    came
}

async fn listener() -> (TcpListener, LoopbackTarget) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let target = listener.local_addr().unwrap().try_into().unwrap();
    (listener, target)
}

#[tokio::test]
async fn a_refusal_is_counted_by_its_verdict_word_and_never_as_served() {
    let (listener, target) = listener().await;
    let limit = "HTTP/1.1 429 Too Many Requests\r\nSeawall-Verdict: limit; code=rate.X\r\n\
                 Content-Length: 0\r\n\r\n";
    let mut came = answer_always(listener, limit);
    let visitors = Visitors::start(spec(target, Transport::Plain)).unwrap();
    let outcome = until(&visitors, |outcome| outcome.refused_total() >= 20).await;
    assert_eq!(
        outcome.refused[Verdict::Limit.index()],
        outcome.refused_total()
    );
    assert_eq!(
        (outcome.ok, outcome.failed, outcome.latency.count()),
        (0, 0, 0)
    );
    while let Ok(from) = came.try_recv() {
        assert!(from.to_string().starts_with("127.10."), "{from}");
    }
}

#[tokio::test]
async fn a_failure_without_a_verdict_word_is_the_origin_s_own() {
    let (listener, target) = listener().await;
    answer_always(listener, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    let visitors = Visitors::start(spec(target, Transport::Plain)).unwrap();
    let outcome = until(&visitors, |outcome| outcome.failed >= 20).await;
    assert_eq!(
        (outcome.ok, outcome.refused_total(), outcome.errors),
        (0, 0, 0)
    );
}

/// A TLS front for an origin; gives its address and certificate.
async fn tls_front(origin: &Origin) -> (LoopbackTarget, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth();
    let settings = builder
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(settings));
    let (listener, target) = listener().await;
    let behind = origin.address().address();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut front) = acceptor.accept(stream).await else {
                    return;
                };
                let mut back = TcpStream::connect(behind).await.unwrap();
                let _ = copy_bidirectional(&mut front, &mut back).await;
            });
        }
    });
    (target, cert.der().clone())
}

#[tokio::test]
async fn a_tls_door_is_taken_by_its_root_or_by_exactly_its_certificate() {
    let origin = quick_origin();
    let (target, certificate) = tls_front(&origin).await;
    for trust in [
        Trust::Exactly(certificate.clone()),
        Trust::Root(certificate),
    ] {
        let visitors = Visitors::start(spec(target, Transport::TlsHttp1(trust))).unwrap();
        let outcome = until(&visitors, |outcome| outcome.ok >= 50).await;
        assert_eq!(outcome.ok_share(), Some(1.0), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_tls_door_with_another_certificate_is_not_taken() {
    let origin = quick_origin();
    let (target, _) = tls_front(&origin).await;
    let (_, other) = tls_front(&origin).await;
    for trust in [Trust::Exactly(other.clone()), Trust::Root(other)] {
        let visitors = Visitors::start(spec(target, Transport::TlsHttp1(trust))).unwrap();
        let outcome = until(&visitors, |outcome| outcome.errors >= 20).await;
        assert_eq!(outcome.ok, 0);
    }
}

#[test]
fn visitors_out_of_bounds_do_not_start_and_are_told_why() {
    let base = spec("127.0.0.1:9".parse().unwrap(), Transport::Plain);
    let instant = Pace {
        away: Duration::from_millis(1),
        think: Duration::from_millis(1),
    };
    let people = Sources::new(SourceBlock::VISITORS, 2_000).unwrap();
    let nobody = VisitedPlatform {
        host: HOST.to_owned(),
        weight: 0,
        entrances: Vec::new(),
    };
    let no_way_in = VisitedPlatform {
        weight: 1,
        ..nobody.clone()
    };
    let cases = [
        (
            VisitorsSpec {
                people,
                pace: instant,
                ..base.clone()
            },
            "visitor requests/s is",
        ),
        (
            VisitorsSpec {
                doors: Vec::new(),
                ..base.clone()
            },
            "list of doors is empty",
        ),
        (
            VisitorsSpec {
                platforms: vec![nobody],
                ..base.clone()
            },
            "visited platforms is empty",
        ),
        (
            VisitorsSpec {
                platforms: vec![no_way_in],
                ..base.clone()
            },
            "entrances is empty",
        ),
        (
            VisitorsSpec {
                lasting: Duration::from_hours(13),
                ..base.clone()
            },
            "time of visitors",
        ),
        (base, "outside of a tokio runtime"),
    ];
    for (spec, text) in cases {
        let error = Visitors::start(spec).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
}
