//! Answers to the nine questions of the UK's National Cyber Security Centre, in their order.
//!
//! Claims no category: those are given by the centre and by the police alone.

use super::says;
use super::sheet::{BLANK, Sheet};
use crate::case::{Case, Reading};
use crate::line::Line;
use seawall_types::wall::rfc3339;

/// The document.
pub(super) fn render(case: &Case) -> String {
    let notes = [
        case.about.label(),
        format!(
            "incident {} on {}, as of {}",
            case.id,
            case.subject().name,
            rfc3339(case.custody.as_of)
        ),
        "A live incident can be told by telephone too; no category is claimed here.".to_owned(),
    ];
    let mut sheet = Sheet::new("Answers for a report to the NCSC", &notes);
    let told = |line: &Option<Line>| line.as_ref().map_or(BLANK.to_owned(), ToString::to_string);
    sheet.ask("Who reports?", [BLANK.to_owned()]);
    sheet.ask("Which organisation?", [told(&case.about.organisation)]);
    sheet.ask("In which role?", [BLANK.to_owned()]);
    sheet.ask(
        "How can you be reached, on a system that is not touched?",
        [told(&case.about.contact), format!("telephone: {BLANK}")],
    );
    let mut summary = says::summary(case);
    summary.push(format!("Severity on the scale of this report: {}.", case.severity.sentence()));
    sheet.ask("What happened, with which impact on services and users?", summary);
    sheet.ask("What was investigated and done, or is planned?", done(case));
    let mut shown = analysis(case);
    shown.extend(case.integrity.sentences());
    sheet.ask("What does the technical analysis show?", shown);
    sheet.ask("Who else was told?", [BLANK.to_owned()]);
    sheet.ask("What comes next?", [BLANK.to_owned()]);
    sheet.text()
}

/// What the log tells of measures, one a line.
pub(super) fn done(case: &Case) -> Vec<String> {
    let mut lines: Vec<_> = case
        .actions
        .iter()
        .map(|action| format!("{} {}", rfc3339(action.at), action.what))
        .collect();
    if lines.is_empty() {
        lines.push(says::NO_CHANGE.to_owned());
    }
    lines.push(says::not_admitted(case));
    lines.extend(case.signatures.iter().map(|signature| {
        let (at, rung) = (rfc3339(signature.at), says::rung(signature));
        format!("{at} described: {}; measure against it: {rung}", signature.text)
    }));
    lines.push(format!("planned: {BLANK}"));
    lines
}

/// Numbers and proofs, one a line.
pub(super) fn analysis(case: &Case) -> Vec<String> {
    let mut lines = vec![says::kind(case.kind).to_owned()];
    lines.extend(case.figures().into_iter().map(|(name, value)| format!("{name}: {value}")));
    lines.extend(case.scales.iter().map(Reading::sentence));
    lines.extend(says::phases(case));
    lines.extend(case.platforms.iter().map(|platform| {
        let (name, standing, because) =
            (&platform.name, platform.standing.word(), &platform.because);
        format!("platform {name}: {standing}: {because}; {}", platform.coverage.phrase())
    }));
    lines.push(says::clock(case));
    lines.push(says::evidence(case));
    lines.push(says::losses(case));
    lines.push(says::NO_SENDER.to_owned());
    lines
}
