//! What a simulated request shows: its texts as a recorder or a node would see them, and its traits.
//!
//! The traits are made by the one function that live and recorded requests go through.
//! Bounds: [`LOOKS_MAX`] looks are remembered; when there are more, all are forgotten.

use crate::flood::forgery;
use crate::request::{LANGUAGES, Manner, Referer, Request};
use crate::site::Site;
use crate::stack::{self, Look, Stack, Stacks};
use seawall_types::{Attribute, Traits};
use seawall_wire::traits::{self, Cookie, HeaderOrder, Protocol, Told, View, Wire};
use std::collections::BTreeMap;

/// Looks whose traits are remembered, at 80 bytes.
const LOOKS_MAX: usize = 65_536;

/// Attributes that follow from a look alone.
const OF_LOOK: [Attribute; 5] =
    [Attribute::Agent, Attribute::Headers, Attribute::Ja4, Attribute::H2, Attribute::Protocol];

/// Makes the traits of requests of one world.
#[derive(Debug, Clone)]
pub struct Shows {
    stacks: Stacks,
    looks: BTreeMap<Look, Traits>,
}

/// A request, what it asks for, and the host of that.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// The request.
    pub request: &'a Request,
    /// What its platform serves.
    pub site: &'a Site,
    /// The host of its platform.
    pub host: &'a str,
}

/// The texts of one request that are made up for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// The method.
    pub method: &'static str,
    /// Path and query.
    pub target: String,
    /// `Referer`; empty where the sender does not say.
    pub referer: String,
    /// `Accept-Language`; likewise.
    pub language: &'static str,
}

impl Shows {
    /// For clients that look like these.
    pub fn new(stacks: &Stacks) -> Self {
        Self { stacks: stacks.clone(), looks: BTreeMap::new() }
    }

    /// The stack that a look shows; none when it is of another world.
    pub fn stack(&self, look: Look) -> Option<Stack> {
        forgery::shown(&self.stacks, look)
    }

    /// What a request shows.
    pub fn traits(&mut self, occasion: Occasion<'_>) -> Traits {
        let look = occasion.request.look;
        let known = self.looks.get(&look).copied();
        let texts = Texts::of(occasion);
        let Some(known) = known else {
            let stack = forgery::shown(&self.stacks, look);
            let traits = with_view(occasion, (&texts, stack.as_ref()), traits::traits);
            if self.looks.len() >= LOOKS_MAX {
                self.looks.clear();
            }
            self.looks.insert(look, traits);
            return traits;
        };
        let rest = with_view(occasion, (&texts, None), traits::traits);
        OF_LOOK.into_iter().fold(rest, |all, attribute| all.with(attribute, known.get(attribute)))
    }

    /// What the value of an attribute reads; none where it is not known.
    pub fn text(&self, occasion: Occasion<'_>, attribute: Attribute) -> Option<String> {
        let stack = forgery::shown(&self.stacks, occasion.request.look);
        let names = stack.as_ref().map_or("", |stack| &stack.headers);
        with_view(occasion, (&Texts::of(occasion), stack.as_ref()), |view| {
            traits::text(view, attribute, names.split(','))
        })
    }
}

impl Texts {
    /// The texts of a request.
    pub fn of(Occasion { request, site, host }: Occasion<'_>) -> Self {
        Self {
            method: site.route(request.route).map_or("GET", |route| route.method.word()),
            target: request.target(site),
            referer: match request.referer {
                Referer::None => String::new(),
                Referer::Own(from) => {
                    let path = site.route(from).map_or("/", |route| route.path.as_str());
                    format!("https://{host}{}", path.replace("{id}", "1"))
                }
                Referer::Search => "https://search.example/".to_owned(),
                Referer::Elsewhere(number) => format!("https://site{number}.example/"),
            },
            language: LANGUAGES.get(usize::from(request.language)).copied().unwrap_or_default(),
        }
    }
}

/// Looks at a request as texts; of a stack that is none nothing is known.
fn with_view<T>(
    occasion: Occasion<'_>,
    (texts, stack): (&Texts, Option<&Stack>),
    look: impl FnOnce(&View<'_>) -> T,
) -> T {
    let Occasion { request, host, .. } = occasion;
    let told = |text: fn(&Stack) -> &String| match stack {
        Some(stack) => Told::found(Some(text(stack).as_bytes())),
        None => Told::Unknown,
    };
    let is_own = |named: &str| named.eq_ignore_ascii_case(host);
    look(&View {
        method: texts.method,
        target: &texts.target,
        source: request.source,
        agent: told(|stack| &stack.user_agent),
        referer: Told::found(Some(texts.referer.as_bytes())),
        language: Told::found(Some(texts.language.as_bytes())),
        headers: stack.map(|stack| HeaderOrder::of_list(&stack.headers)),
        cookie: Some(if request.cookie.is_some() { Cookie::Own } else { Cookie::None }),
        protocol: stack.map(|stack| match stack.protocol {
            stack::Protocol::H1 => Protocol::H1,
            stack::Protocol::H2 => Protocol::H2,
        }),
        ja4: told(|stack| &stack.ja4),
        h2: told(|stack| &stack.h2),
        country: Some(request.network.country),
        network: Some(request.network.asn),
        wire: Some(match request.manner {
            Manner::Reset => Wire::Resets,
            Manner::Plain
            | Manner::SlowHead(_)
            | Manner::SlowBody(_)
            | Manner::SlowRead(_)
            | Manner::Socket(_)
            | Manner::Handshake => Wire::Even,
        }),
        is_own: Some(&is_own),
    })
}

#[cfg(test)]
mod tests;
