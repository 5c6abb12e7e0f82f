//! `cargo x kernels`: the kernel's program on other kernels than this one, each in a machine that is emulated.
//!
//! Takes Debian's newest kernel of each of [`SERIES`]; runs what needs no interface: every reason by test
//! run, SYN cookies against listeners, the verifier's count, a sample of the comparison with the model.
//! Writes what came of each into `docs/kernels.md`, and prints `FIGURE packet.kernels` with how many passed.
//! Touches that page and `target/kernels` alone, but installs the packages that it drives, as root on
//! Debian.
//! Bounds: minutes for each kernel.

mod emulated;

use crate::apt;
use crate::machine;
use crate::shell::{self, Failure, cargo};
use crate::table::{Row, Table};
use emulated::Ran;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGE: &str = "docs/kernels.md";
const COLUMNS: [&str; 7] = ["series", "kernel", "tests", "result", "seconds", "date", "machine"];

/// Beginnings of versions: the oldest that is supported, and the next that Debian kept for long.
const SERIES: [&str; 2] = ["6.1", "6.12"];

/// What the machine does: the tests find themselves inside of a network that is theirs.
const INIT: &str = "#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin SEAWALL_TEST_INSIDE=1 SEAWALL_FRAMES=2000
mount -t proc none /proc
mount -t sysfs none /sys
mount -t bpf bpf /sys/fs/bpf
mount -t tmpfs none /tmp
echo
echo \"this is kernel $(uname -v)\"
/program --test-threads 1 --nocapture stages:: front:: cookies:: differential:: object::the_verifier
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
    let table = Table { columns: &COLUMNS, order: &SERIES };
    let mut passed = 0;
    for series in SERIES {
        // A kernel that fails keeps nobody from learning of the next.
        let ran = emulated::run(&kernel(&folder, series)?, &disk)?;
        println!("{series}: {}", ran.result());
        passed += usize::from(ran.fault.is_none());
        table.update(&root.join(PAGE), &[row(series, &ran)?])?;
    }
    println!("FIGURE packet.kernels {passed} kernels");
    if passed == SERIES.len() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{passed} of {} kernels passed; {PAGE} says what failed",
        SERIES.len()
    )))
}

fn row(series: &str, ran: &Ran) -> Result<Row, Failure> {
    let kernel = ran.kernel.clone().unwrap_or_else(|| "it did not say".to_owned());
    let seconds = format!("{:.0}", ran.took.as_secs_f64());
    let tests = ran.passed.to_string();
    let cells = [
        series.to_owned(),
        kernel,
        tests,
        ran.result(),
        seconds,
        machine::today()?,
        machine::name(),
    ];
    Ok(Row(cells.to_vec()))
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
