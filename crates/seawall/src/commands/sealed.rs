//! Addresses of sources that were put aside: erased on demand, kept longer for a reason, and read for
//! the forms that name sources.

use super::documents::state_of;
use super::print;
use crate::cli::Place;
use crate::failure::Failure;
use crate::sealed::Vault;
use seawall_evidence::sealed::Sealed;
use seawall_report::source::SourceSeen;
use seawall_report::{Case, Known};
use seawall_types::WallTime;
use seawall_types::evidence::IncidentId;
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Characters of a reason.
const REASON_MAX: usize = 240;

/// Takes an address out of everything that was put aside.
///
/// # Errors
/// It cannot be read or written.
pub(super) fn erase(place: &Place, address: IpAddr) -> Result<(), Failure> {
    let vault = Vault::of(&state_of(place)?.0);
    let erased = vault.erase(address).map_err(|fault| Failure::caused_by(&fault))?;
    print(&format!(
        "{} rows in {} files: the address is out of them, and what the log proves still holds\n",
        erased.rows, erased.files
    ));
    Ok(())
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
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let until = now.saturating_add(span).as_millis();
    let until = WallTime(u64::try_from(until).unwrap_or(u64::MAX));
    let is_kept = vault.keep(&id, (until, because)).map_err(|fault| Failure::caused_by(&fault))?;
    is_kept.then_some(()).ok_or_else(none)
}

/// Puts the addresses of its incident into a case, if they are what the log says.
///
/// # Errors
/// They cannot be read, or no record proves them.
pub(super) fn unseal(state: &Path, case: &mut Case) -> Result<(), Failure> {
    let read = Vault::of(state).read(&case.id).map_err(|fault| Failure::caused_by(&fault))?;
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
    case.sources = sources(&sealed);
    Ok(())
}

fn sources(sealed: &Sealed) -> Vec<SourceSeen> {
    let seen = sealed.held().map(|source| SourceSeen {
        address: source.address,
        port: source.port,
        first: WallTime(source.first_ms),
        last: WallTime(source.last_ms),
        requests: source.requests,
        peak_per_s: source.peak_per_s.into(),
    });
    seen.collect()
}
