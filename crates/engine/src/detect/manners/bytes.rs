//! How senders went about a site in calm times, as bytes, so that a restart in the midst of a crowd
//! does not take it for something else.
//!
//! Bounds: [`ROUTES_MAX`] routes.

use super::{CALM_HALVES, Figures, ROUTES_MAX, Senders};
use seawall_types::Trait;

/// Senders, and four figures of theirs.
const CALM_BYTES: usize = 4 + 4 * 8;

impl Senders {
    /// What calm times were like, with the count of routes in front.
    pub(in crate::detect) fn put(&self, out: &mut Vec<u8>) {
        out.extend(u32::try_from(self.routes.len()).unwrap_or(0).to_le_bytes());
        self.routes.iter().for_each(|route| out.extend(route.to_bits().to_le_bytes()));
        // Nobody was seen where there are no senders.
        let Figures { senders, goes_on, on_ms_per_s, requests, cost_ms } =
            self.calm.unwrap_or_default();
        out.extend(senders.to_le_bytes());
        out.extend([goes_on, on_ms_per_s, requests, cost_ms].map(f64::to_le_bytes).concat());
    }

    /// Takes that back; with the bytes behind it, or none when they are not whole.
    pub(in crate::detect) fn take(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (count, rest) = bytes.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        if count > ROUTES_MAX {
            return None;
        }
        let (routes, rest) = rest.split_at_checked(count * 4)?;
        let routes = routes.as_chunks::<4>().0.iter().map(|bits| u32::from_le_bytes(*bits));
        let routes = routes.map(Trait::new).collect();
        let (calm, rest) = rest.split_first_chunk::<CALM_BYTES>()?;
        let (senders, figures) = calm.split_first_chunk::<4>()?;
        let senders = u32::from_le_bytes(*senders);
        let mut figures = figures.as_chunks::<8>().0.iter().map(|bits| f64::from_le_bytes(*bits));
        let mut figure = || figures.next().filter(|figure| figure.is_finite() && *figure >= 0.0);
        let [goes_on, on_ms_per_s, requests, cost_ms] =
            [figure()?, figure()?, figure()?, figure()?];
        let calm = Figures { senders, goes_on, on_ms_per_s, requests, cost_ms };
        let calm = (senders > 0).then_some(calm);
        let calm_halves = if calm.is_some() { CALM_HALVES } else { 0 };
        Some((Self { routes, calm, calm_halves, ..Self::default() }, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::super::HALF;
    use super::*;
    use seawall_types::{
        Attribute, FarEnd, Moment, PlatformId, Reason, RequestObservation, SourceKey, Traits,
        Verdict,
    };

    #[test]
    fn what_calm_times_were_like_is_known_after_a_restart() {
        let mut senders = Senders::default();
        let asks = |route| RequestObservation {
            at: Moment(1),
            platform: PlatformId(0),
            source: SourceKey::of([192, 0, 2, 1].into()),
            far: FarEnd::default(),
            verdict: Verdict::Admit,
            reason: Reason::Clear,
            cost_us: 2_000,
            is_proven: false,
            measure: None,
            traits: Traits::default().with(Attribute::Route, Trait::new(route)),
        };
        for route in 1..5 {
            senders.learn_route(&asks(route).traits);
            senders.observe(7, &asks(route));
        }
        senders.turn(Moment(0) + HALF, true);
        let mut bytes = Vec::new();
        senders.put(&mut bytes);
        bytes.push(9);
        let (again, rest) = Senders::take(&bytes).unwrap();
        assert_eq!(rest, [9]);
        let manners = again.of((Moment(0), Moment(0) + HALF), |_| true);
        assert!(manners.goes_on_calm > 0.0 && manners.cost_ms_calm > 0.0, "{manners:?}");
        assert_eq!(again.routes, senders.routes);
        for cut in 0..bytes.len() - 1 {
            assert!(Senders::take(&bytes[..cut]).is_none(), "{cut}");
        }
        bytes[0] = 255;
        bytes[1] = 255;
        assert!(Senders::take(&bytes).is_none(), "more routes than there can be");
    }
}
