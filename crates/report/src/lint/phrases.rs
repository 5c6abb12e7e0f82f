//! Phrases that say more than a record can hold, or that need a condition to be true.
//!
//! A star at the end of a word stands for any ending.

use super::Hit;
use crate::case::{Case, Level, Standing};
use crate::known::Known;
use crate::words::Word;
use seawall_types::evidence::IncidentKind;

/// When a phrase is borne.
#[derive(Debug, Clone, Copy)]
enum When {
    /// Never: no record holds this.
    Never,
    /// The incident is of kind flood.
    Flood,
    /// The end of the traffic is known.
    Ended,
    /// Load is known to be back in its bound.
    Relieved,
    /// No second was degraded, no visitor harmed, and the other platforms are ruled out.
    Unharmed,
    /// The first measure acted within [`SWIFT_MS`] of the first traffic.
    Swift,
    /// A number stands in the same sentence.
    WithNumber,
}

/// "At once" to a reader: ten seconds.
const SWIFT_MS: i64 = 10_000;

struct Rule {
    phrases: &'static [&'static str],
    when: When,
    why: &'static str,
}

const fn rule(phrases: &'static [&'static str], when: When, why: &'static str) -> Rule {
    Rule { phrases, when, why }
}

const RULES: [Rule; 16] = [
    rule(
        &[
            "sophisticated",
            "highly complex",
            "advanced",
            "skilled",
            "professional*",
            "cutting edge",
            "state of the art",
            "novel",
            "new type of",
            "never seen before",
            "zero day",
            "ingenious",
            "elaborate",
            "cunning",
        ],
        When::Never,
        "skill and novelty are not measured; say what was counted",
    ),
    rule(
        &[
            "large scale",
            "massive*",
            "huge",
            "enormous*",
            "gigantic",
            "unprecedented",
            "largest",
            "biggest",
            "record breaking",
            "historic",
            "never before",
            "major attack*",
            "major cyber*",
            "major incident",
            "serious attack*",
            "severe attack*",
            "heavy attack*",
            "tsunami",
            "overwhelming*",
            "extreme*",
            "colossal",
            "worst",
        ],
        When::Never,
        "size needs its number; the record compares with no other incident",
    ),
    rule(
        &[
            "state sponsored",
            "state backed",
            "nation state*",
            "government backed",
            "foreign",
            "hostile state*",
            "hostile actor*",
            "hostile power*",
            "threat actor*",
            "hacker*",
            "hacktivist*",
            "hacked",
            "hacking",
            "criminal*",
            "cybercriminal*",
            "adversar*",
            "enem*",
            "perpetrator*",
            "culprit*",
            "saboteur*",
            "extremist*",
            "opponents",
            "intelligence service*",
            "troll*",
            concat!("attack", "er*"),
        ],
        When::Never,
        "evidence of traffic does not say who sent it",
    ),
    rule(
        &[
            "targeted",
            "deliberate*",
            "coordinated",
            "orchestrated",
            "intentional*",
            "malicious*",
            "aimed at",
            "attempt to",
            "attempted to",
            "tried to silence",
            "political*",
            "motivated",
            "sabotage*",
            "retaliat*",
            "revenge",
            "interfere*",
            "attack on democracy",
            "attack on our democracy",
            "silence us",
            "planned attack",
            "designed to",
        ],
        When::Never,
        "what senders want is not measured",
    ),
    rule(
        &[
            "botnet*",
            "bots",
            "zombie*",
            "infected",
            "hijacked",
            "compromised devices",
            "compromised machines",
            "compromised computers",
            "compromised routers",
        ],
        When::Never,
        "what the senders are is not measured; say sources",
    ),
    rule(
        &[
            "cyber attack*",
            "cyberattack*",
            "cyber war*",
            "cyberwar*",
            "cyber assault*",
            "cyber terror*",
        ],
        When::Never,
        "says more than was recorded; if its kind is flood, say a flood of requests",
    ),
    rule(
        &[
            "attack",
            "attacks",
            "attacked",
            "attacking",
            "ddos",
            "denial of service",
            "assault*",
            "bombard*",
            "onslaught",
        ],
        When::Flood,
        "the incident is not of kind flood: the record does not show more than load",
    ),
    rule(
        &[
            "no breach*",
            "no data*",
            "no personal data",
            "no customer data",
            "no member data",
            "no information",
            "data is safe",
            "data are safe",
            "data remain*",
            "data was not",
            "data were not",
            "data is not",
            "not compromised",
            "not breached",
            "not accessed",
            "not stolen",
            "no intrusion*",
            "no unauthor*",
            "nothing was stolen",
            "nothing was lost",
            "no evidence of",
            "no indication*",
            "systems are secure",
            "systems remain*",
            "is secure",
            "are secure",
            "remains secure",
            "fully secure",
            "your data*",
            "details are safe",
            "details were not",
            "passwords were not",
            "passwords are safe",
            "were safe at all times",
            "was safe at all times",
            "integrity",
        ],
        When::Never,
        "the record is about availability; it neither shows nor rules out access to data",
    ),
    rule(
        &[
            "all visitors",
            "every visitor*",
            "everyone was",
            "everyone could",
            "no visitor*",
            "nobody was affected",
            "no one was affected",
            "no user*",
            "no member*",
            "no supporter*",
            "without interruption",
            "uninterrupted",
            "no interruption*",
            "no downtime",
            "no outage*",
            "no impact",
            "no disruption*",
            "no effect",
            "unaffected",
            "not affected",
            "not impacted",
            "unharmed",
            "never went down",
            "stayed online",
            "remained online",
            "remained available",
            "remained fully",
            "fully available",
            "throughout",
            "only minor",
            "minimal impact",
            "minimal disruption",
            "barely noticed",
        ],
        When::Unharmed,
        "not every second of every platform is shown to be free of harm",
    ),
    rule(
        &[
            "immediately",
            "instantly",
            "instantaneous*",
            "within seconds",
            "within moments",
            "at once",
            "straight away",
            "in real time",
        ],
        When::Swift,
        "the first measure is not shown to have acted within 10 s of the first traffic",
    ),
    rule(
        &[
            "has ended",
            "have ended",
            "attack ended",
            "incident ended",
            "is over",
            "was over",
            "has stopped",
            "have stopped",
            "has ceased",
            "is now closed",
            "resolved",
            "concluded",
        ],
        When::Ended,
        "the end of the traffic is not known",
    ),
    rule(
        &[
            "repelled",
            "defeated",
            "thwarted",
            "foiled",
            "fended off",
            "neutralis*",
            "neutraliz*",
            "beat back",
            "successfully",
            "stopped the attack",
            "blocked the attack",
            "blocked all",
            "stopped all",
            "blocked every",
            "withstood",
            "under control",
        ],
        When::Never,
        "the record shows what was answered, not that traffic stopped because of it",
    ),
    rule(
        &[
            "back to normal",
            "restored",
            "normal operation*",
            "recovered",
            "normal service",
            "fully operational",
            "operating normally",
            "running normally",
        ],
        When::Relieved,
        "load is not shown to be back in its bound",
    ),
    rule(
        &[
            "completely",
            "fully",
            "entirely",
            "guarantee*",
            "at no time",
            "at no point",
            "never",
            "impossible",
            "100%",
            "absolutely",
            "perfectly",
            "without doubt",
            "undoubtedly",
            "clearly",
            "proves that",
            "certainly",
            "cannot happen again",
        ],
        When::Never,
        "no record holds an absolute",
    ),
    rule(
        &[
            "confirmed by",
            "experts agree",
            "experts say",
            "experts confirm*",
            "police confirm*",
            "authorities confirm*",
            "investigators believe",
            "investigation shows",
            "investigation confirm*",
        ],
        When::Never,
        "the record holds no word of others",
    ),
    rule(
        &[
            "likely",
            "probably",
            "possibly",
            "presumably",
            "apparently",
            "suspect*",
            "believe*",
            "appears to",
            "seems to",
            "almost certain*",
        ],
        When::WithNumber,
        "a word of likelihood without a number behind it",
    ),
];

/// Units that no record of requests holds.
const UNMEASURED: Rule = rule(
    &[
        "gbps",
        "tbps",
        "mbps",
        "gbit*",
        "tbit*",
        "terabit*",
        "gigabit*",
        "megabit*",
        "terabyte*",
        "packets",
        "mpps",
        "bandwidth",
    ],
    When::Never,
    "bits and packets are not measured",
);

/// Every phrase that the case does not bear; the longest at each word.
pub(super) fn look(words: &[Word], case: &Case) -> Vec<Hit> {
    let mut hits = Vec::new();
    for first in 0..words.len() {
        let found = RULES.iter().chain([&UNMEASURED]).flat_map(|rule| {
            let fitting = rule.phrases.iter().filter_map(|phrase| fits_at(phrase, words, first));
            fitting.map(move |end| (end, rule))
        });
        let unborne = found.filter(|(_, rule)| !is_borne(rule.when, case, (words, first)));
        if let Some((end, rule)) = unborne.max_by_key(|(end, _)| *end) {
            hits.push(Hit { first, end, said: None, why: rule.why.to_owned() });
        }
    }
    hits
}

/// The end of the phrase that begins at `first`, if it stands there in one sentence.
fn fits_at(phrase: &str, words: &[Word], first: usize) -> Option<usize> {
    let mut at = first;
    for pattern in phrase.split(' ') {
        let word = words.get(at).filter(|word| word.sentence == words[first].sentence)?;
        if !fits(pattern, &word.folded) {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// Whether a word fits a pattern.
pub(super) fn fits(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => word == pattern,
    }
}

fn is_borne(when: When, case: &Case, (words, at): (&[Word], usize)) -> bool {
    match when {
        When::Never => false,
        When::Flood => case.kind == IncidentKind::Flood,
        When::Ended => case.clocks.at("ended_at").is_some(),
        When::Relieved => case.clocks.at("relieved_at").is_some(),
        When::Unharmed => {
            case.severity.level == Known::Is(Level::Unbroken)
                && matches!(case.visitors_harmed, Known::Is((_, 0)))
                && case.others().iter().all(|other| other.standing == Standing::RuledOut)
        }
        When::Swift => {
            let distance = |word| {
                case.clocks.clock(word).and_then(|clock| clock.from_detection_ms.value().copied())
            };
            let took =
                distance("mitigated_at").zip(distance("onset_at")).map(|(to, from)| to - from);
            took.is_some_and(|took| took <= SWIFT_MS)
        }
        When::WithNumber => {
            let sentence = words[at].sentence;
            let mut of_it = words.iter().filter(|word| word.sentence == sentence);
            of_it.any(|word| word.folded.starts_with(|c: char| c.is_ascii_digit()))
        }
    }
}
