//! nginx as an origin behind a lock, or behind one that does not hold.

use crate::fixtures::ports::free_address;
use crate::fixtures::program::{Running, find};
use crate::fixtures::{Certificate, Folder, HOST, SOON, wait_for};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

/// The secret that nginx knows.
pub(crate) const SECRET: &str = "a-secret-of-this-test-only-0123";

/// How an origin lets somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Whoever comes.
    Open,
    /// Who shows the secret.
    Header,
    /// Who shows any secret.
    AnyHeader,
    /// Who shows a client certificate.
    ClientCertificate,
    /// Whoever comes, though it asks for a client certificate.
    OptionalCertificate,
    /// Whoever comes by TLS, with a certificate that names the platform.
    Named,
    /// Whoever comes; scans by address are sent to the platform's name.
    Telling,
}

/// A running nginx; ended when dropped.
#[derive(Debug)]
pub(crate) struct LockedNginx {
    pub(crate) address: SocketAddr,
    _folder: Folder,
    _running: Running,
}

impl LockedNginx {
    pub(crate) fn behind(door: Door) -> Self {
        let folder = Folder::new();
        let address = free_address();
        Certificate::write(&folder, "named", &[HOST]);
        Certificate::write(&folder, "unnamed", &["x7f3.internal"]);
        std::fs::create_dir(folder.join("pages")).expect("the folder is ours");
        folder.write("pages/index.html", "the platform\n");
        let file = folder.write("nginx.conf", configuration(&folder, address, door));
        let mut command = Command::new(find("nginx").expect("asked for by `needs`"));
        command.arg("-p").arg(folder.path()).arg("-c").arg(file).args(["-e", "error.log"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let running = Running::start(&mut command);
        wait_for("nginx", SOON, || TcpStream::connect(address).ok());
        Self { address, _folder: folder, _running: running }
    }
}

fn configuration(folder: &Folder, address: SocketAddr, door: Door) -> String {
    let folder = folder.path().display();
    // As root nginx would serve as another user, who may not read our folder.
    let user = if rustix::process::getuid().is_root() { "user root;" } else { "" };
    let tls = |name: &str, rest: &str| {
        let rest = rest.replace("FOLDER", &folder.to_string());
        format!(
            "listen {address} ssl; ssl_certificate {folder}/{name}.pem; \
             ssl_certificate_key {folder}/{name}.key; {rest}"
        )
    };
    let server = match door {
        Door::Open => format!("listen {address};"),
        Door::Header => format!("listen {address}; if ($knows = 0) {{ return 403; }}"),
        Door::AnyHeader => {
            format!("listen {address}; if ($http_seawall_origin_secret = '') {{ return 403; }}")
        }
        Door::ClientCertificate => {
            tls("unnamed", "ssl_client_certificate FOLDER/named.pem; ssl_verify_client on;")
        }
        Door::OptionalCertificate => {
            tls("unnamed", "ssl_client_certificate FOLDER/named.pem; ssl_verify_client optional;")
        }
        Door::Named => tls("named", ""),
        Door::Telling => format!(
            "listen {address}; if ($host != {HOST}) {{ return 301 https://{HOST}/; }} \
             add_header X-Served-By {};",
            address.ip()
        ),
    };
    format!(
        "{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map $http_seawall_origin_secret $knows {{ default 0; '{SECRET}' 1; }}
  server {{ server_name {HOST}; root {folder}/pages; {server} }}
}}
"
    )
}
