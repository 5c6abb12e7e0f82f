//! A worksheet for a breach of availability under UK GDPR Article 33.
//!
//! Gives the facts that the record holds; the decision and its reason are a person's, and are
//! written down either way.

use super::says;
use super::sheet::{BLANK, Sheet};
use super::term::{HOURS_72, due};
use crate::case::Case;

/// The document.
pub(super) fn render(case: &Case) -> String {
    let notes = [
        case.about.label(),
        format!("incident {} on {}", case.id, case.subject().name),
        "Loss of availability of personal data can be a breach; whether to notify is for a person \
         to decide, and the reason is kept either way."
            .to_owned(),
    ];
    let mut sheet = Sheet::new("Worksheet: breach of availability (UK GDPR Article 33)", &notes);
    sheet.ask("When did a person become aware, and when are 72 hours over?", due(case, HOURS_72));
    let mut facts = says::summary(case);
    facts.push(says::evidence(case));
    facts.push(says::losses(case));
    sheet.ask("What happened?", facts);
    let services = case.platforms.iter().map(says::service);
    sheet.ask("Which services were not available, and for how long?", services);
    sheet.ask(
        "Which personal data could not be reached, of how many people?",
        [
            "unknown: the shield does not know what its platforms hold".to_owned(),
            format!("categories and numbers: {BLANK}"),
        ],
    );
    sheet.ask("Was personal data read, changed or lost?", read_or_changed(case));
    sheet.ask("Which consequences are likely for people?", [says::harmed(case), BLANK.to_owned()]);
    sheet.ask("What was done?", super::ncsc::done(case));
    sheet.ask(
        "Decision: is a risk to people unlikely?",
        [
            format!("decision: {BLANK}"),
            format!("reason: {BLANK}"),
            format!("by whom, when: {BLANK}"),
        ],
    );
    let told = |line: &Option<crate::Line>| {
        line.as_ref().map_or_else(|| BLANK.to_owned(), ToString::to_string)
    };
    let organisation = format!("organisation: {}", told(&case.about.organisation));
    sheet.ask(
        "Who can be asked?",
        [organisation, format!("contact: {}", told(&case.about.contact))],
    );
    sheet.text()
}

fn read_or_changed(case: &Case) -> Vec<String> {
    let mut said = vec!["unknown: the record neither shows nor rules out access".to_owned()];
    said.extend(case.integrity.sentences());
    said.push(format!("what other records show: {BLANK}"));
    said
}
