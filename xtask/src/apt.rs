//! Programs from outside that tests and measurements drive: found, installed where we may, named
//! where they are missing.
//!
//! Installs only as root on Debian, and only what is missing.

use crate::shell::{self, Failure};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// What `cargo x test` drives; what only the lab needs is in [`LAB`].
pub(crate) const TESTS: &[Package] = &[
    program("nginx", "nginx", "origins of system tests"),
    program("haproxy", "haproxy", "an origin of system tests"),
    program("wrk", "wrk", "HTTP/1.1 load"),
    program("nghttp2-client", "h2load", "HTTP/2 load, a real client"),
    program("curl", "curl", "a real client"),
    program("chromium", "chromium", "a real browser"),
    Package { name: "python3", proof: Proof::File(PYTHON), serves: "a real client, fingerprints" },
    python("python3-h2", "h2", "a real HTTP/2 client, HPACK"),
    python("python3-h11", "h11", "an origin of system tests"),
    python("python3-grpcio", "grpc", "a real gRPC client and origin"),
    python("python3-websockets", "websockets", "a real WebSocket client and origin"),
    python("python3-requests", "requests", "a real client"),
    python("python3-httpx", "httpx", "a real client"),
    python("python3-aiohttp", "aiohttp", "a real client"),
    program("wget", "wget", "a real client"),
    program("apache2-utils", "ab", "a real client that speaks HTTP/1.0"),
    program("siege", "siege", "a real client"),
    program("nodejs", "node", "two real clients"),
    program("npm", "npm", "rules of accessibility"),
    program("firefox-esr", "firefox-esr", "a real browser"),
    program("w3m", "w3m", "a real browser of text"),
    program("openssl", "openssl", "certificates, a TLS client"),
    program("valgrind", "valgrind", "instruction counts"),
    program("strace", "strace", "system calls per request"),
    program("golang-go", "go", "another implementation that reads evidence"),
    Package {
        name: "golang-golang-x-mod-dev",
        proof: Proof::File("/usr/share/gocode/src/golang.org/x/mod/sumdb/note/note.go"),
        serves: "another implementation that reads evidence",
    },
    program("nftables", "nft", "firewall lines that are printed"),
    program("iptables", "iptables", "firewall lines that are printed"),
    program("iproute2", "ip", "network namespaces of the packet layer"),
    program("ethtool", "ethtool", "how an interface receives"),
];

/// What the lab of `cargo x score` drives.
pub(crate) const LAB: &[Package] = &[
    program("nginx", "nginx", "peer and origin"),
    program("haproxy", "haproxy", "peer"),
    program("nghttp2-client", "h2load", "HTTP/2 load"),
    program("curl", "curl", "asking the origin"),
    program("python3", "python3", "the measuring scripts"),
    program("openssl", "openssl", "certificates"),
    program("iproute2", "ip", "network namespaces"),
    program("procps", "sysctl", "network settings"),
    program("ethtool", "ethtool", "how an interface receives"),
    program("gcc", "gcc", "load generators"),
    program("clang", "clang", "packet generators"),
    header("libbpf-dev", "/usr/include/bpf/bpf_helpers.h"),
    header("libssl-dev", "/usr/include/openssl/ssl.h"),
];

/// What `cargo x kernels` drives.
pub(crate) const KERNELS: &[Package] = &[
    program("qemu-system-x86", "qemu-system-x86_64", "machines for other kernels"),
    Package { name: "busybox-static", proof: Proof::File(BUSYBOX), serves: "their shell" },
];

/// A shell that needs nothing beside itself.
pub(crate) const BUSYBOX: &str = "/bin/busybox";

/// The interpreter that Debian's Python packages are for; another one may come first on the path.
const PYTHON: &str = "/usr/bin/python3";

/// A Debian package, how to tell that what it brings is there, and what for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package {
    /// As apt knows it.
    pub(crate) name: &'static str,
    proof: Proof,
    /// What it is driven for.
    pub(crate) serves: &'static str,
}

/// How to tell that a thing is there, wherever it came from.
#[derive(Debug, Clone, Copy)]
enum Proof {
    Program(&'static str),
    PythonModule(&'static str),
    File(&'static str),
}

const fn program(name: &'static str, program: &'static str, serves: &'static str) -> Package {
    Package { name, proof: Proof::Program(program), serves }
}

const fn python(name: &'static str, module: &'static str, serves: &'static str) -> Package {
    Package { name, proof: Proof::PythonModule(module), serves }
}

const fn header(name: &'static str, file: &'static str) -> Package {
    Package { name, proof: Proof::File(file), serves: "building load generators" }
}

impl Package {
    fn is_here(&self) -> bool {
        match self.proof {
            Proof::Program(program) => is_program(program),
            Proof::File(file) => Path::new(file).exists(),
            Proof::PythonModule(module) => Command::new(PYTHON)
                .args(["-c", &format!("import {module}")])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success()),
        }
    }
}

/// Whether a program of that name is on the search path or among the administrator's.
pub(crate) fn is_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .any(|folder| folder.join(name).is_file())
}

/// Whether we are the administrator of this machine.
pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Which of some packages are not there, and why they could not be installed.
pub(crate) struct Missing {
    /// In the order of the list.
    pub(crate) packages: Vec<Package>,
    /// A sentence.
    pub(crate) why: String,
}

/// Installs those of `packages` that are missing, where we may.
pub(crate) fn provide(packages: &[Package]) -> Option<Missing> {
    let missing = missing(packages)?;
    let why = if !Path::new("/etc/debian_version").exists() {
        "not a Debian system: install what brings them".to_owned()
    } else if !is_root() {
        "not root: run as root, or `apt-get install` them".to_owned()
    } else {
        match install(&missing) {
            Ok(()) => "apt-get installed them, yet what they bring is not there".to_owned(),
            Err(failure) => failure.to_string(),
        }
    };
    let packages = self::missing(packages)?;
    Some(Missing { packages, why })
}

fn missing(packages: &[Package]) -> Option<Vec<Package>> {
    let missing: Vec<_> = packages.iter().copied().filter(|package| !package.is_here()).collect();
    (!missing.is_empty()).then_some(missing)
}

fn install(packages: &[Package]) -> Result<(), Failure> {
    let names: Vec<_> = packages.iter().map(|package| package.name).collect();
    println!("installing {}", names.join(" "));
    shell::run(apt().arg("update"))?;
    shell::run(apt().args(["install", "--yes", "--no-install-recommends"]).args(names))
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command
        .arg("--quiet=2")
        .stdin(Stdio::null())
        .env("DEBIAN_FRONTEND", "noninteractive")
        // In the single-user runlevel a freshly installed server is not started.
        .env("RUNLEVEL", "1");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABSENT: Package = program("no-such-package", "no-such-program", "nothing");

    #[test]
    fn what_is_there_is_not_missing_and_what_is_not_is() {
        assert!(missing(&[program("coreutils", "ls", "listing")]).is_none());
        let found = missing(&[program("coreutils", "ls", "listing"), ABSENT]).expect("one is");
        assert_eq!(found[0].name, "no-such-package");
        assert!(!header("none", "/no/such/file.h").is_here());
    }
}
