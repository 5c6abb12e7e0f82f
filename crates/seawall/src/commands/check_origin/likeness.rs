//! Whether an origin let somebody in: its answer beside the one that the shield gets.

use super::ask::{Answer, Said};

/// How an answer to somebody else stands beside the one to the shield.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// Somebody else gets what the shield gets.
    Same,
    /// Somebody else gets an answer of another kind, and no refusal.
    Other,
    /// Somebody else is refused.
    Refused,
    /// The shield is refused as well, so that nothing can be told apart.
    Unclear,
}

/// Statuses by which an origin says that the asker may not: the last two are nginx's own, for a
/// client certificate that is wrong or missing.
const REFUSALS: [u16; 7] = [400, 401, 403, 421, 451, 495, 496];

/// Whether an origin says by `status` that the asker may not.
pub(super) fn is_refusal(status: u16) -> bool {
    REFUSALS.contains(&status)
}

/// `other` beside the answer that the shield gets, where that is known.
pub(super) fn likeness(shield: Option<&Said>, other: &Said) -> Likeness {
    let Said::Answer(other) = other else {
        return Likeness::Refused;
    };
    let Some(Said::Answer(shield)) = shield else {
        return if is_refusal(other.status) { Likeness::Refused } else { Likeness::Other };
    };
    if shield.status == other.status {
        return if is_refusal(shield.status) { Likeness::Unclear } else { Likeness::Same };
    }
    // Somebody else may be sent to the front door.
    let sent_away = other.status >= 300 && other.field("location").is_some();
    if other.status >= 400 || sent_away { Likeness::Refused } else { Likeness::Other }
}

/// Whether an origin that asks for a client certificate refused an asker without.
pub(super) fn is_locked_by_certificate(said: &Said) -> bool {
    match said {
        Said::Answer(answer) => is_refusal(answer.status),
        Said::Nothing(_) | Said::Unreached(_) => true,
    }
}

/// `200, 612 bytes`, for people.
pub(super) fn told(said: &Said) -> String {
    match said {
        Said::Answer(Answer { status, body, .. }) => format!("{status}, {} bytes", body.len()),
        Said::Nothing(cause) => format!("no answer ({cause})"),
        Said::Unreached(cause) => format!("no connection ({cause})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, field: &str) -> Said {
        let head = format!("HTTP/1.1 {status} x\r\n{field}\r\n\r\n");
        Said::Answer(Answer { status, head, body: Vec::new(), wanted_certificate: false })
    }

    #[test]
    fn an_answer_is_a_refusal_only_beside_one_that_is_none() {
        let to_front = "Location: https://www.example.org/";
        for (shield, other, expected) in [
            (answer(200, ""), answer(200, ""), Likeness::Same),
            (answer(404, ""), answer(404, ""), Likeness::Same),
            (answer(302, to_front), answer(302, to_front), Likeness::Same),
            (answer(403, ""), answer(403, ""), Likeness::Unclear),
            (answer(200, ""), answer(403, ""), Likeness::Refused),
            (answer(200, ""), answer(404, ""), Likeness::Refused),
            (answer(200, ""), answer(301, to_front), Likeness::Refused),
            (answer(301, to_front), answer(200, ""), Likeness::Other),
            (answer(200, ""), Said::Nothing(String::new()), Likeness::Refused),
            (Said::Nothing(String::new()), answer(200, ""), Likeness::Other),
        ] {
            assert_eq!(likeness(Some(&shield), &other), expected, "{shield:?} {other:?}");
        }
        assert_eq!(likeness(None, &answer(403, "")), Likeness::Refused);
        assert_eq!(likeness(None, &answer(200, "")), Likeness::Other);
    }
}
