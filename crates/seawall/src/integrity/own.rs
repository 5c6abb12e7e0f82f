//! The shield's own program and configuration file, against what runs.

use super::Look;
use seawall_types::Moment;
use seawall_types::evidence::Seen;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io};

/// From so long after the first look on the program is looked at: to read it takes a core for half a
/// second, and who starts in the midst of a flood has other things to do.
const PROGRAM_AFTER: Duration = Duration::from_mins(1);

/// What runs: where its program lay, and the file of its configuration, each with its digest.
#[derive(Debug)]
pub(super) struct Own {
    program: Program,
    file: Option<Known>,
}

/// The program that runs.
#[derive(Debug)]
enum Program {
    /// It is read from a moment on; where it lay, and how that which runs stood.
    From(Moment, Option<(PathBuf, Stood)>),
    Known(Option<Known>),
}

/// A file that should stay as it is.
#[derive(Debug)]
struct Known {
    path: PathBuf,
    digest: String,
    /// How it stood when it last had this digest: read again only when that has changed, since a
    /// program is large.
    stood: Option<Stood>,
}

impl Known {
    fn of((path, digest): (PathBuf, String)) -> Self {
        Self { path, digest, stood: None }
    }
}

/// Number, size and time of the last change of a file; the time cannot be set by who writes it.
type Stood = (u64, u64, i64, i64);

impl Own {
    pub(super) fn new(now: Moment, file: Option<(PathBuf, String)>) -> Self {
        let program = env::current_exe().ok().zip(stood(Path::new(RUNNING)).ok());
        let program = Program::From(now + PROGRAM_AFTER, program);
        Self { program, file: file.map(Known::of) }
    }

    /// Another configuration is in force; the program is the same.
    pub(super) fn follow(&mut self, file: Option<(PathBuf, String)>) {
        self.file = file.map(Known::of);
    }

    pub(super) fn look(&mut self, now: Moment) -> Look {
        let program = match &mut self.program {
            Program::From(due, _) if now < *due => Look {
                seen: Seen::Learning,
                detail: "the program is looked at from a minute after the start on".to_owned(),
            },
            Program::From(_, found) => {
                // What runs, whatever lies at its place by now.
                let known = found.take().zip(digest(Path::new(RUNNING)).ok());
                let of = |((path, stood), digest)| Known { path, digest, stood: Some(stood) };
                let mut known = known.map(of);
                let look = of_program(known.as_mut());
                self.program = Program::Known(known);
                look
            }
            Program::Known(known) => of_program(known.as_mut()),
        };
        let nothing = || Look {
            seen: Seen::AsBefore,
            detail: "the configuration was read from no file".to_owned(),
        };
        let file = self.file.as_mut();
        let file = file.map_or_else(nothing, |known| compare("configuration file", known));
        let seen = program.seen.max(file.seen);
        Look { seen, detail: format!("{}; {}", program.detail, file.detail) }
    }
}

/// The program that runs, wherever it lies.
const RUNNING: &str = "/proc/self/exe";

fn of_program(known: Option<&mut Known>) -> Look {
    let unread = || Look {
        seen: Seen::Failed,
        detail: "the program that runs could not be read".to_owned(),
    };
    known.map_or_else(unread, |known| compare("program", known))
}

fn compare(what: &str, known: &mut Known) -> Look {
    let was = &known.digest;
    let stands = stood(&known.path);
    let is = match &stands {
        Ok(stands) if known.stood == Some(*stands) => Ok(was.clone()),
        _ => digest(&known.path),
    };
    match is {
        Ok(is) if is == *was => {
            known.stood = stands.ok();
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

fn stood(path: &Path) -> io::Result<Stood> {
    let meta = fs::metadata(path)?;
    Ok((meta.ino(), meta.len(), meta.ctime(), meta.ctime_nsec()))
}

fn digest(path: &Path) -> io::Result<String> {
    seawall_evidence::digest_of(&mut fs::File::open(path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_what_runs_departs_and_one_that_is_gone_could_not_be_looked_at() {
        let path = env::temp_dir().join(format!("seawall-own-{}", std::process::id()));
        fs::write(&path, b"one").unwrap();
        let digest = digest(&path).unwrap();
        let mut known = Known::of((path.clone(), digest));
        let mut looks = || compare("file", &mut known).seen;
        assert_eq!([looks(), looks()], [Seen::AsBefore; 2]);
        fs::write(&path, b"two").unwrap();
        assert_eq!(looks(), Seen::Departs);
        fs::write(&path, b"one").unwrap();
        assert_eq!(looks(), Seen::AsBefore);
        fs::remove_file(&path).unwrap();
        assert_eq!(looks(), Seen::Failed);
    }

    #[test]
    fn the_program_is_looked_at_from_a_minute_on_and_is_what_runs() {
        let mut own = Own::new(Moment(0), None);
        let mut looks = |now| {
            let look = own.look(Moment(0) + now);
            (look.seen, look.detail)
        };
        let (seen, detail) = looks(Duration::from_secs(59));
        assert_eq!(seen, Seen::Learning, "nothing was compared");
        assert!(detail.contains("from a minute after the start on"), "{detail}");
        for after in [PROGRAM_AFTER, 2 * PROGRAM_AFTER] {
            let (seen, detail) = looks(after);
            assert_eq!(seen, Seen::AsBefore);
            assert!(detail.contains("the program is what runs, sha256:"), "{detail}");
        }
    }
}
