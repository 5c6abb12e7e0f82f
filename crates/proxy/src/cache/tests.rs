//! What is kept over reloads, and within which bounds.

use super::heads::Key;
use super::kept::{Kept, kept_fields};
use super::store::{Room, Store};
use super::*;
use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use seawall_wire::cache::{Selecting, Terms};

fn rules() -> Rules {
    Rules {
        size: Some(1 << 20),
        ignored: Vec::new(),
        essential: vec!["/".to_owned()],
        every: Duration::from_mins(1),
        hosts: vec!["www.example.org".to_owned()],
        is_secure: false,
        origins: vec!["http://192.0.2.1".to_owned()],
    }
}

fn kept(length: usize) -> Arc<Kept> {
    let terms = Terms { lifetime_s: 60, ..Terms::of_copy(0) };
    Arc::new(Kept {
        status: StatusCode::OK,
        fields: kept_fields(&HeaderMap::new(), length),
        body: Bytes::from(vec![b'x'; length]),
        terms,
        selecting: Selecting::default(),
        came: Moment(0),
    })
}

fn key(nth: u32) -> Key {
    nth.to_string().into_bytes().into()
}

#[test]
fn a_platform_keeps_what_it_has_over_a_reload_that_changes_nothing_of_it() {
    let book = CopyBook::default();
    let first = book.of(1, Some(&rules())).unwrap();
    assert!(Arc::ptr_eq(&first, &book.of(1, Some(&rules())).unwrap()));
    let other = Rules { origins: vec!["http://192.0.2.2".to_owned()], ..rules() };
    let second = book.of(1, Some(&other)).unwrap();
    assert!(!Arc::ptr_eq(&first, &second));
    assert!(book.of(1, None).is_none());
    assert_eq!(book.table().capacity, 0);
}

#[test]
fn answers_take_no_more_bytes_than_they_may_however_many_come() {
    let store = Store::new(1 << 20);
    for nth in 0..400 {
        store.keep(&key(nth), &kept(32 * 1024), Moment(1));
        let (_, bytes) = store.filled();
        assert!(bytes <= 1 << 20, "{bytes}");
    }
    assert!(store.filled().0 > 16);
}

#[test]
fn what_is_under_way_takes_as_much_again_at_most() {
    let store = Store::new(1 << 20);
    let most = store.answer_max();
    let mut rooms = Vec::new();
    for _ in 0..8 {
        let mut room = Room::none_yet(&store);
        assert!(room.grow(most));
        rooms.push(room);
    }
    assert!(!Room::none_yet(&store).grow(1));
    rooms.pop();
    assert!(Room::none_yet(&store).grow(most));
    assert!(!Room::none_yet(&store).grow(most + 1));
}

#[test]
fn an_answer_that_was_asked_for_before_its_target_changed_is_not_kept() {
    let store = Store::new(1 << 20);
    let found = |store: &Store| store.find(&key(1), (&HeaderMap::new(), false)).is_some();
    store.keep(&key(1), &kept(10), Moment(5));
    assert!(found(&store));
    store.has_changed(&key(1), Moment(9));
    assert!(!found(&store));
    store.keep(&key(1), &kept(10), Moment(7));
    assert!(!found(&store));
    store.keep(&key(1), &kept(10), Moment(10));
    assert!(found(&store));
}

#[test]
fn who_bears_a_cookie_gets_only_what_is_for_everyone() {
    let store = Store::new(1 << 20);
    store.keep(&key(1), &kept(10), Moment(5));
    let mut mine = Arc::into_inner(kept(10)).unwrap();
    mine.terms.for_everyone = false;
    store.keep(&key(2), &Arc::new(mine), Moment(5));
    let finds = |nth, cookie| store.find(&key(nth), (&HeaderMap::new(), cookie)).is_some();
    assert_eq!([finds(1, false), finds(1, true)], [true, true]);
    assert_eq!([finds(2, false), finds(2, true)], [true, false]);
}
