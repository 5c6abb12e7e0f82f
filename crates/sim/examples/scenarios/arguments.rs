//! What the program is asked to do.

use seawall_sim::defence::DefenceKind;
use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};

/// How it is asked.
pub(crate) const USAGE: &str = "\
scenarios [NAME…] [OPTION…]          plays scenarios and prints a table; NAME: 03 or 03-costly-search

  --folder FOLDER       where scenarios lie (scenarios)
  --seeds N             seeds 1 to N (1); for one run: seed N
  --capacities A,B,…    times normal demand (what each scenario says); `own` is that too
  --defences A,B,…      defences by name (all)
  --old-tokens SHARE    people who were here before and passed a challenge then, 0 to 1 (0)
  --ladder              what the ladder came to: one row for each scenario and capacity
  --list                names, and what each is a model of
  --timeline            one run second by second instead of a table, with the last defence named
  --svg FILE            the same as a picture
  --record FILE         one run as JSON Lines, for `seawall replay`
";

/// What is asked.
pub(crate) struct Arguments {
    pub(crate) names: Vec<String>,
    pub(crate) folder: String,
    pub(crate) seeds: u64,
    pub(crate) capacities: Vec<Option<f64>>,
    pub(crate) defences: Vec<DefenceKind>,
    pub(crate) old_tokens: f64,
    pub(crate) deed: Deed,
}

/// What becomes of the runs.
pub(crate) enum Deed {
    Help,
    Table,
    Ladder,
    List,
    Timeline { svg: Option<String> },
    Record(String),
}

impl Arguments {
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut asked = Self {
            names: Vec::new(),
            folder: "scenarios".to_owned(),
            seeds: 1,
            capacities: vec![None],
            defences: DefenceKind::ALL.to_vec(),
            old_tokens: 0.0,
            deed: Deed::Table,
        };
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value\n{USAGE}"));
            match word.as_str() {
                "--folder" => asked.folder = value()?,
                "--seeds" => asked.seeds = number(&value()?)?,
                "--capacities" => asked.capacities = list(&value()?, capacity)?,
                "--defences" => asked.defences = list(&value()?, defence)?,
                "--old-tokens" => asked.old_tokens = number(&value()?)?,
                "--ladder" => asked.deed = Deed::Ladder,
                "--list" => asked.deed = Deed::List,
                "--timeline" => asked.deed = Deed::Timeline { svg: None },
                "--svg" => asked.deed = Deed::Timeline { svg: Some(value()?) },
                "--record" => asked.deed = Deed::Record(value()?),
                "--help" | "-h" => asked.deed = Deed::Help,
                option if option.starts_with('-') => {
                    return Err(format!("{option} is no option\n{USAGE}"));
                }
                _ => asked.names.push(word),
            }
        }
        Ok(asked)
    }
}

fn list<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(read).collect()
}

fn defence(word: &str) -> Result<DefenceKind, String> {
    DefenceKind::deserialize(StrDeserializer::<Error>::new(word)).map_err(|error| error.to_string())
}

fn capacity(word: &str) -> Result<Option<f64>, String> {
    match word {
        "own" => Ok(None),
        _ => number(word).map(Some),
    }
}

fn number<N: std::str::FromStr>(word: &str) -> Result<N, String> {
    word.parse().map_err(|_| format!("{word} is no number"))
}
