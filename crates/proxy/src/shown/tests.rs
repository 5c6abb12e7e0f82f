//! Simulated requests, written as heads and read as the proxy reads them.

use super::*;
use http::HeaderValue;
use seawall_sim::casting::Pools;
use seawall_sim::network::{Network, NetworkClass};
use seawall_sim::request::{Manner, Query, Referer, Request as Simulated, Sender};
use seawall_sim::shows::{Occasion, Shows, Texts};
use seawall_sim::site::{RouteId, Site};
use seawall_sim::stack::{Look, Stack, StackId};
use seawall_types::Attribute;
use std::fmt::Write as _;
use std::time::Duration;

const HOST: &str = "www.example";

/// What a head alone shows.
const OF_HEAD: [Attribute; 9] = [
    Attribute::Method,
    Attribute::Route,
    Attribute::Query,
    Attribute::Referer,
    Attribute::Language,
    Attribute::Agent,
    Attribute::Headers,
    Attribute::Cookie,
    Attribute::Prefix,
];

fn simulated(number: u16, (stack, site): (&Stack, &Site)) -> Simulated {
    let network = Network {
        index: number.into(),
        class: NetworkClass::Residential,
        country: *b"DE",
        asn: 64_496,
    };
    let queries =
        [Query::None, Query::Known(7), Query::Campaign(3), Query::Random(0x9f8e_7d6c_5b4a_3f21)];
    let referers =
        [Referer::None, Referer::Own(RouteId(0)), Referer::Search, Referer::Elsewhere(4)];
    let tells_language = stack.headers.contains("accept-language");
    Simulated {
        sender: Sender { group: 0, member: 0 },
        platform: PlatformId(0),
        source: network.v4(number.into()),
        network,
        look: Look::of(StackId(number)),
        language: if tells_language { u8::try_from(1 + number % 8).unwrap() } else { 0 },
        route: RouteId(number % u16::try_from(site.routes.len()).unwrap()),
        item: number.into(),
        query: queries[usize::from(number) % 4],
        referer: referers[usize::from(number / 4) % 4],
        cookie: number.is_multiple_of(3).then_some(9),
        navigates: true,
        manner: Manner::Plain,
        patience: Duration::from_secs(10),
    }
}

/// The head as its client would send it: the fields that its stack names, where they say anything.
fn head(request: &Simulated, texts: &Texts, stack: &Stack) -> String {
    let mut head = format!("{} {} HTTP/1.1\r\nHost: {HOST}\r\n", texts.method, texts.target);
    let named = stack.headers.split(',').filter(|name| *name != "host");
    let unnamed = ["referer", "cookie", "content-length"];
    let unnamed = unnamed.into_iter().filter(|name| !stack.headers.split(',').any(|n| n == *name));
    for name in named.chain(unnamed) {
        let value = match name {
            "user-agent" => stack.user_agent.as_str(),
            "accept-language" => texts.language,
            "referer" => texts.referer.as_str(),
            "cookie" if request.cookie.is_some() => "session=9",
            "content-length" if texts.method == "POST" => "4",
            "cookie" | "content-length" => "",
            _ => "1",
        };
        if !value.is_empty() {
            let capital = name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
            let _ = write!(head, "{}: {value}\r\n", capital.collect::<Vec<_>>().join("-"));
        }
    }
    head + "\r\n"
}

/// The fields as the HTTP engine hands them over.
fn headers(head: &str) -> HeaderMap {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    assert!(request.parse(head.as_bytes()).unwrap().is_complete());
    let mut headers = HeaderMap::new();
    for field in request.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(field.value).unwrap());
    }
    headers
}

#[test]
fn a_simulated_request_on_the_wire_shows_what_it_does_in_the_simulation() {
    let (pools, site) = (Pools::new(), Site::organisation());
    let mut shows = Shows::new(pools.stacks());
    for number in 0..u16::try_from(pools.stacks().len()).unwrap() {
        let stack = pools.stacks().row(StackId(number)).unwrap();
        let request = simulated(number, (stack, &site));
        let occasion = Occasion { request: &request, site: &site, host: HOST };
        let head = head(&request, &Texts::of(occasion), stack);
        let mut expected = shows.traits(occasion);
        if request.cookie.is_some() {
            // Nothing on the wire says who set a cookie.
            let borne = View { cookie: Some(Cookie::Borne), ..of_fields(Fields::default()) };
            let borne = traits::traits(&borne).get(Attribute::Cookie);
            expected.set(Attribute::Cookie, borne);
        }

        let (method, target, lines) = parts(head.as_bytes());
        let headers = headers(&head);
        let is_own = |named: &str| named == HOST;
        for fields in [fields(&headers), Fields::of_lines(lines)] {
            let (source, is_own) = (request.source, Some::<&dyn Fn(&str) -> bool>(&is_own));
            let view = View { method, target, source, is_own, ..of_fields(fields) };
            let on_wire = traits::traits(&view);
            for attribute in OF_HEAD {
                assert_eq!(
                    on_wire.get(attribute),
                    expected.get(attribute),
                    "{attribute} of {head}"
                );
            }
        }
    }
}

#[test]
fn fields_that_come_again_are_counted_once_wherever_they_stand() {
    let head = "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nA: 3\r\nUser-Agent: x\r\nUser-Agent: y\r\n\r\n";
    let (_, _, lines) = parts(head.as_bytes());
    let (map, raw) = (headers(head), Fields::of_lines(lines));
    let of_map = fields(&map);
    assert_eq!(of_map.order, raw.order);
    assert_eq!((of_map.agent, raw.agent), (Some(&b"x"[..]), Some(&b"x"[..])));
}

#[test]
fn a_target_that_is_a_whole_address_is_its_path() {
    for (line, expected) in [
        ("GET /a?b=c HTTP/1.1", "/a?b=c"),
        ("GET http://www.example/a HTTP/1.1", "/a"),
        ("GET http://www.example HTTP/1.1", "/"),
        ("GET /a?u=http://www.example/ HTTP/1.1", "/a?u=http://www.example/"),
        ("OPTIONS * HTTP/1.1", "*"),
    ] {
        assert_eq!(parts(line.as_bytes()).1, expected, "{line}");
    }
}
