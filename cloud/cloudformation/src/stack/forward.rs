//! Forward: creation and update.

use super::desired::{Desired, check_properties, with_values};
use super::dynamic;
use super::engine::{Engine, Run, Step, handler_message};
use super::names;
use super::parallel::{Outcome, along};
use super::view::Live;
use crate::model::{OperationKind, Output, Physical, Resource, Stack, now};
use crate::registry::Recreation;
use crate::resources::{self, Made, ResourceType, changed};
use crate::store::Batch;
use crate::template::DeletionPolicy;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use std::time::{Duration, Instant};

/// Why an operation that was cancelled goes back.
const CANCELLED: &str = "User Initiated. ";

/// How a resource failed.
pub(super) enum Failed {
    /// It could not be created.
    Create,
    /// It could not be updated.
    Update,
    /// It could not be imported.
    Import,
    /// Its failure could not even be written down.
    Broken(slam_cloud_core::AwsError),
}

impl From<slam_cloud_core::StoreError> for Failed {
    fn from(error: slam_cloud_core::StoreError) -> Self {
        Self::Broken(error.into())
    }
}

impl From<slam_cloud_core::AwsError> for Failed {
    fn from(error: slam_cloud_core::AwsError) -> Self {
        Self::Broken(error)
    }
}

impl Engine {
    /// Creates a stack's resources.
    pub(super) async fn create(&self, run: &Run) -> AwsResult<()> {
        let outputs = match self.go(run).await? {
            Ok(outputs) => outputs,
            Err(reason) => return self.failed(run, reason).await,
        };
        let done = |stack: &mut Stack| {
            stack.outputs = outputs;
            stack.operation = None;
        };
        // With the same write: whoever sees the stack complete may update it at once, and what that update takes back must
        // not be what this made.
        if self.succeed(run, "CREATE_COMPLETE", self.settled(run), done).await? {
            return Ok(());
        }
        self.failed(run, CANCELLED.to_owned()).await
    }

    /// Moves a stack to its new deployment.
    pub(super) async fn update(&self, run: &Run) -> AwsResult<()> {
        let outputs = match self.go(run).await? {
            Ok(outputs) => outputs,
            Err(reason) => return self.failed(run, reason).await,
        };
        let clean = |stack: &mut Stack| {
            stack.outputs = outputs;
            if let Some(operation) = &mut stack.operation {
                operation.kind = OperationKind::Cleanup { then: "UPDATE_COMPLETE".to_owned() };
            }
        };
        if self.succeed(run, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Batch::default(), clean).await? {
            return Ok(());
        }
        self.failed(run, CANCELLED.to_owned()).await
    }

    /// Makes every resource what it shall be. The outputs, or the reason of the failure.
    pub(super) async fn go(&self, run: &Run) -> AwsResult<Result<Vec<Output>, String>> {
        let desired = match self.desired(&run.context, &run.stack, &run.stack.deployment) {
            Ok(desired) => desired,
            Err(error) => return Ok(Err(format!("{}. ", error.message.trim_end_matches('.')))),
        };
        let imports = |name: &str| self.export(&run.scope, name);
        let live = Live { store: &self.store, stack: &run.stack.id };
        match desired.imports(&live, &imports) {
            Ok(imported) => self.note_imports(run, imported).await?,
            Err(error) => return Ok(Err(format!("{} ", error.message))),
        }
        let deadline = run
            .stack
            .timeout_in_minutes
            .filter(|_| run.operation.kind == OperationKind::Create)
            .and_then(|minutes| u64::try_from(minutes).ok())
            .map(|minutes| Instant::now() + Duration::from_secs(minutes * 60));
        let late = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let outcome = along(
            &desired.graph.needs,
            true,
            || late() || self.is_cancelled(&run.stack.id),
            |id| async {
                let result = self.forward(run, &desired, &id).await;
                (id, result)
            },
        )
        .await;
        if !outcome.complete {
            return failure_of(outcome, late()).map(Err);
        }
        let environment = desired.environment(&live, &imports);
        let outputs = match desired.outputs(&environment) {
            Ok(outputs) => outputs,
            Err(error) => return Ok(Err(format!("{}. ", error.message.trim_end_matches('.')))),
        };
        Ok(self.exports_fit(run, &outputs).map(|()| outputs))
    }

    async fn note_imports(&self, run: &Run, imported: Vec<String>) -> AwsResult<()> {
        let noted = self.store.change_stack::<slam_cloud_core::StoreError>(|| {
            let Some(current) = self.store.stack(&run.stack.id) else { return Ok(Batch::default()) };
            let mut stack = (*current).clone();
            stack.imports = imported;
            Ok(Batch::default().stack(&run.scope, stack))
        });
        Ok(noted.await?)
    }

    /// Exports are unique, and those that others import stay as they are.
    fn exports_fit(&self, run: &Run, outputs: &[Output]) -> Result<(), String> {
        for other in self.store.stacks(&run.scope) {
            if other.id == run.stack.id || other.is_deleted() {
                continue;
            }
            let theirs = |name: &str| other.outputs.iter().any(|output| output.export.as_deref() == Some(name));
            if let Some(name) = outputs.iter().filter_map(|output| output.export.as_deref()).find(|name| theirs(name)) {
                return Err(format!("Export with name {name} is already exported by stack {}. ", other.name));
            }
        }
        for before in &run.stack.outputs {
            let Some(export) = &before.export else { continue };
            let importers = self.importers(&run.scope, export);
            let Some(importer) = importers.iter().find(|name| **name != run.stack.name) else { continue };
            match outputs.iter().find(|output| output.export.as_ref() == Some(export)) {
                None => return Err(format!("Export {export} cannot be deleted as it is in use by {importer}. ")),
                Some(after) if after.value != before.value => {
                    return Err(format!("Export {export} cannot be updated as it is in use by {importer}. "));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Makes one resource what it shall be.
    async fn forward(&self, run: &Run, desired: &Desired, id: &str) -> Result<(), Failed> {
        let declaration = &desired.template.resources[id];
        let needs: Vec<String> = desired.graph.needs[id].iter().cloned().collect();
        let existing = self.store.resource(&run.stack.id, id).filter(|resource| resource.exists());
        let evaluated = {
            let imports = |name: &str| self.export(&run.scope, name);
            let live = Live { store: &self.store, stack: &run.stack.id };
            let environment = desired.environment(&live, &imports);
            desired.properties(&environment, id).and_then(|properties| {
                let metadata = desired.metadata(&environment, id)?;
                Ok((properties, metadata))
            })
        };
        let existing = match existing {
            // What a failed creation left is cleared away first.
            Some(left) if left.status == "CREATE_FAILED" => {
                self.clear_failed(run, &left).await?;
                None
            }
            other => other.filter(|resource| resource.physical.is_some()),
        };
        let mut resource = match &existing {
            Some(existing) => Resource::clone(existing),
            None => Resource::new(id, &declaration.resource_type),
        };
        let (status, failed) =
            if existing.is_some() { ("UPDATE_FAILED", Failed::Update) } else { ("CREATE_FAILED", Failed::Create) };
        let evaluated = match evaluated {
            Ok((properties, metadata)) => {
                let before = existing.as_ref().and_then(|existing| existing.physical.as_ref());
                let read = self.read_references(run, &declaration.resource_type, id, properties, before).await;
                read.map(|(properties, written)| (properties, written, metadata))
            }
            Err(error) => Err(error),
        };
        let refused = match evaluated {
            Err(error) => error.message,
            Ok((properties, written, metadata)) => {
                let faults = check_properties(&declaration.resource_type, &properties);
                match resources::find(&declaration.resource_type).filter(|_| faults.is_empty()) {
                    Some(kind) => {
                        let policies = desired.policies[id];
                        let declared = Declared { policies, needs, metadata, properties, written };
                        return match existing {
                            Some(_) => self.update_resource(run, kind, resource, declared).await,
                            None => match run.operation.imports.get(id) {
                                Some(physical) => self.import_resource(run, kind, resource, declared, physical).await,
                                None => self.create_resource(run, kind, resource, declared).await,
                            },
                        };
                    }
                    None => format!("Property validation failure: [{}]", faults.join(", ")),
                }
            }
        };
        self.step(run, &mut resource, Step { status, reason: Some(refused), physical_id: None, properties: None })
            .await?;
        Err(failed)
    }

    /// Properties with the values of their dynamic references, and as they are written if they have any. What is written
    /// as it was keeps the values that it had.
    async fn read_references(
        &self,
        run: &Run,
        resource_type: &str,
        id: &str,
        properties: Map<String, Value>,
        before: Option<&Physical>,
    ) -> AwsResult<(Map<String, Value>, Option<Map<String, Value>>)> {
        let references = dynamic::references(resource_type, id, &properties)?;
        if references.is_empty() {
            return Ok((properties, None));
        }
        if let Some(before) = before.filter(|before| before.declared.as_ref() == Some(&properties)) {
            return Ok((before.properties.clone(), Some(properties)));
        }
        let values = dynamic::read(&self.cloud, &run.context, &references).await?;
        Ok((with_values(resource_type, &properties, &values), Some(properties)))
    }

    /// Deletes what exists of a resource whose creation failed.
    async fn clear_failed(&self, run: &Run, left: &Resource) -> Result<(), Failed> {
        let kind = resources::find(&left.resource_type);
        if let (Some(kind), Some(physical)) = (kind, &left.physical) {
            let work = self.work(run, kind, &left.logical_id, physical.properties.clone(), physical.id.clone());
            kind.delete(&work, physical).await?;
        }
        Ok(())
    }

    async fn create_resource(
        &self,
        run: &Run,
        kind: &'static ResourceType,
        mut resource: Resource,
        declared: Declared,
    ) -> Result<(), Failed> {
        let (properties, written) = declared.describe(&mut resource);
        let name = self.name(run, kind, &resource.logical_id, &properties);
        let work = self.work(run, kind, &resource.logical_id, properties.clone(), name);
        resource.intend(&work.name, &properties, kind.finds_free(&work).await);
        resource.fresh = true;
        let told = written.clone();
        let step = |status, reason| telling(told.as_ref().unwrap_or(&properties), status, reason);
        self.step(run, &mut resource, step("CREATE_IN_PROGRESS", None)).await?;
        let result = kind.create(&work).await;
        resource.intend_nothing();
        match result {
            Ok(made) => {
                resource.physical = Some(Physical { declared: written, ..physical(made, &properties, run) });
                let initiated = step("CREATE_IN_PROGRESS", Some("Resource creation Initiated".to_owned()));
                self.initiated_and_done(run, resource, &initiated, &step("CREATE_COMPLETE", None)).await?;
                Ok(())
            }
            Err(error) => {
                let left = work.left_behind().map(|id| physical(Made::new(id), &properties, run));
                resource.physical = left.map(|left| Physical { declared: written, ..left });
                let reason = handler_message(&resource.resource_type, &error);
                self.step(run, &mut resource, step("CREATE_FAILED", Some(reason))).await?;
                Err(Failed::Create)
            }
        }
    }

    async fn update_resource(
        &self,
        run: &Run,
        kind: &'static ResourceType,
        mut resource: Resource,
        declared: Declared,
    ) -> Result<(), Failed> {
        let Some(old) = resource.physical.clone() else { return Ok(()) };
        let unchanged = resource.clone();
        let (properties, written) = declared.describe(&mut resource);
        let different = changed(old.declared(), written.as_ref().unwrap_or(&properties));
        let retagged = kind.is_tagged() && old.tags != run.tags;
        let told = written.clone();
        let step = |status, reason| telling(told.as_ref().unwrap_or(&properties), status, reason);
        if different.is_empty() && !retagged {
            let described = |one: &Resource| (one.metadata.clone(), one.deletion_policy, one.update_replace_policy);
            if described(&unchanged) != described(&resource) {
                self.step(run, &mut resource, step("UPDATE_COMPLETE", None)).await?;
            } else if unchanged.needs != resource.needs {
                self.store.write(Batch::default().resource(&run.stack.id, resource)).await?;
            }
            return Ok(());
        }
        let does = |property: &&str| kind.recreation(property, &old.properties, &properties);
        let anew = different.iter().any(|property| does(property) != Recreation::Never);
        if anew {
            return self.replace_resource(run, kind, resource, &old, (properties, written)).await;
        }
        resource.before.get_or_insert_with(|| old.clone());
        self.step(run, &mut resource, step("UPDATE_IN_PROGRESS", None)).await?;
        let work = self.work(run, kind, &resource.logical_id, properties.clone(), old.id.clone());
        match kind.update(&work, &old).await {
            Ok(made) => {
                resource.physical = Some(Physical { declared: written, ..physical(made, &properties, run) });
                self.step(run, &mut resource, step("UPDATE_COMPLETE", None)).await?;
                Ok(())
            }
            Err(error) => {
                resource.physical = Some(work.left_changed(&old, written.as_ref()));
                let reason = handler_message(&resource.resource_type, &error);
                self.step(run, &mut resource, step("UPDATE_FAILED", Some(reason))).await?;
                Err(Failed::Update)
            }
        }
    }

    async fn replace_resource(
        &self,
        run: &Run,
        kind: &'static ResourceType,
        mut resource: Resource,
        old: &Physical,
        (properties, written): (Map<String, Value>, Option<Map<String, Value>>),
    ) -> Result<(), Failed> {
        let told = written.clone();
        let step = |status, reason| telling(told.as_ref().unwrap_or(&properties), status, reason);
        let custom = kind.naming().property.and_then(|property| {
            let name = properties.get(property)?;
            name.as_str().filter(|_| old.properties.get(property) == Some(name))
        });
        if let Some(name) = custom {
            let reason = format!(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {name} \
                 and update the stack again."
            );
            self.step(run, &mut resource, step("UPDATE_FAILED", Some(reason))).await?;
            return Err(Failed::Update);
        }
        let name = self.name(run, kind, &resource.logical_id, &properties);
        let work = self.work(run, kind, &resource.logical_id, properties.clone(), name);
        resource.intend(&work.name, &properties, kind.finds_free(&work).await);
        let why = "Requested update requires the creation of a new physical resource; hence creating one.";
        self.step(run, &mut resource, step("UPDATE_IN_PROGRESS", Some(why.to_owned()))).await?;
        let result = kind.create(&work).await;
        resource.intend_nothing();
        match result {
            Ok(made) => {
                resource.replaced.push(old.clone());
                resource.physical = Some(Physical { declared: written, ..physical(made, &properties, run) });
                let initiated = step("UPDATE_IN_PROGRESS", Some("Resource creation Initiated".to_owned()));
                self.initiated_and_done(run, resource, &initiated, &step("UPDATE_COMPLETE", None)).await?;
                Ok(())
            }
            Err(error) => {
                if let Some(id) = work.left_behind() {
                    resource.replaced.push(old.clone());
                    let left = physical(Made::new(id), &properties, run);
                    resource.physical = Some(Physical { declared: written, ..left });
                }
                let reason = handler_message(&resource.resource_type, &error);
                self.step(run, &mut resource, step("UPDATE_FAILED", Some(reason))).await?;
                Err(Failed::Update)
            }
        }
    }

    /// The two events after a creation, in one write.
    async fn initiated_and_done(
        &self,
        run: &Run,
        mut resource: Resource,
        initiated: &Step<'_>,
        done: &Step<'_>,
    ) -> AwsResult<()> {
        let first = self.resource_event(run, &resource, initiated);
        let second = self.resource_event(run, &resource, done);
        done.status.clone_into(&mut resource.status);
        resource.reason = None;
        resource.updated = now();
        let stack = &run.stack.id;
        Ok(self
            .store
            .write(Batch::default().event(stack, first).event(stack, second).resource(stack, resource))
            .await?)
    }

    fn name(&self, run: &Run, kind: &ResourceType, logical_id: &str, properties: &Map<String, Value>) -> String {
        let naming = kind.naming();
        let given = naming.property.and_then(|property| properties.get(property)).and_then(Value::as_str);
        given.map_or_else(|| names::physical(&run.stack.name, logical_id, naming), str::to_owned)
    }

    /// Nothing is left to go back to.
    pub(super) async fn settle(&self, run: &Run) -> AwsResult<()> {
        Ok(self.store.write(self.settled(run)).await?)
    }

    /// The same, to be written.
    pub(super) fn settled(&self, run: &Run) -> Batch {
        let mut batch = Batch::default();
        for resource in self.store.resources(&run.stack.id).into_values() {
            if resource.fresh || resource.before.is_some() || !resource.replaced.is_empty() {
                let mut resource = Resource::clone(&resource);
                resource.fresh = false;
                resource.imported = false;
                resource.before = None;
                resource.replaced.clear();
                batch = batch.resource(&run.stack.id, resource);
            }
        }
        batch
    }
}

/// What a template declares about a resource, evaluated.
pub(super) struct Declared {
    policies: (DeletionPolicy, DeletionPolicy),
    needs: Vec<String>,
    metadata: Option<Value>,
    properties: Map<String, Value>,
    /// The properties as they are written, if they have dynamic references.
    written: Option<Map<String, Value>>,
}

impl Declared {
    /// Writes everything but the properties into the record.
    pub(super) fn describe(self, resource: &mut Resource) -> (Map<String, Value>, Option<Map<String, Value>>) {
        resource.needs = self.needs;
        resource.metadata = self.metadata;
        (resource.deletion_policy, resource.update_replace_policy) = self.policies;
        (self.properties, self.written)
    }
}

pub(super) fn physical(made: Made, properties: &Map<String, Value>, run: &Run) -> Physical {
    let (properties, tags) = (properties.clone(), run.tags.clone());
    Physical { id: made.id, properties, declared: None, attributes: made.attributes, tags }
}

/// A step of a resource that tells of its properties.
fn telling<'a>(properties: &'a Map<String, Value>, status: &'a str, reason: Option<String>) -> Step<'a> {
    Step { status, reason, physical_id: None, properties: Some(properties) }
}

/// AWS's sentence about what failed.
fn failure_of(outcome: Outcome<Failed>, late: bool) -> AwsResult<String> {
    let (mut created, mut updated, mut imported) = (Vec::new(), Vec::new(), Vec::new());
    for (id, failed) in outcome.failed {
        match failed {
            Failed::Create => created.push(id),
            Failed::Update => updated.push(id),
            Failed::Import => imported.push(id),
            Failed::Broken(error) => return Err(error),
        }
    }
    let mut reason = String::new();
    for (what, mut ids) in [("create", created), ("update", updated), ("import", imported)] {
        if !ids.is_empty() {
            ids.sort();
            reason.push_str(&format!("The following resource(s) failed to {what}: [{}]. ", ids.join(", ")));
        }
    }
    if reason.is_empty() {
        reason.push_str(if late { "Stack creation time exceeded the specified timeout. " } else { CANCELLED });
    }
    Ok(reason)
}
