//! `seawall explain`: why one client got its answer.

use super::{print, running};
use crate::cli::Explain;
use crate::failure::Failure;
use crate::{node, state::StateDir};
use seawall_control::api::Explanation;
use seawall_evidence::DirectoryStore;
use seawall_evidence::incidents::Measure;
use seawall_evidence::measures::{self, Recorded};
use seawall_types::Reason;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// Opens a code, or lists the reasons.
///
/// # Errors
/// The code was not made by this shield, or the shield does not answer.
pub(crate) fn explain(arguments: &Explain) -> Result<ExitCode, Failure> {
    let Some(code) = arguments.code.as_deref().map(as_copied).filter(|_| !arguments.list) else {
        list(arguments.json);
        return Ok(ExitCode::SUCCESS);
    };
    let explanation = match &arguments.state_dir {
        Some(folder) => offline(folder, code)?,
        None => online(arguments, code)?,
    };
    if arguments.json {
        let json = serde_json::to_string(&explanation);
        print(&format!("{}\n", json.map_err(|cause| Failure::caused_by(&cause))?));
    } else {
        print(&text(&explanation));
    }
    Ok(ExitCode::SUCCESS)
}

/// The code in what people copy: a whole header, `code=…`, or the last line of an answer.
fn as_copied(text: &str) -> &str {
    let behind_mark = text.rsplit(['=', ' ']).next().unwrap_or(text);
    behind_mark.trim()
}

fn online(arguments: &Explain, code: &str) -> Result<Explanation, Failure> {
    let client = running::client(&arguments.running)?;
    // What is no letter, digit, dot or dash is in no code, and not in a path of ours.
    let harmless = code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if !harmless {
        return Err(Failure::failed(format!("{code:?} is not a code; codes look like rate.AAAA…")));
    }
    let path = format!("/api/v1/explain/{code}");
    client.read_json(&path).map_err(|fault| running::failure(&fault))
}

/// Without the running shield the platform's name is not known, only that there was one.
fn offline(folder: &Path, code: &str) -> Result<Explanation, Failure> {
    if !folder.join("node.key").exists() {
        let place = folder.display();
        return Err(Failure::failed(format!("{place} holds no node.key; is it a state_dir?")));
    }
    let state = StateDir::open(folder).map_err(|fault| Failure::caused_by(&fault))?;
    let key = state.code_key().map_err(|fault| Failure::caused_by(&fault))?;
    let explanation = node::explain(&key, &[], code).map_err(Failure::failed)?;
    Ok(with_evidence(&state, explanation))
}

/// The same with what the evidence says of its measure.
fn with_evidence(state: &StateDir, explanation: Explanation) -> Explanation {
    let id = explanation.mitigation.as_deref().and_then(|id| id.parse().ok());
    let at = seawall_types::wall::of_rfc3339(&explanation.at);
    let Some(named) = id.zip(at) else { return explanation };
    let mut folder = DirectoryStore::new(state.join("evidence"));
    // Without evidence the code still says what it says.
    let Ok(Some(Recorded { told, record })) = measures::find(&mut folder, named) else {
        return explanation;
    };
    let told = Measure::from(&told);
    Explanation {
        mitigation_about: Some(told.about()),
        expires_at: told.ended_at.or(Some(told.expires_at)),
        evidence: Some(format!("record {record} in {}", state.join("evidence").display())),
        ..explanation
    }
}

fn list(for_programs: bool) {
    if for_programs {
        let reason = |r: Reason| json!({"reason": r.word(), "sentence": r.sentence()});
        let reasons: Vec<_> = Reason::ALL.into_iter().map(reason).collect();
        print(&format!("{}\n", json!({ "reasons": reasons })));
        return;
    }
    for reason in Reason::ALL {
        print(&format!("{:<12} {}\n", reason.word(), reason.sentence()));
    }
}

fn text(explanation: &Explanation) -> String {
    let or_unknown = |value: &Option<String>| value.clone().unwrap_or("unknown".to_owned());
    let mut text = format!(
        "{}\nreason      {}\nanswered    {}\nplatform    {}\nsource hash {}\n",
        explanation.sentence,
        explanation.reason,
        explanation.at,
        or_unknown(&explanation.platform),
        or_unknown(&explanation.source_hash),
    );
    if let Some(measure) = &explanation.mitigation {
        let about = explanation.mitigation_about.as_deref().unwrap_or("unknown");
        let about: String = about.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        let ends = or_unknown(&explanation.expires_at);
        let evidence =
            explanation.evidence.as_deref().map(|place| format!("evidence    {place}\n"));
        let evidence = evidence.unwrap_or_default();
        let _ = write!(text, "measure     {measure}: {about}\nends        {ends}\n{evidence}");
    }
    text
}
