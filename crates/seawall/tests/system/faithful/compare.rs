//! Whether two outcomes are the same, but for what two hops may differ in.

use super::reply::{After, Ended, Fields, Head, Outcome, Reply};
use crate::origins::{Arrived, Seen};
use std::fmt::Debug;

/// Fields of an answer that may differ.
const ANSWER_FREE: &[&str] = &[
    // They concern one connection (RFC 9110 §7.6.1).
    "connection",
    "keep-alive",
    "proxy-connection",
    // How one connection frames a body; the body itself is compared.
    "transfer-encoding",
    // Tells the second in which it was made.
    "date",
];

/// Fields of a request that may differ at the origin.
const REQUEST_FREE: &[&str] = &[
    // They concern one connection.
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    // How one connection frames a body; HTTP/2 needs neither.
    "transfer-encoding",
    "content-length",
    // Answered by whoever is next (RFC 9110 §10.1.1).
    "expect",
    // Declares trailers, which are compared themselves.
    "trailer",
    // What a proxy says of itself and its client (RFC 9110 §7.6.3, RFC 7239).
    "via",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
];

const LENGTH: &str = "content-length";

/// Each difference as a sentence.
pub(crate) fn differences(straight: &Outcome, through: &Outcome) -> Vec<String> {
    let mut told = Vec::new();
    let (replies, others) = (&straight.replies, &through.replies);
    differ(&mut told, "answers", &replies.len(), &others.len());
    for (nth, (one, other)) in (1..).zip(replies.iter().zip(others)) {
        let mut found = of_replies(one, other);
        told.extend(found.drain(..).map(|found| format!("answer {nth}: {found}")));
    }
    differ(&mut told, "behind the change of protocol", &straight.tunnel, &through.tunnel);
    if straight.after == After::Closed {
        differ(&mut told, "the connection", &straight.after, &through.after);
    }
    let (seen, others) = (sorted(straight), sorted(through));
    differ(&mut told, "requests at the origin", &seen.len(), &others.len());
    for (one, other) in seen.iter().zip(&others) {
        of_seen(&mut told, one, other);
    }
    told
}

/// What the origin saw, by targets: several streams reach it in any order.
fn sorted(outcome: &Outcome) -> Vec<Seen> {
    let mut seen: Vec<_> = outcome.seen.iter().map(plain).collect();
    seen.sort_by(|one, other| one.target.cmp(&other.target));
    if outcome.replies.iter().any(|reply| reply.ended == Ended::Silent || is_ours(reply)) {
        // What got no answer on a connection that was used before may be asked once more, as it
        // may have been closed just then (RFC 9110 §9.2.2).
        seen.dedup_by(|one, other| one.target == other.target);
    }
    seen
}

/// Whether a gateway tells that there is no answer (RFC 9110 §15.6.3).
fn is_ours(reply: &Reply) -> bool {
    reply.head.as_ref().is_some_and(|head| head.status == 502)
}

fn of_replies(straight: &Reply, through: &Reply) -> Vec<String> {
    let mut told = Vec::new();
    if straight.ended == Ended::Silent && straight.head.is_none() {
        if !is_ours(through) && through.ended != Ended::Silent {
            told.push(format!("no answer straight, {through:?} through"));
        }
        return told;
    }
    differ(&mut told, "end", &straight.ended, &through.ended);
    let head = |reply: &Reply| reply.head.clone().map(|head| clean(&head));
    match (head(straight), head(through)) {
        (Some(one), Some(other)) => {
            differ(&mut told, "status", &one.status, &other.status);
            of_fields(&mut told, "field", &one.fields, &other.fields);
        }
        (one, other) => differ(&mut told, "head", &one, &other),
    }
    let interim = |reply: &Reply| {
        let heads = reply.interim.iter().map(clean);
        heads.collect::<Vec<_>>()
    };
    differ(&mut told, "interim answers", &interim(straight), &interim(through));
    let (one, other) = (&straight.body, &through.body);
    let prefix = one.starts_with(other) || other.starts_with(one);
    // Where a body breaks off, what was under way may be lost.
    if one != other && !(straight.ended == Ended::BrokeOff && prefix) {
        told.push(format!("body: {} straight, {} through", excerpt(one), excerpt(other)));
    }
    of_fields(&mut told, "trailer", &straight.trailers, &through.trailers);
    told
}

fn of_seen(told: &mut Vec<String>, straight: &Seen, through: &Seen) {
    differ(told, "method at the origin", &straight.method, &through.method);
    differ(told, "target at the origin", &straight.target, &through.target);
    differ(told, "host at the origin", &straight.authority, &through.authority);
    of_fields(told, "field at the origin", &straight.fields, &through.fields);
    differ(told, "body at the origin", &straight.body, &through.body);
    if straight.body != Arrived::NotWhole {
        of_fields(told, "trailer at the origin", &straight.trailers, &through.trailers);
    }
}

/// Without the fields that may differ, and with the length at the end: where it stands among
/// fields of other names means nothing (RFC 9110 §5.3), and engines move it.
/// A length of nothing is how HTTP/1.1 frames what HTTP/2 frames without it.
fn clean(head: &Head) -> Head {
    let mut head = head.clone();
    head.fields.retain(|(name, value)| {
        !ANSWER_FREE.contains(&name.as_str()) && (name.as_str(), value.as_str()) != (LENGTH, "0")
    });
    head.fields.sort_by_key(|(name, _)| name == LENGTH);
    head
}

/// Without the fields that may differ, and with its cookies in one field at the end, as crumbs of
/// HTTP/2 may be put together (RFC 9113 §8.2.3).
fn plain(seen: &Seen) -> Seen {
    let mut seen = seen.clone();
    seen.fields.retain(|(name, _)| !REQUEST_FREE.contains(&name.as_str()));
    let (crumbs, mut rest): (Fields, Fields) =
        seen.fields.into_iter().partition(|(name, _)| name == "cookie");
    if !crumbs.is_empty() {
        let crumbs: Vec<_> = crumbs.into_iter().map(|(_, value)| value).collect();
        rest.push(("cookie".to_owned(), crumbs.join("; ")));
    }
    seen.fields = rest;
    seen
}

fn differ<T: PartialEq + Debug>(told: &mut Vec<String>, what: &str, one: &T, other: &T) {
    if one != other {
        told.push(format!("{what}: {one:?} straight, {other:?} through"));
    }
}

/// Tells the fields that differ, or else that their order does.
fn of_fields(told: &mut Vec<String>, what: &str, one: &Fields, other: &Fields) {
    let lacks = |here: &Fields, there: &Fields| {
        let mut there = there.clone();
        let missing = here.iter().filter(|field| {
            let at = there.iter().position(|other| other == *field);
            at.map(|at| there.remove(at)).is_none()
        });
        missing.cloned().collect::<Fields>()
    };
    let (lost, added) = (lacks(one, other), lacks(other, one));
    if !lost.is_empty() {
        told.push(format!("{what} lost: {}", excerpt(format!("{lost:?}").as_bytes())));
    }
    if !added.is_empty() {
        told.push(format!("{what} added: {}", excerpt(format!("{added:?}").as_bytes())));
    }
    if lost.is_empty() && added.is_empty() && one != other {
        let names = |fields: &Fields| {
            fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(",")
        };
        told.push(format!("{what}s in another order: {} / {}", names(one), names(other)));
    }
}

fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let front: String = text.chars().take(120).collect();
    format!("{front:?} ({} bytes)", bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(fields: &[(&str, &str)], body: &str, ended: Ended) -> Outcome {
        let fields = fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
        let head = Some(Head { status: 200, fields: fields.collect() });
        let reply = Reply { head, body: body.into(), ended, ..Reply::default() };
        Outcome { replies: vec![reply], tunnel: Vec::new(), after: After::Free, seen: Vec::new() }
    }

    #[test]
    fn what_a_hop_may_change_is_no_difference() {
        let straight =
            outcome(&[("date", "1"), ("x", "y"), ("connection", "close")], "b", Ended::Whole);
        let through = outcome(&[("x", "y"), ("transfer-encoding", "chunked")], "b", Ended::Whole);
        assert_eq!(differences(&straight, &through), Vec::<String>::new());
    }

    #[test]
    fn a_lost_field_another_body_and_another_end_are_each_told() {
        let straight = outcome(&[("x", "y")], "body", Ended::Whole);
        assert_eq!(differences(&straight, &outcome(&[], "body", Ended::Whole)).len(), 1);
        assert_eq!(differences(&straight, &outcome(&[("x", "y")], "other", Ended::Whole)).len(), 1);
        assert_eq!(
            differences(&straight, &outcome(&[("x", "y")], "body", Ended::BrokeOff)).len(),
            1
        );
    }

    #[test]
    fn a_request_that_only_one_origin_saw_is_told() {
        let straight = outcome(&[], "", Ended::Whole);
        let seen = Seen {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            authority: None,
            fields: Vec::new(),
            body: Arrived::whole(b""),
            trailers: Vec::new(),
        };
        let through = Outcome { seen: vec![seen], ..straight.clone() };
        assert_eq!(differences(&straight, &through).len(), 1);
    }
}
