//! `AWS::DynamoDB::Table`.

use super::super::input::Input;
use super::super::properties::Properties;
use super::super::wait::until;
use super::super::{Made, Naming, Provider, Retag, Work, changed, tags};
use crate::model::Physical;
use crate::registry::Recreation;
use crate::template::functions::is_unknown;
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::dynamodb as wire;

/// The provider.
pub struct Table;

#[async_trait]
impl Provider for Table {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "AttributeDefinitions",
            "BillingMode",
            "DeletionProtectionEnabled",
            "GlobalSecondaryIndexes",
            "KeySchema",
            "LocalSecondaryIndexes",
            "OnDemandThroughput",
            "PointInTimeRecoverySpecification",
            "ProvisionedThroughput",
            "SSESpecification",
            "StreamSpecification",
            "TableClass",
            "TableName",
            "Tags",
            "TimeToLiveSpecification",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &[
            "GlobalSecondaryIndexes/*/ContributorInsightsSpecification",
            "GlobalSecondaryIndexes/*/WarmThroughput",
            "SSESpecification/KMSMasterKeyId",
            "StreamSpecification/ResourcePolicy",
            "StreamSpecification/Tags",
        ]
    }

    fn naming(&self) -> Naming {
        Naming::by("TableName", 255)
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let properties = Properties(properties);
        if properties.raw("KeySchema").is_some_and(|keys| !keys.is_array() && !is_unknown(keys)) {
            return Err("Value of property {/KeySchema} does not match type {List}".into());
        }
        if !properties.has("AttributeDefinitions") {
            return Err("The property {/AttributeDefinitions} is required".into());
        }
        Ok(())
    }

    /// "Replacement if you edit an existing AttributeDefinition."
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>
    fn recreation(&self, property: &str, before: Option<&Value>, after: Option<&Value>) -> Option<Recreation> {
        if property != "AttributeDefinitions" {
            return None;
        }
        let items = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let (before, after) = (items(before), items(after));
        let same_name = |one: &Value| after.iter().find(|other| other["AttributeName"] == one["AttributeName"]);
        let edited = |one: &Value| same_name(one).is_some_and(|other| other["AttributeType"] != one["AttributeType"]);
        before.iter().any(edited).then_some(Recreation::Always)
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        work.kind.unless_gone(made(work).await)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let indexes: Vec<_> = properties.objects("GlobalSecondaryIndexes").into_iter().map(global_index).collect();
        let locals: Vec<_> = properties.objects("LocalSecondaryIndexes").into_iter().map(local_index).collect();
        let request = wire::CreateTable {
            attribute_definitions: Some(attributes(properties)),
            table_name: work.name.clone(),
            key_schema: Some(keys(properties)),
            local_secondary_indexes: Some(locals).filter(|locals| !locals.is_empty()),
            global_secondary_indexes: Some(indexes).filter(|indexes| !indexes.is_empty()),
            billing_mode: properties.text("BillingMode"),
            provisioned_throughput: throughput(properties),
            stream_specification: stream(properties),
            sse_specification: encryption(properties),
            tags: Some(tag_list(tags::texts(work).into_iter().collect())).filter(|tags| !tags.is_empty()),
            table_class: properties.text("TableClass"),
            deletion_protection_enabled: properties.boolean("DeletionProtectionEnabled"),
            on_demand_throughput: on_demand(properties),
            ..wire::CreateTable::default()
        };
        work.call(request).await?;
        work.exists(&work.name);
        active(work).await?;
        if properties.has("TimeToLiveSpecification") {
            set_time_to_live(work, None).await?;
        }
        if properties.has("PointInTimeRecoverySpecification") {
            set_recovery(work).await?;
        }
        made(work).await
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let different = changed(&old.properties, &work.properties);
        let touches = |name: &str| different.contains(&name);
        if touches("LocalSecondaryIndexes") {
            return Err(AwsError::validation("LocalSecondaryIndexes can only be given when the table is created"));
        }
        let base = || wire::UpdateTable { table_name: old.id.clone(), ..wire::UpdateTable::default() };
        if touches("BillingMode") || touches("ProvisionedThroughput") || touches("OnDemandThroughput") {
            let mode = after.text("BillingMode").unwrap_or_else(|| "PROVISIONED".to_owned());
            let provisioned = mode == "PROVISIONED";
            // A change of the mode gives every index its throughput, too.
            let switched = before.text("BillingMode").unwrap_or_else(|| "PROVISIONED".to_owned()) != mode;
            let updates = after.objects("GlobalSecondaryIndexes").into_iter().filter(|_| switched && provisioned);
            let updates: Vec<_> = updates.filter_map(throughput_update).collect();
            let request = wire::UpdateTable {
                billing_mode: Some(mode),
                provisioned_throughput: throughput(after).filter(|_| provisioned),
                on_demand_throughput: on_demand(after),
                attribute_definitions: Some(attributes(after)).filter(|_| !updates.is_empty()),
                global_secondary_index_updates: Some(updates).filter(|updates| !updates.is_empty()),
                ..base()
            };
            change(work, request).await?;
        }
        if touches("GlobalSecondaryIndexes") {
            for update in index_updates(before, after) {
                let request = wire::UpdateTable {
                    attribute_definitions: Some(attributes(after)),
                    global_secondary_index_updates: Some(vec![update]),
                    ..base()
                };
                change(work, request).await?;
            }
        }
        if touches("StreamSpecification") {
            // A stream's view cannot be changed: it is ended and begun.
            if before.has("StreamSpecification") {
                let off = wire::StreamSpecification { stream_enabled: false, stream_view_type: None };
                change(work, wire::UpdateTable { stream_specification: Some(off), ..base() }).await?;
            }
            if let Some(on) = stream(after) {
                change(work, wire::UpdateTable { stream_specification: Some(on), ..base() }).await?;
            }
        }
        if touches("SSESpecification") {
            let off = wire::SSESpecification { enabled: Some(false), ..wire::SSESpecification::default() };
            let request = wire::UpdateTable { sse_specification: Some(encryption(after).unwrap_or(off)), ..base() };
            change(work, request).await?;
        }
        if touches("TableClass") {
            let class = after.text("TableClass").unwrap_or_else(|| "STANDARD".to_owned());
            change(work, wire::UpdateTable { table_class: Some(class), ..base() }).await?;
        }
        if touches("DeletionProtectionEnabled") {
            let protected = after.boolean("DeletionProtectionEnabled").unwrap_or(false);
            change(work, wire::UpdateTable { deletion_protection_enabled: Some(protected), ..base() }).await?;
        }
        if touches("TimeToLiveSpecification") {
            set_time_to_live(work, before.object("TimeToLiveSpecification")).await?;
        }
        if touches("PointInTimeRecoverySpecification") {
            set_recovery(work).await?;
        }
        made(work).await
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let table = Input::of("ResourceArn", made.attribute("Arn"));
        tags.apply::<wire::TagResource, wire::UntagResource>(work, table).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.call_unless_gone(wire::DeleteTable { table_name: old.id.clone() }).await?;
        until("The table", || async {
            match work.call(wire::DescribeTable { table_name: old.id.clone() }).await {
                Ok(_) => Ok(None),
                Err(error) if work.kind.is_gone(&error) => Ok(Some(())),
                Err(error) => Err(error),
            }
        })
        .await
    }
}

async fn change(work: &Work, request: wire::UpdateTable) -> AwsResult<()> {
    work.call(request).await?;
    active(work).await
}

async fn describe(work: &Work) -> AwsResult<wire::TableDescription> {
    let answer = work.call(wire::DescribeTable { table_name: work.name.clone() }).await?;
    Ok(answer.table.unwrap_or_default())
}

/// Waits until the table and its indexes are active.
async fn active(work: &Work) -> AwsResult<()> {
    until("The table", || async {
        let table = describe(work).await?;
        let settled = |status: Option<&str>| status.is_none_or(|status| status == "ACTIVE");
        let indexes = table.global_secondary_indexes.unwrap_or_default();
        let all = settled(table.table_status.as_deref())
            && indexes.iter().all(|index| settled(index.index_status.as_deref()));
        Ok(all.then_some(()))
    })
    .await
}

async fn made(work: &Work) -> AwsResult<Made> {
    let table = describe(work).await?;
    let mut made = Made::new(&work.name).with("Arn", table.table_arn.unwrap_or_default());
    if let Some(stream) = table.latest_stream_arn.filter(|_| table.stream_specification.is_some()) {
        made = made.with("StreamArn", stream);
    }
    Ok(made)
}

async fn set_time_to_live(work: &Work, before: Option<Properties<'_>>) -> AwsResult<()> {
    let after = Properties(&work.properties).object("TimeToLiveSpecification");
    let enabled = |one: Option<Properties<'_>>| one.and_then(|one| one.boolean("Enabled")).unwrap_or(false);
    let set = |enabled, attribute: Option<String>| wire::UpdateTimeToLive {
        table_name: work.name.clone(),
        time_to_live_specification: wire::TimeToLiveSpecification {
            enabled,
            attribute_name: attribute.unwrap_or_default(),
        },
    };
    let attribute = |one: Option<Properties<'_>>| one.and_then(|one| one.text("AttributeName"));
    if enabled(before) && (!enabled(after) || attribute(before) != attribute(after)) {
        work.call(set(false, attribute(before))).await?;
    }
    if enabled(after) && (!enabled(before) || attribute(before) != attribute(after)) {
        work.call(set(true, attribute(after))).await?;
    }
    Ok(())
}

async fn set_recovery(work: &Work) -> AwsResult<()> {
    let specification = Properties(&work.properties).object("PointInTimeRecoverySpecification");
    let request = wire::UpdateContinuousBackups {
        table_name: work.name.clone(),
        point_in_time_recovery_specification: wire::PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: specification
                .and_then(|specification| specification.boolean("PointInTimeRecoveryEnabled"))
                .unwrap_or(false),
            recovery_period_in_days: specification
                .and_then(|specification| specification.integer("RecoveryPeriodInDays")),
        },
    };
    work.call(request).await.map(|_| ())
}

fn tag_list(tags: Vec<(String, String)>) -> Vec<wire::Tag> {
    tags.into_iter().map(|(key, value)| wire::Tag { key, value }).collect()
}

fn attributes(properties: Properties<'_>) -> Vec<wire::AttributeDefinition> {
    let definitions = properties.objects("AttributeDefinitions").into_iter();
    let definition = |one: Properties<'_>| {
        Some(wire::AttributeDefinition {
            attribute_name: one.text("AttributeName")?,
            attribute_type: one.text("AttributeType")?,
        })
    };
    definitions.filter_map(definition).collect()
}

fn keys(properties: Properties<'_>) -> Vec<wire::KeySchemaElement> {
    let elements = properties.objects("KeySchema").into_iter();
    let element = |one: Properties<'_>| {
        Some(wire::KeySchemaElement { attribute_name: one.text("AttributeName")?, key_type: one.text("KeyType")? })
    };
    elements.filter_map(element).collect()
}

fn projection(index: Properties<'_>) -> wire::Projection {
    let projection = index.object("Projection");
    wire::Projection {
        projection_type: projection.and_then(|projection| projection.text("ProjectionType")),
        non_key_attributes: projection.and_then(|projection| projection.texts("NonKeyAttributes")),
    }
}

fn throughput(properties: Properties<'_>) -> Option<wire::ProvisionedThroughput> {
    let units = properties.object("ProvisionedThroughput")?;
    Some(wire::ProvisionedThroughput {
        read_capacity_units: units.integer("ReadCapacityUnits")?,
        write_capacity_units: units.integer("WriteCapacityUnits")?,
    })
}

fn on_demand(properties: Properties<'_>) -> Option<wire::OnDemandThroughput> {
    let units = properties.object("OnDemandThroughput")?;
    Some(wire::OnDemandThroughput {
        max_read_request_units: units.integer("MaxReadRequestUnits"),
        max_write_request_units: units.integer("MaxWriteRequestUnits"),
    })
}

fn stream(properties: Properties<'_>) -> Option<wire::StreamSpecification> {
    let stream = properties.object("StreamSpecification")?;
    Some(wire::StreamSpecification { stream_enabled: true, stream_view_type: stream.text("StreamViewType") })
}

fn encryption(properties: Properties<'_>) -> Option<wire::SSESpecification> {
    let encryption = properties.object("SSESpecification")?;
    Some(wire::SSESpecification {
        enabled: encryption.boolean("SSEEnabled"),
        sse_type: encryption.text("SSEType"),
        kms_master_key_id: None,
    })
}

fn global_index(index: Properties<'_>) -> wire::GlobalSecondaryIndex {
    wire::GlobalSecondaryIndex {
        index_name: index.text("IndexName").unwrap_or_default(),
        key_schema: keys(index),
        projection: projection(index),
        provisioned_throughput: throughput(index),
        on_demand_throughput: on_demand(index),
        warm_throughput: None,
    }
}

fn local_index(index: Properties<'_>) -> wire::LocalSecondaryIndex {
    wire::LocalSecondaryIndex {
        index_name: index.text("IndexName").unwrap_or_default(),
        key_schema: keys(index),
        projection: projection(index),
    }
}

fn throughput_update(index: Properties<'_>) -> Option<wire::GlobalSecondaryIndexUpdate> {
    let update = wire::UpdateGlobalSecondaryIndexAction {
        index_name: index.text("IndexName")?,
        provisioned_throughput: throughput(index),
        on_demand_throughput: on_demand(index),
        warm_throughput: None,
    };
    let some = update.provisioned_throughput.is_some() || update.on_demand_throughput.is_some();
    some.then(|| wire::GlobalSecondaryIndexUpdate { update: Some(update), ..Default::default() })
}

/// The steps from one set of indexes to another. DynamoDB takes one at a time; an index whose keys or projection
/// change is deleted and created.
fn index_updates(before: Properties<'_>, after: Properties<'_>) -> Vec<wire::GlobalSecondaryIndexUpdate> {
    let all = |properties: Properties<'_>| -> Vec<wire::GlobalSecondaryIndex> {
        properties.objects("GlobalSecondaryIndexes").into_iter().map(global_index).collect()
    };
    let (had, has) = (all(before), all(after));
    let same = |one: &wire::GlobalSecondaryIndex, other: &wire::GlobalSecondaryIndex| {
        one.index_name == other.index_name && one.key_schema == other.key_schema && one.projection == other.projection
    };
    let mut updates = Vec::new();
    for index in &had {
        if !has.iter().any(|other| same(index, other)) {
            let delete = wire::DeleteGlobalSecondaryIndexAction { index_name: index.index_name.clone() };
            updates.push(wire::GlobalSecondaryIndexUpdate { delete: Some(delete), ..Default::default() });
        }
    }
    for (index, properties) in has.iter().zip(after.objects("GlobalSecondaryIndexes")) {
        match had.iter().find(|other| same(index, other)) {
            Some(other)
                if other.provisioned_throughput == index.provisioned_throughput
                    && other.on_demand_throughput == index.on_demand_throughput => {}
            Some(_) => updates.extend(throughput_update(properties)),
            None => {
                let create = wire::CreateGlobalSecondaryIndexAction {
                    index_name: index.index_name.clone(),
                    key_schema: index.key_schema.clone(),
                    projection: index.projection.clone(),
                    provisioned_throughput: index.provisioned_throughput.clone(),
                    on_demand_throughput: index.on_demand_throughput.clone(),
                    warm_throughput: None,
                };
                updates.push(wire::GlobalSecondaryIndexUpdate { create: Some(create), ..Default::default() });
            }
        }
    }
    updates
}
