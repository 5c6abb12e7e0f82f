//! What the detector says, as the API tells it.

use seawall_engine::detect;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is said of what asks for more than a platform can carry; nothing is stopped for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// `flood`, `surge` or `unknown`.
    pub kind: String,
    /// Demand over what the origins can carry, over the last second.
    pub pressure: f64,
    /// Share of the excess that the signatures explain together, from 0 to 1.
    pub covered: f64,
    /// Whom the promise about visitors rests on.
    pub footing: String,
    /// Why it is called what it is called.
    pub why: String,
    /// Why the rest is not described; null when enough is.
    pub undescribed: Option<String>,
    /// What describes the excess, the one that explains most first.
    pub signatures: Vec<FindingSignature>,
}

/// One description of the excess.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FindingSignature {
    /// The whole sentence.
    pub text: String,
    /// The conjunction alone.
    pub expression: String,
    /// Share of the excess that it explains, from 0 to 1.
    pub share_of_excess: f64,
    /// Known visitors that it touches.
    pub hits: u32,
    /// Known visitors that it was tried on.
    pub visitors: u32,
    /// 95 % upper bound of the share of known visitors that it touches.
    pub bound: f64,
}

/// A change of what is said, as the `finding` event of the live stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FindingEvent {
    /// `began`, `changed` or `ended`.
    pub event: String,
    /// Where.
    pub platform: String,
    /// When it was said (RFC 3339).
    pub at: String,
    /// The first traffic of it (RFC 3339).
    pub onset_at: String,
    /// What is said.
    #[serde(flatten)]
    pub finding: Finding,
}

impl From<&detect::Finding> for Finding {
    fn from(finding: &detect::Finding) -> Self {
        Self {
            kind: finding.kind.word().to_owned(),
            pressure: (finding.pressure * 1e3).round() / 1e3,
            covered: (finding.covered * 1e3).round() / 1e3,
            footing: finding.footing.words().to_owned(),
            why: finding.why.sentence(),
            undescribed: finding.undescribed.clone(),
            signatures: finding.signatures.iter().map(FindingSignature::from).collect(),
        }
    }
}

impl From<&detect::Described> for FindingSignature {
    fn from(described: &detect::Described) -> Self {
        let detect::Described { text, expression, share_of_excess, hits, visitors, bound, .. } =
            described.clone();
        Self { text, expression, share_of_excess, hits, visitors, bound }
    }
}
