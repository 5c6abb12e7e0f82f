//! What is asked of a demo, one test for each.

use super::play::{Ports, Running, ended, get, scratch};
use super::story::{Line, Totals, number_before, seconds_before};
use seawall_types::Record;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// When the flood of a demo of 40 s begins: after a third of it.
const FLOOD_AT: f64 = 40.0 / 3.0;

#[test]
fn a_flood_is_met_relieved_and_told_with_what_was_measured() {
    let ports = Ports::free();
    let temporary = scratch("flood");
    let mut demo = Running::start(&ports, &temporary, &["--for", "40s"]);
    let mut metrics_in_flood = String::new();
    demo.read_until("ready");
    assert!(get(ports.control, "/readyz").starts_with("HTTP/1.1 200"));
    while let Some(line) = demo.next_line() {
        if line.contains("  mitigation  ") && metrics_in_flood.is_empty() {
            metrics_in_flood = get(ports.control, "/metrics");
        }
    }
    let (code, output) = demo.end();
    assert_eq!(code, Some(0), "{output}");
    println!("FIGURE demo.exit 0 code");
    let lines = Line::all(&output);
    check_order(&lines, &output);
    let limited = r#"seawall_requests_total{platform="donate",verdict="limit",reason="rate"} "#;
    let limited = metrics_in_flood.lines().find_map(|line| line.strip_prefix(limited));
    assert!(limited.and_then(|count| count.parse::<f64>().ok()) > Some(0.0), "{metrics_in_flood}");
    let totals = Totals::of(&output);
    assert!(totals.visitors_asked > 500.0, "{output}");
    assert!(totals.flood_limited > 1_000.0, "{output}");
    assert!(totals.flood_limited <= totals.stopped, "{output}");
    let share = 100.0 * totals.visitors_ok / totals.visitors_asked;
    println!("FIGURE demo.visitors_ok {share:.2} %");
    assert!(share >= 99.0, "{output}");
    check_incident(&output);
    check_state(&temporary, &output, totals.stopped);
}

/// Calm before the flood, then the limit, then relief, then its end, then calm again.
fn check_order(lines: &[Line], output: &str) {
    let first = |word: &str| lines.iter().position(|line| line.word == word);
    let places = ["calm", "mitigation", "relief", "end"].map(first);
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{output}");
    assert_eq!(lines.last().unwrap().word, "calm", "{output}");
    for line in lines {
        let told = ["calm", "finding", "mitigation", "relief", "end"];
        assert!(told.contains(&line.word.as_str()), "{line:?}");
        let is_finding = line.word == "finding";
        assert!(!is_finding || line.at >= FLOOD_AT && line.text.starts_with("donate"), "{line:?}");
        let stops = line.text.contains("stopped");
        assert!(!stops || line.at >= FLOOD_AT, "stopped before the flood: {line:?}");
    }
    let of = |word: &str| lines.iter().find(|line| line.word == word).unwrap();
    // The ladder may take up a measure of its own before.
    let is_limit = |line: &&Line| line.word == "mitigation" && line.text.contains("rps stopped");
    let mitigation = lines.iter().find(is_limit).expect(output);
    assert!(number_before(&mitigation.text, "rps stopped") > 0.0);
    // Admission takes the first blow: the origin need not have been overrun.
    assert!(number_before(&mitigation.text, "x capacity") > 0.1, "{output}");
    let relief = of("relief");
    assert!(number_before(&relief.text, "x capacity") <= 1.0, "{relief:?}");
    let took = seconds_before(&relief.text, "after the limit began to act");
    println!("FIGURE demo.relief_s {took:.1} s");
    assert!(took < 10.0, "{relief:?}");
    assert!(number_before(&of("end").text, "stopped,") > 1_000.0, "{output}");
}

/// The closing lines name the incident of the flooded platform, and the command that they give
/// renders its report.
fn check_incident(output: &str) {
    let named = output.lines().find(|line| line.starts_with("Incident donate-")).expect(output);
    assert!(named.contains(" on donate ("), "{named}");
    let command = output.lines().find_map(|line| line.strip_prefix("  seawall incident report "));
    let words = command.expect(output).split(' ');
    let mut report = Command::new(env!("CARGO_BIN_EXE_seawall"));
    let report = report.args(["incident", "report"]).args(words).output().unwrap();
    let text = String::from_utf8(report.stdout).unwrap();
    assert!(report.status.success(), "{text}");
    assert!(text.starts_with("INCIDENT donate-"), "{text}");
    assert!(text.contains("\nThe evidence holds"), "{text}");
}

/// The folder is kept, and every request in it reads back.
fn check_state(temporary: &Path, output: &str, stopped: f64) {
    let folder = output.lines().find_map(|line| line.strip_prefix("Kept: ")).unwrap();
    assert!(Path::new(folder).starts_with(temporary), "{folder}");
    let mut of_limit = 0.0;
    for file in fs::read_dir(Path::new(folder).join("requests")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            let record: Record = serde_json::from_str(line).expect(line);
            assert!(["www", "donate", "events"].contains(&record.platform.as_deref().unwrap()));
            of_limit += f64::from(u8::from(record.status == Some(429)));
        }
    }
    // A record may be lost where the disk is slow, never invented.
    assert!(of_limit <= stopped && of_limit >= 0.9 * stopped, "{of_limit} of {stopped}");
    fs::remove_dir_all(temporary).unwrap();
}

#[test]
fn without_a_flood_everything_told_is_calm() {
    let ports = Ports::free();
    let temporary = scratch("calm");
    let mut demo = Running::start(&ports, &temporary, &["--no-attack", "--for", "6s"]);
    demo.read_until("ready");
    let page = get(ports.plain, "/");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("www"), "{page}");
    while demo.next_line().is_some() {}
    let (code, output) = demo.end();
    assert_eq!(code, Some(0), "{output}");
    let lines = Line::all(&output);
    assert!(!lines.is_empty() && lines.iter().all(|line| line.word == "calm"), "{output}");
    assert!(!output.contains("The flood counted"), "{output}");
    fs::remove_dir_all(temporary).unwrap();
}

#[test]
fn an_interrupted_demo_closes_with_its_totals() {
    let ports = Ports::free();
    let temporary = scratch("interrupted");
    let mut demo = Running::start(&ports, &temporary, &[]);
    demo.read_until("ready");
    demo.interrupt();
    while demo.next_line().is_some() {}
    let (code, output) = demo.end();
    assert_eq!(code, Some(0), "{output}");
    assert!(output.contains("\nKept: "), "{output}");
    fs::remove_dir_all(temporary).unwrap();
}

#[test]
fn ports_in_use_are_named_and_nothing_is_left_behind() {
    let ports = Ports::free();
    let temporary = scratch("ports");
    let _tls = std::net::TcpListener::bind(ports.tls).unwrap();
    let _control = std::net::TcpListener::bind(ports.control).unwrap();
    let (code, errors) = ended(&ports, &temporary);
    assert_eq!(code, Some(1), "{errors}");
    for held in [ports.tls, ports.control] {
        assert!(errors.contains(&format!("cannot listen on {held}")), "{errors}");
    }
    assert!(!errors.contains(&ports.plain.to_string()), "{errors}");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    fs::remove_dir_all(temporary).unwrap();
}

#[test]
fn addresses_off_this_machine_are_refused() {
    let temporary = scratch("off");
    let ports = Ports {
        plain: "0.0.0.0:8080".parse().unwrap(),
        tls: "0.0.0.0:8443".parse().unwrap(),
        control: "192.0.2.1:9180".parse().unwrap(),
    };
    let (code, errors) = ended(&ports, &temporary);
    assert_eq!(code, Some(2), "{errors}");
    assert!(
        errors.contains("--listen 0.0.0.0:8080") && errors.contains("--control 192.0.2.1:9180")
    );
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    fs::remove_dir_all(temporary).unwrap();
}

#[test]
fn a_reader_that_is_gone_does_not_end_the_demo() {
    let ports = Ports::free();
    let temporary = scratch("reader");
    let mut demo = Running::start(&ports, &temporary, &["--no-attack", "--for", "6s"]);
    demo.read_until("ready");
    demo.close_stdout();
    let (code, _) = demo.end_within(Duration::from_secs(30));
    assert_eq!(code, Some(0));
    fs::remove_dir_all(temporary).unwrap();
}
