//! A page with its sub-resources in Chromium and Firefox: what they make of it through the shield
//! is what Chromium makes of it going straight.

use super::origin::Origin;
use crate::fixtures::chromium::{chromium, quietly};
use crate::fixtures::firefox::Firefox;
use crate::fixtures::records::records;
use crate::fixtures::{Folder, HOST, Setup, Shield, figure, needs, wait_for};
use serde_json::Value;
use std::time::Duration;

/// How long a browser may take to start and load the page on a busy machine.
const LOADED: Duration = Duration::from_mins(1);

#[test]
fn browsers_make_the_same_of_a_page_through_the_shield_as_going_straight() {
    let test =
        "clients::browsers::browsers_make_the_same_of_a_page_through_the_shield_as_going_straight";
    if !needs(test, &["chromium", "firefox-esr"]) {
        return;
    }
    let origin = Origin::start();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let straight = by_chromium(&origin, &format!("http://{}/site/", origin.address));
    assert_eq!(straight["told"]["many"], 30, "{straight}");
    let through = format!("https://{HOST}:{}/site/", setup.tls.port());
    let plain = format!("http://{HOST}:{}/site/", setup.plain.port());
    for (browser, report, protocol) in [
        ("Chromium", by_chromium(&origin, &through), "h2"),
        ("Chromium", by_chromium(&origin, &plain), "http/1.1"),
        ("Firefox", by_firefox(&origin, &through), "h2"),
        ("Firefox", by_firefox(&origin, &plain), "http/1.1"),
    ] {
        assert_eq!(report["told"], straight["told"], "{browser} by {protocol}");
        assert_eq!(report["protocol"], protocol, "{browser}");
    }
    figure("clients.browsers", 2, "browsers");
}

/// Between the page of a check and the page that was asked for.
const PASSED_WITHIN_S: f64 = 3.0;

#[test]
fn browsers_pass_a_check_within_three_seconds_by_one_page_and_land_on_what_they_asked_for() {
    let test = "clients::browsers::browsers_pass_a_check_within_three_seconds_by_one_page_and_land_\
                on_what_they_asked_for";
    if !needs(test, &["chromium", "firefox-esr"]) {
        return;
    }
    let origin = Origin::start();
    for (name, visit) in [("Chromium", by_chromium as Visit), ("Firefox", by_firefox)] {
        for scheme in ["http", "https"] {
            let setup = Setup::before(origin.address).platform("challenge = \"always\"");
            let setup = setup.tables("[log]\nrequests = \"all\"");
            let shield = Shield::start(&setup);
            let port = if scheme == "http" { setup.plain.port() } else { setup.tls.port() };
            let report = visit(&origin, &format!("{scheme}://{HOST}:{port}/site/?a=1"));
            assert_eq!(report["told"]["many"], 30, "{name} by {scheme}: {report}");
            // Its end makes sure that all is written.
            drop(shield);
            let records = records(&setup);
            let of = |verdict: &str| {
                let pages = records.iter().filter(|one| one["path"] == "/site/?a=1");
                let times = pages.filter(|one| one["verdict"] == verdict);
                times.filter_map(|one| one["t"].as_f64()).collect::<Vec<_>>()
            };
            let (asked, served) = (of("challenge"), of("admit"));
            assert_eq!((asked.len(), served.len()), (1, 1), "{name} by {scheme}: {records:?}");
            let took = served[0] - asked[0];
            assert!(took <= PASSED_WITHIN_S, "{name} by {scheme}: {took} s");
            figure(&format!("challenge.{name}.{scheme}"), took, "s");
        }
    }
}

/// Has a browser go to a page and gives what that reports.
type Visit = fn(&Origin, &str) -> Value;

fn report_of(origin: &Origin) -> Value {
    let report = wait_for("report of a browser", LOADED, || origin.report());
    serde_json::from_str(&report).expect("the page reports JSON")
}

fn by_chromium(origin: &Origin, url: &str) -> Value {
    let profile = Folder::new();
    let _running = quietly(chromium(profile.path()).arg(url));
    report_of(origin)
}

fn by_firefox(origin: &Origin, url: &str) -> Value {
    let mut firefox = Firefox::start(&[]);
    firefox.visit(url);
    report_of(origin)
}
