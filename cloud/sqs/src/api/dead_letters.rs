//! Dead letters: who sends theirs to a queue, and tasks that move them out of it.

use super::found::{find, page, urls};
use crate::SqsService;
use crate::error::{invalid, invalid_value, no_such_resource, not_found};
use crate::messages::Place;
use crate::model::name::Reference;
use crate::model::task::{Status, Task, TaskHandle};
use crate::tasks;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::sqs as wire;
use std::sync::Arc;

/// ListDeadLetterSourceQueues.
pub async fn sources(
    service: Arc<SqsService>,
    context: Context,
    input: wire::ListDeadLetterSourceQueues,
) -> AwsResult<wire::ListDeadLetterSourceQueuesResult> {
    let (reference, ..) = find(&service, &context, &input.queue_url)?;
    let account = &reference.scope.account;
    let names = service.queues.sources(&reference.scope, &reference.arn());
    let (names, next_token) = page(names.into_iter(), input.max_results, input.next_token.as_deref())?;
    Ok(wire::ListDeadLetterSourceQueuesResult { queue_urls: urls(&service, account, names), next_token })
}

/// StartMessageMoveTask.
pub async fn start(
    service: Arc<SqsService>,
    _: Context,
    input: wire::StartMessageMoveTask,
) -> AwsResult<wire::StartMessageMoveTaskResult> {
    let source = Reference::of_arn(&input.source_arn).ok_or_else(|| no_such_resource("SourceArn"))?;
    let queue = service.queues.find(&source).ok_or_else(|| no_such_resource("SourceArn"))?;
    if service.queues.sources(&source.scope, &input.source_arn).is_empty() {
        // Recorded: `test_source_needs_redrive_policy`.
        return Err(invalid("Source queue must be configured as a Dead Letter Queue."));
    }
    if let Some(arn) = &input.destination_arn {
        let destination = service.queues.of_arn(arn).ok_or_else(|| no_such_resource("DestinationArn"))?;
        if arn == &input.source_arn {
            return Err(invalid("Source queue arn and destination queue arn cannot be the same."));
        }
        if destination.is_fifo() != queue.is_fifo() {
            return Err(invalid("Source and destination queues must be of the same type."));
        }
    }
    if let Some(rate) = input.max_number_of_messages_per_second.filter(|rate| !(1..=500).contains(rate)) {
        return Err(invalid_value(rate, "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500, if provided."));
    }
    let _one_at_a_time = service.starting.lock().await;
    if service.queues.tasks(&source.scope, &input.source_arn).iter().any(|task| task.is_active()) {
        // Recorded: `test_start_multiple_move_tasks`.
        return Err(invalid(
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
        ));
    }
    let numbers = service.messages.numbers(Place::from(&*queue), queue.settings.retention * 1000).await?;
    let task = Task {
        id: uuid::Uuid::new_v4().to_string(),
        source: input.source_arn,
        destination: input.destination_arn,
        rate: input.max_number_of_messages_per_second,
        to_move: numbers.ready,
        moved: 0,
        started: service.now(),
        status: Status::Running,
        failure: None,
    };
    let (id, handle) = (task.id.clone(), task.handle());
    service.queues.add_task(&source.scope, task).await?;
    tasks::drive(&service, source.scope, id);
    Ok(wire::StartMessageMoveTaskResult { task_handle: Some(handle) })
}

/// CancelMessageMoveTask.
pub async fn cancel(
    service: Arc<SqsService>,
    _: Context,
    input: wire::CancelMessageMoveTask,
) -> AwsResult<wire::CancelMessageMoveTaskResult> {
    // Recorded: `test_cancel_with_invalid_task_handle`, `test_cancel_with_invalid_source_arn_in_task_handle`,
    // `test_cancel_with_invalid_task_id_in_task_handle`.
    let handle =
        TaskHandle::parse(&input.task_handle).ok_or_else(|| invalid("Value for parameter TaskHandle is invalid."))?;
    let source = Reference::of_arn(&handle.source_arn).ok_or_else(|| no_such_resource("SourceArn"))?;
    service.queues.find(&source).ok_or_else(|| no_such_resource("SourceArn"))?;
    let unknown = || not_found("Task does not exist.");
    let task = service.queues.task(&source.scope, &handle.task_id).ok_or_else(unknown)?;
    if task.source != handle.source_arn {
        return Err(unknown());
    }
    let cancel = |task: &mut Task| task.status = Status::Cancelled;
    let cancelled = service.queues.change_task(&source.scope, &handle.task_id, cancel).await?;
    let ended = || AwsError::bad_request("UnsupportedOperation", "Only active tasks can be cancelled.");
    let moved = cancelled.ok_or_else(ended)?.moved;
    Ok(wire::CancelMessageMoveTaskResult { approximate_number_of_messages_moved: Some(moved) })
}

/// ListMessageMoveTasks (recorded: `test_basic_move_task_workflow`).
pub async fn list(
    service: Arc<SqsService>,
    _: Context,
    input: wire::ListMessageMoveTasks,
) -> AwsResult<wire::ListMessageMoveTasksResult> {
    let source = Reference::of_arn(&input.source_arn).ok_or_else(|| no_such_resource("SourceArn"))?;
    service.queues.find(&source).ok_or_else(|| no_such_resource("SourceArn"))?;
    let most = input.max_results.unwrap_or(1);
    if !(1..=10).contains(&most) {
        return Err(invalid_value(most, "MaxResults", "Must be between 1 and 10, if provided."));
    }
    let tasks = service.queues.tasks(&source.scope, &input.source_arn).into_iter();
    let results = tasks.take(usize::try_from(most).unwrap_or(1)).map(|task| task.told());
    Ok(wire::ListMessageMoveTasksResult { results: Some(results.collect()) })
}
