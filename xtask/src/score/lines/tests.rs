//! Names of lines, and the commands that they show.

use super::*;

#[test]
fn every_line_has_a_name_of_its_own() {
    for (index, line) in all().enumerate() {
        assert!(line.name.contains('.'), "{} has no subject", line.name);
        let mut later = all().skip(index + 1);
        assert!(later.all(|other| other.name != line.name), "{}", line.name);
    }
}

#[test]
fn a_line_answers_to_its_name_and_its_subject() {
    let line = all().next().expect("there are lines");
    assert!(line.is_named("house.cold") && line.is_named("house"));
    assert!(!line.is_named("hou") && !line.is_named("cold"));
}

#[test]
fn a_line_of_the_lab_shows_the_script_with_its_words() {
    let line = all().find(|line| line.name == "reject.new");
    assert_eq!(
        line.map(Line::command).as_deref(),
        Some(
            "measure-reject.py --shield xtask/lab/peer.sh:reject --shield haproxy:reject \
             --repeat 1 --secs 3 --modes new"
        )
    );
}
