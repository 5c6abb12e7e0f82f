//! What a platform's origins serve: routes, what each costs them, and what a page is made of.

use std::time::Duration;

/// Routes of one site.
pub const ROUTES_MAX: usize = 256;

/// Row of a [`Site`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(pub u16);

/// What a route is for; decides who asks for it and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// A page that a person opens.
    Page,
    /// A style sheet, script or picture of a page.
    Asset,
    /// A search over the site.
    Search,
    /// What a form sends: a gift, a registration.
    Form,
    /// Signing in.
    Login,
    /// Asked by programs.
    Api,
    /// News for readers of feeds.
    Feed,
    /// Asked by monitors.
    Health,
    /// A large file.
    Download,
    /// A WebSocket.
    Socket,
    /// What partners send: a payment made, a mail that came back.
    Hook,
}

/// One route of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: Method,
    /// Path; `{id}` stands for a number.
    pub path: String,
    /// What it is for.
    pub purpose: Purpose,
    /// What one request costs a worker of the origin.
    pub cost: Duration,
    /// Bytes of the answer.
    pub bytes: u64,
    /// How often it is asked among routes of its purpose, as a weight.
    pub weight: u16,
}

/// The methods that senders of a world use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Sends.
    Post,
}

impl Method {
    /// As it stands in a request.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Everything one platform serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its routes.
    pub routes: Vec<Route>,
    /// Assets that a browser without a cache loads with a page.
    pub assets_per_page: u8,
}

impl Site {
    /// A route; none when the number is of another site.
    pub fn route(&self, id: RouteId) -> Option<&Route> {
        self.routes.get(usize::from(id.0))
    }

    /// The routes for a purpose, with their weights.
    pub fn of(&self, purpose: Purpose) -> Vec<(RouteId, u16)> {
        let rows = self.routes.iter().zip(0_u16..);
        rows.filter(|(route, _)| route.purpose == purpose)
            .map(|(route, index)| (RouteId(index), route.weight))
            .collect()
    }

    /// Assets that every page brings: those without a number of their own.
    pub fn shared_assets(&self) -> Vec<RouteId> {
        let assets = self.of(Purpose::Asset).into_iter().map(|(route, _)| route);
        assets.filter(|id| self.route(*id).is_some_and(|row| !row.path.contains("{id}"))).collect()
    }

    /// The route that is read at a path, as the path stands in the table.
    pub fn at(&self, path: &str) -> Option<RouteId> {
        let mut rows = self.routes.iter().zip(0_u16..);
        let here = |row: &Route| row.method == Method::Get && row.path == path;
        rows.find(|(row, _)| here(row)).map(|(_, index)| RouteId(index))
    }

    /// An organisation's public site: news, pages, search, gifts, signing in, feeds, files.
    ///
    /// Costs are those of a small dynamic site with a page cache of its own: most pages come from
    /// that cache, searches and forms do not.
    pub fn organisation() -> Self {
        use Method::{Get, Post};
        use Purpose::{
            Api, Asset, Download, Feed, Form, Health, Hook, Login, Page, Search, Socket,
        };
        let row = |method, path: &str, purpose, cost_us, bytes, weight| Route {
            method,
            path: path.to_owned(),
            purpose,
            cost: Duration::from_micros(cost_us),
            bytes,
            weight,
        };
        let routes = vec![
            row(Get, "/", Page, 6_000, 14_000, 40),
            row(Get, "/news/{id}", Page, 8_000, 18_000, 30),
            row(Get, "/people/{id}", Page, 12_000, 12_000, 12),
            row(Get, "/events", Page, 15_000, 16_000, 10),
            row(Get, "/donate", Page, 10_000, 9_000, 5),
            row(Get, "/join", Page, 20_000, 9_000, 3),
            row(Get, "/assets/site.css", Asset, 300, 22_000, 20),
            row(Get, "/assets/site.js", Asset, 300, 48_000, 20),
            row(Get, "/assets/{id}.webp", Asset, 300, 35_000, 60),
            row(Get, "/search", Search, 60_000, 15_000, 1),
            row(Post, "/donate", Form, 80_000, 2_000, 1),
            row(Post, "/login", Login, 90_000, 2_000, 1),
            row(Get, "/api/v1/events", Api, 9_000, 6_000, 3),
            row(Get, "/api/v1/me", Api, 14_000, 1_200, 2),
            row(Get, "/feed.xml", Feed, 4_000, 30_000, 1),
            row(Get, "/health", Health, 1_000, 20, 1),
            row(Get, "/files/report.pdf", Download, 2_000, 8_000_000, 1),
            row(Get, "/live", Socket, 1_000, 0, 1),
            row(Post, "/hooks/payment", Hook, 25_000, 200, 1),
            // An export that nobody asks for but a member of staff, now and then.
            row(Get, "/archive/export", Search, 10_000_000, 200_000, 0),
        ];
        Self { routes, assets_per_page: 6 }
    }
}
