//! The origins that tables of requests are asked: hyper, nginx, `HAProxy` in front of nginx, and h11.
//!
//! Behind each of the first three ends a hyper origin of its own, the [`Echo`], which remembers what reached it; so
//! the same request may be sent straight and through the shield, and compared at both ends.
//! They listen twice: for HTTP/1.1 in clear, and for HTTP/2 over TLS with the certificate
//! of the platform, so that a client cannot tell it from the shield.

mod echo;
mod h11;
mod haproxy;
mod nginx;
mod routes;
mod runtime;
mod seen;

pub(crate) use echo::{Broken, serve_h1, serve_h2};
pub(crate) use routes::AnyBody;
pub(crate) use runtime::Stage;
pub(crate) use seen::{Arrived, Seen, fields_of};

use crate::fixtures::ports::free_address;
use crate::fixtures::{Certificate, Setup};
use echo::Echo;
use h11::H11;
use haproxy::Haproxy;
use nginx::Proxy;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Programs without which there are no such origins.
pub(crate) const PROGRAMS: [&str; 2] = ["nginx", "haproxy"];

/// Which origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Hyper,
    Nginx,
    /// `HAProxy`, with nginx behind it.
    Haproxy,
    /// A server in Python that speaks HTTP/1.1 alone.
    H11,
}

impl Kind {
    /// Those that speak HTTP/1.1 and HTTP/2.
    pub(crate) const BOTH: [Self; 3] = [Self::Hyper, Self::Nginx, Self::Haproxy];
    /// Every one.
    pub(crate) const ALL: [Self; 4] = [Self::Hyper, Self::Nginx, Self::Haproxy, Self::H11];
}

/// Where an origin listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doors {
    pub(crate) plain: SocketAddr,
    /// HTTP/2 alone.
    pub(crate) tls: SocketAddr,
}

impl Doors {
    pub(crate) fn free() -> Self {
        Self { plain: free_address(), tls: free_address() }
    }
}

/// One origin that runs, with a setup of a shield in front of it.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) doors: Doors,
    pub(crate) setup: Setup,
    pub(crate) stage: Stage,
    echo: Echo,
    nginx: Option<Proxy>,
    haproxy: Option<Haproxy>,
    h11: Option<H11>,
}

impl Origin {
    /// Starts one and everything behind it; `setup` makes of a setup what the test wants.
    pub(crate) fn start(kind: Kind, setup: fn(Setup) -> Setup) -> Self {
        let stage = Stage::new();
        let doors = Doors::free();
        let setup = setup(Setup::before(doors.plain));
        let identity = Identity::of(&setup);
        let own = |wanted: Kind| if kind == wanted { doors } else { Doors::free() };
        let echo = Echo::start(&stage, own(Kind::Hyper), &setup);
        let nginx = matches!(kind, Kind::Nginx | Kind::Haproxy)
            .then(|| Proxy::start(own(Kind::Nginx), echo.doors.plain, &identity));
        let haproxy = nginx
            .as_ref()
            .filter(|_| kind == Kind::Haproxy)
            .map(|nginx| Haproxy::start(doors, nginx.doors.plain, &identity));
        let h11 = (kind == Kind::H11).then(|| H11::start(doors));
        Self { doors, setup, stage, echo, nginx, haproxy, h11 }
    }

    /// What has reached the end of the chain since this was asked the last time.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.h11.as_ref().map_or_else(|| self.echo.take(), H11::seen)
    }

    /// Requests that the origin itself has read so far, beginning with method and target.
    pub(crate) fn log(&self) -> Vec<String> {
        match (&self.haproxy, &self.nginx, &self.h11) {
            (Some(haproxy), _, _) => haproxy.log(),
            (None, Some(nginx), _) => nginx.log(),
            (None, None, Some(h11)) => h11.log(),
            (None, None, None) => self.echo.log(),
        }
    }
}

/// Certificate and key of the platform, in the forms that servers want.
#[derive(Debug)]
pub(crate) struct Identity {
    chain: PathBuf,
    key: PathBuf,
    /// Both in one file.
    both: PathBuf,
}

impl Identity {
    fn of(setup: &Setup) -> Self {
        let Certificate { chain, .. } = &setup.certificate;
        let key = chain.with_extension("key");
        let read = |path| std::fs::read_to_string(path).expect("the setup wrote it");
        let both = setup.folder.write("both.pem", [read(chain), read(&key)].concat());
        Self { chain: chain.clone(), key, both }
    }
}

/// Settings of a server with the certificate of `setup`, speaking `protocol`.
pub(crate) fn tls_server(setup: &Setup, protocol: &[u8]) -> Arc<rustls::ServerConfig> {
    use rustls::pki_types::PrivateKeyDer;
    use rustls::pki_types::pem::PemObject as _;
    let key = setup.certificate.chain.with_extension("key");
    let key = PrivateKeyDer::from_pem_file(key).expect("the setup wrote it");
    let mut settings = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![setup.certificate.der.clone()], key)
        .expect("they belong together");
    settings.alpn_protocols = vec![protocol.to_vec()];
    Arc::new(settings)
}
