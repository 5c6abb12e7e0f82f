//! Two million records, made of the real log.

use super::data;
use crate::fixtures::{Folder, figure, needs, run, seawall};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// How often the log is repeated, each time a year later.
const REPEATS: u32 = 400;
const RECORDS: u32 = 5_000 * REPEATS;
const RUNS: u32 = 3;

/// The log again and again; its days are those of May, which every year has.
fn repeated(folder: &Folder) -> PathBuf {
    let packed = data("logs/apache-first-5000.log.gz");
    let log = run(Command::new("gzip").arg("-dc").arg(packed), Duration::from_mins(1)).good();
    let path = folder.join("two-million.log");
    let mut file = BufWriter::new(File::create(&path).expect("the folder is ours"));
    for year in 2015..2015 + REPEATS {
        let text = log.replace("/May/2015:", &format!("/May/{year}:"));
        file.write_all(text.as_bytes()).expect("there is room for 500 MB");
    }
    file.flush().expect("there is room for 500 MB");
    path
}

#[test]
fn two_million_records_go_through_one_core() {
    if !needs("replay::speed::two_million_records…", &["taskset", "gzip"]) {
        return;
    }
    let folder = Folder::new();
    let log = repeated(&folder);
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(seawall().get_program()).args(["replay", "--json"]).arg(&log);
    for _ in 0..RUNS {
        let began = Instant::now();
        let told = run(&mut command, Duration::from_mins(10)).good();
        let seconds = began.elapsed().as_secs_f64();
        assert!(told.contains(&format!("\"records\":{RECORDS},\"unread\":0,")), "{told}");
        figure("replay.speed", format!("{:.0}", f64::from(RECORDS) / seconds), "records/s");
    }
}
