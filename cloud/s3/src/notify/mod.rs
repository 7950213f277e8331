//! Notifications: told once what happened is committed, and stored with it, so that none is lost.
//!
//! - [`record`]: what is told.

mod record;

pub use record::{Happened, Subject};

use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::Bucket;
use crate::model::notification::{Kind, Notification};
use jiff::SignedDuration;
use record::{Facts, detail_type};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::observer::{Delivery, Outcome};
use slam_cloud_core::{Arn, AwsError, AwsResult, Cloud, Context, Store, StoreError, Timestamp};
use slam_cloud_kit::backlog::{Attempt, Backlog, Lane, Limits, Put};
use slam_cloud_kit::delivery::{deliver, is_transient, publish, put};
use slam_cloud_wire::events::PutEventsRequestEntry;
use slam_cloud_wire::lambda;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Notifications that may wait, and those that are delivered at the same time.
const LIMITS: Limits = Limits { waiting: 10_000_000, at_once: 128, in_a_lane: 64 };
/// The longest pause before another attempt, in seconds, and when the last one is made.
const LONGEST_PAUSE: u64 = 300;
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The principal that destinations let in.
const S3: &str = "s3.amazonaws.com";
/// What its messages to topics are about.
const SUBJECT: &str = "Amazon S3 Notification";

/// Tells destinations.
pub struct Notifier {
    cloud: Cloud,
    waiting: Backlog<Pending>,
    last: AtomicI64,
}

/// A notification that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Pending {
    /// The destination.
    arn: String,
    /// The bucket.
    bucket: String,
    /// What is told.
    event: String,
    /// Its name on a bus.
    #[serde(default)]
    detail_type: Option<String>,
    trace: Option<String>,
    happened: Timestamp,
    attempts: u32,
}

impl Notifier {
    /// Opens what waits; it rests until [`Notifier::start`].
    ///
    /// # Errors
    /// When the store refuses.
    pub fn open(cloud: &Cloud, store: &Arc<Store>) -> Result<Arc<Self>, StoreError> {
        let waiting = Backlog::open(store, "s3_notifications", LIMITS, cloud.clock())?;
        Ok(Arc::new(Self { cloud: cloud.clone(), waiting, last: AtomicI64::new(0) }))
    }

    /// Begins to tell, first what was left of the last process.
    pub fn start(self: &Arc<Self>) {
        let cloud = self.cloud.clone();
        self.waiting.start(move |scope, pending| {
            let cloud = cloud.clone();
            Box::pin(async move { attempt(&cloud, &scope, pending).await })
        });
    }

    /// Forgets what waits.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.waiting.clear().await
    }

    /// Who is told of something (`ObjectCreated:Put`, or the group alone of removals) that a call does to a bucket, if anybody is. Of
    /// what lifecycle rules do there is no call.
    pub fn announcer(self: &Arc<Self>, bucket: &Bucket, call: Option<&Call>, event: &'static str) -> Option<Announcer> {
        let is_wanted = |one: &&Notification| {
            one.kind == Kind::Bus
                || one.events.iter().any(|wanted| wanted.contains(event.split(':').next().unwrap_or_default()))
        };
        let wanted: Vec<Notification> = bucket.notifications.iter().filter(is_wanted).cloned().collect();
        if wanted.is_empty() {
            return None;
        }
        let facts = Facts::of(bucket, call.map(|call| &call.context));
        let trace = call.and_then(|call| call.context.trace.as_deref()).map(str::to_owned);
        Some(Announcer { notifier: Arc::clone(self), wanted, facts, trace, event })
    }

    /// A number that is greater than all before, in which clients find the order of a key's events.
    fn sequencer(&self, now: Timestamp) -> String {
        let now = now.as_microsecond();
        let next = |last: i64| Some(now.max(last + 1));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or(now);
        format!("00{:016X}", now.max(last + 1))
    }

    /// Asks the destinations of a configuration whether they take a bucket's notifications: functions by an invocation that does
    /// nothing, queues by AWS's test message.
    ///
    /// # Errors
    /// `InvalidArgument`, with the first that does not.
    pub async fn check(&self, call: &Call, bucket: &Bucket, notifications: &[Notification]) -> Answer<()> {
        let facts = Facts::of(bucket, Some(&call.context));
        let context = as_s3(&call.context.account, &bucket.region, &facts.bucket_arn());
        for Notification { kind, arn, .. } in notifications {
            let asked = match kind {
                Kind::Function => {
                    let input = lambda::Invoke {
                        function_name: arn.clone(),
                        invocation_type: Some("DryRun".to_owned()),
                        ..lambda::Invoke::default()
                    };
                    self.cloud.call(context.clone(), input).await.map(drop)
                }
                // The default bus takes what services of its account tell.
                Kind::Bus => Ok(()),
                Kind::Topic => {
                    let message = facts.test_event(self.cloud.clock().now()).to_string();
                    publish(&self.cloud, context.clone(), arn, message, Some(SUBJECT)).await
                }
                Kind::Queue => {
                    let message = facts.test_event(self.cloud.clock().now()).to_string();
                    deliver(&self.cloud, context.clone(), arn, message.into()).await
                }
            };
            if let Err(error) = asked {
                return Err(invalid(*kind, arn, &error));
            }
        }
        Ok(())
    }
}

/// Recorded of functions: `test_invalid_lambda_arn`. What is said of queues without permission is quoted in
/// <https://github.com/aws/aws-cli/issues/8162>; that of topics and of missing destinations is ours, in the same form.
fn invalid(kind: Kind, arn: &str, error: &AwsError) -> Fault {
    let value = match kind {
        Kind::Function => format!("Not authorized to invoke function [{arn}]"),
        Kind::Topic if error.is_access_denied() => {
            "Permissions on the destination topic do not allow S3 to publish notifications from this bucket".to_owned()
        }
        Kind::Topic if error.status == 404 => "The destination topic does not exist".to_owned(),
        Kind::Queue if error.is_access_denied() => {
            "Permissions on the destination queue do not allow S3 to publish notifications from this bucket".to_owned()
        }
        Kind::Queue if error.code.contains("QueueDoesNotExist") || error.code.contains("NonExistent") => {
            "The destination queue does not exist".to_owned()
        }
        Kind::Queue | Kind::Topic | Kind::Bus => error.message.clone(),
    };
    Fault::new("InvalidArgument", 400, "Unable to validate the following destination configurations")
        .with("ArgumentName1", format!("{arn}, null"))
        .with("ArgumentValue1", value)
}

fn as_s3(account: &str, region: &str, bucket: &str) -> Context {
    let mut context = Context::of_service(account, region, S3);
    context.source_arn = Some(bucket.into());
    context
}

async fn tell(cloud: &Cloud, context: Context, pending: &Pending) -> AwsResult<()> {
    if let Some(detail_type) = &pending.detail_type {
        let event = PutEventsRequestEntry {
            time: Some(pending.happened),
            source: Some("aws.s3".to_owned()),
            resources: Some(vec![pending.bucket.clone()]),
            detail_type: Some(detail_type.clone()),
            detail: Some(pending.event.clone()),
            ..PutEventsRequestEntry::default()
        };
        return put(cloud, context, event).await;
    }
    if Arn::parse(&pending.arn).is_some_and(|arn| arn.service == "sns") {
        return publish(cloud, context, &pending.arn, pending.event.clone(), Some(SUBJECT)).await;
    }
    deliver(cloud, context, &pending.arn, pending.event.clone().into()).await
}

/// One attempt at telling a destination.
async fn attempt(cloud: &Cloud, scope: &Scope, pending: Pending) -> Attempt<Pending> {
    let mut context = as_s3(&scope.account, &scope.region, &pending.bucket);
    context.trace = pending.trace.as_deref().map(Into::into);
    let told = tell(cloud, context.clone(), &pending).await;
    let is_young = cloud.clock().now().duration_since(pending.happened) < DAY;
    let outcome = match &told {
        Ok(()) => Outcome::Delivered,
        Err(error) if is_transient(error) && is_young => Outcome::Failed { why: &error.message },
        Err(error) => Outcome::GivenUp { why: &error.message },
    };
    cloud
        .delivered(&context, &Delivery { source: &pending.bucket, target: &pending.arn, events: 1, id: None, outcome });
    let Err(error) = told else { return Attempt::Done };
    tracing::warn!(bucket = pending.bucket, destination = pending.arn, %error, "a notification was not taken");
    if !is_transient(&error) || !is_young {
        return Attempt::Done;
    }
    let pause = 1_u64.checked_shl(pending.attempts).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE);
    Attempt::Again { task: Pending { attempts: pending.attempts + 1, ..pending }, pause: Duration::from_secs(pause) }
}

/// Who is told of what a call does, and what is told of the call.
pub struct Announcer {
    notifier: Arc<Notifier>,
    wanted: Vec<Notification>,
    facts: Facts,
    trace: Option<String>,
    event: &'static str,
}

/// Notifications that are written, for the time after the commit.
#[derive(Default)]
#[must_use]
pub struct Told(Vec<Put<Pending>>);

impl Told {
    /// What they tell of is committed.
    pub fn committed(self) {
        self.0.iter().for_each(Put::committed);
    }
}

impl Announcer {
    /// Writes the notifications of what happened, in its transaction.
    ///
    /// # Errors
    /// When the store fails.
    pub fn tell(&self, connection: &Connection, subject: &Subject<'_>) -> rusqlite::Result<Told> {
        let event = match subject.removal {
            Some(kind) => format!("{}:{kind}", self.event),
            None => self.event.to_owned(),
        };
        let now = self.notifier.cloud.clock().now();
        let mut sequencer = None;
        let mut told = Told::default();
        for notification in self.wanted.iter().filter(|one| one.wants(&event, subject.key)) {
            let sequencer = sequencer.get_or_insert_with(|| self.notifier.sequencer(now));
            let happened = Happened { event: &event, at: now, sequencer, configuration: &notification.id, subject };
            let pending = Pending {
                arn: notification.arn.clone(),
                bucket: self.facts.bucket_arn(),
                event: match notification.kind {
                    Kind::Bus => self.facts.detail(&happened).to_string(),
                    _ => self.facts.event(&happened).to_string(),
                },
                detail_type: (notification.kind == Kind::Bus).then(|| detail_type(&event).to_owned()),
                trace: self.trace.clone(),
                happened: now,
                attempts: 0,
            };
            let scope = Scope { account: self.facts.owner.as_str().into(), region: self.facts.region.as_str().into() };
            let lane = Lane { scope, name: notification.arn.clone() };
            let put = self.notifier.waiting.put(lane, &pending);
            let put = put.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            put.write(connection)?;
            told.0.push(put);
        }
        Ok(told)
    }
}
