//! What one request costs in system calls and instructions: counts, which a busy machine does not
//! change, each held to 1.05 times what was measured when its budget was last set.
//!
//! Fixed costs, such as start and handshakes, fall out: each count is the difference between a
//! longer and a shorter run, divided by the requests between them.

mod load;

use crate::fixtures::program::{Running, find};
use crate::fixtures::{
    Folder, Nginx, SOON, Setup, Shield, figure, needs, program::skip, run, seawall, wait_for,
};
use load::{Load, Requests};
use rustix::process::Signal;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What one request may cost.
struct Budget {
    /// As users run it.
    release: f64,
    /// As the tests are built: optimised, with our own assertions and overflow checks. The standard
    /// library then looks at each descriptor before closing it, with a call of its own.
    checked: f64,
}

// Measured: 4.08, 2.31, 8.11 (checked: 9.11), 4.05 (checked: 5.05).
const CALLS_H1_MAX: Budget = Budget { release: 4.29, checked: 4.29 };
const CALLS_H2_TLS_MAX: Budget = Budget { release: 2.47, checked: 2.47 };
const CALLS_NEW_MAX: Budget = Budget { release: 8.55, checked: 9.64 };
const CALLS_REFUSED_MAX: Budget = Budget { release: 4.28, checked: 5.33 };
// Measured: 31,000 before what each request shows was read and every origin was bounded (checked, now:
// 35,300); 57,200 then (checked, now: 63,400), which a release may never have over 58,000.
const INSTRUCTIONS_H1_MAX: Budget = Budget { release: 31_800.0, checked: 37_000.0 };
const INSTRUCTIONS_H2_TLS_MAX: Budget = Budget { release: 58_000.0, checked: 66_500.0 };

/// How often system calls are counted: how many connections one look of the kernel finds depends on
/// what else the machine does.
const REPETITIONS: usize = 5;
/// Requests of the shorter and of the longer run.
const CALLS_RUNS: [Requests; 2] = [Requests(1_000), Requests(5_000)];
const INSTRUCTIONS_RUNS: [Requests; 2] = [Requests(500), Requests(4_500)];

#[test]
fn system_calls_of_a_proxied_http1_request_stay_in_their_budget() {
    let test = "counts::system_calls_of_a_proxied_http1_request_stay_in_their_budget";
    calls_stay_in_budget(test, Load::H1, ("calls.h1", &CALLS_H1_MAX));
}

#[test]
fn system_calls_of_a_proxied_http2_request_stay_in_their_budget() {
    let test = "counts::system_calls_of_a_proxied_http2_request_stay_in_their_budget";
    calls_stay_in_budget(test, Load::H2Tls, ("calls.h2-tls", &CALLS_H2_TLS_MAX));
}

#[test]
fn system_calls_of_a_new_connection_stay_in_their_budget() {
    let test = "counts::system_calls_of_a_new_connection_stay_in_their_budget";
    calls_stay_in_budget(test, Load::New, ("calls.new", &CALLS_NEW_MAX));
}

#[test]
fn system_calls_of_a_refused_connection_stay_in_their_budget() {
    let test = "counts::system_calls_of_a_refused_connection_stay_in_their_budget";
    calls_stay_in_budget(test, Load::Refused, ("calls.refused", &CALLS_REFUSED_MAX));
}

#[test]
fn instructions_of_a_proxied_http1_request_stay_in_their_budget() {
    let test = "counts::instructions_of_a_proxied_http1_request_stay_in_their_budget";
    instructions_stay_in_budget(test, Load::H1, ("instructions.h1", &INSTRUCTIONS_H1_MAX));
}

#[test]
fn instructions_of_a_proxied_http2_request_stay_in_their_budget() {
    let test = "counts::instructions_of_a_proxied_http2_request_stay_in_their_budget";
    let line = ("instructions.h2-tls", &INSTRUCTIONS_H2_TLS_MAX);
    instructions_stay_in_budget(test, Load::H2Tls, line);
}

/// What the record of requests may add to what a request costs: three in a hundred.
const RECORDING_MAX: f64 = 3.0;

#[test]
fn the_record_of_requests_costs_little_beside_them() {
    let test = "counts::the_record_of_requests_costs_little_beside_them";
    if !needs(test, &["nginx", "h2load", "valgrind"]) {
        return;
    }
    let origin = Nginx::start();
    // Evidence is written in each of the runs: there is no shield without it.
    let each = |requests: &str| {
        let log = format!("[log]\nrequests = \"{requests}\"\n");
        let setup = Setup::before(origin.address).top("workers = 1").tables(&log);
        let counted =
            INSTRUCTIONS_RUNS.map(|requests| counted(&setup, || Load::H1.send(&setup, requests)));
        per_request(counted, INSTRUCTIONS_RUNS)
    };
    let without = each("off");
    let added = |requests| 100.0 * (each(requests) / without - 1.0);
    let (sampled, all) = (added("sampled"), added("all"));
    figure("report.logging.all", format!("{all:.2}"), "%");
    figure("report.logging", format!("{sampled:.2}"), "%");
    if Build::under_test() != Build::Unoptimised {
        assert!(sampled <= RECORDING_MAX, "{sampled} %");
    }
}

/// A shield on one core, so that nothing is counted twice.
fn setup(load: Load, origin: &Nginx) -> Setup {
    Setup::before(origin.address).top("workers = 1").tables(load.tables())
}

#[track_caller]
fn calls_stay_in_budget(test: &str, load: Load, (line, budget): (&str, &Budget)) {
    if !needs(test, &["nginx", "h2load", "strace"]) {
        return;
    }
    if let Err(why) = may_trace() {
        skip(test, &why);
        return;
    }
    let origin = Nginx::start();
    // Told, not learned: a shield that is stopped at each call is slower than what it learns of, and
    // two hundred at once in its first moment are a flood to it.
    let setup = setup(load, &origin).platform("capacity = \"1000 concurrent\"");
    let shield = Shield::start(&setup);
    // Connections to the origin, and what is made at the first use of anything.
    load.send(&setup, CALLS_RUNS[0]);
    let mut measured: Vec<f64> = (0..REPETITIONS)
        .map(|_| {
            let calls = CALLS_RUNS.map(|requests| traced(&shield, || load.send(&setup, requests)));
            per_request(calls, CALLS_RUNS)
        })
        .inspect(|each| figure(line, format!("{each:.3}"), "calls"))
        .collect();
    measured.sort_by(f64::total_cmp);
    budget.holds(measured[REPETITIONS / 2], "calls");
}

impl Budget {
    #[track_caller]
    fn holds(&self, each: f64, unit: &str) {
        let most = match Build::under_test() {
            Build::Release => self.release,
            Build::Checked => self.checked,
            // What an unoptimised build costs says nothing about what users run.
            Build::Unoptimised => return,
        };
        assert!(each <= most, "{each:.3} {unit} a request, over {most}");
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn per_request([shorter, longer]: [u64; 2], [fewer, more]: [Requests; 2]) -> f64 {
    let between = f64::from(more.0 - fewer.0);
    longer.saturating_sub(shorter) as f64 / between
}

/// Whether one process may trace another here.
fn may_trace() -> Result<(), String> {
    let ran = run(Command::new("strace").args(["-c", "true"]), SOON);
    if ran.code == Some(0) { Ok(()) } else { Err(format!("tracing is not allowed: {}", ran.err)) }
}

/// System calls of all threads of the shield while `work` is done.
fn traced(shield: &Shield, work: impl FnOnce()) -> u64 {
    let folder = Folder::new();
    let (summary, log) = (folder.join("summary"), folder.join("log"));
    let mut command = Command::new("strace");
    command
        .args(["-f", "-c", "-U", "calls,name", "-p"])
        .arg(shield.pid().as_raw_nonzero().to_string())
        .arg("-o")
        .arg(&summary)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log).expect("the folder is ours"));
    let mut strace = Running::start(&mut command);
    let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    wait_for("strace to attach", SOON, || text(&log).contains("attached").then_some(()));
    work();
    strace.signal(Signal::INT);
    strace.child().wait().expect("it is our child");
    let summary = text(&summary);
    let total = summary.lines().find_map(|line| line.trim().strip_suffix("total"));
    let total = total.and_then(|line| line.split_whitespace().next()?.parse().ok());
    total.unwrap_or_else(|| panic!("no total in {summary:?}"))
}

#[track_caller]
fn instructions_stay_in_budget(test: &str, load: Load, (line, budget): (&str, &Budget)) {
    if !needs(test, &["nginx", "h2load", "valgrind"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = setup(load, &origin);
    let counted = INSTRUCTIONS_RUNS.map(|requests| counted(&setup, || load.send(&setup, requests)));
    let each = per_request(counted, INSTRUCTIONS_RUNS);
    figure(line, format!("{each:.0}"), "instructions");
    budget.holds(each, "instructions");
}

/// User instructions of a shield while `work` is done, and until it has ended. Its start is left out:
/// the library of cryptography gathers randomness there for as long as it thinks fit, which is some
/// millions of instructions more or less.
fn counted(setup: &Setup, work: impl FnOnce()) -> u64 {
    let out = setup.folder.join("callgrind.out");
    setup.write();
    let mut command = Command::new(find("valgrind").expect("asked for by `needs`"));
    command
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program())
        .args(["run", "-c"])
        .arg(setup.file());
    let mut shield = Shield::launch_as(&mut command);
    shield.ready();
    let pid = shield.pid().as_raw_nonzero().to_string();
    run(Command::new("callgrind_control").args(["--zero", &pid]), SOON).good();
    work();
    shield.signal(Signal::TERM);
    assert!(shield.ended(SOON).success(), "{}", shield.err());
    let text = fs::read_to_string(out).expect("callgrind has written it");
    let totals = text.lines().find_map(|line| line.strip_prefix("totals: "));
    totals.expect("it ends with them").trim().parse().expect("a number")
}

fn program() -> PathBuf {
    seawall().get_program().into()
}

/// How the program under test was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Build {
    Release,
    Checked,
    Unoptimised,
}

impl Build {
    /// As the folder tells that cargo names after the profile; a program from elsewhere counts as a
    /// release.
    fn under_test() -> Self {
        let program = program();
        let profile = program.parent().and_then(|folder| folder.file_name());
        match profile.and_then(|name| name.to_str()) {
            Some("system") => Self::Checked,
            Some("debug") => Self::Unoptimised,
            _ => Self::Release,
        }
    }
}
