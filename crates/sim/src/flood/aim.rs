//! What a flood asks for: one route, or those of a purpose as often as visitors ask for them.

use crate::Chance;
use crate::casting::Miscast;
use crate::site::{Method, Purpose, RouteId, Site};

/// The routes that a flood asks for, with weights.
#[derive(Debug, Clone)]
pub(super) struct Aim {
    routes: Vec<(RouteId, u16)>,
}

impl Aim {
    /// From a text: `/search`, `POST /login`, or a purpose such as `page`.
    pub(super) fn parse(target: &str, site: &Site) -> Result<Self, Miscast> {
        let routes = match purpose(target) {
            Some(purpose) => site.of(purpose),
            None => route(target, site).map(|id| (id, 1)).into_iter().collect(),
        };
        if routes.is_empty() {
            let known: Vec<_> = site.routes.iter().map(|route| route.path.as_str()).collect();
            return Err(Miscast::site(format!(
                "route {target}; it has {}, where POST may stand before one, and purposes such as \
                 page",
                known.join(", ")
            )));
        }
        Ok(Self { routes })
    }

    /// The routes of a purpose, if the site has any.
    pub(super) fn of(site: &Site, purpose: Purpose) -> Option<Self> {
        let routes = site.of(purpose);
        (!routes.is_empty()).then_some(Self { routes })
    }

    /// The route for one request.
    pub(super) fn pick(&self, chance: &mut Chance) -> RouteId {
        if let [(only, _)] = self.routes[..] {
            return only;
        }
        let at = chance.weighted(self.routes.iter().map(|(_, weight)| *weight));
        self.routes.get(at).map_or(RouteId(0), |(route, _)| *route)
    }
}

fn route(target: &str, site: &Site) -> Option<RouteId> {
    let (method, path) = match target.split_once(' ') {
        Some((word, path)) => (Some(word), path),
        None => (None, target),
    };
    let of_method = |is: Method| method.is_none_or(|word| word == is.word());
    let mut rows = site.routes.iter().zip(0_u16..);
    rows.find(|(route, _)| route.path == path && of_method(route.method))
        .map(|(_, index)| RouteId(index))
}

fn purpose(word: &str) -> Option<Purpose> {
    Some(match word {
        "page" => Purpose::Page,
        "asset" => Purpose::Asset,
        "search" => Purpose::Search,
        "form" => Purpose::Form,
        "login" => Purpose::Login,
        "api" => Purpose::Api,
        "feed" => Purpose::Feed,
        "hook" => Purpose::Hook,
        "download" => Purpose::Download,
        "socket" => Purpose::Socket,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_path_a_method_and_a_path_or_a_purpose() {
        let site = Site::organisation();
        let first = |target| Aim::parse(target, &site).unwrap().pick(&mut Chance::new(1));
        let shown = |target| {
            let route = site.route(first(target)).unwrap();
            format!("{} {}", route.method.word(), route.path)
        };
        assert_eq!(shown("/donate"), "GET /donate");
        assert_eq!(shown("POST /donate"), "POST /donate");
        assert_eq!(shown("login"), "POST /login");
        assert_eq!(site.route(first("page")).unwrap().purpose, Purpose::Page);
        let missing = Aim::parse("/nowhere", &site).unwrap_err();
        assert!(missing.to_string().contains("/search"), "{missing}");
    }
}
