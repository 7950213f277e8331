//! Writing a journal to CloudWatch Logs, through the door and as the function's role.

use super::Journal;
use slam_cloud_core::{Cloud, Context};
use slam_cloud_kit::service_logs::Destination;
use std::sync::Arc;
use std::time::Duration;

/// How long lines are collected while an invocation runs.
const COLLECT: Duration = Duration::from_millis(50);

/// How long after a write the next one may follow: a busy environment writes the lines of many invocations at once.
const PACE: Duration = Duration::from_millis(200);

/// Writes a journal until it is closed.
pub struct Writer {
    /// The way to CloudWatch Logs.
    pub cloud: Cloud,
    /// The function's role.
    pub context: Context,
    /// Where to.
    pub destination: Destination,
    /// What.
    pub journal: Arc<Journal>,
}

impl Writer {
    /// Writes until the journal is closed and empty.
    pub async fn run(self) {
        let mut stream_is_there = false;
        loop {
            self.journal.wake.notified().await;
            let mut collected = std::pin::pin!(tokio::time::sleep(COLLECT));
            while !self.journal.is_urgent() {
                tokio::select! {
                    () = &mut collected => break,
                    () = self.journal.wake.notified() => {}
                }
            }
            loop {
                let events = self.journal.take();
                if events.is_empty() {
                    break;
                }
                if let Err(error) =
                    self.destination.write(&self.cloud, &self.context, events, &mut stream_is_there).await
                {
                    // As on AWS, a function whose role may not write logs has none.
                    if !error.is_access_denied() {
                        let Destination { group, stream, .. } = &self.destination;
                        tracing::warn!(group, stream, %error, "log events were lost");
                    }
                }
            }
            if self.journal.is_closed() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(PACE) => {}
                () = self.journal.hurry.notified() => {}
            }
        }
    }
}
