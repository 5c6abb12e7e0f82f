//! The lab: network namespaces in which a shield is measured beside its peers.
//!
//! Takes groups of measurements; gives the rows that the lab's scripts wrote.
//! The lab lies where `SEAWALL_LAB` says, or in `../shared/lab` beside the checkout; its state and
//! its tools go to `target/lab`.
//! The namespaces are removed however this program ends.

pub(super) mod group;
pub(super) mod rows;

use crate::apt;
use crate::release;
use crate::shell::{self, Failure, timed};
use group::{Group, SHIELDS};
use rows::Row;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Longest that one script may take; the longest takes about two minutes.
const SCRIPT_MAX: Duration = Duration::from_mins(10);

/// Raises the soft limit on descriptors to the hard one: thousands of connections are held.
const WITH_DESCRIPTORS: &str = "ulimit -n \"$(ulimit -Hn)\"; exec \"$@\"";

/// Ends what a lab left behind once its input closes, which it does when we end, however we do.
const UNDERTAKER: &str = "trap '' INT TERM HUP; cat >/dev/null; \
    \"$1/peer-seawall.sh\" stop; \"$1/down\"";

/// A lab that stands; removed when dropped.
pub(super) struct Lab {
    folder: PathBuf,
    /// Where rows, state and tools go.
    work: PathBuf,
    shield: PathBuf,
    undertaker: Child,
}

impl Lab {
    /// Builds the release and raises the lab.
    ///
    /// # Errors
    /// When we are not root, the lab or a program is missing, or something does not build.
    pub(super) fn raise(root: &Path) -> Result<Self, Failure> {
        if !apt::is_root() {
            return Err("the lab makes network namespaces: run as root".into());
        }
        let folder = folder(root)?;
        if let Some(missing) = apt::provide(apt::LAB) {
            let names: Vec<_> = missing.packages.iter().map(|package| package.name).collect();
            return Err(Failure::new(format!("no {}: {}", names.join(", "), missing.why)));
        }
        let shield = release::shield(root)?;
        let work = root.join("target/lab");
        fs::create_dir_all(work.join("state"))
            .map_err(|cause| Failure::of(format!("make {}", work.display()), cause))?;
        let undertaker = settle(&mut Command::new("sh"), &work, &shield)
            .args(["-c", UNDERTAKER, "undertaker"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|cause| Failure::of("start a shell", cause))?;
        let lab = Self { folder, work, shield, undertaker };
        shell::run(&mut lab.command(&lab.folder.join("up")))?;
        Ok(lab)
    }

    /// Measures `modes` of `group` in its rounds.
    ///
    /// # Errors
    /// When a script fails or writes what cannot be read.
    pub(super) fn measure(&self, group: &Group, modes: &[&str]) -> Result<Vec<Row>, Failure> {
        let out = self.work.join("rows.jsonl");
        let mut rows = Vec::new();
        for words in group.runs(modes) {
            println!("lab: {} {}", group.script, words.join(" "));
            fs::write(&out, "")
                .map_err(|cause| Failure::of(format!("write {}", out.display()), cause))?;
            let mut command = self.command(&self.folder.join(group.script));
            shell::run(command.args(words).arg("--out").arg(&out))
                .map_err(|_| Failure::new(format!("{} failed; it says above why", group.script)))?;
            let text = fs::read_to_string(&out)
                .map_err(|cause| Failure::of(format!("read {}", out.display()), cause))?;
            rows.push(group.read(&text)?);
        }
        Ok(rows.into_iter().flatten().collect())
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = timed(SCRIPT_MAX, "sh");
        command.args(["-c", WITH_DESCRIPTORS, "lab"]).arg(program);
        settle(&mut command, &self.work, &self.shield);
        command
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        drop(self.undertaker.stdin.take());
        if let Err(cause) = self.undertaker.wait() {
            eprintln!("cannot wait for the lab's end: {cause}");
        }
    }
}

/// Tells the lab's scripts where to write and what to measure.
fn settle<'a>(command: &'a mut Command, work: &Path, shield: &Path) -> &'a mut Command {
    command
        .env("LAB_STATE", work.join("state"))
        .env("LAB_BUILD", work.join("build"))
        .env("SEAWALL", shield)
        .env("PYTHONDONTWRITEBYTECODE", "1")
}

fn folder(root: &Path) -> Result<PathBuf, Failure> {
    let folder =
        std::env::var_os("SEAWALL_LAB").map_or_else(|| root.join("../shared/lab"), PathBuf::from);
    folder.canonicalize().ok().filter(|folder| folder.join("up").is_file()).ok_or_else(|| {
        Failure::new(format!("no lab in {}: set SEAWALL_LAB to its folder", folder.display()))
    })
}

/// Median cost of every shield in one mode of a group, for `docs/budgets.md`; none where not measured.
pub(super) fn medians(rows: &[Row], mode: &str) -> [Option<f64>; SHIELDS.len()] {
    SHIELDS.map(|shield| rows::median(rows, shield, mode))
}
