//! Event source mappings: which function gets the messages of a queue or the records of a stream, and how.

use serde::{Deserialize, Serialize};
use slam_cloud_core::{Arn, Context, Timestamp};
use slam_cloud_wire::lambda;
use std::collections::BTreeMap;

/// What is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A queue of SQS.
    Queue {
        /// Whether it is a FIFO queue.
        fifo: bool,
    },
    /// A stream of DynamoDB.
    Stream,
}

impl Source {
    /// The kind of source that an ARN names; `None` for one that is not read from here.
    pub fn of(arn: &str) -> Option<Self> {
        let arn = Arn::parse(arn)?;
        match arn.service.as_str() {
            "sqs" if !arn.resource.is_empty() => Some(Self::Queue { fifo: arn.resource.ends_with(".fifo") }),
            "dynamodb" if arn.resource.contains("/stream/") => Some(Self::Stream),
            _ => None,
        }
    }
}

/// Where a mapping is on its way. AWS's model has free text here; its API reference names these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It was made, and nothing is read yet.
    Creating,
    /// It is about to read.
    Enabling,
    /// It reads.
    Enabled,
    /// It is about to rest.
    Disabling,
    /// It rests.
    Disabled,
    /// It is about to go on with other settings.
    Updating,
    /// It ends.
    Deleting,
}

/// A mapping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// The queue's or stream's ARN.
    pub source: String,
    /// The function's name.
    pub function: String,
    /// The version or alias that was named.
    pub qualifier: Option<String>,
    /// Whether it is to read.
    pub enabled: bool,
    /// Where it is on its way there.
    pub state: State,
    /// The most records of an invocation.
    pub batch: i64,
    /// Seconds to wait for a batch to become full.
    pub window: i64,
    /// Patterns, of which a record must meet one if there are any.
    pub filters: Vec<String>,
    /// Whether the function tells which records of a batch failed (`ReportBatchItemFailures`).
    pub partial: bool,
    /// The most invocations at a time, of a queue.
    pub concurrency: Option<i64>,
    /// What only streams have.
    pub stream: Option<StreamSettings>,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// The settings of a mapping that reads a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamSettings {
    /// `TRIM_HORIZON` or `LATEST`
    pub start: String,
    /// Batches of a shard that are processed at the same time.
    pub parallel: i64,
    /// Whether a batch that failed is split in two.
    pub bisect: bool,
    /// Seconds after which a record is given up; -1 for never.
    pub age: i64,
    /// Further attempts at a batch that failed; -1 for as long as the stream has its records.
    pub retries: i64,
    /// The ARN of who is told of records that were given up.
    pub on_failure: Option<String>,
}

impl Mapping {
    /// The state that it goes to; `None` for one that goes away.
    pub fn settled(&self) -> Option<State> {
        match self.state {
            State::Deleting => None,
            _ if self.enabled => Some(State::Enabled),
            _ => Some(State::Disabled),
        }
    }

    /// The ARN of its function, with the version or alias that was named.
    pub fn function_arn(&self, context: &Context) -> String {
        let arn = super::name::function_arn(context, &self.function);
        match &self.qualifier {
            Some(qualifier) => format!("{arn}:{qualifier}"),
            None => arn,
        }
    }

    /// The mapping as the API shows it; `result` is how the last batch of a stream went. What the two kinds of sources show is
    /// recorded: `test_event_source_mapping_lifecycle`, `test_function_name_variations`.
    pub fn shown(&self, context: &Context, id: &str, result: &str) -> lambda::EventSourceMappingConfiguration {
        let stream = self.stream.as_ref();
        let filters = self.filters.iter().map(|pattern| lambda::Filter { pattern: Some(pattern.clone()) });
        let filters: Vec<_> = filters.collect();
        let reason = if stream.is_some() { "User action" } else { "USER_INITIATED" };
        lambda::EventSourceMappingConfiguration {
            uuid: Some(id.to_owned()),
            event_source_mapping_arn: Some(arn(context, id)),
            event_source_arn: Some(self.source.clone()),
            function_arn: Some(self.function_arn(context)),
            batch_size: Some(self.batch),
            maximum_batching_window_in_seconds: Some(self.window),
            // One without filters has no member for them (recorded: `test_create_event_filter_criteria_validation`).
            filter_criteria: (!filters.is_empty()).then_some(lambda::FilterCriteria { filters: Some(filters) }),
            function_response_types: Some(
                self.partial.then(|| "ReportBatchItemFailures".to_owned()).into_iter().collect(),
            ),
            scaling_config: self
                .concurrency
                .map(|concurrency| lambda::ScalingConfig { maximum_concurrency: Some(concurrency) }),
            last_modified: Some(self.modified),
            state: Some(format!("{:?}", self.state)),
            state_transition_reason: Some(reason.to_owned()),
            starting_position: stream.map(|stream| stream.start.clone()),
            parallelization_factor: stream.map(|stream| stream.parallel),
            bisect_batch_on_function_error: stream.map(|stream| stream.bisect),
            maximum_record_age_in_seconds: stream.map(|stream| stream.age),
            maximum_retry_attempts: stream.map(|stream| stream.retries),
            tumbling_window_in_seconds: stream.map(|_| 0),
            last_processing_result: stream.map(|_| result.to_owned()),
            destination_config: stream.map(|stream| lambda::DestinationConfig {
                on_failure: Some(lambda::OnFailure { destination: stream.on_failure.clone() }),
                on_success: None,
            }),
            ..lambda::EventSourceMappingConfiguration::default()
        }
    }
}

/// A mapping's own ARN.
pub fn arn(context: &Context, id: &str) -> String {
    context.arn("lambda", format!("event-source-mapping:{id}"))
}
