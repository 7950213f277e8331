//! Create-, Get-, Update-, Delete- and ListEventSourceMapping(s).

use super::page::page;
use crate::LambdaService;
use crate::error::{conflict, invalid_parameter, not_found, unsupported};
use crate::model::checkpoint::{Checkpoint, NOTHING, Position};
use crate::model::function::LATEST;
use crate::model::mapping::{Source, State, StreamSettings};
use crate::model::{FunctionName, Mapping, limits};
use crate::sources::check;
use crate::sources::filter::{self, Filters};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The services that AWS reads from, beside those that are read from here, as their ARNs and AWS name them.
const ELSEWHERE: [(&str, &str); 5] = [
    ("kinesis", "Kinesis"),
    ("kafka", "Managed Streaming for Apache Kafka"),
    ("mq", "MQ"),
    ("rds", "DocumentDB"),
    ("docdb", "DocumentDB"),
];

/// CreateEventSourceMapping (recorded: `test_event_source_mapping_exceptions`).
pub(super) async fn create(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::CreateEventSourceMapping,
) -> AwsResult<wire::EventSourceMappingConfiguration> {
    let arn = input.event_source_arn.clone().unwrap_or_default();
    let source = source(&arn)?;
    let stream = starting(source, &arn, &input)?;
    let name = function(&service, &context, &input.function_name)?;
    let mut mapping = Mapping {
        source: arn,
        function: name.name,
        qualifier: name.qualifier,
        enabled: input.enabled.unwrap_or(true),
        state: State::Creating,
        batch: match source {
            Source::Queue { .. } => 10,
            Source::Stream => 100,
        },
        window: 0,
        filters: Vec::new(),
        partial: false,
        concurrency: None,
        stream,
        modified: service.cloud.clock().now(),
        tags: input.tags.clone().unwrap_or_default(),
    };
    limits::tags(&mapping.tags)?;
    Change::from(input).apply(&mut mapping, source)?;
    let _one_at_a_time = service.sources.creating.lock().await;
    unique(&service, &context, &mapping)?;
    let shards = readable(&service, &context, &mapping).await?;
    let id = uuid::Uuid::new_v4().to_string();
    let scope = Scope::regional(&context);
    if mapping.stream.is_some() {
        // Where it begins is known before it is there, so that nothing is missed that is written from now on.
        let checkpoint = Checkpoint { shards, ..Checkpoint::default() };
        service.store.checkpoints.put(&scope, &id, checkpoint).await?;
    }
    let mapping = service.store.mappings.put(&scope, &id, mapping).await?;
    service.sources.changed(&scope, &id);
    Ok(mapping.shown(&context, &id, NOTHING))
}

/// What only streams have, as it is where nothing else is said (recorded: `test_create_event_source_validation`).
fn starting(source: Source, arn: &str, input: &wire::CreateEventSourceMapping) -> AwsResult<Option<StreamSettings>> {
    let position = input.starting_position.as_deref();
    if let Source::Queue { .. } = source {
        if position.is_some() || input.starting_position_timestamp.is_some() {
            return Err(invalid_parameter("StartingPosition is not valid for SQS event sources."));
        }
        return Ok(None);
    }
    let missing = "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must \
                   not be null.";
    let start = position.ok_or_else(|| invalid_parameter(missing))?;
    // A moment belongs to that position.
    if start == "AT_TIMESTAMP" || input.starting_position_timestamp.is_some() {
        return Err(invalid_parameter(format!("Unsupported starting position for arn type: {arn}")));
    }
    Ok(Some(StreamSettings {
        start: start.to_owned(),
        parallel: 1,
        bisect: false,
        age: -1,
        retries: -1,
        on_failure: None,
    }))
}

/// GetEventSourceMapping.
pub(super) async fn get(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetEventSourceMapping,
) -> AwsResult<wire::EventSourceMappingConfiguration> {
    let mapping = service.store.mappings.get(&Scope::regional(&context), &input.uuid).ok_or_else(missing)?;
    Ok(shown(&service, &context, &input.uuid, &mapping))
}

/// UpdateEventSourceMapping: leaves what is not named as it was.
pub(super) async fn update(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::UpdateEventSourceMapping,
) -> AwsResult<wire::EventSourceMappingConfiguration> {
    let (scope, id) = (Scope::regional(&context), input.uuid.clone());
    let before = service.store.mappings.get(&scope, &id).ok_or_else(missing)?;
    let name = input.function_name.as_deref().map(|name| function(&service, &context, name)).transpose()?;
    let enabled = input.enabled;
    let change = Change::from(input);
    let next = |before: &Mapping| {
        let mut mapping = before.clone();
        if let Some(name) = &name {
            (mapping.function, mapping.qualifier) = (name.name.clone(), name.qualifier.clone());
        }
        mapping.enabled = enabled.unwrap_or(before.enabled);
        mapping.state = match (before.state, before.enabled, mapping.enabled) {
            (State::Deleting, ..) => return Err(in_use()),
            (_, false, true) => State::Enabling,
            (_, true, false) => State::Disabling,
            _ => State::Updating,
        };
        mapping.modified = service.cloud.clock().now();
        change.apply(&mut mapping, source(&before.source)?)?;
        Ok(mapping)
    };
    // What is to rest need not be there any more.
    let after = next(&before)?;
    if after.enabled {
        readable(&service, &context, &after).await?;
    }
    let write = |present: Option<&Mapping>| next(present.ok_or_else(missing)?).map(Some);
    let mapping = service.store.mappings.update(&scope, &id, write).await?.ok_or_else(missing)?;
    service.sources.changed(&scope, &id);
    Ok(shown(&service, &context, &id, &mapping))
}

/// DeleteEventSourceMapping: it is there until what it reads is with its function.
pub(super) async fn delete(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::DeleteEventSourceMapping,
) -> AwsResult<wire::EventSourceMappingConfiguration> {
    let scope = Scope::regional(&context);
    let write = |present: Option<&Mapping>| {
        let mapping = present.ok_or_else(missing)?;
        Ok::<_, AwsError>(Some(Mapping { state: State::Deleting, ..mapping.clone() }))
    };
    let mapping = service.store.mappings.update(&scope, &input.uuid, write).await?.ok_or_else(missing)?;
    service.sources.changed(&scope, &input.uuid);
    Ok(shown(&service, &context, &input.uuid, &mapping))
}

/// ListEventSourceMappings.
pub(super) async fn list(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::ListEventSourceMappings,
) -> AwsResult<wire::ListEventSourceMappingsResponse> {
    let name = input.function_name.as_deref().filter(|name| !name.is_empty());
    let name = name.map(|name| FunctionName::parse(&context, name, None)).transpose()?;
    let source = input.event_source_arn.as_deref().filter(|arn| !arn.is_empty());
    let of_function = |mapping: &Mapping| {
        name.as_ref().is_none_or(|name| {
            let qualified = name.qualifier.is_none() || name.qualifier == mapping.qualifier;
            name.name == mapping.function && qualified
        })
    };
    let mappings = service.store.mappings.list(&Scope::regional(&context));
    let chosen = mappings
        .into_iter()
        .filter(|(_, mapping)| of_function(mapping) && source.is_none_or(|source| source == mapping.source));
    let told = chosen.map(|(id, mapping)| (id.clone(), shown(&service, &context, &id, &mapping)));
    let (mappings, next_marker) = page(told, input.marker.as_deref(), input.max_items, 100)?;
    Ok(wire::ListEventSourceMappingsResponse { event_source_mappings: Some(mappings), next_marker })
}

fn shown(
    service: &LambdaService,
    context: &Context,
    id: &str,
    mapping: &Mapping,
) -> wire::EventSourceMappingConfiguration {
    let checkpoint = service.store.checkpoints.get(&Scope::regional(context), id);
    mapping.shown(context, id, checkpoint.as_ref().map_or(NOTHING, |checkpoint| &checkpoint.result))
}

/// Recorded: `test_event_source_mapping_exceptions`.
fn missing() -> AwsError {
    not_found("The resource you requested does not exist.")
}

fn in_use() -> AwsError {
    let message = "Cannot update the event source mapping because it is in use.";
    AwsError::bad_request("ResourceInUseException", message).with("Type", "User")
}

/// The kind of source that is read; others are refused by their names.
fn source(arn: &str) -> AwsResult<Source> {
    match Source::of(arn) {
        Some(source) => Ok(source),
        None => {
            let service = Arn::parse(arn).map(|arn| arn.service).unwrap_or_default();
            let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == service);
            Err(elsewhere.map_or_else(
                || invalid_parameter("Unrecognized event source."),
                |(_, name)| unsupported(&format!("event source mappings of {name}")),
            ))
        }
    }
}

/// The function that a mapping is for. Its ARN keeps the qualifier that was given, but for `$LATEST` in a whole ARN (recorded:
/// `test_function_name_variations`).
fn function(service: &LambdaService, context: &Context, text: &str) -> AwsResult<FunctionName> {
    let mut name = FunctionName::parse(context, text, None)?;
    if text.starts_with("arn:") && name.qualifier.as_deref() == Some(LATEST) {
        name.qualifier = None;
    }
    let function = service.store.functions.get(&Scope::regional(context), &name.name);
    let found = function.is_some_and(|function| function.version(context, name.qualifier.as_deref()).is_ok());
    if found { Ok(name) } else { Err(invalid_parameter("Function does not exist")) }
}

/// A function reads a source once (recorded for streams: `test_duplicate_event_source_mappings`).
fn unique(service: &LambdaService, context: &Context, mapping: &Mapping) -> AwsResult<()> {
    let mappings = service.store.mappings.list(&Scope::regional(context));
    let same = mappings.iter().find(|(_, other)| {
        (&other.source, &other.function, &other.qualifier) == (&mapping.source, &mapping.function, &mapping.qualifier)
    });
    let Some((id, _)) = same else { return Ok(()) };
    let (source, function) = (&mapping.source, &mapping.function);
    let what = match mapping.stream {
        Some(_) => format!(
            "The event source arn (\" {source} \") and function (\" {function} \") provided mapping already exists."
        ),
        None => format!(
            "An event source mapping with SQS arn (\" {source} \") and function (\" {function} \") already exists."
        ),
    };
    Err(conflict(format!("{what} Please update or delete the existing mapping with UUID {id}")))
}

/// Whether the role of the function may read the source, and where a stream begins.
async fn readable(
    service: &LambdaService,
    context: &Context,
    mapping: &Mapping,
) -> AwsResult<BTreeMap<String, Position>> {
    let scope = Scope::regional(context);
    let function = service.store.functions.get(&scope, &mapping.function);
    // One whose function was deleted may still be changed.
    let Some(function) = function else { return Ok(BTreeMap::new()) };
    let version = function.version(context, mapping.qualifier.as_deref())?.version;
    let target = service.sources.target(&scope, mapping);
    let Some(stream) = &mapping.stream else {
        return check::queue(&target, &mapping.source, version.timeout).await.map(|()| BTreeMap::new());
    };
    if let Some(destination) = &stream.on_failure {
        check::destination(&target, destination).await?;
    }
    check::stream(&target, &mapping.source, &stream.start).await
}

/// What is set at creation and may be changed later.
struct Change {
    batch: Option<i64>,
    window: Option<i64>,
    filters: Option<wire::FilterCriteria>,
    responses: Option<Vec<String>>,
    scaling: Option<wire::ScalingConfig>,
    parallel: Option<i64>,
    bisect: Option<bool>,
    age: Option<i64>,
    retries: Option<i64>,
    tumbling: Option<i64>,
    destinations: Option<wire::DestinationConfig>,
}

impl From<wire::CreateEventSourceMapping> for Change {
    fn from(input: wire::CreateEventSourceMapping) -> Self {
        Self {
            batch: input.batch_size,
            window: input.maximum_batching_window_in_seconds,
            filters: input.filter_criteria,
            responses: input.function_response_types,
            scaling: input.scaling_config,
            parallel: input.parallelization_factor,
            bisect: input.bisect_batch_on_function_error,
            age: input.maximum_record_age_in_seconds,
            retries: input.maximum_retry_attempts,
            tumbling: input.tumbling_window_in_seconds,
            destinations: input.destination_config,
        }
    }
}

impl From<wire::UpdateEventSourceMapping> for Change {
    fn from(input: wire::UpdateEventSourceMapping) -> Self {
        Self {
            batch: input.batch_size,
            window: input.maximum_batching_window_in_seconds,
            filters: input.filter_criteria,
            responses: input.function_response_types,
            scaling: input.scaling_config,
            parallel: input.parallelization_factor,
            bisect: input.bisect_batch_on_function_error,
            age: input.maximum_record_age_in_seconds,
            retries: input.maximum_retry_attempts,
            tumbling: input.tumbling_window_in_seconds,
            destinations: input.destination_config,
        }
    }
}

impl Change {
    fn apply(&self, mapping: &mut Mapping, source: Source) -> AwsResult<()> {
        match (source, &mut mapping.stream) {
            (Source::Queue { fifo }, _) => self.check_queue(fifo)?,
            (Source::Stream, Some(stream)) => self.apply_to_stream(stream)?,
            (Source::Stream, None) => return Err(AwsError::internal("a stream's mapping lacks its settings")),
        }
        mapping.batch = self.batch.unwrap_or(mapping.batch);
        mapping.window = self.window.unwrap_or(mapping.window);
        if let Some(criteria) = &self.filters {
            mapping.filters = patterns(criteria)?;
        }
        if let Some(responses) = &self.responses {
            mapping.partial = !responses.is_empty();
        }
        if let Some(scaling) = &self.scaling {
            mapping.concurrency = scaling.maximum_concurrency;
        }
        // More than ten messages are waited for at least a second (API reference, BatchSize).
        if mapping.batch > 10 && mapping.window < 1 && matches!(source, Source::Queue { fifo: false }) {
            return Err(invalid_parameter(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ));
        }
        Ok(())
    }

    fn apply_to_stream(&self, stream: &mut StreamSettings) -> AwsResult<()> {
        if self.scaling.is_some() {
            return Err(of_another_kind("ScalingConfig"));
        }
        // From a minute to a week, or never (API reference, MaximumRecordAgeInSeconds; the model's least is -1).
        if self.age.is_some_and(|age| (0..60).contains(&age)) {
            return Err(invalid_parameter("MaximumRecordAgeInSeconds must be -1, or at least 60"));
        }
        stream.parallel = self.parallel.unwrap_or(stream.parallel);
        stream.bisect = self.bisect.unwrap_or(stream.bisect);
        stream.age = self.age.unwrap_or(stream.age);
        stream.retries = self.retries.unwrap_or(stream.retries);
        let destination = self.destinations.as_ref().map(|it| it.on_failure.as_ref()?.destination.clone());
        if let Some(destination) = destination {
            // An empty one takes it away.
            stream.on_failure = destination.filter(|arn| !arn.is_empty());
        }
        match stream.on_failure.as_deref().map(|arn| Arn::parse(arn).map(|arn| arn.service)) {
            Some(Some(service)) if ["sqs", "sns", "s3"].contains(&service.as_str()) => Ok(()),
            None => Ok(()),
            Some(_) => {
                let destination = stream.on_failure.as_deref().unwrap_or_default();
                Err(unsupported(&format!("the on-failure destination {destination} of event source mappings")))
            }
        }
    }

    /// Refuses what queues do not have.
    fn check_queue(&self, fifo: bool) -> AwsResult<()> {
        if self.destinations.is_some() {
            return Err(of_another_kind("DestinationConfig"));
        }
        let of_streams = [
            ("ParallelizationFactor", self.parallel.is_some()),
            ("BisectBatchOnFunctionError", self.bisect.is_some()),
            ("MaximumRecordAgeInSeconds", self.age.is_some()),
            ("MaximumRetryAttempts", self.retries.is_some()),
            ("TumblingWindowInSeconds", self.tumbling.is_some()),
        ];
        if let Some((member, _)) = of_streams.iter().find(|(_, is_there)| *is_there) {
            return Err(of_another_kind(member));
        }
        if fifo && self.window.is_some_and(|window| window > 0) {
            return Err(invalid_parameter("Batching window is not supported for FIFO queues"));
        }
        if fifo && self.batch.is_some_and(|batch| batch > 10) {
            return Err(invalid_parameter("Batch size must be at most 10 for FIFO queues"));
        }
        Ok(())
    }
}

/// Recorded of DestinationConfig: `test_event_source_mapping_exceptions`.
fn of_another_kind(member: &str) -> AwsError {
    invalid_parameter(format!("Unsupported {member} parameter for given event source mapping type."))
}

/// The patterns of filters (recorded: `test_dynamodb_invalid_event_filter`, `test_create_event_filter_criteria_validation`).
fn patterns(criteria: &wire::FilterCriteria) -> AwsResult<Vec<String>> {
    let filters = criteria.filters.iter().flatten().filter_map(|filter| filter.pattern.clone());
    let patterns: Vec<String> = filters.collect();
    if patterns.len() > filter::MOST {
        let most = filter::MOST;
        return Err(invalid_parameter(format!("An event source mapping has at most {most} filters.")));
    }
    Filters::read(&patterns).map_err(|_| invalid_parameter("Invalid filter pattern definition."))?;
    Ok(patterns)
}
