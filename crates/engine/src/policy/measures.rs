//! The standing measures that the hot path looks up: immutable, swapped whole.
//!
//! Never locks, waits or allocates.
//! Cost: at most [`MEASURES_MAX`] comparisons of four numbers, for a platform where measures stand.

use super::measure::{By, Matches, Measure};
use seawall_types::{MeasureId, Moment, PlatformId, Reason, Rung, Traits, Verdict};
use std::cmp::Reverse;
use std::net::IpAddr;

/// Measures that stand on one platform at most.
pub const MEASURES_MAX: usize = 64;

/// All standing measures, compiled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measures {
    /// By platform index, the strictest first.
    platforms: Vec<Vec<Measure>>,
    version: u64,
}

/// A request, as measures see it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Which platform it is for.
    pub platform: PlatformId,
    /// Who asks.
    pub address: IpAddr,
    /// Path and query.
    pub target: &'a str,
    /// What it shows of itself.
    pub traits: &'a Traits,
}

/// The measure that decides about a request: the strictest that meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Met {
    /// Which.
    pub measure: MeasureId,
    /// What it asks for.
    pub rung: Rung,
    /// Who wanted it.
    pub by: By,
    /// Whether it is about pages alone, and not about what else is asked for.
    pub reach: Reach,
}

/// What a measure is about, of all that it meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Whatever it is.
    Everything,
    /// Who opens a page.
    Navigations,
}

/// What a request that meets a measure gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// What it would get without the measure.
    Served,
    /// The same, after all others.
    ServedLast,
    /// An answer of the shield's own.
    Stopped(Verdict),
}

/// What speaks for the sender of a request that meets a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Known to be good before the trouble, or has passed a challenge.
    pub is_trusted: bool,
    /// Opens a page, so that it can be challenged.
    pub navigates: bool,
}

/// What a sender bears of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bears {
    /// Nothing that stands for a check that was passed.
    Nothing,
    /// The token of one who passed, lately or long ago.
    Token,
}

impl Met {
    /// Whether a request of somebody who is not known goes after all others.
    ///
    /// Who passed a check goes before those who did not; but strangers are put last where most of them
    /// pass what they are asked, and there it tells nobody from anybody.
    pub const fn goes_last(self, client: Client, bears: Bears) -> bool {
        let passing_tells = !matches!((self.rung, self.reach), (Rung::Lane, Reach::Navigations));
        matches!(self.treatment(client), Treatment::ServedLast)
            && !(passing_tells && matches!(bears, Bears::Token))
    }

    /// What a request gets; a program that would be challenged is asked to come back later.
    pub const fn treatment(self, client: Client) -> Treatment {
        let Client { is_trusted, navigates } = client;
        match (self.rung, self.reach) {
            // Whether there is room in a rate is asked of those alone who would be served.
            (Rung::Watch | Rung::Limit, _) => Treatment::Served,
            (Rung::Lane | Rung::Challenge, _) if is_trusted => Treatment::Served,
            // Who passes the challenge is served before what cannot be asked to.
            (Rung::Challenge, Reach::Navigations) if !navigates => Treatment::ServedLast,
            (Rung::Lane, _) => Treatment::ServedLast,
            (Rung::Challenge, _) if navigates => Treatment::Stopped(Verdict::Challenge),
            (Rung::Challenge, _) => Treatment::Stopped(Verdict::Hold),
            (Rung::Refuse, _) => Treatment::Stopped(Verdict::Refuse),
            (Rung::Drop, _) => Treatment::Stopped(Verdict::Drop),
        }
    }

    /// Why a request gets what the measure asks for.
    pub const fn reason(self) -> Reason {
        match self.by {
            By::Ladder => Reason::Flood,
            By::Operator => Reason::Operator,
        }
    }
}

impl Measures {
    /// Compiles measures; a later version replaces an earlier one.
    pub fn new(all: impl IntoIterator<Item = Measure>, version: u64) -> Self {
        let mut platforms: Vec<Vec<Measure>> = Vec::new();
        for measure in all {
            let index = measure.platform.index();
            if platforms.len() <= index {
                platforms.resize_with(index + 1, Vec::new);
            }
            platforms[index].push(measure);
        }
        for own in &mut platforms {
            // What meets everybody who opens a page comes behind what meets some of them: it would
            // hide whom those are about.
            let breadth = |one: &Measure| matches!(one.matches, Matches::Navigations);
            own.sort_by_key(|one| (Reverse(decides(one.rung)), breadth(one), one.id));
            own.truncate(MEASURES_MAX);
        }
        Self { platforms, version }
    }

    /// Told apart by whoever passes them on.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether any measure stands on a platform: if none does, nothing need be found out for it.
    pub fn stand_on(&self, platform: PlatformId) -> bool {
        self.platforms.get(platform.index()).is_some_and(|own| !own.is_empty())
    }

    /// Whether any measure stands anywhere.
    pub fn are_none(&self) -> bool {
        self.platforms.iter().all(Vec::is_empty)
    }

    /// The strictest measure that meets a request and has not expired.
    ///
    /// Who is served by it must be within every rate besides: [`Self::over_limit`].
    pub fn look(&self, now: Moment, asked: &Asked<'_>) -> Option<Met> {
        self.look_among(now, asked, |_| true)
    }

    /// The strictest measure of an operator's that meets somebody who is known by a lane: what the
    /// shield sets by itself is not about them.
    pub fn look_in_lane(&self, now: Moment, asked: &Asked<'_>) -> Option<Met> {
        self.look_among(now, asked, |one| one.by == By::Operator)
    }

    fn look_among(
        &self,
        now: Moment,
        asked: &Asked<'_>,
        counts: impl Fn(&Measure) -> bool,
    ) -> Option<Met> {
        let own = self.platforms.get(asked.platform.index())?;
        let mut strictest: Option<(Rung, &Measure)> = None;
        for one in own {
            // Those that follow ask for less.
            if strictest.is_some_and(|(rung, _)| decides(rung) >= decides(one.rung)) {
                break;
            }
            let meets = now < one.expires_at
                && counts(one)
                && one.matches.meets(asked.address, asked.target, asked.traits);
            let rung = if meets { one.rung_for(asked.address) } else { Rung::Watch };
            if meets && strictest.is_none_or(|(strictest, _)| decides(rung) > decides(strictest)) {
                strictest = Some((rung, one));
            }
        }
        let (rung, met) = strictest?;
        let reach = match met.matches {
            Matches::Navigations => Reach::Navigations,
            Matches::Source(_) | Matches::Path(_) | Matches::Signature(_) => Reach::Everything,
        };
        Some(Met { measure: met.id, rung, by: met.by, reach })
    }

    /// Takes a request that would be served from the rate of every measure on the rung `limit` that
    /// meets it; the first whose rate is used up.
    pub fn over_limit(&self, now: Moment, asked: &Asked<'_>) -> Option<Met> {
        self.over_limit_among(now, asked, |_| true)
    }

    fn over_limit_among(
        &self,
        now: Moment,
        asked: &Asked<'_>,
        counts: impl Fn(&Measure) -> bool,
    ) -> Option<Met> {
        let own = self.platforms.get(asked.platform.index())?;
        let limits = own.iter().filter(|one| one.rung == Rung::Limit && now < one.expires_at);
        let limits = limits.filter(|one| counts(one));
        let mut meets =
            limits.filter(|one| one.matches.meets(asked.address, asked.target, asked.traits));
        let over = meets.find(|one| !one.allowance.take(now))?;
        let reach = Reach::Everything;
        Some(Met { measure: over.id, rung: Rung::Limit, by: over.by, reach })
    }

    /// As [`Self::over_limit`], of an operator's measures alone.
    pub fn over_limit_in_lane(&self, now: Moment, asked: &Asked<'_>) -> Option<Met> {
        self.over_limit_among(now, asked, |one| one.by == By::Operator)
    }

    /// Every measure, by platform and strictest first.
    pub fn all(&self) -> impl Iterator<Item = &Measure> {
        self.platforms.iter().flatten()
    }
}

/// The place of a rung among those that meet the same request.
///
/// Every rate is asked besides, so that one does not hide that its requests are served last.
const fn decides(rung: Rung) -> u8 {
    match rung {
        Rung::Watch => 0,
        Rung::Limit => 1,
        Rung::Lane => 2,
        Rung::Challenge => 3,
        Rung::Refuse => 4,
        Rung::Drop => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::allowance::Allowance;
    use crate::policy::measure::{Matches, Partly};
    use crate::policy::{AddressSet, Rules};
    use proptest::prelude::*;
    use seawall_types::{MeasureTotals, RequestRate, SourceNetwork};
    use std::net::Ipv4Addr;
    use std::time::Duration;

    const WWW: PlatformId = PlatformId(0);
    const DONATE: PlatformId = PlatformId(1);

    fn measure(number: u32, platform: PlatformId, network: &str, rung: Rung) -> Measure {
        Measure {
            id: MeasureId::new(number).unwrap(),
            platform,
            matches: Matches::Source(network.parse().unwrap()),
            rung,
            partly: None,
            by: By::Operator,
            began_at: Moment(0),
            expires_at: Moment(0) + Duration::from_secs(10),
            allowance: Allowance::new(None),
            totals: MeasureTotals::default(),
            text: network.into(),
            why: "test".into(),
        }
    }

    fn rung(
        measures: &Measures,
        now: Moment,
        (platform, address): (PlatformId, &str),
    ) -> Option<Rung> {
        let address = address.parse().unwrap();
        let asked = Asked { platform, address, target: "/", traits: &Traits::default() };
        measures.look(now, &asked).map(|met| met.rung)
    }

    #[test]
    fn what_a_rung_means_depends_on_who_asks() {
        use Treatment::{Served, ServedLast, Stopped};
        let treatment = |rung, reach, (is_trusted, navigates)| {
            let measure = MeasureId::new(1).unwrap();
            let met = Met { measure, rung, by: By::Ladder, reach };
            met.treatment(Client { is_trusted, navigates })
        };
        let (all, pages) = (Reach::Everything, Reach::Navigations);
        for (rung, reach, client, expected) in [
            (Rung::Watch, all, (false, true), Served),
            (Rung::Lane, all, (false, true), ServedLast),
            (Rung::Lane, all, (true, true), Served),
            (Rung::Challenge, all, (true, false), Served),
            (Rung::Challenge, all, (false, true), Stopped(Verdict::Challenge)),
            (Rung::Challenge, all, (false, false), Stopped(Verdict::Hold)),
            (Rung::Challenge, pages, (false, true), Stopped(Verdict::Challenge)),
            (Rung::Challenge, pages, (false, false), ServedLast),
            (Rung::Refuse, all, (true, true), Stopped(Verdict::Refuse)),
            (Rung::Drop, all, (true, true), Stopped(Verdict::Drop)),
        ] {
            assert_eq!(treatment(rung, reach, client), expected, "{rung:?} {reach:?} {client:?}");
        }
    }

    #[test]
    fn who_passed_goes_before_others_except_where_most_pass() {
        let goes_last = |rung, reach, bears| {
            let measure = MeasureId::new(1).unwrap();
            let met = Met { measure, rung, by: By::Ladder, reach };
            met.goes_last(Client { is_trusted: false, navigates: false }, bears)
        };
        let (all, pages) = (Reach::Everything, Reach::Navigations);
        for (rung, reach, expected) in [
            (Rung::Lane, all, [true, false]),
            (Rung::Challenge, pages, [true, false]),
            (Rung::Lane, pages, [true, true]),
            (Rung::Watch, pages, [false, false]),
        ] {
            let told = [Bears::Nothing, Bears::Token].map(|bears| goes_last(rung, reach, bears));
            assert_eq!(told, expected, "{rung:?} {reach:?}");
        }
        let known = Client { is_trusted: true, navigates: true };
        let measure = MeasureId::new(1).unwrap();
        let strangers = Met { measure, rung: Rung::Lane, by: By::Ladder, reach: pages };
        assert!(!strangers.goes_last(known, Bears::Nothing));
    }

    #[test]
    fn a_measure_takes_the_share_of_sources_that_it_says_and_those_always() {
        let mut one = measure(1, WWW, "0.0.0.0/0", Rung::Refuse);
        let refused = |one: &Measure| -> Vec<u32> {
            let refuses = |n: &u32| one.rung_for(Ipv4Addr::from(*n).into()) == Rung::Refuse;
            (0..10_000).filter(refuses).collect()
        };
        let of = |share| Some(Partly { share, others: Rung::Challenge, key: 9 });
        one.partly = of(100);
        let tenth = refused(&one);
        assert!(tenth.len().abs_diff(1_000) < 100, "{}", tenth.len());
        one.partly = of(950);
        let most = refused(&one);
        assert!(most.len().abs_diff(9_500) < 100 && tenth.iter().all(|n| most.contains(n)));
        assert_eq!(
            one.rung_for(Ipv4Addr::from(0_u32).into()),
            one.rung_for("::ffff:0.0.0.0".parse().unwrap())
        );
    }

    #[test]
    fn the_strictest_measure_that_meets_a_request_decides() {
        let all = [
            measure(1, WWW, "192.0.2.0/24", Rung::Lane),
            measure(2, WWW, "192.0.2.128/25", Rung::Refuse),
        ];
        let measures = Measures::new(all, 1);
        assert_eq!(rung(&measures, Moment(0), (WWW, "192.0.2.1")), Some(Rung::Lane));
        assert_eq!(rung(&measures, Moment(0), (WWW, "192.0.2.200")), Some(Rung::Refuse));
        assert_eq!(rung(&measures, Moment(0), (WWW, "198.51.100.1")), None);
    }

    #[test]
    fn a_measure_stands_on_its_platform_alone() {
        let measures = Measures::new([measure(1, DONATE, "0.0.0.0/0", Rung::Refuse)], 1);
        assert!(measures.stand_on(DONATE) && !measures.stand_on(WWW));
        assert_eq!(rung(&measures, Moment(0), (WWW, "192.0.2.1")), None);
        assert_eq!(rung(&measures, Moment(0), (DONATE, "192.0.2.1")), Some(Rung::Refuse));
    }

    #[test]
    fn a_limit_serves_what_is_within_its_rate() {
        let measures = Measures::new([measure(1, WWW, "0.0.0.0/0", Rung::Limit)], 1);
        let address = "192.0.2.1".parse().unwrap();
        let asked = Asked { platform: WWW, address, target: "/", traits: &Traits::default() };
        let served: Vec<_> =
            (0..20).map(|_| measures.over_limit(Moment(0), &asked).is_none()).collect();
        assert_eq!(served.iter().filter(|served| **served).count(), 11);
        assert_eq!(served.last(), Some(&false));
    }

    #[test]
    fn looking_takes_nothing_from_a_rate_and_every_rate_is_asked() {
        let wide = measure(1, WWW, "0.0.0.0/0", Rung::Limit);
        let narrow = Measure { allowance: Allowance::new(RequestRate::new(1.0)), ..wide.clone() };
        let narrow = Measure { id: MeasureId::new(2).unwrap(), ..narrow };
        let measures = Measures::new([wide, narrow], 1);
        let address = "192.0.2.1".parse().unwrap();
        let asked = Asked { platform: WWW, address, target: "/", traits: &Traits::default() };
        for _ in 0..100 {
            assert_eq!(measures.look(Moment(0), &asked).map(|met| met.rung), Some(Rung::Limit));
        }
        let over = (0..5).find_map(|_| measures.over_limit(Moment(0), &asked));
        assert_eq!(over.map(|met| met.measure.number()), Some(2));
    }

    #[test]
    fn a_rate_does_not_hide_that_its_requests_are_served_last() {
        let all = [
            measure(1, WWW, "0.0.0.0/0", Rung::Limit),
            measure(2, WWW, "192.0.2.0/24", Rung::Lane),
        ];
        let measures = Measures::new(all, 1);
        assert_eq!(rung(&measures, Moment(0), (WWW, "192.0.2.1")), Some(Rung::Lane));
        assert_eq!(rung(&measures, Moment(0), (WWW, "198.51.100.1")), Some(Rung::Limit));
        let address = "192.0.2.1".parse().unwrap();
        let asked = Asked { platform: WWW, address, target: "/", traits: &Traits::default() };
        let over = (0..20).find_map(|_| measures.over_limit(Moment(0), &asked));
        assert_eq!(over.map(|met| met.measure.number()), Some(1), "and is kept all the same");
    }

    #[test]
    fn what_meets_everybody_hides_nothing_that_is_about_some() {
        let all = Measure {
            matches: Matches::Navigations,
            ..measure(1, WWW, "0.0.0.0/0", Rung::Challenge)
        };
        let some = measure(2, WWW, "192.0.2.0/24", Rung::Challenge);
        let measures = Measures::new([all, some], 1);
        let met = |address: &str| {
            let address = address.parse().unwrap();
            let asked = Asked { platform: WWW, address, target: "/", traits: &Traits::default() };
            measures.look(Moment(0), &asked).map(|met| met.measure.number())
        };
        assert_eq!((met("192.0.2.1"), met("198.51.100.1")), (Some(2), Some(1)));
    }

    #[test]
    fn who_is_in_a_lane_meets_what_an_operator_set_and_nothing_else() {
        let by_ladder = Measure { by: By::Ladder, ..measure(1, WWW, "0.0.0.0/0", Rung::Refuse) };
        let by_hand = measure(2, WWW, "192.0.2.0/24", Rung::Limit);
        let measures = Measures::new([by_ladder, by_hand], 1);
        let met = |address: &str| {
            let address = address.parse().unwrap();
            let asked = Asked { platform: WWW, address, target: "/", traits: &Traits::default() };
            measures.look_in_lane(Moment(0), &asked).map(|met| met.measure.number())
        };
        assert_eq!((met("192.0.2.1"), met("198.51.100.1")), (Some(2), None));
    }

    /// Any measure at all: of everybody, of a network around the address, of every path.
    fn any_measure() -> impl Strategy<Value = Measure> {
        let matches = prop_oneof![
            (any::<u32>(), 0_u8..=32).prop_map(|(bits, prefix)| {
                let address = IpAddr::from(bits.to_be_bytes());
                Matches::Source(SourceNetwork::new(address, prefix).expect("a prefix of IPv4"))
            }),
            Just(Matches::Source("0.0.0.0/0".parse().expect("a network"))),
            Just(Matches::Path("/".into())),
        ];
        (1_u32..1_000, matches, 0..Rung::ALL.len()).prop_map(|(number, matches, rung)| Measure {
            matches,
            ..measure(number, WWW, "192.0.2.0/24", Rung::ALL[rung])
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn no_measure_meets_who_is_on_the_allow_list(
            measure in any_measure(), last in any::<u8>(), outside in any::<u32>(),
        ) {
            let rules = Rules {
                allow: AddressSet::new(&["203.0.113.0/24".parse().expect("a network")]),
                source_budget: None,
                source_connections: 8,
                modes: Vec::new(),
            };
            let meets_all = measure.matches.meets(
                IpAddr::from([198, 51, 100, 7]), "/", &Traits::default(),
            );
            let measures = Measures::new([measure], 1);
            let met = |address: IpAddr| {
                let traits = &Traits::default();
                rules.meet(&measures, Moment(0), &Asked { platform: WWW, address, target: "/", traits })
            };
            prop_assert_eq!(met(IpAddr::from([203, 0, 113, last])), None);
            // What is not on the list is met as ever.
            let outside = if meets_all { 0xC633_6407 } else { outside };
            let address = IpAddr::from(outside.to_be_bytes());
            let is_listed = rules.allow.contains(address);
            prop_assert!(!meets_all || is_listed || met(address).is_some());
        }
    }

    #[test]
    fn what_has_expired_meets_nobody_even_when_nobody_took_it_away() {
        let measures = Measures::new([measure(1, WWW, "0.0.0.0/0", Rung::Drop)], 1);
        let late = Moment(0) + Duration::from_secs(10);
        assert_eq!(rung(&measures, late, (WWW, "192.0.2.1")), None);
    }
}
