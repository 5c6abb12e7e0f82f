//! An origin on h11, which reads HTTP/1.1 by the grammar of the RFC.

use super::Doors;
use super::seen::{Arrived, Seen};
use crate::fixtures::program::{PYTHON, Running};
use crate::fixtures::{Folder, SOON, wait_for};
use std::fs::{self, File};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// Serves what it is asked on one address, a thread for each connection; says on stdout what came.
const SERVER: &str = r#"
import h11, socket, sys, threading

lock = threading.Lock()

def say(*words):
    with lock:
        print(*words, flush=True)

def answer(connection, sock, request, body):
    method, target = request.method.decode(), request.target.decode()
    say("whole", method, target, body.hex() or "-")
    text = f"{method} {target} {len(body)}\n".encode()
    fields = [("content-length", str(len(text)))]
    sock.sendall(connection.send(h11.Response(status_code=200, headers=fields)))
    if method != "HEAD":
        sock.sendall(connection.send(h11.Data(data=text)))
    sock.sendall(connection.send(h11.EndOfMessage()))

def serve(sock):
    connection, request, body = h11.Connection(h11.SERVER), None, b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                interim = h11.InformationalResponse(status_code=100, headers=[])
                sock.sendall(connection.send(interim))
            connection.receive_data(sock.recv(65536))
        elif isinstance(event, h11.Request):
            request, body = event, b""
            say("head", event.method.decode(), event.target.decode())
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            answer(connection, sock, request, body)
            if connection.our_state is h11.MUST_CLOSE:
                return
            if connection.their_state is h11.MIGHT_SWITCH_PROTOCOL:
                return
            connection.start_next_cycle()
        else:
            return

def run(sock):
    with sock:
        try:
            serve(sock)
        except h11.RemoteProtocolError as fault:
            # A client that leaves inside a body says nothing of how heads are read.
            if "peer closed connection" not in str(fault):
                say("head BAD", str(fault).replace(" ", "_"))
        except OSError:
            pass

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=run, args=(accepted,), daemon=True).start()
"#;

/// A running server; ended when dropped.
#[derive(Debug)]
pub(super) struct H11 {
    folder: Folder,
    _running: Running,
}

impl H11 {
    pub(super) fn start(doors: Doors) -> Self {
        let folder = Folder::new();
        let out = File::create(folder.join("out")).expect("the folder is ours");
        let mut command = Command::new(PYTHON);
        command.args(["-c", SERVER, &doors.plain.port().to_string()]);
        command.stdin(Stdio::null()).stdout(out).stderr(Stdio::null());
        let running = Running::start(&mut command);
        wait_for("answer of h11", SOON, || TcpStream::connect(doors.plain).ok());
        Self { folder, _running: running }
    }

    fn lines(&self, kind: &str) -> Vec<String> {
        let out = fs::read_to_string(self.folder.join("out")).unwrap_or_default();
        out.lines().filter_map(|line| line.strip_prefix(kind)).map(str::to_owned).collect()
    }

    /// Method and target of each request so far.
    pub(super) fn log(&self) -> Vec<String> {
        self.lines("head ")
    }

    /// Every request that came whole so far, without its fields.
    pub(super) fn seen(&self) -> Vec<Seen> {
        let whole = |line: String| {
            let mut words = line.split(' ').map(str::to_owned);
            let (method, target, body) = (words.next()?, words.next()?, words.next()?);
            let body = Arrived::whole(&from_hex(&body));
            let (fields, trailers) = (Vec::new(), Vec::new());
            Some(Seen { method, target, authority: None, fields, body, trailers })
        };
        self.lines("whole ").into_iter().filter_map(whole).collect()
    }
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits = |at: usize| text.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    (0..text.len()).step_by(2).filter_map(digits).collect()
}
