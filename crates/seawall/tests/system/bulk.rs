//! Large bodies in both directions: whole, and without the shield growing with them.

use crate::fixtures::bulk_origin::BulkOrigin;
use crate::fixtures::curl::{Way, curl};
use crate::fixtures::{Client, Folder, SOON, Setup, Shield, figure, needs, run};
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

const SOURCE: Ipv4Addr = Ipv4Addr::new(127, 0, 15, 1);
/// Bytes of each body: more than any buffer or counter of 32 bits with a sign.
const LENGTH: u64 = 2 << 30;
/// What the shield may grow by while four of them pass.
const GROWTH_KIB_MAX: u64 = 32 * 1024;

/// Which way a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Up,
    Down,
}

#[test]
fn two_gibibytes_up_and_down_pass_whole_and_the_shield_does_not_grow() {
    let test = "bulk::two_gibibytes_up_and_down_pass_whole_and_the_shield_does_not_grow";
    if !needs(test, &["curl"]) {
        return;
    }
    let origin = BulkOrigin::start(LENGTH);
    let setup = Setup::before(origin.address);
    let shield = Shield::start(&setup);
    let folder = Folder::new();
    let file = folder.join("zeros");
    // A hole takes no room.
    fs::File::create(&file).and_then(|file| file.set_len(LENGTH)).expect("the folder is ours");
    let mut warm = Client::plain(setup.plain);
    warm.send("PUT / HTTP/1.1\r\nhost: www.example.org\r\ncontent-length: 1\r\n\r\nx");
    assert_eq!(warm.answer().text(), "1");
    let before = shield.memory_kib();
    let over = AtomicBool::new(false);
    let most = thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut most = before;
            while !over.load(Relaxed) {
                most = most.max(shield.memory_kib());
                thread::sleep(Duration::from_millis(50));
            }
            most
        });
        let ways = [Way::PlainH1, Way::PlainH2];
        let bodies = ways.iter().flat_map(|way| [(*way, Body::Up), (*way, Body::Down)]);
        let passing: Vec<_> = bodies
            .map(|(way, body)| {
                let (setup, file) = (&setup, &file);
                scope.spawn(move || (way, body, pass(setup, (way, body), file)))
            })
            .collect();
        let passed: Vec<_> = passing.into_iter().map(thread::ScopedJoinHandle::join).collect();
        over.store(true, Relaxed);
        for passed in passed {
            let (way, body, bytes) = passed.expect("curl ended well");
            assert_eq!(bytes, LENGTH, "{way:?} {body:?}");
        }
        watching.join().expect("the shield lives")
    });
    let growth = most.saturating_sub(before);
    figure("bulk.growth", growth.div_ceil(1024), "MiB");
    assert!(growth < GROWTH_KIB_MAX, "{growth} KiB more than {before}");
}

/// Lets one body pass; how many bytes came whole.
fn pass(setup: &Setup, (way, body): (Way, Body), file: &Path) -> u64 {
    let mut command = curl(setup, way, SOURCE);
    // The last one given counts.
    command.args(["--max-time", "120", "--fail"]).arg(way.url(setup, "/"));
    match body {
        Body::Up => command.arg("--upload-file").arg(file).args(["-H", "Expect:"]),
        Body::Down => command.args(["--output", "/dev/null", "--write-out", "%{size_download}"]),
    };
    let told = run(&mut command, SOON * 7).good();
    told.trim().parse().expect("a number")
}
