//! Writing a journal to CloudWatch Logs, through the door and as the function's role.

use super::Journal;
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context};
use slam_cloud_wire::logs::{CreateLogGroup, CreateLogStream, InputLogEvent, PutLogEvents};
use std::sync::Arc;
use std::time::Duration;

/// How long lines are collected while an invocation runs.
const COLLECT: Duration = Duration::from_millis(50);

/// How long after a write the next one may follow: a busy environment writes the lines of many invocations at once.
const PACE: Duration = Duration::from_millis(200);

/// Where a journal goes.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The log group.
    pub group: String,
    /// The stream in it.
    pub stream: String,
    /// Whether the group may be made when it is missing: Lambda makes its own, never one the function names.
    pub own_group: bool,
}

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
                if let Err(error) = self.write(events, &mut stream_is_there).await {
                    // As on AWS, a function whose role may not write logs has none.
                    if error.code != "AccessDeniedException" {
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

    async fn write(&self, events: Vec<InputLogEvent>, stream_is_there: &mut bool) -> AwsResult<()> {
        if !*stream_is_there {
            self.create().await?;
            *stream_is_there = true;
        }
        match self.put(events.clone()).await {
            // The group was deleted while the environment lived.
            Err(error) if error.code == "ResourceNotFoundException" => {
                *stream_is_there = false;
                self.create().await?;
                self.put(events).await
            }
            written => written,
        }
    }

    async fn put(&self, log_events: Vec<InputLogEvent>) -> AwsResult<()> {
        let Destination { group, stream, .. } = self.destination.clone();
        let input =
            PutLogEvents { log_group_name: group, log_stream_name: stream, log_events, ..PutLogEvents::default() };
        self.cloud.call(self.context.clone(), input).await.map(|_| ())
    }

    async fn create(&self) -> AwsResult<()> {
        match self.create_stream().await {
            Err(error) if error.code == "ResourceNotFoundException" && self.destination.own_group => {
                let group = self.destination.group.clone();
                let input = CreateLogGroup { log_group_name: group, ..CreateLogGroup::default() };
                unless_there(self.cloud.call(self.context.clone(), input).await.map(|_| ()))?;
                self.create_stream().await
            }
            created => created,
        }
    }

    async fn create_stream(&self) -> AwsResult<()> {
        let Destination { group, stream, .. } = self.destination.clone();
        let input = CreateLogStream { log_group_name: group, log_stream_name: stream };
        unless_there(self.cloud.call(self.context.clone(), input).await.map(|_| ()))
    }
}

fn unless_there(created: Result<(), AwsError>) -> AwsResult<()> {
    created.or_else(|error| if error.code == "ResourceAlreadyExistsException" { Ok(()) } else { Err(error) })
}
