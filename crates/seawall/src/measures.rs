//! A measure that an operator wants, read from the texts of the API, the command line or the kept file.
//!
//! Takes texts and the names of the platforms; gives what the engine can take up, or every fault at
//! once.
//! Bounds: [`REASON_MAX`] characters of a reason, [`PATH_MAX`] bytes of a path.

use crate::cli::span;
use seawall_control::api::{MitigationMatch, NewMitigation};
use seawall_engine::Engine;
use seawall_engine::detect::{Signature, Term};
use seawall_engine::policy::{By, Matches, STANDS_MAX, Wanted};
use seawall_types::{PlatformId, RequestRate, Rung, SourceNetwork};
use seawall_wire::signature::{self, TermText};
use std::time::Duration;

/// Characters of a reason.
const REASON_MAX: usize = 200;
/// Bytes of a path.
const PATH_MAX: usize = 256;

/// A measure that can be taken up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    pub(crate) platform: PlatformId,
    about: About,
    pub(crate) rung: Rung,
    pub(crate) stands_for: Duration,
    rate: Option<RequestRate>,
    text: String,
    why: String,
}

/// Whom it meets, before what is known of visitors is put to it.
#[derive(Debug, Clone, PartialEq)]
enum About {
    Source(SourceNetwork),
    Path(String),
    Signature(Signature),
}

impl Asked {
    /// Reads a measure for one of `platforms`.
    ///
    /// # Errors
    /// Every fault, each a sentence with what is allowed.
    pub(crate) fn read(
        wanted: &NewMitigation,
        platforms: &[(PlatformId, String)],
    ) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let platform = kept(platform(&wanted.platform, platforms), &mut faults);
        let about = kept(about(&wanted.matches), &mut faults);
        let rung = kept(rung(&wanted.rung), &mut faults);
        let stands_for = kept(lasting(&wanted.stands_for), &mut faults);
        let rate = kept(wanted.rate.as_deref().map(rate).transpose(), &mut faults);
        let why = kept(reason(&wanted.reason), &mut faults);
        if rung.is_some_and(|rung| rung != Rung::Limit) && wanted.rate.is_some() {
            faults.push("a rate belongs to the rung limit alone".to_owned());
        }
        let fields = (platform, about, rung, stands_for, rate, why);
        match fields {
            (
                Some(platform),
                Some((about, text)),
                Some(rung),
                Some(stands_for),
                Some(rate),
                Some(why),
            ) if faults.is_empty() => {
                Ok(Self { platform, about, rung, stands_for, rate, text, why })
            }
            _ => Err(faults),
        }
    }

    /// As the engine takes it; what is new to visitors is new to those whom it knows now.
    pub(crate) fn wanted(self, engine: &Engine) -> Wanted {
        let Self { platform, about, rung, stands_for, rate, text, why } = self;
        let matches = match about {
            About::Source(network) => Matches::Source(network),
            About::Path(path) => Matches::Path(path.into()),
            About::Signature(signature) => Matches::Signature(engine.compiled(platform, signature)),
        };
        let (text, why) = (text.into(), why.into());
        Wanted { platform, matches, rung, by: By::Operator, stands_for, rate, text, why }
    }
}

fn kept<T>(read: Result<T, String>, faults: &mut Vec<String>) -> Option<T> {
    read.map_err(|fault| faults.push(fault)).ok()
}

fn platform(name: &str, platforms: &[(PlatformId, String)]) -> Result<PlatformId, String> {
    let found = platforms.iter().find(|(_, known)| known == name);
    found.map(|(id, _)| *id).ok_or_else(|| {
        let known: Vec<_> = platforms.iter().map(|(_, name)| name.as_str()).collect();
        format!("there is no platform {name:?}; there are: {}", known.join(", "))
    })
}

/// Whom it meets, and how that reads.
fn about(matches: &MitigationMatch) -> Result<(About, String), String> {
    match (&matches.source, &matches.path, &matches.signature) {
        (Some(source), None, None) => source
            .parse::<SourceNetwork>()
            .map(|network| (About::Source(network), format!("source={network}")))
            .map_err(|fault| format!("source is {source:?}: {fault}")),
        (None, Some(path), None) => path_of(path),
        (None, None, Some(text)) => signature_of(text),
        _ => Err("say whom it meets by one of source, path and signature".to_owned()),
    }
}

fn path_of(path: &str) -> Result<(About, String), String> {
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#".contains(&byte));
    if path.starts_with('/') && is_plain && path.len() <= PATH_MAX {
        return Ok((About::Path(path.to_owned()), format!("path at or below {path}")));
    }
    Err(format!(
        "path is {path:?}; it begins with /, has no query and at most {PATH_MAX} visible characters, \
         and meets what lies at or below it"
    ))
}

fn signature_of(text: &str) -> Result<(About, String), String> {
    let terms = signature::terms(text).map_err(|fault| fault.to_string())?;
    let term = |term: &TermText| match *term {
        TermText::Is(attribute, value) => Term::Is(attribute, value),
        TermText::Novel(attribute) => Term::Novel(attribute),
    };
    let terms: Vec<_> = terms.iter().map(term).collect();
    let signature = Signature::new(&terms).ok_or("a signature names one to four things")?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok((About::Signature(signature), text))
}

fn rung(word: &str) -> Result<Rung, String> {
    let found = Rung::ALL.into_iter().find(|rung| rung.word() == word);
    found.ok_or_else(|| {
        let known = Rung::ALL.map(Rung::word).join(", ");
        format!("rung is {word:?}; it is one of {known}")
    })
}

fn lasting(text: &str) -> Result<Duration, String> {
    let days = STANDS_MAX.as_secs() / 86_400;
    let lasting = span(text).map_err(|why| format!("for is {text:?}; {why}"))?;
    let fits = (Duration::from_secs(1)..=STANDS_MAX).contains(&lasting);
    let fault = || format!("for is {text:?}; a measure stands for 1s to {days} days");
    fits.then_some(lasting).ok_or_else(fault)
}

fn rate(text: &str) -> Result<RequestRate, String> {
    let number = text.strip_suffix("rps").and_then(|number| number.trim().parse().ok());
    let rate = number.and_then(RequestRate::new);
    rate.ok_or_else(|| format!("rate is {text:?}; it is above zero, such as \"5 rps\""))
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_plain = !text.chars().any(char::is_control);
    let is_good = !text.is_empty() && is_plain && text.chars().count() <= REASON_MAX;
    let fault = || format!("reason is needed: one line of at most {REASON_MAX} characters");
    is_good.then(|| text.to_owned()).ok_or_else(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_engine::PlatformSettings;
    use seawall_types::Moment;

    fn platforms() -> Vec<(PlatformId, String)> {
        vec![(PlatformId(0), "www".to_owned()), (PlatformId(2), "donate".to_owned())]
    }

    fn wanted() -> NewMitigation {
        NewMitigation {
            platform: "donate".to_owned(),
            matches: MitigationMatch { path: Some("/pay".to_owned()), ..Default::default() },
            rung: "limit".to_owned(),
            stands_for: "10m".to_owned(),
            reason: "odd payments".to_owned(),
            rate: Some("5 rps".to_owned()),
        }
    }

    #[test]
    fn a_good_measure_is_what_the_engine_takes() {
        let asked = Asked::read(&wanted(), &platforms()).unwrap();
        let settings = PlatformSettings { name: "www".to_owned(), capacity: None, acts: false };
        let wanted = asked.wanted(&Engine::new(Moment(0), vec![settings]));
        assert_eq!((wanted.platform, wanted.rung), (PlatformId(2), Rung::Limit));
        assert_eq!(wanted.matches, Matches::Path("/pay".into()));
        assert_eq!(wanted.rate, RequestRate::new(5.0));
        assert_eq!((&*wanted.text, &*wanted.why), ("path at or below /pay", "odd payments"));
        assert_eq!(wanted.stands_for, Duration::from_mins(10));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let bad = NewMitigation {
            platform: "shop".to_owned(),
            matches: MitigationMatch::default(),
            rung: "ban".to_owned(),
            stands_for: "8".to_owned(),
            reason: " ".to_owned(),
            rate: Some("5".to_owned()),
        };
        let faults = Asked::read(&bad, &platforms()).unwrap_err();
        for part in [
            "there is no platform \"shop\"; there are: www, donate",
            "one of source, path and signature",
            "watch, lane, limit, challenge, refuse, drop",
            "for is \"8\"",
            "rate is \"5\"",
            "reason is needed",
        ] {
            assert!(faults.iter().any(|fault| fault.contains(part)), "{part}: {faults:?}");
        }
        assert_eq!(faults.len(), 6);
    }

    #[test]
    fn whom_it_meets_is_said_in_one_way_that_can_be_read() {
        let read = |matches| Asked::read(&NewMitigation { matches, ..wanted() }, &platforms());
        let signature = |text: &str| MitigationMatch {
            signature: Some(text.to_owned()),
            ..MitigationMatch::default()
        };
        let good = read(signature("method=POST  and new ja4")).unwrap();
        assert_eq!(good.text, "method=POST and new ja4");
        let fault = read(signature("method=POST or new ja4")).unwrap_err().remove(0);
        assert!(fault.contains("at character 13"), "{fault}");
        let both = MitigationMatch { source: Some("192.0.2.1".to_owned()), ..signature("new ja4") };
        assert!(read(both).is_err());
        for path in ["pay", "/a?b", "/a b", ""] {
            let path = MitigationMatch { path: Some(path.to_owned()), ..Default::default() };
            assert!(read(path.clone()).is_err(), "{path:?}");
        }
    }

    #[test]
    fn a_rate_without_the_rung_that_has_one_is_a_fault() {
        let faults =
            Asked::read(&NewMitigation { rung: "refuse".to_owned(), ..wanted() }, &platforms());
        assert_eq!(faults.unwrap_err(), ["a rate belongs to the rung limit alone"]);
    }
}
