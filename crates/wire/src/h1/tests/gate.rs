use super::heads::BROWSER;
use super::*;

fn gate() -> RequestGate {
    RequestGate::new(HeadLimits::default())
}

fn head_of(step: GateStep) -> Head {
    match step {
        GateStep::Head(head) => head,
        other => panic!("{other:?} is no head"),
    }
}

#[test]
fn an_unfinished_head_is_withheld_until_it_is_whole() {
    let mut gate = gate();
    for end in 0..BROWSER.len() {
        assert_eq!(gate.feed(&BROWSER.as_bytes()[..end]), GateStep::NeedMore, "{end} bytes");
    }
    assert_eq!(head_of(gate.feed(BROWSER.as_bytes())).length, BROWSER.len());
}

#[test]
fn pipelined_requests_pass_one_after_the_other() {
    let mut gate = gate();
    let post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET";
    let head = head_of(gate.feed(post));
    let rest = &post[head.length..];
    assert_eq!(gate.feed(&rest[..2]), GateStep::Body { consumed: 2, ended: false });
    assert_eq!(gate.feed(&rest[2..]), GateStep::Body { consumed: 3, ended: true });
    assert_eq!(gate.feed(b"GET"), GateStep::NeedMore);
    assert_eq!(head_of(gate.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")).fields, 1);
    assert_eq!(gate.feed(b"get / HTTP/1.1\r\n"), GateStep::Fault(HeadFault::Method));
}

#[test]
fn a_chunked_body_ends_where_the_next_head_begins() {
    let mut gate = gate();
    let post = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    head_of(gate.feed(post));
    assert_eq!(gate.feed(b""), GateStep::Body { consumed: 0, ended: false });
    assert_eq!(gate.feed(b"3\r\nab"), GateStep::Body { consumed: 5, ended: false });
    assert_eq!(gate.feed(b"c\r\n0\r\n\r\nG"), GateStep::Body { consumed: 8, ended: true });
    assert_eq!(gate.feed(b"G"), GateStep::NeedMore);
}

#[test]
fn a_body_of_no_bytes_has_no_step() {
    let mut gate = gate();
    let post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    head_of(gate.feed(post));
    head_of(gate.feed(post));
    assert_eq!(gate.feed(b""), GateStep::NeedMore);
}

#[test]
fn a_fault_stays_even_when_a_tunnel_is_asked_for() {
    let mut gate = gate();
    let fault = GateStep::Fault(HeadFault::BareLf);
    assert_eq!(gate.feed(b"GET / HTTP/1.1\n"), fault);
    gate.tunnel();
    assert_eq!(gate.feed(BROWSER.as_bytes()), fault);
}

#[test]
fn what_follows_an_unanswered_upgrade_is_still_http() {
    let upgrade = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    let mut early = gate();
    assert!(head_of(early.feed(upgrade)).upgrade);
    assert_eq!(early.feed(b"\x81\x00\r\n"), GateStep::Fault(HeadFault::Version));
    let mut answered = gate();
    head_of(answered.feed(upgrade));
    answered.tunnel();
    assert_eq!(answered.feed(b"\x81\x00"), GateStep::Body { consumed: 2, ended: false });
}

#[test]
fn a_line_without_end_is_refused_though_no_line_feed_comes() {
    let mut gate = gate();
    let endless = vec![b'A'; 64 * 1024];
    let refused = (1..endless.len()).find(|end| gate.feed(&endless[..*end]) != GateStep::NeedMore);
    assert_eq!(refused, Some(HeadLimits::TARGET_BYTES + METHOD_BYTES_MAX + " HTTP/1.1".len() + 3));
    assert_eq!(gate.feed(b""), GateStep::Fault(HeadFault::TargetTooLong));
}

#[test]
fn an_idle_connection_s_gate_is_small() {
    assert!(size_of::<RequestGate>() <= 96, "{} bytes", size_of::<RequestGate>());
}
