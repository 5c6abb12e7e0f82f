use super::*;
use seawall_types::Moment;
use std::time::Duration;

mod budgets;
mod fingerprints;
mod outbound;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

/// One frame as it stands on the wire.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A meter behind the preface and an empty SETTINGS.
fn opened() -> FrameMeter {
    let mut meter = FrameMeter::new(FrameLimits::default());
    let start = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    assert_eq!(meter.feed(Moment(0), &start), Ok(()));
    meter
}

/// A HEADERS frame that holds `:method: GET` alone.
fn request(stream: u32) -> Vec<u8> {
    frame(HEADERS, 0x5, stream, &[0x82])
}
