//! When floods come and when the demo ends.
//!
//! Times count from `ready`; nothing here reads a clock.

use std::time::Duration;

/// How long visitors are alone at first, if the demo lasts long enough.
const CALM: Duration = Duration::from_secs(15);
/// How long a flood lasts, if the demo does.
const FLOOD: Duration = Duration::from_secs(30);
/// How long it is calm after the last flood, if the demo lasts long enough.
const AFTER: Duration = Duration::from_secs(20);
/// From the start of one flood to the start of the next.
const AGAIN: Duration = Duration::from_mins(3);

/// One flood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cue {
    /// When it begins.
    pub(super) at: Duration,
    /// How long it lasts.
    pub(super) lasting: Duration,
}

/// When floods come in a demo of a given length, or in one without an end.
///
/// A short demo is a third calm, a third flood and a third calm again.
pub(super) fn floods(demo: Option<Duration>) -> impl Iterator<Item = Cue> + Clone {
    let begin = demo.map_or(CALM, |demo| CALM.min(demo / 3));
    let after = demo.map_or(AFTER, |demo| AFTER.min(demo / 3));
    let room =
        move |at: Duration| demo.map_or(Duration::MAX, |demo| demo.saturating_sub(at + after));
    let first = Cue { at: begin, lasting: FLOOD.min(room(begin)) };
    let later = (1_u32..).map(move |number| Cue { at: begin + AGAIN * number, lasting: FLOOD });
    let later = later.take_while(move |cue| room(cue.at) >= cue.lasting);
    std::iter::once(first).chain(later)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(demo: Option<u64>) -> Vec<(f64, f64)> {
        let told = |cue: Cue| (cue.at.as_secs_f64(), cue.lasting.as_secs_f64());
        let demo = demo.map(Duration::from_secs);
        floods(demo).take(3).map(told).collect()
    }

    #[test]
    fn a_flood_leaves_time_for_calm_before_and_after() {
        assert_eq!(seconds(Some(60)), [(15.0, 25.0)]);
        assert_eq!(seconds(Some(30)), [(10.0, 10.0)]);
        assert_eq!(seconds(Some(6)), [(2.0, 2.0)]);
        assert_eq!(seconds(Some(120)), [(15.0, 30.0)]);
    }

    #[test]
    fn floods_come_again_every_three_minutes_while_a_whole_one_fits() {
        assert_eq!(seconds(None), [(15.0, 30.0), (195.0, 30.0), (375.0, 30.0)]);
        assert_eq!(seconds(Some(244)), [(15.0, 30.0)]);
        assert_eq!(seconds(Some(245)), [(15.0, 30.0), (195.0, 30.0)]);
    }
}
