//! nginx as an origin: pages of its own under `/static`, answers of its own, the rest from the echo.

use super::{Doors, Identity};
use crate::fixtures::program::{Running, find};
use crate::fixtures::{Folder, SOON, wait_for};
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

/// A running nginx; ended when dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) doors: Doors,
    folder: Folder,
    _running: Running,
}

impl Proxy {
    pub(super) fn start(doors: Doors, echo: SocketAddr, identity: &Identity) -> Self {
        let folder = Folder::new();
        let pages = folder.join("pages/static");
        fs::create_dir_all(pages.join("folder")).expect("the folder is ours");
        let write = |name: &str, bytes: Vec<u8>| {
            fs::write(pages.join(name), bytes).expect("the folder is ours");
        };
        write("page.html", "<p>seawall</p>\n".repeat(200).into());
        write("data", (0..=255).cycle().take(100_000).collect());
        write("empty", Vec::new());
        folder.write("users", "user:{PLAIN}secret\n");
        let text = configuration(&folder, doors, (echo, identity));
        let configuration = folder.write("nginx.conf", text);
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
        wait_for("answer of nginx", SOON, || TcpStream::connect(doors.plain).ok());
        Self { doors, folder, _running: running }
    }

    /// Method, target and status of each request so far.
    pub(super) fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.join("access.log"));
        log.unwrap_or_default().lines().map(str::to_owned).collect()
    }
}

fn configuration(
    folder: &Folder,
    doors: Doors,
    (echo, identity): (SocketAddr, &Identity),
) -> String {
    let Doors { plain, tls } = doors;
    let Identity { chain, key, .. } = identity;
    let (chain, key) = (chain.display(), key.display());
    let folder = folder.path().display();
    // As root nginx would serve as another user, who may not read our folder.
    let user = if rustix::process::getuid().is_root() { "user root;" } else { "" };
    format!(
        "{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  log_format target escape=none '$request_method $request_uri $status $request_length';
  access_log {folder}/access.log target;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  default_type text/plain;
  types {{ text/html html; }}
  absolute_redirect off;
  gzip on;
  gzip_types text/plain text/html;
  lingering_timeout 1s;
  map $http_upgrade $onward {{ default upgrade; '' ''; }}
  server {{
    listen {plain};
    listen {tls} ssl http2;
    ssl_certificate {chain};
    ssl_certificate_key {key};
    root {folder}/pages;
    proxy_http_version 1.1;
    proxy_ignore_client_abort on;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $onward;
    proxy_set_header TE $http_te;
    location / {{ proxy_pass http://{echo}; }}
    location /mirror {{
      proxy_pass http://{echo};
      proxy_request_buffering off;
      proxy_buffering off;
    }}
    location /static/ {{ add_header Cache-Control 'max-age=3600'; }}
    location /hidden/ {{ auth_basic 'hidden'; auth_basic_user_file {folder}/users; }}
    location /nginx/small {{ client_max_body_size 1k; proxy_pass http://{echo}; }}
    location = /nginx/204 {{ return 204; }}
    location = /nginx/silent {{ return 444; }}
    location = /nginx/moved {{ return 301 /static/page.html; }}
    location = /nginx/gone {{ return 410 'gone'; }}
  }}
}}
"
    )
}
