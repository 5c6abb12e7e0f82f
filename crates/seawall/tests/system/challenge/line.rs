//! The line of those who run no scripts.

use super::solver::{Visitor, cookie_of};
use super::{VISITOR, always, word};
use crate::fixtures::{Answer, Shield, Witness, wait_for};
use std::time::Duration;

/// How long somebody may wait when there is room.
const AT_MOST: Duration = Duration::from_secs(15);

/// Where a page goes by itself.
#[track_caller]
pub(super) fn refreshed(page: &Answer) -> String {
    let text = page.text();
    let behind = text.split(";url=").nth(1).and_then(|rest| rest.split('"').next());
    behind.unwrap_or_else(|| panic!("{text}")).replace("&amp;", "&")
}

#[test]
fn who_runs_no_scripts_waits_for_a_turn_and_lands_on_what_was_asked_for() {
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let visitor = Visitor::new(VISITOR, setup.plain);
    let first = refreshed(&visitor.get("/give?a=1&b=2", ""));
    let waits = visitor.get(&first, "");
    assert_eq!(word(&waits), (503, "hold"), "{waits:?}");
    assert!(waits.text().contains("is kept until") && waits.header("set-cookie").is_none());
    let mine = refreshed(&waits);
    assert!(mine.contains("&place="), "{mine}");
    let turn = wait_for("a turn", AT_MOST, || {
        let answer = visitor.get(&mine, "");
        (answer.status == 303).then_some(answer)
    });
    let cookie = format!("cookie: {}\r\n", cookie_of(&turn));
    let back = turn.header("location").expect("it leads on").to_owned();
    let onward = visitor.get(&back, &cookie);
    assert_eq!((onward.status, onward.header("location")), (303, Some("/give?a=1&b=2")));
    assert_eq!(visitor.get("/give?a=1&b=2", &cookie).status, 200);

    // The place is used, and a browser that keeps no cookie is told so rather than sent around.
    assert_eq!(visitor.get(&mine, "").status, 503);
    let stuck = visitor.get(&back, "");
    assert_eq!(word(&stuck), (503, "hold"));
    let text = stuck.text();
    assert!(
        text.contains("did not keep our cookie") && text.contains("help@example.org"),
        "{text}"
    );
    assert!(!text.contains("http-equiv"), "nobody is sent around");
}

#[test]
fn one_network_cannot_take_all_places_and_nobody_is_led_to_another_host() {
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let places = |source| {
        let visitor = Visitor::new(source, setup.plain);
        let join = || visitor.get("/.well-known/seawall/wait?to=/", "").text();
        (0..20).filter(|_| join().contains("place=")).count()
    };
    assert!((5..=7).contains(&places(VISITOR)));
    assert!((5..=7).contains(&places(super::STRANGER)));
    let other = super::Ipv4Addr::new(127, 0, 11, 1);
    let page =
        Visitor::new(other, setup.plain).get("/.well-known/seawall/wait?to=//evil.example", "");
    assert!(!page.text().contains("evil"), "{}", page.text());
}
