//! The outcome of a replay for people.

use super::compare::Comparison;
use super::play::Outcome;
use super::recorded::Recorded;
use super::recording::Capture;
use super::summary::PlatformSummary;
use seawall_engine::detect::FindingChange;
use seawall_engine::packets;
use seawall_engine::{Effect, IncidentChange, IncidentKind};
use seawall_types::Verdict;
use std::fmt::Write as _;

/// Effects that are told one by one; more are counted.
const EFFECTS_TOLD_MAX: usize = 20;

/// Everything that came of a replay, in lines.
pub fn text(recorded: &Recorded, outcome: &Outcome, comparison: Option<&Comparison>) -> String {
    let mut text = String::new();
    let summary = &outcome.summary;
    let _ = writeln!(
        text,
        "{} over {}, seed {}; {}",
        counted(summary.records, "record"),
        span(recorded.span_secs()),
        summary.seed,
        if summary.unread == 0 {
            "all lines read".to_owned()
        } else {
            format!("{} not read", summary.unread)
        },
    );
    if summary.unserved > 0 {
        let _ = writeln!(
            text,
            "{} for no platform: no host or platform of the configuration",
            counted(summary.unserved, "record")
        );
    }
    if summary.records > 0 {
        text.push('\n');
        text.push_str(&table(&summary.platforms));
    }
    for capture in recorded.captures() {
        text.push('\n');
        text.push_str(&told_capture(capture));
    }
    text.push_str(&episodes(outcome));
    if let Some(comparison) = comparison {
        text.push_str(&told_comparison(comparison));
    }
    let _ = writeln!(text, "\ndecisions {}", summary.decisions_hash);
    text
}

/// Columns as wide as what stands in them: the first to the left, others to the right.
fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let width = width(column).unwrap_or(0);
            let _ = if column == 0 {
                write!(text, "{cell:<width$}")
            } else {
                write!(text, "  {cell:>width$}")
            };
        }
        text.push('\n');
    }
    text
}

fn table(platforms: &[PlatformSummary]) -> String {
    let shown = Verdict::ALL.into_iter().filter(|verdict| {
        let is_rare = matches!(verdict, Verdict::Error | Verdict::Challenge | Verdict::Hold);
        !is_rare || platforms.iter().any(|platform| platform.verdicts[verdict.index()] > 0)
    });
    let shown: Vec<_> = shown.collect();
    let mut head = vec!["platform".to_owned(), "records".to_owned()];
    head.extend(shown.iter().map(|verdict| verdict.word().to_owned()));
    head.extend(["not admitted", "origin work", "capacity", "overload"].map(str::to_owned));
    let mut rows = vec![head];
    for platform in platforms {
        let mut row = vec![platform.name.clone(), platform.records().to_string()];
        row.extend(shown.iter().map(|verdict| platform.verdicts[verdict.index()].to_string()));
        row.push(per_cent(platform.not_admitted(), platform.records()));
        row.push(format!("{:.1} s", platform.admitted_ms / 1e3));
        row.push(format!("{:.0} ms/s", platform.capacity_ms_per_s));
        row.push(format!("{} s", platform.overload_seconds));
        rows.push(row);
    }
    columns(&rows)
}

fn told_capture(capture: &Capture) -> String {
    let summary = &capture.summary;
    let protocols: Vec<_> =
        summary.protocols.iter().map(|(name, packets)| format!("{name} {packets}")).collect();
    let mut text = format!(
        "{}: {} ({})\n",
        capture.input,
        counted(summary.packets, "packet"),
        protocols.join(", ")
    );
    for vector in &summary.vectors {
        let _ = writeln!(
            text,
            "  {}: {} from {}",
            vector.name,
            counted(vector.packets, "packet"),
            counted(vector.sources, "source")
        );
    }
    let _ = writeln!(
        text,
        "  explained {:.1} %; forged sources {}: {}",
        100.0 * summary.covered,
        summary.spoofed.word(),
        summary.why
    );
    for vector in &summary.described {
        let _ = writeln!(text, "  {}", told_description(vector));
    }
    if summary.untracked > 0 {
        let _ = writeln!(
            text,
            "  {} belong to flows beyond the {} that are told apart",
            counted(summary.untracked, "packet"),
            crate::vectors::FLOWS_MAX
        );
    }
    text
}

/// What the packets of a kind have in common, and what follows.
fn told_description(vector: &packets::Vector) -> String {
    let (name, share) = (vector.kind.vector_name(), 100.0 * vector.share);
    match &vector.verdict {
        packets::Verdict::Described(found) => {
            let action = if found.is_rate { "rate" } else { "drop" };
            format!("{name} ({share:.1} %): {action} {}", found.signature)
        }
        packets::Verdict::Undescribed(remedy) => {
            format!("{name} ({share:.1} %): {}", remedy.sentence())
        }
    }
}

/// What the engine told, in seconds from the first record.
fn episodes(outcome: &Outcome) -> String {
    let mut text = String::new();
    let name = |platform: seawall_types::PlatformId| {
        outcome.summary.platforms.get(platform.index()).map_or("-", |known| known.name.as_str())
    };
    for effect in outcome.effects.iter().take(EFFECTS_TOLD_MAX) {
        let _ = match effect {
            Effect::MitigationBegan(began) => writeln!(
                text,
                "{:>10.2} s  {}: limits begin to act ({}): {:.0} stopped a second, from {}",
                began.at.as_secs_f64(),
                name(began.platform),
                began.rung.word(),
                began.stopped_rps,
                counted(u64::from(began.sources), "source"),
            ),
            Effect::Relieved(relieved) => writeln!(
                text,
                "{:>10.2} s  {}: demand at the origins is back in its bound",
                relieved.at.as_secs_f64(),
                name(relieved.platform),
            ),
            Effect::MitigationEnded(ended) => writeln!(
                text,
                "{:>10.2} s  {}: limits have nothing more to do: {} stopped, {} admitted",
                ended.at.as_secs_f64(),
                name(ended.platform),
                ended.stopped,
                ended.admitted,
            ),
            Effect::Incident { platform, change } => {
                told_incident(&mut text, name(*platform), change)
            }
            Effect::Finding(change) => {
                told_finding(&mut text, name(change.finding().platform), change)
            }
            Effect::Measure(change) => {
                let measure = change.measure();
                writeln!(
                    text,
                    "{:>10.2} s  {}: {} {}: {} ({})",
                    change.at().as_secs_f64(),
                    name(measure.platform),
                    measure.rung.word(),
                    change.word(),
                    measure.text,
                    measure.why,
                )
            }
            Effect::TableSaturated { table, at, times } => writeln!(
                text,
                "{:>10.2} s  the table of {table} was full {times} times",
                at.as_secs_f64(),
            ),
        };
    }
    let more = outcome.effects.len().saturating_sub(EFFECTS_TOLD_MAX);
    if more > 0 {
        let _ = writeln!(text, "… and {more} more");
    }
    if text.is_empty() { text } else { format!("\nseconds from the first record\n{text}") }
}

fn told_finding(text: &mut String, platform: &str, change: &FindingChange) -> std::fmt::Result {
    let finding = change.finding();
    // That more is asked than can be carried stands with the incident.
    if finding.kind == IncidentKind::Unknown && finding.signatures.is_empty() {
        return Ok(());
    }
    let at = finding.at.as_secs_f64();
    if let FindingChange::Ended(_) = change {
        return writeln!(text, "{at:>10.2} s  {platform}: what was found is over");
    }
    let (kind, why) = (finding.kind.word(), finding.why.sentence());
    writeln!(text, "{at:>10.2} s  {platform}: {kind}: {why}")?;
    for signature in &finding.signatures {
        writeln!(text, "{:>12}  {}", "", signature.text)?;
    }
    Ok(())
}

fn told_incident(text: &mut String, platform: &str, change: &IncidentChange) -> std::fmt::Result {
    let incident = change.incident();
    let (number, clocks) = (incident.number, incident.clocks);
    match change {
        IncidentChange::Opened(_) => writeln!(
            text,
            "{:>10.2} s  {platform}: incident {number}, since {:.2} s: more is asked than can be carried",
            clocks.detected_at.as_secs_f64(),
            clocks.onset_at.as_secs_f64(),
        ),
        IncidentChange::Closed(_) => writeln!(
            text,
            "{:>10.2} s  {platform}: incident {number} is over: up to {:.1} times what can be carried",
            clocks.ended_at.unwrap_or(clocks.detected_at).as_secs_f64(),
            incident.peak_pressure,
        ),
        // Its times stand in the summary.
        IncidentChange::Merged(_) | IncidentChange::Changed(_) => Ok(()),
    }
}

fn told_comparison(comparison: &Comparison) -> String {
    let mut rows = vec![["compared", "first", "second"].map(str::to_owned).to_vec()];
    let mut add = |what: String, pair: [String; 2]| rows.push([&[what][..], &pair].concat());
    let mut changed = String::new();
    for (name, difference) in &comparison.platforms {
        let work = difference.admitted_ms.map(|ms| format!("{:.1} s", ms / 1e3));
        add(format!("{name}: work let through to origins (most that leaks)"), work);
        let stopped = difference.not_admitted.map(|count| count.to_string());
        add(format!("{name}: requests not admitted (most that are harmed)"), stopped);
        let overload = difference.overload_seconds.map(|seconds| format!("{seconds} s"));
        add(format!("{name}: overload"), overload);
        let only = [difference.only_first_admits, difference.only_second_admits];
        add(format!("{name}: requests that it alone admits"), only.map(|count| count.to_string()));
        let most: Vec<_> = difference
            .most_changed
            .iter()
            .map(|(source, requests)| format!("{source} ({requests})"))
            .collect();
        if !most.is_empty() {
            let sources = counted(difference.sources_changed, "source");
            let _ = writeln!(
                changed,
                "{name}: {sources} treated differently, most of all {}",
                most.join(", ")
            );
        }
    }
    format!("\n{}{changed}", columns(&rows))
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn per_cent(part: u64, whole: u64) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

/// `1 record`, `2 records`.
fn counted(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// A span with its two largest units.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn span(seconds: f64) -> String {
    let whole = seconds as u64;
    match whole {
        0..60 => format!("{seconds:.2} s"),
        60..3_600 => format!("{} min {} s", whole / 60, whole % 60),
        3_600..86_400 => format!("{} h {} min", whole / 3_600, whole % 3_600 / 60),
        _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3_600),
    }
}
