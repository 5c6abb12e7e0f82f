//! A fall of the limit as an experiment.

/// What there was before the fall, with all slots in use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trial {
    pub(super) limit: f64,
    /// Latency over base.
    pub(super) ratio: f64,
    /// The limit that is in doubt, where the fall was made to find out whether its base is right.
    pub(super) doubted: Option<f64>,
}

/// What a fall showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// Answers became faster in step with fewer at once: the origin was full.
    LoadWasIt,
    /// They did not: it is slower for a reason of its own.
    LoadWasNotIt,
    /// Too few answers to tell.
    Unclear,
}

impl Trial {
    /// The same where the limit before was far above what made answers so late.
    pub(super) fn from(self, limit: f64) -> Self {
        Self { limit: self.limit.min(limit * self.ratio), ..self }
    }

    /// What a fall to `limit` showed, after which `ratio` was seen, right within `doubt`.
    ///
    /// Had the load made answers slow, they would be faster in step by now, but not faster than
    /// their base; had it not, they would be as slow as before. Half of the way is the line.
    pub(super) fn judge(self, limit: f64, ratio: f64, doubt: f64) -> Finding {
        let in_step = (self.ratio * limit / self.limit).max(self.ratio.min(1.0));
        let line = f64::midpoint(self.ratio, in_step);
        match ratio {
            _ if (ratio - line).abs() < doubt => Finding::Unclear,
            _ if ratio <= line => Finding::LoadWasIt,
            _ => Finding::LoadWasNotIt,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_origin_is_told_from_a_slow_one() {
        let before = Trial { limit: 16.0, ratio: 2.0, doubted: None };
        assert_eq!(before.judge(8.0, 1.0, 0.2), Finding::LoadWasIt);
        assert_eq!(before.judge(8.0, 2.0, 0.2), Finding::LoadWasNotIt);
        assert_eq!(before.judge(8.0, 1.55, 0.0), Finding::LoadWasNotIt);
        assert_eq!(before.judge(8.0, 1.45, 0.0), Finding::LoadWasIt);
    }
}
