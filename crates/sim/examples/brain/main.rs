//! What the detector says of every scenario over five seeds, as Markdown or as single figures.
//!
//! Takes nothing, or `--figures`; plays each scenario before the shield, told that its origins carry
//! three times normal demand, and compares what it said with the truth.
//! Bounds: one run at a time, so that it may go on beside other work.

mod figures;
mod files;
mod outcome;
mod page;
mod play;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let said = play::all().map(|tables| match words.as_slice() {
        [word] if word == "--figures" => figures::lines(&tables),
        _ => page::page(&tables),
    });
    match said {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
