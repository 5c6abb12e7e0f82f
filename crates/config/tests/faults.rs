//! Golden: what a person reads who got nearly everything wrong.

use expect_test::{Expect, expect, expect_file};
use seawall_config::parse;
use std::path::Path;

fn told(text: &str) -> String {
    match parse(text, Path::new("seawall.toml")) {
        Ok(_) => "no fault".to_owned(),
        Err(faults) => faults.to_string(),
    }
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&told(text));
}

#[test]
fn every_fault_of_a_file_is_told_together_with_place_value_and_remedy() {
    let told = told(include_str!("faults/nearly_everything.toml"));
    expect_file!["faults/nearly_everything.txt"].assert_eq(&told);
}

#[test]
fn values_that_fit_alone_and_contradict_each_other_are_told_with_both_lines() {
    let told = told(include_str!("faults/contradictions.toml"));
    expect_file!["faults/contradictions.txt"].assert_eq(&told);
}

#[test]
fn every_value_that_needs_a_part_not_yet_built_is_told_with_its_line() {
    let told = told(include_str!("faults/not_built.toml"));
    expect_file!["faults/not_built.txt"].assert_eq(&told);
}

#[test]
fn an_empty_file_is_told_what_it_needs() {
    check(
        "",
        &expect![[r#"
        seawall.toml:1: state_dir is missing; write state_dir = "/var/lib/seawall"
        seawall.toml:1: no listener is written; add a table [[listener]]
        seawall.toml:1: no platform is written; add a table [[platform]]"#]],
    );
}

#[test]
fn a_slip_inside_a_value_leaves_the_rest_of_the_file_to_be_judged() {
    check(
        "drain = 5 s\nworkers = 0\n[limit]\nsource_rps = \"x\"\n[log]\nrequests = all\nmax_size = 3",
        &expect![[r#"
            seawall.toml:1: `5 s` is not TOML: string values must be quoted, expected literal string
            seawall.toml:2: workers is 0; it must be "auto" or at least 1 (default "auto")
            seawall.toml:3: unknown table limit; did you mean limits?
            seawall.toml:6: `all` is not TOML: string values must be quoted, expected literal string
            seawall.toml:7: log.max_size is 3; a size is whole and carries its unit, such as "512 B", "64 KiB" or "2 GiB" (default "256 MiB")"#]],
    );
}

#[test]
fn after_a_slip_in_the_structure_nothing_is_guessed() {
    check(
        "drain = 5\n[[platform]\nhosts = 3\n[[listener]]\nprotocols = [\"h1\"\naddress = 3\n",
        &expect![[r#"
            seawall.toml:1: drain is 5; a duration carries its unit, such as "500ms", "5s", "10m", "1h" or "30d" (default "10s")
            seawall.toml:2: `[[platform]` is not TOML: unclosed array table, expected `]`"#]],
    );
    check(
        "[listener]\naddress = 3\n[listener]\naddress = 4\n",
        &expect![
            "seawall.toml:3: `listener` is not TOML: duplicate key; write [[listener]] for each"
        ],
    );
}

#[test]
fn a_table_in_the_wrong_form_is_told_the_right_one() {
    check(
        "state_dir = \"s\"\nlistener = 3\nlog = \"all\"\n[platform]\nname = \"a\"\n[[limits]]\n[[lane]]\n",
        &expect![[r#"
            seawall.toml:2: listener is 3; write it as one or more tables [[listener]]
            seawall.toml:3: log is "all"; write it as a table [log]
            seawall.toml:4: platform is a single table; write it as one or more tables [[platform]]
            seawall.toml:6: limits is a list; write it as a table [limits]
            seawall.toml:7: lane.name is missing; write name = "staff"
            seawall.toml:7: lane says nobody who is in it; set one of invites, client_ca_file, networks, keys_file, webhook_secret_file, agents, bot_keys_file, routes"#]],
    );
}

#[test]
fn a_check_that_no_path_may_show_is_no_remedy() {
    let file = |spared: &str| {
        format!(
            "state_dir = \"s\"\n[[listener]]\naddress = \"192.0.2.1:80\"\n[[platform]]\n\
             name = \"www\"\nhosts = [\"a.org\"]\norigins = [\"http://10.0.0.5\"]\n\
             challenge = \"always\"\nno_challenge = [{spared}]"
        )
    };
    check(
        &file("\"/api/\", \"/\""),
        &expect![[r#"
            seawall.toml:8: platform.challenge is "always", and platform.no_challenge leaves "/" alone, which is every path; write "auto", or name the paths that cannot be challenged"#]],
    );
}

#[test]
fn a_lane_has_a_name_of_its_own_a_way_in_and_all_that_the_way_needs() {
    let file = |tables: &str| {
        format!(
            "state_dir = \"s\"\n[[listener]]\naddress = \"192.0.2.1:80\"\n[[platform]]\n\
             name = \"www\"\nhosts = [\"a.org\"]\norigins = [\"http://10.0.0.5\"]\n{tables}"
        )
    };
    check(
        &file(
            "[[lane]]\nname = \"a\"\ninvites = false\n[[lane]]\nname = \"a\"\nplatforms = [\"shop\"]\n\
             client_ca_file = \"ca.pem\"\nwebhook_paths = [\"/hook\"]\nagents = [\"Examplebot\"]\nroutes = [\"app\"]\nrate = \"0 rps\"",
        ),
        &expect![[r#"
            seawall.toml:8: lane says nobody who is in it; set one of invites, client_ca_file, networks, keys_file, webhook_secret_file, agents, bot_keys_file, routes
            seawall.toml:12: lane.name is "a", as in line 9; each lane has its own
            seawall.toml:13: lane.platforms holds "shop"; there is no platform of that name
            seawall.toml:14: lane.client_ca_file is set; no listener has tls = true, so nobody can show a certificate
            seawall.toml:15: lane.webhook_paths is set; webhook_secret_file must say how they are known
            seawall.toml:16: lane.agents is set; ranges_file or names must say how they are confirmed
            seawall.toml:17: lane.routes holds "app"; a path begins with a slash and has at most 1024 characters of printable ASCII
            seawall.toml:18: lane.rate is "0 rps"; it must be above 0 rps (default "50 rps")"#]],
    );
    check(
        &file("[[lane]]\nname = \"a\"\ninvites = true\nplatforms = [\"www\"]"),
        &expect!["no fault"],
    );
}

#[test]
fn everybody_is_nobody_to_trust() {
    let file = |tables: &str| {
        format!(
            "state_dir = \"s\"\n[[listener]]\naddress = \"192.0.2.1:80\"\nproxy_protocol = true\n\
             [[platform]]\nname = \"www\"\nhosts = [\"a.org\"]\norigins = [\"http://10.0.0.5\"]\n{tables}"
        )
    };
    check(
        &file("[trusted]\nnetworks = [\"10.0.0.0/8\", \"0.0.0.0/0\", \"::/0\"]"),
        &expect![[r#"
            seawall.toml:10: trusted.networks holds "0.0.0.0/0"; anyone could then claim any address: list the networks of your proxies alone
            seawall.toml:10: trusted.networks holds "::/0"; anyone could then claim any address: list the networks of your proxies alone"#]],
    );
    check(
        &file("[trusted]\nnetworks = []"),
        &expect![
            "seawall.toml:4: listener.proxy_protocol is true, but nobody is trusted to send a header; list the networks of your proxies in trusted.networks"
        ],
    );
    check(&file("[trusted]\nnetworks = [\"10.0.0.0/8\"]"), &expect!["no fault"]);
}
