//! Backward: deletion, rollback, and the cleanup after an update.

use super::desired::Desired;
use super::engine::{Engine, Run, Step, handler_message};
use super::parallel::{along, reversed};
use crate::model::{OperationKind, Physical, Resource, Stack, now};
use crate::resources::{self, Made};
use crate::store::Batch;
use crate::template::DeletionPolicy;
use indexmap::{IndexMap, IndexSet};
use slam_cloud_core::{AwsError, AwsResult};
use std::sync::Arc;

/// How a step backward failed.
enum Failed {
    /// The service refused.
    Refused,
    /// The failure could not be written down.
    Broken(AwsError),
}

impl From<AwsError> for Failed {
    fn from(error: AwsError) -> Self {
        Self::Broken(error)
    }
}

impl From<slam_cloud_core::StoreError> for Failed {
    fn from(error: slam_cloud_core::StoreError) -> Self {
        Self::Broken(error.into())
    }
}

/// What is deleted of a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// The resource itself; its record stays, for those who ask.
    Resource,
    /// The resource itself and its record.
    ResourceAndRecord,
    /// What it replaced.
    Replaced,
}

impl Engine {
    /// Deletes a stack's resources.
    pub(super) async fn delete(&self, run: &Run, retain: &[String], force: bool) -> AwsResult<()> {
        let resources = self.existing(run);
        let failed = self
            .delete_all(run, &resources, |resource| {
                let kept = resource.deletion_policy != DeletionPolicy::Delete || retain.contains(&resource.logical_id);
                (What::Resource, kept)
            })
            .await?;
        if !failed.is_empty() && !force {
            return self.failed(run, not_deleted(&failed)).await;
        }
        for id in failed {
            if let Some(resource) = self.store.resource(&run.stack.id, &id) {
                let mut resource = Resource::clone(&resource);
                self.skip(run, &mut resource).await?;
            }
        }
        self.transition(run, "DELETE_COMPLETE", None, |stack| {
            stack.deleted = Some(now());
            stack.operation = None;
            stack.imports.clear();
        })
        .await?;
        for stack in self.store.superfluous(&run.scope) {
            self.store.write(Batch::default().forget(&stack)).await?;
        }
        Ok(())
    }

    /// Deletes what a failed creation made.
    pub(super) async fn rollback_create(&self, run: &Run) -> AwsResult<()> {
        let resources = self.existing(run);
        let all = run.operation.retain_except_on_create;
        let failed = self
            .delete_all(run, &resources, |resource| {
                (What::Resource, resource.deletion_policy == DeletionPolicy::Retain && !all)
            })
            .await?;
        if !failed.is_empty() {
            return self.failed(run, not_deleted(&failed)).await;
        }
        self.transition(run, "ROLLBACK_COMPLETE", None, |stack| {
            stack.operation = None;
            stack.imports.clear();
        })
        .await
    }

    /// Brings every resource back to what it was before the update.
    pub(super) async fn rollback_update(&self, run: &Run, skip: &[String]) -> AwsResult<()> {
        let resources = self.existing(run);
        let outcome = along(
            &needs_of(&resources),
            false,
            || false,
            |id| async {
                let result = match resources.get(&id) {
                    Some(resource) if !skip.contains(&id) => self.restore(run, Resource::clone(resource)).await,
                    _ => Ok(()),
                };
                (id, result)
            },
        )
        .await;
        let failed = refused(outcome.failed)?;
        if !failed.is_empty() {
            let reason = format!("The following resource(s) failed to update: [{}]. ", failed.join(", "));
            return self.failed(run, reason).await;
        }
        self.transition(run, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", None, |stack| {
            if let Some(previous) = stack.previous.clone() {
                stack.deployment = previous;
            }
            if let Some(operation) = &mut stack.operation {
                operation.kind = OperationKind::Cleanup { then: "UPDATE_ROLLBACK_COMPLETE".to_owned() };
            }
        })
        .await
    }

    /// Brings one resource back.
    async fn restore(&self, run: &Run, mut resource: Resource) -> Result<(), Failed> {
        let step = |status, reason| Step { status, reason, physical_id: None, properties: None };
        if resource.fresh {
            // The cleanup deletes it.
            return Ok(());
        }
        let swapped = !resource.replaced.is_empty();
        if swapped {
            let original = resource.replaced.remove(0);
            resource.replaced.extend(resource.physical.replace(original));
        }
        let Some(current) = resource.physical.clone() else { return Ok(()) };
        let Some(before) = resource.before.take() else {
            if swapped {
                self.step(run, &mut resource, step("UPDATE_COMPLETE", None)).await?;
            } else if resource.status == "UPDATE_FAILED" {
                // Nothing was changed: a replacement could not be made.
                self.step(run, &mut resource, step("UPDATE_COMPLETE", None)).await?;
            }
            return Ok(());
        };
        let mut in_progress = resource.clone();
        in_progress.before = Some(before.clone());
        self.step(run, &mut in_progress, step("UPDATE_IN_PROGRESS", None)).await?;
        let Some(kind) = resources::find(&resource.resource_type) else { return Ok(()) };
        let mut work = self.work(run, kind, &resource.logical_id, before.properties.clone(), current.id.clone());
        let own = work.tags.split_off(run.tags.len());
        work.tags = before.tags.iter().cloned().chain(own).collect();
        match kind.update(&work, &current).await {
            Ok(Made { id, attributes }) => {
                resource.physical = Some(Physical { id, attributes, ..before });
                self.step(run, &mut resource, step("UPDATE_COMPLETE", None)).await?;
                Ok(())
            }
            Err(error) => {
                resource.physical = Some(work.left_changed(&current, before.declared.as_ref()));
                resource.before = Some(before);
                let reason = handler_message(&resource.resource_type, &error);
                self.step(run, &mut resource, step("UPDATE_FAILED", Some(reason))).await?;
                Err(Failed::Refused)
            }
        }
    }

    /// Deletes what is left over after an update or its rollback. A failure here fails nothing.
    pub(super) async fn clean_up(&self, run: &Run, then: &str) -> AwsResult<()> {
        let back = then == "UPDATE_ROLLBACK_COMPLETE";
        let desired = self.desired(&run.context, &run.stack, &run.stack.deployment).ok();
        let resources = self.existing(run);
        self.delete_replaced(run, &resources, back).await?;
        let resources: IndexMap<_, _> = resources
            .into_iter()
            .filter(|(id, resource)| if back { resource.fresh } else { is_removed(desired.as_ref(), id) })
            .collect();
        let all = run.operation.retain_except_on_create;
        self.delete_all(run, &resources, |resource| {
            let kept = match resource.deletion_policy {
                DeletionPolicy::Delete => false,
                DeletionPolicy::Retain => !(back && all),
                DeletionPolicy::RetainExceptOnCreate => !back,
            };
            (What::ResourceAndRecord, kept)
        })
        .await?;
        self.settle(run).await?;
        self.transition(run, then, None, |stack: &mut Stack| {
            stack.operation = None;
            stack.previous = None;
        })
        .await
    }

    async fn delete_replaced(
        &self,
        run: &Run,
        resources: &IndexMap<String, Arc<Resource>>,
        back: bool,
    ) -> AwsResult<()> {
        let replaced: IndexMap<_, _> = resources
            .iter()
            .filter(|(_, resource)| !resource.replaced.is_empty())
            .map(|(id, resource)| (id.clone(), Arc::clone(resource)))
            .collect();
        self.delete_all(run, &replaced, |resource| {
            let policy = if back { resource.deletion_policy } else { resource.update_replace_policy };
            let kept = policy == DeletionPolicy::Retain || (policy == DeletionPolicy::RetainExceptOnCreate && !back);
            (What::Replaced, kept)
        })
        .await?;
        Ok(())
    }

    /// Deletes resources against the direction of their needs. The logical ids of those that would not go.
    async fn delete_all(
        &self,
        run: &Run,
        resources: &IndexMap<String, Arc<Resource>>,
        decide: impl Fn(&Resource) -> (What, bool),
    ) -> AwsResult<Vec<String>> {
        let needs = reversed(&needs_of(resources));
        let outcome = along(
            &needs,
            false,
            || false,
            |id| {
                let decision = resources.get(&id).map(|resource| (decide(resource), Resource::clone(resource)));
                async move {
                    let result = match decision {
                        Some(((what, kept), resource)) => self.delete_one(run, resource, what, kept).await,
                        None => Ok(()),
                    };
                    (id, result)
                }
            },
        )
        .await;
        refused(outcome.failed)
    }

    async fn delete_one(&self, run: &Run, mut resource: Resource, what: What, kept: bool) -> Result<(), Failed> {
        if what == What::Replaced {
            return self.delete_physicals(run, resource, kept).await;
        }
        if resource.imported {
            self.release(run, &mut resource).await?;
            if what == What::ResourceAndRecord {
                self.store.write(Batch::default().drop_resource(&run.stack.id, &resource.logical_id)).await?;
            }
            return Ok(());
        }
        if kept && resource.physical.is_some() {
            self.skip(run, &mut resource).await?;
            if what == What::ResourceAndRecord {
                self.store.write(Batch::default().drop_resource(&run.stack.id, &resource.logical_id)).await?;
            }
            return Ok(());
        }
        let Some(physical) = resource.physical.clone() else {
            // It never was.
            self.store.write(Batch::default().drop_resource(&run.stack.id, &resource.logical_id)).await?;
            return Ok(());
        };
        let properties = physical.declared().clone();
        let step = |status, reason| Step { status, reason, physical_id: None, properties: Some(&properties) };
        self.step(run, &mut resource, step("DELETE_IN_PROGRESS", None)).await?;
        if let Err(error) = self.delete_physical(run, &resource, &physical).await {
            let reason = handler_message(&resource.resource_type, &error);
            self.step(run, &mut resource, step("DELETE_FAILED", Some(reason))).await?;
            return Err(Failed::Refused);
        }
        resource.last_id = Some(physical.id);
        resource.physical = None;
        self.step(run, &mut resource, step("DELETE_COMPLETE", None)).await?;
        if what == What::ResourceAndRecord {
            self.store.write(Batch::default().drop_resource(&run.stack.id, &resource.logical_id)).await?;
        }
        Ok(())
    }

    /// Deletes what a resource replaced; its own record keeps its status.
    async fn delete_physicals(&self, run: &Run, mut resource: Resource, kept: bool) -> Result<(), Failed> {
        for physical in std::mem::take(&mut resource.replaced) {
            let tell = |status, reason| {
                let step =
                    Step { status, reason, physical_id: Some(&physical.id), properties: Some(physical.declared()) };
                Batch::default().event(&run.stack.id, self.resource_event(run, &resource, &step))
            };
            if kept {
                self.store.write(tell("DELETE_SKIPPED", None)).await?;
                continue;
            }
            self.store.write(tell("DELETE_IN_PROGRESS", None)).await?;
            match self.delete_physical(run, &resource, &physical).await {
                Ok(()) => self.store.write(tell("DELETE_COMPLETE", None)).await?,
                Err(error) => {
                    let reason = handler_message(&resource.resource_type, &error);
                    self.store.write(tell("DELETE_FAILED", Some(reason))).await?;
                }
            }
        }
        self.store.write(Batch::default().resource(&run.stack.id, resource)).await?;
        Ok(())
    }

    async fn delete_physical(&self, run: &Run, resource: &Resource, physical: &Physical) -> AwsResult<()> {
        let Some(kind) = resources::find(&resource.resource_type) else { return Ok(()) };
        let work = self.work(run, kind, &resource.logical_id, physical.properties.clone(), physical.id.clone());
        kind.delete(&work, physical).await
    }

    /// A resource that stays while its stack goes.
    async fn skip(&self, run: &Run, resource: &mut Resource) -> AwsResult<()> {
        let properties = resource.physical.as_ref().map(|physical| physical.declared().clone());
        let step = Step { status: "DELETE_SKIPPED", reason: None, physical_id: None, properties: properties.as_ref() };
        self.step(run, resource, step).await
    }

    pub(super) fn existing(&self, run: &Run) -> IndexMap<String, Arc<Resource>> {
        self.store.resources(&run.stack.id).into_iter().filter(|(_, resource)| resource.exists()).collect()
    }
}

fn is_removed(desired: Option<&Desired>, id: &str) -> bool {
    desired.is_some_and(|desired| !desired.graph.needs.contains_key(id))
}

fn needs_of(resources: &IndexMap<String, Arc<Resource>>) -> IndexMap<String, IndexSet<String>> {
    resources.iter().map(|(id, resource)| (id.clone(), resource.needs.iter().cloned().collect())).collect()
}

fn refused(failed: Vec<(String, Failed)>) -> AwsResult<Vec<String>> {
    let mut ids = Vec::new();
    for (id, failed) in failed {
        match failed {
            Failed::Refused => ids.push(id),
            Failed::Broken(error) => return Err(error),
        }
    }
    ids.sort();
    Ok(ids)
}

fn not_deleted(ids: &[String]) -> String {
    format!("The following resource(s) failed to delete: [{}]. ", ids.join(", "))
}
