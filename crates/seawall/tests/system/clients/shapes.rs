//! Every valid shape of request that real clients make reaches the origin and comes back right.

use super::origin::Origin;
use crate::fixtures::program::PYTHON;
use crate::fixtures::{HOST, SOON, Setup, Shield, figure, needs, run};
use std::fs;
use std::process::Command;

const SHELL: &str = include_str!("scripts/shapes.sh");
const PYTHON_SCRIPT: &str = include_str!("scripts/shapes.py");
const NODE_SCRIPT: &str = include_str!("scripts/shapes.js");

const PROGRAMS: [&str; 8] = ["curl", "wget", "ab", "siege", "nghttp", "h2load", "node", "python3"];

/// What a client can be made to send.
const ALL: &[&str] = &[
    "get",
    "head",
    "range",
    "conditional",
    "cookies",
    "form",
    "json",
    "multipart",
    "chunked",
    "keepalive",
];

/// A client program, what runs it, and the shapes that it has.
struct Kind {
    name: &'static str,
    run: Runner,
    lacks: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Runner {
    Shell,
    Python,
    Node,
}

const fn kind(name: &'static str, run: Runner, lacks: &'static [&'static str]) -> Kind {
    Kind { name, run, lacks }
}

/// Clients that are one program by two protocols stand twice, and are counted once.
const KINDS: &[Kind] = &[
    kind("curl", Runner::Shell, &[]),
    // This curl cannot ask twice on one connection by prior knowledge.
    kind("curl2", Runner::Shell, &["keepalive"]),
    kind("wget", Runner::Shell, &["chunked"]),
    kind("ab", Runner::Shell, &["chunked", "conditional"]),
    kind("siege", Runner::Shell, &["chunked", "conditional", "head", "cookies", "multipart"]),
    kind("nghttp", Runner::Shell, &[]),
    kind("h2load", Runner::Shell, &["chunked"]),
    kind("urllib", Runner::Python, &[]),
    kind("requests", Runner::Python, &[]),
    kind("httpx", Runner::Python, &[]),
    kind("aiohttp", Runner::Python, &[]),
    kind("http", Runner::Node, &[]),
    kind("fetch", Runner::Node, &[]),
];

impl Kind {
    fn command(&self, setup: &Setup, way: Door) -> Command {
        let (scheme, address) = match way {
            Door::Plain => ("http", setup.plain),
            Door::Tls => ("https", setup.tls),
        };
        let base = format!("{scheme}://{HOST}:{}", address.port());
        let authority = &setup.certificate.chain;
        let mut command = match self.run {
            Runner::Shell => {
                let folder = setup.folder.join(&format!("{}-{scheme}", self.name));
                fs::create_dir(&folder).expect("the folder is ours");
                fs::copy(authority, folder.join("authority.pem")).expect("the folder is ours");
                let mut command = Command::new("sh");
                command.args(["-c", SHELL, "shapes", self.name, &base]);
                command.arg(format!("{scheme}://{address}")).arg(folder);
                command
            }
            Runner::Python => {
                let mut command = Command::new(PYTHON);
                command.args(["-c", PYTHON_SCRIPT, self.name, &base]).arg(authority);
                command
            }
            Runner::Node => {
                let mut command = Command::new("node");
                command.args(["-e", NODE_SCRIPT, "--", self.name, &base]);
                command.env("NODE_EXTRA_CA_CERTS", authority);
                command
            }
        };
        command.env("NO_PROXY", "*").env("no_proxy", "*");
        command
    }

    /// What is wrong with the shapes of this client by one door.
    fn faults(&self, setup: &Setup, way: Door) -> Vec<String> {
        let ran = run(&mut self.command(setup, way), SOON * 2);
        let served: Vec<&str> =
            ran.out.lines().filter_map(|line| line.trim_end().strip_prefix("ok ")).collect();
        let expected = ALL.iter().filter(|shape| !self.lacks.contains(shape));
        let missing = expected.filter(|shape| !served.contains(shape));
        let name = self.name;
        let mut faults: Vec<_> =
            missing.map(|shape| format!("{name} {way:?}: {shape} was not served")).collect();
        let wrong = ran.out.lines().filter(|line| line.starts_with("WRONG"));
        faults.extend(wrong.map(|line| format!("{name} {way:?}: {line}")));
        if !faults.is_empty() {
            faults.push(ran.err.chars().take(2_000).collect());
        }
        faults
    }
}

#[derive(Debug, Clone, Copy)]
enum Door {
    Plain,
    Tls,
}

#[test]
fn no_valid_shape_of_real_clients_is_refused() {
    if !needs("clients::shapes::no_valid_shape_of_real_clients_is_refused", &PROGRAMS) {
        return;
    }
    let origin = Origin::start();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut faults = Vec::new();
    for kind in KINDS {
        for way in [Door::Plain, Door::Tls] {
            faults.extend(kind.faults(&setup, way));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    // curl stands twice.
    figure("clients.shapes", KINDS.len() - 1, "clients");
}
