//! Every sentence of the founding case's reports follows from a record, from what the operator said of
//! itself, or is one that the form says of every case.
//!
//! Records are left out or changed, one kind after another: a sentence that none of it changes, and
//! that does not stand in reports of other cases, would come from nowhere.

use crate::founding::both_days;
use crate::simulated::{Records, about, case_about, simulated};
use seawall_report::case::{Case, Check, Evidence};
use seawall_report::entry::Statement;
use seawall_report::{About, Form, Line, render};
use seawall_types::evidence::{Fact, GapReason, Incident, IncidentKind, Stamp, VisitorsHarmed};
use seawall_types::{Verdict, WallTime};
use std::collections::{BTreeMap, BTreeSet};

const DAYS: [&str; 2] = ["www-20260301T190001.250", "www-20260302T190001.250"];
/// Forms that people read; the page has the sentences of `text`.
const FORMS: [Form; 3] = [Form::Text, Form::Ncsc, Form::Statement];
/// Other cases, and in how many of them a sentence stands that a form says of its own.
const OTHERS: u64 = 40;
const OWN_WORDS: usize = 3;

fn told(of: &About) -> About {
    let platforms = ["www", "donate", "app"].map(Line::of).to_vec();
    About { platforms, aware_at: None, ..of.clone() }
}

/// The sentences of all forms; names of fields and headings are sentences too.
fn sentences(case: &Case) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for form in FORMS {
        let document = render(form, case).expect("every case has one");
        for line in document.lines() {
            let parts = line.split_inclusive(". ").map(str::trim).filter(|part| !part.is_empty());
            all.extend(parts.map(str::to_owned));
        }
    }
    all
}

/// The facts of some kind taken out or changed.
fn edited(edit: &dyn Fn(&mut Fact) -> Option<()>) -> Records {
    let mut records = both_days();
    records.0.retain_mut(|entry| match &mut entry.statement {
        Statement::Fact(fact) => edit(fact).is_some(),
        Statement::Own(_) => true,
    });
    records
}

fn of_incidents(fact: &mut Fact, change: impl Fn(&mut Incident)) {
    if let Fact::IncidentOpened(incident) | Fact::IncidentClosed(incident) = fact {
        change(incident);
    }
}

/// What was left out or changed, and what is told then.
fn edits() -> Vec<(&'static str, Records)> {
    let mut edits: Vec<(&str, Records)> = Vec::new();
    for (what, name) in
        [("seconds of www", "www"), ("seconds of donate", "donate"), ("seconds of app", "app")]
    {
        let other = |fact: &mut Fact| match fact {
            Fact::PlatformSecond(second) => (second.platform != name).then_some(()),
            _ => Some(()),
        };
        edits.push((what, edited(&other)));
    }
    edits.push((
        "ends of incidents",
        edited(&|fact| (!matches!(fact, Fact::IncidentClosed(_))).then_some(())),
    ));
    edits.push((
        "sources of incidents",
        edited(&|fact| (!matches!(fact, Fact::IncidentSources(_))).then_some(())),
    ));
    edits.push((
        "what was put aside",
        edited(&|fact| (!matches!(fact, Fact::IncidentSealed(_))).then_some(())),
    ));
    edits.push((
        "looks of integrity",
        edited(&|fact| (!matches!(fact, Fact::IntegrityLook(_))).then_some(())),
    ));
    edits.push((
        "the start of the node",
        edited(&|fact| (!matches!(fact, Fact::NodeStarted { .. })).then_some(())),
    ));
    edits.push((
        "clocks of incidents",
        edited(&|fact| {
            of_incidents(fact, |incident| {
                let clocks = &mut incident.clocks;
                for clock in [&mut clocks.onset_at, &mut clocks.detected_at] {
                    *clock = clock.map(|at| Stamp { wall: WallTime(at.wall.0 - 77), ..at });
                }
                (clocks.mitigated_at, clocks.relieved_at) = (None, None);
            });
            Some(())
        }),
    ));
    edits.push((
        "numbers of incidents",
        edited(&|fact| {
            of_incidents(fact, |incident| {
                incident.requests = Verdict::ALL.map(|verdict| (verdict, 71)).into();
                incident.measured.peak_requests_per_s = Some(72);
                incident.measured.sources_least = Some(73);
                incident.visitors_harmed = VisitorsHarmed::Unknown;
            });
            Some(())
        }),
    ));
    edits.push((
        "kinds and signatures of incidents",
        edited(&|fact| {
            of_incidents(fact, |incident| {
                incident.kind = IncidentKind::Unknown;
                incident.signatures.clear();
            });
            Some(())
        }),
    ));
    edits.push(("a change, a gap and a later record", added()));
    edits
}

/// A change of the configuration and a gap on each evening.
fn added() -> Records {
    let mut changed = both_days();
    let applied = Fact::ConfigurationApplied { configuration: "sha256:77".to_owned() };
    for hours in [7, 31] {
        changed.fact(hours * 3_600_000 + 600_000, applied.clone());
        changed.gap(
            hours * 3_600_000 + 601_000,
            (hours * 3_600_000 + 2_000, hours * 3_600_000 + 3_000),
            GapReason::DiskSlow,
        );
    }
    changed
}

/// What stands in reports of other cases as it is.
fn own_words() -> BTreeSet<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..OTHERS {
        let mut case = simulated(seed);
        case.about = About::default();
        for sentence in sentences(&case) {
            *counts.entry(sentence).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count >= OWN_WORDS).map(|(said, _)| said).collect()
}

#[test]
fn every_sentence_of_the_founding_case_follows_from_a_record() {
    let own = own_words();
    let (edits, records) = (edits(), both_days());
    let (mut all, mut from_nowhere) = (0, Vec::new());
    let mut traced: BTreeMap<&str, usize> = BTreeMap::new();
    for id in DAYS {
        let said = sentences(&case_about(&records, id, told(&about())));
        let mut others: Vec<_> = edits
            .iter()
            .map(|(what, records)| (*what, sentences(&case_about(records, id, told(&about())))))
            .collect();
        let nobody = case_about(&records, id, told(&About::default()));
        others.push(("what the operator said of itself", sentences(&nobody)));
        let check = Check::Broken { what: Line::of("x") };
        let evidence = Evidence { entries: &records.0, unread: 0, check: &check };
        let broken = Case::of(&evidence, &id.parse().expect("a name"), told(&about()));
        others.push(("the check of the log", sentences(&broken.expect("it was recorded"))));
        for sentence in said {
            all += 1;
            let from = others.iter().find(|(_, other)| !other.contains(&sentence));
            match from {
                Some((what, _)) => *traced.entry(what).or_default() += 1,
                None if own.contains(&sentence) => *traced.entry("the form").or_default() += 1,
                // It names the incident that was asked for.
                None if sentence.contains(id) => *traced.entry("its name").or_default() += 1,
                None => from_nowhere.push(sentence),
            }
        }
    }
    println!("FIGURE report.traced {} sentences", from_nowhere.len());
    println!("{all} sentences: {traced:#?}");
    assert!(all > 200 && traced.len() > 8, "{traced:?}");
    assert_eq!(from_nowhere, Vec::<String>::new());
}
