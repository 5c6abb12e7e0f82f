//! One connection of an origin: requests in, pages out, each after its worker is done.

use super::PageClass;
use super::pages::{Page, Pages};
use super::stand::Phase;
use super::workers::Workers;
use crate::Chance;
use crate::hyper_io::HyperIo;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// Bytes of a request's body that an origin takes; more gets 413.
pub const BODY_MAX: usize = 64 * 1_024;

/// What all connections of one life share.
#[derive(Debug)]
pub(super) struct Server {
    pages: Arc<Pages>,
    workers: Workers,
    seed: u64,
    sessions: AtomicU64,
}

impl Server {
    pub(super) fn new(pages: Arc<Pages>, workers: Workers, seed: u64) -> Self {
        Self { pages, workers, seed, sessions: AtomicU64::new(0) }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        if Limited::new(body, BODY_MAX).collect().await.is_err() {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "The form is too long.\n");
        }
        let class = PageClass::of_path(head.uri.path());
        let Ok(done) = self.workers.take(class) else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "Too many requests are waiting.\n");
        };
        if done.await.is_err() {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "The server is going away.\n");
        }
        match self.pages.find(head.uri.path()) {
            Some(page) => self.page(page, class, &head.headers),
            None => plain(StatusCode::NOT_FOUND, "There is no such page.\n"),
        }
    }

    fn page(&self, page: &Page, class: PageClass, asked: &HeaderMap) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(page.body.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(page.content_type));
        if class == PageClass::Asset {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
            return response;
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        if let (false, Some(cookie)) = (bears_session(asked), self.new_session()) {
            headers.insert(SET_COOKIE, cookie);
        }
        response
    }

    fn new_session(&self) -> Option<HeaderValue> {
        let number = self.sessions.fetch_add(1, Relaxed);
        let name = Chance::for_part(self.seed, number).next_u64();
        let cookie = format!("session={name:016x}; Path=/; HttpOnly; SameSite=Lax");
        HeaderValue::from_str(&cookie).ok()
    }
}

/// Serves one connection until it closes, or until the origin drains.
pub(super) async fn serve(
    stream: TcpStream,
    server: Arc<Server>,
    mut phase: watch::Receiver<Phase>,
) {
    let service = service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { Ok::<_, Infallible>(server.answer(request).await) }
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(HyperIo(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = draining(&mut phase) => connection.as_mut().graceful_shutdown(),
    }
    // An error here is the client's leaving; the origin's counts already tell what was done.
    let _ = connection.await;
}

async fn draining(phase: &mut watch::Receiver<Phase>) {
    // Without its sender the whole life has been dropped, and this task with it.
    let _ = phase.wait_for(|phase| *phase == Phase::Draining).await;
}

fn bears_session(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(COOKIE).into_iter();
    let mut crumbs = cookies.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    crumbs.any(|crumb| crumb.trim_ascii().starts_with(b"session="))
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
