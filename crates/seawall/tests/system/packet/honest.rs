//! An honest browser through a program that drops.

use super::wire::inside;
use super::{before, look, wait_for_mode};
use crate::fixtures::{Counting, Folder, HOST, SOON, Setup, Shield, figure, needs, run, wait_for};
use std::process::Command;
use std::time::Duration;

/// Packets of a visit, at the least: two connections, each with its end.
const FEWEST: u64 = 12;

#[test]
fn no_packet_of_an_honest_browser_is_dropped() {
    let name = "packet::honest::no_packet_of_an_honest_browser_is_dropped";
    if !needs(name, &["chromium"]) || !inside(name) {
        return;
    }
    let origin = Counting::start(Duration::ZERO);
    let mut setup = before(&origin, "mode = \"native\"\narmed = true");
    setup.tls = "203.0.113.2:8443".parse().expect("an address");
    let _shield = Shield::start(&setup);
    wait_for_mode(&setup, "native", true);
    // A browser breaks off what it does when an address of its own comes or changes.
    wait_for("settled addresses", SOON, || {
        let mut asked = Command::new("ip");
        asked.args(["-n", "peer", "-o", "addr", "show", "dev", "sw1"]);
        let told = run(&mut asked, SOON).good();
        (told.contains("inet6") && !told.contains("tentative")).then_some(())
    });
    for (scheme, address) in [("http", setup.plain), ("https", setup.tls)] {
        let shown = visit(&format!("{scheme}://{HOST}:{}/", address.port()));
        assert!(shown.contains("ok"), "{scheme}: {shown}");
    }
    wait_for("packets of both visits", SOON, || (packets(&setup, "pass") >= FEWEST).then_some(()));
    let dropped = packets(&setup, "drop");
    figure("packet.honest_dropped", dropped, "packets");
    assert_eq!(dropped, 0, "{}", look(&setup));
}

/// What a browser of the clients shows.
fn visit(url: &str) -> String {
    let profile = Folder::new();
    let mut browser = Command::new("ip");
    browser.args(["netns", "exec", "peer", "chromium", "--headless", "--no-sandbox"]);
    browser.args(["--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
    browser.args(["--disable-background-networking", "--disable-component-update"]);
    browser.args(["--ignore-certificate-errors", "--disable-features=HttpsUpgrades"]);
    browser.arg(format!("--host-resolver-rules=MAP {HOST} 203.0.113.2"));
    browser.arg(format!("--user-data-dir={}", profile.join("profile").display()));
    run(browser.args(["--dump-dom", url]), 3 * SOON).good()
}

/// Packets that came to this so far.
fn packets(setup: &Setup, verdict: &str) -> u64 {
    let look = look(setup);
    let all = look["packets"].as_array().expect("a list").iter();
    let of = all.filter(|one| one["verdict"] == verdict);
    of.map(|one| one["packets"].as_u64().expect("a number")).sum()
}
