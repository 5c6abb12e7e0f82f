//! One of the two sets of visitors, laid out for being looked at by attribute.
//!
//! A visitor's requests lie in planes: request `k` of visitor `v` is bit `v` of layer `k`. A column
//! of bits for a value is one pass over the codes of its attribute.
//! Room is taken as visitors come, twice as much each time.

use super::crowd::{Crowd, Who};
use super::known::{Codes, Known, NOTHING};
use super::lexicon::NO_CODE;
use super::{HALF_LIFE, VISITORS_MAX};
use crate::detect::row::Row;
use crate::detect::signature::Term;
use crate::detect::tally::spread;
use seawall_types::{Attribute, Traits};
use std::collections::BTreeMap;

/// Requests of a visitor, each in a layer of its own.
pub(in crate::detect) const PLANES: usize = 4;
const PLANES_U32: u32 = 4;
const _: () = assert!(PLANES_U32 as usize == PLANES);

/// Bits of all planes, one layer behind the other.
pub(in crate::detect) type Planes = Vec<u64>;

/// Visitors that there is room for at first.
const ROOM_AT_FIRST: usize = 512;
const _: () =
    assert!(ROOM_AT_FIRST.is_multiple_of(64) && VISITORS_MAX.is_multiple_of(ROOM_AT_FIRST));

/// Visitors with a few requests of each.
#[derive(Debug)]
pub(in crate::detect) struct Side {
    visitors: Vec<Visitor>,
    places: BTreeMap<u64, u16>,
    crowd: Crowd,
    /// Visitors that there is room for.
    room: usize,
    /// By attribute, layer and place; 0 where there is no request or no value.
    codes: Vec<u16>,
    /// By layer and place, in microseconds, at least 1 where there is a request.
    costs: Vec<u32>,
    cost_us: u64,
    /// The visitor that the next one takes the place of, while it is known.
    next_out: Option<(f64, u16)>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Visitor {
    pub(super) who: Who,
    pub(super) seen_ms: i64,
    /// Different requests that were seen.
    pub(super) different: u32,
    /// Of the requests that are kept, so that the same is not kept twice.
    digests: [u32; PLANES],
    /// What chance adds to its claim, always the same.
    noise: f32,
}

impl Visitor {
    /// Without requests yet.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    #[expect(clippy::cast_possible_truncation, reason = "noise needs no more digits")]
    pub(super) fn new(who: Who, seen_ms: i64, different: u32) -> Self {
        let unit = ((spread(who.key) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        let noise = -libm::log(-libm::log(unit)) as f32;
        Self { who, seen_ms, different, digests: [0; PLANES], noise }
    }
}

impl Default for Side {
    fn default() -> Self {
        Self {
            visitors: Vec::new(),
            places: BTreeMap::new(),
            crowd: Crowd::default(),
            room: ROOM_AT_FIRST,
            codes: vec![NO_CODE; Attribute::COUNT * PLANES * ROOM_AT_FIRST],
            costs: vec![0; PLANES * ROOM_AT_FIRST],
            cost_us: 0,
            next_out: None,
        }
    }
}

impl Side {
    /// Takes a request of a visitor; whether anything was learned.
    pub(super) fn learn(
        &mut self,
        (who, now_ms): (Who, i64),
        row: &Row,
        values: Values<'_>,
    ) -> bool {
        if let Some(place) = self.places.get(&who.key) {
            return self.learn_more((usize::from(*place), now_ms), row, values);
        }
        if !self.crowd.has_room(&who, self.visitors()) {
            return false;
        }
        let visitor = Visitor::new(who, now_ms, 1);
        let place = if self.visitors.len() < VISITORS_MAX {
            self.next_out = None;
            self.push(visitor)
        } else {
            let Some(place) = self.place_for(&visitor) else { return false };
            for layer in 0..PLANES {
                values.0.let_go(values.1, &self.codes(layer, place));
                self.put((layer, place), &NOTHING, 0);
            }
            let gone = self.visitors[place].who;
            self.places.remove(&gone.key);
            self.crowd.remove(&gone);
            self.visitors[place] = visitor;
            self.next_out = None;
            place
        };
        // A place is below VISITORS_MAX, which fits.
        self.places.insert(who.key, u16::try_from(place).unwrap_or(0));
        self.crowd.add(&who);
        self.keep((0, place), row, values);
        true
    }

    /// How many there are.
    pub(in crate::detect) fn visitors(&self) -> u32 {
        u32::try_from(self.visitors.len()).unwrap_or(u32::MAX)
    }

    /// How many of them showed more than one thing.
    pub(in crate::detect) fn came_back(&self) -> u32 {
        u32::try_from(self.visitors.iter().filter(|visitor| visitor.different > 1).count())
            .unwrap_or(u32::MAX)
    }

    /// The network of a visitor who showed more than one thing.
    pub(in crate::detect) fn came_back_from(&self, place: usize) -> Option<u32> {
        let visitor = self.visitors.get(place).filter(|visitor| visitor.different > 1)?;
        Some(visitor.who.prefix)
    }

    /// Words of one layer.
    pub(in crate::detect) fn words(&self) -> usize {
        self.visitors.len().div_ceil(64)
    }

    /// When the visitor was last here that was not for longest.
    pub(super) fn oldest_ms(&self) -> Option<i64> {
        self.visitors.iter().map(|visitor| visitor.seen_ms).min()
    }

    /// Requests that show a term.
    ///
    /// For visitors who are part of what is `known` a value is new when only they themselves showed
    /// it: what a stranger just like them would look like.
    pub(in crate::detect) fn column(&self, term: Term, known: &Known, part: Part) -> Planes {
        let nobody = || vec![0; PLANES * self.words()];
        match term {
            Term::Is(attribute, value) => match known.code(attribute, value) {
                Some(code) => self.column_of(attribute, |_, codes| alike(codes, code)),
                None => nobody(),
            },
            Term::Novel(attribute) if known.tells_novelty(attribute) => {
                let is_new = |place: usize, shown: u16| {
                    if shown == NO_CODE {
                        return false;
                    }
                    let count = known.count_of(attribute, shown);
                    let may_be_own = part == Part::OfKnown && count <= PLANES_U32;
                    count == 0 || (may_be_own && count <= self.own(attribute, place, shown))
                };
                self.column_of(attribute, |first, codes| {
                    let mut flags = [0_u8; 64];
                    for ((place, flag), code) in (first..).zip(&mut flags).zip(codes) {
                        *flag = u8::from(is_new(place, *code));
                    }
                    packed(&flags)
                })
            }
            Term::Novel(_) => nobody(),
        }
    }

    /// All requests that there are.
    pub(in crate::detect) fn everything(&self) -> Planes {
        let mut planes = Vec::with_capacity(PLANES * self.words());
        for layer in 0..PLANES {
            let costs = &self.costs[layer * self.room..][..self.words() * 64];
            planes.extend(costs.chunks_exact(64).map(|chunk| bits(chunk, |cost| cost != 0)));
        }
        planes
    }

    /// What all requests cost.
    pub(in crate::detect) fn everything_cost_us(&self) -> u64 {
        self.cost_us
    }

    /// What the requests of `planes` cost.
    pub(in crate::detect) fn cost_us(&self, planes: &[u64]) -> u64 {
        let words = self.words().max(1);
        let mut sum = 0;
        for (layer, words) in planes.chunks_exact(words).enumerate() {
            for place in ones(words) {
                sum += u64::from(self.costs[layer * self.room + place]);
            }
        }
        sum
    }

    /// Of every request that shows a value: the code of its route, and what it costs.
    pub(super) fn asked(
        &self,
        attribute: Attribute,
        code: u16,
    ) -> impl Iterator<Item = (u16, u32)> {
        let places = 0..self.visitors.len();
        (0..PLANES).flat_map(move |layer| {
            let [own, routes] = [attribute, Attribute::Route].map(|of| self.start(of, layer));
            let costs = layer * self.room;
            let shown = places.clone().filter(move |place| self.codes[own + place] == code);
            shown.map(move |place| (self.codes[routes + place], self.costs[costs + place]))
        })
    }

    /// Whether a visitor is one of them.
    pub(super) fn holds(&self, key: u64) -> bool {
        self.places.contains_key(&key)
    }

    pub(super) fn visitor(&self, place: usize) -> &Visitor {
        &self.visitors[place]
    }

    /// A request of a visitor; none where there is none.
    pub(super) fn row(&self, layer: usize, place: usize, known: &Known) -> Option<(Traits, u32)> {
        let cost_us = self.costs[layer * self.room + place];
        (cost_us != 0).then(|| (known.traits(&self.codes(layer, place)), cost_us))
    }

    /// Puts a visitor back as it was; false when there is no place or it is there already.
    pub(super) fn restore(
        &mut self,
        visitor: Visitor,
        rows: &[Row],
        (known, part): Values<'_>,
    ) -> bool {
        let who = visitor.who;
        let Ok(narrow) = u16::try_from(self.visitors.len()) else { return false };
        if usize::from(narrow) >= VISITORS_MAX
            || rows.len() > PLANES
            || self.places.contains_key(&who.key)
        {
            return false;
        }
        self.places.insert(who.key, narrow);
        self.crowd.add(&who);
        let place = self.push(visitor);
        for (layer, row) in rows.iter().enumerate() {
            self.keep((layer, place), row, (&mut *known, part));
        }
        true
    }

    fn learn_more(&mut self, (place, now_ms): (usize, i64), row: &Row, values: Values<'_>) -> bool {
        if self.next_out.is_some_and(|(_, next)| usize::from(next) == place) {
            self.next_out = None;
        }
        let digest = digest(&row.traits);
        let visitor = &mut self.visitors[place];
        visitor.seen_ms = visitor.seen_ms.max(now_ms);
        if visitor.digests.contains(&digest) {
            return false;
        }
        visitor.different = visitor.different.saturating_add(1);
        let different = usize::try_from(visitor.different).unwrap_or(usize::MAX);
        let layer = if different <= PLANES {
            different - 1
        } else {
            // Each of the different requests is among those kept with the same chance.
            let drawn = spread(visitor.who.key ^ u64::from(visitor.different)) >> 32;
            let drawn = usize::try_from((drawn * u64::from(visitor.different)) >> 32);
            match drawn.ok().filter(|layer| *layer < PLANES) {
                Some(layer) => layer,
                None => return false,
            }
        };
        values.0.let_go(values.1, &self.codes(layer, place));
        self.keep((layer, place), row, values);
        true
    }

    /// Where a visitor goes when all places are taken; none when it has the least claim itself.
    fn place_for(&mut self, visitor: &Visitor) -> Option<usize> {
        let (least, place) = *self.next_out.get_or_insert_with(|| {
            let claims = self.visitors.iter().map(claim).zip(0_u16..);
            claims.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((f64::INFINITY, 0))
        });
        (claim(visitor) > least).then_some(usize::from(place))
    }

    /// Takes one more visitor; its place.
    fn push(&mut self, visitor: Visitor) -> usize {
        if self.visitors.len() >= self.room {
            self.widen();
        }
        self.visitors.push(visitor);
        self.visitors.len() - 1
    }

    /// Makes room for twice as many.
    fn widen(&mut self) {
        let room = (self.room * 2).min(VISITORS_MAX);
        let mut codes = vec![NO_CODE; Attribute::COUNT * PLANES * room];
        let mut costs = vec![0; PLANES * room];
        for (wide, narrow) in codes.chunks_mut(room).zip(self.codes.chunks(self.room)) {
            wide[..narrow.len()].copy_from_slice(narrow);
        }
        for (wide, narrow) in costs.chunks_mut(room).zip(self.costs.chunks(self.room)) {
            wide[..narrow.len()].copy_from_slice(narrow);
        }
        (self.room, self.codes, self.costs) = (room, codes, costs);
        self.visitors.reserve_exact(room - self.visitors.len());
    }

    /// Keeps a request in a layer that holds none.
    fn keep(&mut self, (layer, place): (usize, usize), row: &Row, (known, part): Values<'_>) {
        let codes = known.take_in(part, &row.traits);
        self.put((layer, place), &codes, row.cost_us.max(1));
        self.visitors[place].digests[layer] = digest(&row.traits);
    }

    fn put(&mut self, (layer, place): (usize, usize), codes: &Codes, cost_us: u32) {
        for (attribute, code) in Attribute::ALL.into_iter().zip(codes) {
            let start = self.start(attribute, layer);
            self.codes[start + place] = *code;
        }
        let cost = &mut self.costs[layer * self.room + place];
        self.cost_us = self.cost_us - u64::from(*cost) + u64::from(cost_us);
        *cost = cost_us;
    }

    fn codes(&self, layer: usize, place: usize) -> Codes {
        Attribute::ALL.map(|attribute| self.codes[self.start(attribute, layer) + place])
    }

    /// Requests of one visitor that show a value.
    fn own(&self, attribute: Attribute, place: usize, code: u16) -> u32 {
        let shows = |layer: &usize| self.codes[self.start(attribute, *layer) + place] == code;
        u32::try_from((0..PLANES).filter(shows).count()).unwrap_or(0)
    }

    fn start(&self, attribute: Attribute, layer: usize) -> usize {
        (attribute.index() * PLANES + layer) * self.room
    }

    /// Sixty-four visitors at a time, of whom the first is told.
    fn column_of(
        &self,
        attribute: Attribute,
        is_shown: impl Fn(usize, &[u16; 64]) -> u64,
    ) -> Planes {
        let mut planes = Vec::with_capacity(PLANES * self.words());
        for layer in 0..PLANES {
            let codes = &self.codes[self.start(attribute, layer)..][..self.words() * 64];
            let chunks = codes.as_chunks::<64>().0;
            planes.extend((0..).step_by(64).zip(chunks).map(|(at, codes)| is_shown(at, codes)));
        }
        planes
    }
}

/// Whether visitors are among those that novelty is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Part {
    /// They are: the visitors searched on.
    OfKnown,
    /// They are not: the visitors certified on.
    Apart,
}

impl Part {
    /// Which of two counts is theirs.
    pub(super) const fn set(self) -> usize {
        match self {
            Self::OfKnown => 0,
            Self::Apart => 1,
        }
    }
}

/// Where the values of requests are counted, and for which visitors.
pub(super) type Values<'a> = (&'a mut Known, Part);

/// How much a visitor is to be kept: the highest stay.
///
/// The logarithm of a weight that halves with [`HALF_LIFE`], plus noise that is the visitor's own:
/// those that stay are a sample without replacement by that weight.
/// Source: Efraimidis, Spirakis, "Weighted random sampling with a reservoir" (2006), with forward
/// decay (Cormode and others 2009).
#[expect(clippy::cast_precision_loss, reason = "milliseconds of 285,000 years fit")]
fn claim(visitor: &Visitor) -> f64 {
    let half_lives = visitor.seen_ms as f64 / HALF_LIFE.as_millis() as f64;
    half_lives * std::f64::consts::LN_2 + f64::from(visitor.noise)
}

/// Never 0, which marks that there is no request.
fn digest(traits: &Traits) -> u32 {
    let folded = Attribute::ALL.iter().fold(0_u64, |folded, attribute| {
        let value = u64::from(traits.get(*attribute).to_bits());
        (folded.rotate_left(5) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    u32::try_from(folded >> 32).unwrap_or(0).max(1)
}

/// Which of sixty-four codes are this one.
fn alike(codes: &[u16; 64], code: u16) -> u64 {
    let mut flags = [0_u8; 64];
    for (flag, other) in flags.iter_mut().zip(codes) {
        *flag = u8::from(*other == code);
    }
    packed(&flags)
}

fn bits(chunk: &[u32], is_set: impl Fn(u32) -> bool) -> u64 {
    let mut flags = [0_u8; 64];
    for (flag, value) in flags.iter_mut().zip(chunk) {
        *flag = u8::from(is_set(*value));
    }
    packed(&flags)
}

/// Sixty-four bytes of 0 or 1 as bits, eight at a time by one multiplication.
fn packed(flags: &[u8; 64]) -> u64 {
    let mut word = 0;
    for (byte, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= gathered << (byte * 8);
    }
    word
}

/// Positions of the bits that are set.
pub(in crate::detect) fn ones(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(at, word)| {
        let mut rest = *word;
        std::iter::from_fn(move || {
            let bit = usize::try_from(rest.trailing_zeros()).ok().filter(|bit| *bit < 64)?;
            rest &= rest - 1;
            Some(at * 64 + bit)
        })
    })
}
