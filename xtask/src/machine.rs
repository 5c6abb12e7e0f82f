//! When and on what something was measured.

use crate::shell::{self, Failure};
use std::fs;
use std::process::Command;

/// Today, as `2026-11-24`, in UTC.
pub(crate) fn today() -> Result<String, Failure> {
    let date = shell::capture(Command::new("date").args(["-u", "+%F"]))?;
    Ok(date.trim().to_owned())
}

/// This machine in a few words: cores, processor, kernel.
pub(crate) fn name() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel: Vec<_> = kernel.trim().splitn(3, '.').take(2).collect();
    format!(
        "{cores} cores, {}, Linux {}",
        model(&cpus).unwrap_or("unknown processor"),
        kernel.join(".")
    )
}

fn model(cpus: &str) -> Option<&str> {
    let line = cpus.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_processor_gives_the_model() {
        let cpus = "processor\t: 0\nmodel name\t: Example 9000\nprocessor\t: 1\n";
        assert_eq!(model(cpus), Some("Example 9000"));
        assert_eq!(model(""), None);
    }
}
