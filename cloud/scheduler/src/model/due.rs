//! One time that a schedule comes.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{Timestamp, id};

/// One time that a schedule comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Due {
    /// The time that its expression tells.
    pub time: Timestamp,
    /// When the target is called: with a flexible window, some time later.
    pub at: Timestamp,
    /// The invocation's id: it is chosen before, so that one that has to be repeated is known by it.
    pub execution: String,
}

impl Due {
    /// With a window of so many minutes, at any moment in it.
    /// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html>
    pub fn new(time: Timestamp, window: Option<i64>) -> Self {
        let seconds = usize::try_from(window.unwrap_or(0).saturating_mul(60)).unwrap_or(0);
        let later = id::below(seconds).ok().and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
        let at = time.checked_add(SignedDuration::from_secs(later)).unwrap_or(time);
        // 16 hexadecimal digits, as in the documentation's example of a dead letter.
        let execution = id::request_id().replace('-', "")[..16].to_owned();
        Self { time, at, execution }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_kept() {
        for _ in 0..200 {
            let time = Timestamp::UNIX_EPOCH;
            let due = Due::new(time, Some(2));
            assert!(due.time == time && due.at >= time && due.at < time + SignedDuration::from_mins(2), "{due:?}");
            assert!(due.execution.len() == 16 && u64::from_str_radix(&due.execution, 16).is_ok(), "{due:?}");
        }
    }
}
