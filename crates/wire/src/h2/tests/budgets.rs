use super::*;

const SECOND: Moment = Moment(1_000_000_000);

/// How many `frames` in a row a fresh meter takes at one moment, and what ends them.
fn taken(mut frames: impl FnMut(u32) -> Vec<u8>) -> (u32, FrameFault) {
    let mut meter = opened();
    for index in 0..1_000_000 {
        if let Err(fault) = meter.feed(Moment(0), &frames(index)) {
            assert_eq!(meter.feed(SECOND, &request(99_999)), Err(fault), "a fault stays");
            return (index, fault);
        }
    }
    panic!("never refused");
}

#[test]
fn each_kind_of_frame_has_its_budget_of_a_second() {
    let reset = frame(RST_STREAM, 0, 1, &[0; 4]);
    assert_eq!(taken(|_| reset.clone()), (100, FrameFault::ResetRate));
    let ping = frame(PING, 0, 0, &[0; 8]);
    // The SETTINGS that opened the connection is one of the 500.
    assert_eq!(taken(|_| ping.clone()), (499, FrameFault::Control));
    let unknown = frame(0xfa, 0, 0, &[]);
    assert_eq!(taken(|_| unknown.clone()), (499, FrameFault::Control));
    let update = frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]);
    assert_eq!(taken(|_| update.clone()), (10_000, FrameFault::WindowUpdates));
    let empty = frame(DATA, 0, 1, &[]);
    assert_eq!(taken(|_| empty.clone()), (100, FrameFault::Empty));
    let no_fields = |index: u32| frame(HEADERS, 0x4, 2 * index + 1, &[]);
    assert_eq!(taken(no_fields), (100, FrameFault::Empty));
    let trailers = |_| request(1);
    assert_eq!(taken(trailers), (500, FrameFault::Control));
}

#[test]
fn data_that_ends_a_stream_and_data_that_carries_bytes_are_free() {
    let mut meter = opened();
    for _ in 0..2_000 {
        let pair = [frame(DATA, 0, 1, b"abc"), frame(DATA, 1, 1, &[])].concat();
        assert_eq!(meter.feed(Moment(0), &pair), Ok(()));
    }
    assert_eq!(meter.counts().data_bytes, 6_000);
}

#[test]
fn a_budget_is_whole_again_in_the_next_second() {
    let mut meter = opened();
    let pings = frame(PING, 0, 0, &[0; 8]).repeat(500);
    for second in 1..20 {
        assert_eq!(meter.feed(Moment(second * SECOND.0), &pings), Ok(()));
    }
    let early = Moment(20 * SECOND.0) - Duration::from_nanos(1);
    assert_eq!(meter.feed(early, &pings), Err(FrameFault::Control));
}

/// Resets that a patient client gets through when it cancels every `of_each`th request.
fn patient(of_each: u32, requests: u32) -> Result<u32, FrameFault> {
    let mut meter = opened();
    for index in 0..requests {
        let stream = 2 * index + 1;
        let now = Moment(u64::from(index) * 20_000_000);
        meter.feed(now, &request(stream))?;
        if index % of_each == of_each - 1 {
            meter.feed(now, &frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]))?;
        }
    }
    Ok(meter.counts().resets)
}

#[test]
fn patient_resets_end_at_their_share_and_honest_cancelling_does_not() {
    assert_eq!(patient(1, 200), Ok(200));
    assert_eq!(patient(1, 201), Err(FrameFault::ResetShare));
    assert_eq!(patient(2, 10_000), Ok(5_000));
}

#[test]
fn resets_of_half_the_requests_are_borne_and_one_more_is_not() {
    let mut meter = opened();
    let mut at = 0;
    let mut feed = |bytes: &[u8]| {
        at += SECOND.0;
        meter.feed(Moment(at), bytes)
    };
    for index in 0..1_000 {
        assert_eq!(feed(&request(2 * index + 1)), Ok(()));
    }
    for _ in 0..500 {
        assert_eq!(feed(&frame(RST_STREAM, 0, 1, &[0; 4])), Ok(()));
    }
    assert_eq!(feed(&frame(RST_STREAM, 0, 1, &[0; 4])), Err(FrameFault::ResetShare));
}

#[test]
fn a_header_block_may_run_over_eight_frames_more() {
    let mut meter = opened();
    let more = frame(CONTINUATION, 0, 1, &[0x82]);
    assert_eq!(meter.feed(Moment(0), &frame(HEADERS, 0, 1, &[0x82])), Ok(()));
    assert_eq!(meter.feed(Moment(0), &more.repeat(8)), Ok(()));
    assert_eq!(meter.feed(Moment(0), &more), Err(FrameFault::Continuations));
    let mut meter = opened();
    for stream in [1, 3] {
        assert_eq!(meter.feed(Moment(0), &frame(HEADERS, 0, stream, &[0x82])), Ok(()));
        assert_eq!(meter.feed(Moment(0), &more.repeat(8)), Ok(()), "counted anew");
    }
}

#[test]
fn a_frame_may_be_as_long_as_our_setting() {
    let mut meter = opened();
    assert_eq!(meter.feed(Moment(0), &frame(DATA, 0, 1, &[0; 16_384])), Ok(()));
    let header = &frame(DATA, 0, 1, &vec![0; 16_385])[..9];
    assert_eq!(meter.feed(Moment(0), header), Err(FrameFault::FrameLength));
}

#[test]
fn a_connection_begins_with_the_preface_and_settings() {
    let begin = |bytes: &[u8]| FrameMeter::new(FrameLimits::default()).feed(Moment(0), bytes);
    assert_eq!(begin(b"GET / HTTP/1.1\r\n"), Err(FrameFault::Preface));
    assert_eq!(begin(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r"), Err(FrameFault::Preface));
    assert_eq!(begin(&PREFACE[..23]), Ok(()));
    let after = |frame: &[u8]| begin(&[PREFACE, frame].concat());
    assert_eq!(after(&request(1)), Err(FrameFault::FirstFrame));
    assert_eq!(after(&frame(SETTINGS, 1, 0, &[])), Err(FrameFault::FirstFrame));
}

#[test]
fn frames_are_counted_alike_however_they_are_split() {
    let stream = [
        frame(PING, 0, 0, &[0; 8]),
        request(1),
        frame(DATA, 0, 1, &[7; 300]),
        frame(RST_STREAM, 0, 1, &[0; 4]),
        request(3),
        request(3),
    ]
    .concat();
    for piece in 1..=stream.len() {
        let mut meter = opened();
        for part in stream.chunks(piece) {
            assert_eq!(meter.feed(Moment(0), part), Ok(()));
        }
        let counts = FrameCounts { requests: 2, resets: 1, control: 3, data_bytes: 300 };
        assert_eq!(meter.counts(), counts, "pieces of {piece}");
    }
}

#[test]
fn every_fault_has_a_reason_and_a_sentence() {
    for fault in [
        FrameFault::Preface,
        FrameFault::FrameLength,
        FrameFault::ResetRate,
        FrameFault::ProvokedResets,
    ] {
        assert!(fault.sentence().ends_with('.'));
    }
    assert_eq!(FrameFault::ResetShare.reason(), seawall_types::Reason::Frames);
    assert_eq!(FrameFault::Preface.reason(), seawall_types::Reason::Malformed);
}
