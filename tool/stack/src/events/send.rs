//! Events that a person sends.

use crate::error::{StackError, service, while_doing};
use crate::{Session, deployed};
use slam_aws::s3::primitives::ByteStream;
use slam_aws::{BusEvent, Message};
use slam_project::{Bucket, Queue, Topic};
use slam_template::{bucket_id, topic_id};
use std::io::ErrorKind;
use std::path::Path;

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

/// Publishes a message to a topic of a stage, and gives its id.
///
/// # Errors
/// When the topic is not deployed, or SNS refuses the message.
pub async fn publish(
    session: &Session<'_>,
    stage: &str,
    topic: &Topic,
    message: &Message,
    subject: Option<&str>,
) -> Result<String, StackError> {
    let arn =
        physical(session, &topic_id(stage, &topic.name), || format!("the topic {}", topic.name_in(stage))).await?;
    session.clients.publish(&arn, message, subject).await.map_err(service("publishing the message"))
}

/// Puts a file into a bucket of a stage, and gives the bucket's name.
///
/// # Errors
/// When the bucket is not deployed, the file cannot be read, or S3 refuses it.
pub async fn put_object(
    session: &Session<'_>,
    stage: &str,
    bucket: &Bucket,
    (key, content_type): (&str, &str),
    file: &Path,
) -> Result<String, StackError> {
    let what = || format!("the bucket {} of {stage}", bucket.name);
    let name = physical(session, &bucket_id(stage, &bucket.name), what).await?;
    let unreadable = |error| StackError::Unreadable { path: file.display().to_string(), error };
    if std::fs::metadata(file).map_err(unreadable)?.is_dir() {
        return Err(unreadable(ErrorKind::IsADirectory.into()));
    }
    let body = ByteStream::read_from().path(file).build().await;
    let body = body.map_err(|error| unreadable(std::io::Error::other(error)))?;
    let put = session.clients.s3.put_object().bucket(&name).key(key).content_type(content_type).body(body);
    put.send().await.map_err(while_doing!("putting the file into its bucket"))?;
    Ok(name)
}

/// What the stack calls one of its resources.
async fn physical(session: &Session<'_>, id: &str, what: impl FnOnce() -> String) -> Result<String, StackError> {
    let stack = deployed::require(session).await?;
    let resources = deployed::resources(session, &stack.id).await?;
    let found = resources.into_iter().find(|resource| resource.logical_id == id && !resource.physical_id.is_empty());
    found.map(|resource| resource.physical_id).ok_or_else(|| StackError::NotDeployed(what()))
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
