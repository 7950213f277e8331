//! Queues and buckets that would go with what is in them.

use crate::data::Count;
use crate::error::{StackError, service};
use crate::{Session, bucket, deployed};
use slam_project::Project;
use slam_template::Template;

/// Objects that are counted before "at least" is good enough: a page.
const MANY: u64 = 1000;

/// Refuses a deployment that takes queues and buckets out of the stack, or gives them other names, while something is in them.
pub(crate) async fn refuse(
    session: &Session<'_>,
    project: &Project,
    before: &Template,
    after: &Template,
) -> Result<(), StackError> {
    let leaving = before.leaving(after);
    if leaving.is_empty() {
        return Ok(());
    }
    let Some(stack) = deployed::describe(session).await? else { return Ok(()) };
    let resources = deployed::resources(session, &stack.id).await?;
    for holder in leaving {
        let there = resources.iter().find(|resource| resource.logical_id == holder.logical_id);
        let Some(id) = there.map(|resource| resource.physical_id.as_str()).filter(|id| !id.is_empty()) else {
            continue;
        };
        let (what, content, count, how) = if holder.section == "queues" {
            let messages = session.clients.queue_messages(id).await.map_err(service("counting a queue's messages"))?;
            (
                "queue",
                "message",
                messages.map(Count::About),
                "let its function take them, or purge it (`aws sqs purge-queue`)",
            )
        } else {
            (
                "bucket",
                "object",
                bucket::count(session, id, MANY).await?,
                "empty it (`aws s3 rm --recursive`, and its versions)",
            )
        };
        let Some(count) = count.filter(|count| count.number() > 0) else { continue };
        // A queue's id is its URL.
        let name = id.rsplit('/').next().unwrap_or(id);
        let message = format!("the {what} {name} would go with {}. Nothing was changed", count.of(content));
        let hint = format!("leave `{}` in slam.yaml as it was; or {how}, and deploy again", holder.name);
        let paths: [&[&str]; 2] = [&[&holder.section, &holder.name], &[&holder.section]];
        return Err(StackError::Template(project.error(&paths, message, Some(hint)).into()));
    }
    Ok(())
}
