//! Through the shield is the same as going straight.
//!
//! Every row of the table is asked of each origin straight, through the shield, and through a
//! control; what the client got and what the origin saw must be the same, but for what two hops
//! may differ in (`faithful/compare.rs`).

mod compare;
mod control;
mod over_h1;
mod over_h2;
mod reply;
mod shape;
mod table;

use crate::fixtures::{Shield, figure, needs};
use crate::origins::{Doors, Kind, Origin, PROGRAMS};
use compare::differences;
use reply::{After, Ended, Outcome, Reply};
use shape::{Shape, Way};
use std::thread;
use std::time::Duration;

/// Time for what nobody answers to reach the end of a chain.
const SETTLES: Duration = Duration::from_millis(150);

/// A row at an origin that does not come through as it goes straight.
#[derive(Debug)]
struct Unfaithful {
    shape: String,
    kind: Kind,
    found: Vec<String>,
    /// What the control loses of it.
    control: Vec<String>,
}

#[test]
fn every_shape_comes_through_as_if_it_went_straight() {
    if !needs("faithful::every_shape_comes_through_as_if_it_went_straight", &PROGRAMS) {
        return;
    }
    let shapes: Vec<Shape> = table::table().into_iter().filter(is_chosen).collect();
    let lost: Vec<Unfaithful> = thread::scope(|scope| {
        let running = Kind::BOTH.map(|kind| {
            let shapes = &shapes;
            scope.spawn(move || against(kind, shapes))
        });
        running.into_iter().flat_map(|one| one.join().expect("a fault was told")).collect()
    });
    let equal = |shape: &&Shape| {
        shape.except.is_empty() && lost.iter().all(|lost| lost.shape != shape.name)
    };
    figure("faithful.shapes", shapes.iter().filter(equal).count(), "shapes");
    let told = lost.iter().map(|Unfaithful { shape, kind, found, control }| {
        let control = control.first().map_or("carries it", String::as_str);
        format!("{shape}, {kind:?}\n    {}\n    (the control: {control})", found.join("\n    "))
    });
    let told: Vec<_> = told.collect();
    assert!(told.is_empty(), "{} of the rows are not the same:\n{}", told.len(), told.join("\n"));
}

/// Every row, unless the environment variable `SHAPE` names a part of some names.
fn is_chosen(shape: &Shape) -> bool {
    std::env::var("SHAPE").map_or(true, |part| shape.name.contains(&part))
}

/// Asks one origin everything; gives the rows that differ.
fn against(kind: Kind, shapes: &[Shape]) -> Vec<Unfaithful> {
    let origin = Origin::start(kind, |setup| setup);
    let _shield = Shield::start(&origin.setup);
    let control = control::start(&origin.stage, (origin.doors.plain, &origin.setup));
    let shield = Doors { plain: origin.setup.plain, tls: origin.setup.tls };
    let mut lost = Vec::new();
    for shape in shapes.iter().filter(|shape| shape.except.iter().all(|(at, _)| *at != kind)) {
        let straight = outcome(&origin, origin.doors, shape);
        let found = differences(&straight, &outcome(&origin, shield, shape));
        let control = differences(&straight, &outcome(&origin, control, shape));
        if !found.is_empty() {
            lost.push(Unfaithful { shape: shape.name.clone(), kind, found, control });
        }
    }
    lost
}

/// Sends one row to `doors` and waits for what comes of it at both ends.
fn outcome(origin: &Origin, doors: Doors, shape: &Shape) -> Outcome {
    let mut outcome = match &shape.way {
        Way::H1(talk) => {
            let told = over_h1::converse(doors.plain, talk);
            let over_h1::Told { mut replies, tunnel, after } = told;
            if !talk.awaits_interim() {
                continued(&mut replies);
            }
            Outcome { replies, tunnel, after, seen: Vec::new() }
        }
        Way::H2(asks) => {
            let asking = over_h2::converse(doors.tls, &origin.setup.certificate, asks);
            let mut replies = origin.stage.run(asking);
            continued(&mut replies);
            Outcome { replies, tunnel: Vec::new(), after: After::Free, seen: Vec::new() }
        }
    };
    bounded(&mut outcome.replies);
    // Whoever answers too much has not read all.
    let well = outcome.replies.iter().all(|reply| {
        let status = reply.head.as_ref().map(|head| head.status);
        reply.ended == Ended::Whole && !matches!(status, Some(413 | 502))
    });
    if !well || outcome.replies.is_empty() {
        thread::sleep(SETTLES);
    }
    outcome.seen = origin.seen();
    outcome
}

/// Gives every multipart answer the same boundary: an origin draws a new one each time.
fn bounded(replies: &mut [Reply]) {
    for reply in replies {
        let head = reply.head.as_mut();
        let kind =
            head.and_then(|head| head.fields.iter_mut().find(|(name, _)| name == "content-type"));
        let Some((_, kind)) = kind else { continue };
        if let Some((_, boundary)) = kind.clone().split_once("boundary=") {
            *kind = kind.replace(boundary, "boundary");
            let text = String::from_utf8_lossy(&reply.body).replace(boundary, "boundary");
            reply.body = text.into_bytes();
        }
    }
}

/// Takes `100 Continue` out where nobody waits for it: each hop may send it (RFC 9110 §10.1.1).
fn continued(replies: &mut [Reply]) {
    for reply in replies {
        reply.interim.retain(|head| head.status != 100);
    }
}
