use super::*;
use crate::{LoopbackTarget, Origin, OriginSpec, SourceBlock, Sources};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

const SOON: Duration = Duration::from_secs(5);

async fn listener() -> (TcpListener, LoopbackTarget) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let target = listener.local_addr().unwrap().try_into().unwrap();
    (listener, target)
}

#[tokio::test]
async fn an_exchange_tells_a_close_from_a_reset_from_silence() {
    let (listener, target) = listener().await;
    let serve = async {
        let (mut polite, _) = listener.accept().await.unwrap();
        polite.read_exact(&mut [0; 4]).await.unwrap();
        polite.write_all(b"bye").await.unwrap();
        drop(polite);
        // Closing with bytes unread makes the system send a reset.
        let (rude, _) = listener.accept().await.unwrap();
        rude.readable().await.unwrap();
        drop(rude);
        listener.accept().await.unwrap().0
    };
    let ask = async {
        let polite = exchange(target, b"ping", SOON).await.unwrap();
        assert_eq!(polite, Exchange { bytes: b"bye".to_vec(), ended: Ended::Closed });
        assert_eq!(exchange(target, b"ping", SOON).await.unwrap().ended, Ended::Reset);
        let silent = exchange(target, b"ping", Duration::from_millis(30)).await.unwrap();
        assert_eq!(silent.ended, Ended::Deadline);
    };
    tokio::join!(serve, ask);
}

#[tokio::test]
async fn an_exchange_comes_from_the_source_it_was_given() {
    let (listener, target) = listener().await;
    let source = Ipv4Addr::new(127, 9, 8, 7);
    let (accepted, _) =
        tokio::join!(listener.accept(), exchange_from(source, target, b"", Duration::ZERO));
    assert_eq!(accepted.unwrap().1.ip(), IpAddr::V4(source));
}

#[tokio::test]
async fn an_endless_answer_is_read_only_so_far() {
    let (listener, target) = listener().await;
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        while stream.write_all(&[b'a'; 8_192]).await.is_ok() {}
    };
    let ((), answer) = tokio::join!(serve, exchange(target, b"", SOON));
    let answer = answer.unwrap();
    assert_eq!((answer.bytes.len(), answer.ended), (ANSWER_MAX, Ended::Full));
}

#[tokio::test]
async fn a_slow_client_sends_until_it_is_cut_off() {
    let (listener, target) = listener().await;
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_exact(&mut [0; 4 + 3]).await.unwrap();
    };
    let every = Duration::from_millis(5);
    let slow = Drip { first: b"GET ", slowly: b"/ HTTP/1.1", every, deadline: SOON };
    let ((), dripped) = tokio::join!(serve, drip(target, slow));
    let dripped = dripped.unwrap();
    assert!(dripped.sent >= 3 && dripped.sent < 10, "{dripped:?}");
    assert_ne!(dripped.ended, Ended::Deadline);
    assert!(dripped.after >= 3 * every && dripped.after < SOON);
}

#[tokio::test]
async fn held_connections_stay_open_until_one_side_ends_them() {
    let (listener, target) = listener().await;
    let sources = Sources::new(SourceBlock::FLOOD, 3).unwrap();
    let accept = async {
        let mut accepted: Vec<(TcpStream, _)> = Vec::new();
        while accepted.len() < 7 {
            accepted.push(listener.accept().await.unwrap());
        }
        accepted
    };
    let (mut accepted, held) = tokio::join!(accept, hold(target, sources, 7, b"GET / HT"));
    let held = held.unwrap();
    let mut from: Vec<_> = accepted.iter().map(|(_, from)| from.ip()).collect();
    from.sort_unstable();
    from.dedup();
    assert_eq!((from.len(), held.opened(), held.open()), (3, 7, 7));
    accepted.truncate(5);
    let noticed = async {
        while held.open() != 5 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(SOON, noticed).await.expect("two closings are noticed");
    drop(held);
    let mut begun = Vec::new();
    accepted[0].0.read_to_end(&mut begun).await.unwrap();
    assert_eq!(begun, b"GET / HT");
}

#[tokio::test]
async fn more_than_may_be_held_is_refused_before_any_is_opened() {
    let origin = Origin::start(OriginSpec::of("www")).unwrap();
    let sources = Sources::new(SourceBlock::FLOOD, 1).unwrap();
    let refused = hold(origin.address(), sources, HELD_MAX + 1, b"").await.unwrap_err();
    assert!(refused.to_string().contains("held connections is 4001"), "{refused}");
}
