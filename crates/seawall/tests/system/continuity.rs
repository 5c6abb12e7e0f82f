//! Nobody notices that the shield changes: reloads, binary hand-overs and new certificates under
//! load that never pauses.
//!
//! Each test prints what every lost request was lost by, and how many it counted.

mod authority;
mod load;
mod origin;
mod streams;

use crate::fixtures::client::Tls;
use crate::fixtures::{Client, HOST, SOON, Setup, Shield, figure, seawall, wait_for};
use authority::Authority;
use load::{Load, Tally};
use origin::Origin;
use rustix::process::Signal;
use std::fs;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Reloads before what the shield holds at rest is looked at for the first time: by then it has
/// the memory that so much load takes, reloaded or not.
const WARM: usize = 300;
/// Reloads under load after that.
const RELOADS: usize = 1_000;
/// What is freed in pieces of so many bytes goes back to the system at once, in the shield whose
/// memory is compared: what the allocator keeps for later varies by more than is looked for.
const RETURNED: &str = "65536";
const HANDOVERS: usize = 20;
const CERTIFICATES: u64 = 100;
/// Longest that one test may take.
const MOST: Duration = Duration::from_mins(1);

/// Tells what was lost, and that it was nothing.
#[track_caller]
fn nothing_is_lost(tally: &Tally) {
    for lost in tally.lost.iter().take(20) {
        println!("LOST: {lost}");
    }
    figure("continuity.failed", tally.lost.len(), "requests");
    figure("continuity.served", tally.served, "requests");
    figure("continuity.retried", tally.retried, "requests");
    assert!(tally.lost.is_empty(), "{} requests were lost", tally.lost.len());
    assert_eq!(tally.retried, 0, "requests had to be asked again");
}

/// The configuration of the nth reload: another limit, other origins, and every other time a
/// second platform.
fn variant(setup: &Setup, nth: usize, others: &[&Origin; 2]) -> String {
    let origins: Vec<String> = match nth % 3 {
        0 => vec![others[0].address.to_string()],
        1 => vec![others[1].address.to_string()],
        _ => others.iter().map(|origin| origin.address.to_string()).collect(),
    };
    let listed = origins.iter().map(|address| format!("\"http://{address}\""));
    let listed = listed.collect::<Vec<_>>().join(", ");
    let whole = format!("origins = [\"http://{}\"]", others[0].address);
    let text = setup.text().replace(&whole, &format!("origins = [{listed}]"));
    let limit = format!("[limits]\nsource_rps = \"{} rps\"\n", 100_000 + nth);
    let extra = match has_extra(nth) {
        Extra::Served => {
            format!(
                "[[platform]]\nname = \"extra\"\nhosts = [\"extra.example.org\"]\n\
                 origins = [\"http://{}\"]\n",
                others[1].address
            )
        }
        Extra::Unknown => String::new(),
    };
    format!("{text}\n{limit}\n{extra}")
}

/// Whether the second platform is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extra {
    Served,
    Unknown,
}

fn has_extra(nth: usize) -> Extra {
    if nth.is_multiple_of(2) { Extra::Served } else { Extra::Unknown }
}

fn extra_is(setup: &Setup, extra: Extra) {
    let mut client = Client::plain(setup.plain);
    client.send("GET / HTTP/1.1\r\nhost: extra.example.org\r\nconnection: close\r\n\r\n");
    let status = match extra {
        Extra::Served => 200,
        Extra::Unknown => 421,
    };
    assert_eq!(client.answer().status, status, "{extra:?}");
}

/// A reload by the control plane; its answer.
fn reload_by_api(setup: &Setup) -> crate::fixtures::Answer {
    let token = fs::read_to_string(setup.state().join("control.token"));
    let token = token.expect("a running shield has made it");
    let mut client = Client::plain(setup.control);
    client.send(format!(
        "POST /api/v1/reload HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-length: 0\r\nconnection: close\r\n\r\n",
        setup.control,
        token.trim()
    ));
    client.answer()
}

/// A reload by signal, once `done` reloads were told in the log before.
fn reload_by_signal(shield: &Shield, done: usize) {
    shield.signal(Signal::HUP);
    wait_for("reload by signal", SOON, || {
        (shield.err().matches("configuration applied").count() > done).then_some(())
    });
}

/// What a process holds: KiB of memory, and descriptors.
fn holds(shield: &Shield) -> (u64, usize) {
    let path = format!("/proc/{}/fd", shield.pid().as_raw_nonzero());
    (shield.memory_kib(), fs::read_dir(path).expect("it lives").count())
}

/// Reloads under load, each with the next variant of the configuration.
fn reload(setup: &Setup, shield: &Shield, reloads: Range<usize>, origins: &[&Origin; 2]) {
    let load = Load::start(setup, &setup.certificate);
    load.wait_for(200);
    for nth in reloads {
        setup.folder.write("seawall.toml", variant(setup, nth, origins));
        if nth % 2 == nth / 50 % 2 {
            let answer = reload_by_api(setup);
            assert_eq!(answer.status, 200, "{}", answer.text());
        } else {
            reload_by_signal(shield, nth);
        }
        if nth % 50 == 49 || nth % 50 == 0 {
            extra_is(setup, has_extra(nth));
        }
    }
    load.wait_for(200);
    let tally = load.stop();
    nothing_is_lost(&tally);
    assert_eq!(tally.let_go, 0, "a reload closes no WebSocket");
}

/// Waits until the connections of a load that ended are let go.
fn rest(shield: &Shield, before: usize) {
    wait_for("connections to end", SOON, || (holds(shield).1 <= before + 32).then_some(()));
}

#[test]
fn a_thousand_reloads_under_load_lose_no_request() {
    let began = Instant::now();
    let (origin, other) = (Origin::start(), Origin::start());
    let setup = Setup::before(origin.address);
    setup.write();
    let mut command = seawall();
    for size in ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"] {
        command.env(size, RETURNED);
    }
    let mut shield = Shield::launch_as(command.args(["run", "-c"]).arg(setup.file()));
    shield.ready();
    let (_, before) = holds(&shield);
    reload(&setup, &shield, 0..WARM, &[&origin, &other]);
    rest(&shield, before);
    let (warm, _) = holds(&shield);
    reload(&setup, &shield, WARM..WARM + RELOADS, &[&origin, &other]);
    rest(&shield, before);
    let (held, _) = holds(&shield);
    assert!(other.asked() > 100, "the other origin got its share: {}", other.asked());
    let applied = shield.err().matches("configuration applied").count();
    assert_eq!(applied, WARM + RELOADS, "each was applied");
    #[expect(clippy::cast_precision_loss, reason = "KiB of one process")]
    let growth = held.saturating_sub(warm) as f64 / 1024.0;
    figure("continuity.growth", growth, "MiB");
    assert!(growth <= 8.0, "grew by {growth} MiB");
    figure("continuity.reloads", RELOADS, "reloads");
    assert!(began.elapsed() < MOST, "{:?}", began.elapsed());
}

#[test]
fn twenty_binary_handovers_under_load_lose_no_request() {
    let began = Instant::now();
    let origin = Origin::start();
    let setup = Setup::before(origin.address).top("drain = \"6s\"");
    let mut shields = vec![Shield::start(&setup)];
    let load = Load::start(&setup, &setup.certificate);
    load.wait_for(200);
    for _ in 0..HANDOVERS {
        let mut next = Shield::launch(&setup);
        next.ready();
        shields.push(next);
        load.wait_for(400);
    }
    let mut last = shields.pop().expect("the last one serves");
    let mut named = 0;
    for mut shield in shields {
        let left = shield.ended(SOON);
        assert!(left.success(), "{left}: {}", shield.err());
        named += shield.err().matches("a WebSocket outlived the drain").count() as u64;
    }
    load.wait_for(200);
    let tally = load.stop();
    nothing_is_lost(&tally);
    assert!(tally.let_go > 0 && named >= tally.let_go, "{} of {named} named", tally.let_go);
    assert!(last.lives());
    figure("continuity.handovers", HANDOVERS, "hand-overs");
    assert!(began.elapsed() < MOST, "{:?}", began.elapsed());
}

#[test]
fn a_hundred_certificates_swapped_under_load_lose_no_request() {
    let began = Instant::now();
    let origin = Origin::start();
    let setup = Setup::before(origin.address);
    let authority = Authority::new(&setup.folder);
    let first = authority.issue(1);
    first.write_chain(&setup.folder);
    first.write_key(&setup.folder);
    let shield = Shield::start(&setup);
    let load = Load::start(&setup, &authority.trusted);
    load.wait_for(200);
    let (mut shown, mut reloads) = (first.der, 0);
    for serial in 2..2 + CERTIFICATES {
        let pair = authority.issue(serial);
        pair.write_chain(&setup.folder);
        if serial.is_multiple_of(10) {
            let refused = reload_by_api(&setup);
            assert_eq!(refused.status, 422, "{}", refused.text());
            let why = refused.text();
            assert!(why.contains("certificate") && why.contains("does not fit its key"), "{why}");
            shows(&setup, &authority, &shown);
        }
        pair.write_key(&setup.folder);
        if serial.is_multiple_of(2) {
            let answer = reload_by_api(&setup);
            assert_eq!(answer.status, 200, "{}", answer.text());
        } else {
            reload_by_signal(&shield, reloads);
        }
        reloads += 1;
        shown = pair.der;
        shows(&setup, &authority, &shown);
    }
    load.wait_for(200);
    let tally = load.stop();
    nothing_is_lost(&tally);
    assert_eq!(tally.let_go, 0, "a new certificate closes no WebSocket");
    figure("continuity.certificates", CERTIFICATES, "certificates");
    assert!(began.elapsed() < MOST, "{:?}", began.elapsed());
}

/// A new connection is shown exactly this certificate, its serial number included.
#[track_caller]
fn shows(setup: &Setup, authority: &Authority, der: &[u8]) {
    let mut client: Client<Tls> = Client::tls(setup.tls, &authority.trusted);
    assert_eq!(client.ask("/").status, 200, "{HOST}");
    let shown = client.stream.conn.peer_certificates().expect("the handshake is done");
    assert_eq!(shown[0].as_ref(), der, "another certificate");
}
