//! Looks that are made up: which parts of a stack are forged, and the texts that follow.
//!
//! [`Look::variation`] holds which parts are forged (the upper four bits) and the forgery's number;
//! the same number gives the same texts, so that a million looks need no million rows.
//! The texts are well formed and mean nothing: no value is that of a real client on purpose.

use crate::Chance;
use crate::stack::{Look, Protocol, Stack, StackId, Stacks};

/// Forgeries of one stack that can be told apart.
const NUMBERS: u32 = 1 << 28;

/// User agents of one list.
pub const LIST_MAX: u32 = 100_000;

/// Parts of a look that a forger may change, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forged(u32);

impl Forged {
    /// The user agent: a browser's, of some version and system.
    pub const USER_AGENT: Self = Self(1);
    /// TLS and HTTP/2 fingerprints.
    pub const HANDSHAKE: Self = Self(2);
    /// The order of headers.
    pub const HEADERS: Self = Self(4);
    /// The SYN.
    pub const TCP: Self = Self(8);
    /// Everything that can be forged.
    pub const ALL: Self = Self(15);

    /// A look whose parts of this kind are forgery `number` of a stack.
    pub fn look(self, stack: StackId, number: u32) -> Look {
        Look { stack, variation: (self.0 << 28) | (number % NUMBERS) }
    }

    /// One number for this part of a look, forged or not: where it differs the texts do, but for rows
    /// that share a text.
    pub fn number(self, look: Look) -> u64 {
        let forged = if Self::of(look).holds(self) { look.variation % NUMBERS + 1 } else { 0 };
        (u64::from(look.stack.0) << 32) | u64::from(forged)
    }

    fn of(look: Look) -> Self {
        Self(look.variation >> 28)
    }

    fn holds(self, part: Self) -> bool {
        self.0 & part.0 != 0
    }
}

/// The texts that a look shows; none when its row is of another table.
pub fn shown(stacks: &Stacks, look: Look) -> Option<Stack> {
    let mut stack = stacks.row(look.stack)?.clone();
    let forged = Forged::of(look);
    let number = look.variation % NUMBERS;
    let draws = |part: Forged| {
        Chance::for_part(u64::from(number), (u64::from(look.stack.0) << 8) | u64::from(part.0))
    };
    if forged.holds(Forged::USER_AGENT) {
        // By the number alone: a list of user agents is the same whatever tool sends it.
        stack.user_agent = user_agent(&mut Chance::for_part(u64::from(number), 1));
    }
    if forged.holds(Forged::HANDSHAKE) {
        let mut chance = draws(Forged::HANDSHAKE);
        stack.ja4 = ja4(stack.protocol, &mut chance);
        if stack.protocol == Protocol::H2 {
            stack.h2 = h2(&mut chance);
        }
    }
    if forged.holds(Forged::HEADERS) {
        stack.headers = shuffled(&stack.headers, &mut draws(Forged::HEADERS));
    }
    if forged.holds(Forged::TCP) {
        stack.tcp = tcp(&mut draws(Forged::TCP));
    }
    Some(stack)
}

fn user_agent(chance: &mut Chance) -> String {
    const SYSTEMS: [&str; 5] = [
        "Windows NT 10.0; Win64; x64",
        "Macintosh; Intel Mac OS X 10_15_7",
        "X11; Linux x86_64",
        "X11; Ubuntu; Linux x86_64",
        "Linux; Android 10; K",
    ];
    let system = chance.pick(&SYSTEMS).copied().unwrap_or("X11");
    let version = 90 + chance.below(60);
    let build = chance.below(7_000);
    match chance.below(3) {
        0 => format!("Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"),
        1 => format!(
            "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/{version}.0.{build}.{} Safari/537.36",
            chance.below(200)
        ),
        _ => format!(
            "Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) \
             Version/{}.{} Safari/605.1.15",
            12 + chance.below(8),
            chance.below(7)
        ),
    }
}

fn ja4(protocol: Protocol, chance: &mut Chance) -> String {
    const HALF: u64 = 0xffff_ffff_ffff;
    let alpn = match protocol {
        Protocol::H1 => "h1",
        Protocol::H2 => "h2",
    };
    let (ciphers, extensions) = (5 + chance.below(40), 6 + chance.below(14));
    let (first, second) = (chance.next_u64() & HALF, chance.next_u64() & HALF);
    format!("t13d{ciphers:02}{extensions:02}{alpn}_{first:012x}_{second:012x}")
}

fn h2(chance: &mut Chance) -> String {
    let table = 1_024 << chance.below(7);
    let streams = 50 * (1 + chance.below(20));
    let window = 65_535 + 1_024 * chance.below(6_000);
    let more = 1_024 * (1 + chance.below(15_000));
    format!("1:{table};3:{streams};4:{window}|{more}|0|m,p,a,s")
}

fn tcp(chance: &mut Chance) -> String {
    let ttl = [64, 128, 255][chance.below(3) as usize];
    let mss = 1_200 + chance.below(261);
    let window = 1_024 * (1 + chance.below(63));
    let scale = chance.below(15);
    format!("4:{ttl}:0:{mss}:{window},{scale}:mss,nop,ws,nop,nop,sok:df,id+:0")
}

/// The names in another order, never the same where there are two or more.
fn shuffled(headers: &str, chance: &mut Chance) -> String {
    let mut names: Vec<_> = headers.split(',').collect();
    for last in (1..names.len()).rev() {
        let other = chance.below(u32::try_from(last + 1).unwrap_or(1));
        names.swap(last, other as usize);
    }
    if names.iter().copied().eq(headers.split(',')) {
        names.rotate_left(1);
    }
    names.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flood::tools::Tool;
    use std::collections::BTreeSet;

    fn one_tool() -> (Stacks, StackId) {
        let mut stacks = Stacks::default();
        let id = stacks.intern(Tool::Node.stack());
        (stacks, id)
    }

    #[test]
    fn only_the_parts_that_are_forged_differ_from_the_row() {
        let (stacks, id) = one_tool();
        let row = stacks.row(id).unwrap().clone();
        let made = |forged: Forged| shown(&stacks, forged.look(id, 7)).unwrap();
        assert_eq!(shown(&stacks, Look::of(id)).unwrap(), row);
        let agent = made(Forged::USER_AGENT);
        assert_eq!(Stack { user_agent: row.user_agent.clone(), ..agent.clone() }, row);
        assert_ne!(agent.user_agent, row.user_agent);
        let handshake = made(Forged::HANDSHAKE);
        assert_ne!((&handshake.ja4, &handshake.h2), (&row.ja4, &row.h2));
        let headers = made(Forged::HEADERS).headers;
        let sorted = |text: &str| text.split(',').map(str::to_owned).collect::<BTreeSet<_>>();
        assert_ne!(headers, row.headers);
        assert_eq!(sorted(&headers), sorted(&row.headers));
        assert_ne!(made(Forged::TCP).tcp, row.tcp);
    }

    #[test]
    fn a_part_has_one_number_for_as_long_as_it_is_not_forged() {
        let (_, id) = one_tool();
        let numbers = |part: Forged| {
            let looks = (0..50).map(|number| Forged::USER_AGENT.look(id, number));
            looks.map(|look| part.number(look)).collect::<BTreeSet<_>>().len()
        };
        assert_eq!((numbers(Forged::USER_AGENT), numbers(Forged::HANDSHAKE)), (50, 1));
        assert_eq!(numbers(Forged::HEADERS), 1);
    }

    #[test]
    fn the_same_number_gives_the_same_texts_and_others_give_others() {
        let (stacks, id) = one_tool();
        let all: BTreeSet<_> = (0..2_000_u32)
            .map(|number| shown(&stacks, Forged::ALL.look(id, number)).unwrap())
            .map(|stack| (stack.ja4, stack.headers, stack.user_agent))
            .collect();
        assert!(all.len() > 1_990, "{}", all.len());
        let again = |number| shown(&stacks, Forged::ALL.look(id, number));
        assert_eq!(again(5), again(5));
    }
}
