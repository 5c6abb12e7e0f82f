use super::*;
use crate::casting::Pools;
use crate::flood::forgery::Forged;
use crate::network::{Network, NetworkClass};
use crate::recording::read_line;
use crate::request::{Query, Sender};
use crate::scenario::record::{host_of, write_request};
use crate::site::RouteId;
use crate::stack::StackId;
use seawall_types::{PlatformId, Trait};
use std::time::Duration;

fn network(index: u32) -> Network {
    Network { index, class: NetworkClass::Mobile, country: *b"DE", asn: 64_496 + index }
}

/// Requests of every stack, each with another query, referer, language and route.
fn requests(pools: &Pools, site: &Site) -> Vec<Request> {
    let request = |number: u16| {
        let stack = StackId(number / 2);
        let queries = [
            Query::None,
            Query::Known(7),
            Query::Campaign(3),
            Query::Random(0x9f8e_7d6c_5b4a_3f21),
        ];
        let referers =
            [Referer::None, Referer::Own(RouteId(0)), Referer::Search, Referer::Elsewhere(4)];
        Request {
            sender: Sender { group: 0, member: 0 },
            platform: PlatformId(0),
            source: network(number.into()).v4(number.into()),
            network: network(number.into()),
            look: if number.is_multiple_of(2) {
                Look::of(stack)
            } else {
                Forged::ALL.look(stack, number.into())
            },
            language: u8::try_from(usize::from(number) % LANGUAGES.len()).unwrap(),
            route: RouteId(number % u16::try_from(site.routes.len()).unwrap()),
            item: number.into(),
            query: queries[usize::from(number) % 4],
            referer: referers[usize::from(number / 4) % 4],
            cookie: number.is_multiple_of(3).then_some(9),
            navigates: true,
            manner: Manner::Plain,
            patience: Duration::from_secs(10),
        }
    };
    let rows = u16::try_from(pools.stacks().len()).unwrap();
    (0..2 * rows).map(request).collect()
}

#[test]
fn a_recorded_request_shows_what_the_simulated_one_did_but_for_the_wire() {
    let (pools, site) = (Pools::new(), Site::organisation());
    let mut shows = Shows::new(pools.stacks());
    let host = host_of("www");
    for request in requests(&pools, &site) {
        let mut line = "{\"t\":1".to_owned();
        write_request(&mut line, pools.stacks(), (&request, &site, "www"));
        line.push('}');
        let recorded = read_line(line.as_bytes()).unwrap();
        let is_own = |named: &str| named == host;
        let read = traits::traits(&recorded.view(Some(&is_own)));
        let occasion = Occasion { request: &request, site: &site, host: &host };
        let simulated = shows.traits(occasion).with(Attribute::Wire, Trait::UNKNOWN);
        for attribute in Attribute::ALL {
            assert_eq!(read.get(attribute), simulated.get(attribute), "{attribute} of {line}");
        }
    }
}

#[test]
fn a_look_that_is_remembered_shows_what_it_did_at_first() {
    let (pools, site) = (Pools::new(), Site::organisation());
    let mut shows = Shows::new(pools.stacks());
    let mut traits = || {
        let requests = requests(&pools, &site).into_iter();
        let of = |request: Request| {
            shows.traits(Occasion { request: &request, site: &site, host: "www.example" })
        };
        requests.map(of).collect::<Vec<_>>()
    };
    assert_eq!(traits(), traits());
}
