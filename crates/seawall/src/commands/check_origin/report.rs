//! What was found, for people and for programs.

use super::ask::Carriage;
use super::firewall::Gate;
use super::way::{Finding, Sight};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

/// Everything that one run found.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) findings: Vec<Finding>,
    /// What could not be asked, each a sentence.
    pub(super) unasked: Vec<String>,
    /// What could not be told, each a sentence.
    pub(super) unclear: Vec<String>,
    pub(super) doors: Vec<Door>,
    pub(super) gates: Vec<Gate>,
}

/// Where somebody else would knock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Door {
    pub(super) address: SocketAddr,
    pub(super) carriage: Carriage,
    pub(super) host: String,
}

impl Door {
    /// One command that knocks from another machine.
    fn curl(&self) -> String {
        let Self { address, host, .. } = self;
        let base = "curl -sS -m 5 -o /dev/null -w '%{http_code}\\n'";
        let port = address.port();
        let ip = match address.ip() {
            _ if self.is_on_this_machine() => THIS_MACHINE.to_owned(),
            IpAddr::V6(v6) => format!("[{v6}]"),
            IpAddr::V4(v4) => v4.to_string(),
        };
        match self.carriage {
            Carriage::Plain => format!("{base} -H 'Host: {host}' http://{ip}:{port}/"),
            Carriage::Tls => {
                format!("{base} -k --resolve '{host}:{port}:{ip}' https://{host}:{port}/")
            }
        }
    }

    fn is_on_this_machine(&self) -> bool {
        self.address.ip().is_loopback()
    }
}

/// What stands for a loopback address, which is another machine everywhere else.
const THIS_MACHINE: &str = "THIS-MACHINE";

/// What a check from the shield's own machine cannot tell.
const BLIND: &str = "\
Not seen from here: whether a firewall shuts others out, since it lets the shield in; addresses in
mail that the origin sends, in old DNS records, in archives of scans and certificates.";

/// What an origin at a loopback address is told of.
const ON_THIS_MACHINE: &str = " stands for each address of this machine that others can reach: an \
                               origin beside the shield\nis closed to them only while it listens \
                               at its loopback address alone (ss -ltn).\n";

impl Report {
    /// For people.
    pub(super) fn text(&self) -> String {
        let mut out = match self.findings.len() {
            0 => "no way around the shield found\n".to_owned(),
            1 => "1 way around the shield\n".to_owned(),
            count => format!("{count} ways around the shield\n"),
        };
        for finding in &self.findings {
            push(&mut out, finding);
        }
        for (title, sentences) in [("could not ask", &self.unasked), ("unclear", &self.unclear)] {
            for sentence in sentences {
                out.extend(["\n", title, ": ", sentence, "\n"]);
            }
        }
        out.extend(["\n", BLIND, "\n"]);
        let doors: Vec<String> = self.doors.iter().map(Door::curl).collect();
        if !doors.is_empty() {
            out.push_str(
                "From another machine, anything but a failure to connect is a way around:\n",
            );
            indent(&mut out, &doors);
        }
        if self.doors.iter().any(Door::is_on_this_machine) {
            out.extend([THIS_MACHINE, ON_THIS_MACHINE]);
        }
        for gate in &self.gates {
            let port = gate.port;
            // A string takes every write.
            let _ =
                write!(out, "\nFirewall of the origin, which lets only the shield to port {port}");
            out.push_str(
                " (one of three; a port that Docker publishes needs it in DOCKER-USER):\n",
            );
            indent(&mut out, &gate.nftables());
            out.push('\n');
            indent(&mut out, &gate.iptables());
            out.push('\n');
            indent(&mut out, &gate.ufw());
        }
        out
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let firewall = |gate: &Gate| {
            json!({"port": gate.port, "nftables": gate.nftables(), "iptables": gate.iptables(),
                   "ufw": gate.ufw()})
        };
        json!({
            "findings": self.findings.iter().map(Finding::json).collect::<Vec<_>>(),
            "unasked": self.unasked,
            "unclear": self.unclear,
            "from_elsewhere": self.doors.iter().map(Door::curl).collect::<Vec<_>>(),
            "firewall": self.gates.iter().map(firewall).collect::<Vec<_>>(),
        })
    }
}

fn push(out: &mut String, finding: &Finding) {
    let Finding { way, platform, place, asked, answered, remedy, sight } = finding;
    out.extend(["\n", platform, ": ", place, " ", way.says(), "\n"]);
    for (title, text) in [("asked", asked), ("answered", answered), ("remedy", remedy)] {
        // A string takes every write.
        let _ = writeln!(out, "  {title:<9} {text}");
    }
    match sight {
        Sight::Everywhere => {}
        Sight::FromHere => {
            out.push_str("  elsewhere needs a look from another machine, by the command below\n");
        }
    }
}

fn indent(out: &mut String, lines: &[String]) {
    for line in lines {
        out.extend(["  ", line, "\n"]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::way::Way;
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_finding_says_what_was_asked_what_came_back_and_what_to_do() {
        let report = Report {
            findings: vec![Finding {
                way: Way::Direct,
                platform: "donate".to_owned(),
                place: "http://192.0.2.5:8080".to_owned(),
                asked: "GET / of donate.example.org as anybody can".to_owned(),
                answered: "200, 612 bytes".to_owned(),
                remedy: "let only the shield reach its port".to_owned(),
                sight: Sight::FromHere,
            }],
            doors: vec![
                Door {
                    address: "192.0.2.5:8080".parse().unwrap(),
                    carriage: Carriage::Plain,
                    host: "donate.example.org".to_owned(),
                },
                Door {
                    address: "127.0.0.1:81".parse().unwrap(),
                    carriage: Carriage::Plain,
                    host: "donate.example.org".to_owned(),
                },
                Door {
                    address: "[2001:db8::5]:8443".parse().unwrap(),
                    carriage: Carriage::Tls,
                    host: "donate.example.org".to_owned(),
                },
            ],
            ..Report::default()
        };
        expect![[r"
            1 way around the shield

            donate: http://192.0.2.5:8080 answers others directly
              asked     GET / of donate.example.org as anybody can
              answered  200, 612 bytes
              remedy    let only the shield reach its port
              elsewhere needs a look from another machine, by the command below

            Not seen from here: whether a firewall shuts others out, since it lets the shield in; addresses in
            mail that the origin sends, in old DNS records, in archives of scans and certificates.
            From another machine, anything but a failure to connect is a way around:
              curl -sS -m 5 -o /dev/null -w '%{http_code}\n' -H 'Host: donate.example.org' http://192.0.2.5:8080/
              curl -sS -m 5 -o /dev/null -w '%{http_code}\n' -H 'Host: donate.example.org' http://THIS-MACHINE:81/
              curl -sS -m 5 -o /dev/null -w '%{http_code}\n' -k --resolve 'donate.example.org:8443:[2001:db8::5]' https://donate.example.org:8443/
            THIS-MACHINE stands for each address of this machine that others can reach: an origin beside the shield
            is closed to them only while it listens at its loopback address alone (ss -ltn).
        "]]
        .assert_eq(&report.text());
    }

    #[test]
    fn nothing_found_still_says_what_cannot_be_seen() {
        let text = Report::default().text();
        assert!(text.starts_with("no way around") && text.contains("Not seen from here"), "{text}");
    }
}
