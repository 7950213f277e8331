//! Import: resources that exist become a stack's, and a rollback lets go of them.
//!
//! Nothing of a resource is made or deleted by either. Statuses and reasons as AWS tells them of an import: the resource
//! is imported first, then its update handler puts the stack's tags on it.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html>

use super::engine::{Engine, Run, Step, handler_message};
use super::forward::{Declared, Failed, physical};
use crate::model::{Physical, Resource, Stack};
use crate::resources::{Made, ResourceType};
use crate::store::Batch;
use slam_cloud_core::AwsResult;

impl Engine {
    /// Takes over the resources of an import, which is all that changes.
    pub(super) async fn import(&self, run: &Run) -> AwsResult<()> {
        let outputs = match self.go(run).await? {
            Ok(outputs) => outputs,
            Err(reason) => return self.failed(run, reason).await,
        };
        let done = |stack: &mut Stack| {
            stack.outputs = outputs;
            stack.operation = None;
            stack.previous = None;
        };
        if self.succeed(run, "IMPORT_COMPLETE", self.settled(run), done).await? {
            return Ok(());
        }
        self.failed(run, "User Initiated. ".to_owned()).await
    }

    /// Lets go of what a failed import took over.
    pub(super) async fn rollback_import(&self, run: &Run) -> AwsResult<()> {
        for resource in self.existing(run).into_values().filter(|resource| resource.fresh) {
            let mut resource = Resource::clone(&resource);
            self.release(run, &mut resource).await?;
            self.store.write(Batch::default().drop_resource(&run.stack.id, &resource.logical_id)).await?;
        }
        self.transition(run, "IMPORT_ROLLBACK_COMPLETE", None, |stack| {
            if let Some(previous) = stack.previous.take() {
                stack.deployment = previous;
            }
            stack.operation = None;
        })
        .await
    }

    /// Takes over what exists under a physical id.
    pub(super) async fn import_resource(
        &self,
        run: &Run,
        kind: &'static ResourceType,
        mut resource: Resource,
        declared: Declared,
        physical_id: &str,
    ) -> Result<(), Failed> {
        let (properties, written) = declared.describe(&mut resource);
        resource.fresh = true;
        resource.imported = true;
        resource.last_id = Some(physical_id.to_owned());
        let told = written.clone();
        let step = |status, reason: Option<&str>| Step {
            status,
            reason: reason.map(str::to_owned),
            physical_id: None,
            properties: Some(told.as_ref().unwrap_or(&properties)),
        };
        self.step(run, &mut resource, step("IMPORT_IN_PROGRESS", Some("Resource import started."))).await?;
        let work = self.work(run, kind, &resource.logical_id, properties.clone(), physical_id.to_owned());
        let missing = || format!("Resource of type '{}' with identifier '{physical_id}' was not found.", kind.name());
        let made = match kind.read(&work).await {
            Ok(Some(made)) => made,
            Ok(None) => return self.not_imported(run, resource, step("IMPORT_FAILED", Some(&missing()))).await,
            Err(error) => {
                let reason = handler_message(&resource.resource_type, &error);
                return self.not_imported(run, resource, step("IMPORT_FAILED", Some(&reason))).await;
            }
        };
        // It carries none of the stack's tags yet.
        let as_found = Physical { tags: Vec::new(), declared: written.clone(), ..physical(made, &properties, run) };
        resource.physical = Some(as_found.clone());
        self.step(run, &mut resource, step("IMPORT_COMPLETE", Some("Resource import completed."))).await?;
        let tags = "Apply stack-level tags to imported resource if applicable.";
        self.step(run, &mut resource, step("UPDATE_IN_PROGRESS", Some(tags))).await?;
        match kind.update(&work, &as_found).await {
            Ok(Made { id, attributes }) => {
                let made = physical(Made { id, attributes }, &properties, run);
                resource.physical = Some(Physical { declared: written, ..made });
                self.step(run, &mut resource, step("UPDATE_COMPLETE", None)).await?;
                Ok(())
            }
            Err(error) => {
                let reason = handler_message(&resource.resource_type, &error);
                self.step(run, &mut resource, step("UPDATE_FAILED", Some(&reason))).await?;
                Err(Failed::Import)
            }
        }
    }

    async fn not_imported(&self, run: &Run, mut resource: Resource, step: Step<'_>) -> Result<(), Failed> {
        self.step(run, &mut resource, step).await?;
        Err(Failed::Import)
    }

    /// Lets go of a resource that was taken over: it stays as it is, in no stack.
    pub(super) async fn release(&self, run: &Run, resource: &mut Resource) -> AwsResult<()> {
        let step = |status| Step { status, reason: None, physical_id: None, properties: None };
        self.step(run, resource, step("IMPORT_ROLLBACK_IN_PROGRESS")).await?;
        resource.last_id = resource.physical_id().map(str::to_owned);
        resource.physical = None;
        self.step(run, resource, step("IMPORT_ROLLBACK_COMPLETE")).await
    }
}
