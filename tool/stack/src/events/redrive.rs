//! Messages of a dead-letter queue go back to where they were.

use super::send::url;
use crate::Session;
use crate::error::{StackError, service};
use slam_aws::MessageMove;
use slam_project::Queue;

/// Moves the messages of a queue's dead-letter queue back to it, `rate` in a second at most, and waits until that is done. `told`
/// hears how it goes.
///
/// # Errors
/// When the queue is not deployed, or SQS refuses the task or gives it up.
pub async fn redrive(
    session: &Session<'_>,
    stage: &str,
    queue: &Queue,
    rate: Option<u64>,
    told: impl Fn(&MessageMove),
) -> Result<MessageMove, StackError> {
    let clients = session.clients;
    let dead = url(session, &queue.dead_name_in(stage)).await?;
    let dead = clients.queue_arn(&dead).await.map_err(service("looking for the dead-letter queue"))?;
    clients.start_message_move(&dead, rate).await.map_err(service("starting to move the messages"))?;
    loop {
        let task = clients.message_move(&dead).await.map_err(service("asking how far the messages are"))?;
        match task {
            Some(task) if task.status == "COMPLETED" => return Ok(task),
            Some(task) if task.status == "RUNNING" => told(&task),
            Some(task) => {
                let why = task.why.map(|why| format!(": {why}")).unwrap_or_default();
                return Err(StackError::NotRedriven { status: task.status, moved: task.moved, why });
            }
            // It was started, and is listed soon.
            None => {}
        }
        tokio::time::sleep(session.poll).await;
    }
}
