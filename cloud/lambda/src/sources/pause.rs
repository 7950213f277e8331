//! How long to wait after an error: longer each time.

use slam_cloud_core::Clock;
use std::time::Duration;

/// The longest.
const LONGEST: u64 = 60;

/// A pause that becomes longer, from a second to a minute.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pause {
    errors: u32,
}

impl Pause {
    /// How long the next one is.
    pub fn next(&mut self) -> Duration {
        let seconds = 1_u64.checked_shl(self.errors).unwrap_or(LONGEST).min(LONGEST);
        self.errors = (self.errors + 1).min(6);
        Duration::from_secs(seconds)
    }

    /// Waits for the next one.
    pub async fn wait(&mut self, clock: Clock) {
        clock.sleep(self.next()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_become_longer_until_a_minute() {
        let mut pause = Pause::default();
        let seconds: Vec<u64> = (0..8).map(|_| pause.next().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
    }
}
