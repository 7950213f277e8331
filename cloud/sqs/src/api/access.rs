//! Which permission each operation needs, on which resource.

use crate::SqsService;
use crate::model::name::Reference;
use crate::model::task::TaskHandle;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Access, Context, Principal};
use slam_cloud_wire::sqs as wire;
use std::collections::BTreeMap;

/// The policy of what belongs to another account and has none: nobody here may do anything with it, the root user
/// neither, whom the door would let through where there is no policy.
const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// An action on a queue, by its own policy or the caller's.
fn on(service: &SqsService, context: &Context, action: &'static str, reference: &Reference) -> Access {
    let queue = service.queues.find(reference);
    let policy = queue.as_ref().and_then(|queue| queue.policy.clone());
    let is_foreign = *reference.scope.account != *context.account;
    // What is not there is told to be so (recorded: `test_cancel_with_invalid_source_arn_in_task_handle`).
    let policy = policy.or_else(|| (is_foreign && queue.is_some()).then(|| NOTHING.to_owned()));
    let mut access = Access::new(action, reference.arn()).resource_policy(policy);
    for (tag, value) in queue.iter().flat_map(|queue| &queue.tags) {
        access = access.condition(format!("aws:ResourceTag/{tag}"), value);
    }
    access
}

fn with_request_tags(access: Access, tags: &BTreeMap<String, String>) -> Access {
    access.request_tags(tags.iter().map(|(key, value)| (&**key, &**value)))
}

/// The same where a service may ask, too. One has no policies of its own, and a queue that is not there has none that could let it in: it is
/// told so, as what it should deliver is lost for another reason than a permission that is missing (EventBridge's User Guide, "Event retry
/// policy and using dead-letter queues", tells these apart).
fn on_known(service: &SqsService, context: &Context, action: &'static str, reference: &Reference) -> Vec<Access> {
    let is_service = matches!(&*context.principal, Principal::Service { .. });
    match is_service && service.queues.find(reference).is_none() {
        true => Vec::new(),
        false => vec![on(service, context, action, reference)],
    }
}

/// Those that name a queue and nothing else that matters here. Batches need the permission of what they have several of (Developer
/// Guide, "Amazon SQS API permissions").
macro_rules! on_queue {
    ($($function:ident: $operation:ident as $action:literal;)*) => {$(
        pub fn $function(service: &SqsService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            on_known(service, context, $action, &Reference::of_url(context, &input.queue_url))
        }
    )*};
}

on_queue! {
    delete_queue: DeleteQueue as "sqs:DeleteQueue";
    purge_queue: PurgeQueue as "sqs:PurgeQueue";
    get_queue_attributes: GetQueueAttributes as "sqs:GetQueueAttributes";
    set_queue_attributes: SetQueueAttributes as "sqs:SetQueueAttributes";
    add_permission: AddPermission as "sqs:AddPermission";
    remove_permission: RemovePermission as "sqs:RemovePermission";
    list_queue_tags: ListQueueTags as "sqs:ListQueueTags";
    send_message: SendMessage as "sqs:SendMessage";
    send_message_batch: SendMessageBatch as "sqs:SendMessage";
    receive_message: ReceiveMessage as "sqs:ReceiveMessage";
    delete_message: DeleteMessage as "sqs:DeleteMessage";
    delete_message_batch: DeleteMessageBatch as "sqs:DeleteMessage";
    change_message_visibility: ChangeMessageVisibility as "sqs:ChangeMessageVisibility";
    change_message_visibility_batch: ChangeMessageVisibilityBatch as "sqs:ChangeMessageVisibility";
    list_dead_letter_source_queues: ListDeadLetterSourceQueues as "sqs:ListDeadLetterSourceQueues";
}

pub fn create_queue(service: &SqsService, context: &Context, input: &wire::CreateQueue) -> Vec<Access> {
    let reference = Reference { scope: Scope::regional(context), name: input.queue_name.clone() };
    let creation = Access::new("sqs:CreateQueue", reference.arn());
    match input.tags.as_ref().filter(|tags| !tags.is_empty()) {
        None => vec![creation],
        Some(tags) => {
            let tagging = on(service, context, "sqs:TagQueue", &reference);
            vec![with_request_tags(creation, tags), with_request_tags(tagging, tags)]
        }
    }
}

pub fn get_queue_url(service: &SqsService, context: &Context, input: &wire::GetQueueUrl) -> Vec<Access> {
    vec![on(service, context, "sqs:GetQueueUrl", &named(context, input))]
}

/// The queue that GetQueueUrl asks for.
pub fn named(context: &Context, input: &wire::GetQueueUrl) -> Reference {
    let mut scope = Scope::regional(context);
    if let Some(account) = &input.queue_owner_aws_account_id {
        scope.account = account.as_str().into();
    }
    Reference { scope, name: input.queue_name.clone() }
}

/// AWS knows no resource for it.
pub fn list_queues(_: &SqsService, _: &Context, _: &wire::ListQueues) -> Vec<Access> {
    vec![Access::new("sqs:ListQueues", "*")]
}

pub fn tag_queue(service: &SqsService, context: &Context, input: &wire::TagQueue) -> Vec<Access> {
    let access = on(service, context, "sqs:TagQueue", &Reference::of_url(context, &input.queue_url));
    vec![with_request_tags(access, &input.tags)]
}

pub fn untag_queue(service: &SqsService, context: &Context, input: &wire::UntagQueue) -> Vec<Access> {
    let access = on(service, context, "sqs:UntagQueue", &Reference::of_url(context, &input.queue_url));
    vec![access.tag_keys(input.tag_keys.clone())]
}

fn on_arn(service: &SqsService, context: &Context, action: &'static str, arn: &str) -> Access {
    Reference::of_arn(arn)
        .map_or_else(|| Access::new(action, arn.to_owned()), |reference| on(service, context, action, &reference))
}

/// What the task does is permitted with it (Developer Guide, "Configure a dead-letter queue redrive").
pub fn start_message_move_task(
    service: &SqsService,
    context: &Context,
    input: &wire::StartMessageMoveTask,
) -> Vec<Access> {
    let of_source = ["sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
    let of_source = of_source.map(|action| on_arn(service, context, action, &input.source_arn));
    let scope = Scope::regional(context);
    let destinations = match &input.destination_arn {
        Some(destination) => vec![destination.clone()],
        None => {
            let sources = service.queues.sources(&scope, &input.source_arn).into_iter();
            sources.map(|name| Reference { scope: scope.clone(), name }.arn()).collect()
        }
    };
    let destinations = destinations.iter().map(|arn| on_arn(service, context, "sqs:SendMessage", arn));
    of_source.into_iter().chain(destinations).collect()
}

pub fn cancel_message_move_task(
    service: &SqsService,
    context: &Context,
    input: &wire::CancelMessageMoveTask,
) -> Vec<Access> {
    let source = TaskHandle::parse(&input.task_handle).map(|handle| handle.source_arn);
    let action = "sqs:CancelMessageMoveTask";
    vec![source.map_or_else(|| Access::new(action, "*"), |source| on_arn(service, context, action, &source))]
}

pub fn list_message_move_tasks(
    service: &SqsService,
    context: &Context,
    input: &wire::ListMessageMoveTasks,
) -> Vec<Access> {
    vec![on_arn(service, context, "sqs:ListMessageMoveTasks", &input.source_arn)]
}
