//! The platforms of a scenario: what each serves, with what, and how much that can carry.

use super::bounds::{MS_PER_S_MAX, PLATFORMS_MAX, TIMES_NORMAL_MAX};
use super::page::{Page, Table};
use crate::origin::OriginSpec;
use crate::site::{Route, Site};
use serde::Deserialize;
use std::time::Duration;

/// A platform of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Platform {
    /// Its name.
    pub name: String,
    /// What it serves.
    pub site: Site,
    /// What serves it, before it is brought to its capacity.
    pub origin: OriginSpec,
    /// What that can carry.
    pub capacity: Capacity,
}

/// What a platform's origin can carry.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub enum Capacity {
    /// So many times what its people ask of it on a normal day.
    TimesNormal(f64),
    /// So many origin-milliseconds per second.
    MsPerS(f64),
}

impl TryFrom<toml::Value> for Capacity {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        let remedy = format!(
            "write `3.0` for three times normal demand (above 0, at most {TIMES_NORMAL_MAX}), or \
             `\"800 ms/s\"` (above 0, at most {MS_PER_S_MAX})"
        );
        let refused = |said: &dyn std::fmt::Display| format!("{said} is no capacity; {remedy}");
        let (number, most, kind): (f64, f64, fn(f64) -> Self) = match &value {
            toml::Value::Float(times) => (*times, TIMES_NORMAL_MAX, Self::TimesNormal),
            toml::Value::Integer(times) => {
                let times = i32::try_from(*times).map_err(|_| refused(&value))?;
                (f64::from(times), TIMES_NORMAL_MAX, Self::TimesNormal)
            }
            toml::Value::String(text) => {
                let number = text.strip_suffix("ms/s").map(str::trim);
                let number = number.and_then(|number| number.parse().ok());
                (number.ok_or_else(|| refused(&value))?, MS_PER_S_MAX, Self::MsPerS)
            }
            _ => return Err(refused(&value)),
        };
        if number > 0.0 && number <= most { Ok(kind(number)) } else { Err(refused(&value)) }
    }
}

/// A `[[platform]]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(default)]
    site: SiteName,
    #[serde(default)]
    origin: OriginSpec,
    capacity: Capacity,
    #[serde(default)]
    route: Vec<RouteEntry>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SiteName {
    #[default]
    Organisation,
}

impl SiteName {
    fn site(self) -> Site {
        match self {
            Self::Organisation => Site::organisation(),
        }
    }
}

/// A `[[platform.route]]`: a route of the site that costs or weighs otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteEntry {
    path: String,
    method: Option<String>,
    cost_ms: Option<f64>,
    bytes: Option<u64>,
    weight: Option<u16>,
}

/// Costs of one request beyond this are no request but an outage.
const COST_MS_MAX: f64 = 60_000.0;

/// The platforms of these tables; what does not fit is noted on the page.
pub(super) fn read<'t>(page: &mut Page<'t>, tables: Vec<Table<'t>>) -> Vec<Platform> {
    if tables.is_empty() || tables.len() > PLATFORMS_MAX {
        page.fault(0, format!("{} platforms; write 1 to {PLATFORMS_MAX}", tables.len()));
    }
    let mut platforms: Vec<Platform> = Vec::new();
    for table in tables {
        let at = table.span().start;
        let Some(entry) = page.read::<Entry>(table, "platform") else {
            continue;
        };
        if platforms.iter().any(|platform| platform.name == entry.name) {
            page.fault(at, format!("platform {} is there twice; rename one", entry.name));
        }
        let mut site = entry.site.site();
        for route in &entry.route {
            if let Err(problem) = change(&mut site, route) {
                page.fault(at, format!("platform {}: {problem}", entry.name));
            }
        }
        let Entry { name, origin, capacity, .. } = entry;
        if let Err(bad) = origin.check() {
            page.fault(at, format!("platform {name}: origin: {bad}"));
        }
        platforms.push(Platform { name, site, origin, capacity });
    }
    platforms
}

fn change(site: &mut Site, entry: &RouteEntry) -> Result<(), String> {
    let RouteEntry { path, cost_ms, bytes, weight, method } = entry;
    let is_meant = |route: &&mut Route| {
        route.path == *path && method.as_ref().is_none_or(|method| route.method.word() == method)
    };
    let known = site.routes.iter().map(|route| route.path.as_str()).collect::<Vec<_>>().join(", ");
    let Some(route) = site.routes.iter_mut().find(is_meant) else {
        return Err(format!("the site has no route {path}; it has {known}"));
    };
    if let Some(cost) = cost_ms {
        if !(*cost >= 0.0 && *cost <= COST_MS_MAX) {
            return Err(format!("cost_ms of {path} is {cost}; it must be 0 to {COST_MS_MAX}"));
        }
        route.cost = Duration::from_secs_f64(cost / 1e3);
    }
    route.bytes = bytes.unwrap_or(route.bytes);
    route.weight = weight.unwrap_or(route.weight);
    Ok(())
}
