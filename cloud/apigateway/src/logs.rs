//! Writes access logs and execution logs to CloudWatch Logs, through the door and as the account's role.
//!
//! Requests do not wait for their logs: lines go through a bounded queue, and when logs cannot keep up lines are lost,
//! as AWS's logs are best effort too.

use crate::roles::Roles;
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context};
use slam_cloud_wire::logs;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc;

const QUEUE: usize = 4096;
const BATCH: usize = 1000;
/// AWS: "Amazon API Gateway important notes", execution log events are cut at 1,024 bytes.
pub const EVENT_LENGTH: usize = 1024;

/// Where lines go and as whom they are written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Destination {
    /// The account's role.
    pub role: String,
    /// The log group.
    pub group: String,
    /// The log stream.
    pub stream: String,
    /// Whether the group is API Gateway's own and made when it is missing.
    pub own_group: bool,
}

/// Lines of one request for one destination.
pub struct Lines {
    /// The API's account and region.
    pub context: Context,
    /// Where they go.
    pub destination: Destination,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// The lines.
    pub messages: Vec<String>,
}

/// The queue before the writer.
#[derive(Default)]
pub struct LogWriter {
    queue: OnceLock<mpsc::Sender<Lines>>,
}

impl LogWriter {
    /// Hands lines over. The writer starts with the first of them.
    pub fn write(&self, cloud: &Cloud, roles: &Arc<Roles>, lines: Lines) {
        let queue = self.queue.get_or_init(|| {
            let (sender, receiver) = mpsc::channel(QUEUE);
            tokio::spawn(write_all(cloud.clone(), Arc::clone(roles), receiver));
            sender
        });
        if queue.try_send(lines).is_err() {
            tracing::warn!("an API's log lines are lost: more come than can be written");
        }
    }
}

/// Account, region and destination.
type BatchKey = (Arc<str>, Arc<str>, Destination);

async fn write_all(cloud: Cloud, roles: Arc<Roles>, mut queue: mpsc::Receiver<Lines>) {
    let mut known = HashSet::new();
    let mut waiting = Vec::new();
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        let mut batches: BTreeMap<BatchKey, (Context, Vec<logs::InputLogEvent>)> = BTreeMap::new();
        for lines in waiting.drain(..) {
            let key = (lines.context.account.clone(), lines.context.region.clone(), lines.destination);
            let (_, events) = batches.entry(key).or_insert_with(|| (lines.context, Vec::new()));
            let timestamp = lines.timestamp;
            events.extend(lines.messages.into_iter().map(|message| logs::InputLogEvent { timestamp, message }));
        }
        for ((_, _, destination), (context, mut events)) in batches {
            events.sort_by_key(|event| event.timestamp);
            if let Err(error) = put(&cloud, &roles, &mut known, &context, &destination, events).await {
                tracing::debug!(group = destination.group, %error, "an API's log could not be written");
            }
        }
    }
}

async fn put(
    cloud: &Cloud,
    roles: &Roles,
    known: &mut HashSet<Destination>,
    context: &Context,
    destination: &Destination,
    events: Vec<logs::InputLogEvent>,
) -> AwsResult<()> {
    let context = roles.take_on(cloud, context, &destination.role).await?;
    if !known.contains(destination) {
        prepare(cloud, &context, destination).await?;
        known.insert(destination.clone());
    }
    let operation = |events| logs::PutLogEvents {
        log_group_name: destination.group.clone(),
        log_stream_name: destination.stream.clone(),
        log_events: events,
        ..logs::PutLogEvents::default()
    };
    match cloud.call(context.clone(), operation(events.clone())).await {
        // Somebody deleted the group or the stream meanwhile.
        Err(error) if error.code == "ResourceNotFoundException" => {
            known.remove(destination);
            prepare(cloud, &context, destination).await?;
            cloud.call(context, operation(events)).await.map(|_| ())
        }
        answer => answer.map(|_| ()),
    }
}

/// Makes the stream, and the group where it is API Gateway's own.
async fn prepare(cloud: &Cloud, context: &Context, destination: &Destination) -> AwsResult<()> {
    if destination.own_group {
        let log_group_name = destination.group.clone();
        let group = logs::CreateLogGroup { log_group_name, ..logs::CreateLogGroup::default() };
        existing_is_fine(cloud.call(context.clone(), group).await.map(|_| ()))?;
    }
    let stream = logs::CreateLogStream {
        log_group_name: destination.group.clone(),
        log_stream_name: destination.stream.clone(),
    };
    existing_is_fine(cloud.call(context.clone(), stream).await.map(|_| ()))
}

fn existing_is_fine(result: AwsResult<()>) -> AwsResult<()> {
    match result {
        Err(AwsError { code, .. }) if code == "ResourceAlreadyExistsException" => Ok(()),
        other => other,
    }
}
