//! Numbers of a statement against those of the case.
//!
//! A number that the record exceeds is fine for what must not be played down, and one below the
//! record for what must not be played up.

use super::Hit;
use crate::case::Case;
use crate::known::{Known, thousands};
use crate::words::Word;
use seawall_types::Verdict;

/// A claim may round up by this many thousandths.
const ROUNDING_PERMILLE: u64 = 50;
/// A share may be off by this many thousandths of a percent.
const SHARE_OFF: u64 = 1_000;

/// Every number that the case does not bear.
pub(super) fn look(words: &[Word], case: &Case) -> Vec<Hit> {
    (0..words.len()).filter_map(|at| judge(words, at, case)).collect()
}

fn judge(words: &[Word], at: usize, case: &Case) -> Option<Hit> {
    let word = words[at].folded.as_str();
    let (value, after) = match number(word) {
        Some(value) => scaled(value, words, at + 1),
        None => (vague(word)? * 1_000, at + 1),
    };
    let of_next = |by: usize| {
        let next = words.get(after + by).filter(|next| next.sentence == words[at].sentence);
        next.map_or("", |next| next.folded.as_str())
    };
    let (mut one, mut two) = (of_next(0), of_next(1));
    let mut skipped = 0;
    // "thousands of requests", "5,000 different requests".
    while skipped < 2
        && matches!(one, "of" | "different" | "distinct" | "unique" | "ip" | "malicious")
    {
        skipped += 1;
        (one, two) = (of_next(skipped), of_next(skipped + 1));
    }
    let end = (after + skipped + 1).min(words.len());
    let three = of_next(skipped + 2);
    let is_percent =
        word.ends_with('%') || matches!(one, "percent" | "%") || (one, two) == ("per", "cent");
    let why = match one {
        _ if is_percent => share(value, case),
        "requests" | "hits" | "queries" => {
            let is_rate =
                matches!((two, three), ("per" | "a" | "every" | "each", "second") | ("s", _));
            requests(value, is_rate, case)
        }
        "rps" => requests(value, true, case),
        "sources" | "addresses" | "ips" | "devices" | "computers" | "machines" | "servers" => {
            sources(value, case)
        }
        "people" | "users" | "members" | "visitors" | "supporters" => {
            harmed(value, (words, at), case)
        }
        "second" | "seconds" => time(value, (words, at), case),
        "minute" | "minutes" => time(value.saturating_mul(60), (words, at), case),
        "hour" | "hours" => time(value.saturating_mul(3_600), (words, at), case),
        _ => None,
    }?;
    Some(Hit { first: at, end, said: None, why })
}

/// `12,000.5` in thousandths.
fn number(word: &str) -> Option<u64> {
    let plain = word.trim_end_matches('%').replace(',', "");
    let plain = plain.trim_end_matches('.');
    let (plain, scale) = match plain.as_bytes().last()? {
        b'k' => (&plain[..plain.len() - 1], 1_000),
        b'm' => (&plain[..plain.len() - 1], 1_000_000),
        _ => (plain, 1),
    };
    let (whole, rest) = plain.split_once('.').unwrap_or((plain, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(rest) {
        return None;
    }
    let rest: String = rest.chars().chain("000".chars()).take(3).collect();
    let thousandths = whole.parse::<u64>().ok()?.checked_mul(1_000)? + rest.parse::<u64>().ok()?;
    thousandths.checked_mul(scale)
}

/// A number with the words of size behind it, and the place behind those.
fn scaled(value: u64, words: &[Word], at: usize) -> (u64, usize) {
    let by = match words.get(at).map(|word| word.folded.as_str()) {
        Some("thousand") => 1_000,
        Some("million") => 1_000_000,
        Some("billion") => 1_000_000_000,
        _ => return (value, at),
    };
    (value.saturating_mul(by), at + 1)
}

/// The least that a word of size says.
fn vague(word: &str) -> Option<u64> {
    Some(match word {
        "dozens" => 24,
        "hundreds" => 200,
        "thousands" => 2_000,
        "millions" => 2_000_000,
        "billions" => 2_000_000_000,
        "countless" | "innumerable" => u64::MAX / 1_000,
        _ => return None,
    })
}

/// Whether a claim in thousandths is above what was counted, rounding aside.
fn is_above(claim: u64, counted: u64) -> bool {
    u128::from(claim) > u128::from(counted) * u128::from(1_000 + ROUNDING_PERMILLE)
}

fn requests(claim: u64, is_rate: bool, case: &Case) -> Option<String> {
    let seconds = &case.subject().impact;
    let (counted, unit) = if is_rate {
        (case.measured.peak_requests_per_s.unwrap_or(0).max(seconds.peak_requests), "requests/s")
    } else {
        (case.total().value.max(seconds.total()), "requests")
    };
    is_above(claim, counted)
        .then(|| format!("the record holds at most {} {unit}", thousands(counted)))
}

fn sources(claim: u64, case: &Case) -> Option<String> {
    let counted = case.places.value().map(|places| {
        let crowd = &places.asked;
        let error = u64::from(crowd.error_permille);
        crowd.sources.value.saturating_add(crowd.sources.value.saturating_mul(error) / 1_000)
    });
    match counted.max(case.measured.sources_least) {
        None => Some("the number of sources was not measured".to_owned()),
        Some(least) => is_above(claim, least)
            .then(|| format!("the record holds {} sources, not as many", thousands(least))),
    }
}

fn harmed(claim: u64, (words, at): (&[Word], usize), case: &Case) -> Option<String> {
    let of_harm = ["affect*", "harm*", "unable", "refused", "turned", "reach*", "lost", "impact*"];
    if !stands_with(words, at, &of_harm) {
        return None;
    }
    match case.visitors_harmed {
        Known::Unknown(_) => Some("how many visitors were harmed was not measured".to_owned()),
        Known::Is((least, most)) => {
            let is_inside = claim >= least.saturating_mul(1_000) && !is_above(claim, most);
            (!is_inside).then(|| {
                format!("the record says {} to {} visitors", thousands(least), thousands(most))
            })
        }
    }
}

fn time(claim: u64, (words, at): (&[Word], usize), case: &Case) -> Option<String> {
    let before = at.checked_sub(1).map_or("", |before| words[before].folded.as_str());
    if !matches!(before, "for" | "about" | "only" | "lasted" | "just" | "than") {
        return None;
    }
    if stands_with(words, at, &["unavailable", "offline", "down", "unreachable", "outage*"]) {
        let seen = case.subject().impact.unavailable_s;
        let is_whole = case.subject().coverage.is_whole().is_ok();
        let off = is_above(claim, seen) || claim < seen.saturating_mul(1_000) || !is_whole;
        return off.then(|| {
            let bound = if is_whole { "" } else { "at least " };
            format!("the record holds {bound}{} s without an admitted request", thousands(seen))
        });
    }
    let window = case.window.seconds();
    // A claim in minutes may round up to the next one.
    is_above(claim.saturating_sub(60_000), window)
        .then(|| format!("the record covers {} s of this incident", thousands(window)))
}

fn stands_with(words: &[Word], at: usize, patterns: &[&str]) -> bool {
    let sentence = words[at].sentence;
    let mut of_it = words.iter().filter(|word| word.sentence == sentence);
    of_it.any(|word| patterns.iter().any(|pattern| super::phrases::fits(pattern, &word.folded)))
}

/// `claim` is thousandths of a percent.
fn share(claim: u64, case: &Case) -> Option<String> {
    let total = case.total().value.max(1);
    let of_total = |part: u64| {
        u64::try_from(u128::from(part) * 100_000 / u128::from(total)).unwrap_or(100_000)
    };
    let admitted = of_total(case.requests[Verdict::Admit.index()]);
    let mut known = vec![admitted, 100_000 - admitted.min(100_000)];
    known.extend(case.requests.iter().map(|requests| of_total(*requests)));
    for signature in &case.signatures {
        let shares =
            [signature.share_of_excess, signature.collateral_most, signature.collateral_measured];
        known.extend(shares.iter().filter_map(|share| share.value().map(|share| share.value)));
    }
    if let Known::Is(places) = &case.places {
        for crowd in [&places.asked, &places.met] {
            for split in [&crowd.countries, &crowd.networks, &crowd.classes] {
                let Known::Is(split) = split else { continue };
                let rows = crowd.rows(split).0;
                known.extend(rows.iter().map(|row| row.by_sources.share.value));
                known.extend(rows.iter().map(|row| row.by_requests.share.value));
            }
        }
    }
    // 95 % stands for how sure an interval is.
    let is_known = claim == 95_000 || known.iter().any(|share| share.abs_diff(claim) <= SHARE_OFF);
    (!is_known).then(|| "no share in the record is within one point of it".to_owned())
}
