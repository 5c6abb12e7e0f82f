//! An origin for shapes of requests: a page with a tag and ranges, an echo, and a site for browsers.

use super::site;
use crate::fixtures::Client;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;

/// A running origin; takes no more connections once dropped.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) address: SocketAddr,
    reports: Reports,
    over: Arc<AtomicBool>,
}

/// What browsers said of the site.
type Reports = Arc<Mutex<Vec<String>>>;

impl Origin {
    /// Starts one.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (reports, over) = (Reports::default(), Arc::<AtomicBool>::default());
        let (told, is_over) = (reports.clone(), over.clone());
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if is_over.load(Relaxed) {
                    return;
                }
                let told = told.clone();
                // Whoever breaks off is no concern of an origin.
                thread::spawn(move || drop(serve(connection, &told)));
            }
        });
        Self { address, reports, over }
    }

    /// The next report of a browser, once.
    pub(super) fn report(&self) -> Option<String> {
        self.reports.lock().expect("nobody panics with it").pop()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
    }
}

/// A request as it came.
struct Asked {
    method: String,
    path: String,
    head: String,
    body: Vec<u8>,
}

impl Asked {
    fn read(client: &mut Client<TcpStream>) -> io::Result<Self> {
        let head = client.head()?;
        let mut words = head.split(' ').map(str::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let path = target.split('?').next().unwrap_or_default().to_owned();
        let mut asked = Self { method, path, head, body: Vec::new() };
        asked.body = match (asked.field("transfer-encoding"), asked.field("content-length")) {
            (Some(_), _) => client.chunks()?,
            (None, Some(length)) => client.exactly(length.parse().map_err(io::Error::other)?)?,
            (None, None) => Vec::new(),
        };
        Ok(asked)
    }

    fn field(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut named = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim())
    }
}

/// An answer: status line, fields and body.
struct Said {
    status: &'static str,
    fields: String,
    body: Vec<u8>,
}

fn serve(connection: TcpStream, reports: &Reports) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut client = Client::over(connection);
    loop {
        let asked = Asked::read(&mut client)?;
        if asked.path == "/report" {
            let text = String::from_utf8_lossy(&asked.body).into_owned();
            reports.lock().expect("nobody panics with it").push(text);
        }
        let Said { status, fields, body } = answer(&asked);
        let length = body.len();
        let head = match status {
            "304 Not Modified" => format!("HTTP/1.1 {status}\r\n{fields}\r\n"),
            _ => format!("HTTP/1.1 {status}\r\n{fields}content-length: {length}\r\n\r\n"),
        };
        client.try_send(head)?;
        if asked.method != "HEAD" {
            client.try_send(body)?;
        }
    }
}

fn answer(asked: &Asked) -> Said {
    let good = |kind: &str, body: Vec<u8>| Said {
        status: "200 OK",
        fields: format!("content-type: {kind}\r\n"),
        body,
    };
    match asked.path.as_str() {
        "/page" => page(asked),
        "/cookie" => {
            good("text/plain", asked.field("cookie").map_or(0, str::len).to_string().into_bytes())
        }
        "/echo" | "/report" => {
            let kind = asked.field("content-type").unwrap_or("none");
            let echo = good("application/octet-stream", asked.body.clone());
            Said { fields: format!("{}x-type: {kind}\r\n", echo.fields), ..echo }
        }
        path => match site::file(path) {
            Some((kind, body)) => good(kind, body),
            None => Said { status: "404 Not Found", fields: String::new(), body: Vec::new() },
        },
    }
}

/// 2 KiB with a tag, whole or in part.
fn page(asked: &Asked) -> Said {
    let whole = "seawall ".repeat(256).into_bytes();
    let tagged = "etag: \"seawall\"\r\naccept-ranges: bytes\r\ncontent-type: text/plain\r\n";
    if asked.field("if-none-match") == Some("\"seawall\"") {
        return Said { status: "304 Not Modified", fields: tagged.to_owned(), body: Vec::new() };
    }
    let range = asked.field("range").and_then(|range| range.strip_prefix("bytes="));
    let ends = range.and_then(|range| range.split_once('-'));
    let ends = ends.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    match ends {
        Some((first, last)) => Said {
            status: "206 Partial Content",
            fields: format!("{tagged}content-range: bytes {first}-{last}/{}\r\n", whole.len()),
            body: whole.get(first..=last).unwrap_or_default().to_vec(),
        },
        None => Said { status: "200 OK", fields: tagged.to_owned(), body: whole },
    }
}
