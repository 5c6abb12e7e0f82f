//! Every recording that the project carries.

use super::{data, replay, summary};
use crate::fixtures::figure;
use serde_json::json;

/// What each of a peer's test cases holds: records, lines that are not read, requests that the
/// strict gate would not let through.
const CASES: [(&str, u64, u64, u64); 8] = [
    ("apache-http-probing", 77, 0, 3),
    ("http-dos-invalid-http-versions", 6, 0, 3),
    ("http-dos-random-uri", 66, 0, 0),
    ("nginx-http-malformed", 12, 0, 12),
    ("nginx-http-open-proxy", 2, 0, 1),
    ("nginx-http-xss-probing", 26, 0, 8),
    ("nginx_http-logs", 8, 1, 0),
    ("traefik_base-http-scenario", 80, 0, 1),
];

/// A capture, the share that its vectors explain at least, its vector, whether it is forged.
const CAPTURES: [(&str, f64, &str, &str); 3] = [
    ("amp.TCP.reflection.SYNACK.pcap", 0.97, "tcp: syn-ack reflection", "unlikely"),
    ("amp.UDP.snmp.src161.pcapng", 0.96, "udp: snmp reflection", "unlikely"),
    ("pkt.TCP.DOMINATE.syn.ecn.cwr.pcapng", 0.99, "tcp: syn", "likely"),
];

#[test]
fn every_recording_of_the_project_is_read_to_its_end() {
    let mut inputs = 0;
    let log = data("logs/apache-first-5000.log.gz");
    let ran = replay([log.as_os_str(), "--json".as_ref()]);
    let told = summary(&ran);
    assert_eq!((&told["records"], &told["unread"]), (&json!(5_000), &json!(0)), "{ran:?}");
    inputs += 1;
    for (name, covered, vector, spoofed) in CAPTURES {
        let file = data("pcap").join(name);
        let told = summary(&replay([file.as_os_str(), "--json".as_ref()]));
        let capture = &told["captures"][0];
        assert_eq!(told["unread"], json!(0));
        assert_eq!((&capture["vectors"], &capture["spoofed"]), (&json!([vector]), &json!(spoofed)));
        assert!(capture["covered"].as_f64().expect("a share") >= covered, "{capture}");
        inputs += 1;
    }
    for (name, records, unread, faulty) in CASES {
        let file = data("crowdsec").join(format!("{name}.log.gz"));
        let ran = replay([file.as_os_str(), "--json".as_ref()]);
        let told = summary(&ran);
        assert_eq!(
            (&told["records"], &told["unread"]),
            (&json!(records), &json!(unread)),
            "{ran:?}"
        );
        let errors = &told["verdicts"]["www"]["error"];
        assert_eq!(errors.as_u64().unwrap_or(0), faulty, "{name}: {told}");
        let named = ran.err.lines().filter(|line| line.contains(": not read: ")).count();
        assert_eq!(named as u64, unread, "{ran:?}");
        inputs += 1;
    }
    figure("replay.data", inputs, "inputs");
}
