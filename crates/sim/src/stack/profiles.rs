//! The 120 browsers that people of a world have: family by version by system, coherent in every text.
//!
//! User agents, header orders and HTTP/2 settings are of the form that each family sends.
//! The two hashes of a TLS fingerprint are this world's own: they follow from the family's engine and
//! the engine's generation, so that versions near each other share one, as real ones do.
//! Shares between families and versions are assumed: new versions are common, old ones linger.

use super::{Protocol, Stack};
use crate::Chance;

/// Rows of [`all`].
pub const PROFILES: usize = 120;

/// A browser and how common it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its texts.
    pub stack: Stack,
    /// Of all people, as a weight.
    pub weight: u16,
    /// What it runs on.
    pub device: Device,
}

/// What a browser runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Device {
    /// On a desk or a lap.
    Computer,
    /// In a hand.
    Phone,
}

/// A family on a system: how many of its versions are about, and how common all of them are.
struct Line {
    family: Family,
    system: System,
    versions: u16,
    weight: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Chrome,
    Edge,
    Opera,
    Samsung,
    Firefox,
    Safari,
    ChromeOnIphone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Windows,
    Mac,
    Linux,
    Android,
    Iphone,
    Ipad,
}

const fn line(family: Family, system: System, versions: u16, weight: u16) -> Line {
    Line { family, system, versions, weight }
}

const LINES: [Line; 15] = [
    line(Family::Chrome, System::Windows, 10, 260),
    line(Family::Chrome, System::Mac, 8, 70),
    line(Family::Chrome, System::Linux, 6, 15),
    line(Family::Chrome, System::Android, 14, 230),
    line(Family::Edge, System::Windows, 8, 75),
    line(Family::Edge, System::Mac, 4, 5),
    line(Family::Opera, System::Windows, 4, 15),
    line(Family::Samsung, System::Android, 8, 35),
    line(Family::Firefox, System::Windows, 8, 30),
    line(Family::Firefox, System::Linux, 6, 12),
    line(Family::Firefox, System::Mac, 4, 6),
    line(Family::Safari, System::Mac, 12, 55),
    line(Family::Safari, System::Iphone, 16, 165),
    line(Family::Safari, System::Ipad, 6, 17),
    line(Family::ChromeOnIphone, System::Iphone, 6, 10),
];

/// How common a version is, newest first, in shares of 64; the last holds for all older ones.
const AGES: [u32; 8] = [26, 14, 8, 5, 4, 3, 2, 1];

/// The newest version of each numbered family.
const CHROMIUM: u16 = 141;
const GECKO: u16 = 143;
const SAMSUNG: u16 = 28;
const OPERA: u16 = 122;
/// Safari's versions skip from 18 to 26.
const WEBKIT: [(u16, u16); 16] = [
    (26, 0),
    (18, 6),
    (18, 5),
    (18, 4),
    (18, 3),
    (18, 2),
    (18, 1),
    (18, 0),
    (17, 6),
    (17, 5),
    (17, 4),
    (17, 3),
    (17, 2),
    (17, 1),
    (17, 0),
    (16, 6),
];

/// Every browser, always in the same order.
pub fn all() -> Vec<Profile> {
    let rows = LINES.iter().flat_map(|line| {
        (0..line.versions).map(move |age| Profile {
            stack: stack(line.family, line.system, Version::of_age(line.family, age)),
            weight: share(line.weight, age),
            device: device(line.system),
        })
    });
    rows.collect()
}

/// A version that nobody has had before: the next one of the most common family.
pub fn next_version() -> Stack {
    let version = Version { major: CHROMIUM + 1, minor: 0, engine: CHROMIUM + 1, generation: 90 };
    stack(Family::Chrome, System::Windows, version)
}

fn share(weight: u16, age: u16) -> u16 {
    let part = AGES.get(usize::from(age)).copied().unwrap_or(AGES[AGES.len() - 1]);
    u16::try_from(u32::from(weight) * part / 64).unwrap_or(u16::MAX).max(1)
}

fn device(system: System) -> Device {
    match system {
        System::Windows | System::Mac | System::Linux => Device::Computer,
        System::Android | System::Iphone | System::Ipad => Device::Phone,
    }
}

/// A version: its numbers, the engine's, and which generation of the engine's TLS it has.
#[derive(Debug, Clone, Copy)]
struct Version {
    major: u16,
    minor: u16,
    engine: u16,
    generation: u16,
}

impl Version {
    fn of_age(family: Family, age: u16) -> Self {
        let (major, minor, engine) = match family {
            Family::Chrome | Family::Edge => (CHROMIUM - age, 0, CHROMIUM - age),
            Family::Opera => (OPERA - age, 0, CHROMIUM - 2 - age),
            Family::Samsung => (SAMSUNG - age, 0, CHROMIUM - 11 - 4 * age),
            Family::Firefox => (GECKO - age, 0, GECKO - age),
            Family::Safari | Family::ChromeOnIphone => {
                let (major, minor) = WEBKIT[usize::from(age) % WEBKIT.len()];
                (major, minor, major)
            }
        };
        let generation = match family {
            Family::Safari | Family::ChromeOnIphone => major,
            Family::Chrome | Family::Edge | Family::Opera | Family::Samsung => engine / 7,
            Family::Firefox => engine / 5,
        };
        Self { major, minor, engine, generation }
    }
}

fn stack(family: Family, system: System, version: Version) -> Stack {
    let engine = engine(family);
    Stack {
        user_agent: user_agent(family, system, version),
        ja4: ja4(engine, version.generation),
        h2: engine.h2.to_owned(),
        headers: engine.headers.to_owned(),
        tcp: tcp(system).to_owned(),
        protocol: Protocol::H2,
    }
}

/// What families share that are built on one engine.
struct Engine {
    ja4: &'static str,
    h2: &'static str,
    headers: &'static str,
    number: u64,
}

static BLINK: Engine = Engine {
    ja4: "t13d1516h2",
    h2: "1:65536;2:0;4:6291456;6:262144|15663105|0|m,a,s,p",
    headers: "sec-ch-ua,sec-ch-ua-mobile,sec-ch-ua-platform,upgrade-insecure-requests,user-agent,\
              accept,sec-fetch-site,sec-fetch-mode,sec-fetch-user,sec-fetch-dest,referer,\
              accept-encoding,accept-language,cookie",
    number: 1,
};

static GECKO_ENGINE: Engine = Engine {
    ja4: "t13d1717h2",
    h2: "1:65536;2:0;4:131072;5:16384|12517377|0|m,p,a,s",
    headers: "user-agent,accept,accept-language,accept-encoding,referer,cookie,\
              upgrade-insecure-requests,sec-fetch-dest,sec-fetch-mode,sec-fetch-site,\
              sec-fetch-user,priority,te",
    number: 2,
};

static WEBKIT_ENGINE: Engine = Engine {
    ja4: "t13d2014h2",
    h2: "2:0;3:100;4:2097152|10420225|0|m,s,a,p",
    headers: "sec-fetch-dest,user-agent,accept,referer,sec-fetch-site,sec-fetch-mode,\
              accept-language,priority,accept-encoding,cookie",
    number: 3,
};

fn engine(family: Family) -> &'static Engine {
    match family {
        Family::Chrome | Family::Edge | Family::Opera | Family::Samsung => &BLINK,
        Family::Firefox => &GECKO_ENGINE,
        Family::Safari | Family::ChromeOnIphone => &WEBKIT_ENGINE,
    }
}

fn ja4(engine: &Engine, generation: u16) -> String {
    let mut digits = Chance::for_part(0x6a61_3400 | engine.number, u64::from(generation));
    let (ciphers, extensions) = (digits.next_u64() >> 16, digits.next_u64() >> 16);
    format!("{}_{ciphers:012x}_{extensions:012x}", engine.ja4)
}

/// The form of a first packet: time to live, window, options in order.
fn tcp(system: System) -> &'static str {
    match system {
        System::Windows => "128:64240:mss,nop,ws8,nop,nop,sok",
        System::Linux => "64:64240:mss,sok,ts,nop,ws7",
        System::Android => "64:65535:mss,sok,ts,nop,ws9",
        System::Mac | System::Iphone | System::Ipad => "64:65535:mss,nop,ws6,nop,nop,ts,sok,eol",
    }
}

fn user_agent(family: Family, system: System, version: Version) -> String {
    let Version { major, minor, engine, .. } = version;
    let place = place(system, family, version);
    let blink = "AppleWebKit/537.36 (KHTML, like Gecko)";
    let mobile = if device(system) == Device::Phone { " Mobile" } else { "" };
    let tail = match family {
        Family::Chrome => format!("{blink} Chrome/{engine}.0.0.0{mobile} Safari/537.36"),
        Family::Edge => format!("{blink} Chrome/{engine}.0.0.0 Safari/537.36 Edg/{major}.0.0.0"),
        Family::Opera => format!("{blink} Chrome/{engine}.0.0.0 Safari/537.36 OPR/{major}.0.0.0"),
        Family::Samsung => format!(
            "{blink} SamsungBrowser/{major}.{minor} Chrome/{engine}.0.0.0{mobile} Safari/537.36"
        ),
        Family::Firefox => {
            return format!("Mozilla/5.0 ({place}; rv:{major}.0) Gecko/20100101 Firefox/{major}.0");
        }
        Family::Safari if device(system) == Device::Phone => format!(
            "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{major}.{minor} Mobile/15E148 \
             Safari/604.1"
        ),
        Family::Safari => format!(
            "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{major}.{minor} Safari/605.1.15"
        ),
        Family::ChromeOnIphone => format!(
            "AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/{CHROMIUM}.0.0.0 Mobile/15E148 \
             Safari/604.1"
        ),
    };
    format!("Mozilla/5.0 ({place}) {tail}")
}

fn place(system: System, family: Family, version: Version) -> String {
    let Version { major, minor, .. } = version;
    // Safari's and the system's numbers go together, but browsers say the last of the 18s for 26.
    let (major, minor) = if major > 18 { (18, 7) } else { (major, minor) };
    match system {
        System::Windows => "Windows NT 10.0; Win64; x64".to_owned(),
        System::Mac if family == Family::Firefox => "Macintosh; Intel Mac OS X 10.15".to_owned(),
        System::Mac => "Macintosh; Intel Mac OS X 10_15_7".to_owned(),
        System::Linux => "X11; Linux x86_64".to_owned(),
        System::Android => "Linux; Android 10; K".to_owned(),
        System::Iphone => format!("iPhone; CPU iPhone OS {major}_{minor} like Mac OS X"),
        System::Ipad => format!("iPad; CPU OS {major}_{minor} like Mac OS X"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn there_are_as_many_browsers_as_said_and_no_two_are_alike() {
        let profiles = all();
        assert_eq!(profiles.len(), PROFILES);
        let agents: BTreeSet<_> = profiles.iter().map(|row| &row.stack.user_agent).collect();
        assert_eq!(agents.len(), PROFILES);
    }

    #[test]
    fn texts_of_one_browser_agree_on_its_engine() {
        for Profile { stack, .. } in all() {
            let agent = stack.user_agent.as_str();
            let start = match () {
                () if agent.contains("Firefox/") => "t13d1717h2_",
                () if agent.contains("605.1.15") => "t13d2014h2_",
                () => "t13d1516h2_",
            };
            assert!(stack.ja4.starts_with(start), "{agent}: {}", stack.ja4);
            assert_eq!(stack.headers.starts_with("sec-ch-ua"), start == "t13d1516h2_", "{agent}");
            assert_eq!(stack.tcp.starts_with("128:"), agent.contains("Windows"), "{agent}");
        }
    }

    #[test]
    fn the_next_version_is_nobodys_yet() {
        let next = next_version();
        for Profile { stack, .. } in all() {
            assert_ne!(stack.user_agent, next.user_agent);
            assert_ne!(stack.ja4, next.ja4);
        }
    }
}
