//! hot: judge, a request within its source's rate budget 72
//!
//! One request of a source among 100,000 that hold a connection each, visited at random.

#[path = "hot/crowd.rs"]
mod crowd;
#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use crowd::Crowd;
use repeat::repeat;
use seawall_types::{Moment, PlatformId, Verdict};
use std::hint::black_box;

fn main() {
    let mut crowd = Crowd::gather();
    repeat(|| {
        let (_, standing) = crowd.next();
        let judgement = crowd.judge().request(Moment(1), black_box(standing), PlatformId(0));
        assert_eq!(black_box(judgement).verdict, Verdict::Admit);
    });
}
