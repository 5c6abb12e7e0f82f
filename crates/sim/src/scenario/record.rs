//! A run as JSON Lines, one request a line, for everything that reads the record format.
//!
//! Beside what a recorder of real traffic knows, a line says the truth: `visitor`, `solves`,
//! `solve_s` and, for readers that care, `role`.
//! A line is written when its request is over, so that it can say what came of it; whoever reads
//! the format sorts by time.

use super::{Prepared, Setting};
use crate::casting::{Miscast, Pools};
use crate::flood::forgery;
use crate::group::Role;
use crate::request::{Fate, Request};
use crate::shows::{Occasion, Texts};
use crate::site::Site;
use crate::stack::{Protocol, Stacks};
use crate::world::{Witness, Witnessed};
use seawall_types::Verdict;
use std::fmt::Write as _;

/// Plays a scenario and hands a line for every request, its break included, to `sink`.
///
/// # Errors
/// A sentence, when a group cannot be made.
pub fn play(
    prepared: &Prepared,
    setting: Setting,
    sink: &mut dyn FnMut(&str),
) -> Result<(), Miscast> {
    // The same pools once more: those of the world are gone once its groups are made.
    let (_, pools) = prepared.cast(setting.seed)?;
    let mut recorder = Recorder { prepared, pools, sink, line: String::new() };
    prepared.world(setting)?.run_before(&mut recorder, prepared.end());
    Ok(())
}

/// Writes what it sees.
struct Recorder<'a> {
    prepared: &'a Prepared,
    pools: Pools,
    sink: &'a mut dyn FnMut(&str),
    line: String,
}

impl Witness for Recorder<'_> {
    fn ended(&mut self, ended: &Witnessed) {
        let scenario = &self.prepared.scenario;
        let request = &ended.request;
        let platform = scenario.platforms.get(request.platform.index());
        let group = scenario.groups.get(usize::from(request.sender.group));
        let (Some(platform), Some(group)) = (platform, group) else {
            return;
        };
        self.line.clear();
        let (line, at) = (&mut self.line, ended.sent_at.0);
        // Writing to a String cannot fail, here and below.
        let _ = write!(line, "{{\"t\":{}.{:09}", at / 1_000_000_000, at % 1_000_000_000);
        text(line, "platform", &platform.name);
        text(line, "host", &host_of(&platform.name));
        write_request(line, self.pools.stacks(), (request, &platform.site, &platform.name));
        write_outcome(line, ended);
        text(line, "visitor", &format!("{}-{}", group.name, request.sender.member));
        write_truth(line, ended);
        line.push_str("}\n");
        (self.sink)(line);
    }
}

pub(crate) fn write_request(
    line: &mut String,
    stacks: &Stacks,
    (request, site, platform): (&Request, &Site, &str),
) {
    text(line, "src", &request.source.to_string());
    let texts = Texts::of(Occasion { request, site, host: &host_of(platform) });
    text(line, "method", texts.method);
    text(line, "path", &texts.target);
    if let Some(stack) = forgery::shown(stacks, request.look) {
        text(line, "proto", stack.protocol.word());
        text(line, "ua", &stack.user_agent);
        text(line, "headers", &stack.headers);
        // An empty one says that there is none.
        let _ = write!(line, ",\"ja4\":\"{}\"", stack.ja4);
        if stack.protocol == Protocol::H2 {
            text(line, "h2", &stack.h2);
        }
        text(line, "tcp", &stack.tcp);
    }
    text(line, "referer", &texts.referer);
    text(line, "lang", texts.language);
    let network = request.network;
    text(line, "country", std::str::from_utf8(&network.country).unwrap_or_default());
    text(line, "net", network.class.word());
    let _ = write!(line, ",\"asn\":{},\"cookie\":{}", network.asn, request.cookie.is_some());
}

/// The host of a platform of that name.
pub(crate) fn host_of(platform: &str) -> String {
    format!("{platform}.example")
}

/// The status that the sender saw, where there was an answer; what the request costs the origin.
fn write_outcome(line: &mut String, ended: &Witnessed) {
    let status = match ended.fate {
        Fate::Served => Some(200),
        Fate::Stopped(Verdict::Limit | Verdict::Challenge | Verdict::Hold) => Some(429),
        Fate::Stopped(Verdict::Refuse) => Some(403),
        Fate::OriginFailed | Fate::Stopped(Verdict::Error) => Some(503),
        Fate::Stopped(Verdict::Admit | Verdict::Drop) | Fate::GaveUp | Fate::Cancelled => None,
    };
    if let Some(status) = status {
        let _ = write!(line, ",\"status\":{status}");
    }
    let cost_us = ended.cost.as_micros();
    let _ = write!(
        line,
        ",\"bytes\":{},\"origin_ms\":{}.{:03}",
        ended.bytes,
        cost_us / 1_000,
        cost_us % 1_000
    );
}

fn write_truth(line: &mut String, ended: &Witnessed) {
    let role = match ended.role {
        Role::Person => "person",
        Role::Program => "program",
        Role::Flood => "flood",
    };
    text(line, "role", role);
    let solves = ended.passes.usually();
    let _ = write!(line, ",\"solves\":{}", solves.is_some());
    if let Some(ms) = solves {
        let _ = write!(line, ",\"solve_s\":{}.{:03}", ms / 1_000, ms % 1_000);
    }
}

/// A field with a text, left out where there is none.
fn text(line: &mut String, name: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    let _ = write!(line, ",\"{name}\":\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => line.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(line, "\\u{:04x}", u32::from(control));
            }
            plain => line.push(plain),
        }
    }
    line.push('"');
}
