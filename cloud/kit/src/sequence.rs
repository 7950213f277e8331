//! Numbers that only grow, and are not met again after a restart.

use std::sync::atomic::{AtomicI64, Ordering};

/// Bits that count what happens in the same millisecond.
const COUNTER_BITS: u32 = 20;

/// Numbers that hold the time of their making.
#[derive(Debug)]
pub struct Sequence {
    last: AtomicI64,
}

impl Sequence {
    /// Numbers after that one.
    pub fn after(last: i64) -> Self {
        Self { last: AtomicI64::new(last) }
    }

    /// The next one, at a time in milliseconds.
    pub fn next(&self, now: i64) -> i64 {
        let next = |last: i64| Some(last.saturating_add(1).max(now << COUNTER_BITS));
        let before = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        match before {
            Ok(last) | Err(last) => next(last).unwrap_or(last),
        }
    }
}

/// A number as AWS tells it: 20 digits.
pub fn told(number: i64) -> String {
    format!("1{number:019}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_even_if_the_time_goes_back() {
        let sequence = Sequence::after(0);
        let numbers = [5, 5, 6, 1, 1].map(|now| sequence.next(now));
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
        assert_eq!(numbers[2], 6 << COUNTER_BITS);
        assert!(Sequence::after(numbers[4]).next(1) > numbers[4]);
    }
}
