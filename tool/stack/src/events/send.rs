//! Events that a person sends.

use crate::Session;
use crate::error::{StackError, service};
use slam_aws::{BusEvent, Message};
use slam_project::Queue;

/// Sends a message to a queue of a stage, which delivers it after `delay` seconds, and gives its id.
///
/// # Errors
/// When the queue is not deployed, or SQS refuses the message.
pub async fn send(
    session: &Session<'_>,
    stage: &str,
    queue: &Queue,
    message: &Message,
    delay: Option<u64>,
) -> Result<String, StackError> {
    let url = url(session, &queue.name_in(stage)).await?;
    session.clients.send_message(&url, message, delay).await.map_err(service("sending the message"))
}

/// Puts an event on a bus, and gives its id.
///
/// # Errors
/// When EventBridge refuses it.
pub async fn put_event(session: &Session<'_>, event: &BusEvent) -> Result<String, StackError> {
    session.clients.put_event(event).await.map_err(service("putting the event on its bus"))
}

/// The URL of a queue that the stack has.
pub(super) async fn url(session: &Session<'_>, name: &str) -> Result<String, StackError> {
    let url = session.clients.queue_url(name).await.map_err(service("looking for the queue"))?;
    url.ok_or_else(|| StackError::NotDeployed(format!("the queue {name}")))
}
