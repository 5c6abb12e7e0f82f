//! The command line.

use clap::{Args, Parser, Subcommand};
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

/// A span such as `60s`, `500ms`, `10m` or `1h`.
fn span(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit_ms: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err("give it with a unit, such as 60s, 500ms, 10m or 1h".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "give it as 60s, 500ms, 10m or 1h".to_owned())?;
    let span = number.checked_mul(unit_ms).map(Duration::from_millis);
    span.filter(|span| !span.is_zero()).ok_or_else(|| "it must be above zero".to_owned())
}
