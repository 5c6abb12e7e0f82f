//! The real clients, and how each is told where to go.

use crate::fixtures::curl::{Way, ask_all};
use crate::fixtures::program::PYTHON;
use crate::fixtures::{Folder, HOST, SOON, Setup, run};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Requests of one load run: enough to reuse every connection.
const REQUESTS: usize = 400;

/// A client that makes one request, where it can be told so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    Curl,
    H2load,
    Nghttp,
    Wrk,
    OpenSsl,
    PythonSsl,
    PythonH2,
    Chromium,
}

/// Where a client is sent.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) address: SocketAddr,
    pub(super) path: String,
    pub(super) certificate: PathBuf,
    /// For a browser, which wants a new one each time.
    pub(super) profile: PathBuf,
}

impl Client {
    pub(super) const ALL: [Self; 8] = [
        Self::Curl,
        Self::H2load,
        Self::Nghttp,
        Self::Wrk,
        Self::OpenSsl,
        Self::PythonSsl,
        Self::PythonH2,
        Self::Chromium,
    ];

    /// Whether it offers the ciphers of its OpenSSL as they come.
    pub(super) fn offers_openssl_defaults(self) -> bool {
        matches!(self, Self::Curl | Self::Wrk | Self::OpenSsl)
    }

    /// A command that makes it ask for the path of `place`.
    pub(super) fn command(self, way: Way, place: &Place) -> Command {
        let port = place.address.port();
        let scheme = match way {
            Way::PlainH1 | Way::PlainH2 => "http",
            Way::TlsH1 | Way::TlsH2 => "https",
        };
        let path = &place.path;
        let named = format!("{scheme}://{HOST}:{port}{path}");
        let numbered = format!("{scheme}://127.0.0.1:{port}{path}");
        match self {
            Self::Curl => curl(way, place, &named),
            Self::H2load => h2load(way, (1, 1), (&named, place.address)),
            Self::Nghttp => {
                let mut command = Command::new("nghttp");
                let host = format!(":authority: {HOST}");
                command.args(["--no-verify-peer", "-H", &host, &numbered]);
                command
            }
            Self::Wrk => wrk(1, &numbered),
            Self::OpenSsl => openssl(place),
            Self::PythonSsl => {
                let mut command = Command::new(PYTHON);
                command.args(["-c", PYTHON_SSL, &port.to_string(), HOST, path]);
                command.arg(&place.certificate);
                command
            }
            Self::PythonH2 => {
                let mut command = Command::new(PYTHON);
                command.args(["-c", PYTHON_H2, scheme, &port.to_string(), HOST, path]);
                command
            }
            Self::Chromium => chromium(&place.profile, &named),
        }
    }
}

/// The standard library's client.
const PYTHON_SSL: &str = r#"
import http.client, socket, ssl, sys
port, host, path, certificate = sys.argv[1:]
context = ssl.create_default_context(cafile=certificate)
raw = socket.create_connection(("127.0.0.1", int(port)), 10)
connection = http.client.HTTPSConnection(host, int(port))
connection.sock = context.wrap_socket(raw, server_hostname=host)
connection.request("GET", path, headers={"Host": host})
answer = connection.getresponse()
print(answer.status, len(answer.read()))
"#;

/// The client of the python-hyper project.
const PYTHON_H2: &str = r#"
import socket, ssl, sys
import h2.config, h2.connection, h2.events
scheme, port, host, path = sys.argv[1:]
sock = socket.create_connection(("127.0.0.1", int(port)), 10)
if scheme == "https":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    sock = context.wrap_socket(sock, server_hostname=host)
connection = h2.connection.H2Connection(h2.config.H2Configuration())
connection.initiate_connection()
names = [(":method", "GET"), (":path", path), (":authority", host), (":scheme", scheme)]
connection.send_headers(1, names, end_stream=True)
sock.sendall(connection.data_to_send())
size, over = 0, False
while not over:
    data = sock.recv(65536)
    if not data:
        break
    for event in connection.receive_data(data):
        if isinstance(event, h2.events.ResponseReceived):
            print(dict(event.headers).get(b":status", b"").decode())
        if isinstance(event, h2.events.DataReceived):
            connection.acknowledge_received_data(event.flow_controlled_length, 1)
        over = over or isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset))
    sock.sendall(connection.data_to_send())
"#;

fn curl(way: Way, place: &Place, url: &str) -> Command {
    let mut command = Command::new("curl");
    let resolve = format!("{HOST}:{}:127.0.0.1", place.address.port());
    let version = match way {
        Way::PlainH1 | Way::TlsH1 => "--http1.1",
        Way::PlainH2 => "--http2-prior-knowledge",
        Way::TlsH2 => "--http2",
    };
    command
        .args(["--silent", "--max-time", "10", version, "--resolve", &resolve])
        .arg("--cacert")
        .arg(&place.certificate)
        .arg(url);
    command
}

fn h2load(way: Way, (requests, connections): (usize, usize), to: (&str, SocketAddr)) -> Command {
    let mut command = Command::new("h2load");
    let (url, address) = to;
    let place = format!("--connect-to={address}");
    command.args(["-n", &requests.to_string(), "-c", &connections.to_string()]);
    if matches!(way, Way::PlainH1 | Way::TlsH1) {
        command.arg("--h1");
    }
    command.args([&place, url]);
    command
}

fn wrk(connections: usize, url: &str) -> Command {
    let mut command = Command::new("wrk");
    let host = format!("Host: {HOST}");
    command.args(["-t", "1", "-c", &connections.to_string(), "-d", "1s", "-H", &host, url]);
    command
}

fn openssl(place: &Place) -> Command {
    let mut command = Command::new("sh");
    let (port, path) = (place.address.port(), &place.path);
    command.args([
        "-c",
        &format!(
            "printf 'GET {path} HTTP/1.1\\r\\nhost: {HOST}\\r\\nconnection: close\\r\\n\\r\\n' \
             | openssl s_client -quiet -connect 127.0.0.1:{port} -servername {HOST}"
        ),
    ]);
    command
}

/// Chromium, which prints the page at `url` once it is loaded and ends.
fn chromium(profile: &Path, url: &str) -> Command {
    let mut command = crate::fixtures::chromium::chromium(profile);
    command.args([url, "--dump-dom"]);
    command
}

/// What kept `kind` from being served plain and over TLS.
pub(super) fn serves(kind: &str, setup: &Setup) -> Vec<String> {
    let mut faults = Vec::new();
    let ways: &[Way] = match kind {
        "h2load" | "curl" => &Way::ALL,
        "wrk" | "Python" => &[Way::PlainH1, Way::TlsH1],
        _ => &[Way::PlainH1, Way::TlsH2],
    };
    for &way in ways {
        if let Err(fault) = served_by(kind, way, setup) {
            faults.push(format!("{way:?}: {fault}"));
        }
    }
    faults
}

fn served_by(kind: &str, way: Way, setup: &Setup) -> Result<(), String> {
    let folder = Folder::new();
    let plain = matches!(way, Way::PlainH1 | Way::PlainH2);
    let address = if plain { setup.plain } else { setup.tls };
    let url = way.url(setup, "/");
    let by_number = url.replace(HOST, "127.0.0.1");
    match kind {
        "h2load" => {
            let told = run(&mut h2load(way, (REQUESTS, 8), (&url, address)), SOON).out;
            holds(&told, &format!("{REQUESTS} succeeded, 0 failed, 0 errored, 0 timeout"))?;
            holds(&told, &format!("{REQUESTS} 2xx"))
        }
        "wrk" => {
            let told = run(&mut wrk(8, &by_number), SOON).out;
            holds(&told, "requests in")?;
            lacks(&told, "Non-2xx")?;
            lacks(&told, "Socket errors")
        }
        "curl" => {
            let told = ask_all(setup, way, Ipv4Addr::LOCALHOST, &["/", "/large", "/"]);
            let good = |told: &crate::fixtures::curl::Told| {
                told.status == 200 && told.version == way.version()
            };
            if told.iter().all(good) { Ok(()) } else { Err(format!("{told:?}")) }
        }
        "Python" => {
            let script = if plain { PYTHON_PLAIN } else { PYTHON_SSL };
            let mut command = Command::new(PYTHON);
            command.args(["-c", script, &address.port().to_string(), HOST, "/"]);
            command.arg(&setup.certificate.chain);
            holds(&run(&mut command, SOON).out, "200 2048")
        }
        _ => {
            let told = run(&mut chromium(folder.path(), &url), SOON).out;
            holds(&told, "seawall seawall")
        }
    }
}

/// The standard library's client without TLS.
const PYTHON_PLAIN: &str = r#"
import http.client, sys
port, host, path = sys.argv[1:4]
connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
connection.request("GET", path, headers={"Host": host})
answer = connection.getresponse()
print(answer.status, len(answer.read()))
"#;

fn holds(told: &str, what: &str) -> Result<(), String> {
    if told.contains(what) { Ok(()) } else { Err(format!("{what:?} is not in {told:?}")) }
}

fn lacks(told: &str, what: &str) -> Result<(), String> {
    if told.contains(what) { Err(format!("{what:?} is in {told:?}")) } else { Ok(()) }
}
