//! A request of the simulator as its stack would send it, for either protocol.
//!
//! Fields come in the order that the sender's stack says; those that the request needs and the stack
//! does not name come after them, and the ticket last.

use super::PlayedPlatform;
use super::check::DESK;
use super::fields::{NEEDED, Occasion, Scheme, UPGRADE};
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{Uri, Version};
use http_body_util::Full;
use seawall_sim::flood::forgery::shown;
use seawall_sim::request::{Manner, Request, Ticket};
use seawall_sim::site::{Method, Purpose};
use seawall_sim::stack::Stacks;
use std::borrow::Cow;
use std::fmt::Write as _;

/// The field by which an origin of the stage finds what a request costs it.
///
/// Every sender's requests bear one, so it tells nobody apart.
pub const TICKET_FIELD: &str = "stage-ticket";

/// Fields of a stack that the table does not know: those of a plain program.
const PLAIN: &str = "Host,User-Agent,Accept";
/// What a form sends.
const FORM: &str = "amount=10&name=A+visitor";
/// What a slow body consists of: enough bytes that each comes after the patience of a packet.
const SLOW_FORM: &str = "note=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A whole request.
#[derive(Debug)]
pub(super) struct Message {
    method: &'static str,
    target: String,
    fields: Vec<(String, String)>,
    pub(super) body: Cow<'static, str>,
}

impl Message {
    pub(super) fn of(
        platform: &PlayedPlatform,
        stacks: &Stacks,
        (ticket, request): (Ticket, &Request),
        scheme: Scheme,
    ) -> Self {
        let route = platform.site.route(request.route);
        let (method, purpose) =
            route.map_or((Method::Get, Purpose::Page), |route| (route.method, route.purpose));
        let stack = shown(stacks, request.look);
        let stack = stack.as_ref();
        let body = match (request.manner, method) {
            (Manner::SlowBody(_), _) => SLOW_FORM,
            (_, Method::Get) => "",
            (_, Method::Post) => FORM,
        };
        let occasion = Occasion { platform, request, purpose, stack, body, scheme };
        let said = stack.map(|stack| stack.headers.as_str()).filter(|names| !names.is_empty());
        let names: Vec<_> = said.unwrap_or(PLAIN).split(',').map(str::trim).collect();
        let more: &[&str] =
            if matches!(request.manner, Manner::Socket(_)) { &UPGRADE } else { &[] };
        let missing = NEEDED.iter().chain(more);
        let missing = missing.filter(|name| !names.iter().any(|n| n.eq_ignore_ascii_case(name)));
        let all = names.iter().chain(missing).filter(|name| !name.is_empty());
        let mut fields: Vec<_> =
            all.filter_map(|name| Some(((*name).to_owned(), occasion.value(name)?))).collect();
        fields.push((TICKET_FIELD.to_owned(), ticket.0.to_string()));
        let target = request.target(&platform.site);
        Self { method: method.word(), target, fields, body: body.into() }
    }

    /// What the script of a page sends to pass its check.
    pub(super) fn to_desk(&self, body: String) -> Self {
        let kept = ["host", "user-agent", "accept-language", "cookie"];
        let is_kept = |name: &str| kept.iter().any(|own| own.eq_ignore_ascii_case(name));
        let mut fields: Vec<_> =
            self.fields.iter().filter(|(name, _)| is_kept(name)).cloned().collect();
        fields.push(("content-length".to_owned(), body.len().to_string()));
        Self { method: "POST", target: DESK.to_owned(), fields, body: body.into() }
    }

    /// The same with a pass among its cookies.
    pub(super) fn bear(&mut self, pass: &str) {
        let cookie = self.fields.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        match cookie {
            Some((_, cookies)) => {
                cookies.push_str("; ");
                cookies.push_str(pass);
            }
            None => self.fields.push(("cookie".to_owned(), pass.to_owned())),
        }
    }

    /// Request line and fields of HTTP/1.1, without the body.
    pub(super) fn head(&self) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.fields {
            // Writing to a string cannot fail.
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("\r\n");
        text
    }

    /// The same for HTTP/2, where the host stands in the address and connections say nothing
    /// (RFC 9113 §8.2.2); none for a text that cannot be sent.
    pub(super) fn http2(&self, host: &str) -> Option<http::Request<Full<Bytes>>> {
        let body = Full::new(Bytes::copy_from_slice(self.body.as_bytes()));
        let mut request = http::Request::new(body);
        *request.version_mut() = Version::HTTP_2;
        *request.method_mut() = self.method.parse().ok()?;
        *request.uri_mut() = format!("https://{host}{}", self.target).parse::<Uri>().ok()?;
        for (name, value) in &self.fields {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            if !matches!(name.as_str(), "host" | "connection") {
                request.headers_mut().append(name, HeaderValue::from_str(value).ok()?);
            }
        }
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{platform_at, request};
    use super::*;
    use seawall_sim::site::RouteId;
    use seawall_sim::stack::{Look, Protocol, Stack};
    use std::time::Duration;

    fn message(stacks: &Stacks, request: &Request) -> Message {
        let platform = platform_at("127.0.0.1:1");
        Message::of(&platform, stacks, (Ticket(7), request), Scheme::Http)
    }

    fn browser() -> (Stacks, Look) {
        let mut stacks = Stacks::default();
        let stack = stacks.intern(Stack {
            user_agent: "A browser/1.0".to_owned(),
            ja4: String::new(),
            h2: String::new(),
            headers: "Accept,User-Agent,Host".to_owned(),
            tcp: String::new(),
            protocol: Protocol::H1,
        });
        (stacks, Look::of(stack))
    }

    #[test]
    fn fields_come_in_the_order_of_the_stack_and_a_cookie_after_them() {
        let (stacks, look) = browser();
        let sent = Request { look, cookie: Some(255), ..request(RouteId(0)) };
        assert_eq!(
            message(&stacks, &sent).head(),
            "GET / HTTP/1.1\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\n\
             User-Agent: A browser/1.0\r\nHost: www.example.org\r\n\
             cookie: session=00000000000000ff\r\nstage-ticket: 7\r\n\r\n"
        );
    }

    #[test]
    fn over_http2_the_host_stands_in_the_address_and_fields_keep_their_order() {
        let (stacks, look) = browser();
        let sent = message(&stacks, &Request { look, ..request(RouteId(4)) });
        let sent = sent.http2("www.example.org").unwrap();
        assert_eq!(sent.uri(), "https://www.example.org/donate");
        let names: Vec<_> = sent.headers().keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["accept", "user-agent", TICKET_FIELD]);
    }

    #[test]
    fn who_passes_a_check_says_who_it_is_and_bears_its_pass_from_then_on() {
        let (stacks, look) = browser();
        let sent = Request { look, cookie: Some(255), ..request(RouteId(0)) };
        let mut first = message(&stacks, &sent);
        assert_eq!(
            first.to_desk("c29sdmVk".to_owned()).head(),
            "POST /.well-known/seawall/answer HTTP/1.1\r\nUser-Agent: A browser/1.0\r\n\
             Host: www.example.org\r\ncookie: session=00000000000000ff\r\ncontent-length: 8\r\n\r\n"
        );
        first.bear("seawall=abc");
        assert!(first.head().contains("cookie: session=00000000000000ff; seawall=abc\r\n"));
        let mut other = message(&stacks, &Request { look, ..request(RouteId(0)) });
        other.bear("seawall=abc");
        assert!(other.head().contains("cookie: seawall=abc\r\n"));
    }

    #[test]
    fn a_form_is_sent_with_its_length_and_a_slow_body_too() {
        let form = message(&Stacks::default(), &request(RouteId(10)));
        let head = form.head();
        assert!(head.starts_with("POST /donate HTTP/1.1\r\nHost: www.example.org\r\n"), "{head}");
        assert!(head.contains("\r\ncontent-length: 24\r\n"), "{head}");
        assert_eq!(form.body.len(), 24);
        let manner = Manner::SlowBody(Duration::from_secs(1));
        let slow = message(&Stacks::default(), &Request { manner, ..request(RouteId(0)) });
        assert!(slow.head().contains("\r\ncontent-length: 64\r\n"), "{}", slow.head());
        assert_eq!(slow.body.len(), 64);
    }

    #[test]
    fn a_socket_asks_for_its_upgrade() {
        let manner = Manner::Socket(Duration::from_secs(1));
        let socket = message(&Stacks::default(), &Request { manner, ..request(RouteId(17)) });
        let head = socket.head();
        assert!(head.contains("\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"), "{head}");
        assert!(head.contains("\r\nsec-websocket-version: 13\r\n"), "{head}");
    }
}
