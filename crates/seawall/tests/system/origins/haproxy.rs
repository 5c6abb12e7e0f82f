//! `HAProxy` in front of another origin; answers `/haproxy/…` itself and gives hints for `/hints`.

use super::{Doors, Identity};
use crate::fixtures::program::{Running, find};
use crate::fixtures::{Folder, SOON, wait_for};
use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

/// A running `HAProxy`; ended when dropped.
#[derive(Debug)]
pub(super) struct Haproxy {
    folder: Folder,
    _running: Running,
}

impl Haproxy {
    pub(super) fn start(doors: Doors, behind: SocketAddr, identity: &Identity) -> Self {
        let folder = Folder::new();
        let file = folder.write("haproxy.cfg", configuration(doors, behind, identity));
        let log = File::create(folder.join("log")).expect("the folder is ours");
        let errors = File::create(folder.join("errors")).expect("the folder is ours");
        let mut command = Command::new(find("haproxy").expect("asked for by `needs`"));
        command.arg("-db").arg("-f").arg(file).stdin(Stdio::null()).stdout(log).stderr(errors);
        let running = Running::start(&mut command);
        wait_for("answer of HAProxy", SOON, || TcpStream::connect(doors.plain).ok());
        Self { folder, _running: running }
    }

    /// Method, target and status of each request so far.
    pub(super) fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.join("log"));
        log.unwrap_or_default().lines().map(str::to_owned).collect()
    }
}

fn configuration(doors: Doors, behind: SocketAddr, identity: &Identity) -> String {
    let Doors { plain, tls } = doors;
    let certificate = identity.both.display();
    format!(
        "global
  log stdout format raw local0
defaults
  mode http
  log global
  log-format '%HM %HU %ST'
  timeout connect 5s
  timeout client 10s
  timeout server 10s
  timeout http-request 5s
listen all
  bind {plain}
  bind {tls} ssl crt {certificate} alpn h2
  option dontlognull
  http-request early-hint Link '</style.css>; rel=preload' if {{ path /hints }}
  http-request return status 200 content-type text/plain string 'of HAProxy' if {{ path /haproxy/own }}
  http-request deny deny_status 429 if {{ path /haproxy/429 }}
  http-request redirect location /elsewhere code 307 if {{ path /haproxy/moved }}
  server behind {behind}
"
    )
}
