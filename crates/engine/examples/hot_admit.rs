//! hot: admission, a request of a calm platform and its end budget 1400
//!
//! One of 5,000 prefixes asks for one of 32 routes; the route is found, a slot is taken, the answer
//! comes and is learned from.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_engine::admission::{
    Alone, Body, Call, Class, Kind, MethodKind, Offer, Outcome, Prefix, Request, RouteKey,
    RouteSeed,
};
use seawall_types::Moment;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

fn main() {
    let mut now = Moment(0);
    let mut core = Alone::new(now, vec![None], [1, 2]);
    let seed = RouteSeed([3, 4]);
    let mut count = 0_u32;
    repeat(|| {
        count = count.wrapping_add(1);
        now = now + Duration::from_micros(500);
        if core.next_deadline() <= now {
            core.on_deadline(now);
        }
        let paths = ["/donate/12345?from=mail", "/news", "/static/app.8f3a1c.js", "/about/us"];
        let path = paths[count as usize % paths.len()];
        let address =
            Ipv4Addr::from((10 << 24) | ((count.wrapping_mul(2_654_435_761) % 5_000) << 8));
        let request = Request {
            route: RouteKey::of(seed, MethodKind::Read, black_box(path)),
            prefix: Prefix::of(IpAddr::V4(black_box(address))),
            class: Class::Unknown,
            kind: Kind::Brief,
            body: Body::Whole,
            bytes: 600,
            call: Call::First,
        };
        let Offer::Admit(permit) = core.offer(now, &request) else {
            panic!("a calm platform made a request wait");
        };
        core.finished(now + Duration::from_micros(300), permit, Outcome::answered(5_000));
    });
}
