//! How many invocations an API destination lets be made in a second.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>: what is more waits, and is not lost.
//!
//! A delivery that has to wait is told when its turn comes and waits in its row until then, so that a long queue costs nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A second, in milliseconds.
const SECOND: i64 = 1000;
/// Destinations that are remembered; when there are more, those without a queue are forgotten.
const REMEMBERED: usize = 1024;

/// The turns that are given, by the ARN of the destination.
#[derive(Default)]
pub struct Paces(Mutex<HashMap<String, Pace>>);

/// Turns in one second after another, as many in each as the destination lets be.
struct Pace {
    /// When the first second begins, in milliseconds since 1970.
    begun: i64,
    /// The turns that were given since.
    given: i64,
    /// The turns of a second.
    rate: i64,
}

impl Pace {
    /// When the next turn is.
    fn next(&self) -> i64 {
        self.begun + self.given / self.rate * SECOND
    }

    /// Whether nobody waits: all that was given is over.
    fn is_idle(&self, now: i64) -> bool {
        now >= self.begun + (self.given + self.rate - 1) / self.rate * SECOND
    }
}

impl Paces {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Pace>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a turn: it is when this answers, which is now if nobody is before.
    pub fn turn(&self, arn: &str, rate: i64, now: i64) -> i64 {
        let mut paces = self.lock();
        if paces.len() >= REMEMBERED {
            paces.retain(|_, pace| !pace.is_idle(now));
        }
        let rate = rate.max(1);
        let pace = paces.entry(arn.to_owned()).or_insert(Pace { begun: now, given: 0, rate });
        if pace.rate != rate || pace.is_idle(now) {
            *pace = Pace { begun: pace.next().max(now), given: 0, rate };
        }
        let turn = pace.next().max(now);
        pace.given += 1;
        turn
    }

    /// Nobody is before `moment` any more, up to which turns were given by another process.
    pub fn continue_from(&self, arn: String, moment: i64) {
        self.lock().insert(arn, Pace { begun: moment + SECOND, given: 0, rate: 1 });
    }

    /// Takes back the turns of a destination, whose pace is another one now.
    pub fn forget(&self, arn: &str) {
        self.lock().remove(arn);
    }

    /// Takes back all.
    pub fn clear(&self) {
        self.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_turns_as_may_be_are_in_each_second() {
        let paces = Paces::default();
        let given = |now: i64, count: usize| (0..count).map(|_| paces.turn("a", 2, now)).collect::<Vec<_>>();
        assert_eq!(given(0, 5), [0, 0, 1000, 1000, 2000]);
        assert_eq!(given(500, 2), [2000, 3000]);
        assert_eq!(given(3500, 2), [3500, 4000]);
        // Who asks after all is over begins anew.
        assert_eq!(given(9000, 3), [9000, 9000, 10_000]);
        assert_eq!(paces.turn("b", 2, 9000), 9000);
        paces.forget("a");
        assert_eq!(given(9000, 1), [9000]);
    }

    #[test]
    fn turns_go_on_after_those_of_another_process() {
        let paces = Paces::default();
        paces.continue_from("a".into(), 5000);
        assert_eq!([paces.turn("a", 1, 100), paces.turn("a", 1, 100)], [6000, 7000]);
    }
}
