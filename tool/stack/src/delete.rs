//! `slam delete`: the stack and everything it made.

use crate::data::Count;
use crate::deployed::{DeployedStack, StackResource};
use crate::error::{StackError, service, while_doing};
use crate::{Session, bucket, change, data, deployed, keys, retain, verify};
use slam_template::{Fate, Template};
use std::collections::HashSet;

/// What a deletion took away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Resources that the stack had.
    pub resources: usize,
    /// Resources that were kept because the template says so: logical and physical ids.
    pub kept: Vec<(String, String)>,
}

const BUCKET: &str = "AWS::S3::Bucket";
const QUEUE: &str = "AWS::SQS::Queue";
const PLAN: &str = "AWS::ApiGateway::UsagePlan";
const TABLE: &str = "AWS::DynamoDB::Table";
/// Versions of objects that are counted before "at least" is good enough: ten pages.
const MANY_OBJECTS: u64 = 10_000;

/// What is in a stack, for the person who is about to delete it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Its resources, and the tables that it left behind.
    pub resources: usize,
    /// The items of each table that would go: by the table's name.
    pub tables: Vec<(String, Count)>,
    /// The objects, all their versions counted, of each bucket that would go, but for the one with slam's own packages.
    pub buckets: Vec<(String, Count)>,
    /// The messages of each queue that would go, where it has some, as SQS counts them: about.
    pub queues: Vec<(String, Count)>,
}

/// Counts what would go with the stack. With [`Fate::Kept`], tables of slam.yaml are not among it.
///
/// # Errors
/// When the stack or what is in it cannot be read, or it was not deployed by slam.
pub async fn contents(session: &Session<'_>, fate: Fate) -> Result<Contents, StackError> {
    let stack = deployed::describe(session).await?.ok_or_else(|| StackError::NotDeployed(session.stack.to_owned()))?;
    let template = own_template(session, &stack).await?;
    let stays = template.as_ref().map(stays).unwrap_or_default();
    let own_data: Vec<String> = template.iter().flat_map(Template::data).map(|data| data.logical_id()).collect();
    let resources = deployed::resources(session, &stack.id).await?;
    let mut contents = Contents { resources: resources.len(), ..Contents::default() };
    for resource in resources.iter().filter(|resource| !resource.physical_id.is_empty()) {
        let kept = if own_data.contains(&resource.logical_id) {
            fate == Fate::Kept
        } else {
            stays.contains(&resource.logical_id)
        };
        match resource.resource_type.as_str() {
            TABLE if !kept => {
                let items = data::items(session, &resource.physical_id).await?;
                contents.tables.extend(items.map(|items| (resource.physical_id.clone(), items)));
            }
            BUCKET if !kept && resource.logical_id != slam_template::PACKAGE_BUCKET => {
                let objects = bucket::count(session, &resource.physical_id, MANY_OBJECTS).await?;
                contents.buckets.extend(objects.map(|objects| (resource.physical_id.clone(), objects)));
            }
            QUEUE if !kept => {
                let messages = session.clients.queue_messages(&resource.physical_id).await;
                let messages = messages.map_err(service("counting a queue's messages"))?;
                let messages = messages.filter(|messages| *messages > 0).map(Count::About);
                contents.queues.extend(messages.map(|messages| (resource.physical_id.clone(), messages)));
            }
            _ => {}
        }
    }
    if let Some(template) = template.filter(|_| fate == Fate::Deleted) {
        for left in retain::left_behind(session, &template).await? {
            contents.resources += 1;
            contents.tables.push((left.data.physical(), left.items));
        }
    }
    Ok(contents)
}

/// The deployed template; `None` for a stack that has none yet.
async fn own_template(session: &Session<'_>, stack: &DeployedStack) -> Result<Option<Template>, StackError> {
    if stack.status == "REVIEW_IN_PROGRESS" {
        return Ok(None);
    }
    Ok(Some(Template::parse(&deployed::template(session).await?)?))
}

/// The resources beside slam's own data that stay when the stack goes: what is in them is nobody's to delete.
fn stays(template: &Template) -> Vec<String> {
    template.retained().into_iter().map(str::to_owned).collect()
}

/// Whether CloudFormation takes an update in this state.
fn can_be_changed(status: &str) -> bool {
    matches!(
        status,
        "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE"
    )
}

/// Everything in the stack.
async fn resources(session: &Session<'_>) -> Result<Vec<StackResource>, StackError> {
    let stack = match deployed::describe(session).await? {
        Some(stack) => stack,
        None => return Err(StackError::NotDeployed(session.stack.to_owned())),
    };
    deployed::resources(session, &stack.id).await
}

/// Deletes the stack; its own buckets are emptied first, which CloudFormation cannot do. Tables, also those that the
/// stack left behind, go with it or stay, as `data` says; in a stack that cannot be changed any more, as their policies
/// say.
///
/// # Errors
/// When something cannot be deleted, which is named then; or the stack was not deployed by slam.
pub async fn delete(session: &Session<'_>, data: Fate) -> Result<Deleted, StackError> {
    let stack = deployed::describe(session).await?.ok_or_else(|| StackError::NotDeployed(session.stack.to_owned()))?;
    if stack.is_busy() {
        return Err(change::busy(session, &stack).await);
    }
    let template = own_template(session, &stack).await?;
    if let Some(template) = template.as_ref().filter(|_| can_be_changed(&stack.status)) {
        retain::before_deletion(session, &stack, template, data).await?;
    }
    let before = resources(session).await?;
    // With the policies of the data as they were decided.
    let template = own_template(session, &stack).await?;
    let stays = template.as_ref().map(stays).unwrap_or_default();
    let buckets = before.iter().filter(|resource| resource.resource_type == BUCKET);
    for resource in buckets.filter(|resource| !stays.contains(&resource.logical_id)) {
        if !resource.physical_id.is_empty() {
            bucket::empty(session, &resource.physical_id).await?;
        }
    }
    // What was issued by `slam keys` is in no stack.
    let own_plans: Vec<String> = template.iter().flat_map(Template::plans).map(|plan| plan.logical_id).collect();
    let plans = before.iter().filter(|resource| resource.resource_type == PLAN && !resource.physical_id.is_empty());
    for plan in plans.filter(|plan| own_plans.contains(&plan.logical_id)) {
        keys::revoke_all(session, &plan.physical_id).await?;
    }
    keys::revoke_issued(session, !own_plans.is_empty()).await?;
    if let Some(bucket) = stack.parameters.get(slam_template::CODE_BUCKET_PARAMETER)
        && bucket::exists(session, bucket).await?
    {
        // A bucket that is not the stack's own loses only what slam put there.
        bucket::prune(session, bucket, &format!("{}/", session.stack), &bucket::Keep::default()).await?;
    }
    let seen = if stack.status == "REVIEW_IN_PROGRESS" { HashSet::new() } else { change::event_ids(session).await? };
    session
        .clients
        .cloudformation
        .delete_stack()
        .stack_name(&stack.id)
        .send()
        .await
        .map_err(while_doing!("deleting the stack"))?;
    change::follow(session, &stack.id, seen).await?;
    let kept = verify::deletion(session, &stack.id, &stays).await?;
    Ok(Deleted { resources: before.len(), kept })
}
