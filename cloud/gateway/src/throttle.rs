//! The token buckets of a stage's methods.
//!
//! AWS: "Throttle requests to your REST APIs": a bucket of the burst's size, filled at the rate.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A bucket of tokens, one for each request.
#[derive(Debug)]
pub struct Throttle {
    rate: f64,
    burst: f64,
    state: Mutex<(f64, Instant)>,
}

impl Throttle {
    /// A full bucket.
    pub fn new(rate: f64, burst: i64) -> Self {
        let burst = burst as f64;
        Self { rate, burst, state: Mutex::new((burst, Instant::now())) }
    }

    /// Takes a token; false when there is none.
    pub fn take(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(state.1).as_secs_f64();
        let tokens = (state.0 + passed * self.rate).min(self.burst);
        let taken = tokens >= 1.0;
        *state = (if taken { tokens - 1.0 } else { tokens }, now);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let throttle = Throttle::new(2.0, 3);
        let start = Instant::now();
        let take = |milliseconds| throttle.take(start + Duration::from_millis(milliseconds));
        assert_eq!([take(0), take(0), take(0), take(0)], [true, true, true, false]);
        assert_eq!([take(500), take(500), take(1000), take(1000)], [true, false, true, false]);
        assert!(!Throttle::new(0.0, 0).take(start));
    }
}
