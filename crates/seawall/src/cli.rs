//! The command line.

use crate::commands::documents::form;
use clap::{Args, Parser, Subcommand};
use seawall_report::Form;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Keeps an organisation's public platforms online while they are flooded.
#[derive(Debug, Parser)]
#[command(name = "seawall", version, max_term_width = 100)]
#[command(
    after_help = "Try it now, without root and without a configuration:\n  seawall demo --for 60s"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show everything at work on loopback: platforms, visitors, a flood, the shield between.
    #[command(
        after_help = "Examples:\n  seawall demo --for 60s\n  seawall demo --no-attack --listen 127.0.0.1:9000"
    )]
    Demo(Demo),
    /// Run the shield in the foreground; prints `ready` when every listener answers.
    #[command(after_help = "Example:\n  seawall run -c /etc/seawall/seawall.toml\n\n\
        SIGHUP reloads the configuration, SIGTERM drains and leaves.\n\
        A second `run` with the same state_dir takes over without a lost connection.")]
    Run(ConfigFile),
    /// Tell every fault of a configuration at once; starts nothing, binds nothing.
    #[command(after_help = "Example:\n  seawall check -c seawall.toml")]
    Check(Check),
    /// Find ways around the shield: origins that answer others, locks not checked, leaks of addresses.
    #[command(after_help = "Examples:\n  seawall check-origin -c seawall.toml\n  \
            seawall check-origin -c seawall.toml --platform donate --json\n\n\
            Exit status: 0 nothing found, 3 a way around found, 1 an origin could not be asked.\n\
            Asks an origin at most five times for each platform.\n\
            Run it from another machine as well: only that one sees what a firewall keeps out.")]
    CheckOrigin(CheckOrigin),
    /// The commented default configuration, or one key of it explained.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// What the running shield says: platforms, requests by verdict, pressure, origins.
    #[command(
        after_help = "Examples:\n  seawall status -c seawall.toml\n  seawall status --json --control http://127.0.0.1:9180 --token-file control.token"
    )]
    Status(Status),
    /// Have the running shield check its configuration file and apply it whole.
    #[command(after_help = "Example:\n  seawall reload -c seawall.toml")]
    Reload(Reload),
    /// Why a client got its answer: opens the code that the answer carried.
    #[command(
        after_help = "Examples:\n  seawall explain rate.aaaaaaaaaaaaaaaaaaaaaaaaaa -c seawall.toml\n  seawall explain --list"
    )]
    Explain(Explain),
    /// What the shield would have done with recorded traffic: records, access logs, captures.
    #[command(after_help = "Examples:\n  seawall replay /var/log/nginx/access.log\n  \
            seawall replay access.log.1.gz access.log -c seawall.toml\n  \
            seawall replay /var/lib/seawall/requests/*.jsonl -c seawall.toml --compare new.toml\n  \
            seawall replay access.log -c seawall.toml --expect bounds.json --verdicts verdicts.jsonl\n\n\
            Reads lines of JSON (the shield's own records), access logs in common and combined\n\
            format, pcap and pcapng; each may be gzipped. What is not read is named on stderr.\n\
            bounds.json: {\"incidents\": {\"max\": 0}, \"not_admitted_share\": {\"max\": 0.001}}\n\n\
            Exit status: 0 done, 3 a bound of --expect does not hold, 1 an input cannot be read.")]
    Replay(Replay),
    /// Incidents that the evidence tells of.
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// Standing measures: what stands, an operator's own, taking one away.
    #[command(subcommand)]
    Mitigation(MitigationCommand),
    /// Identity lanes: who is in one, links into them, taking one back.
    #[command(subcommand)]
    Lane(LaneCommand),
    /// Words of a statement that an incident's evidence does not bear.
    #[command(subcommand)]
    Statement(StatementCommand),
    /// The packet layer: how it stands, drop for a minute's trial, confirm that, take it off.
    #[command(subcommand)]
    Packet(PacketCommand),
    /// What holds the rights of the packet layer; a shield starts it by itself.
    #[command(hide = true)]
    Helper,
    /// Check evidence offline: name the first thing that does not hold, and every gap.
    #[command(after_help = "Examples:\n  seawall verify /var/lib/seawall\n  \
            seawall verify /var/lib/seawall/evidence --witnesses witnesses.txt --json\n\n\
            PATH is a state folder, its folder `evidence`, or an archive of `incident bundle`.\n\
            The file of --witnesses holds keys (name+id+base64), one a line, and checkpoints that were kept\n\
            elsewhere, as signed notes; lines that begin with # are comments. A key of the log itself is\n\
            demanded; checkpoints must fit; cosignatures of witnesses are checked.\n\n\
            Exit status: 0 holds (gaps are told), 3 does not hold, 1 cannot be read.")]
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// End after this long with exit code 0; without it, run until interrupted.
    #[arg(long = "for", value_name = "TIME", value_parser = span)]
    pub(crate) lasting: Option<Duration>,
    /// Visitors only, no flood.
    #[arg(long)]
    pub(crate) no_attack: bool,
    /// Plain address of the shield; TLS takes its port + 363.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Address of API, metrics and status page.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9180")]
    pub(crate) control: SocketAddr,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// The configuration file.
    #[arg(short, long = "config", value_name = "FILE")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// For programs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckOrigin {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// Only the origins of this platform.
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: Option<String>,
    /// Come from this address of the machine.
    #[arg(long, value_name = "ADDR")]
    pub(crate) from: Option<IpAddr>,
    /// Look no public names up.
    #[arg(long)]
    pub(crate) no_names: bool,
    /// For programs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the default configuration with a comment on every key.
    #[command(after_help = "Example:\n  seawall config default > seawall.toml")]
    Default,
    /// One key: its value, where that came from, its bounds, and why it exists.
    #[command(after_help = "Example:\n  seawall config explain limits.source_rps -c seawall.toml")]
    Explain {
        /// Such as `limits.source_rps`.
        key: String,
        /// Say the value of this file instead of the default.
        #[arg(short, long = "config", value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// How the running shield is found.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// The configuration file of the running shield.
    #[arg(short, long = "config", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Its control address, such as <http://127.0.0.1:9180>.
    #[arg(long, value_name = "URL", env = "SEAWALL_CONTROL", conflicts_with = "config")]
    pub(crate) control: Option<String>,
    /// File with its bearer token.
    #[arg(long, value_name = "FILE", env = "SEAWALL_TOKEN_FILE")]
    pub(crate) token_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) running: Running,
    /// For programs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Reload {
    #[command(flatten)]
    pub(crate) running: Running,
    /// For programs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code, as the answer showed it.
    #[arg(required_unless_present = "list")]
    pub(crate) code: Option<String>,
    /// The closed list of reasons.
    #[arg(long)]
    pub(crate) list: bool,
    #[command(flatten)]
    pub(crate) running: Running,
    /// Open it offline with the key of this state folder.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "control"])]
    pub(crate) state_dir: Option<PathBuf>,
    /// For programs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Recorded traffic; several inputs are merged by their times.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Play it under this configuration; without one, the platforms of the records and no limits.
    #[arg(short, long = "config", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Play it under this configuration as well, and tell the difference.
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,
    /// Write the verdict on every record into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) verdicts: Option<PathBuf>,
    /// Seed of everything that is drawn.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Bounds that the summary must keep.
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
    /// For programs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A state folder or its folder `evidence`.
    pub(crate) path: PathBuf,
    /// Keys of witnesses and of the log, and checkpoints that were kept elsewhere.
    #[arg(long, value_name = "FILE")]
    pub(crate) witnesses: Option<PathBuf>,
    /// For programs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PacketCommand {
    /// How each interface is covered, what is not as wanted, and packets by reason.
    #[command(after_help = "Example:\n  seawall packet status -c seawall.toml")]
    Status(Status),
    /// Drop from now on; undone after a minute unless `arm --confirm` follows.
    #[command(
        after_help = "Examples:\n  seawall packet arm -c seawall.toml\n  seawall packet arm --confirm -c seawall.toml"
    )]
    Arm {
        /// Keep on dropping: you can still reach the machine.
        #[arg(long)]
        confirm: bool,
        #[command(flatten)]
        status: Status,
    },
    /// Leave every interface as it was; works without a running shield on what it left pinned.
    #[command(after_help = "Example:\n  seawall packet off -c seawall.toml")]
    Off(Status),
}

#[derive(Debug, Subcommand)]
pub(crate) enum IncidentCommand {
    /// Every incident, the newest first.
    #[command(after_help = "Example:\n  seawall incident list -c seawall.toml")]
    List {
        #[command(flatten)]
        place: Place,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// What is known of one incident.
    #[command(
        after_help = "Example:\n  seawall incident show www-20260301T120001.250 -c seawall.toml"
    )]
    Show {
        /// As `incident list` gives it.
        id: String,
        #[command(flatten)]
        place: Place,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// One incident with its seconds and the gaps in its evidence.
    #[command(
        after_help = "Example:\n  seawall incident report www-20260301T120001.250 --as html -o report.html --state-dir /var/lib/seawall\n  \
            seawall incident report www-20260301T120001.250 --as json -c seawall.toml\n\n\
            Forms: text, json, html, ncsc, ico, draft-24h, draft-72h, draft-month, stix, misp, xarf, flowspec,\n\
            csv, statement. They are made from the evidence: say --state-dir or -c. A shield that is asked by --control\n\
            alone gives shorter ones of text and json. Addresses stand in xarf and flowspec only."
    )]
    Report {
        /// As `incident list` gives it.
        id: String,
        #[command(flatten)]
        place: Place,
        /// Which form.
        #[arg(long = "as", value_name = "FORM", value_parser = form, default_value = "text")]
        form: Form,
        /// Write it to this file.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// One archive to hand over: records of every platform, proofs, custody sheet.
    #[command(
        after_help = "Example:\n  seawall incident bundle www-20260301T120001.250 -o bundle.tar --state-dir /var/lib/seawall\n  \
            seawall verify bundle.tar\n\n\
            Holds no body, no address of a source and no single request: the log has none, but for\n\
            measures that an operator took up against a source.\n\
            Addresses of sources lie apart, for 90 days: see `incident erase` and `incident keep`.\n\
            Is made from the evidence: it needs --state-dir or -c."
    )]
    Bundle {
        /// As `incident list` gives it.
        id: String,
        #[command(flatten)]
        place: Place,
        /// Write it to this file.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Take an address out of what is kept apart of every incident; proofs stay valid.
    #[command(
        after_help = "Example:\n  seawall incident erase 192.0.2.7 --state-dir /var/lib/seawall\n\n\
            An IPv6 address stands for its /64. Whether the shield runs makes no difference.\n\
            A hash of the address under the node's key stays: whoever holds that key can try addresses.\n\
            Not touched: documents that were written, the record of requests (log.requests) in `requests`,\n\
            and in the log a measure that an operator took up against that source."
    )]
    Erase {
        /// The address.
        address: IpAddr,
        #[command(flatten)]
        place: Place,
    },
    /// Keep the addresses of an incident beyond their 90 days.
    #[command(
        after_help = "Example:\n  seawall incident keep www-20260301T120001.250 --for 365d --because \"asked for by the police, ref. 17\" -c seawall.toml"
    )]
    Keep {
        /// As `incident list` gives it.
        id: String,
        #[command(flatten)]
        place: Place,
        /// From now on.
        #[arg(long = "for", value_name = "TIME", value_parser = span)]
        span: Duration,
        /// Why: it stands beside the addresses.
        #[arg(long, value_name = "TEXT")]
        because: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum MitigationCommand {
    /// Every measure that stands, by whomever it was wanted.
    #[command(after_help = "Example:\n  seawall mitigation list -c seawall.toml")]
    List {
        #[command(flatten)]
        running: Running,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Take a measure up.
    #[command(after_help = "Examples:\n  \
            seawall mitigation add --platform www --source 192.0.2.0/24 --rung refuse --for 10m --reason \"scraper\" -c seawall.toml\n  \
            seawall mitigation add --platform www --path /search --rung limit --rate \"20 rps\" --for 1h --reason \"slow\" -c seawall.toml\n  \
            seawall mitigation add --platform www --signature 'method=POST and path=/login and new ja4' --rung challenge --for 10m --reason \"logins\" -c seawall.toml\n\n\
            Rungs: watch (counts), lane (behind all others, where origins are bounded), limit (429 beyond a rate\n\
            of all that it meets together), challenge, refuse (403), drop (reset).\n\
            Nobody on allow.networks is met; who was known to be good before passes lane and challenge.")]
    Add(AddMitigation),
    /// Take a measure away before its time is over.
    #[command(after_help = "Example:\n  seawall mitigation lift m17 -c seawall.toml")]
    Lift {
        /// As `mitigation list` gives it.
        id: String,
        #[command(flatten)]
        running: Running,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LaneCommand {
    /// Make a link that lets people into a lane; it is shown once.
    #[command(after_help = "Examples:\n  \
            seawall lane invite Anna -c seawall.toml\n  \
            seawall lane invite \"night shift\" --lane staff --platform donate --uses 5 --link-for 8h --for 90d -c seawall.toml\n\n\
            Who opens the link and presses its button gets a cookie, is never challenged and goes to a bounded\n\
            origin by the lane's own turn. Send a link as you would send a password.")]
    Invite(Invite),
    /// Every lane with what was seen of it, and every link.
    #[command(after_help = "Example:\n  seawall lane list -c seawall.toml")]
    List {
        #[command(flatten)]
        running: Running,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Take a link back, and with it everybody who came by it: at once, on every core.
    #[command(after_help = "Example:\n  seawall lane revoke i3 -c seawall.toml")]
    Revoke {
        /// As `lane list` gives it.
        id: String,
        #[command(flatten)]
        running: Running,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// Whom the link is for; stands on the page behind it, in lists and in the evidence.
    pub(crate) name: String,
    /// Which lane, where links lead into several.
    #[arg(long, value_name = "NAME")]
    pub(crate) lane: Option<String>,
    /// Which platform, where the lane leads to several.
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: Option<String>,
    /// How many may get in by it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) uses: u32,
    /// How long the link can be used: 1m to 30d.
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub(crate) link_for: String,
    /// How long each who came by it stays in: 1m to 365d.
    #[arg(long = "for", value_name = "TIME", default_value = "30d")]
    pub(crate) stays_for: String,
    #[command(flatten)]
    pub(crate) running: Running,
    /// For programs.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AddMitigation {
    /// Where.
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: String,
    #[command(flatten)]
    pub(crate) about: About,
    /// What those get that it meets: watch, lane, limit, challenge, refuse or drop.
    #[arg(long, value_name = "RUNG")]
    pub(crate) rung: String,
    /// For how long it stands: 1s to 168h.
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) stands_for: String,
    /// Why, for those who read of it later.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// With `--rung limit`: what goes through of all that it meets together; "10 rps" unless told.
    #[arg(long, value_name = "RATE")]
    pub(crate) rate: Option<String>,
    #[command(flatten)]
    pub(crate) running: Running,
    /// For programs.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whom a measure meets.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct About {
    /// Who comes from an address or a network.
    #[arg(long, value_name = "NET")]
    pub(crate) source: Option<String>,
    /// Who asks for this path or for what lies below it.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) path: Option<String>,
    /// Who shows all of this.
    #[arg(long, value_name = "EXPR")]
    pub(crate) signature: Option<String>,
}

/// Where incidents are read: the running shield, or a state folder.
#[derive(Debug, Args)]
pub(crate) struct Place {
    #[command(flatten)]
    pub(crate) running: Running,
    /// Read the evidence in this state folder, whether the shield runs or not; -c beside it says who
    /// reports, and of which platforms.
    #[arg(long, value_name = "DIR", conflicts_with = "control")]
    pub(crate) state_dir: Option<PathBuf>,
}

/// What is to be done with a statement.
#[derive(Debug, Subcommand)]
pub(crate) enum StatementCommand {
    /// Name what is claimed and not recorded: size, skill, actors, what was not harmed.
    #[command(after_help = "Examples:\n  \
            seawall statement lint letter.txt --incident www-20260301T120001.250 --state-dir /var/lib/seawall\n\n\
            A letter to begin with: seawall incident report ID --as statement.\n\n\
            Exit status: 0 nothing was found, 3 something was, 1 a file cannot be read.")]
    Lint {
        /// The statement, as text.
        file: PathBuf,
        /// What it is about, as `incident list` gives it.
        #[arg(long, value_name = "ID")]
        incident: String,
        #[command(flatten)]
        place: Place,
    },
}

/// A span such as `60s`, `500ms`, `10m` or `1h`.
pub(crate) fn span(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit_ms: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err("give it with a unit, such as 60s, 500ms, 10m, 1h or 30d".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "give it as 60s, 500ms, 10m or 1h".to_owned())?;
    let span = number.checked_mul(unit_ms).map(Duration::from_millis);
    span.filter(|span| !span.is_zero()).ok_or_else(|| "it must be above zero".to_owned())
}
