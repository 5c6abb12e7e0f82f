//! The origin on hyper: remembers what it was asked, answers as the target says.

use super::routes::{AnyBody, answer};
use super::seen::{Arrived, Fields, Seen, fields_of};
use super::{Doors, Stage, tls_server};
use crate::fixtures::Setup;
use http::header::{CONTENT_LENGTH, HOST};
use http::{Method, Request, Response, Version};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::error::Error;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What an answer may fail with; the connection, or the stream, then breaks.
pub(crate) type Broken = Box<dyn Error + Send + Sync>;

/// A running origin.
#[derive(Debug)]
pub(crate) struct Echo {
    pub(crate) doors: Doors,
    seen: Witness,
}

/// Requests so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<Remembered>>);

#[derive(Debug, Default)]
struct Remembered {
    seen: Vec<Seen>,
    log: Vec<String>,
}

impl Echo {
    pub(crate) fn start(stage: &Stage, doors: Doors, setup: &Setup) -> Self {
        let seen = Witness::default();
        let serve = |seen: &Witness| {
            let seen = seen.clone();
            move |request| respond(request, seen.clone())
        };
        serve_h1(stage, doors.plain, serve(&seen));
        serve_h2(stage, (doors.tls, setup), serve(&seen));
        Self { doors, seen }
    }

    /// Takes out what has come since the last time.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().seen)
    }

    /// Method and target of everything that ever came.
    pub(crate) fn log(&self) -> Vec<String> {
        self.seen.lock().log.clone()
    }
}

impl Witness {
    fn lock(&self) -> std::sync::MutexGuard<'_, Remembered> {
        self.0.lock().expect("nobody panics with it")
    }
}

/// Serves HTTP/1.1 in clear at `address` until `stage` ends.
pub(crate) fn serve_h1<F, A>(stage: &Stage, address: std::net::SocketAddr, service: F)
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Result<Response<AnyBody>, Broken>> + Send + 'static,
{
    accept(stage, address, move |socket| {
        let service = service_fn(service.clone());
        async move {
            let serving = hyper::server::conn::http1::Builder::new()
                // Who sends no more may still be waiting for an answer.
                .half_close(true)
                .serve_connection(TokioIo::new(socket), service);
            // Whoever breaks off is no concern of an origin.
            let _ = serving.with_upgrades().await;
        }
    });
}

/// Serves HTTP/2 over TLS until `stage` ends.
pub(crate) fn serve_h2<F, A>(
    stage: &Stage,
    (address, setup): (std::net::SocketAddr, &Setup),
    service: F,
) where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Result<Response<AnyBody>, Broken>> + Send + 'static,
{
    let tls = TlsAcceptor::from(tls_server(setup, b"h2"));
    accept(stage, address, move |socket| {
        let (tls, service) = (tls.clone(), service_fn(service.clone()));
        async move {
            let Ok(stream) = tls.accept(socket).await else { return };
            let serving = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service);
            // Whoever breaks off is no concern of an origin.
            let _ = serving.await;
        }
    });
}

fn accept<F, A>(stage: &Stage, address: std::net::SocketAddr, serve: F)
where
    F: Fn(TcpStream) -> A + Send + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let listener = stage.run(TcpListener::bind(address)).expect("it was free");
    stage.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            // It only makes answers late.
            let _ = socket.set_nodelay(true);
            drop(tokio::spawn(serve(socket)));
        }
    });
}

async fn respond(
    request: Request<Incoming>,
    witness: Witness,
) -> Result<Response<AnyBody>, Broken> {
    let record = Record::of(&request, witness);
    let alone = request.method() == Method::HEAD && request.version() == Version::HTTP_2;
    let response = answer(request, record).await?;
    Ok(if alone { head_alone(response) } else { response })
}

/// For HTTP/2, hyper leaves it to its user that a HEAD is answered without a body.
fn head_alone(mut response: Response<AnyBody>) -> Response<AnyBody> {
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    response.map(|_| Empty::new().map_err(never).boxed_unsync())
}

/// A request being read; remembered once its body is whole, or it is given up.
#[derive(Debug)]
pub(crate) struct Record {
    witness: Witness,
    seen: Option<Seen>,
}

impl Record {
    fn of(request: &Request<Incoming>, witness: Witness) -> Self {
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let authority = request.uri().authority().map(http::uri::Authority::as_str);
        let mut fields = fields_of(request.headers());
        fields.retain(|(name, _)| name != "host");
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        let seen = Seen {
            method: request.method().to_string(),
            target: target.to_owned(),
            authority: host.or(authority).map(str::to_owned),
            fields,
            body: Arrived::NotWhole,
            trailers: Vec::new(),
        };
        witness.lock().log.push(format!("{} {}", seen.method, seen.target));
        Self { witness, seen: Some(seen) }
    }

    /// The request is whole.
    pub(crate) fn whole(mut self, body: &[u8], trailers: Fields) {
        if let Some(seen) = &mut self.seen {
            (seen.body, seen.trailers) = (Arrived::whole(body), trailers);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if let Some(seen) = self.seen.take() {
            self.witness.lock().seen.push(seen);
        }
    }
}

/// A fault that cannot be.
pub(crate) fn never(fault: Infallible) -> Broken {
    match fault {}
}
