//! How many known-good visitors a description may touch at most, and with what confidence.
//!
//! The bound of Clopper and Pearson (1934) on visitors that the search never saw: exact for any
//! number of visitors, however few are touched.
//! It is a promise about visitors, not about requests: a visitor counts as touched when any of the
//! few requests that are kept of it is matched.
//! Never looks at the visitors that descriptions were searched on.
//! What part of the chance to be wrong one of them bears is [`super::promises`]'s to say, so that all of
//! an episode's bounds hold together with 95 %.

use super::finding::Footing;
use std::fmt::Write as _;

/// Chance that any bound of an episode does not hold.
pub const ALPHA: f64 = 0.05;

/// What was found when a description was tried on known-good visitors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certificate {
    /// Visitors that it touches.
    pub hits: u32,
    /// Visitors that it was tried on.
    pub visitors: u32,
    /// 95 % upper bound of the share of known-good visitors that it touches.
    pub bound: f64,
}

/// What was counted of a description.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Touched {
    /// Visitors that it touches.
    pub hits: u32,
    /// Visitors that it was tried on.
    pub visitors: u32,
    /// The same of visitors who showed more than one thing; none touched while those come from fewer
    /// than [`NETWORKS_MIN`] networks.
    ///
    /// Who comes once, before a flood, can fill a set that those who use the site are a small part of.
    pub returning: (u32, u32),
}

/// Networks of touched visitors who showed more than one thing, from which they speak: nobody who has
/// a few addresses bars a description.
pub const NETWORKS_MIN: usize = 3;

impl Touched {
    /// What this promises when the promise may be wrong with chance `alpha`: the bound on all, or what
    /// it touches at least of those who came back, where that is more.
    pub fn certificate(&self, alpha: f64) -> Certificate {
        let on_all = Certificate::with(alpha, (self.hits, self.visitors));
        let (hits, visitors) = self.returning;
        let at_least = 1.0 - upper_bound(visitors - hits, visitors, alpha);
        Certificate { bound: on_all.bound.max(at_least), ..on_all }
    }
}

impl Certificate {
    /// What `hits` among `visitors` promise when the promise may be wrong with chance `alpha`.
    pub fn with(alpha: f64, (hits, visitors): (u32, u32)) -> Self {
        Self { hits, visitors, bound: upper_bound(hits, visitors, alpha) }
    }

    /// `0 of 8,192 known-good visitors (at most 0.046 %, 95 %)`.
    pub fn text(&self) -> String {
        let mut out = grouped(self.hits);
        out.push_str(" of ");
        out.push_str(&grouped(self.visitors));
        let (percent, decimals) = rounded_up(self.bound * 100.0);
        let _ = write!(out, " known-good visitors (at most {percent:.decimals$} %, 95 %)");
        out
    }

    /// As [`Self::text`]; where nobody has proven anything it must not sound as if they had.
    pub fn text_on(&self, footing: Footing) -> String {
        match footing {
            Footing::Proven => self.text(),
            Footing::Calm | Footing::Nobody => {
                self.text().replace("known-good visitors", "visitors of calm times")
            }
        }
    }
}

/// To two digits that tell something, and never below what it was: a promise must hold as printed.
fn rounded_up(percent: f64) -> (f64, usize) {
    let mut decimals = 0;
    let mut scale = 1.0;
    while percent * scale < 10.0 && decimals < 6 {
        scale *= 10.0;
        decimals += 1;
    }
    (libm::ceil(percent * scale - 1e-9) / scale, decimals)
}

/// Share that is exceeded with chance `alpha` at most, given `hits` among `trials`.
///
/// Source: Clopper, Pearson, "The use of confidence or fiducial limits illustrated in the case of
/// the binomial" (1934).
pub fn upper_bound(hits: u32, trials: u32, alpha: f64) -> f64 {
    if hits >= trials {
        return 1.0;
    }
    let (hits, trials) = (f64::from(hits), f64::from(trials));
    if hits == 0.0 {
        return 1.0 - libm::exp(libm::log(alpha) / trials);
    }
    beta_quantile(1.0 - alpha, hits + 1.0, trials - hits)
}

/// Steps of halving: more do not change a 64-bit number between 0 and 1.
const STEPS: u32 = 64;

/// Where the beta distribution reaches `p`: Newton's steps, halving wherever they leave the bracket.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let log_scale = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b);
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = a / (a + b);
    for _ in 0..STEPS {
        let off = beta_share(x, a, b) - p;
        if off > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let log_density = log_scale + (a - 1.0) * libm::log(x) + (b - 1.0) * libm::log1p(-x);
        let step = off / libm::exp(log_density);
        let next = x - step;
        let next = if next > low && next < high { next } else { f64::midpoint(low, high) };
        if (next - x).abs() <= 1e-12 * x {
            return next;
        }
        x = next;
    }
    // A bound must not be too low.
    high
}

/// The regularised incomplete beta function, by its continued fraction.
///
/// Source: NIST Digital Library of Mathematical Functions, 8.17.4 and 8.17.22.
fn beta_share(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_share(1.0 - x, b, a);
    }
    let log_scale = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b);
    let front = libm::exp(log_scale + a * libm::log(x) + b * libm::log1p(-x)) / a;
    front * continued_fraction(x, a, b)
}

/// Terms of the fraction: it needs about the square root of the larger parameter.
const TERMS: u32 = 2_000;

/// Evaluated from its front (modified Lentz: Thompson, Barnett 1986).
#[expect(clippy::many_single_char_names, reason = "as the source writes them")]
fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut value = d;
    for term in 1..=TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() < 1e-14 {
            break;
        }
    }
    value
}

/// `8192` as `8,192`.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests;
