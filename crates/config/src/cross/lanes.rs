//! Lanes: names that stand once, platforms that exist, and ways into them that are whole.

use super::{Seen, fault};
use crate::faults::Fault;
use crate::sections::{Section, Sections};

/// Lanes of one shield: each may be looked at for each request.
const LANES_MAX: usize = 64;
/// Keys by which somebody gets into a lane; each alone will do.
const WAYS: [&str; 8] = [
    "invites",
    "client_ca_file",
    "networks",
    "keys_file",
    "webhook_secret_file",
    "agents",
    "bot_keys_file",
    "routes",
];
/// A key that says nothing without another, and what is then missing.
const NEEDS: [(&str, &[&str], &str); 4] = [
    ("webhook_secret_file", &["webhook_paths"], "webhook_paths must say where they are sent"),
    ("webhook_paths", &["webhook_secret_file"], "webhook_secret_file must say how they are known"),
    ("agents", &["ranges_file", "names"], "ranges_file or names must say how they are confirmed"),
    ("ranges_file", &["agents"], "agents must say who is confirmed by it"),
];

pub(super) fn check(sections: &Sections, faults: &mut Vec<Fault>) {
    let mut names = Seen::new();
    for (number, lane) in sections.all("lane").enumerate() {
        if number == LANES_MAX {
            faults.push(fault(lane.line, "lane", &format!("stands more than {LANES_MAX} times")));
        }
        let line = lane.line_of("name");
        if let Some(name) = lane.find::<String>("name")
            && let Some(earlier) = names.before(name.clone(), line)
        {
            let says = format!("is \"{name}\", as in line {earlier}; each lane has its own");
            faults.push(fault(line, "lane.name", &says));
        }
        platforms(sections, lane, faults);
        ways(lane, faults);
        certificates(sections, lane, faults);
    }
}

fn platforms(sections: &Sections, lane: &Section, faults: &mut Vec<Fault>) {
    let named: Vec<String> = lane.find("platforms").unwrap_or_default();
    let is_there = |name: &String| {
        sections.all("platform").any(|one| one.find::<String>("name").as_ref() == Some(name))
    };
    for name in named.iter().filter(|name| !is_there(name)) {
        let says = format!("holds \"{name}\"; there is no platform of that name");
        faults.push(fault(lane.line_of("platforms"), "lane.platforms", &says));
    }
}

/// A certificate is shown where TLS is spoken, and nowhere else.
fn certificates(sections: &Sections, lane: &Section, faults: &mut Vec<Fault>) {
    let speaks_tls = |listener: &Section| listener.find::<bool>("tls") == Some(true);
    if lane.entry("client_ca_file").is_some() && !sections.all("listener").any(speaks_tls) {
        let says = "is set; no listener has tls = true, so nobody can show a certificate";
        faults.push(fault(lane.line_of("client_ca_file"), "lane.client_ca_file", says));
    }
}

fn ways(lane: &Section, faults: &mut Vec<Fault>) {
    let is_there = |name: &str| match lane.entry(name) {
        // A flag that says no is no way.
        Some(_) if name == "invites" => lane.find::<bool>(name) != Some(false),
        Some(entry) => !entry.value.as_ref().is_some_and(crate::value::Value::is_empty),
        None => false,
    };
    for (key, others, missing) in NEEDS {
        if is_there(key) && !others.iter().any(|other| is_there(other)) {
            let says = format!("is set; {missing}");
            faults.push(fault(lane.line_of(key), &format!("lane.{key}"), &says));
        }
    }
    if !WAYS.iter().any(|way| is_there(way)) {
        let says = format!("says nobody who is in it; set one of {}", WAYS.join(", "));
        faults.push(fault(lane.line, "lane", &says));
    }
}
