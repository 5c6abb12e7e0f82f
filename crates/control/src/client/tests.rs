use super::*;
use crate::api::{ReloadDone, Status};
use crate::routes::tests::TOKEN;
use crate::shared::{Command, tests::shared};
use std::net::TcpListener;
use std::thread;

fn client(control: &str, token: &str) -> Result<Client, ClientFault> {
    Client::new(control, token.parse().unwrap())
}

/// A shield that applies the first reload, refuses the second, and answers until `asked` is done.
fn with_shield(asked: impl FnOnce(SocketAddr) + Send + 'static) {
    let listener = crate::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let (shared, mut commands) = shared();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut verdicts = vec![Err(vec!["seawall.toml:3: one".to_owned()]), Ok(ReloadDone::default())];
    runtime.block_on(async {
        let serving = crate::serve(listener, shared, TOKEN.parse().unwrap());
        let main = async {
            while let Some(command) = commands.recv().await {
                if let Command::Reload { reply } = command {
                    reply.send(verdicts.pop().unwrap()).unwrap();
                }
            }
        };
        tokio::select! {
            served = serving => panic!("{served:?}"),
            () = main => panic!("commands ended"),
            asked = tokio::task::spawn_blocking(move || asked(address)) => asked.unwrap(),
        }
    });
}

/// Something that says `answer` once to whoever connects.
fn saying(answer: &'static [u8]) -> SocketAddr {
    use std::io::{Read as _, Write as _};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request);
        let _ = stream.write_all(answer);
    });
    address
}

#[test]
fn a_command_reads_what_the_shield_says_and_makes_it_reload() {
    with_shield(|address| {
        let client = client(&format!("http://{address}/"), TOKEN).unwrap();
        let status: Status = client.read_json("/api/v1/status").unwrap();
        assert_eq!(status.node, "a");
        let done: ReloadDone = client.post_json("/api/v1/reload").unwrap();
        assert_eq!(done, ReloadDone::default());
        match client.post_json::<ReloadDone>("/api/v1/reload").unwrap_err() {
            ClientFault::Problem(problem) => {
                assert_eq!(problem.status, 422);
                assert_eq!(problem.faults, ["seawall.toml:3: one"]);
            }
            other => panic!("{other}"),
        }
    });
}

#[test]
fn a_token_of_another_shield_is_denied_with_the_remedy() {
    with_shield(|address| {
        let client = client(&address.to_string(), &"f".repeat(64)).unwrap();
        let fault = client.read_json::<Status>("/api/v1/status").unwrap_err();
        assert!(fault.to_string().contains("control.token_file"), "{fault}");
    });
}

#[test]
fn an_address_where_nobody_listens_is_named_with_the_question_to_ask() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let fault = client(&address.to_string(), TOKEN)
        .unwrap()
        .read_json::<Status>("/api/v1/status")
        .unwrap_err();
    let said = fault.to_string();
    assert!(
        said.starts_with(&format!("no shield answers at {address}: is `seawall run` up")),
        "{said}"
    );
}

#[test]
fn what_is_no_shield_is_told_apart_from_one_that_broke_off() {
    for (answer, expected) in [
        (&b"SSH-2.0-OpenSSH\r\n\r\n"[..], "is not a Seawall control plane"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "is not a Seawall control plane"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nhi", "is not a Seawall control plane"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", "did not finish its answer"),
    ] {
        let fault = client(&saying(answer).to_string(), TOKEN)
            .unwrap()
            .read_json::<Status>("/api/v1/status")
            .unwrap_err();
        assert!(fault.to_string().contains(expected), "{fault}");
    }
}

#[test]
fn a_path_cannot_smuggle_a_second_request() {
    let client = client("127.0.0.1:9", TOKEN).unwrap();
    for path in ["/x HTTP/1.1\r\nHost: y\r\n\r\n", "/a b", "/é", "x"] {
        let fault = client.read_json::<Status>(path).unwrap_err();
        assert!(matches!(fault, ClientFault::Problem(_)), "{fault}");
    }
}

#[test]
fn a_control_address_is_an_http_host_with_or_without_a_port() {
    for (control, told) in [
        ("http://127.0.0.1:9180", "127.0.0.1:9180"),
        ("127.0.0.1", "127.0.0.1:9180"),
        ("http://[::1]/", "[::1]:9180"),
        ("localhost:80", "localhost:80"),
    ] {
        assert_eq!(authority(control), Ok(told.to_owned()), "{control}");
    }
    for control in [
        "https://127.0.0.1",
        "ftp://127.0.0.1",
        "",
        "http://",
        "http://a/b",
        "http://user@127.0.0.1",
        "127.0.0.1:x",
        "127.0.0.1:",
        "127.0.0.1:99999",
        "::1",
    ] {
        assert!(authority(control).is_err(), "{control}");
    }
}
