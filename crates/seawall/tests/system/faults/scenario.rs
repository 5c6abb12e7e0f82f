//! One fault from its beginning to its end, with visitors all the time.

use super::load::{Load, Told};
use super::patient::{Condition, Patient};
use crate::fixtures::{SOON, Setup, Shield, seawall, wait_for};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// Deadlines of every shield here.
pub(super) const TIMEOUTS: &str =
    "[timeouts]\norigin_connect = \"1s\"\norigin_answer = \"1s\"\n[limits]\nsource_rps = \"off\"";
/// How long an origin is ill.
const ILL: Duration = Duration::from_secs(4);
/// Until when visitors may notice that an origin beside another is ill.
const NOTICED: Duration = Duration::from_secs(2);
/// More than the longest wait for an answer: one deadline, the tick that looks at it, a busy machine.
const ANSWERED: Duration = Duration::from_millis(2_500);
/// After the end of a fault, the time in which visitors must be served again.
const RECOVERED: Duration = Duration::from_secs(2);

/// Whether the platform has a healthy origin beside the one that is ill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    Alone,
    Beside,
}

/// What one scenario measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    /// Requests at origins over requests of visitors.
    pub(super) amplification: f64,
    /// From the end of the fault until the origin is asked and nobody is sent away.
    pub(super) recovery: Duration,
}

/// A configuration with these origins instead of its own.
pub(super) fn write(setup: &Setup, origins: &[String]) {
    let (before, rest) = setup.text().split_once("origins = [").map(owned).expect("it has some");
    let (_, after) = rest.split_once(']').map(owned).expect("a list ends");
    let list: Vec<String> = origins.iter().map(|origin| format!("\"http://{origin}\"")).collect();
    setup.folder.write("seawall.toml", format!("{before}origins = [{}]{after}", list.join(", ")));
}

fn owned((before, after): (&str, &str)) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

/// A shield before these origins.
pub(super) fn shield(setup: &Setup, origins: &[String]) -> Shield {
    write(setup, origins);
    let mut shield = Shield::launch_as(seawall().args(["run", "-c"]).arg(setup.file()));
    shield.ready();
    shield
}

/// A setup with short deadlines and two cores, so that what they share is shared.
pub(super) fn setup(origin: SocketAddr) -> Setup {
    Setup::before(origin).top("workers = 2").tables(TIMEOUTS)
}

/// How a fault begins and ends.
pub(super) struct Fault<'a> {
    pub(super) name: &'a str,
    /// What visitors may be told while there is no other origin.
    pub(super) alone: &'a [u16],
    pub(super) begin: &'a (dyn Fn() + Sync),
    /// Lasts as long as the fault does.
    pub(super) last: &'a (dyn Fn(Duration) + Sync),
    pub(super) end: &'a (dyn Fn() + Sync),
}

/// Plays a fault of `patient` on a shield that runs; `others` are healthy.
pub(super) fn play(
    fault: &Fault<'_>,
    target: SocketAddr,
    (patient, others): (&Patient, &[&Patient]),
) -> Outcome {
    let kind = fault.name;
    let load = Load::start(target);
    (fault.begin)();
    let began = Instant::now();
    (fault.last)(ILL);
    let before = patient.requests();
    (fault.end)();
    let mended = Instant::now();
    let reached = wait_for(&format!("request at the origin after {kind}"), SOON, || {
        (patient.requests() > before).then(|| mended.elapsed())
    });
    // Some time for whatever might still be repeated.
    thread::sleep(Duration::from_millis(300));
    let asked = load.asked();
    let told = load.stop();
    let company = if others.is_empty() { Company::Alone } else { Company::Beside };
    let ill = Ill { fault, began, mended, company };
    for told in &told {
        ill.judge(told);
    }
    let served_after = |told: &&Told| told.began >= mended && told.status() == Some(200);
    assert!(told.iter().any(|told| served_after(&told)), "{kind}: nobody was served again");
    let at_origins = patient.requests() + others.iter().map(|o| o.requests()).sum::<u64>();
    // Until the origin was asked again, and nobody was sent away any more.
    let sent_away = |told: &&Told| told.began >= mended && told.status() != Some(200);
    let ends = told.iter().filter(sent_away).map(|told| told.began + told.took - mended);
    let recovery = ends.fold(reached, Duration::max);
    Outcome { amplification: ratio(at_origins, asked), recovery }
}

struct Ill<'a> {
    fault: &'a Fault<'a>,
    began: Instant,
    mended: Instant,
    company: Company,
}

impl Ill<'_> {
    #[track_caller]
    fn judge(&self, told: &Told) {
        let kind = self.fault.name;
        told.is_honest(kind);
        assert!(told.took <= ANSWERED, "{kind}: answered after {:?}", told.took);
        let status = told.status().unwrap_or(0);
        if status == 200 {
            return;
        }
        assert!(self.fault.alone.contains(&status), "{kind}: {told:?}");
        let alone = self.company == Company::Alone;
        let since = told.began.saturating_duration_since(self.began);
        assert!(alone || since < NOTICED, "{kind}: another was healthy for {since:?}: {told:?}");
        let mended = told.began.saturating_duration_since(self.mended);
        assert!(mended < RECOVERED, "{kind}: not served {mended:?} after its end: {told:?}");
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// Plays a fault that is a condition of the origin.
pub(super) fn ill(
    (name, condition, alone): (&str, Condition, &[u16]),
    company: Company,
) -> Outcome {
    let patient = Patient::start();
    let others: Vec<Patient> = match company {
        Company::Alone => Vec::new(),
        Company::Beside => vec![Patient::start()],
    };
    let others: Vec<&Patient> = others.iter().collect();
    let setup = setup(patient.address);
    let places = [&patient].into_iter().chain(others.iter().copied());
    let places: Vec<String> = places.map(|origin| origin.address.to_string()).collect();
    let _shield = shield(&setup, &places);
    let fault = Fault {
        name,
        alone,
        begin: &|| patient.becomes(condition),
        last: &|span| thread::sleep(span),
        end: &|| patient.becomes(Condition::Well),
    };
    play(&fault, setup.plain, (&patient, &others))
}

/// Plays an origin that is up for a second and down for a second.
pub(super) fn flapping(company: Company) -> Outcome {
    let patient = Patient::start();
    let other = Patient::start();
    let others: &[&Patient] = match company {
        Company::Alone => &[],
        Company::Beside => &[&other],
    };
    let setup = setup(patient.address);
    let places = [&patient].into_iter().chain(others.iter().copied());
    let places: Vec<String> = places.map(|origin| origin.address.to_string()).collect();
    let _shield = shield(&setup, &places);
    let second = Duration::from_secs(1);
    let flap = |span: Duration| {
        let began = Instant::now();
        while began.elapsed() < span {
            for condition in [Condition::Well, Condition::Dead] {
                patient.becomes(condition);
                thread::sleep(second);
            }
        }
    };
    let fault = Fault {
        name: "flapping",
        alone: &[502],
        begin: &|| patient.becomes(Condition::Dead),
        last: &flap,
        end: &|| patient.becomes(Condition::Well),
    };
    play(&fault, setup.plain, (&patient, others))
}
