//! hot: accept, a further connection of a source and its end budget 269
//!
//! One more connection of a source among 100,000 that hold one each, visited at random, then closed.

#[path = "hot/crowd.rs"]
mod crowd;
#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use crowd::Crowd;
use repeat::repeat;
use seawall_engine::policy::AtAccept;
use seawall_types::Moment;
use std::hint::black_box;

fn main() {
    let mut crowd = Crowd::gather();
    repeat(|| {
        let (address, first) = crowd.next();
        let judge = crowd.judge();
        let AtAccept::Serve(standing) = judge.at_accept(Moment(1), black_box(address)) else {
            panic!("{address} was reset");
        };
        assert_eq!(black_box(standing), first);
        judge.at_close(standing);
    });
}
