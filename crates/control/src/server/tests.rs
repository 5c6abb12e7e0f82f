use super::*;
use crate::routes::tests::TOKEN;
use crate::shared::tests::shared;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

/// A control plane that serves on loopback for as long as the test runs.
async fn serving() -> SocketAddr {
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let (shared, commands) = shared();
    tokio::spawn(async move {
        let _commands = commands;
        serve(listener, shared, TOKEN.parse().unwrap()).await
    });
    // The first answer says that it serves.
    assert!(ask(address, "GET /healthz").await.starts_with("HTTP/1.1 200"));
    address
}

async fn ask(address: SocketAddr, what: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{what} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_port_in_use_is_found_before_anything_starts() {
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let fault = bind(address).unwrap_err();
    assert_eq!(fault.to_string(), format!("cannot listen on {address} (control.listen)"));
    assert_eq!(fault.source.kind(), io::ErrorKind::AddrInUse);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_is_closed_by_its_deadline() {
    let address = serving().await;
    let start = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /healthz HTT").await.unwrap();
    let mut answer = Vec::new();
    // Closed with or without a word; what matters is that it is over.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(start.elapsed().as_secs(), HEAD_TIMEOUT.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_connection_too_many_waits_until_idle_ones_are_closed() {
    let address = serving().await;
    let start = Instant::now();
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS_MAX {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    assert!(ask(address, "GET /healthz").await.starts_with("HTTP/1.1 200"));
    assert!(start.elapsed() >= HEAD_TIMEOUT, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_head_larger_than_the_bound_is_refused() {
    let address = serving().await;
    let target = format!("GET /{}", "x".repeat(HEAD_MAX));
    let answer = ask(address, &target).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn wrong_tokens_are_counted_by_the_address_of_the_connection() {
    let address = serving().await;
    let wrong = "GET /api/v1/status HTTP/1.1\r\nHost: [::1]\r\nAuthorization: Bearer x\r\n\r\n";
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut statuses = Vec::new();
    for _ in 0..=crate::tries::TRIES_MAX {
        stream.write_all(wrong.as_bytes()).await.unwrap();
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        statuses.push(String::from_utf8_lossy(&buffer[9..read.min(12)]).into_owned());
    }
    assert_eq!(statuses[..10], ["401"; 10]);
    assert_eq!(statuses[10], "429");
}
