//! Writes access logs and execution logs to CloudWatch Logs, through the door.
//!
//! Requests do not wait for their logs: lines go through a bounded queue, and when logs cannot keep up lines are lost,
//! as AWS's logs are best effort too.

use slam_cloud_core::{Cloud, Context};
use slam_cloud_kit::role::Roles;
use slam_cloud_kit::service_logs::Destination;
use slam_cloud_wire::logs;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc;

const QUEUE: usize = 4096;
const BATCH: usize = 1000;
/// AWS: "Amazon API Gateway important notes", execution log events are cut at 1,024 bytes.
pub const EVENT_LENGTH: usize = 1024;

/// Lines of one request for one destination.
pub struct Lines {
    /// The API's account and region, and who writes them where no role does.
    pub context: Context,
    /// The account's role, which writes those of REST APIs.
    pub role: Option<String>,
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

/// Account, region, role and destination.
type BatchKey = (Arc<str>, Arc<str>, Option<String>, Destination);

async fn write_all(cloud: Cloud, roles: Arc<Roles>, mut queue: mpsc::Receiver<Lines>) {
    let mut known = HashSet::new();
    let mut waiting = Vec::new();
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        let mut batches: BTreeMap<BatchKey, (Context, Vec<logs::InputLogEvent>)> = BTreeMap::new();
        for lines in waiting.drain(..) {
            let key = (lines.context.account.clone(), lines.context.region.clone(), lines.role, lines.destination);
            let (_, events) = batches.entry(key).or_insert_with(|| (lines.context, Vec::new()));
            let timestamp = lines.timestamp;
            events.extend(lines.messages.into_iter().map(|message| logs::InputLogEvent { timestamp, message }));
        }
        for (key, (context, mut events)) in batches {
            events.sort_by_key(|event| event.timestamp);
            let (_, _, role, destination) = &key;
            let mut is_known = known.contains(&key);
            let writer = match role {
                Some(role) => roles.take_on(&cloud, &context, role).await,
                None => Ok(context),
            };
            let written = match writer {
                Ok(context) => destination.write(&cloud, &context, events, &mut is_known).await,
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                tracing::debug!(group = destination.group, %error, "an API's log could not be written");
            }
            if is_known {
                known.insert(key)
            } else {
                known.remove(&key)
            };
        }
    }
}
