//! WebSocket through the shield, by a real library at both ends.

use crate::fixtures::authority::{Authority, Issued, Until};
use crate::fixtures::ports::free_address;
use crate::fixtures::program::{PYTHON, Running, needs_python};
use crate::fixtures::{Folder, HOST, SOON, Setup, Shield, figure, run, wait_for};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

const ORIGIN: &str = include_str!("websocket/origin.py");
const CLIENT: &str = include_str!("websocket/client.py");
/// Messages of one conversation.
const MESSAGES: u32 = 10_000;
/// Deadlines that a tunnel, which may be silent, must outlive; the shortest that hold where a
/// machine is busy.
const SHORT: &str = r#"[timeouts]
handshake = "2s"
header = "2s"
idle = "1s"
body = "100ms"
send = "1s"
origin_connect = "2s"
origin_answer = "2s"
"#;
/// Seconds between two pings of a silent conversation: several of the shield's deadlines, as an
/// hour with pings is of those in service.
const SILENCE: &str = "3.5";

#[test]
fn ten_thousand_messages_of_every_kind_come_back_and_silence_outlives_every_deadline() {
    let test = "websocket::ten_thousand_messages_of_every_kind_come_back…";
    if !needs_python(test, &["websockets"]) {
        return;
    }
    let folder = Folder::new();
    let authority = Authority::new(&folder, "authority");
    let own = authority.issue(&folder, ("own", &["127.0.0.1"]), Until::Later);
    let bundle = format!("origin_ca = {:?}", authority.bundle.display().to_string());
    folder.write("client.py", CLIENT);
    folder.write("origin.py", ORIGIN);
    let (plain, secure) = (free_address(), free_address());
    let _origins = [origin(&folder, plain, None), origin(&folder, secure, Some(&own))];
    let talks = [
        ("ws", Setup::before_url(&format!("http://{plain}")), MESSAGES),
        ("wss", Setup::before_url(&format!("https://{secure}")).platform(&bundle), MESSAGES),
        // Nobody leaves HTTP/2 for another protocol: the shield comes over HTTP/1.1.
        ("wss", Setup::before_url(&format!("h2://{secure}")).platform(&bundle), 1_000),
    ];
    std::thread::scope(|scope| {
        let talking: Vec<_> = talks
            .into_iter()
            .map(|(scheme, setup, messages)| {
                let folder = &folder;
                scope.spawn(move || assert_eq!(talk(folder, scheme, setup, messages), messages))
            })
            .collect();
        for talk in talking {
            talk.join().expect("every message came back");
        }
    });
    figure("websocket.messages", MESSAGES, "messages");
}

/// Holds one conversation through a shield of its own; how many messages came back.
fn talk(folder: &Folder, scheme: &str, setup: Setup, messages: u32) -> u32 {
    let setup = setup.tables(SHORT);
    let shield = Shield::start(&setup);
    let at = if scheme == "wss" { setup.tls } else { setup.plain };
    let url = format!("{scheme}://{HOST}:{}/echo", at.port());
    let mut command = Command::new(PYTHON);
    command
        .arg(folder.join("client.py"))
        .args([&url, HOST, &at.ip().to_string(), &at.port().to_string()])
        .arg(&setup.certificate.chain)
        .args([&messages.to_string(), SILENCE]);
    let ran = run(&mut command, SOON * 2);
    assert_eq!(ran.code, Some(0), "{url}: {}{}{}", ran.out, ran.err, shield.err());
    ran.out.trim().parse().expect("a number")
}

fn origin(folder: &Folder, address: SocketAddr, shown: Option<&Issued>) -> Running {
    let mut command = Command::new(PYTHON);
    command.arg(folder.join("origin.py"));
    command.args([address.ip().to_string(), address.port().to_string()]);
    if let Some(Issued { chain, key }) = shown {
        command.arg(chain).arg(key);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let running = Running::start(&mut command);
    wait_for("answer of the WebSocket origin", SOON, || TcpStream::connect(address).ok());
    running
}
