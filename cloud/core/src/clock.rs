//! The cloud's clock, which tests may make faster: AWS's minutes then pass in seconds.
//!
//! Whatever waits for AWS's time (visibility, delays, retention, schedules) asks this clock for the time and sleeps by it. At a
//! scale of 1 it is the machine's. A faster one is ahead of the machine's from its first second, and must not go back when the
//! cloud is started again, as times that it told are stored: where it began is kept ([`Anchor`]), and it goes on from there.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// How much faster than the machine's the clock may be: an hour in a second.
pub const FASTEST: u32 = 3600;
/// The longest sleep in one piece, so that changes of the machine's clock are noticed.
const PIECE: Duration = Duration::from_secs(60);

/// Where a clock that was once faster than the machine's began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The machine's time.
    pub machine: Timestamp,
    /// The cloud's time at that moment.
    pub cloud: Timestamp,
    /// How many of the cloud's seconds pass in one of the machine's from then on.
    pub scale: u32,
}

/// The clock. Cheap to copy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    anchor: Option<Anchor>,
    /// Milliseconds since 1970, where somebody sets the time.
    hand: Option<&'static AtomicI64>,
}

impl Clock {
    /// A clock of a scale from 1 to [`FASTEST`], which goes on where the one of an earlier anchor is now.
    pub fn new(scale: u32, earlier: Option<Anchor>) -> Self {
        let machine = Timestamp::now();
        let scale = scale.clamp(1, FASTEST);
        let cloud = Self { anchor: earlier, hand: None }.now();
        let is_true = scale == 1 && earlier.is_none();
        Self { anchor: (!is_true).then_some(Anchor { machine, cloud: cloud.max(machine), scale }), hand: None }
    }

    /// A clock that stands unless its milliseconds since 1970 are moved, for tests of what time does.
    pub fn by_hand(milliseconds: &'static AtomicI64) -> Self {
        Self { anchor: None, hand: Some(milliseconds) }
    }

    /// Where it began, to be kept; `None` for the machine's own.
    pub fn anchor(&self) -> Option<Anchor> {
        self.anchor
    }

    /// How many of its seconds pass in one of the machine's.
    pub fn scale(&self) -> u32 {
        self.anchor.map_or(1, |anchor| anchor.scale)
    }

    /// Its time.
    pub fn now(&self) -> Timestamp {
        let machine = Timestamp::now();
        if let Some(hand) = self.hand {
            return Timestamp::from_millisecond(hand.load(Ordering::Relaxed)).unwrap_or(machine);
        }
        let Some(anchor) = self.anchor else { return machine };
        let passed = machine.duration_since(anchor.machine).max(SignedDuration::ZERO);
        let scale = i32::try_from(anchor.scale).unwrap_or(1);
        passed.checked_mul(scale).and_then(|passed| anchor.cloud.checked_add(passed).ok()).unwrap_or(machine)
    }

    /// Its time in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// Sleeps for so long by this clock.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration / self.scale()).await;
    }

    /// Sleeps until a moment of this clock.
    pub async fn sleep_until(&self, moment: Timestamp) {
        while let Ok(left) = Duration::try_from(moment.duration_since(self.now()))
            && !left.is_zero()
        {
            // At the least a millisecond, as timers know none shorter.
            let longest = if self.hand.is_some() { Duration::from_millis(1) } else { PIECE };
            let piece = (left / self.scale()).clamp(Duration::from_millis(1), longest);
            tokio::time::sleep(piece).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_machines_own() {
        let clock = Clock::new(1, None);
        assert_eq!((clock.anchor(), clock.scale()), (None, 1));
        let (before, now) = (Timestamp::now(), clock.now());
        assert!(before <= now && now <= Timestamp::now());
    }

    #[test]
    fn a_faster_clock_is_ahead_and_never_goes_back() {
        let machine = Timestamp::now() - SignedDuration::from_secs(10);
        let anchor = Anchor { machine, cloud: machine, scale: 60 };
        for scale in [60, 1, 3600] {
            let clock = Clock::new(scale, Some(anchor));
            let ahead = clock.now().duration_since(Timestamp::now());
            assert!(ahead >= SignedDuration::from_secs(59 * 10 - 1), "{scale}: {ahead:?}");
            assert_eq!(clock.scale(), scale);
        }
        // An anchor of a machine whose clock was wrong.
        let future = Anchor { machine: Timestamp::now() + SignedDuration::from_hours(1), ..anchor };
        assert!(Clock::new(60, Some(future)).now() >= Timestamp::now() - SignedDuration::from_secs(1));
    }

    #[tokio::test]
    async fn sleeps_are_shorter_by_the_scale() {
        let clock = Clock::new(FASTEST, None);
        let moment = clock.now() + SignedDuration::from_mins(5);
        clock.sleep_until(moment).await;
        assert!(clock.now() >= moment);
        clock.sleep_until(moment).await;
    }
}
