//! nginx as an origin whose pages say in several ways whether they may be kept.

use crate::fixtures::ports::free_address;
use crate::fixtures::program::{Running, find};
use crate::fixtures::{Folder, SOON, wait_for};
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// A running nginx; ended when dropped, and started again with the same folder.
pub(super) struct Nginx {
    pub(super) address: SocketAddr,
    pub(super) folder: Arc<Folder>,
    _running: Running,
}

impl Nginx {
    pub(super) fn start() -> Self {
        Self::start_at(free_address(), Arc::new(Folder::new()))
    }

    pub(super) fn start_at(address: SocketAddr, folder: Arc<Folder>) -> Self {
        let pages = folder.join("pages");
        fs::create_dir_all(&pages).expect("the folder is ours");
        fs::write(pages.join("page"), "seawall ".repeat(256)).expect("the folder is ours");
        let configuration = folder.write("nginx.conf", configuration(&folder, address));
        let mut command = Command::new(find("nginx").expect("asked for by `needs`"));
        command
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(configuration)
            .args(["-e", "error.log"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let running = Running::start(&mut command);
        wait_for("answer of nginx", SOON, || TcpStream::connect(address).ok());
        Self { address, folder, _running: running }
    }

    /// Requests for just this that it has answered and noted.
    pub(super) fn count(&self, request: &str) -> usize {
        let log = fs::read_to_string(self.folder.join("access.log")).unwrap_or_default();
        log.lines().filter(|line| *line == request).count()
    }

    /// The same, once it has come to so many: nginx writes a line after it has answered.
    pub(super) fn comes_to(&self, request: &str, least: usize) -> usize {
        wait_for("line of nginx", SOON, || {
            let count = self.count(request);
            (count >= least).then_some(count)
        })
    }
}

fn configuration(folder: &Folder, address: SocketAddr) -> String {
    let folder = folder.path().display();
    // As root nginx would serve as another user, who may not read our folder.
    let user = if rustix::process::getuid().is_root() { "user root;" } else { "" };
    format!(
        "{user}
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
  log_format target '$request_method $request_uri';
  access_log {folder}/access.log target;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  default_type text/plain;
  server {{
    listen {address} backlog=4096;
    root {folder}/pages;
    location / {{ try_files /page =404; }}
    location /public {{ add_header Cache-Control 'public, max-age=60'; try_files /page =404; }}
    location /private {{ add_header Cache-Control 'private, max-age=60'; try_files /page =404; }}
    location /nostore {{ add_header Cache-Control 'no-store'; try_files /page =404; }}
    location /cookie {{ add_header Cache-Control 'max-age=60'; add_header Set-Cookie 'sid=1'; try_files /page =404; }}
  }}
}}
"
    )
}
