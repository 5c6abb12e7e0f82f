//! The control: a small reverse proxy over hyper's own server and client.
//!
//! The table runs beside it, so that a row can be told that no proxy on these parts carries from
//! one that ours loses.

use crate::fixtures::Setup;
use crate::origins::{AnyBody, Broken, Doors, Stage, serve_h1, serve_h2};
use http::header::{CONNECTION, HOST, HeaderMap, HeaderName, TE, TRANSFER_ENCODING, UPGRADE};
use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// Starts one in front of `origin`; it ends with `stage`.
pub(crate) fn start(stage: &Stage, (origin, setup): (SocketAddr, &Setup)) -> Doors {
    let doors = Doors::free();
    let service = move |request| async move {
        let answer = pass_on(origin, request).await;
        Ok(answer.unwrap_or_else(|_| {
            let nothing = Empty::new().map_err(|never| match never {});
            let mut response = Response::new(nothing.boxed_unsync());
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }))
    };
    serve_h1(stage, doors.plain, service);
    serve_h2(stage, (doors.tls, setup), service);
    doors
}

async fn pass_on(
    origin: SocketAddr,
    mut request: Request<Incoming>,
) -> Result<Response<AnyBody>, Broken> {
    let socket = TcpStream::connect(origin).await?;
    let (mut send, connection) = http1::handshake(TokioIo::new(socket)).await?;
    // How it ends is told by its answer.
    drop(tokio::spawn(async move { drop(connection.with_upgrades().await) }));
    let client = request.headers().contains_key(UPGRADE).then(|| hyper::upgrade::on(&mut request));
    let mut response = send.send_request(onward(request)).await?;
    let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    if let (Some(client), true) = (client, switches) {
        let origin = hyper::upgrade::on(&mut response);
        drop(tokio::spawn(async move {
            if let (Ok(client), Ok(origin)) = (client.await, origin.await) {
                let (mut client, mut origin) = (TokioIo::new(client), TokioIo::new(origin));
                // Whoever leaves ends both.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut origin).await;
            }
        }));
    } else {
        end_here(response.headers_mut());
    }
    Ok(response.map(|body| body.map_err(Broken::from).boxed_unsync()))
}

fn onward(request: Request<Incoming>) -> Request<Incoming> {
    let (mut parts, body) = request.into_parts();
    let upgrade = parts.headers.get(UPGRADE).cloned();
    let trailers = parts.headers.get(TE).is_some_and(|te| te == "trailers");
    end_here(&mut parts.headers);
    if let Some(upgrade) = upgrade {
        parts.headers.insert(UPGRADE, upgrade);
        parts.headers.insert(CONNECTION, "upgrade".parse().expect("a good value"));
    }
    if trailers {
        parts.headers.insert(TE, "trailers".parse().expect("a good value"));
    }
    let authority = parts.uri.authority().map(|authority| authority.as_str().parse());
    if let Some(Ok(host)) = authority
        && !parts.headers.contains_key(HOST)
    {
        parts.headers.insert(HOST, host);
    }
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    parts.uri = target.parse().expect("a part of a good one");
    parts.version = Version::HTTP_11;
    Request::from_parts(parts, body)
}

/// Removes what concerns one connection.
fn end_here(headers: &mut HeaderMap) {
    let named = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named = named.flat_map(|value| value.split(','));
    let named: Vec<HeaderName> = named.filter_map(|name| name.trim().parse().ok()).collect();
    let usual = ["keep-alive", "proxy-connection"].map(HeaderName::from_static);
    let own = [CONNECTION, TE, TRANSFER_ENCODING, UPGRADE];
    let gone: Vec<_> = named.into_iter().chain(usual).chain(own).collect();
    // Put together anew: the map loses the order of what is left when a field is removed.
    let kept = headers.iter().filter(|(name, _)| !gone.contains(name));
    *headers = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
}
