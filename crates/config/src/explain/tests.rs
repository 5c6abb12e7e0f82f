#![expect(
    clippy::needless_raw_string_hashes,
    reason = "golden texts are written by the tool that compares them"
)]

use super::*;
use expect_test::{Expect, expect};

fn check(key: &str, current: Option<&str>, expected: &Expect) {
    let current = current.map(|text| (text, Path::new("seawall.toml")));
    let answer = explain(key, current).unwrap_or_else(|unknown| format!("{unknown}\n"));
    expected.assert_eq(&answer);
}

const FILE: &str = r#"
[[platform]]
name = "www"
capacity = "40 concurrent"
[[platform]]
capacity = "40"
[limits]
source_rps = "-3 rps"
on_exceed = "drop"
"#;

#[test]
fn a_key_is_explained_by_its_default_without_a_file() {
    check(
        "limits.source_rps",
        None,
        &expect![[r#"
        limits.source_rps = "off"
          from     default
          default  "off"
          bounds   "off", or above 0 rps and at most 1000000 rps
          why      Requests per second that one source may keep up. Many people share an address behind a carrier or an office, so leave room.
    "#]],
    );
    check(
        "state_dir",
        None,
        &expect![[r#"
        state_dir = (none; it must be written)
          from     nowhere: the file must say
          default  (none; it must be written)
          bounds   a path; a relative one starts from the file's folder
          why      Where state, evidence and keys live; made with mode 0700 when it is missing. Two shields that share it hand their listeners over.
    "#]],
    );
    check(
        "packet.mode",
        None,
        &expect![[r#"
            packet.mode = "auto"
              from     default
              default  "auto"
              bounds   "auto", "native", "generic", "nft" or "off"
              why      How packets are dropped in the kernel; "auto" takes the first that works and says which. A file without any key of this table leaves the packet layer off.
        "#]],
    );
}

#[test]
fn a_key_is_explained_with_the_lines_that_set_it() {
    check(
        "limits.on_exceed",
        Some(FILE),
        &expect![[r#"
        limits.on_exceed = "drop"
          from     seawall.toml:9
          default  "limit"
          bounds   "limit", "refuse", "drop" or "accept"
          why      What a request over the rate gets: 429, 403, a reset, or 429 once and then resets at accept while its source stays over.
    "#]],
    );
    check(
        "platform.capacity",
        Some(FILE),
        &expect![[r#"
            platform.capacity = "40 concurrent"
              from     seawall.toml:4
            platform.capacity = "40"
              from     seawall.toml:6
              fault    seawall.toml:6: platform.capacity is "40"; it must be "auto", "800 ms/s" (origin-milliseconds per second) or "40 concurrent" (default "auto")
              default  "auto"
              bounds   "auto", or above 0 ms/s and at most 10000000 ms/s (1 concurrent is 1000 ms/s)
              why      What its origins can carry together; "auto" learns it from their answers, "40 concurrent" is "40000 ms/s". Platforms that share an origin share its capacity.
        "#]],
    );
    check(
        "drain",
        Some(FILE),
        &expect![[r#"
            drain = "10s"
              from     default, not in seawall.toml
              default  "10s"
              bounds   from 0s to 10m
              why      How long open requests may finish after a stop. Whatever kills the service must wait longer than this.
        "#]],
    );
}

#[test]
fn a_fault_of_the_key_is_part_of_the_answer() {
    check(
        "limits.source_rps",
        Some(FILE),
        &expect![[r#"
        limits.source_rps = "-3 rps"
          from     seawall.toml:8
          fault    seawall.toml:8: limits.source_rps is "-3 rps"; it must be above 0 rps (default "off")
          default  "off"
          bounds   "off", or above 0 rps and at most 1000000 rps
          why      Requests per second that one source may keep up. Many people share an address behind a carrier or an office, so leave room.
    "#]],
    );
    check(
        "fleet.servers",
        Some("fleet.servers = 3"),
        &expect![[r#"
            fleet.servers = 3
              from     seawall.toml:1
              fault    seawall.toml:1: fleet.servers is 3; the part that joins nodes is not built in this version; remove the line
              default  none
              bounds   not yet settled
              why      The engine that joins nodes; without it, one node.
              built    no: the part that joins nodes is not built in this version
        "#]],
    );
    check(
        "drain",
        Some("drain = 5 s"),
        &expect![[r#"
            drain = 5 s
              from     seawall.toml:1
              fault    seawall.toml:1: `5 s` is not TOML: string values must be quoted, expected literal string
              default  "10s"
              bounds   from 0s to 10m
              why      How long open requests may finish after a stop. Whatever kills the service must wait longer than this.
        "#]],
    );
}

#[test]
fn an_unknown_key_is_told_what_it_may_have_been() {
    check(
        "limits.source_rp",
        None,
        &expect![[r#"
            unknown key limits.source_rp; did you mean limits.source_rps?
        "#]],
    );
    check(
        "source_rps",
        None,
        &expect![[r#"
            unknown key source_rps; did you mean limits.source_rps?
        "#]],
    );
    check(
        "allow",
        None,
        &expect![[r#"
            allow is a table; it holds allow.networks
        "#]],
    );
    check(
        "log",
        None,
        &expect![[r#"
            log is a table; it holds log.requests, log.max_size
        "#]],
    );
    check(
        "",
        None,
        &expect![[r#"
            unknown key ""; `seawall config default` shows every key
        "#]],
    );
    check(
        "frobnicate.everything",
        None,
        &expect![[r#"
            unknown key frobnicate.everything; `seawall config default` shows every key
        "#]],
    );
}
