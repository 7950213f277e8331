//! The process of an environment: its runtime, what it prints, and the memory it uses.

use crate::log::Journal;
use crate::model::limits::{RESPONSE, STREAMED};
use crate::runtime::api::{FromRuntime, RuntimeApi};
use crate::runtime::error::RuntimeError;
use crate::runtime::owner::Owner;
use crate::runtime::streamed::{Ending, Pieces};
use bytes::Bytes;
use serde_json::{Value, json};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_sandbox::{Child, Exit, Group, Launcher, Output, SandboxError, Spec};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout_at};

/// How often the memory is measured while an invocation runs.
const MEASURE: Duration = Duration::from_millis(50);
/// How long the end of a process may take to be seen after that of its connections, or the other way round.
const LAST_BREATH: Duration = Duration::from_millis(500);

/// Said where the kernel has no means to refuse a process that is one too many.
const CROWDED: &str = "[slam] more than 1,024 processes and threads: the environment is ended";

/// Whoever wants to have the answer piece by piece.
pub(super) type Invoker = oneshot::Sender<Pieces>;

/// Why an invocation, or the start before it, came to no answer.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// The runtime says so: the handler raised, could not be loaded, returned what is no JSON.
    Runtime(RuntimeError),
    /// The time was up.
    TimedOut,
    /// The process ended.
    Exited(Exit),
    /// More memory was used than the function may use.
    OutOfMemory,
    /// The answer is larger than Lambda allows: than so many bytes.
    TooLarge(usize),
    /// The runtime broke its answer off.
    Truncated,
    /// The function's own runtime cannot be started.
    Entrypoint(String),
    /// The function could not start, and has code for another processor than this machine's.
    Foreign(String),
    /// Something of ours went wrong.
    Unknown(String),
}

impl Failure {
    /// Whether the process cannot go on after it.
    pub(super) fn is_end(&self) -> bool {
        !matches!(self, Self::Runtime(RuntimeError { init: false, .. }) | Self::TooLarge(_))
    }

    /// The status and error type of the report.
    pub(super) fn status(&self) -> (&'static str, Option<String>) {
        match self {
            Self::TimedOut => ("timeout", None),
            Self::Runtime(error) => ("error", Some(error.kind.clone().unwrap_or_else(|| "Runtime.Unknown".into()))),
            Self::TooLarge(_) => ("error", Some("Function.ResponseSizeTooLarge".into())),
            Self::Truncated => ("error", Some("Runtime.TruncatedResponse".into())),
            Self::Exited(_) | Self::OutOfMemory => ("error", Some("Runtime.ExitError".into())),
            Self::Entrypoint(_) | Self::Foreign(_) => ("error", Some("Runtime.InvalidEntrypoint".into())),
            Self::Unknown(_) => ("error", Some("Runtime.Unknown".into())),
        }
    }

    /// This failure of a start, of a function that has code for another processor: that is `why`.
    pub(super) fn because(self, why: Option<&str>) -> Self {
        match (&self, why) {
            (Self::Runtime(RuntimeError { init: true, body, .. }), Some(why)) => {
                let said = serde_json::from_slice::<Value>(body).ok();
                let said = said.as_ref().and_then(|document| document["errorMessage"].as_str()).unwrap_or_default();
                Self::Foreign(format!("{why}. The runtime says: {said}"))
            }
            (Self::Exited(exit), Some(why)) => Self::Foreign(format!("{why}. The runtime has ended: {exit}")),
            _ => self,
        }
    }

    /// The error's type, when the runtime told of it.
    pub(super) fn told(&self) -> Option<String> {
        match self {
            Self::Runtime(error) => error.kind.clone(),
            _ => None,
        }
    }

    /// The error document that the caller gets.
    pub(super) fn document(self, id: &str, timeout: i64) -> Bytes {
        let document = |kind: &str, message: String| -> Bytes {
            json!({ "errorType": kind, "errorMessage": message }).to_string().into()
        };
        let exit = |exit: &dyn std::fmt::Display| {
            document("Runtime.ExitError", format!("RequestId: {id} Error: Runtime exited with error: {exit}"))
        };
        match self {
            Self::Runtime(error) if error.init => with_request_id(error.body, id),
            Self::Runtime(error) => error.body,
            Self::TimedOut => document(
                "Sandbox.Timedout",
                format!("RequestId: {id} Error: Task timed out after {timeout}.00 seconds"),
            ),
            Self::Exited(Exit::Code(0)) => document(
                "Runtime.ExitError",
                format!("RequestId: {id} Error: Runtime exited without providing a reason"),
            ),
            Self::Exited(ended) => exit(&ended),
            Self::OutOfMemory => exit(&"signal: killed"),
            Self::TooLarge(limit) => document(
                "Function.ResponseSizeTooLarge",
                format!("Response payload size exceeded maximum allowed payload size ({limit} bytes)."),
            ),
            Self::Truncated => document(
                "Runtime.TruncatedResponse",
                format!("RequestId: {id} Error: The runtime broke its response off"),
            ),
            Self::Entrypoint(reason) | Self::Foreign(reason) => {
                document("Runtime.InvalidEntrypoint", format!("RequestId: {id} Error: {reason}"))
            }
            Self::Unknown(reason) => document("Runtime.Unknown", reason),
        }
    }
}

/// An error of the start was made before any request had an id.
fn with_request_id(body: Bytes, id: &str) -> Bytes {
    match serde_json::from_slice::<Value>(&body) {
        Ok(Value::Object(mut document)) if document.get("requestId").is_some() => {
            document.insert("requestId".into(), json!(id));
            Value::Object(document).to_string().into()
        }
        _ => body,
    }
}

/// A running runtime.
pub(super) struct Process {
    /// Where it fetches events and posts answers.
    pub(super) api: RuntimeApi,
    child: Child,
    output: Output,
    printing: bool,
    lines: Vec<Vec<u8>>,
    limit: u64,
    peak: u64,
}

/// What happens to a process.
enum Happening {
    Told(FromRuntime),
    Exited(Exit),
    TimeIsUp,
    TooMuchMemory,
}

impl Process {
    /// Starts it for a function; answers why its program cannot be started. `limit` is what it may use of memory, in bytes.
    pub(super) async fn launch(
        launcher: &Launcher,
        mut spec: Spec,
        function: &str,
        limit: u64,
    ) -> AwsResult<Result<Self, std::io::Error>> {
        let mut api = RuntimeApi::start().await.map_err(AwsError::internal)?;
        spec.environment.push(("AWS_LAMBDA_RUNTIME_API".into(), api.address().to_string().into()));
        let mut child = match launcher.launch(spec).await {
            Ok(child) => child,
            Err(SandboxError::Start { reason, .. }) => return Ok(Err(reason)),
            Err(error) => return Err(AwsError::internal(error)),
        };
        api.belongs_to(Owner::new(child.group().clone(), function));
        let output = child.take_output().ok_or_else(|| AwsError::internal("a process has no output"))?;
        Ok(Ok(Self { api, child, output, printing: true, lines: Vec::new(), limit, peak: 0 }))
    }

    /// The process and everything it started.
    pub(super) fn group(&self) -> &Group {
        self.child.group()
    }

    /// Waits until the runtime asks for its first event.
    pub(super) async fn ready(&mut self, journal: &Journal, deadline: Instant) -> Result<(), Failure> {
        loop {
            match self.next(journal, deadline).await {
                Happening::Told(FromRuntime::Next) => return Ok(()),
                Happening::Told(FromRuntime::InitError(error)) => return Err(Failure::Runtime(error)),
                // There is no event yet that this could be about.
                Happening::Told(_) => {}
                Happening::Exited(exit) => return Err(Failure::Exited(exit)),
                Happening::TimeIsUp => return Err(Failure::TimedOut),
                Happening::TooMuchMemory => return Err(Failure::OutOfMemory),
            }
        }
    }

    /// Waits for the answer to the event. The pieces of a streamed one go to the `invoker` and are not in the result.
    pub(super) async fn answer(
        &mut self,
        journal: &Journal,
        deadline: Instant,
        mut invoker: Option<Invoker>,
    ) -> Result<Bytes, Failure> {
        loop {
            match self.next(journal, deadline).await {
                Happening::Told(FromRuntime::Response(Some(body))) => return Ok(body),
                Happening::Told(FromRuntime::Response(None)) => return Err(Failure::TooLarge(RESPONSE)),
                Happening::Told(FromRuntime::Streaming(pieces)) => {
                    if let Some(invoker) = invoker.take() {
                        // It may have gone.
                        let _ = invoker.send(pieces);
                    }
                }
                Happening::Told(FromRuntime::Streamed(ending)) => match ending {
                    Ending::Complete => return Ok(Bytes::new()),
                    Ending::Failed(error) => return Err(Failure::Runtime(error)),
                    Ending::TooLarge => return Err(Failure::TooLarge(STREAMED)),
                    // A process that ended breaks its connections first.
                    Ending::Broken => {
                        return match self.next(journal, deadline.min(Instant::now() + LAST_BREATH)).await {
                            Happening::Exited(exit) => Err(Failure::Exited(exit)),
                            _ => Err(Failure::Truncated),
                        };
                    }
                },
                Happening::Told(FromRuntime::Error(error) | FromRuntime::InitError(error)) => {
                    return Err(Failure::Runtime(error));
                }
                Happening::Told(FromRuntime::Next) => {}
                Happening::Exited(exit) => {
                    self.hear_out(invoker).await;
                    return Err(Failure::Exited(exit));
                }
                Happening::TimeIsUp => return Err(Failure::TimedOut),
                Happening::TooMuchMemory => return Err(Failure::OutOfMemory),
            }
        }
    }

    /// Hands on what the process had begun to answer when it ended.
    async fn hear_out(&mut self, mut invoker: Option<Invoker>) {
        let until = Instant::now() + LAST_BREATH;
        while let Ok(Some(told)) = timeout_at(until, self.api.hear_out()).await {
            if let FromRuntime::Streaming(pieces) = told
                && let Some(invoker) = invoker.take()
            {
                let _ = invoker.send(pieces);
            }
        }
    }

    /// Waits until the runtime asks for the next event; `false` when it has not by then, or has ended.
    pub(super) async fn wait_for_next(&mut self, journal: &Journal, deadline: Instant) -> bool {
        loop {
            match self.next(journal, deadline).await {
                Happening::Told(FromRuntime::Next) => return true,
                Happening::Told(_) => {}
                Happening::Exited(_) | Happening::TimeIsUp | Happening::TooMuchMemory => return false,
            }
        }
    }

    async fn next(&mut self, journal: &Journal, deadline: Instant) -> Happening {
        let mut measure = Instant::now() + MEASURE;
        loop {
            let listens = self.printing && journal.has_room();
            let Self { api, child, output, lines, .. } = self;
            tokio::select! {
                biased;
                Some(told) = api.receive() => return Happening::Told(told),
                exit = child.wait() => return Happening::Exited(exit),
                printed = output.read(lines), if listens => {
                    self.printing = printed.unwrap_or(false);
                    journal.print(&mut self.lines);
                }
                () = sleep_until(deadline) => return Happening::TimeIsUp,
                () = sleep_until(measure) => {
                    // The kernel takes its time to tell it of a thousand processes.
                    let group = self.group().clone();
                    let memory = tokio::task::spawn_blocking(move || group.memory()).await.ok().flatten();
                    measure = Instant::now() + MEASURE;
                    let memory = memory.unwrap_or_default();
                    self.peak = self.peak.max(memory.resident);
                    if memory.crowded {
                        journal.push(CROWDED);
                    }
                    if memory.resident > self.limit || memory.crowded {
                        return Happening::TooMuchMemory;
                    }
                }
            }
        }
    }

    /// The most memory it used, in bytes. What it started counts as far as it was seen while an invocation ran: looking
    /// for it at the end of each would cost a short invocation a good part of its time.
    pub(super) fn peak(&mut self) -> u64 {
        self.peak = self.peak.max(self.group().peak().unwrap_or_default());
        self.peak
    }

    /// Takes everything that was printed so far into the log.
    pub(super) fn drain(&mut self, journal: &Journal) {
        self.output.drain(&mut self.lines);
        journal.print(&mut self.lines);
    }

    /// Ends it, and takes its last words into the log.
    pub(super) async fn kill(&mut self, journal: &Journal) {
        self.group().kill();
        self.child.wait().await;
        self.drain(journal);
    }
}
