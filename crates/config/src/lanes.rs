//! From the section of a lane to what it says, and the files that are part of it.

use crate::faults::Fault;
use crate::hosts::HostPattern;
use crate::lock::FileKind;
use crate::model::{CrawlerLane, KeyLane, Lane, WebhookForm, WebhookLane};
use crate::sections::{Section, Sections};
use crate::value::At;
use std::path::{Path, PathBuf};

/// Every key that names a file.
const FILES: [(&str, FileKind); 5] = [
    ("client_ca_file", FileKind::ClientAuthorities),
    ("keys_file", FileKind::LaneKeys),
    ("webhook_secret_file", FileKind::WebhookSecret),
    ("ranges_file", FileKind::CrawlerRanges),
    ("bot_keys_file", FileKind::BotKeys),
];

/// What a lane says; relative paths start from `folder`.
pub(crate) fn lane(section: &Section, folder: &Path) -> Lane {
    let path = |name| section.find::<String>(name).map(|path| folder.join(path));
    Lane {
        name: section.read("name"),
        platforms: section.find("platforms"),
        rate: section.read("rate"),
        invites: section.read("invites"),
        client_ca: path("client_ca_file"),
        networks: section.find("networks").unwrap_or_default(),
        keys: path("keys_file").map(|file| KeyLane {
            header: section.read::<String>("key_header").to_ascii_lowercase(),
            file,
        }),
        webhook: path("webhook_secret_file").map(|secret| webhook(section, secret)),
        crawler: crawler(section, path("ranges_file")),
        bot_keys: path("bot_keys_file"),
        routes: section.find("routes").unwrap_or_default(),
        feeds: false,
        line: section.line,
    }
}

fn webhook(section: &Section, secret: PathBuf) -> WebhookLane {
    WebhookLane {
        secret,
        paths: section.find("webhook_paths").unwrap_or_default(),
        form: match section.read("webhook_form") {
            "stripe" => WebhookForm::Stripe,
            "github" => WebhookForm::Github,
            _ => WebhookForm::Standard,
        },
        window: section.read("webhook_window"),
    }
}

fn crawler(section: &Section, ranges: Option<PathBuf>) -> Option<CrawlerLane> {
    let agents: Vec<String> = section.find("agents").filter(|list: &Vec<_>| !list.is_empty())?;
    let names: Vec<At<HostPattern>> = section.find("names").unwrap_or_default();
    let names = names.into_iter().map(|name| name.value).collect();
    Some(CrawlerLane { agents, ranges, names })
}

/// What `look` finds wrong with the files of all lanes.
pub(crate) fn look_at_all(
    sections: &Sections,
    folder: &Path,
    look: &mut impl FnMut(FileKind, &Path) -> Option<String>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for lane in sections.all("lane") {
        for (name, kind) in FILES {
            let Some(path) = lane.find::<String>(name) else { continue };
            faults.extend(look(kind, &folder.join(&path)).map(|problem| Fault {
                line: lane.line_of(name),
                key: format!("lane.{name}"),
                problem: format!("lane.{name} is {path:?}; {problem}"),
            }));
        }
    }
    faults
}
