//! The operations.
//!
//! - [`access`]: which permission each needs. [`found`]: how they find queues, and list them.
//! - [`queues`]: queues come, are found, and go. [`attributes`], [`permissions`], [`tags`]: what belongs to them.
//! - [`send`], [`receive`], [`delete`], [`visibility`]: their messages.
//! - [`dead_letters`]: who sends theirs to a queue, and tasks that move them.

mod access;
pub mod attributes;
pub mod dead_letters;
pub mod delete;
mod found;
pub mod permissions;
pub mod queues;
pub mod receive;
pub mod send;
pub mod tags;
pub mod visibility;

use crate::SqsService;
use slam_cloud_core::Registry;
use slam_cloud_wire::sqs as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<SqsService>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateQueue>(access::create_queue, queues::create)
        .add::<wire::DeleteQueue>(access::delete_queue, queues::delete)
        .add::<wire::PurgeQueue>(access::purge_queue, queues::purge)
        .add::<wire::GetQueueUrl>(access::get_queue_url, queues::url)
        .add::<wire::ListQueues>(access::list_queues, queues::list)
        .add::<wire::GetQueueAttributes>(access::get_queue_attributes, attributes::get)
        .add::<wire::SetQueueAttributes>(access::set_queue_attributes, attributes::set)
        .add::<wire::AddPermission>(access::add_permission, permissions::add)
        .add::<wire::RemovePermission>(access::remove_permission, permissions::remove)
        .add::<wire::TagQueue>(access::tag_queue, tags::tag)
        .add::<wire::UntagQueue>(access::untag_queue, tags::untag)
        .add::<wire::ListQueueTags>(access::list_queue_tags, tags::list)
        .add::<wire::SendMessage>(access::send_message, send::one)
        .add::<wire::SendMessageBatch>(access::send_message_batch, send::batch)
        .add::<wire::ReceiveMessage>(access::receive_message, receive::receive)
        .add::<wire::DeleteMessage>(access::delete_message, delete::one)
        .add::<wire::DeleteMessageBatch>(access::delete_message_batch, delete::batch)
        .add::<wire::ChangeMessageVisibility>(access::change_message_visibility, visibility::one)
        .add::<wire::ChangeMessageVisibilityBatch>(access::change_message_visibility_batch, visibility::batch)
        .add::<wire::ListDeadLetterSourceQueues>(access::list_dead_letter_source_queues, dead_letters::sources)
        .add::<wire::StartMessageMoveTask>(access::start_message_move_task, dead_letters::start)
        .add::<wire::CancelMessageMoveTask>(access::cancel_message_move_task, dead_letters::cancel)
        .add::<wire::ListMessageMoveTasks>(access::list_message_move_tasks, dead_letters::list);
}
