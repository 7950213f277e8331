//! The operations: those of the engine, in JSON from the wire and typed from inside, and those beside it.

mod access;
mod account;
mod backups;
mod items;
mod streams;
mod tables;
mod typed;

use crate::DynamoDb;
use crate::engine::{self, OPERATIONS, STREAM_OPERATIONS};
use crate::model::index_keys::SHORTEST;
use crate::names;
use bytes::Bytes;
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult, Context, Principal, Registry};
use slam_cloud_wire::{dynamodb as wire, dynamodbstreams as wire_streams, json};
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does. The engine's own come from the
/// wire as JSON and are authorized when they were read.
pub(crate) fn register(service: &Arc<DynamoDb>, registry: &mut Registry) {
    let mut operations = registry.service(service);
    for name in OPERATIONS {
        operations.json("dynamodb", name, answer);
    }
    for name in STREAM_OPERATIONS {
        operations.json("dynamodbstreams", name, answer);
    }
    operations
        .inside::<wire::CreateTable>(access::of_table, typed::run)
        .inside::<wire::DeleteTable>(access::of_table, typed::run)
        .inside::<wire::DescribeTable>(access::of_table, typed::run)
        .inside::<wire::ListTables>(access::of_table, typed::run)
        .inside::<wire::UpdateTable>(access::of_table, typed::run)
        .inside::<wire::DescribeTimeToLive>(access::of_table, typed::run)
        .inside::<wire::UpdateTimeToLive>(access::of_table, typed::run)
        .inside::<wire::ListTagsOfResource>(access::of_table, typed::run)
        .inside::<wire::TagResource>(access::of_table, typed::run)
        .inside::<wire::UntagResource>(access::of_table, typed::run)
        .inside::<wire_streams::DescribeStream>(access::of_table, typed::run)
        .inside::<wire_streams::GetShardIterator>(access::of_table, typed::run)
        .inside::<wire_streams::GetRecords>(access::of_records, typed::run)
        .inside::<wire_streams::ListStreams>(access::of_table, typed::run)
        .add::<wire::DescribeContinuousBackups>(access::describe_backups, backups::describe)
        .add::<wire::UpdateContinuousBackups>(access::update_backups, backups::update)
        .add::<wire::DescribeLimits>(access::describe_limits, account::describe_limits)
        .add::<wire::DescribeEndpoints>(access::describe_endpoints, account::describe_endpoints);
}

async fn answer(service: Arc<DynamoDb>, context: Context, operation: &'static str, body: Bytes) -> AwsResult<Bytes> {
    service.answer(&context, operation, body).await
}

impl DynamoDb {
    /// Answers a request from the wire.
    async fn answer(&self, context: &Context, operation: &'static str, body: Bytes) -> AwsResult<Bytes> {
        let unreadable = || AwsError::bad_request("SerializationException", "");
        let text = std::str::from_utf8(&body).map_err(|_| unreadable())?;
        // The root user may do everything in its account, so its requests are only looked into where they may need
        // a change: where they concern tables or streams, and where a table may be named by its ARN.
        let root = matches!(&*context.principal, Principal::Root { account } if **account == *context.account);
        let tagged = matches!(operation, "TagResource" | "UntagResource" | "ListTagsOfResource");
        let plain = !tables::concerns(operation)
            && engine::model(operation).is_none_or(|model| model.refused.is_empty())
            && !streams::concerns(operation)
            && !items::concerns(operation, text)
            && !tagged;
        if root && plain && !text.contains("arn:") {
            let answer = self.engines.run(context, operation, text.to_owned()).await;
            return self.finished(context, operation, answer).map(Bytes::from);
        }
        let mut request: Value = match serde_json::from_str(text) {
            Ok(request) => request,
            // Deeper than the reader follows, or no JSON at all: the engine says so, and does nothing.
            Err(_) => {
                let answer =
                    if root { self.engines.run(context, operation, text.to_owned()).await } else { Err(unreadable()) };
                return self.finished(context, operation, answer).map(Bytes::from);
            }
        };
        if tagged {
            names::check_tagged(context, operation, &request)?;
        }
        let qualified = names::unqualify(context, operation, &mut request)?;
        for access in self.access(context, operation, &request).await? {
            self.cloud.authorize(context, &access)?;
        }
        let text = if qualified.is_empty() { text.to_owned() } else { request.to_string() };
        let answer = self.perform(context, operation, &request, text).await?;
        if qualified.is_empty() {
            return Ok(Bytes::from(answer));
        }
        let mut answer = serde_json::from_str(&answer).map_err(AwsError::internal)?;
        names::requalify(&qualified, &mut answer);
        Ok(Bytes::from(answer.to_string()))
    }

    /// Does what was authorized.
    async fn perform(
        &self,
        context: &Context,
        operation: &'static str,
        request: &Value,
        text: String,
    ) -> AwsResult<String> {
        if let Some(model) = engine::model(operation) {
            json::check_supported(model, request)?;
        }
        let inside = if streams::concerns(operation) {
            self.before_stream(context, operation, request).await?
        } else if tables::concerns(operation) {
            self.before_table(context, operation, request).await?
        } else {
            items::before(operation, request)
        };
        if text.len() > SHORTEST {
            self.check_index_keys(context, operation, request).await?;
        }
        let upsert = self.is_upsert(context, operation, request).await?;
        let text = inside.map_or(text, |inside| inside.to_string());
        if operation == "UpdateItem" {
            self.check_entered(context, operation, request).await?;
        }
        let answer = self.engines.run(context, operation, text).await;
        let answer = self.finished(context, operation, answer)?;
        // What reads is looked at last: all else that is wrong with it comes first.
        if operation != "UpdateItem" {
            self.check_entered(context, operation, request).await?;
        }
        if streams::concerns(operation) {
            self.after_stream(context, operation, request, answer).await
        } else if tables::concerns(operation) {
            self.after_table(context, operation, request, answer).await
        } else if operation == "UpdateItem" {
            Self::after_items(request, upsert, answer)
        } else {
            self.with_collections(context, operation, request, answer).await
        }
    }

    /// The engine's answer or error with this account's and region's names.
    fn finished(&self, context: &Context, operation: &str, answer: AwsResult<String>) -> AwsResult<String> {
        match answer {
            // Records hold users' data.
            Ok(answer) if operation == "GetRecords" => Ok(answer),
            Ok(answer) if tables::concerns(operation) || STREAM_OPERATIONS.contains(&operation) => {
                Ok(names::localized(context, answer))
            }
            Ok(answer) => Ok(answer),
            Err(mut error) => {
                // The engine speaks to a caller of its own.
                let message = names::localized(context, error.message);
                error.message = message.replace("arn:aws:iam::000000000000:root", &context.principal.arn());
                Err(error)
            }
        }
    }
}
