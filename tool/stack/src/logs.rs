//! `slam logs`: what a stage's function wrote, and its API's execution log, merged by time.

use crate::error::{StackError, while_doing};
use crate::{Session, deployed};
use std::collections::HashSet;

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The log group.
    pub group: String,
    /// The log stream.
    pub stream: String,
    /// The line, without its end.
    pub message: String,
}

/// Reads a project's logs, once or again and again.
pub struct LogReader {
    /// Log groups, with the version of the function whose lines are asked for.
    groups: Vec<(String, Option<String>)>,
    since: i64,
    seen: HashSet<String>,
}

impl LogReader {
    /// A reader of everything since `since` (milliseconds since 1970) that the functions of `stage` wrote; each of
    /// `functions` is a name, or `None` for the project's own.
    ///
    /// # Errors
    /// When the stack or a function is missing or Lambda refuses to tell the stage's version.
    pub async fn open(
        session: &Session<'_>,
        stage: &str,
        functions: &[Option<&str>],
        since: i64,
    ) -> Result<Self, StackError> {
        let stack = deployed::require(session).await?;
        stack.require_stage(stage)?;
        let mut groups = Vec::new();
        for function in functions {
            groups.extend(Self::group(session, stack.function(session, *function)?, stage).await?);
        }
        if let Some(api) = stack.outputs.get(slam_template::API_ID_OUTPUT) {
            groups.push((format!("API-Gateway-Execution-Logs_{api}/{stage}"), None));
        }
        Ok(Self { groups, since, seen: HashSet::new() })
    }

    async fn group(
        session: &Session<'_>,
        function: &str,
        stage: &str,
    ) -> Result<Option<(String, Option<String>)>, StackError> {
        let configuration = session
            .clients
            .lambda
            .get_function_configuration()
            .function_name(function)
            .qualifier(stage)
            .send()
            .await
            .map_err(while_doing!("looking for the function"))?;
        let group = configuration.logging_config().and_then(|config| config.log_group());
        Ok(group.map(|group| (group.to_owned(), configuration.version().map(str::to_owned))))
    }

    /// The lines since the last call, oldest first.
    ///
    /// # Errors
    /// When the logs cannot be read.
    pub async fn read(&mut self, session: &Session<'_>) -> Result<Vec<LogLine>, StackError> {
        let mut lines = Vec::new();
        for (group, version) in self.groups.clone() {
            self.read_group(session, &group, version.as_deref(), &mut lines).await?;
        }
        lines.sort_by_key(|line| line.at);
        if let Some(last) = lines.last() {
            // Events may arrive a little late; what was seen is not told twice.
            self.since = self.since.max(last.at - 10_000);
        }
        Ok(lines)
    }

    async fn read_group(
        &mut self,
        session: &Session<'_>,
        group: &str,
        version: Option<&str>,
        lines: &mut Vec<LogLine>,
    ) -> Result<(), StackError> {
        let mut token = None;
        loop {
            let call = session.clients.logs.filter_log_events().log_group_name(group).start_time(self.since);
            let page = match call.set_next_token(token).send().await {
                Ok(page) => page,
                Err(error) => {
                    let error = slam_aws::service_error(&error);
                    // A group that nothing was written to yet need not exist.
                    if error.code.as_deref() == Some("ResourceNotFoundException") {
                        return Ok(());
                    }
                    return Err(StackError::Service { doing: "reading the logs", error });
                }
            };
            for event in page.events() {
                let stream = event.log_stream_name().unwrap_or_default();
                // A function's streams carry its version in brackets; the other stages' lines are not asked for.
                let other_version =
                    stream.contains('[') && version.is_some_and(|version| !stream.contains(&format!("[{version}]")));
                let new = event.event_id().is_none_or(|id| self.seen.insert(id.to_owned()));
                if new && !other_version {
                    lines.push(LogLine {
                        at: event.timestamp().unwrap_or_default(),
                        group: group.to_owned(),
                        stream: stream.to_owned(),
                        message: event.message().unwrap_or_default().trim_end().to_owned(),
                    });
                }
            }
            token = page.next_token().map(str::to_owned);
            if token.is_none() {
                return Ok(());
            }
        }
    }
}
