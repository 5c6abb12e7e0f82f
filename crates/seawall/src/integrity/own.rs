//! The shield's own program and configuration file, against what runs.

use super::Look;
use seawall_types::evidence::Seen;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What runs: where its program lay, and the file of its configuration with its digest.
#[derive(Debug)]
pub(super) struct Own {
    program: Option<(PathBuf, String)>,
    file: Option<(PathBuf, String)>,
}

impl Own {
    pub(super) fn new(file: Option<(PathBuf, String)>) -> Self {
        // What runs, whatever lies at its place by now.
        let running = digest(Path::new("/proc/self/exe")).ok();
        Self { program: env::current_exe().ok().zip(running), file }
    }

    pub(super) fn look(&self) -> Look {
        let program = compare("program", self.program.as_ref());
        let file = compare("configuration file", self.file.as_ref());
        let seen = program.seen.max(file.seen);
        Look { seen, detail: format!("{}; {}", program.detail, file.detail) }
    }
}

fn compare(what: &str, known: Option<&(PathBuf, String)>) -> Look {
    let Some((path, was)) = known else {
        return Look { seen: Seen::AsBefore, detail: format!("no {what} to look at") };
    };
    match digest(path) {
        Ok(is) if is == *was => {
            Look { seen: Seen::AsBefore, detail: format!("the {what} is what runs, {is}") }
        }
        Ok(is) => Look {
            seen: Seen::Departs,
            detail: format!("the {what} is not what runs: {is}, where {was} runs"),
        },
        Err(cause) => {
            Look { seen: Seen::Failed, detail: format!("the {what} cannot be read: {cause}") }
        }
    }
}

fn digest(path: &Path) -> io::Result<String> {
    Ok(seawall_evidence::digest(&fs::read(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_what_runs_departs_and_one_that_is_gone_could_not_be_looked_at() {
        let path = env::temp_dir().join(format!("seawall-own-{}", std::process::id()));
        fs::write(&path, b"one").unwrap();
        let known = (path.clone(), digest(&path).unwrap());
        assert_eq!(compare("file", Some(&known)).seen, Seen::AsBefore);
        fs::write(&path, b"two").unwrap();
        assert_eq!(compare("file", Some(&known)).seen, Seen::Departs);
        fs::remove_file(&path).unwrap();
        assert_eq!(compare("file", Some(&known)).seen, Seen::Failed);
        assert_eq!(Own::new(None).look().seen, Seen::AsBefore);
    }
}
