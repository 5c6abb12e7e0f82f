//! Stacks of honest programs: feed readers, monitors, crawlers, apps, partners' servers.
//!
//! Names are this world's own, except where a kind of stack has a common one.

use crate::Chance;
use crate::stack::{Protocol, Stack};

/// A program by its user agent, in order of headers, and its TLS library's number.
pub(crate) struct Program {
    pub(crate) user_agent: &'static str,
    pub(crate) headers: &'static str,
    pub(crate) tls: Tls,
}

/// What a program does TLS with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    OpenSsl,
    Go,
    Java,
    Phone,
}

impl Program {
    /// Its texts.
    pub(crate) fn stack(&self) -> Stack {
        let (start, protocol, h2) = match self.tls {
            Tls::OpenSsl => ("t13d3112h1", Protocol::H1, ""),
            Tls::Go => {
                ("t13d1312h2", Protocol::H2, "2:0;4:4194304;6:10485760|1073741824|0|a,m,p,s")
            }
            Tls::Java => {
                ("t13d4909h2", Protocol::H2, "1:16384;2:0;3:100;4:16777216|16711681|0|m,a,s,p")
            }
            Tls::Phone => ("t13d1516h2", Protocol::H2, "4:16777216|16711681|0|m,p,a,s"),
        };
        let mut digits = Chance::for_part(0x7072_6f67, self.tls as u64);
        let (ciphers, extensions) = (digits.next_u64() >> 16, digits.next_u64() >> 16);
        let tcp = match self.tls {
            Tls::Phone => "64:65535:mss,sok,ts,nop,ws9",
            Tls::OpenSsl | Tls::Go | Tls::Java => "64:64240:mss,sok,ts,nop,ws7",
        };
        Stack {
            user_agent: self.user_agent.to_owned(),
            ja4: format!("{start}_{ciphers:012x}_{extensions:012x}"),
            h2: h2.to_owned(),
            headers: self.headers.to_owned(),
            tcp: tcp.to_owned(),
            protocol,
        }
    }
}

const fn program(user_agent: &'static str, headers: &'static str, tls: Tls) -> Program {
    Program { user_agent, headers, tls }
}

const PLAIN: &str = "user-agent,accept,accept-encoding";

pub(crate) static FEED_READERS: [Program; 4] = [
    program(
        "FeedFetch/3.2 (+https://reader.example/feeds)",
        "user-agent,accept,if-none-match",
        Tls::Go,
    ),
    program("Planetarium/1.9", "user-agent,accept-encoding,if-modified-since", Tls::OpenSsl),
    program("Newsletters/7.4 (feed parser; 214 readers)", PLAIN, Tls::Java),
    program(
        "PocketFeeds/2.0 (Android)",
        "user-agent,accept,if-none-match,accept-encoding",
        Tls::Phone,
    ),
];

pub(crate) static MONITORS: [Program; 2] = [
    program("UptimeProbe/2.1 (+https://probe.example)", PLAIN, Tls::Go),
    program("HealthWatch/5", "accept,user-agent", Tls::OpenSsl),
];

pub(crate) static NEW_PROBE: Program = program("FirstLight/0.9", "user-agent", Tls::Java);

pub(crate) static SEARCH_CRAWLER: Program = program(
    "Mozilla/5.0 (compatible; SearchIndexBot/2.1; +https://search.example/bot)",
    "accept,from,user-agent,accept-encoding",
    Tls::OpenSsl,
);

pub(crate) static APPS: [Program; 3] = [
    program(
        "Organiser/4.12 (Android 15)",
        "authorization,accept,user-agent,accept-encoding",
        Tls::Phone,
    ),
    program(
        "Organiser/4.11 (Android 14)",
        "authorization,accept,user-agent,accept-encoding",
        Tls::Phone,
    ),
    program(
        "Organiser/4.12 CFNetwork/3826.500 Darwin/24.5.0",
        "accept,authorization,user-agent",
        Tls::Go,
    ),
];

pub(crate) static PARTNERS: [Program; 2] = [
    program("payments-hook/1.0", "content-type,content-length,user-agent,x-signature", Tls::Java),
    program("mail-events/3", "user-agent,content-type,content-length,x-signature", Tls::Go),
];
