use super::*;
use proptest::prelude::*;

/// What a body gives when its bytes arrive in `pieces`.
fn read(
    mut framing: Framing,
    pieces: &[&[u8]],
) -> Result<(Vec<u8>, Option<HeaderMap>, bool), ResponseFault> {
    let mut buffer = BytesMut::new();
    let (mut data, mut after) = (Vec::new(), None);
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match framing.next_in(&mut buffer)? {
                Next::Part(Part::Data(bytes)) => data.extend_from_slice(&bytes),
                Next::Part(Part::Trailers(fields)) => after = Some(fields),
                Next::More | Next::Ended => break,
            }
        }
    }
    Ok((data, after, framing == Framing::Ended))
}

proptest! {
    #[test]
    fn chunks_give_the_same_body_however_they_arrive(
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..8),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6),
    ) {
        let mut wire = Vec::new();
        for chunk in &chunks {
            wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            wire.extend_from_slice(chunk);
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b"0\r\nx-sum: 1\r\n\r\n");
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(wire.len())).collect();
        at.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for to in at {
            pieces.push(&wire[from..to]);
            from = to;
        }
        pieces.push(&wire[from..]);
        let (data, trailers, ended) = read(Framing::chunked(), &pieces).unwrap();
        prop_assert_eq!(data, chunks.concat());
        prop_assert!(trailers.unwrap().get("x-sum").is_some_and(|sum| sum == "1"));
        prop_assert!(ended);
    }

    #[test]
    fn hostile_chunks_end_in_an_error_or_wait_and_never_panic(wire in any::<Vec<u8>>()) {
        let _ = read(Framing::chunked(), &[&wire]);
    }
}

#[test]
fn a_body_by_length_ends_with_its_last_byte() {
    let (data, _, ended) = read(Framing::Length(5), &[b"ab", b"cdeNEXT"]).unwrap();
    assert_eq!((data.as_slice(), ended), (&b"abcde"[..], true));
}

#[test]
fn broken_chunks_are_told() {
    for wire in [
        &b"zz\r\n"[..],
        b"2\r\nabXY",
        b"2\r\nab0\r\n\r\n",
        b"2\r\nab\n0\r\n\r\n",
        b"+2\r\nab\r\n",
        b"0x2\r\nab\r\n",
        b" 2\r\nab\r\n",
        b"2\nab\r\n",
        b"0\r\nx-sum: 1\nx-more: 2\r\n\r\n",
        b"0\r\nx-sum: 1\r\n\n",
        b"0\r\nx-sum: 1\r\n 2\r\n\r\n",
        b"0\r\nx-sum : 1\r\n\r\n",
        &[b'1'; 400],
    ] {
        assert_eq!(read(Framing::chunked(), &[wire]).unwrap_err(), ResponseFault::Chunks);
    }
}
