//! One execution environment: a process that runs one version of one function, one invocation at a time.

use super::plan::Plan;
use super::process::{Failure, Invoker, Process};
use super::variables::{self, Place};
use super::{LAST_WORDS, Live, Pool, apart, capacity::Permits, role};
use crate::code::{Hold, native};
use crate::log::platform::{Platform, Report};
use crate::log::{Journal, Writer, stream_name};
use crate::model::configuration::runtime_arn;
use crate::model::runtime::Runtime;
use crate::model::trace::{ACTIVE, Segment};
use crate::runtime::api::Event;
use crate::runtime::{Launch, Site, provided};
use bytes::Bytes;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_kit::sampling::{self, Sampling};
use slam_cloud_kit::service_logs::Destination;
use slam_cloud_sandbox::{Limits, Spec};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

/// How long a start may take before it is tried once more, within the first invocation's time.
const START: Duration = Duration::from_secs(10);
/// How long the caller's answer waits for the runtime to ask for the next event, so that the environment is known to
/// be free when the caller's next request comes.
const GRACE: Duration = Duration::from_millis(10);
/// Memory that a function may reserve beyond twice what it may use: libraries reserve a lot that they never touch.
const RESERVE: u64 = 1 << 30;

/// One environment. It ends with [`Environment::end`]; dropping it kills its processes.
pub struct Environment {
    /// What it runs.
    pub plan: Arc<Plan>,
    live: Arc<Live>,
    id: String,
    platform: Platform,
    spec: Spec,
    process: Option<Process>,
    /// Why it could not start: told to the first invocation.
    broken: Option<Failure>,
    /// What of it is for another processor than this machine's.
    foreign: Option<String>,
    /// How long the start took, until it is reported.
    init: Option<Duration>,
    /// Whether the runtime has asked for the next event.
    settled: bool,
    /// Whether its processes are stopped.
    frozen: bool,
    sampling: Sampling,
    expiration: Timestamp,
    idle_since: Instant,
    place: apart::Place,
    _code: Hold,
    _layers: Option<Hold>,
    _room: OwnedSemaphorePermit,
}

/// What an invocation came to.
#[derive(Clone, Debug)]
pub struct Execution {
    /// The answer, or the error document.
    pub payload: Bytes,
    /// Whether the function failed.
    pub failed: bool,
    /// The error's type as the runtime told it.
    pub error_type: Option<String>,
    /// The last four kilobytes of the invocation's log.
    pub tail: Vec<u8>,
    /// The version that ran.
    pub version: String,
}

impl Environment {
    /// Starts an environment. One that cannot start is returned all the same, for its first invocation to fail with.
    pub(super) async fn start(pool: &Arc<Pool>, plan: Arc<Plan>, permits: Permits) -> AwsResult<Self> {
        let parts = &pool.parts;
        let version = &plan.version;
        let session = role::assume(&parts.cloud, plan.context.clone(), &version.role, &plan.key.function)
            .await
            .map_err(cannot_assume)?;
        let code = parts.code.hold(&version.code.hash);
        let (opt, layers) = parts.code.opt(&version.layers).await?.unzip();
        let task_root = parts.code.task_root(&version.code.hash).await?;
        let launch = find(pool, &plan, task_root.clone(), opt.clone()).await?;
        let foreign = foreign(&plan, task_root.clone(), opt.clone()).await?;
        let id = slam_cloud_core::id::request_id();
        let place = apart::temporary(parts, &id, version.ephemeral_storage, &launch).await?;

        let stream = stream_name(&version.label);
        let journal = Arc::new(Journal::default());
        let (written, when_written) = tokio::sync::watch::channel(false);
        let writer = Writer {
            cloud: parts.cloud.clone(),
            context: Context { principal: Arc::new(session.principal.clone()), ..plan.context.clone() },
            destination: Destination {
                group: version.logging.group.clone(),
                stream: stream.clone(),
                own_group: version.logging.group == format!("/aws/lambda/{}", plan.key.function),
            },
            journal: Arc::clone(&journal),
        };
        tokio::spawn(async move {
            writer.run().await;
            let _ = written.send(true);
        });
        let live = Arc::new(Live {
            scope: plan.key.scope.clone(),
            function: plan.key.function.clone(),
            role: version.role.clone(),
            journal,
            group: std::sync::Mutex::default(),
            trace: std::sync::Mutex::default(),
            written: when_written,
        });
        pool.live().insert(id.clone(), Arc::clone(&live));

        let spec = Spec {
            program: launch.command.program.clone(),
            arguments: launch.command.arguments.clone(),
            environment: variables::of(
                &plan,
                &parts.cloud,
                &session,
                &Place {
                    launch: &launch,
                    runtime: parts.runtimes.folder(),
                    site: Site { version, task_root: &task_root, opt: opt.as_deref() },
                    temporary: place.path(),
                    stream: &stream,
                },
            ),
            directory: task_root,
            read_only: parts.code.read_only(),
            temporary: place.mount(),
            limits: Limits { data: Some(2 * memory(version.memory) + RESERVE), ..Limits::default() },
        };
        let mut environment = Self {
            platform: Platform::of(&version.logging),
            live,
            id,
            spec,
            process: None,
            broken: None,
            foreign,
            init: None,
            settled: false,
            frozen: false,
            sampling: Sampling::default(),
            expiration: session.credentials.expiration,
            idle_since: Instant::now(),
            place,
            _code: code,
            _layers: layers,
            _room: permits.environment,
            plan,
        };
        match environment.first_start(pool, &launch.version).await {
            Ok(()) => Ok(environment),
            Err(error) => {
                environment.end(pool).await;
                Err(error)
            }
        }
    }

    async fn first_start(&mut self, pool: &Arc<Pool>, runtime: &str) -> AwsResult<()> {
        let arn = runtime_arn(&self.plan.context, &self.plan.version.runtime);
        self.log(self.platform.init_start(runtime, &arn));
        self.log(self.foreign.as_ref().map(|foreign| format!("[slam] {foreign}")));
        let began = Instant::now();
        let ready = match self.launch(pool).await? {
            Ok(mut process) => match process.ready(&self.live.journal, began + START).await {
                Ok(()) => Ok(process),
                Err(failure) => {
                    process.kill(&self.live.journal).await;
                    Err(failure)
                }
            },
            Err(failure) => Err(failure),
        };
        let took = began.elapsed();
        match ready {
            Ok(process) => {
                self.init = Some(took);
                self.settled = true;
                self.process = Some(process);
            }
            Err(failure) => {
                let failure = failure.because(self.foreign.as_deref());
                let (status, kind) = failure.status();
                self.log(self.platform.init_report(took, (status, kind.as_deref())));
                if !matches!(failure, Failure::TimedOut) {
                    self.broken = Some(failure);
                }
            }
        }
        self.live.journal.flush();
        Ok(())
    }

    /// Starts the processes. Of a program that cannot be started, the function is to blame only if it is its own.
    async fn launch(&self, pool: &Arc<Pool>) -> AwsResult<Result<Process, Failure>> {
        let limit = memory(self.plan.version.memory);
        let function = &self.plan.key.function;
        match Process::launch(&pool.parts.launcher, self.spec.clone(), function, limit).await? {
            Ok(process) => {
                *self.live.group.lock().unwrap_or_else(PoisonError::into_inner) = Some(process.group().clone());
                Ok(Ok(process))
            }
            Err(reason) if matches!(Runtime::parse(&self.plan.version.runtime), Ok(Runtime::Provided { .. })) => {
                let reason = provided::not_started(&self.spec.program, &self.spec.directory, &reason);
                Ok(Err(Failure::Entrypoint(reason)))
            }
            Err(reason) => {
                let program = self.spec.program.display();
                Err(AwsError::internal(format_args!("cannot start {program}: {reason}")))
            }
        }
    }

    /// Runs one invocation to its answer, which an `invoker` gets piece by piece if the function streams it.
    pub(super) async fn invoke(&mut self, mut event: Event, pool: &Arc<Pool>, invoker: Option<Invoker>) -> Execution {
        let (id, timeout) = (event.id.clone(), self.plan.version.timeout);
        let active = self.plan.version.tracing == ACTIVE;
        event.trace = sampling::decided(&event.trace, || active && self.sampling.takes(Timestamp::now()));
        let segment = if active { Segment::of(&event.trace) } else { None };
        let label = self.plan.version.label.clone();
        let journal = Arc::clone(&self.live.journal);
        journal.start_tail();
        self.log(self.platform.start(&id, &label));
        *self.live.trace.lock().unwrap_or_else(PoisonError::into_inner) = Some(event.trace.clone());
        let began = Instant::now();
        let deadline = began + Duration::from_secs(u64::try_from(timeout).unwrap_or(3));
        event.deadline = Timestamp::now().as_millisecond() + timeout * 1000;
        event.streams = invoker.is_some();
        self.settled = false;
        let mut outcome = self.run(event, deadline, pool, invoker).await;
        let duration = began.elapsed().min(deadline - began);

        let limit = memory(self.plan.version.memory);
        let mut used = self.process.as_mut().map_or(0, |process| process.peak());
        if used > limit && !matches!(outcome, Err(Failure::TimedOut | Failure::Exited(_))) {
            // Lambda would not have let it come so far.
            outcome = Err(Failure::OutOfMemory);
        }
        if matches!(outcome, Err(Failure::OutOfMemory)) {
            used = limit;
        }
        let ended = outcome.as_ref().is_err_and(Failure::is_end);
        if ended && let Some(mut process) = self.process.take() {
            process.kill(&journal).await;
        } else if let Some(process) = &mut self.process {
            self.settled = process.wait_for_next(&journal, Instant::now() + GRACE).await;
            process.drain(&journal);
        }
        *self.live.trace.lock().unwrap_or_else(PoisonError::into_inner) = None;

        match &outcome {
            Err(Failure::TimedOut) => self.log(self.platform.timed_out(&id, timeout)),
            Err(Failure::Entrypoint(reason)) => self.log(self.platform.not_started(&id, reason)),
            _ => {}
        }
        self.log(self.platform.end(&id));
        let status = outcome.as_ref().err().filter(|failure| failure.is_end()).map(Failure::status);
        let failure = status.as_ref().map(|(status, kind)| (*status, kind.as_deref()));
        let (init, used) = (self.init.take(), used.div_ceil(1 << 20));
        let report = Report { id: &id, duration, init, memory: self.plan.version.memory, used, failure, segment };
        self.log(self.platform.report(&report));
        journal.flush();
        let tail = journal.tail();
        match outcome {
            Ok(payload) => Execution { payload, failed: false, error_type: None, tail, version: label },
            Err(failure) => {
                let error_type = failure.told();
                let payload = failure.document(&id, timeout);
                Execution { payload, failed: true, error_type, tail, version: label }
            }
        }
    }

    async fn run(
        &mut self,
        event: Event,
        deadline: Instant,
        pool: &Arc<Pool>,
        invoker: Option<Invoker>,
    ) -> Result<Bytes, Failure> {
        if let Some(failure) = self.broken.take() {
            return Err(failure);
        }
        let process = match &mut self.process {
            Some(process) => process,
            None => {
                // The first start took too long: once more, in the invocation's own time.
                let process = self.launch(pool).await.map_err(|error| Failure::Unknown(error.to_string()))??;
                let process = self.process.insert(process);
                process.ready(&self.live.journal, deadline).await?;
                process
            }
        };
        process.api.send(event).await;
        process.answer(&self.live.journal, deadline, invoker).await
    }

    /// Whether the environment is free, or will never be.
    pub(super) fn is_settled(&self) -> bool {
        self.settled || self.process.is_none()
    }

    /// Waits until the runtime asks for the next event. One that does not within the function's time is ended.
    pub(super) async fn settle(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let deadline = Instant::now() + Duration::from_secs(u64::try_from(self.plan.version.timeout).unwrap_or(3));
        self.settled = process.wait_for_next(&self.live.journal, deadline).await;
        if self.settled {
            process.drain(&self.live.journal);
            self.process = Some(process);
        } else {
            process.kill(&self.live.journal).await;
        }
    }

    /// Whether another invocation may run here.
    pub(super) fn is_usable(&self) -> bool {
        (self.settled && self.process.is_some()) && !self.is_expiring()
    }

    /// Whether its credentials would not last for another invocation.
    pub(super) fn is_expiring(&self) -> bool {
        !role::lasts(self.expiration, self.plan.version.timeout)
    }

    /// Whether it has been idle for so long, or is expiring.
    pub(super) fn is_spent(&self, idle: Duration) -> bool {
        self.idle_since.elapsed() > idle || self.is_expiring()
    }

    pub(super) fn idle_since(&self) -> Instant {
        self.idle_since
    }

    /// An invocation has ended.
    pub(super) fn rest(&mut self) {
        self.idle_since = Instant::now();
    }

    /// Stops its processes between two invocations, as Lambda does, once it has been idle for so long; whether it is
    /// stopped now.
    pub(super) fn freeze(&mut self, idle: Duration) -> bool {
        if !self.frozen
            && self.idle_since.elapsed() >= idle
            && let Some(process) = &self.process
        {
            process.group().freeze();
            self.frozen = true;
        }
        self.frozen
    }

    /// Lets its processes go on.
    pub(super) fn wake(&mut self) {
        if std::mem::take(&mut self.frozen)
            && let Some(process) = &self.process
        {
            process.group().thaw();
        }
    }

    /// Ends it: kills its processes, writes its log to the end, removes its folder.
    pub(super) async fn end(mut self, pool: &Arc<Pool>) {
        if let Some(mut process) = self.process.take() {
            process.kill(&self.live.journal).await;
        }
        self.live.journal.close();
        let mut written = self.live.written.clone();
        let _ = tokio::time::timeout(LAST_WORDS, written.wait_for(|written| *written)).await;
        pool.live().remove(&self.id);
        self.place.remove().await;
    }

    fn log(&self, line: Option<String>) {
        if let Some(line) = line {
            self.live.journal.push(line);
        }
    }
}

fn memory(megabytes: i64) -> u64 {
    u64::try_from(megabytes).unwrap_or(128) << 20
}

/// How the function of a plan is started on this machine.
async fn find(pool: &Arc<Pool>, plan: &Arc<Plan>, task_root: PathBuf, opt: Option<PathBuf>) -> AwsResult<Launch> {
    let (runtimes, plan) = (pool.parts.runtimes.clone(), Arc::clone(plan));
    crate::code::blocking(move || {
        let site = Site { version: &plan.version, task_root: &task_root, opt: opt.as_deref() };
        let launch = runtimes.launch(&Runtime::parse(&plan.version.runtime)?, &site);
        launch.map_err(|missing| AwsError::new("InvalidRuntimeException", 502, missing))
    })
    .await
}

/// What of a function is for another processor than this machine's, and what to do.
async fn foreign(plan: &Plan, task_root: PathBuf, opt: Option<PathBuf>) -> AwsResult<Option<String>> {
    let Some(architecture) = plan.version.architectures.first() else { return Ok(None) };
    let file = native::foreign(architecture, std::iter::once(task_root).chain(opt).collect()).await?;
    Ok(file.map(|file| {
        format!(
            "the function is for {architecture} and has code for it alone, which this machine ({machine}) does not run: \
             {file}. Deploy it for {machine} (`architecture: {machine}` in slam.yaml), or run the cloud on a machine with \
             such a processor",
            machine = native::machine(),
            file = file.display(),
        )
    }))
}

fn cannot_assume(error: AwsError) -> AwsError {
    if error.is_client_fault() && error.status != 501 {
        let message = "The role defined for the function cannot be assumed by Lambda.";
        AwsError::new("AccessDeniedException", 403, message).with("Type", "User")
    } else {
        error
    }
}
