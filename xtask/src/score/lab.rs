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
use group::{Group, OURS, SHIELDS};
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
const UNDERTAKER: &str = "trap '' INT TERM HUP; cat >/dev/null; \"$1\" stop; \"$LAB/down\"";

/// A lab that stands; removed when dropped.
pub(crate) struct Lab {
    settings: Settings,
    undertaker: Child,
}

/// What the lab's scripts are told.
struct Settings {
    /// The checkout, from where scripts run.
    root: PathBuf,
    /// Where the scripts lie.
    folder: PathBuf,
    /// Where rows, state and tools go.
    work: PathBuf,
    /// The program under measurement.
    shield: PathBuf,
}

impl Lab {
    /// Builds the release and raises the lab.
    ///
    /// # Errors
    /// When we are not root, the lab or a program is missing, or something does not build.
    pub(crate) fn raise(root: &Path) -> Result<Self, Failure> {
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
        let settings = Settings { root: root.to_owned(), folder, work, shield };
        let undertaker = settings
            .tell(&mut Command::new("sh"))
            .args(["-c", UNDERTAKER, "undertaker", OURS])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|cause| Failure::of("start a shell", cause))?;
        let lab = Self { settings, undertaker };
        shell::run(&mut lab.command("up"))?;
        Ok(lab)
    }

    /// Measures `modes` of `group` in its rounds.
    ///
    /// # Errors
    /// When a script fails or writes what cannot be read.
    pub(super) fn measure(&self, group: &Group, modes: &[&str]) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::new();
        for words in group.runs(modes) {
            println!("lab: {} {}", group.script, words.join(" "));
            rows.push(group.read(&self.rows_of(group.script, &words)?)?);
        }
        Ok(rows.into_iter().flatten().collect())
    }

    /// What one run of a script writes down, a row a line.
    ///
    /// # Errors
    /// When the script fails.
    pub(crate) fn rows_of(&self, script: &str, words: &[String]) -> Result<String, Failure> {
        let out = self.settings.work.join("rows.jsonl");
        fs::write(&out, "")
            .map_err(|cause| Failure::of(format!("write {}", out.display()), cause))?;
        let mut command = self.command(script);
        shell::run(command.args(words).arg("--out").arg(&out))
            .map_err(|_| Failure::new(format!("{script} failed; it says above why")))?;
        fs::read_to_string(&out)
            .map_err(|cause| Failure::of(format!("read {}", out.display()), cause))
    }

    /// A script of the lab, ended after [`SCRIPT_MAX`].
    fn command(&self, script: &str) -> Command {
        let mut command = timed(SCRIPT_MAX, "sh");
        command.args(["-c", WITH_DESCRIPTORS, "lab"]).arg(self.settings.folder.join(script));
        self.settings.tell(&mut command);
        command
    }
}

impl Settings {
    fn tell<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .current_dir(&self.root)
            .env("LAB", &self.folder)
            .env("LAB_STATE", self.work.join("state"))
            .env("LAB_BUILD", self.work.join("build"))
            .env("SEAWALL", &self.shield)
            .env("PYTHONDONTWRITEBYTECODE", "1")
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
