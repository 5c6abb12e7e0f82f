use super::*;

mod bodies;
mod framings;
mod gate;
mod heads;
mod limits;
mod refusals;

/// The verdict on `bytes` as the head of a request.
fn verdict(bytes: &[u8]) -> Result<HeadStep, HeadFault> {
    parse_head(bytes, &HeadLimits::default())
}

/// A head that must be good.
fn good(text: &str) -> Head {
    match verdict(text.as_bytes()) {
        Ok(HeadStep::Complete(head)) => head,
        other => panic!("{text:?} gives {other:?}"),
    }
}

type Row = (&'static str, &'static [u8], HeadFault);

/// Every row is refused behind `front` with exactly its fault, at once and byte by byte.
fn check(front: &[u8], rows: &[Row], end: &[u8]) {
    for (name, bytes, fault) in rows {
        let bytes = [front, bytes, end].concat();
        assert_eq!(verdict(&bytes), Err(*fault), "{name}");
        let stepwise = (1..=bytes.len()).find_map(|end| verdict(&bytes[..end]).err());
        assert_eq!(stepwise, Some(*fault), "{name}, byte by byte");
    }
}
