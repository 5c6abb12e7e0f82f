//! Programs as they ship, built where they are measured.

use crate::shell::{self, Failure, cargo};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The program that the variable `SEAWALL` names, or else the shield built as a release.
///
/// # Errors
/// When there is no such program, or it does not build.
pub(crate) fn shield(root: &Path) -> Result<PathBuf, Failure> {
    if let Some(named) = std::env::var_os("SEAWALL") {
        let named = PathBuf::from(named);
        return named.canonicalize().map_err(|cause| {
            Failure::of(format!("find {}, which SEAWALL names", named.display()), cause)
        });
    }
    build(root, &["--bin", "seawall"])?
        .pop()
        .ok_or_else(|| "cargo built no program called seawall".into())
}

/// Builds examples of the workspace as a release; gives their paths in the order of `names`.
///
/// # Errors
/// When one does not build.
pub(crate) fn examples(root: &Path, names: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let mut words = vec!["--workspace"];
    words.extend(names.iter().flat_map(|name| ["--example", name]));
    let built = build(root, &words)?;
    let find = |name: &String| {
        built
            .iter()
            .find(|path| path.file_name() == Some(name.as_ref()))
            .cloned()
            .ok_or_else(|| Failure::new(format!("cargo built no example called {name}")))
    };
    names.iter().map(find).collect()
}

fn build(root: &Path, words: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let messages = shell::capture(
        cargo()
            .current_dir(root)
            .args(["build", "--release"])
            .args(words)
            .arg("--message-format=json-render-diagnostics"),
    )?;
    Ok(messages.lines().filter_map(executable).collect())
}

/// The program that a message of cargo tells of, if it tells of one.
pub(crate) fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    message.get("executable")?.as_str().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_about_a_program_name_one() {
        let program = r#"{"reason":"compiler-artifact","executable":"/t/release/seawall"}"#;
        assert_eq!(executable(program), Some("/t/release/seawall".into()));
        let library = r#"{"reason":"compiler-artifact","executable":null}"#;
        assert_eq!(executable(library), None);
        assert_eq!(executable("warning: x"), None);
    }
}
