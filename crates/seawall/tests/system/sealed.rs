//! Addresses of a flood's sources: where they stand, where they do not, and how one is taken out.

use crate::fixtures::shield::control;
use crate::fixtures::{Client, HOST, SOON, Setup, Shield, Witness, figure, run, seawall, wait_for};
use seawall_report::Form;
use serde_json::Value;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// How long they come.
const CALM: Duration = Duration::from_secs(40);
/// Sources of the flood.
const SOURCES: u32 = 1_000;
const CLIENTS: u32 = 50;
/// Requests of a source, one behind the other.
const IN_A_ROW: u32 = 15;
/// Files of a state folder that may hold addresses.
const MAY_HOLD: [&str; 2] = ["sealed", "requests"];

/// The source of that number.
fn source(number: u32) -> Ipv4Addr {
    Ipv4Addr::from(
        u32::from(Ipv4Addr::new(127, 77, 0, 0)) + 256 * (number / 200) + 10 + number % 200,
    )
}

/// People who come before the flood: without any whom nobody would harm there is no flood, but an
/// incident of unknown kind.
fn visit(target: SocketAddr) {
    let began = Instant::now();
    for number in 0.. {
        if began.elapsed() > CALM {
            return;
        }
        let home = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 78, 0, 10)) + 16 * (number % 600));
        let mut client = Client::from_source(home, target);
        client.send(format!("GET /page HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: visitor\r\n\r\n"));
        assert_eq!(client.answer().status, 200);
    }
}

/// Asks from many addresses, one after another, until it is told to end.
fn flood(target: SocketAddr, ends: &Arc<AtomicBool>) -> Vec<thread::JoinHandle<()>> {
    let ask = |of: u32| {
        let ends = ends.clone();
        thread::spawn(move || {
            let open = |number| Client::from_source(source(number), target);
            let mut clients: Vec<Client<TcpStream>> =
                (0..SOURCES).filter(|number| number % CLIENTS == of).map(open).collect();
            let request = format!("GET /work HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
            while !ends.load(Relaxed) {
                for client in &mut clients {
                    let from = client.stream.local_addr().expect("it is connected").ip();
                    // The first may wait for a place; the others come at once and are too many.
                    let asked = (0..IN_A_ROW).try_for_each(|_| {
                        client.try_send(&request).and_then(|()| client.try_answer()).map(|_| ())
                    });
                    if asked.is_err() {
                        let std::net::IpAddr::V4(from) = from else { continue };
                        *client = Client::from_source(from, target);
                    }
                }
                thread::sleep(Duration::from_millis(50));
            }
        })
    };
    (0..CLIENTS).map(ask).collect()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("it can be listed");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    paths.flat_map(below).filter(|path| path.is_file()).collect()
}

/// Addresses of the flood that stand in a text.
fn found(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    // A prefix ends in 0, and is no address.
    let is_whole = |rest: &&str| {
        let digits = rest.split('.').nth(1).unwrap_or_default();
        let digits = digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        digits.parse::<u8>().is_ok_and(|last| last >= 10)
    };
    text.split("127.77.").skip(1).filter(is_whole).count()
}

/// What the command prints, once what was put aside is in the log as well: it asks for a second.
fn report(setup: &Setup, id: &str, form: Form) -> Vec<u8> {
    let told = wait_for("a report on what the log proves", SOON, || {
        let said = run(
            seawall().args(["incident", "report", id, "--as", form.word(), "-c"]).arg(setup.file()),
            SOON,
        );
        let is_early = said.code == Some(1) && said.err.contains("ask again in a second");
        (!is_early).then(|| said.good())
    });
    told.into_bytes()
}

fn incident(setup: &Setup) -> Option<Value> {
    let said = run(seawall().args(["incident", "list", "--json", "-c"]).arg(setup.file()), SOON);
    let told: Value = serde_json::from_str(&said.good()).ok()?;
    told["incidents"].get(0).cloned()
}

/// What was put aside of the incident.
fn sealed(setup: &Setup, id: &str) -> PathBuf {
    setup.state().join(format!("sealed/{id}.jsonl"))
}

#[test]
fn a_thousand_addresses_stand_only_where_sources_are_named_and_one_is_erased_at_once() {
    let origin = Witness::start(Duration::from_millis(50));
    let setup = Setup::before(origin.address)
        .platform("capacity = \"4 concurrent\"\nladder = \"off\"")
        .tables(
            "[limits]\nsource_rps = \"1 rps\"\nsource_burst = 1\n[report]\n\
         organisation = \"Example Party\"\ncontact = \"security@example.net\"\ntlp = \"red\"\n",
        );
    let shield = Shield::start(&setup);
    visit(setup.plain);
    let ends = Arc::<AtomicBool>::default();
    let flooding = flood(setup.plain, &ends);
    let id = wait_for("an incident of kind flood", 4 * SOON, || {
        let one = incident(&setup)?;
        (one["kind"] == "flood").then_some(())?;
        one["id"].as_str().map(str::to_owned)
    });
    // Every source is listed once it asked ten times beyond its rate; nothing else stops it here.
    wait_for("all sources put aside", 8 * SOON, || {
        let text = fs::read_to_string(sealed(&setup, &id)).ok()?;
        (found(text.as_bytes()) == SOURCES as usize).then_some(())
    });
    ends.store(true, Relaxed);
    for one in flooding {
        one.join().expect("a client");
    }
    wait_for("the end of it", 6 * SOON, || {
        incident(&setup).filter(|one| one["state"] == "closed").map(|_| ())
    });

    let mut elsewhere = 0;
    let mut look = |what: &str, bytes: &[u8]| {
        let addresses = found(bytes);
        assert_eq!(addresses, 0, "{what} holds addresses");
        elsewhere += addresses;
    };
    for path in files(&setup.state()) {
        let inner = path.strip_prefix(setup.state()).expect("below it");
        if !MAY_HOLD.iter().any(|folder| inner.starts_with(folder)) {
            look(&inner.display().to_string(), &fs::read(&path).expect("readable"));
        }
    }
    for form in Form::ALL {
        let document = report(&setup, &id, form);
        if !matches!(form, Form::Xarf | Form::FlowSpec) {
            look(form.word(), &document);
        }
    }
    look("the shield's own log", shield.err().as_bytes());
    for path in ["/", "/metrics", "/api/v1/incidents"] {
        look(path, control(&setup, path).text().as_bytes());
    }
    let archive = setup.folder.join("bundle.tar");
    wait_for("a checkpoint over all of it", SOON, || {
        let mut bundle = seawall();
        bundle.args(["incident", "bundle", &id, "-o"]).arg(&archive).arg("-c").arg(setup.file());
        (run(&mut bundle, SOON).code == Some(0)).then_some(())
    });
    look("the bundle", &fs::read(&archive).expect("readable"));
    figure("report.planted.addresses", elsewhere, "addresses");

    let place = sealed(&setup, &id);
    assert_eq!(fs::metadata(&place).expect("it is there").permissions().mode() & 0o777, 0o600);
    let reports: Value = serde_json::from_slice(&report(&setup, &id, Form::Xarf)).expect("JSON");
    let reports = reports.as_array().expect("a list").clone();
    assert_eq!(reports.len(), SOURCES as usize);
    assert!(reports.iter().all(|one| one["source_port"].as_u64().is_some_and(|port| port > 0)));
    one_is_erased(&setup, &id, &archive);
    what_was_changed_is_no_proof(&setup, &id, &place);
}

fn one_is_erased(setup: &Setup, id: &str, archive: &Path) {
    let victim = source(417).to_string();
    let began = Instant::now();
    let said =
        run(seawall().args(["incident", "erase", &victim, "-c"]).arg(setup.file()), SOON).good();
    assert!(said.starts_with("1 rows in 1 files"), "{said}");
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(&format!("\"{victim}\""));
    for path in files(&setup.state()) {
        assert!(!holds(&fs::read(&path).expect("readable")), "{}", path.display());
    }
    let took = began.elapsed().as_secs_f64();
    figure("report.erase", format!("{took:.2}"), "s");
    let left = report(setup, id, Form::Xarf);
    assert!(!holds(&left), "what is made anew does not name it");
    let left: Value = serde_json::from_slice(&left).expect("the log still proves the others");
    assert_eq!(left.as_array().map(Vec::len), Some(SOURCES as usize - 1));
    run(seawall().arg("verify").arg(setup.state()), SOON).good();
    run(seawall().arg("verify").arg(archive), SOON).good();
}

/// Nothing is made of it.
fn what_was_changed_is_no_proof(setup: &Setup, id: &str, place: &Path) {
    let text = fs::read_to_string(place).expect("readable");
    let another = source(418).to_string();
    fs::write(place, text.replace(&another, "192.0.2.77")).expect("writable");
    let refused = run(
        seawall().args(["incident", "report", id, "--as", "xarf", "-c"]).arg(setup.file()),
        SOON,
    );
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("not those that the log proves"), "{}", refused.err);
}
