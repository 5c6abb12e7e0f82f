//! Reports on logs that hold and on logs that somebody changed.

use super::Report;
use crate::index::tests::a_log;
use crate::store::failing::FailingStore;
use crate::verify::Trusted;
use expect_test::expect;

fn report(mut store: FailingStore) -> Report {
    let report = Report::read(&mut store, "www-1", &Trusted::default());
    report.expect("it can be read").expect("it was recorded")
}

#[test]
fn a_report_says_what_was_recorded_and_that_it_was_checked() {
    let text = report(a_log()).text();
    expect![[r"
        incident www-1 on www
          kind                         unknown
          state                        closed
          first traffic                not known
          detected                     2026-03-01T12:00:01.000Z
          first measure                not known
          load back in its bound       not known
          last traffic                 2026-03-01T12:00:03.900Z
          requests, admit              3000
          requests, hold               47000
          visitors harmed              2 to 40
          most requests in a second    not known
          most admitted in a second    not known
          highest pressure             1.930
          most at the origins at once  not known
          longest wait, ms             not known
          origins worked, ms           not known
          bytes to clients             not known
          different sources, at least  not known
          records                      1 to 6

        the evidence holds, checked when this report was made: the records before 8 are signed by seawall/a/b7da3889+8a786985+Aa0W6PGpSQIIOHexZsnjSBJwJ3XA5rRf+dA8lIPPvWyB
        no gap is recorded during this time

        second                       admitted      others   origin ms  pressure
        2026-03-01T12:00:02.000Z          300        4700        7900  0.987
        2026-03-01T12:00:03.000Z          300        4700        7900  0.987
    "]].assert_eq(&text);
}

#[test]
fn a_report_on_a_changed_log_says_first_that_it_does_not_hold() {
    let store = a_log();
    for content in store.files.borrow_mut().values_mut() {
        let text = String::from_utf8(content.bytes.clone()).expect("ASCII");
        content.bytes = text.replace("\"hold\":47000", "\"hold\":17000").into_bytes();
    }
    let report = report(store);
    let text = report.text();
    assert!(text.starts_with("THE EVIDENCE OF THIS REPORT DOES NOT HOLD at record 2: "), "{text}");
    assert!(text.contains("\nthe evidence does not hold;"), "{text}");
    assert_eq!(report.json()["evidence"]["holds"], false);
}

#[test]
fn an_incident_that_was_not_recorded_has_no_report() {
    let none = Report::read(&mut a_log(), "www-3", &Trusted::default()).expect("it can be read");
    assert!(none.is_none());
}
