//! The pages of a check: one answer each, with nothing to fetch besides.
//!
//! The script and the style stand in the page, and its policy names their hashes and allows nothing
//! else; what differs from page to page stands in attributes, where no script is read.
//! Bounds: a page is at most [`PAGE_MAX`] bytes; what would make it larger is left out.

use super::kept::{Kept, push_form};
use super::texts::Texts;
use super::{OWN, kept};
use crate::answer::Refusal;
use crate::body::{AnswerBody, OpenRequest};
use crate::client::Client;
use crate::connection::Connection;
use crate::core::Core;
use crate::pages::push_escaped;
use data_encoding::BASE64;
use http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderMap, REFERRER_POLICY};
use http::{HeaderValue, Response};
use seawall_engine::challenge::Puzzle;
use seawall_engine::challenge::puzzle::Task;
use seawall_types::{MeasureId, PlatformId};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// What the contract allows a page.
const PAGE_MAX: usize = 10 * 1024;
/// A target beyond this is not taken along by those who wait; they begin at the front page.
const TARGET_MAX: usize = 1_024;

const PAGE: &str = include_str!("page.html");
const WAIT: &str = include_str!("wait.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("solve.js");

static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let hash = |text: &str| BASE64.encode(&Sha256::digest(text.trim()));
    HeaderValue::try_from(format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; worker-src blob:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
        hash(SCRIPT),
        hash(STYLE)
    ))
    .ok()
});

/// Who is shown a page, and for what.
#[derive(Clone, Copy)]
pub(crate) struct Shows<'a> {
    pub(crate) core: &'a Core,
    pub(crate) connection: &'a Connection,
    pub(crate) client: &'a Client,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) platform: PlatformId,
}

/// The page that asks for a check; `target` is where its visitor wanted to go.
pub(crate) fn page(
    shows: Shows<'_>,
    (target, kept): (&str, &Kept),
    (refusal, open): (&Refusal, OpenRequest),
) -> Response<AnswerBody> {
    let texts = Texts::liked_by(shows.headers);
    let puzzle = puzzle(shows, refusal.measure);
    if let Some(measure) = refusal.measure {
        shows.core.tally().challenged(measure);
    }
    let mut form = String::new();
    let is_kept = push_form(&mut form, target, kept);
    let wait_path = wait_path((target, refusal.measure), None);
    let fill = |code: &str| {
        filled(PAGE, (texts, code), shows, |out, name| match (name, &puzzle) {
            ("challenge", Some(puzzle)) => out.push_str(&puzzle.challenge),
            ("salt", Some(puzzle)) => push_escaped(out, &puzzle.salt),
            ("signature", Some(puzzle)) => out.push_str(&puzzle.signature),
            ("most", Some(puzzle)) => {
                let _ = write!(out, "{}", puzzle.number_max);
            }
            ("kept", _) => out.push_str(if is_kept { "yes" } else { "no" }),
            ("wait_path", _) => push_escaped(out, &wait_path),
            ("form", _) => out.push_str(&form),
            ("post", _) if !matches!(kept, Kept::Nothing) => {
                out.push_str("<p>");
                push_escaped(out, texts.get("post"));
                out.push_str("</p>");
            }
            _ => {}
        })
    };
    answered(shows, texts, refusal.written(shows.core, open, fill))
}

/// What the page of those who wait shows.
pub(super) struct Wait<'a> {
    /// Where it goes next.
    pub(super) path: &'a str,
    /// When by itself; not at all where that would not help.
    pub(super) refresh_s: Option<u32>,
    /// The name of what it says, and the seconds that it names.
    pub(super) says: (&'static str, u32),
    /// Until when the place is kept: seconds since 1970.
    pub(super) until_secs: u32,
}

/// The page of those who wait.
pub(super) fn wait(
    shows: Shows<'_>,
    wait: &Wait<'_>,
    (refusal, open): (&Refusal, OpenRequest),
) -> Response<AnswerBody> {
    let texts = Texts::liked_by(shows.headers);
    let (word, seconds) = wait.says;
    let until = wait.until_secs % 86_400;
    let until = format!("{:02}:{:02}:{:02} UTC", until / 3_600, until / 60 % 60, until % 60);
    let turn = texts.get(word).replace("{seconds}", &seconds.to_string());
    let turn = turn.replace("{until}", &until);
    let fill = |code: &str| {
        filled(WAIT, (texts, code), shows, |out, name| match (name, wait.refresh_s) {
            ("refresh", Some(seconds)) => {
                let _ = write!(out, r#"<meta http-equiv="refresh" content="{seconds};url="#);
                push_escaped(out, wait.path);
                out.push_str("\">");
            }
            ("turn", _) => push_escaped(out, &turn),
            ("wait_path", _) => push_escaped(out, wait.path),
            _ => {}
        })
    };
    answered(shows, texts, refusal.written(shows.core, open, fill))
}

/// Where those wait who want to go to `target`, with the place that they have.
pub(super) fn wait_path(
    (target, measure): (&str, Option<MeasureId>),
    place: Option<&str>,
) -> String {
    let target = if target.len() <= TARGET_MAX { target } else { "/" };
    let mut path = String::with_capacity(128);
    path.push_str(OWN);
    path.push_str("wait?to=");
    kept::push_encoded(&mut path, target);
    if let Some(measure) = measure {
        let _ = write!(path, "&m={}", measure.number());
    }
    if let Some(place) = place {
        path.push_str("&place=");
        path.push_str(place);
    }
    path
}

fn puzzle(shows: Shows<'_>, measure: Option<MeasureId>) -> Option<Puzzle> {
    let core = shows.core;
    let bound = core.bound(shows.platform, (shows.connection, shows.client), shows.headers)?;
    let difficulty = core.book().issue.difficulty(core.coarse_now(), &bound);
    let measure = measure.map_or(0, MeasureId::number);
    let task = Task { difficulty, measure, nonce: core.side().nonce() };
    core.side().with_keys(core, |keys| Puzzle::set(keys, &bound, task))
}

/// A page with its marks filled in; `fill` writes what is not the same for all.
fn filled(
    template: &str,
    (texts, code): (Texts, &str),
    shows: Shows<'_>,
    fill: impl Fn(&mut String, &str),
) -> (String, &'static str) {
    let contact = shows.core.asks(shows.platform, |asks| asks.contact.clone()).flatten();
    let contact = match contact {
        Some(contact) => texts.get("contact").replace("{contact}", &contact),
        None => texts.get("nobody").to_owned(),
    };
    let mut out = String::with_capacity(PAGE_MAX);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, after) = behind.split_once("}}").unwrap_or((behind, ""));
        out.push_str(before);
        match name {
            "!style" => out.push_str(STYLE.trim()),
            "!script" => out.push_str(SCRIPT.trim()),
            "lang" => out.push_str(texts.lang),
            "code_label" => push_escaped(&mut out, texts.get("code")),
            "code" => push_escaped(&mut out, code),
            "contact" => push_escaped(&mut out, &contact),
            "form" | "post" | "challenge" | "salt" | "signature" | "most" | "kept"
            | "wait_path" | "turn" => fill(&mut out, name),
            own if let Some(raw) = own.strip_prefix('!') => fill(&mut out, raw),
            own => push_escaped(&mut out, texts.get(own)),
        }
        rest = after;
    }
    out.push_str(rest);
    (out, "text/html; charset=utf-8")
}

/// What every page says of itself.
fn answered(
    shows: Shows<'_>,
    texts: Texts,
    mut response: Response<AnswerBody>,
) -> Response<AnswerBody> {
    let headers = response.headers_mut();
    if let Some(policy) = &*POLICY {
        headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    }
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(texts.lang));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    shows.core.own(shows.platform, |own| own.finish(shows.connection, headers));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_page_that_are_always_there_leave_room_for_every_language_and_a_form() {
        let fixed = PAGE.len() + STYLE.len() + SCRIPT.len();
        // Puzzle, code, contact and path; the longest language.
        let filled_in = 64 + 64 + 60 + 40 + 120 * 6 + 2 * 3 * 256;
        assert!(fixed + filled_in + kept::FORM_MAX < PAGE_MAX, "{fixed}");
    }

    #[test]
    fn neither_script_nor_style_can_end_where_they_stand() {
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
        assert!(POLICY.is_some());
    }

    #[test]
    fn a_target_is_taken_along_whole_or_not_at_all() {
        let path = wait_path(("/a b?c=\"d\"&e=%20", None), Some("PLACE"));
        assert_eq!(
            path,
            "/.well-known/seawall/wait?to=/a%20b%3Fc%3D%22d%22%26e%3D%2520&place=PLACE"
        );
        let long = format!("/{}", "a".repeat(TARGET_MAX));
        assert_eq!(wait_path((&long, None), None), "/.well-known/seawall/wait?to=/");
    }
}
