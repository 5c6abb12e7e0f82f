//! What one script of the lab measures, of which shields, and how to tell that it measured that.

use super::rows::{self, Row};
use crate::shell::Failure;
use serde_json::Value;

/// Who is measured: ourselves first, then the peers.
pub(in crate::score) const SHIELDS: [&str; 3] = ["seawall", "haproxy", "nginx"];

/// What starts and ends us as the lab's shield, from the checkout; peers have scripts in the lab.
pub(super) const OURS: &str = "xtask/lab/peer.sh";

/// Requests that must be served for a cost per request to mean anything.
const SERVED_MIN: f64 = 0.99;
/// Share of answers that must be the refusal that is priced.
const REFUSED_MIN: f64 = 0.9;
/// Connections, of the 9,000 asked for, that must be held.
const HELD_MIN: f64 = 8_500.0;

/// One script with its shields.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::score) struct Group {
    /// For people.
    pub(in crate::score) title: &'static str,
    pub(in crate::score) script: &'static str,
    /// Profiles, each as `shield:profile`; [`OURS`] stands in for `seawall`.
    shields: &'static [&'static str],
    options: &'static [&'static str],
    /// Absolute figures drift from minute to minute: many short rounds, each a ratio, and their
    /// median beat few long ones (a peer measured against itself: 0.98 to 1.00 in nine of one
    /// repetition, 0.96 to 1.01 in three of three).
    rounds: usize,
    modes: Modes,
    expects: Expects,
    /// Of its figures.
    pub(in crate::score) unit: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modes {
    /// The script takes `--modes`; each is run by itself, so that shields lie close together.
    Chosen,
    /// The script always measures all.
    All,
}

/// What a run must have seen for its figure to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    Served,
    /// This word among the answers.
    Answers(&'static str),
    Held,
}

/// Proxied requests.
pub(in crate::score) const PROXY: Group = Group {
    title: "proxied",
    script: "measure-proxy.py",
    shields: &["seawall:clean", "haproxy:clean", "nginx:clean"],
    options: &["--repeat", "1", "--secs", "4"],
    rounds: 5,
    modes: Modes::Chosen,
    expects: Expects::Served,
    unit: "µs CPU per request",
};

/// Requests over a source's rate, answered 429.
pub(in crate::score) const DENY: Group = Group {
    title: "answered 429",
    script: "measure-reject.py",
    shields: &["seawall:deny", "haproxy:deny", "nginx:limit"],
    options: &["--repeat", "1", "--secs", "3"],
    rounds: 5,
    modes: Modes::Chosen,
    expects: Expects::Answers("429"),
    unit: "µs CPU per request",
};

/// Connections reset at accept.
pub(in crate::score) const REJECT: Group = Group {
    title: "reset at accept",
    script: "measure-reject.py",
    shields: &["seawall:reject", "haproxy:reject"],
    options: &["--repeat", "1", "--secs", "3"],
    rounds: 5,
    modes: Modes::Chosen,
    expects: Expects::Answers("reset"),
    unit: "µs CPU per connection",
};

/// Idle connections.
pub(in crate::score) const IDLE: Group = Group {
    title: "held idle",
    script: "measure-idle.py",
    shields: &["seawall:clean", "haproxy:clean", "nginx:clean"],
    options: &[],
    rounds: 3,
    modes: Modes::All,
    expects: Expects::Held,
    unit: "KiB per connection",
};

impl Group {
    /// The words of every run of the script that `modes` need.
    pub(super) fn runs(&self, modes: &[&str]) -> Vec<Vec<String>> {
        let rounds = |modes: &[&str]| {
            (0..self.rounds).map(|round| self.words(modes, round)).collect::<Vec<_>>()
        };
        match self.modes {
            Modes::All => rounds(modes),
            Modes::Chosen => modes.iter().flat_map(|mode| rounds(&[mode])).collect(),
        }
    }

    /// The words behind the script's name; the shields' order turns with `round`, so that a
    /// machine that grows slower during a round does not always harm the same one.
    pub(in crate::score) fn words(&self, modes: &[&str], round: usize) -> Vec<String> {
        let mut shields = self.shields.to_vec();
        shields.rotate_left(round % self.shields.len());
        let started = |shield: &str| shield.replacen("seawall:", &format!("{OURS}:"), 1);
        let mut words: Vec<String> = shields
            .into_iter()
            .flat_map(|shield| ["--shield".to_owned(), started(shield)])
            .collect();
        words.extend(self.options.iter().map(ToString::to_string));
        if self.modes == Modes::Chosen {
            words.extend(["--modes".to_owned(), modes.join(",")]);
        }
        words
    }

    /// The rows of a script's output.
    ///
    /// # Errors
    /// When a line is not a row of this group.
    pub(super) fn read(&self, text: &str) -> Result<Vec<Row>, Failure> {
        let row = |line: &str| {
            let value: Value = serde_json::from_str(line)
                .map_err(|cause| Failure::of(format!("read a row of {}", self.script), cause))?;
            let trouble = self.expects.trouble(&value);
            Row::parse(&value, trouble)
                .ok_or_else(|| Failure::new(format!("{} wrote a strange row: {line}", self.script)))
        };
        text.lines().map(row).collect()
    }
}

impl Expects {
    /// Why the figure of `row` does not count, if it does not.
    fn trouble(self, row: &Value) -> Option<String> {
        match self {
            Self::Served => {
                let served = rows::number(row, "success")?;
                (served < SERVED_MIN).then(|| format!("only {served:.3} of requests were served"))
            }
            Self::Answers(word) => {
                let answers = row.get("answers")?.as_object()?;
                let all: f64 = answers.values().filter_map(Value::as_f64).sum();
                let right = answers.get(word).and_then(Value::as_f64).unwrap_or(0.0);
                (right < all * REFUSED_MIN)
                    .then(|| format!("only {right} of {all} answers were {word}"))
            }
            Self::Held => {
                let held = rows::number(row, "held")?;
                (held < HELD_MIN).then(|| format!("only {held} connections were held"))
            }
        }
    }
}
