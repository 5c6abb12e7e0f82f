//! `cargo x kernels`: the kernel's program on other kernels than this one, each in a machine that is emulated.
//!
//! Takes Debian's newest kernel of each of [`SERIES`]; runs what needs no interface: every reason by test
//! run, SYN cookies against listeners, the verifier's count, a sample of the comparison with the model.
//! Prints `FIGURE packet.kernels` with how many passed.
//! Touches `target/kernels` alone, but installs the packages that it drives, as root on Debian.
//! Bounds: [`MACHINE_MAX`] for each kernel.

use crate::apt;
use crate::shell::{self, Failure, cargo, timed};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Beginnings of versions: the oldest that is supported, and the next that Debian kept for long.
const SERIES: [&str; 2] = ["6.1", "6.12"];
/// Longest that one machine may take; it takes ten seconds.
const MACHINE_MAX: Duration = Duration::from_mins(3);
/// What the machine says last, before the status of the tests.
const ENDED: &str = "tests ended with ";

/// What the machine does: the tests find themselves inside of a network that is theirs.
const INIT: &str = "#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin SEAWALL_TEST_INSIDE=1 SEAWALL_FRAMES=2000
mount -t proc none /proc
mount -t sysfs none /sys
mount -t bpf bpf /sys/fs/bpf
mount -t tmpfs none /tmp
/program --test-threads 1 --nocapture stages:: cookies:: differential:: object::the_verifier
echo \"tests ended with $?\"
poweroff -f
";

/// Runs the tests on each kernel.
pub(crate) fn chore(root: &Path) -> Result<(), Failure> {
    if let Some(missing) = apt::provide(apt::KERNELS) {
        let names: Vec<_> = missing.packages.iter().map(|package| package.name).collect();
        return Err(Failure::new(format!("no {}: {}", names.join(", "), missing.why)));
    }
    let folder = root.join("target/kernels");
    let disk = disk(&folder, &tests(root)?)?;
    for series in SERIES {
        let kernel = kernel(&folder, series)?;
        let name = kernel.file_name().unwrap_or_default().to_string_lossy().into_owned();
        run(&kernel, &disk).map_err(|fault| Failure::of(format!("pass on {name}"), fault))?;
        println!("{name}: passed");
    }
    println!("FIGURE packet.kernels {} kernels", SERIES.len());
    Ok(())
}

/// The program of tests.
fn tests(root: &Path) -> Result<PathBuf, Failure> {
    let mut build = cargo();
    build.current_dir(root).args(["test", "--profile", "system", "-p", "seawall-packet"]);
    build.args(["--test", "program", "--no-run", "--message-format=json-render-diagnostics"]);
    let messages = shell::capture(&mut build)?;
    let mut programs = messages.lines().filter_map(crate::release::executable);
    programs.next_back().ok_or_else(|| "cargo built no tests of the kernel's program".into())
}

/// What the machine finds when it starts: the tests with their libraries, and a shell.
fn disk(folder: &Path, tests: &Path) -> Result<PathBuf, Failure> {
    let root = folder.join("root");
    let failed = |cause| Failure::of(format!("write {}", root.display()), cause);
    for name in ["bin", "proc", "sys", "tmp"] {
        fs::create_dir_all(root.join(name)).map_err(failed)?;
    }
    fs::write(root.join("init"), INIT).map_err(failed)?;
    fs::copy(tests, root.join("program")).map_err(failed)?;
    fs::copy(apt::BUSYBOX, root.join("bin/busybox")).map_err(failed)?;
    let libraries = shell::capture(Command::new("ldd").arg(tests))?;
    for library in libraries.split_whitespace().filter(|word| word.starts_with('/')) {
        let there = root.join(library.trim_start_matches('/'));
        fs::create_dir_all(there.parent().unwrap_or(&root)).map_err(failed)?;
        fs::copy(library, &there).map_err(failed)?;
    }
    let disk = folder.join("disk.cpio");
    let pack = "chmod +x init && find . | busybox cpio -o -H newc > ../disk.cpio";
    shell::capture(Command::new("sh").args(["-c", pack]).current_dir(&root))?;
    Ok(disk)
}

/// Debian's newest kernel of a series, fetched where it was not before.
fn kernel(folder: &Path, series: &str) -> Result<PathBuf, Failure> {
    let pattern = format!("^linux-image-{}\\..*-cloud-amd64$", series.replace('.', "\\."));
    let newest = "apt-cache search --names-only \"$1\" | cut -d' ' -f1 | sort -V | tail -n 1";
    let package = shell::capture(Command::new("sh").args(["-c", newest, "sh", &pattern]))?;
    let package = package.trim();
    if package.is_empty() {
        return Err(Failure::new(format!("apt knows no kernel {series}; run `apt-get update`")));
    }
    let kernel = folder.join("boot").join(package.replacen("linux-image-", "vmlinuz-", 1));
    if !kernel.exists() {
        let fetch = "rm -f ./*.deb && apt-get download \"$1\" && dpkg-deb --fsys-tarfile ./*.deb | \
                     tar -x ./boot && rm -f ./*.deb";
        let mut fetched = Command::new("sh");
        shell::capture(fetched.args(["-ec", fetch, "sh", package]).current_dir(folder))?;
    }
    Ok(kernel)
}

/// Starts a machine and reads what its tests come to.
fn run(kernel: &Path, disk: &Path) -> Result<(), Failure> {
    let mut machine = timed(MACHINE_MAX, "qemu-system-x86_64");
    machine.args(["-accel", "tcg", "-cpu", "qemu64", "-m", "2048", "-no-reboot"]);
    machine.args(["-display", "none", "-serial", "stdio", "-monitor", "none"]);
    machine.arg("-kernel").arg(kernel).arg("-initrd").arg(disk);
    machine.args(["-append", "console=ttyS0 panic=-1 quiet"]);
    let watched = shell::watch(&mut machine)?;
    watched.ended?;
    verdict(&watched.lines)
}

/// Whether tests ran, every one of them, and passed.
fn verdict(lines: &[String]) -> Result<(), Failure> {
    let told = |word: &str| lines.iter().find(|line| line.contains(word));
    if let Some(line) = told("skipped ") {
        return Err(Failure::new(format!("a test did not run: {line}")));
    }
    if told("ok. 0 passed").is_some() {
        return Err(Failure::new("no test ran"));
    }
    match told(ENDED).and_then(|line| line.strip_prefix(ENDED)) {
        Some("0") => Ok(()),
        Some(status) => Err(Failure::new(format!("the tests ended with {status}"))),
        None => Err(Failure::new("the machine ended before its tests did")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_passes_whose_tests_ran_and_passed() {
        let ran = "test result: ok. 11 passed; 0 failed";
        let of = |lines: &[&str]| {
            let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
            verdict(&lines).map_err(|fault| fault.to_string())
        };
        assert_eq!(of(&[ran, "tests ended with 0"]), Ok(()));
        assert_eq!(of(&[ran, "tests ended with 101"]), Err("the tests ended with 101".to_owned()));
        let none = "test result: ok. 0 passed; 0 failed";
        assert_eq!(of(&[none, "tests ended with 0"]), Err("no test ran".to_owned()));
        assert_eq!(of(&[ran]), Err("the machine ended before its tests did".to_owned()));
        let skipped = "skipped stages::one: not allowed";
        assert!(of(&[ran, skipped, "tests ended with 0"]).is_err());
    }
}
