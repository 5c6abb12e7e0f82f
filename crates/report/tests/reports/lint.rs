//! What a statement may say of a case: planted over-claims are found, sober ones pass.

use crate::simulated::{Records, case_of, ended, incident, simulated};
use seawall_report::case::Case;
use seawall_report::{Form, Known, lint, render};
use seawall_types::evidence::{Fact, IncidentKind, VisitorsHarmed};

/// Forty seconds: 50,000 requests in the record, 5,300 in one second at most, 3,000 admitted.
fn case(kind: IncidentKind, is_over: bool) -> Case {
    let mut records = Records::default();
    for second in 1..=60 {
        let hold = if (10..=50).contains(&second) { 5_000 } else { 0 };
        records.second(second * 1_000, "www", (300, hold, Some(1_010)));
        records.second(second * 1_000, "donate", (40, 0, Some(200)));
        if second == 10 {
            records.fact(10_500, Fact::IncidentOpened(incident("www-1", "www", kind)));
        }
    }
    if is_over {
        let mut closed = ended(incident("www-1", "www", kind), 50_000);
        closed.visitors_harmed = VisitorsHarmed::Between { least: 2, most: 40 };
        closed.measured.sources_least = Some(912);
        records.fact(61_000, Fact::IncidentClosed(closed));
    }
    case_of(&records, "www-1")
}

/// Of a closed incident of kind flood.
const OVER_CLAIMS: [&str; 50] = [
    "Yesterday we withstood a sophisticated flood.",
    "Our website faced a large-scale flood of requests.",
    "A MASSIVE wave of requests hit us.",
    "This was an unprecedented event.",
    "It was the largest flood that any party has seen.",
    "The flood was state-sponsored.",
    "A foreign power tried to take us offline.",
    "Hackers tried to stop our campaign.",
    concat!("The attack", "ers used thousands of requests."),
    "Russian servers sent the requests.",
    "The traffic came from China.",
    "Killnet is behind it.",
    "We know that NoName057(16) did this.",
    "APT28 has claimed it.",
    "Our donation page was deliberately flooded.",
    "A coordinated flood hit www.",
    "We were targeted because of our policies.",
    "This was politically motivated.",
    "It was an attack on democracy itself.",
    "A malicious flood reached us.",
    "A botnet sent the requests.",
    "Hijacked cameras sent the requests.",
    "This cyberattack failed.",
    "A cyber-attack hit our website.",
    "There was no breach.",
    "No data was accessed.",
    "Your data is safe.",
    "Our systems were not compromised.",
    "There is no evidence of an intrusion.",
    "No personal data has been lost.",
    "All visitors were served.",
    "The website stayed online.",
    "There was no impact on members.",
    "Our services were unaffected.",
    "The flood was successfully blocked.",
    "We repelled the flood.",
    "Our defences completely stopped it.",
    "At no time was the site at risk.",
    "We guarantee that this cannot recur.",
    "Millions of requests reached us.",
    "We counted 250,000 requests.",
    "The flood peaked at 50,000 requests per second.",
    "The flood peaked at 40 Gbps.",
    "100,000 different IP addresses took part.",
    "The flood lasted for three days, for 72 hours in all.",
    "99.9% of visitors noticed nothing.",
    "It was probably a rival.",
    "So\u{ad}phis\u{200b}ticated senders were at work.",
    "An un\u{440}recedented and s\u{43e}phisticated flood.",
    "Experts agree that this was serious.",
];

/// What the same record bears.
const SOBER: [&str; 20] = [
    "On 1 March our service www received a flood of requests.",
    "We counted 50,000 requests in 40 seconds.",
    "At most, 5,300 requests per second reached us.",
    "Of these requests, 3,000 were passed to the service; that is 6 % of all.",
    "At least 912 sources took part.",
    "We do not know who sent the requests, and our record cannot tell.",
    "Our record is about availability. It does not show whether data was read or changed.",
    "Members in Scotland and Wales could not open the page in some of those seconds.",
    "Our service donate shows no sign of it in any second of this time.",
    "The shield acted at once: its first measure came within a second of the first traffic.",
    "The incident has ended; load is back to normal.",
    "Between 2 and 40 visitors were refused although they meant well; that is an estimate.",
    "If you could not reach the page, please try again.",
    "We are sorry for the trouble this has caused.",
    "We reported the incident to the authorities and keep the record.",
    "A denial of service means that more is asked of a service than it can carry.",
    "The service was slow in part of this time.",
    "Our office in London is open for questions at security@example.net.",
    "We will tell you more when we know more.",
    "With a likelihood of 60 % it was likely more of the same kind.",
];

#[test]
fn every_planted_over_claim_is_found_and_says_why() {
    let case = case(IncidentKind::Flood, true);
    let missed: Vec<_> =
        OVER_CLAIMS.into_iter().filter(|claim| lint(claim, &case).is_empty()).collect();
    println!("FIGURE report.lint {} claims", OVER_CLAIMS.len() - missed.len());
    assert_eq!(missed, [""; 0]);
    for claim in OVER_CLAIMS {
        let objections = lint(claim, &case);
        assert!(objections.listed.iter().all(|objection| objection.why.len() > 10), "{claim}");
    }
}

#[test]
fn sober_statements_pass() {
    let case = case(IncidentKind::Flood, true);
    let mut flagged = 0;
    for sober in SOBER {
        // Six of a hundred is no share of these sentences but that of the admitted.
        let case = if sober.contains("60 %") { with_share(case.clone()) } else { case.clone() };
        let objections = lint(sober, &case);
        flagged += u32::from(!objections.is_empty());
        println!("{sober}: {}", objections.text());
    }
    println!("FIGURE report.lint.sober {flagged} statements");
    assert_eq!(flagged, 0);
}

/// A case in which a share of 60 % is known.
fn with_share(mut case: Case) -> Case {
    crate::simulated::describe(&mut case, &mut crate::simulated::Dice(1));
    if let Known::Is(places) = &mut case.places {
        let Known::Is(countries) = &mut places.met.countries else { return case };
        countries.rows[0].1.sources = 600;
    }
    case
}

#[test]
fn what_is_borne_depends_on_the_case() {
    let (flood, open) = (case(IncidentKind::Flood, true), case(IncidentKind::Unknown, false));
    for claim in [
        "It was a DDoS attack.",
        "The incident has ended.",
        "Service is restored.",
        "We acted immediately.",
        "At least 900 sources took part.",
    ] {
        assert_eq!(lint(claim, &flood).text(), "", "{claim}");
        assert!(!lint(claim, &open).is_empty(), "{claim}");
    }
    let placed = with_share(flood.clone());
    let placed_says = "60 % of the addresses that sent requests are registered in Germany.";
    assert_eq!(lint(placed_says, &placed).text(), "");
    assert!(!lint(placed_says, &flood).is_empty());
}

#[test]
fn an_objection_has_its_place_and_never_repeats_a_name() {
    let case = case(IncidentKind::Flood, true);
    let objections = lint("All is well.\nIt was Fancy\nBear, from Russia, a huge attack.", &case);
    assert_eq!(
        objections.text(),
        "2:8: the name of a group: evidence of traffic does not say who sent it\n\
         3:12: the name of a state: where addresses are registered does not say who sent the \
         traffic\n\
         3:22: \"huge\": size needs its number; the record compares with no other incident\n"
    );
}

#[test]
fn the_statement_of_every_simulated_incident_passes_its_own_check() {
    for seed in 0..200 {
        let case = simulated(seed);
        let statement = render(Form::Statement, &case).expect("every case has one");
        assert_eq!(lint(&statement, &case).text(), "", "seed {seed}\n{statement}");
    }
}

#[test]
fn of_two_hundred_incidents_no_report_assesses_who_operates_anything() {
    let says = |seed: &u64| {
        let json = render(Form::Json, &simulated(*seed)).expect("every case has one");
        let value: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        value["assessed"]["operator"]["word"] == "not_assessable"
    };
    let said = (0..200).filter(says).count();
    println!("FIGURE report.operator {} %", said / 2);
    assert_eq!(said, 200);
}
