//! Token buckets: of an account, of a stage's methods, of whoever has an API key.
//!
//! AWS: "Throttle requests to your REST APIs": a bucket of the burst's size, filled at the rate.

use std::collections::HashMap;
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

    fn is_of(&self, rate: f64, burst: i64) -> bool {
        (self.rate, self.burst) == (rate, burst as f64)
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

/// Buckets that are remembered at most; more are begun anew together.
const BUCKETS: usize = 100_000;

/// Buckets by name. Each is full when it is asked for first, and anew when its limits have changed.
#[derive(Debug, Default)]
pub struct Throttles {
    buckets: Mutex<HashMap<String, Throttle>>,
}

impl Throttles {
    /// Takes a token of a bucket; false when there is none.
    pub fn take(&self, name: &str, rate: f64, burst: i64, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get(name).filter(|bucket| bucket.is_of(rate, burst)) {
            return bucket.take(now);
        }
        if buckets.len() >= BUCKETS {
            buckets.clear();
        }
        let bucket = Throttle::new(rate, burst);
        let taken = bucket.take(now);
        buckets.insert(name.to_owned(), bucket);
        taken
    }

    /// Begins all of them anew.
    pub fn clear(&self) {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).clear();
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

    #[test]
    fn buckets_are_apart_until_their_limits_change() {
        let (throttles, now) = (Throttles::default(), Instant::now());
        let take = |name, rate, burst| throttles.take(name, rate, burst, now);
        assert_eq!([take("a", 1.0, 1), take("a", 1.0, 1), take("b", 1.0, 1)], [true, false, true]);
        assert_eq!([take("a", 1.0, 2), take("a", 1.0, 2), take("a", 1.0, 2)], [true, true, false]);
        throttles.clear();
        assert!(take("a", 1.0, 2));
    }
}
