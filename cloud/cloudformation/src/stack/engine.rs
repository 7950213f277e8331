//! Operations as a chain of phases.
//!
//! What runs is written in the stack's record before it begins, so that a process that ends in the middle knows at its
//! next start what to do: an interrupted creation or update is rolled back, everything else goes on.

use super::desired::Desired;
use crate::error::invalid;
use crate::model::{Deployment, Event, OnFailure, Operation, OperationKind, Resource, Stack, now};
use crate::resources::{self, ResourceType, Work};
use crate::store::{Batch, StackStore};
use crate::template::Template;
use crate::template::functions::Pseudo;
use serde_json::{Map, Value};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context, Principal, StoreError, Timestamp, id};
use slam_cloud_wire::protocol::{self, Voice};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The type of a stack in its own events.
pub const STACK_TYPE: &str = "AWS::CloudFormation::Stack";
/// How AWS calls itself.
pub const SERVICE: &str = "cloudformation.amazonaws.com";

/// Runs operations.
pub struct Engine {
    /// The door.
    pub cloud: Cloud,
    /// What is kept.
    pub store: StackStore,
    running: Mutex<HashMap<String, tokio::task::AbortHandle>>,
    last_event: AtomicI64,
}

/// One phase of an operation on a stack.
pub(super) struct Run {
    pub scope: Scope,
    pub stack: Arc<Stack>,
    pub operation: Operation,
    pub context: Context,
    pub tags: Vec<(String, String)>,
}

/// What happens to a resource, for its record and its event.
pub(super) struct Step<'a> {
    pub status: &'a str,
    pub reason: Option<String>,
    /// The physical id of the event, where it is not the record's.
    pub physical_id: Option<&'a str>,
    pub properties: Option<&'a Map<String, Value>>,
}

/// How long an operation rests whose progress could not be written down, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Engine {
    /// An engine on a store.
    pub fn new(cloud: Cloud, store: StackStore) -> Arc<Self> {
        Arc::new(Self { cloud, store, running: Mutex::default(), last_event: AtomicI64::new(0) })
    }

    /// Begins to work on the operation that a stack's record tells of.
    pub fn start(self: &Arc<Self>, scope: Scope, stack_id: &str, operation_id: String) {
        let (engine, id) = (Arc::clone(self), stack_id.to_owned());
        let task = tokio::spawn(async move {
            engine.finish(&scope, &id, &operation_id).await;
            engine.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        });
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if !task.is_finished() {
            running.insert(stack_id.to_owned(), task.abort_handle());
        }
    }

    /// Takes up what the last process left in the middle.
    pub fn resume(self: &Arc<Self>) {
        for (scope, stack) in self.store.unfinished() {
            let (engine, id) = (Arc::clone(self), stack.id.clone());
            let Some(operation_id) = stack.operation.as_ref().map(|operation| operation.id.clone()) else { continue };
            tokio::spawn(async move {
                match engine.interrupted(&scope, &id, "The embedded cloud was restarted during the operation. ").await {
                    Ok(()) => engine.start(scope, &id, operation_id),
                    Err(error) => tracing::error!(stack = id, %error, "an interrupted operation cannot be taken up"),
                }
            });
        }
    }

    /// Stops all work, for a reset.
    pub fn abort_all(&self) {
        for (_, task) in self.running.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            task.abort();
        }
    }

    /// Asks the operation that runs on a stack to stop and go back: false when it is over already.
    ///
    /// # Errors
    /// When the request cannot be written down.
    pub async fn cancel(&self, scope: &Scope, stack_id: &str, on_failure: Option<OnFailure>) -> AwsResult<bool> {
        let mut asked = false;
        self.store
            .change_stack::<StoreError>(|| {
                let Some(current) = self.store.stack(stack_id) else { return Ok(Batch::default()) };
                let mut stack = Stack::clone(&current);
                let Some(operation) = stack.operation.as_mut().filter(|operation| operation.is_forward()) else {
                    return Ok(Batch::default());
                };
                operation.cancelled = true;
                operation.on_failure = on_failure.unwrap_or(operation.on_failure);
                asked = true;
                Ok(Batch::default().stack(scope, stack))
            })
            .await?;
        Ok(asked)
    }

    pub(super) fn is_cancelled(&self, stack_id: &str) -> bool {
        let stack = self.store.stack(stack_id);
        stack.and_then(|stack| Some(stack.operation.as_ref()?.cancelled)).unwrap_or(false)
    }

    /// Works on an operation until it is over. Where its progress cannot be written down, as on a full disk, it is taken up
    /// again, as after a restart.
    async fn finish(&self, scope: &Scope, stack_id: &str, operation_id: &str) {
        let mut pause = FIRST_PAUSE;
        let mut ended = self.run(scope, stack_id, operation_id).await;
        while let Err(error) = ended {
            tracing::error!(stack = stack_id, %error, "an operation on a stack stopped; it is taken up again soon");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            let reason = format!("{}. ", error.message.trim_end_matches('.'));
            ended = match self.interrupted(scope, stack_id, &reason).await {
                Ok(()) => self.run(scope, stack_id, operation_id).await,
                Err(error) => Err(error),
            };
        }
    }

    /// An interrupted creation or update becomes its rollback; what it may have made half is undone.
    async fn interrupted(&self, scope: &Scope, stack_id: &str, reason: &str) -> AwsResult<()> {
        let Some(stack) = self.store.stack(stack_id) else { return Ok(()) };
        let Some(operation) = stack.operation.clone() else { return Ok(()) };
        let forward = operation.is_forward();
        let run = self.prepare_run(scope, &stack, operation).await?;
        for resource in self.store.resources(stack_id).into_values() {
            let Some(intended) = resource.intended.clone() else { continue };
            let mut resource = Resource::clone(&resource);
            let properties = std::mem::take(&mut resource.intended_properties);
            if let Some(kind) = resources::find(&resource.resource_type) {
                let work = self.work(&run, kind, &resource.logical_id, properties, intended);
                if let Err(error) = kind.abandon(&work, resource.intended_was_free).await {
                    tracing::warn!(resource = resource.logical_id, %error, "an interrupted creation cannot be undone");
                }
            }
            resource.intend_nothing();
            self.store.write(Batch::default().resource(stack_id, resource)).await?;
        }
        if forward {
            self.failed(&run, reason.to_owned()).await?;
        }
        Ok(())
    }

    /// Runs phases until the operation is over. The next operation on the stack has a task of its own.
    async fn run(&self, scope: &Scope, stack_id: &str, operation_id: &str) -> AwsResult<()> {
        loop {
            let Some(stack) = self.store.stack(stack_id) else { return Ok(()) };
            let Some(operation) = stack.operation.clone().filter(|operation| operation.id == operation_id) else {
                return self.sweep(stack_id).await;
            };
            let kind = operation.kind.clone();
            let run = match self.prepare_run(scope, &stack, operation.clone()).await {
                Ok(run) => run,
                Err(error) => {
                    // The role cannot be taken on: the failure itself is recorded without it.
                    let context = caller(scope, &operation);
                    let run = Run { scope: scope.clone(), stack, operation, context, tags: Vec::new() };
                    self.failed(&run, format!("{}. ", error.message.trim_end_matches('.'))).await?;
                    if !run.operation.is_forward() {
                        return Ok(());
                    }
                    continue;
                }
            };
            match kind {
                OperationKind::Create => self.create(&run).await?,
                OperationKind::Update => self.update(&run).await?,
                OperationKind::Import => self.import(&run).await?,
                OperationKind::RollbackImport => self.rollback_import(&run).await?,
                OperationKind::RollbackCreate => self.rollback_create(&run).await?,
                OperationKind::RollbackUpdate { skip } => self.rollback_update(&run, &skip).await?,
                OperationKind::Cleanup { then } => self.clean_up(&run, &then).await?,
                OperationKind::Delete { retain, force } => self.delete(&run, &retain, force).await?,
            }
        }
    }

    /// Forgets the templates and change sets of a stack that nothing refers to any more.
    async fn sweep(&self, stack_id: &str) -> AwsResult<()> {
        let swept = self.store.change_stack::<StoreError>(|| Ok(self.store.garbage(stack_id)));
        Ok(swept.await?)
    }

    /// Refuses a role that cannot be taken on, before anything begins.
    ///
    /// # Errors
    /// AWS's `ValidationError`.
    pub async fn check_role(&self, context: &Context, role: &str) -> AwsResult<()> {
        self.assume(context, role, None)
            .await
            .map(|_| ())
            .map_err(|_| invalid(format!("Role {role} is invalid or cannot be assumed")))
    }

    async fn prepare_run(&self, scope: &Scope, stack: &Arc<Stack>, operation: Operation) -> AwsResult<Run> {
        let context = self.context(scope, &operation, &stack.id).await?;
        let tags = tags_of(&stack.deployment);
        Ok(Run { scope: scope.clone(), stack: Arc::clone(stack), operation, context, tags })
    }

    /// In whose name the services are called: the caller's, or the role's that was given.
    pub(crate) async fn context(&self, scope: &Scope, operation: &Operation, stack_id: &str) -> AwsResult<Context> {
        let mut context = caller(scope, operation);
        if let Some(role) = &operation.role_arn {
            context.principal = Arc::new(self.assume(&context, role, Some(stack_id)).await?);
        }
        Ok(context)
    }

    async fn assume(&self, context: &Context, role: &str, stack_id: Option<&str>) -> AwsResult<Principal> {
        let asking = context.as_service(SERVICE, stack_id);
        Ok(slam_cloud_kit::role::assume(&self.cloud, asking, role, "AWSCloudFormation").await?.principal)
    }

    /// What a deployment says the stack shall be.
    ///
    /// # Errors
    /// AWS's `ValidationError` about the template.
    pub fn desired(&self, context: &Context, stack: &Stack, deployment: &Deployment) -> AwsResult<Desired> {
        let text = self
            .store
            .template(&stack.id, &deployment.template)
            .ok_or_else(|| invalid(format!("The template of the stack {} is missing", stack.name)))?;
        let template = Template::parse(&text)?;
        Desired::new(template, deployment, self.pseudo(context, &stack.id, &stack.name, deployment))
    }

    /// The pseudo parameters of a stack.
    pub fn pseudo(&self, context: &Context, stack_id: &str, stack_name: &str, deployment: &Deployment) -> Pseudo {
        Pseudo {
            account: context.account.to_string(),
            region: context.region.to_string(),
            partition: context.partition().to_owned(),
            url_suffix: self.cloud.settings().url_suffix(),
            stack_id: stack_id.to_owned(),
            stack_name: stack_name.to_owned(),
            notification_arns: deployment.notification_arns.clone(),
        }
    }

    /// An export's value.
    pub fn export(&self, scope: &Scope, name: &str) -> Option<String> {
        let stacks = self.store.stacks(scope);
        let mut outputs = stacks.iter().filter(|stack| !stack.is_deleted()).flat_map(|stack| &stack.outputs);
        outputs.find(|output| output.export.as_deref() == Some(name)).map(|output| output.value.clone())
    }

    /// The names of the stacks that import an export.
    pub fn importers(&self, scope: &Scope, export: &str) -> Vec<String> {
        let stacks = self.store.stacks(scope).into_iter().filter(|stack| !stack.is_deleted());
        let mut names: Vec<String> = stacks
            .filter(|stack| stack.imports.iter().any(|name| name == export))
            .map(|stack| stack.name.clone())
            .collect();
        names.sort();
        names
    }

    pub(super) fn work(
        &self,
        run: &Run,
        kind: &'static ResourceType,
        logical_id: &str,
        properties: Map<String, Value>,
        name: String,
    ) -> Work {
        let mut tags = run.tags.clone();
        tags.push(("aws:cloudformation:stack-name".into(), run.stack.name.clone()));
        tags.push(("aws:cloudformation:stack-id".into(), run.stack.id.clone()));
        tags.push(("aws:cloudformation:logical-id".into(), logical_id.to_owned()));
        Work::new(kind.kind(), self.cloud.clone(), run.context.clone(), &run.stack.id, properties, tags, name)
    }

    /// Moves a stack to another status and tells of it.
    pub(super) async fn transition(
        &self,
        run: &Run,
        status: &str,
        reason: Option<String>,
        change: impl FnOnce(&mut Stack) + Send,
    ) -> AwsResult<()> {
        self.transition_if(run, status, reason, Batch::default(), |_| true, change).await.map(|_| ())
    }

    /// The same together with other changes, unless the operation was cancelled in the meantime. Whether it moved.
    pub(super) async fn succeed(
        &self,
        run: &Run,
        status: &str,
        with: Batch,
        change: impl FnOnce(&mut Stack) + Send,
    ) -> AwsResult<bool> {
        let wanted = |stack: &Stack| stack.operation.as_ref().is_some_and(|operation| !operation.cancelled);
        self.transition_if(run, status, None, with, wanted, change).await
    }

    async fn transition_if(
        &self,
        run: &Run,
        status: &str,
        reason: Option<String>,
        with: Batch,
        wanted: impl FnOnce(&Stack) -> bool + Send,
        change: impl FnOnce(&mut Stack) + Send,
    ) -> AwsResult<bool> {
        let mut moved = false;
        self.store
            .change_stack::<StoreError>(|| {
                let Some(current) = self.store.stack(&run.stack.id).filter(|stack| wanted(stack)) else {
                    return Ok(Batch::default());
                };
                let mut stack = Stack::clone(&current);
                status.clone_into(&mut stack.status);
                stack.reason.clone_from(&reason);
                change(&mut stack);
                moved = true;
                let event = self.stack_event(&stack, Some(&run.operation), reason);
                Ok(with.event(&run.stack.id, event).stack(&run.scope, stack))
            })
            .await?;
        Ok(moved)
    }

    /// A creation or update failed: what follows is what its caller asked for.
    pub(super) async fn failed(&self, run: &Run, reason: String) -> AwsResult<()> {
        // Who cancels an operation may have said otherwise since it began.
        let current = self.store.stack(&run.stack.id).and_then(|stack| Some(stack.operation.as_ref()?.on_failure));
        let on_failure = current.unwrap_or(run.operation.on_failure);
        let next = |kind: OperationKind| {
            move |stack: &mut Stack| {
                if let Some(operation) = &mut stack.operation {
                    operation.kind = kind;
                }
            }
        };
        match (&run.operation.kind, on_failure) {
            (OperationKind::Create, OnFailure::Rollback) => {
                let reason = format!("{reason}Rollback requested by user.");
                self.transition(run, "ROLLBACK_IN_PROGRESS", Some(reason), |stack| {
                    stack.deleted = Some(now());
                    next(OperationKind::RollbackCreate)(stack);
                })
                .await
            }
            (OperationKind::Create, OnFailure::Delete) => {
                let reason = format!("{reason}Delete requested by user.");
                self.transition(run, "DELETE_IN_PROGRESS", Some(reason), |stack| {
                    stack.deleted = Some(now());
                    next(OperationKind::Delete { retain: Vec::new(), force: false })(stack);
                })
                .await
            }
            (OperationKind::Create, OnFailure::DoNothing) => {
                self.transition(run, "CREATE_FAILED", Some(reason), |stack| stack.operation = None).await
            }
            (OperationKind::Update, OnFailure::DoNothing) => {
                self.transition(run, "UPDATE_FAILED", Some(reason), |stack| stack.operation = None).await
            }
            (OperationKind::Update, _) => {
                self.transition(run, "UPDATE_ROLLBACK_IN_PROGRESS", Some(reason), |stack| {
                    next(OperationKind::RollbackUpdate { skip: Vec::new() })(stack);
                })
                .await
            }
            (OperationKind::Import, _) => {
                self.transition(run, "IMPORT_ROLLBACK_IN_PROGRESS", Some(reason), next(OperationKind::RollbackImport))
                    .await
            }
            (OperationKind::RollbackImport, _) => {
                self.transition(run, "IMPORT_ROLLBACK_FAILED", Some(reason), |stack| stack.operation = None).await
            }
            (OperationKind::RollbackCreate, _) => {
                self.transition(run, "ROLLBACK_FAILED", Some(reason), |stack| stack.operation = None).await
            }
            (OperationKind::Delete { .. }, _) => {
                self.transition(run, "DELETE_FAILED", Some(reason), |stack| stack.operation = None).await
            }
            (OperationKind::RollbackUpdate { .. }, _) => {
                self.transition(run, "UPDATE_ROLLBACK_FAILED", Some(reason), |stack| stack.operation = None).await
            }
            (OperationKind::Cleanup { then }, _) => {
                let then = then.clone();
                self.transition(run, &then, None, |stack| {
                    stack.operation = None;
                    stack.previous = None;
                })
                .await
            }
        }
    }

    /// Writes a resource's record together with the event of its step.
    pub(super) async fn step(&self, run: &Run, resource: &mut Resource, step: Step<'_>) -> AwsResult<()> {
        let event = self.resource_event(run, resource, &step);
        step.status.clone_into(&mut resource.status);
        resource.reason = step.reason;
        resource.updated = event.timestamp;
        let batch = Batch::default().resource(&run.stack.id, resource.clone()).event(&run.stack.id, event);
        Ok(self.store.write(batch).await?)
    }

    /// An event of a resource.
    pub(super) fn resource_event(&self, run: &Run, resource: &Resource, step: &Step<'_>) -> Event {
        let (timestamp, unique) = self.event_time();
        let physical_id = step.physical_id.or(resource.physical_id()).unwrap_or_default();
        Event {
            id: format!("{}-{}-{unique}", resource.logical_id, step.status),
            logical_id: resource.logical_id.clone(),
            physical_id: physical_id.to_owned(),
            resource_type: resource.resource_type.clone(),
            timestamp,
            status: step.status.to_owned(),
            reason: step.reason.clone(),
            properties: step.properties.map(|properties| self.shown(run, properties)),
            token: run.operation.token.clone(),
            operation: Some(run.operation.id.clone()),
        }
    }

    /// Properties as events show them: without the values of `NoEcho` parameters.
    fn shown(&self, run: &Run, properties: &Map<String, Value>) -> String {
        let mut text = Value::Object(properties.clone()).to_string();
        for secret in self.secrets(&run.stack) {
            text = text.replace(&secret, "****");
        }
        text
    }

    /// The values that are never shown, in their JSON form.
    fn secrets(&self, stack: &Stack) -> Vec<String> {
        let template = self.store.template(&stack.id, &stack.deployment.template);
        let Some(template) = template.filter(|text| text.contains("NoEcho")) else { return Vec::new() };
        let Ok(template) = Template::parse(&template) else { return Vec::new() };
        let hidden = template.parameters.iter().filter(|(_, declaration)| declaration.no_echo);
        let known = stack.deployment.values();
        let values = hidden.filter_map(|(name, _)| known.get(name));
        values
            .filter(|value| !value.is_empty())
            .map(|value| Value::from(value.as_str()).to_string().trim_matches('"').to_owned())
            .collect()
    }

    /// An event of the stack itself.
    pub fn stack_event(&self, stack: &Stack, operation: Option<&Operation>, reason: Option<String>) -> Event {
        Event {
            id: id::request_id(),
            logical_id: stack.name.clone(),
            physical_id: stack.id.clone(),
            resource_type: STACK_TYPE.to_owned(),
            timestamp: self.event_time().0,
            status: stack.status.clone(),
            reason,
            properties: None,
            token: operation.and_then(|operation| operation.token.clone()),
            operation: operation.map(|operation| operation.id.clone()),
        }
    }

    /// The time of an event, and the same in a form that no other event has.
    fn event_time(&self) -> (Timestamp, String) {
        let now = Timestamp::now().as_microsecond();
        let last = self.last_event.fetch_max(now, Ordering::Relaxed);
        let unique = if last >= now { self.last_event.fetch_add(1, Ordering::Relaxed) + 1 } else { now };
        let time = |micros: i64| Timestamp::from_microsecond(micros).unwrap_or_default();
        (time(now - now.rem_euclid(1000)), time(unique).to_string())
    }
}

/// The stack's own tags, for the resources that take tags.
pub fn tags_of(deployment: &Deployment) -> Vec<(String, String)> {
    deployment.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

fn caller(scope: &Scope, operation: &Operation) -> Context {
    let principal = Principal::from(operation.principal.clone());
    Context::new(Arc::clone(&scope.account), Arc::clone(&scope.region), principal).via(SERVICE)
}

/// A service's refusal as CloudFormation reports it.
pub(super) fn handler_message(resource_type: &str, error: &AwsError) -> String {
    let service = resource_type.split("::").nth(1).unwrap_or("AWS");
    // A denial has the status that the service's protocol gives it.
    let model = slam_cloud_wire::ALL.iter().find(|model| model.name.eq_ignore_ascii_case(service));
    let protocol = model.map_or(Protocol::Query, |model| Voice::of(model).protocol);
    let error = &*protocol::as_written(protocol, error);
    let code = match &*error.code {
        "AccessDenied" | "AccessDeniedException" => "AccessDenied",
        code if code.contains("AlreadyExists")
            || matches!(
                code,
                "BucketAlreadyOwnedByYou"
                    | "ResourceConflictException"
                    | "ResourceExistsException"
                    | "ResourceInUseException"
            ) =>
        {
            "AlreadyExists"
        }
        _ if resources::find(resource_type).is_some_and(|kind| kind.is_gone(error)) => "NotFound",
        code if code.contains("Throttling") || code.contains("TooManyRequests") => "Throttling",
        code if code.contains("LimitExceeded") => "ServiceLimitExceeded",
        _ if error.is_client_fault() => "InvalidRequest",
        "NotImplemented" => "InvalidRequest",
        _ => "GeneralServiceException",
    };
    format!(
        "Resource handler returned message: \"{} (Service: {service}, Status Code: {}, Request ID: {})\" \
         (RequestToken: {}, HandlerErrorCode: {code})",
        error.message,
        error.status,
        id::request_id(),
        id::request_id(),
    )
}
