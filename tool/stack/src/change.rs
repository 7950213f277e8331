//! One change of a stack, followed to its end: change set, execution, events.

use crate::deployed::DeployedStack;
use crate::error::{StackError, while_doing};
use crate::failure::Failure;
use crate::progress::{Change, Event, ResourceEvent};
use crate::{Session, deployed};
use slam_aws::cloudformation::types::{Capability, ChangeSetStatus, ChangeSetType, Parameter, StackEvent, Tag};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// What CloudFormation is asked for.
pub struct Request<'a> {
    /// The template's text.
    pub template: &'a str,
    /// Where the template lies in S3, when it is too long to be sent along.
    pub template_url: Option<String>,
    /// The parameters' values.
    pub parameters: &'a [(String, String)],
    /// The stack's tags.
    pub tags: &'a [(String, String)],
    /// Resources in the template, for the report.
    pub resources: usize,
    /// Whether the stack does not exist yet.
    pub create: bool,
    /// Whether the changes are told to the progress.
    pub announce: bool,
    /// What becomes of resources that exist already.
    pub existing: Existing,
}

/// What becomes of resources that a template names and that exist already, in no stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// They fail the change.
    Fail,
    /// They are imported.
    Import,
}

/// The longest template that travels in the request itself.
pub const INLINE_TEMPLATE: usize = 51_200;
/// After this a deployment is left to itself.
pub const PATIENCE: Duration = Duration::from_secs(3600);

/// Applies the request. `Ok(false)`: there was nothing to change.
pub async fn apply(session: &Session<'_>, request: &Request<'_>) -> Result<bool, StackError> {
    let client = &session.clients.cloudformation;
    let name = format!("slam-{}", unique());
    let mut call = client
        .create_change_set()
        .stack_name(session.stack)
        .change_set_name(&name)
        .change_set_type(if request.create { ChangeSetType::Create } else { ChangeSetType::Update })
        .import_existing_resources(request.existing == Existing::Import)
        .capabilities(Capability::CapabilityIam)
        .capabilities(Capability::CapabilityNamedIam)
        .set_parameters(Some(
            request
                .parameters
                .iter()
                .map(|(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build())
                .collect(),
        ))
        .set_tags(Some(request.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()));
    call = match &request.template_url {
        Some(url) => call.template_url(url),
        None => call.template_body(request.template),
    };
    if let Err(error) = call.send().await {
        return Err(refused(session, "creating the change set", slam_aws::service_error(&error)).await);
    }

    let Some(changes) = wait_for_change_set(session, &name).await? else {
        client
            .delete_change_set()
            .stack_name(session.stack)
            .change_set_name(&name)
            .send()
            .await
            .map_err(while_doing!("deleting the empty change set"))?;
        return Ok(false);
    };
    let replaced: Vec<String> =
        changes.iter().filter(|change| change.loses_data()).map(|change| change.logical_id.clone()).collect();
    if !replaced.is_empty() {
        let discard = client.delete_change_set().stack_name(session.stack).change_set_name(&name);
        discard.send().await.map_err(while_doing!("deleting the change set"))?;
        return Err(StackError::WouldReplace(replaced));
    }
    if request.announce {
        session.progress.event(&Event::Changes { resources: request.resources, changes });
    }
    let seen = event_ids(session).await?;
    let executed = client.execute_change_set().stack_name(session.stack).change_set_name(&name).send().await;
    if let Err(error) = executed {
        return Err(refused(session, "executing the change set", slam_aws::service_error(&error)).await);
    }
    follow(session, session.stack, seen).await?;
    Ok(true)
}

/// Why CloudFormation would not change the stack. When somebody else does at this moment, or was a little faster, it says
/// so in several ways ("can not be updated", "cannot be executed in its current status of `OBSOLETE`"), which are one
/// to a person.
async fn refused(session: &Session<'_>, doing: &'static str, error: slam_aws::ServiceError) -> StackError {
    if error.code.is_none() {
        return StackError::Service { doing, error };
    }
    match deployed::describe(session).await {
        Ok(Some(stack)) if stack.is_busy() => busy(session, &stack).await,
        _ if matches!(error.code.as_deref(), Some("InvalidChangeSetStatus" | "ChangeSetNotFound")) => {
            StackError::Overtaken(session.stack.to_owned())
        }
        _ => StackError::Service { doing, error },
    }
}

/// The error for a stack that somebody else is changing: since when is in its events.
pub async fn busy(session: &Session<'_>, stack: &DeployedStack) -> StackError {
    let events = newest_events(session, &stack.id).await.unwrap_or_default();
    let begins = |event: &&StackEvent| {
        let status = event.resource_status().map_or("", |status| status.as_str());
        event.physical_resource_id() == event.stack_id()
            && matches!(status, "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS")
    };
    let begun = events.iter().find(begins).and_then(|event| event.timestamp()).and_then(deployed::timestamp);
    StackError::Busy { stack: session.stack.to_owned(), status: stack.status.clone(), begun: begun.or(stack.changed) }
}

/// Waits until nobody changes the stack any more.
pub async fn rest(session: &Session<'_>) -> Result<(), StackError> {
    let begun = Instant::now();
    while deployed::describe(session).await?.is_some_and(|stack| stack.is_busy()) {
        if begun.elapsed() > PATIENCE {
            return Err(StackError::Timeout(session.stack.to_owned()));
        }
        tokio::time::sleep(session.poll).await;
    }
    Ok(())
}

/// Does some work on the stack, again when somebody else's got in its way and `wait` is set.
pub async fn in_turn<T>(
    session: &Session<'_>,
    wait: bool,
    work: impl AsyncFn() -> Result<T, StackError>,
) -> Result<T, StackError> {
    let begun = Instant::now();
    loop {
        match work().await {
            Err(error @ (StackError::Busy { .. } | StackError::Overtaken(_))) if wait && begun.elapsed() < PATIENCE => {
                session.progress.event(&Event::Waiting { why: error.to_string() });
                rest(session).await?;
            }
            done => return done,
        }
    }
}

/// Waits until the change set is made; `None` when it holds no change.
async fn wait_for_change_set(session: &Session<'_>, name: &str) -> Result<Option<Vec<Change>>, StackError> {
    let begun = Instant::now();
    loop {
        let answer = session
            .clients
            .cloudformation
            .describe_change_set()
            .stack_name(session.stack)
            .change_set_name(name)
            .send()
            .await
            .map_err(while_doing!("reading the change set"))?;
        match answer.status() {
            Some(ChangeSetStatus::CreateComplete) => {
                let changes =
                    answer.changes().iter().filter_map(|change| change.resource_change()).map(|change| Change {
                        logical_id: change.logical_resource_id().unwrap_or_default().to_owned(),
                        resource_type: change.resource_type().unwrap_or_default().to_owned(),
                        action: change.action().map_or(String::new(), |action| action.as_str().to_owned()),
                        replacement: change.replacement().is_some_and(|replacement| replacement.as_str() == "True"),
                    });
                return Ok(Some(changes.collect()));
            }
            Some(ChangeSetStatus::Failed) => {
                let reason = answer.status_reason().unwrap_or_default();
                let empty =
                    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed");
                if empty {
                    return Ok(None);
                }
                discard_review(session).await;
                return Err(StackError::Refused(reason.to_owned()));
            }
            _ if begun.elapsed() > PATIENCE => return Err(StackError::Timeout(session.stack.to_owned())),
            _ => tokio::time::sleep(session.poll).await,
        }
    }
}

/// A stack that never got beyond its first change set is an empty shell; nobody misses it.
async fn discard_review(session: &Session<'_>) {
    if let Ok(Some(stack)) = deployed::describe(session).await
        && stack.status == "REVIEW_IN_PROGRESS"
    {
        // The refusal is what the person must hear of; a shell that stays is replaced by the next deployment.
        let _ = session.clients.cloudformation.delete_stack().stack_name(session.stack).send().await;
    }
}

/// The ids of the events so far, so that only new ones are told.
pub async fn event_ids(session: &Session<'_>) -> Result<HashSet<String>, StackError> {
    let events = recent_events(session, session.stack, &HashSet::new()).await?;
    Ok(events.iter().filter_map(|event| event.event_id().map(str::to_owned)).collect())
}

/// The newest events, the latest first: as many as the service gives at once.
pub async fn newest_events(session: &Session<'_>, stack: &str) -> Result<Vec<StackEvent>, StackError> {
    let page = session.clients.cloudformation.describe_stack_events().stack_name(stack).send().await;
    Ok(page.map_err(while_doing!("reading the stack's events"))?.stack_events().to_vec())
}

/// New events, oldest first.
async fn recent_events(
    session: &Session<'_>,
    stack: &str,
    seen: &HashSet<String>,
) -> Result<Vec<StackEvent>, StackError> {
    let mut events = Vec::new();
    let mut token = None;
    loop {
        let page = session
            .clients
            .cloudformation
            .describe_stack_events()
            .stack_name(stack)
            .set_next_token(token)
            .send()
            .await
            .map_err(while_doing!("reading the stack's events"))?;
        let known = page.stack_events().iter().any(|event| event.event_id().is_some_and(|id| seen.contains(id)));
        events.extend(
            page.stack_events().iter().filter(|event| event.event_id().is_none_or(|id| !seen.contains(id))).cloned(),
        );
        token = page.next_token().map(str::to_owned);
        if token.is_none() || known {
            break;
        }
    }
    events.reverse();
    Ok(events)
}

/// Tells every event until the stack rests; an error when it rests in a failed state.
pub async fn follow(session: &Session<'_>, stack: &str, mut seen: HashSet<String>) -> Result<(), StackError> {
    let begun = Instant::now();
    let mut failures = Vec::new();
    loop {
        for event in recent_events(session, stack, &seen).await? {
            if let Some(id) = event.event_id() {
                seen.insert(id.to_owned());
            }
            let status = event.resource_status().map_or(String::new(), |status| status.as_str().to_owned());
            let about_the_stack = event.physical_resource_id() == event.stack_id();
            if about_the_stack {
                if status.ends_with("ROLLBACK_IN_PROGRESS") {
                    session.progress.event(&Event::RollingBack);
                }
                if let Some(end) = ended(&status) {
                    return match end {
                        End::Success => Ok(()),
                        End::Failure(summary) => Err(StackError::Failed { summary: summary.to_owned(), failures }),
                    };
                }
                continue;
            }
            let logical_id = event.logical_resource_id().unwrap_or_default();
            let failure = Failure::of_event(logical_id, &status, event.resource_status_reason());
            let cancelled = failure.is_none() && status.ends_with("_FAILED");
            failures.extend(failure);
            if cancelled {
                continue;
            }
            session.progress.event(&Event::Resource(ResourceEvent {
                logical_id: logical_id.to_owned(),
                resource_type: event.resource_type().unwrap_or_default().to_owned(),
                status,
                at: event.timestamp().map_or(0.0, slam_aws::cloudformation::primitives::DateTime::as_secs_f64),
            }));
        }
        if begun.elapsed() > PATIENCE {
            return Err(StackError::Timeout(session.stack.to_owned()));
        }
        tokio::time::sleep(session.poll).await;
    }
}

enum End {
    Success,
    Failure(&'static str),
}

/// Whether a stack's status is one in which it rests.
fn ended(status: &str) -> Option<End> {
    Some(match status {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" | "DELETE_COMPLETE" => End::Success,
        "ROLLBACK_COMPLETE" => End::Failure("the stack could not be created and was rolled back by CloudFormation"),
        "UPDATE_ROLLBACK_COMPLETE" => {
            End::Failure("the stack was rolled back by CloudFormation: the old deployment is as it was")
        }
        "CREATE_FAILED" => End::Failure("the stack could not be created"),
        "ROLLBACK_FAILED" | "UPDATE_ROLLBACK_FAILED" => {
            End::Failure("the stack failed, and so did going back: some resources need a hand")
        }
        "DELETE_FAILED" => End::Failure("the stack could not be deleted whole"),
        _ => return None,
    })
}

/// Time and process in a form that change sets' names allow.
fn unique() -> String {
    let nanoseconds =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_nanos());
    format!("{nanoseconds:x}-{:x}", std::process::id())
}
