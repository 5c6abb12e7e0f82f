//! Rows of HTTP/2 alone: many streams on one connection, and what only its frames can say.

use super::super::shape::{Shape, ask, get, h2, post};
use super::NO_TRAILERS;
use crate::origins::Kind;

pub(super) fn rows() -> Vec<Shape> {
    let grpc = |target: &str| {
        ask("POST", target).with("Content-Type", "application/grpc").with("TE", "trailers")
    };
    vec![
        h2("twenty requests at once", (0..20).map(|nth| get(&format!("/echo/{nth}"))).collect()),
        h2(
            "uploads beside downloads",
            vec![
                post("/mirror?1", vec![b'm'; 300_000]),
                get("/bytes/300000"),
                ask("PUT", "/mirror?2").pieces(&["one", "two"]),
                get("/slow/3"),
                ask("HEAD", "/bytes/10"),
            ],
        ),
        h2(
            "one of three is given up",
            vec![get("/echo/1"), get("/slow/20").aborted(), get("/echo/3")],
        ),
        h2(
            "crumbs of a cookie",
            vec![get("/echo").with("Cookie", "a=1").with("Cookie", "b=2").with("Cookie", "c")],
        ),
        h2(
            "a message of gRPC",
            vec![grpc("/mirror").pieces(&["\0\0\0\0\u{5}hello"]).trailers(&[("x-sum", "0")])],
        )
        .except(Kind::Nginx, NO_TRAILERS),
        h2("a gRPC call that only has trailers", vec![grpc("/trailers").pieces(&["\0\0\0\0\0"])]),
        h2(
            "a message of gRPC without an end",
            vec![grpc("/mirror").pieces(&["\0\0\0\0\u{5}he"]).aborted()],
        ),
        h2(
            "an origin that breaks beside one that answers",
            vec![get("/break/500"), get("/slow/3"), get("/nothing")],
        ),
    ]
}
