//! What the files that a configuration names give reason to say, although they are no fault.
//!
//! Takes a checked configuration and the time; gives sentences for the operator.
//! Never shows what a key or a secret holds.
//! Bounds: [`HOSTS_NAMED_MAX`] hosts a sentence.

use crate::certificate::CertificateFacts;
use seawall_config::{Certificate, Config, HostPattern, Platform};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A certificate that ends within this time is told of: most renew a month before.
const ENDS_SOON: Duration = Duration::from_hours(14 * 24);
/// Hosts that one sentence names; the others are counted.
const HOSTS_NAMED_MAX: usize = 3;
const DAY_SECS: i64 = 86_400;

/// One sentence for each thing that works now and will not, or not for everyone.
pub(crate) fn of_files(config: &Config, now: SystemTime) -> Vec<String> {
    let mut notes = Vec::new();
    let no_tls = !config.listeners.iter().any(|listener| listener.tls);
    for platform in &config.platforms {
        if let Some(files) = &platform.certificate {
            notes.extend(of_certificate(platform, files, now));
            notes.extend(open_to_others(&platform.name, "key", &files.key));
            notes.extend(no_tls.then(|| unused(platform)));
        }
        if let Some(secret) = &platform.origin_secret {
            notes.extend(open_to_others(&platform.name, "origin_secret_file", &secret.file));
            let place = secret.file.display();
            notes.extend((!secret.file.exists()).then(|| {
                format!(
                    "platform {}: origin_secret_file {place} is missing; `run` and `reload` make it \
                     with a secret of its own",
                    platform.name
                )
            }));
        }
    }
    notes
}

fn of_certificate(platform: &Platform, files: &Certificate, now: SystemTime) -> Vec<String> {
    let Some(facts) = CertificateFacts::of_file(&files.chain) else {
        return Vec::new();
    };
    let (name, place) = (&platform.name, files.chain.display());
    let mut notes = Vec::new();
    let bare: Vec<_> = platform.hosts.iter().filter(|host| !facts.covers(host)).collect();
    if !bare.is_empty() {
        notes.push(format!(
            "platform {name}: certificate {place} does not cover {}; browsers refuse it there: have \
             it issued for every host",
            listed(&bare)
        ));
    }
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let left = facts.ends_at_secs.saturating_sub_unsigned(now);
    let soon = i64::try_from(ENDS_SOON.as_secs()).unwrap_or(i64::MAX);
    if left < 0 {
        let days = left.saturating_neg() / DAY_SECS;
        notes.push(format!(
            "platform {name}: certificate {place} expired {days} days ago; browsers refuse it: \
             renew it, then `seawall reload`"
        ));
    } else if left < soon {
        notes.push(format!(
            "platform {name}: certificate {place} expires in {} days; renew it, then `seawall \
             reload`",
            left / DAY_SECS
        ));
    }
    notes
}

fn listed(hosts: &[&HostPattern]) -> String {
    let named: Vec<String> = hosts.iter().take(HOSTS_NAMED_MAX).map(ToString::to_string).collect();
    match hosts.len().saturating_sub(HOSTS_NAMED_MAX) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// A file that everyone on the machine can read.
fn open_to_others(platform: &str, key: &str, path: &Path) -> Option<String> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o007 != 0).then(|| {
        let place = path.display();
        format!(
            "platform {platform}: {key} {place} can be read by everyone on this machine (mode \
             {mode:04o}); run: chmod 600 {place}"
        )
    })
}

fn unused(platform: &Platform) -> String {
    format!(
        "platform {}: it has a certificate, but no listener speaks TLS; set tls = true on the one \
         for port 443",
        platform.name
    )
}
