use super::*;
use seawall_types::evidence::Stamp;

pub(crate) fn look(
    platform: Option<&str>,
    aspect: Aspect,
    (s, seen): (u64, Seen),
) -> IntegrityLook {
    let at =
        Stamp { wall: WallTime(1_772_366_400_000 + s * 1_000), moment: Moment(s * 1_000_000_000) };
    IntegrityLook {
        platform: platform.map(str::to_owned),
        aspect,
        since: at,
        until: at,
        looks: 1,
        seen,
        detail: "page / is not what it was at the origin".to_owned(),
    }
}

#[test]
fn a_departure_is_told_once_stays_listed_and_counts_anew_after_it_returned() {
    let mut departures = Departures::default();
    let www = Some("www");
    let seen = [
        (1, Seen::AsBefore),
        (2, Seen::Departs),
        (3, Seen::Departs),
        (4, Seen::Failed),
        (5, Seen::AsBefore),
        (6, Seen::AsBefore),
        (7, Seen::Departs),
    ];
    let mut told = Vec::new();
    for (s, seen) in seen {
        let event = departures.note(&look(www, Aspect::Content, (s, seen)));
        told.extend(event.map(|event| (s, event.event, event.departure.times)));
    }
    let (departed, returned) = (IntegrityChange::Departed, IntegrityChange::Returned);
    assert_eq!(told, [(2, departed, 1), (5, returned, 1), (7, departed, 2)]);
    let all = departures.all();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].times, all[0].stands), (2, true));
    assert_eq!(all[0].first_at, "2026-03-01T12:00:02.000Z");
    assert_eq!(all[0].last_at, "2026-03-01T12:00:07.000Z");
    let counts = departures.counts().map(|(aspect, count)| (aspect.word(), count));
    assert_eq!(counts[..2], [("content", 2), ("shield", 0)]);
}

#[test]
fn a_look_that_compared_nothing_leaves_what_departed_standing() {
    let mut departures = Departures::default();
    let mut note = |s, seen| {
        let event = departures.note(&look(None, Aspect::Shield, (s, seen)));
        event.map(|event| event.event)
    };
    assert_eq!(note(1, Seen::Learning), None);
    assert_eq!(note(2, Seen::Departs), Some(IntegrityChange::Departed));
    assert_eq!(note(3, Seen::Learning), None);
    assert_eq!(note(4, Seen::Departs), None);
    assert_eq!(note(5, Seen::AsBefore), Some(IntegrityChange::Returned));
    let all = departures.all();
    assert_eq!((all.len(), all[0].times, all[0].stands), (1, 1, false));
}

#[test]
fn the_list_is_bounded_and_what_stands_is_kept_before_what_is_over() {
    let mut departures = Departures::default();
    departures.note(&look(None, Aspect::Shield, (0, Seen::Departs)));
    for at in 0..DEPARTURES_MAX as u64 + 9 {
        let name = format!("p{at:04}");
        departures.note(&look(Some(&name), Aspect::Login, (at + 1, Seen::Departs)));
        departures.note(&look(Some(&name), Aspect::Login, (at + 2, Seen::AsBefore)));
    }
    let all = departures.all();
    assert_eq!(all.len(), DEPARTURES_MAX);
    assert_eq!((all[0].platform.as_deref(), all[0].stands), (None, true));
    assert_eq!(departures.counts()[2], (Aspect::Login, DEPARTURES_MAX as u64 + 9));
}
