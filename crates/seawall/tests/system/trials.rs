//! Scenarios of the simulator played with the program itself: the two must say the same.

use crate::fixtures::seawall;
use seawall_sim::defence::DefenceKind;
use seawall_sim::scenario::{Prepared, Scenario, Setting};
use seawall_sim::score::{Figure, Summary};
use seawall_stage::trial::agreement::{Pair, same_order};
use seawall_stage::trial::{RealDefence, Transport, Trial, try_once};
use std::path::Path;
use std::thread;
use tokio::runtime::Builder;

const SEED: u64 = 1;

/// Few machines that ask for what is dear, each above what a limit for an address lets through.
const FEW_SOURCES: &str = r#"
model = "Three machines search the site with 33 requests a second each."
source = "Ranjan et al., DDoS-Shield, IEEE/ACM Transactions on Networking 2009"
seconds = 15
learn = 4

[[platform]]
name = "www"
capacity = 12.0

[[people]]
kind = "browsers"
rps = 40.0

[[flood]]
kind = "costly-search"
from = 4
until = 12
pace = { rps = 100.0 }
sources = { count = 3, class = "hosting" }
"#;

/// People alone.
const PLAIN: &str = r#"
model = "An ordinary day."
source = "a calm run of the same people"
seconds = 8
learn = 0

[[platform]]
name = "www"
capacity = 10.0

[[people]]
kind = "browsers"
rps = 40.0
"#;

fn prepared(text: &str) -> Prepared {
    let scenario = Scenario::parse(text, "trial").expect("it has no fault");
    Prepared::new(scenario).expect("its groups fit")
}

/// What one defence came to with the program itself.
fn real(prepared: &Prepared, defence: DefenceKind, transport: Transport) -> Summary {
    let trial = Trial { transport, ..Trial::of(prepared, SEED).expect("its groups fit") };
    let defence = RealDefence::of(defence).expect("there is one");
    let runtime = Builder::new_current_thread().enable_all().build().expect("there are threads");
    let command = seawall();
    let tried = runtime.block_on(try_once(trial, defence, Path::new(command.get_program())));
    let tried = tried.expect("it takes place");
    assert_eq!((tried.report.overrun, tried.report.unconnected), (0, 0));
    tried.scores[0].summary()
}

fn simulated(prepared: &Prepared, defence: DefenceKind) -> Summary {
    let setting = Setting { seed: SEED, defence, times_normal: None };
    prepared.play(setting).expect("its groups fit")[0].summary()
}

#[test]
fn a_limit_for_each_address_does_for_real_what_the_simulator_says() {
    let prepared = prepared(FEW_SOURCES);
    let defences = [DefenceKind::Nothing, DefenceKind::PerAddress];
    let of = |defence| {
        let real = real(&prepared, defence, Transport::Plain);
        (simulated(&prepared, defence), real)
    };
    let all = thread::scope(|scope| {
        defences
            .map(|defence| scope.spawn(move || of(defence)))
            .map(|run| run.join().expect("it does not panic"))
    });
    let pair = |(simulated, real): &(Summary, Summary), figure| {
        Pair::of(figure, simulated, real).expect("both have it")
    };
    for run in &all {
        let leak = pair(run, Figure::LeakCost);
        assert!(leak.agrees(), "{leak:?}");
        // A machine that tests beside this one has less for either: twice what trials allow.
        let harm = pair(run, Figure::HarmPeople);
        assert!(harm.difference().abs() < 0.1, "{harm:?}");
    }
    let harms = all.each_ref().map(|run| pair(run, Figure::HarmPeople));
    assert!(harms[0].simulated > harms[1].simulated + 0.05, "the limit helps: {harms:?}");
    assert!(same_order(&harms.map(|harm| (harm.simulated, harm.real))), "{harms:?}");
}

#[test]
fn people_whose_stacks_speak_tls_and_http2_are_served_by_the_program() {
    let served = real(&prepared(PLAIN), DefenceKind::Shield, Transport::AsStacksAre);
    assert!(served.harm_people.is_some_and(|harm| harm < 0.02), "{served:?}");
}
