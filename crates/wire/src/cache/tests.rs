//! Tables: what RFC 9111 says, case by case, and what poisons caches.

mod conditions;
mod poison;
mod reuse;
mod store;

use super::{Answer, Asked, Fields, Times, store as kept};

/// Sun, 06 Nov 1994 08:49:37 GMT.
const NOW_S: u64 = 784_111_777;

/// A head written as `GET /path | name: value | name: value`.
pub(super) struct Head {
    first: String,
    fields: Vec<(String, String)>,
}

impl Head {
    pub(super) fn of(text: &str) -> Self {
        let mut parts = text.split(" | ");
        let first = parts.next().unwrap_or_default().trim().to_owned();
        let field = |part: &str| {
            let (name, value) = part.split_once(':').expect("a field has a colon");
            (name.trim().to_ascii_lowercase(), value.trim().to_owned())
        };
        Self { first, fields: parts.map(field).collect() }
    }

    pub(super) fn asked(&self) -> Asked<'_, Self> {
        let (method, target) = self.first.split_once(' ').expect("a method and a target");
        let (target, has_body) = match target.split_once(' ') {
            Some((target, _)) => (target, true),
            None => (target, false),
        };
        Asked { method, target, fields: self, has_body }
    }

    pub(super) fn answer(&self) -> Answer<'_, Self> {
        Answer { status: self.first.parse().expect("a status"), fields: self }
    }
}

impl Fields for Head {
    fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        let of_name =
            move |(known, value): &'a (String, String)| (known == name).then_some(value.as_bytes());
        self.fields.iter().filter_map(of_name)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }
}

/// What becomes of an answer that comes at [`NOW_S`], in words.
pub(super) fn told(request: &str, answer: &str) -> String {
    let (request, answer) = (Head::of(request), Head::of(answer));
    let times = Times { asked_s: NOW_S, came_s: NOW_S };
    let terms = match kept::terms(&request.asked(), &answer.answer(), times) {
        Ok(terms) => terms,
        Err(why) => return format!("{why:?}"),
    };
    if let Err(why) = super::Selecting::of(&answer, &request) {
        return format!("{why:?}");
    }
    let mut text = format!("{}s", terms.lifetime_s);
    for (word, seconds) in [
        (" old", terms.age_at_arrival_s),
        (" while", terms.while_revalidate_s),
        (" error", terms.if_error_s),
    ] {
        if seconds > 0 {
            text.extend([word, " ", &seconds.to_string()]);
        }
    }
    if terms.for_everyone {
        text.push_str(" everyone");
    }
    text
}

/// Goes through a table of section, request, answer and what becomes of it.
pub(super) fn check(table: &[(&str, &str, &str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(section, request, answer, expected)| {
            let found = told(request, answer);
            let line = format!("{section}: {request} -> {answer}: {found}, expected {expected}");
            (found != *expected).then_some(line)
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}
