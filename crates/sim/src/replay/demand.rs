//! Demand that reaches an origin, second by second.

/// How far over capacity a second's demand must lie to count as overload.
const OVER: f64 = 1.05;

/// The work that was let through to one platform's origins.
#[derive(Debug, Clone)]
pub(super) struct Demand {
    capacity_ms: f64,
    second: i64,
    second_ms: f64,
    overload_seconds: u64,
    admitted_ms: f64,
}

impl Demand {
    pub(super) fn new(capacity_ms_per_s: f64) -> Self {
        Self {
            capacity_ms: capacity_ms_per_s,
            second: i64::MIN,
            second_ms: 0.0,
            overload_seconds: 0,
            admitted_ms: 0.0,
        }
    }

    /// Adds the cost of a request, in the second in which it came; seconds never go back.
    pub(super) fn add(&mut self, second: i64, cost_ms: f64) {
        if second != self.second {
            self.close();
            self.second = second;
        }
        self.second_ms += cost_ms;
        self.admitted_ms += cost_ms;
    }

    fn close(&mut self) {
        self.overload_seconds += u64::from(self.second_ms > OVER * self.capacity_ms);
        self.second_ms = 0.0;
    }

    /// Seconds of overload, and all milliseconds that were let through.
    pub(super) fn conclude(mut self) -> (u64, f64) {
        self.close();
        (self.overload_seconds, self.admitted_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_overload_above_the_bound_and_not_at_it() {
        let mut demand = Demand::new(100.0);
        for (second, cost_ms) in [(1, 105.0), (2, 60.0), (2, 45.5), (4, 200.0)] {
            demand.add(second, cost_ms);
        }
        assert_eq!(demand.conclude(), (2, 410.5));
    }
}
