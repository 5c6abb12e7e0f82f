//! `seawall explain`: why one client got its answer.

use super::{print, running};
use crate::cli::Explain;
use crate::failure::Failure;
use crate::{node, state::StateDir};
use seawall_control::api::Explanation;
use seawall_types::Reason;
use serde_json::json;
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
    node::explain(&key, &[], code).map_err(Failure::failed)
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
    format!(
        "{}\nreason      {}\nanswered    {}\nplatform    {}\nsource hash {}\n",
        explanation.sentence,
        explanation.reason,
        explanation.at,
        or_unknown(&explanation.platform),
        or_unknown(&explanation.source_hash),
    )
}
