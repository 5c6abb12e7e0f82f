//! What is written to an origin is read by other parsers as the gate read what the client sent.

#[path = "../../../../../fuzz/src/agree.rs"]
#[expect(unreachable_pub, reason = "other crates have it at their root")]
mod check;

use super::*;
use crate::client::{Asker, Peer};
use crate::connection::Opening;
use crate::pseudonym::Pseudonym;
use crate::watch::NEVER;
use http::{Request, Version};
use seawall_engine::policy::Standing;
use seawall_wire::h1::{BodyFraming, HeadLimits};
use std::path::Path;

/// The head as the HTTP engine takes it and the writer writes it.
fn rewrite(head: &[u8], body: BodyFraming) -> Option<Vec<u8>> {
    let mut fields = [httparse::EMPTY_HEADER; HeadLimits::FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    parsed.parse(head).ok()?;
    let version = if parsed.version? == 1 { Version::HTTP_11 } else { Version::HTTP_10 };
    let mut request = Request::builder().method(parsed.method?).uri(parsed.path?).version(version);
    for field in parsed.headers.iter() {
        request = request.header(field.name, field.value);
    }
    // What the engine does not take it answers itself.
    let (parts, ()) = request.body(()).ok()?.into_parts();
    let is_empty = matches!(body, BodyFraming::None | BodyFraming::Length(0));
    let connection = Connection::new(&Opening {
        holder: "198.51.100.7:4711".parse().expect("an address"),
        peer: Peer::Client,
        standing: Standing::Unjudged,
        listener: 0,
        tls: true,
        head_due: NEVER,
    });
    let (connection, asker) = (&connection, &Asker::default());
    let pseudonym = &Pseudonym::drawn_from([1, 2]);
    let forwarded =
        Forwarded { connection, asker, pseudonym, via: true, upgrade: false, secret: None };
    Some(write_head(Vec::new(), (&parts, framing(&parts, is_empty)), &forwarded))
}

#[test]
fn what_is_written_is_read_as_what_was_sent() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/agree");
    let mut rewritten = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus is there") {
        let path = entry.expect("the folder can be listed").path();
        println!("{}", path.display());
        let bytes = std::fs::read(&path).expect("the file can be read");
        let (passed, _) = check::agree(&bytes);
        let here = check::agree_rewritten(&bytes, rewrite);
        assert!(here <= passed, "{here} of {passed} requests");
        rewritten += here;
    }
    assert!(rewritten >= 100, "{rewritten} requests are too few to tell");
}
