//! `slam logs`: what a stage's functions wrote, and its API's execution log, merged by time.
//!
//! - this file: the lines, read page by page, so that a busy week takes no more memory than a quiet one.
//! - [`platform`]: the lines that Lambda itself writes.
//! - [`requests`]: lines put together by the request that they belong to.

pub mod platform;
pub mod requests;

use crate::error::{StackError, service};
use crate::{Session, deployed};
use std::collections::{BTreeSet, VecDeque};

/// Events may arrive this much later than others of the same time, in milliseconds.
const LATE: i64 = 10_000;

/// Who wrote a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A function by its name in slam.yaml; `None` is the project's own.
    Function(Option<String>),
    /// API Gateway.
    Api,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Who wrote it.
    pub source: Source,
    /// The log group.
    pub group: String,
    /// The log stream.
    pub stream: String,
    /// The line, without its end.
    pub message: String,
}

/// Reads a project's logs, once or again and again.
pub struct LogReader {
    groups: Vec<Group>,
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
        for &function in functions {
            let source = Source::Function(function.map(str::to_owned));
            let found = function_group(session, stack.function(session, function)?, stage).await?;
            groups.extend(found.map(|(name, version)| Group::new(name, source, version, since)));
        }
        if let Some(api) = stack.outputs.get(slam_template::API_ID_OUTPUT) {
            let name = format!("API-Gateway-Execution-Logs_{api}/{stage}");
            groups.push(Group::new(name, Source::Api, None, since));
        }
        Ok(Self { groups })
    }

    /// The next line, oldest first; `None` when there is none for now. The call after that looks for new ones.
    ///
    /// # Errors
    /// When the logs cannot be read.
    pub async fn next(&mut self, session: &Session<'_>) -> Result<Option<LogLine>, StackError> {
        for group in &mut self.groups {
            group.fill(session).await?;
        }
        let first = self.groups.iter_mut().filter(|group| !group.page.is_empty()).min_by_key(|group| group.page[0].at);
        if let Some(group) = first {
            return Ok(group.page.pop_front());
        }
        self.groups.iter_mut().for_each(Group::rewind);
        Ok(None)
    }
}

/// The log group of a function, and the version that a stage has of it.
async fn function_group(
    session: &Session<'_>,
    function: &str,
    stage: &str,
) -> Result<Option<(String, Option<String>)>, StackError> {
    let configuration = session.clients.function_configuration(function, stage).await;
    let configuration = configuration.map_err(service("looking for the function"))?;
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    Ok(text(&configuration["LoggingConfig"]["LogGroup"]).map(|group| (group, text(&configuration["Version"]))))
}

/// One log group, read page by page.
struct Group {
    name: String,
    source: Source,
    /// The version of the function whose lines are asked for.
    version: Option<String>,
    since: i64,
    /// Times and ids of the events that may come once more, because they are not older than [`LATE`].
    seen: BTreeSet<(i64, String)>,
    page: VecDeque<LogLine>,
    token: Option<String>,
    /// Whether there is no more for now.
    read: bool,
}

impl Group {
    fn new(name: String, source: Source, version: Option<String>, since: i64) -> Self {
        let (seen, page) = (BTreeSet::new(), VecDeque::new());
        Self { name, source, version, since, seen, page, token: None, read: false }
    }

    /// Has a line at hand, unless there is none for now.
    async fn fill(&mut self, session: &Session<'_>) -> Result<(), StackError> {
        while self.page.is_empty() && !self.read {
            let page = session.clients.log_events(&self.name, self.since, self.token.take()).await;
            let Some(page) = page.map_err(service("reading the logs"))? else {
                // A group that nothing was written to yet need not exist.
                self.read = true;
                return Ok(());
            };
            for event in page.events {
                let at = event.timestamp;
                let new = event.event_id.is_none_or(|id| self.seen.insert((at, id)));
                if new && self.asks_for(&event.log_stream_name) {
                    self.page.push_back(LogLine {
                        at,
                        source: self.source.clone(),
                        group: self.name.clone(),
                        stream: event.log_stream_name,
                        message: event.message.trim_end().to_owned(),
                    });
                }
            }
            self.forget();
            self.token = page.next_token;
            self.read = self.token.is_none();
        }
        Ok(())
    }

    /// A function's streams carry its version in brackets; the other stages' lines are not asked for.
    fn asks_for(&self, stream: &str) -> bool {
        let version = self.version.as_ref().filter(|_| stream.contains('['));
        version.is_none_or(|version| stream.contains(&format!("[{version}]")))
    }

    /// Forgets the events that are too old to come once more.
    fn forget(&mut self) {
        if let Some((last, _)) = self.seen.last() {
            self.seen = self.seen.split_off(&(last - LATE, String::new()));
        }
    }

    /// Looks for what came meanwhile, and for what came late, from the next call on.
    fn rewind(&mut self) {
        if let Some((last, _)) = self.seen.last() {
            self.since = self.since.max(last - LATE);
        }
        self.read = false;
    }
}
