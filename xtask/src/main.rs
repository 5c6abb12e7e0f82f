//! Seawall's own chores, run as `cargo x CHORE`.
//!
//! Takes a chore's name and its words; prints what it did and ends with 0, or with 1 and a sentence
//! that says what to do.
//! Never touches anything outside the checkout, except that `test`, `score` and `kernels`, as root on
//! Debian, install the packages that they drive, and that `fuzz` installs cargo-fuzz where it is missing.

mod apt;
mod bench;
mod bpf;
mod challenge;
mod fair_share;
mod fuzz;
mod goodput;
mod kernels;
mod ladder;
mod machine;
mod mutants;
mod release;
mod scenarios;
mod score;
mod shell;
mod table;
mod test;
mod tidy;

use shell::Failure;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
cargo x tidy                         layers, bans, sizes, words, module headers
cargo x test                         everything that must hold before a change lands
cargo x score [NAME…] | --list       the lines that must hold, into docs/scoreboard.md
cargo x bench                        instructions of hot paths, into docs/bench.md
cargo x goodput [OPTION…]            what visitors get in floods, beside peers, into docs/goodput.md
cargo x scenarios [--quick [--check]]
                                     the simulator's scenarios, into docs/scenarios-*.md
cargo x scenarios NAME… [OPTION…]    some of them, to the screen; --help shows the options
cargo x scenarios --real [NAME…]     some of them on real sockets too, into docs/scenarios-real.md
cargo x brain                        what the detector says of every scenario and of a whole day, into docs/scenarios.md
cargo x ladder                       what the ladder comes to, into docs/ladder-table.md
cargo x challenge                    pictures and the table of programs, into docs/challenge.md
cargo x mutants [detect | policy]    faults put into detector and ladder; a named test must notice each
cargo x bpf [--check]                compiles the kernel's program, or compares it with its source
cargo x kernels                      its tests on other kernels, emulated, into docs/kernels.md
cargo x fuzz [--runs N] [TARGET…]    fuzz targets, into docs/fuzz.md
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let chore = words.next().unwrap_or_default();
    let words: Vec<String> = words.collect();
    match run(&chore, &words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("cargo x {chore}: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: &str, words: &[String]) -> Result<(), Failure> {
    let root = checkout()?;
    match (chore, words) {
        ("tidy", []) => tidy::chore(&root),
        ("test", []) => test::chore(&root),
        ("score", words) => score::chore(&root, words),
        ("bench", []) => bench::chore(&root),
        ("bpf", []) => bpf::chore(&root),
        ("bpf", [word]) if word == "--check" => bpf::check(&root),
        ("kernels", []) => kernels::chore(&root),
        ("scenarios", words) => scenarios::chore(&root, words),
        ("goodput", words) => goodput::chore(&root, words),
        ("fair-share", words) => fair_share::chore(words),
        ("brain", []) => scenarios::brain::chore(&root),
        ("ladder", []) => ladder::chore(&root),
        ("challenge", []) => challenge::chore(&root),
        ("mutants", words) => mutants::chore(&root, words),
        ("fuzz", words) => fuzz::chore(&root, words),
        ("" | "help" | "--help" | "-h", _) => {
            print!("{USAGE}{}", fair_share::USAGE);
            Ok(())
        }
        _ => Err(Failure::new(format!("not understood; there are:\n{USAGE}"))),
    }
}

/// The folder that holds the workspace, from where cargo says this crate lies.
fn checkout() -> Result<PathBuf, Failure> {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .ok_or("run it through cargo, as `cargo x CHORE`")?;
    Ok(here.parent().unwrap_or(&here).to_owned())
}
