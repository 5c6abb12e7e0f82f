//! Addresses of sources that were put aside: erased on demand, kept longer for a reason, and read for
//! the forms that name sources.

use super::documents::state_of;
use super::{files, print};
use crate::cli::Place;
use crate::failure::Failure;
use crate::node::source_keys_of;
use crate::sealed::Vault;
use crate::state::{KEY_FILE, read_secret};
use seawall_engine::sources::mark;
use seawall_evidence::sealed::{Sealed, SealedSource};
use seawall_report::source::SourceSeen;
use seawall_report::{Case, Known};
use seawall_types::evidence::IncidentId;
use seawall_types::{SourceKey, SourceNetwork, WallTime};
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Characters of a reason.
const REASON_MAX: usize = 240;

/// Takes an address out of everything that was put aside.
///
/// # Errors
/// Some of it cannot be read or written; the rest is done.
pub(super) fn erase(place: &Place, address: IpAddr) -> Result<(), Failure> {
    let state = state_of(place)?.0;
    let mut faults = Vec::new();
    // By its mark it is not listed later where an incident goes on.
    let mark = match read_secret(&state.join(KEY_FILE)) {
        Ok(secret) => {
            let mark = mark(source_keys_of(&secret), SourceKey::of(address));
            Some(format!("{mark:016x}"))
        }
        Err(fault) => {
            let cause = crate::failure::chain(&fault);
            faults.push(format!("while an incident goes on it may be listed later: {cause}"));
            None
        }
    };
    let swept = Vault::of(&state).erase(address, (mark.as_deref(), now()));
    let swept = swept.map_err(|fault| Failure::caused_by(&fault))?;
    faults.extend(swept.faults.iter().map(|fault| crate::failure::chain(fault)));
    print(&format!(
        "{} rows in {} files: the address is out of them, and what the log proves still holds\n",
        swept.rows, swept.files
    ));
    if faults.is_empty() { Ok(()) } else { Err(Failure::failed(faults.join("\n"))) }
}

/// Keeps the addresses of an incident longer.
///
/// # Errors
/// There are none, or they cannot be written.
pub(super) fn keep(place: &Place, id: &str, wanted: (Duration, &str)) -> Result<(), Failure> {
    let (span, because) = wanted;
    if because.trim().is_empty() || because.chars().count() > REASON_MAX {
        let what = format!("--because: give a reason of at most {REASON_MAX} characters");
        return Err(Failure::wrong(vec![what]));
    }
    let vault = Vault::of(&state_of(place)?.0);
    let none = || Failure::failed(format!("no addresses of an incident {id:?} are kept"));
    let id: IncidentId = id.parse().map_err(|_| none())?;
    let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let until = WallTime(now().0.saturating_add(span));
    let is_kept = vault.keep(&id, (until, because)).map_err(|fault| Failure::caused_by(&fault))?;
    is_kept.then_some(()).ok_or_else(none)
}

fn now() -> WallTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    WallTime(u64::try_from(now).unwrap_or(u64::MAX))
}

/// Puts the addresses of its incident into a case, if they are what the log says; nobody in a network
/// that the configuration lets through now.
///
/// # Errors
/// They cannot be read, or no record proves them.
pub(super) fn unseal(place: &Place, case: &mut Case) -> Result<(), Failure> {
    let config = place.running.config.as_deref().map(files::read).transpose()?;
    let spared = config.map(|config| config.allow_networks).unwrap_or_default();
    let read = Vault::of(&state_of(place)?.0)
        .read(&case.id)
        .map_err(|fault| Failure::caused_by(&fault))?;
    let Some(sealed) = read else { return Ok(()) };
    let proven = match &case.seal {
        Known::Is(seal) => seal.root.as_str() == sealed.root().to_string(),
        Known::Unknown(_) => false,
    };
    if !proven {
        return Err(Failure::failed(format!(
            "the addresses that are kept of {} are not those that the log proves; nothing is made of \
             them (while the incident goes on, ask again in a second)",
            case.id
        )));
    }
    case.reached = sealed.reached();
    case.sources = sources(&sealed, &spared);
    Ok(())
}

fn sources(sealed: &Sealed, spared: &[SourceNetwork]) -> Vec<SourceSeen> {
    let is_told = |source: &&SealedSource| !spared.iter().any(|one| one.contains(source.address));
    let seen = sealed.held().filter(is_told).map(|source| SourceSeen {
        address: source.address,
        port: source.port,
        first: WallTime(source.first_ms),
        last: WallTime(source.last_ms),
        requests: source.requests,
        peak_per_s: source.peak_per_s.into(),
    });
    seen.collect()
}
