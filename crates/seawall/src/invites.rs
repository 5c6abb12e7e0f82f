//! Links into lanes as operators ask for them: texts to what a shield makes, and what there is to lists.
//!
//! Bounds: [`NAME_MAX`] characters of a name, [`USES_MAX`] uses of a link, [`LINK_MAX`] of its time and
//! [`STAY_MAX`] of a stay.

use crate::cli::span;
use seawall_config::{Config, HostPattern, Platform};
use seawall_control::api;
use seawall_proxy::{Invite, NewInvite, Shield};
use seawall_types::{PlatformId, WallTime, wall};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Characters of a name.
const NAME_MAX: usize = 80;
/// Who may get in by one link.
const USES_MAX: u32 = 1_000;
/// How long a link can be used.
const LINK_MAX: Duration = Duration::from_hours(30 * 24);
/// How long one stays in.
const STAY_MAX: Duration = Duration::from_hours(365 * 24);
const LINK_USUAL: &str = "24h";
const STAY_USUAL: &str = "30d";

/// Makes a link into a lane.
///
/// # Errors
/// Every fault, each a sentence with what is allowed.
pub(crate) fn make(
    shield: &Shield,
    (config, platforms): (&Config, &[(PlatformId, String)]),
    wanted: &api::NewInvite,
) -> Result<api::InviteMade, Vec<String>> {
    let mut faults = Vec::new();
    let place = kept(place(shield, (config, platforms), wanted), &mut faults);
    let name = kept(name(&wanted.name), &mut faults);
    let uses = kept(uses(wanted.uses.unwrap_or(1)), &mut faults);
    let link_for = wanted.link_for.as_deref().unwrap_or(LINK_USUAL);
    let link_secs = kept(lasting("link_for", link_for, LINK_MAX), &mut faults);
    let stays_for = wanted.stays_for.as_deref().unwrap_or(STAY_USUAL);
    let pass_secs = kept(lasting("for", stays_for, STAY_MAX), &mut faults);
    let (Some((lane, platform)), Some(name), Some(uses_max), Some(link_secs), Some(pass_secs)) =
        (place, name, uses, link_secs, pass_secs)
    else {
        return Err(faults);
    };
    let base = base(config, platform);
    let platform = platform.name.clone();
    let wanted = NewInvite { lane, platform, name, uses_max, link_secs, pass_secs };
    let made = shield.invites().make(now_secs(), wanted);
    let (invite, text) = made.map_err(|fault| vec![fault.to_string()])?;
    Ok(api::InviteMade {
        id: invite.id.to_string(),
        link: format!("{base}/.well-known/seawall/lane?link={}", text.as_str()),
        lane: invite.wanted.lane.clone(),
        platform: invite.wanted.platform.clone(),
        uses_max,
        link_until: told(invite.link_until_secs()),
    })
}

/// Every lane and every link into one.
pub(crate) fn lanes(shield: &Shield) -> api::Lanes {
    let lane = |look: seawall_proxy::LaneLook| api::LaneTold {
        name: look.name,
        ways: look.ways.into_iter().map(str::to_owned).collect(),
        rate: look.rate.map(|rate| rate.to_string()),
        requests: look.let_in,
        over_rate: look.over_rate,
    };
    let now = now_secs();
    let invites = shield.invites().all().0;
    api::Lanes {
        lanes: shield.lanes().into_iter().map(lane).collect(),
        invites: invites.iter().map(|invite| listed(invite, now)).collect(),
    }
}

fn listed(invite: &Invite, now: u32) -> api::InviteTold {
    let wanted = &invite.wanted;
    let state = match invite {
        invite if invite.is_revoked() => "revoked",
        invite if invite.is_open(now) => "open",
        invite if invite.uses() >= wanted.uses_max => "used",
        _ => "over",
    };
    api::InviteTold {
        id: invite.id.to_string(),
        lane: wanted.lane.clone(),
        platform: wanted.platform.clone(),
        name: wanted.name.clone(),
        state: state.to_owned(),
        uses: invite.uses(),
        uses_max: wanted.uses_max,
        made_at: told(invite.made_secs),
        link_until: told(invite.link_until_secs()),
        stays_for_s: wanted.pass_secs,
    }
}

fn kept<T>(read: Result<T, String>, faults: &mut Vec<String>) -> Option<T> {
    read.map_err(|fault| faults.push(fault)).ok()
}

/// The lane and the platform that are meant.
fn place<'a>(
    shield: &Shield,
    (config, platforms): (&'a Config, &[(PlatformId, String)]),
    wanted: &api::NewInvite,
) -> Result<(String, &'a Platform), String> {
    let inviting = || config.lanes.iter().filter(|lane| lane.invites);
    let lane = match &wanted.lane {
        Some(name) => inviting().find(|lane| lane.name == *name),
        None => inviting().next().filter(|_| inviting().count() == 1),
    };
    let Some(lane) = lane else {
        let names: Vec<_> = inviting().map(|lane| lane.name.as_str()).collect();
        return Err(if names.is_empty() {
            "no lane takes links; write a table [[lane]] with invites = true and reload".to_owned()
        } else {
            format!("say which lane: links lead into {}", names.join(", "))
        });
    };
    let leads_to = |platform: &&Platform| {
        let id = platforms.iter().find(|(_, name)| *name == platform.name);
        id.is_some_and(|(id, _)| shield.invites_to(&lane.name, *id))
    };
    let leading = || config.platforms.iter().filter(leads_to);
    let platform = match &wanted.platform {
        Some(name) => leading().find(|platform| platform.name == *name),
        None => leading().next().filter(|_| leading().count() == 1),
    };
    let names = || leading().map(|platform| platform.name.as_str()).collect::<Vec<_>>().join(", ");
    let fault = || format!("say which platform: lane {} leads to {}", lane.name, names());
    platform.map(|platform| (lane.name.clone(), platform)).ok_or_else(fault)
}

fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_plain = !text.chars().any(char::is_control);
    let is_good = !text.is_empty() && is_plain && text.chars().count() <= NAME_MAX;
    let fault = || format!("name is needed: one line of at most {NAME_MAX} characters");
    is_good.then(|| text.to_owned()).ok_or_else(fault)
}

fn uses(count: u32) -> Result<u32, String> {
    let fault = || format!("uses is {count}; a link lets in 1 to {USES_MAX}");
    (1..=USES_MAX).contains(&count).then_some(count).ok_or_else(fault)
}

fn lasting(what: &str, text: &str, most: Duration) -> Result<u32, String> {
    let lasting = span(text).map_err(|why| format!("{what} is {text:?}; {why}"))?;
    let days = most.as_secs() / 86_400;
    let fault = || format!("{what} is {text:?}; it is from 1m to {days}d");
    let fits = (Duration::from_mins(1)..=most).contains(&lasting);
    let secs = u32::try_from(lasting.as_secs()).ok().filter(|_| fits);
    secs.ok_or_else(fault)
}

/// Where a platform is reached, as its visitors write it.
fn base(config: &Config, platform: &Platform) -> String {
    let name = platform.hosts.first().map_or(String::new(), |host| match host {
        HostPattern::Exact(name) => name.clone(),
        // Any name below it would do.
        HostPattern::Wildcard(suffix) => format!("www.{suffix}"),
    });
    let secure = config.listeners.iter().find(|one| one.tls && platform.certificate.is_some());
    let listener = secure.or_else(|| config.listeners.iter().find(|one| !one.tls));
    let (scheme, usual) = if secure.is_some() { ("https", 443) } else { ("http", 80) };
    match listener.map(|listener| listener.address.port()).filter(|port| *port != usual) {
        Some(port) => format!("{scheme}://{name}:{port}"),
        None => format!("{scheme}://{name}"),
    }
}

fn now_secs() -> u32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since.as_secs()).unwrap_or(u32::MAX)
}

fn told(secs: u32) -> String {
    wall::rfc3339(WallTime(u64::from(secs) * 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_link_is_for_is_bounded_and_every_fault_says_what_is_allowed() {
        assert_eq!(name(" Anna "), Ok("Anna".to_owned()));
        assert!(name("a\nb").is_err() && name("").is_err() && name(&"x".repeat(81)).is_err());
        assert_eq!((uses(1), uses(1_000)), (Ok(1), Ok(1_000)));
        assert!(uses(0).unwrap_err().contains("1 to 1000") && uses(1_001).is_err());
        assert_eq!(lasting("for", "30d", STAY_MAX), Ok(30 * 86_400));
        assert!(lasting("for", "366d", STAY_MAX).unwrap_err().contains("1m to 365d"));
        assert!(lasting("for", "1s", STAY_MAX).is_err() && lasting("for", "8", STAY_MAX).is_err());
    }

    #[test]
    fn a_link_leads_to_where_visitors_reach_the_platform() {
        let file = |listener: &str, more: &str| {
            let text = format!(
                "state_dir = \"s\"\n[[listener]]\n{listener}\n[[platform]]\nname = \"www\"\n\
                 hosts = [\"*.example.org\"]\norigins = [\"http://10.0.0.5\"]\n{more}"
            );
            let config = seawall_config::parse(&text, std::path::Path::new("a.toml")).unwrap();
            base(&config, &config.platforms[0])
        };
        assert_eq!(file("address = \"0.0.0.0:80\"", ""), "http://www.example.org");
        assert_eq!(file("address = \"0.0.0.0:8080\"", ""), "http://www.example.org:8080");
        let keys = "certificate = \"a.pem\"\nkey = \"a.key\"";
        assert_eq!(file("address = \"0.0.0.0:443\"\ntls = true", keys), "https://www.example.org");
    }
}
