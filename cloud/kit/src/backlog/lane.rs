//! How fast a lane may go.

use std::collections::HashSet;

/// The first and the longest rest of a lane whose jobs are not let run, in milliseconds: "the retry interval increases
/// exponentially from 1 second after the first attempt to a maximum of 5 minutes" (AWS: "How Lambda handles errors and retries
/// with asynchronous invocation").
const REST: (i64, i64) = (1000, 300_000);

/// The pace of a lane.
#[derive(Debug)]
pub struct Pace {
    /// Jobs that are being attempted.
    running: HashSet<i64>,
    /// How many may be.
    window: usize,
    most: usize,
    /// When the first of those that wait is due, in milliseconds since 1970; none waits otherwise.
    next: Option<i64>,
    /// Until when it rests, and for how long.
    rest: Option<(i64, i64)>,
}

impl Pace {
    /// A lane in which as many may run, with a job that is due then.
    pub fn new(most: usize, next: Option<i64>) -> Self {
        Self { running: HashSet::new(), window: most, most, next, rest: None }
    }

    /// A job waits until then.
    pub fn expect(&mut self, due: i64) {
        self.next = Some(self.next.map_or(due, |next| next.min(due)));
    }

    /// Somebody looks for what waits, and says afterwards what is left. Answers what is not to be found.
    pub fn look(&mut self) -> HashSet<i64> {
        self.next = None;
        self.running.clone()
    }

    /// A job is being attempted.
    pub fn begin(&mut self, job: i64) {
        self.running.insert(job);
    }

    /// An attempt has ended that was made: there is room for one more.
    pub fn end(&mut self, job: i64) {
        self.running.remove(&job);
        self.window = (self.window + 1).min(self.most);
        self.rest = None;
    }

    /// An attempt was not made: there is room for those alone that run. Answers whether the lane has just begun to rest.
    pub fn slow_down(&mut self, job: i64, now: i64) -> bool {
        self.running.remove(&job);
        self.window = self.running.len().max(1);
        match self.rest {
            Some((until, _)) if until > now => false,
            Some((_, last)) => self.rest_for(now, (last * 2).min(REST.1)),
            None => self.rest_for(now, REST.0),
        }
    }

    fn rest_for(&mut self, now: i64, length: i64) -> bool {
        self.rest = Some((now + length, length));
        true
    }

    /// Ends a rest; if the next attempt is not made either, the rest goes on to grow.
    pub fn wake(&mut self) {
        if let Some((until, _)) = &mut self.rest {
            *until = i64::MIN;
        }
    }

    /// Until when it rests.
    pub fn rests_until(&self) -> Option<i64> {
        self.rest.map(|(until, _)| until)
    }

    /// How many are being attempted.
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// How many more may be.
    pub fn places(&self) -> usize {
        self.window.saturating_sub(self.running.len())
    }

    /// Whether a job may be attempted now.
    pub fn is_ready(&self, now: i64) -> bool {
        self.places() > 0 && self.moment().is_some_and(|moment| moment <= now)
    }

    /// When the next job may be attempted, if nothing ends before.
    pub fn alarm(&self) -> Option<i64> {
        if self.places() > 0 { self.moment() } else { None }
    }

    fn moment(&self) -> Option<i64> {
        let next = self.next?;
        Some(self.rest.map_or(next, |(until, _)| next.max(until)))
    }

    /// Whether there is nothing to remember of it.
    pub fn is_idle(&self) -> bool {
        self.running.is_empty() && self.next.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_goes_as_fast_as_its_jobs_are_let_run() {
        let mut pace = Pace::new(4, Some(0));
        assert_eq!(pace.look(), HashSet::new());
        (1..=4).for_each(|job| pace.begin(job));
        pace.expect(0);
        assert!(!pace.is_ready(10) && pace.alarm().is_none());
        // One runs; the others were not let.
        assert!(pace.slow_down(2, 10));
        assert!(!pace.slow_down(3, 10) && !pace.slow_down(4, 10));
        assert_eq!((pace.running(), pace.places()), (1, 0));
        pace.end(1);
        assert_eq!((pace.places(), pace.is_ready(10)), (2, true));
    }

    #[test]
    fn rests_grow_to_five_minutes_and_end_early() {
        let mut pace = Pace::new(4, Some(0));
        let mut now = 0;
        for length in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            pace.begin(1);
            assert!(pace.slow_down(1, now));
            assert!(!pace.is_ready(now));
            now += length * 1000;
            assert_eq!((pace.alarm(), pace.is_ready(now)), (Some(now), true));
        }
        pace.begin(1);
        pace.slow_down(1, now);
        pace.wake();
        assert!(pace.is_ready(now));
        pace.begin(1);
        pace.end(1);
        assert_eq!(pace.rests_until(), None);
    }
}
