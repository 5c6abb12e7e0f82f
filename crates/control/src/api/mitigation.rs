//! Standing measures, as the API takes and tells them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whom a measure meets: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct MitigationMatch {
    /// Who comes from an address or a network, such as `192.0.2.0/24`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Who asks for a path that lies at or below this one, by whole segments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Who shows all of this, such as `method=POST and path=/login and new ja4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

/// A measure that an operator wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMitigation {
    /// Name of the platform.
    pub platform: String,
    /// Whom it meets.
    #[serde(rename = "match")]
    pub matches: MitigationMatch,
    /// `watch`, `lane`, `limit`, `challenge`, `refuse` or `drop`.
    pub rung: String,
    /// For how long, such as `10m`; at most seven days.
    #[serde(rename = "for")]
    pub stands_for: String,
    /// Why, for those who read of it later.
    pub reason: String,
    /// For the rung `limit`: what goes through of everything that it meets together, such as
    /// `5 rps`; ten a second unless it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
}

/// A measure that was taken up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MitigationAdded {
    /// Its name, such as `m17`.
    pub id: String,
    /// When it ends (RFC 3339).
    pub expires_at: String,
    /// What the operator should know about it, each a sentence.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A standing measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mitigation {
    /// Its name, such as `m17`; codes of answers carry it.
    pub id: String,
    /// Where.
    pub platform: String,
    /// Whom it meets.
    #[serde(rename = "match")]
    pub matches: MitigationMatch,
    /// What those get that it meets.
    pub rung: String,
    /// Who wanted it: `ladder` or `operator`.
    pub by: String,
    /// What the rung `limit` lets through; null for ten requests a second.
    pub rate: Option<String>,
    /// What it is about, for people.
    pub text: String,
    /// Why.
    pub reason: String,
    /// When it was taken up in this run (RFC 3339).
    pub began_at: String,
    /// Until when it stands unless it is renewed (RFC 3339).
    pub expires_at: String,
    /// How it ended, `lifted` or `expired`; null while it stands.
    #[serde(default)]
    pub ended: Option<String>,
    /// When (RFC 3339).
    #[serde(default)]
    pub ended_at: Option<String>,
    /// Requests that it met since it was taken up in this run.
    pub met: u64,
    /// Those among them whose visitors were known to be good before.
    pub met_proven: u64,
    /// Those among those it met that it kept from the origin.
    pub stopped: u64,
    /// Those among them whose visitors were known to be good before.
    pub stopped_proven: u64,
    /// Challenges that were handed out.
    pub challenged: u64,
    /// Challenges that were passed.
    pub passed: u64,
}

/// Standing measures of all platforms.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Mitigations {
    /// In the order in which they were taken up.
    pub mitigations: Vec<Mitigation>,
}
