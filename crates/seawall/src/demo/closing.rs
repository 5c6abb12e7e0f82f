//! What stands behind the story: everyone's totals beside each other, and what is left to look at.

use super::cast::Cast;
use super::look::Look;
use super::words::{count, latency, share};
use seawall_control::api::Incidents;
use seawall_stage::OriginLoad;
use std::fmt::Write as _;
use std::path::Path;

/// Totals since the start, and where everything is that was kept.
pub(super) fn text(cast: &Cast, look: &Look, (folder, known): (&Path, &Incidents)) -> String {
    let rows = cast.parts.iter().enumerate();
    let rows: String = rows.map(|(index, part)| row(part.name, look, index)).collect();
    let (flood, incidents) = (flood(look), incidents(folder, known));
    let folder = folder.display();
    format!(
        "\n          visitors, by their own count         shield                         origin\n\
         \x20            asked        ok    ok %       p99    admitted     stopped   errors   answered\n\
         {rows}{flood}{incidents}\n\
         Kept: {folder}\n  \
         evidence/   the signed log of what the shield saw and did; `seawall verify {folder}` checks it\n  \
         requests/   what each request asked for and got, as lines of JSON\n  \
         demo.toml   the configuration that the shield ran with\n"
    )
}

fn flood(look: &Look) -> String {
    let flood = look.flood;
    if flood.sent == 0 {
        return String::new();
    }
    format!(
        "\nThe flood counted {} requests sent: {} got 429, {} an answer of the origin, {} another \
         status.\n",
        count(flood.sent),
        count(flood.limited),
        count(flood.served),
        count(flood.otherwise),
    )
}

/// Each incident, and the command that tells all that is known of it.
fn incidents(folder: &Path, known: &Incidents) -> String {
    let mut text = String::new();
    // The oldest first, as the story told them.
    for incident in known.incidents.iter().rev() {
        let (id, platform, state) = (&incident.id, &incident.platform, &incident.state);
        let folder = folder.display();
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\nIncident {id} on {platform} ({state}). Its report:\n  \
             seawall incident report {id} --as text --state-dir {folder}\n"
        );
    }
    text
}

fn row(name: &str, look: &Look, index: usize) -> String {
    let judged = look.judged(index);
    let answered = look.origins.get(index).map_or(0, OriginLoad::served_total);
    let Some(met) = look.visitors.platforms.get(index) else {
        return String::new();
    };
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    format!(
        "  {name:<8}{:>8}  {:>8}  {:>6}  {:>8}  {:>10}  {:>10}  {:>7}  {:>9}\n",
        count(met.ended()),
        count(met.ok),
        or_dash(share(met.ok, met.ended())),
        or_dash(met.latency.p99().map(latency)),
        count(judged.admitted),
        count(judged.stopped),
        count(judged.errors),
        count(answered),
    )
}
