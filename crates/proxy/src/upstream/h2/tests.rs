use super::*;
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};

const SPAN: Duration = Duration::from_secs(30);

/// Connections to a listener that says nothing, and the listener.
fn silent() -> (Rc<Connections>, TcpListener) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("h2c://{}", listener.local_addr().unwrap());
    let place = Place::new(url.parse().unwrap(), None);
    let state = Arc::new(OriginState::new(&place.url));
    (Rc::new(Connections::new(Arc::new(place), state)), listener)
}

/// Whether the other end closes in good time, whatever it says before.
async fn closes(peer: TcpStream) -> bool {
    peer.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let read = move || (&peer).read_to_end(&mut Vec::new()).is_ok();
    tokio::task::spawn_blocking(read).await.unwrap()
}

#[tokio::test(flavor = "local")]
async fn a_connection_is_closed_once_it_has_carried_nothing_for_the_span() {
    let (connections, listener) = silent();
    let slot = connections.slot().await.unwrap();
    let (peer, _) = listener.accept().unwrap();
    let at = |secs| Moment(0) + Duration::from_secs(secs);
    connections.prune(at(0), SPAN);
    connections.prune(at(100), SPAN);
    assert_eq!(connections.live.borrow().len(), 1, "it carries a request");
    drop(slot);
    connections.prune(at(100), SPAN);
    connections.prune(at(129), SPAN);
    assert_eq!(connections.live.borrow().len(), 1);
    connections.prune(at(130), SPAN);
    assert_eq!(connections.live.borrow().len(), 0);
    assert!(closes(peer).await);
}

#[tokio::test(flavor = "local")]
async fn one_request_goes_before_the_origin_has_told_what_it_takes_and_the_next_waits_for_it() {
    let (connections, _listener) = silent();
    let first = connections.slot().await.unwrap();
    let second = tokio::time::timeout(Duration::from_millis(50), connections.slot()).await;
    assert!(second.is_err(), "neither a second on the first connection nor a second connection");
    first.answered();
    drop(first);
    let again = connections.slot().await.unwrap();
    assert!(again.has_served());
    assert_eq!(connections.live.borrow().len(), 1);
}

#[tokio::test(flavor = "local")]
async fn at_most_eight_connections_are_open_and_the_next_request_waits_for_one_of_theirs() {
    let (connections, _listener) = silent();
    let mut slots = Vec::new();
    for _ in 0..CONNECTIONS_MAX {
        let slot = connections.slot().await.unwrap();
        slot.answered();
        slots.push(slot);
    }
    assert_eq!(connections.live.borrow().len(), CONNECTIONS_MAX);
    let beyond = tokio::time::timeout(Duration::from_millis(50), connections.slot()).await;
    assert!(beyond.is_err());
    slots.pop();
    assert!(connections.slot().await.is_ok());
    assert_eq!(connections.live.borrow().len(), CONNECTIONS_MAX);
}

#[tokio::test(flavor = "local")]
async fn who_waits_for_an_opening_that_fails_tries_itself() {
    let (connections, listener) = silent();
    drop(listener);
    for _ in 0..2 {
        let (one, other) = (connections.slot(), connections.slot());
        let (one, other) = tokio::join!(one, other);
        assert!(matches!(one, Err(DialFault::Unreachable(_))));
        assert!(matches!(other, Err(DialFault::Unreachable(_))));
    }
}

#[tokio::test(flavor = "local")]
async fn a_connection_that_was_retired_takes_no_more() {
    let (connections, _listener) = silent();
    let slot = connections.slot().await.unwrap();
    slot.answered();
    slot.retire();
    let other = connections.slot().await.unwrap();
    assert!(!other.has_served());
    assert_eq!(connections.live.borrow().len(), 1);
}
