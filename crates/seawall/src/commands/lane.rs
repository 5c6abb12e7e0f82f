//! `seawall lane`: identity lanes and the links into them.

use super::{print, running};
use crate::cli::{Invite, LaneCommand};
use crate::failure::Failure;
use seawall_control::api::{InviteMade, InviteTold, LaneTold, Lanes, NewInvite};
use seawall_types::InviteId;
use serde::Serialize;
use serde_json::json;
use std::fmt::Write as _;
use std::process::ExitCode;

/// Lists, makes a link or takes one back.
///
/// # Errors
/// The shield does not answer, or what was asked for has faults.
pub(crate) fn lane(command: &LaneCommand) -> Result<ExitCode, Failure> {
    match command {
        LaneCommand::List { running, json } => {
            let client = running::client(running)?;
            let all: Lanes =
                client.read_json("/api/v1/lanes").map_err(|fault| running::failure(&fault))?;
            print(&chosen(*json, list(&all), &all)?);
        }
        LaneCommand::Invite(wanted) => {
            let client = running::client(&wanted.running)?;
            let made: InviteMade = client
                .send_json("/api/v1/lanes/invites", &asked(wanted))
                .map_err(|fault| running::failure(&fault))?;
            print(&chosen(wanted.json, said(&made), &made)?);
        }
        LaneCommand::Revoke { id, running, json } => {
            let id = id.parse::<InviteId>();
            let id = id.map_err(|fault| Failure::failed(fault.to_string()))?;
            let client = running::client(running)?;
            let path = format!("/api/v1/lanes/invites/{id}");
            client.delete(&path).map_err(|fault| running::failure(&fault))?;
            let text = format!("{id} is taken back, and everybody who came by it\n");
            print(&chosen(*json, text, &json!({"revoked": id}))?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn asked(wanted: &Invite) -> NewInvite {
    NewInvite {
        name: wanted.name.clone(),
        lane: wanted.lane.clone(),
        platform: wanted.platform.clone(),
        uses: Some(wanted.uses),
        link_for: Some(wanted.link_for.clone()),
        stays_for: Some(wanted.stays_for.clone()),
    }
}

fn chosen(for_programs: bool, text: String, facts: &impl Serialize) -> Result<String, Failure> {
    if !for_programs {
        return Ok(text);
    }
    let json = serde_json::to_string(facts).map_err(|cause| Failure::caused_by(&cause))?;
    Ok(format!("{json}\n"))
}

fn said(made: &InviteMade) -> String {
    let InviteMade { id, link, lane, platform, uses_max, link_until } = made;
    format!(
        "{link}\n{id} leads into {lane} on {platform}, for {uses_max}, until {link_until}; it is not \
         shown again\n"
    )
}

fn list(all: &Lanes) -> String {
    let mut text = String::new();
    if all.lanes.is_empty() {
        text.push_str("there is no lane\n");
    }
    for one in &all.lanes {
        let LaneTold { name, ways, rate, requests, over_rate } = one;
        let rate = rate.as_deref().unwrap_or("no rate");
        let ways = ways.join(", ");
        let _ = writeln!(
            text,
            "{name}  {rate}  by {ways}\n    {requests} requests, {over_rate} over the rate"
        );
    }
    for one in &all.invites {
        let InviteTold { id, lane, platform, state, uses, uses_max, link_until, .. } = one;
        let name = harmless(&one.name);
        let _ = writeln!(
            text,
            "{id}  {lane} on {platform}  {state}  {name}\n    used {uses} of {uses_max}, link until \
             {link_until}"
        );
    }
    text
}

/// Without what a terminal would act on.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
