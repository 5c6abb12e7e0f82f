//! Tools that floods are sent with, as they look when nothing is forged.
//!
//! User agents and header names are those of the libraries; fingerprints are well formed and made
//! up, one for each tool, since all that matters here is which senders share one.

use crate::stack::{Protocol, Stack};
use serde::Deserialize;

/// A library or program that sends requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// Go's HTTP client, with HTTP/2.
    #[default]
    Go,
    /// Python's `requests`.
    Python,
    /// `curl`, with HTTP/2.
    Curl,
    /// Java's HTTP client, with HTTP/2.
    Java,
    /// A Node.js script.
    Node,
    /// A load generator in C that sends the least that a server accepts.
    Bare,
}

impl Tool {
    /// What it looks like from outside.
    pub fn stack(self) -> Stack {
        let linux = "4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0";
        let row = |agent: &str, ja4: &str, h2: &str, headers: &str| Stack {
            user_agent: agent.to_owned(),
            ja4: ja4.to_owned(),
            h2: h2.to_owned(),
            headers: headers.to_owned(),
            tcp: linux.to_owned(),
            protocol: if h2.is_empty() { Protocol::H1 } else { Protocol::H2 },
        };
        match self {
            Self::Go => row(
                "Go-http-client/2.0",
                "t13d1310h2_f0e1d2c3b4a5_0a1b2c3d4e5f",
                "2:0;4:4194304;6:10485760|1073741824|0|a,m,p,s",
                "accept-encoding,user-agent",
            ),
            Self::Python => row(
                "python-requests/2.32.3",
                "t13d1812h1_1a2b3c4d5e6f_6f5e4d3c2b1a",
                "",
                "host,user-agent,accept-encoding,accept,connection",
            ),
            Self::Curl => row(
                "curl/8.5.0",
                "t13d3113h2_2b3c4d5e6f70_706f5e4d3c2b",
                "3:100;4:10485760;2:0|1048510465|0|m,s,a,p",
                "user-agent,accept",
            ),
            Self::Java => row(
                "Java-http-client/21.0.2",
                "t13d4213h2_3c4d5e6f7081_81706f5e4d3c",
                "1:16384;2:1;3:100;4:16777216;5:16384|33488897|0|m,s,a,p",
                "user-agent,accept",
            ),
            Self::Node => row(
                "node",
                "t13d5911h1_4d5e6f708192_9281706f5e4d",
                "",
                "host,connection,accept,accept-language,sec-fetch-mode,user-agent,accept-encoding",
            ),
            Self::Bare => row("", "t12d0605h1_5e6f708192a3_a39281706f5e", "", "host"),
        }
    }
}
