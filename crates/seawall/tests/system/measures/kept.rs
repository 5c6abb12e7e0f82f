//! What an operator set outlasts reloads, restarts and takeovers.

use super::{add, json_of, origin, setup, source, started, told, wanted};
use crate::fixtures::{SOON, Setup, Shield, seawall, wait_for};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::fs;

fn list(setup: &Setup) -> Vec<Value> {
    let answer = super::ask(setup, "GET", "/api/v1/mitigations", "");
    json_of(&answer)["mitigations"].as_array().expect("a list").clone()
}

fn refused(setup: &Setup) -> bool {
    told((source(1), setup.plain), "/shop").0 == 403
}

#[test]
fn a_measure_stands_again_after_a_restart_and_a_takeover_under_its_name() {
    let origin = origin();
    let setup = setup(&origin);
    let mut first = started(&setup);
    let id = add(&setup, &wanted(&json!({"path": "/shop"}), "refuse"));
    let until = list(&setup)[0]["expires_at"].clone();
    first.signal(Signal::TERM);
    first.ended(SOON);

    let mut second = started(&setup);
    assert!(refused(&setup), "before anything else is said");
    assert_eq!(list(&setup)[0]["id"], json!(id));
    let again = list(&setup)[0]["expires_at"].clone();
    assert_eq!(again.to_string()[..18], until.to_string()[..18], "to the second or next to it");
    let mut third = Shield::launch_as(seawall().args(["run", "-c"]).arg(setup.file()));
    third.ready();
    second.ended(SOON);
    assert!(refused(&setup), "after a takeover");
    drop(third);
}

#[test]
fn a_reload_keeps_measures_and_lifts_those_of_a_platform_that_is_gone() {
    let origin = origin();
    let extra = format!(
        "[[platform]]\nname = \"extra\"\nhosts = [\"extra.example.org\"]\norigins = [\"http://{}\"]\n",
        origin.address
    );
    let setup = setup(&origin).tables(&extra);
    let shield = started(&setup);
    add(&setup, &wanted(&json!({"path": "/shop"}), "refuse"));
    let mut on_extra = wanted(&json!({"path": "/"}), "refuse");
    on_extra["platform"] = json!("extra");
    add(&setup, &on_extra);
    assert_eq!(list(&setup).len(), 2);
    fs::write(setup.file(), setup.text().replace(&extra, "")).expect("written");
    shield.signal(Signal::HUP);
    wait_for("the reload", SOON, || (list(&setup).len() == 1).then_some(()));
    assert!(refused(&setup));
    assert_eq!(list(&setup)[0]["platform"], json!("www"));
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_thrown_away() {
    let origin = origin();
    let setup = setup(&origin);
    fs::create_dir_all(setup.state()).expect("a folder");
    fs::write(setup.state().join("measures.json"), "{\"version\": 1, \"measures\": 7}")
        .expect("ok");
    let shield = started(&setup);
    wait_for("the sentence", SOON, || {
        shield.err().contains("measures that were set before are thrown away").then_some(())
    });
    assert_eq!(told((source(1), setup.plain), "/").0, 200);
}
