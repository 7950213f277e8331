//! Which requests X-Ray traces. There is no X-Ray here, and what is traced says so all the same: in the trace header that
//! functions and backends get, and in a function's report.

use slam_cloud_core::Timestamp;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// "By default, the X-Ray SDK records the first request each second, and five percent of any additional requests" (AWS:
/// X-Ray concepts, "Sampling"): the rule that holds where nobody made one.
#[derive(Debug)]
pub struct Sampling {
    /// The second of the newest request.
    newest: AtomicI64,
    /// How many have not been the first of their second.
    additional: AtomicU64,
}

/// Five percent.
const EVERY: u64 = 20;

impl Default for Sampling {
    fn default() -> Self {
        Self { newest: AtomicI64::new(i64::MIN), additional: AtomicU64::new(0) }
    }
}

impl Sampling {
    /// Whether a request of now is traced.
    pub fn takes(&self, now: Timestamp) -> bool {
        let second = now.as_second();
        self.newest.swap(second, Ordering::Relaxed) != second
            || self.additional.fetch_add(1, Ordering::Relaxed) % EVERY == EVERY - 1
    }
}

/// A trace header that says whether the request is traced, as it did or as is decided now.
pub fn decided(header: &str, sampled: impl FnOnce() -> bool) -> String {
    if header.contains("Sampled=") {
        return header.to_owned();
    }
    // It stands before what Lambda adds.
    let at = header.find(";Lineage=").unwrap_or(header.len());
    let (before, after) = header.split_at(at);
    format!("{before};Sampled={}{after}", u8::from(sampled()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_before_holds() {
        assert_eq!(decided("Root=1-2;Parent=3", || true), "Root=1-2;Parent=3;Sampled=1");
        assert_eq!(decided("Root=1-2;Parent=3;Sampled=0", || true), "Root=1-2;Parent=3;Sampled=0");
        assert_eq!(decided("Root=1-2;Lineage=1:a:0", || false), "Root=1-2;Sampled=0;Lineage=1:a:0");
    }

    #[test]
    fn the_first_of_each_second_is_traced_and_five_percent_of_the_others() {
        let sampling = Sampling::default();
        let at = |second| Timestamp::from_second(second).expect("a time");
        assert!(sampling.takes(at(7)));
        assert_eq!((0..1000).filter(|_| sampling.takes(at(7))).count(), 50);
        assert!(sampling.takes(at(8)));
    }
}
