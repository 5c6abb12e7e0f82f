//! What visitors get while a flood goes on, of us and of peers, beside what would be fair.
//!
//! Takes floods and shields; runs the lab's `measure-goodput.py` for each pair with and without bots
//! that were here before or look like visitors; prints and writes `docs/goodput.md`.
//! The rows that were measured replace theirs and the others stay, so that the table can be filled
//! in several runs; floods shorter than [`SECS_MIN`] are only shown.
//! With `--figures` says the worst of each thing that must hold, and leaves it to others to judge.

pub(crate) mod held;
mod row;

use crate::machine;
use crate::score::lab::Lab;
use crate::shell::Failure;
use crate::table::{Row as TableRow, Table};
use row::Row;
use std::path::Path;

const PAGE: &str = "docs/goodput.md";
const COLUMNS: [&str; 11] = [
    "flood, shield",
    "known, scarce page",
    "known lost",
    "known lost late",
    "p50 / p99 ms, scarce",
    "new, scarce page",
    "fair share of new",
    "static lost",
    "origin req/s",
    "verdict",
    "date, machine",
];
const USAGE: &str = "cargo x goodput [--secs N] [--floods F,…] [--shields S,…] [--bots new,warm,mimic,warm-mimic] [--dry] [--figures]";

/// How long floods last of which the table tells: in a minute visitors who are known ask 1,500 times.
const SECS_MIN: u32 = 60;

/// All floods of the script.
const FLOODS: [&str; 4] = ["hot", "cool", "conn", "tls"];
/// We with what the lab's origin can carry told and learned, then peers.
const SHIELDS: [&str; 6] = [
    "seawall:told",
    "seawall:auto",
    "haproxy:strict",
    "nginx:strict",
    "haproxy:deny",
    "nginx:limit",
];
/// What starts and ends us.
const OURS: &str = "xtask/lab/peer.sh";

/// What a run is made of.
#[derive(Debug, PartialEq, Eq)]
struct Chosen {
    secs: u32,
    floods: Vec<String>,
    shields: Vec<String>,
    bots: Vec<Bots>,
    writes: bool,
    tells_figures: bool,
}

/// Whether the flood's sources were here before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bots {
    New,
    /// Each asked once for the static page.
    Warm,
    /// They were not, and look like visitors.
    Mimic,
    /// Both: each asked once, and looks like visitors.
    WarmMimic,
}

/// Measures, prints and writes.
///
/// # Errors
/// When the lab cannot be raised or a run fails; that one of our rows misses is one as well.
pub(crate) fn chore(root: &Path, words: &[String]) -> Result<(), Failure> {
    let chosen = Chosen::of(words)?;
    let lab = Lab::raise(root)?;
    let rows = measured(root, &chosen, &lab)?;
    if chosen.tells_figures {
        print!("{}", held::figures(&rows));
        return Ok(());
    }
    let missed =
        rows.iter().map(|row| (row.name(), row.misses())).filter(|(_, why)| !why.is_empty());
    let missed: Vec<_> = missed.map(|(name, why)| format!("{name}: {}", why.join(", "))).collect();
    if missed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("does not hold: {}", missed.join("; "))))
}

/// Every row, told and written as it comes.
fn measured(root: &Path, chosen: &Chosen, lab: &Lab) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for flood in &chosen.floods {
        for bots in &chosen.bots {
            // A handshake is all that such a bot ever asks for.
            if flood == "tls" && *bots != Bots::New {
                continue;
            }
            for shield in &chosen.shields {
                let text =
                    lab.rows_of("measure-goodput.py", &chosen.words(flood, shield, *bots))?;
                for row in Row::read(&text)? {
                    println!("{}", row.text());
                    if chosen.writes {
                        write(root, &row)?;
                    }
                    rows.push(row);
                }
            }
        }
    }
    Ok(rows)
}

fn write(root: &Path, row: &Row) -> Result<(), Failure> {
    let mut cells = row.cells();
    cells.push(format!("{}, {}", machine::today()?, machine::name()));
    let table = Table { columns: &COLUMNS, order: &[] };
    table.update(&root.join(PAGE), &[TableRow(cells)])
}

impl Chosen {
    fn of(words: &[String]) -> Result<Self, Failure> {
        let listed = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let mut chosen = Self {
            secs: SECS_MIN,
            floods: listed(&FLOODS),
            shields: listed(&SHIELDS),
            bots: vec![Bots::New, Bots::WarmMimic],
            writes: true,
            tells_figures: false,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--dry" {
                chosen.writes = false;
                continue;
            }
            if word == "--figures" {
                (chosen.writes, chosen.tells_figures) = (false, true);
                continue;
            }
            let value = words.next().ok_or_else(|| Failure::new(USAGE))?;
            let list = || value.split(',').map(str::to_owned).collect::<Vec<_>>();
            match word.as_str() {
                "--secs" => chosen.secs = value.parse().map_err(|_| Failure::new(USAGE))?,
                "--floods" if list().iter().all(|flood| FLOODS.contains(&&**flood)) => {
                    chosen.floods = list();
                }
                "--shields" => chosen.shields = list(),
                "--bots" => chosen.bots = bots(value)?,
                _ => return Err(Failure::new(USAGE)),
            }
        }
        chosen.writes &= chosen.secs >= SECS_MIN;
        Ok(chosen)
    }

    /// Words of the script for one run.
    fn words(&self, flood: &str, shield: &str, bots: Bots) -> Vec<String> {
        let started = shield.replacen("seawall:", &format!("{OURS}:"), 1);
        let secs = self.secs.to_string();
        let mut words =
            ["--shield", &started, "--floods", flood, "--secs", &secs].map(str::to_owned).to_vec();
        match bots {
            Bots::New => {}
            Bots::Warm => words.push("--warm-bots".to_owned()),
            Bots::Mimic => words.push("--mimic".to_owned()),
            Bots::WarmMimic => words.extend(["--mimic", "--warm-bots"].map(str::to_owned)),
        }
        words
    }
}

fn bots(text: &str) -> Result<Vec<Bots>, Failure> {
    let bots = |word| match word {
        "new" => Ok(Bots::New),
        "warm" => Ok(Bots::Warm),
        "mimic" => Ok(Bots::Mimic),
        "warm-mimic" => Ok(Bots::WarmMimic),
        _ => Err(Failure::new(USAGE)),
    };
    text.split(',').map(bots).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(words: &str) -> Result<Chosen, Failure> {
        Chosen::of(&words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn everything_is_run_unless_some_is_named() {
        let all = chosen("").expect("nothing is said");
        assert_eq!((all.floods.len(), all.shields.len(), all.bots.len()), (4, 6, 2));
        assert!(all.writes && !chosen("--secs 59").expect("it is a number").writes);
        let some = chosen("--floods hot,tls --shields seawall:told --bots warm --dry --secs 6");
        let some = some.expect("all of it is known");
        assert_eq!(
            some.words("hot", "seawall:told", Bots::Warm).join(" "),
            "--shield xtask/lab/peer.sh:told --floods hot --secs 6 --warm-bots"
        );
        let words = some.words("cool", "seawall:auto", Bots::Mimic).join(" ");
        assert_eq!(words, "--shield xtask/lab/peer.sh:auto --floods cool --secs 6 --mimic");
        let words = some.words("hot", "nginx:strict", Bots::WarmMimic).join(" ");
        assert_eq!(words, "--shield nginx:strict --floods hot --secs 6 --mimic --warm-bots");
        for wrong in ["--floods luke", "--secs", "--secs x", "--bots old", "--all yes"] {
            assert!(chosen(wrong).is_err(), "{wrong}");
        }
    }
}
