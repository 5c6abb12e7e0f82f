//! Who came in by which lane, as text for a terminal.

use super::{line, printable};
use crate::api::{LaneTold, Lanes};
use std::fmt::Write as _;

const HEADINGS: [&str; 5] = ["lane", "by", "requests", "over its rate", "rate"];

/// What `seawall status` prints below the platforms: every lane that somebody was in, how often, and how
/// many links into lanes are open; nothing where there is no lane.
pub fn lanes_text(told: &Lanes) -> String {
    let mut out = String::new();
    if told.lanes.is_empty() {
        return out;
    }
    let (used, unused): (Vec<_>, Vec<_>) = told.lanes.iter().partition(|lane| lane.requests > 0);
    out.push_str("\nin lanes, since the configuration came into force:\n");
    let rows: Vec<_> = used.into_iter().map(cells).collect();
    let mut widths = HEADINGS.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    if !rows.is_empty() {
        line(&mut out, &widths, &HEADINGS.map(str::to_owned));
        for row in &rows {
            line(&mut out, &widths, row);
        }
    }
    if !unused.is_empty() {
        let names: Vec<_> = unused.into_iter().map(|lane| printable(&lane.name)).collect();
        let _ = writeln!(out, "nobody: {}", names.join(", "));
    }
    let open = told.invites.iter().filter(|invite| invite.state == "open").count();
    if open > 0 {
        let _ = writeln!(out, "open links: {open}");
    }
    out
}

fn cells(lane: &LaneTold) -> [String; HEADINGS.len()] {
    [
        printable(&lane.name),
        printable(&lane.ways.join(", ")),
        lane.requests.to_string(),
        lane.over_rate.to_string(),
        lane.rate.as_deref().map_or_else(super::dash, printable),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::InviteTold;
    use expect_test::expect;

    fn lane(name: &str, (requests, over_rate): (u64, u64)) -> LaneTold {
        LaneTold {
            name: name.to_owned(),
            ways: vec!["links".to_owned(), "certificate".to_owned()],
            rate: (name != "staff").then(|| "10 rps".to_owned()),
            requests,
            over_rate,
        }
    }

    fn invite(state: &str) -> InviteTold {
        InviteTold {
            id: "i1".to_owned(),
            lane: "staff".to_owned(),
            platform: "www".to_owned(),
            name: "Anna".to_owned(),
            state: state.to_owned(),
            uses: 0,
            uses_max: 1,
            made_at: "2026-03-01T12:00:00.000Z".to_owned(),
            link_until: "2026-03-02T12:00:00.000Z".to_owned(),
            stays_for_s: 60,
        }
    }

    #[test]
    fn lanes_that_somebody_was_in_have_a_line_and_the_others_are_named() {
        let lanes = vec![
            lane("staff", (120, 0)),
            lane("evil\u{1b}[2J", (0, 0)),
            lane("partners", (9_000, 12)),
            lane("google", (0, 0)),
        ];
        let told = Lanes { lanes, invites: vec![invite("open"), invite("used"), invite("open")] };
        expect![[r"

            in lanes, since the configuration came into force:
            lane      by                  requests  over its rate    rate
            staff     links, certificate       120              0       -
            partners  links, certificate      9000             12  10 rps
            nobody: evil�[2J, google
            open links: 2
        "]]
        .assert_eq(&lanes_text(&told));
    }

    #[test]
    fn where_nobody_was_in_a_lane_that_is_said_and_without_lanes_nothing_is() {
        let told = Lanes { lanes: vec![lane("staff", (0, 0))], invites: vec![invite("used")] };
        expect![[r"

            in lanes, since the configuration came into force:
            nobody: staff
        "]]
        .assert_eq(&lanes_text(&told));
        assert_eq!(lanes_text(&Lanes::default()), "");
    }
}
