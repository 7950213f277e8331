//! `AWS::DynamoDB::Table`.

use super::indexes;
use crate::registry::Recreation;
use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work, changed, until};
use crate::template::functions::is_unknown;
use async_trait::async_trait;
use serde_json::{Map, Value, json};
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
            "GlobalSecondaryIndexes/*/OnDemandThroughput",
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
        made(work).await.map(Some)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.call(described(work.input())?).await?;
        work.exists(&work.name);
        active(work).await?;
        if work.properties.contains_key("TimeToLiveSpecification") {
            set_time_to_live(work, Properties(&Map::new())).await?;
        }
        if work.properties.contains_key("PointInTimeRecoverySpecification") {
            set_recovery(work).await?;
        }
        made(work).await
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let before = described(Input::new(&old.properties).with("TableName", &*old.id))?;
        let after = described(work.input())?;
        let different = changed(&old.properties, &work.properties);
        let touches = |name: &str| different.contains(&name);
        if touches("LocalSecondaryIndexes") {
            return Err(AwsError::validation("LocalSecondaryIndexes can only be given when the table is created"));
        }
        let base = || wire::UpdateTable { table_name: old.id.clone(), ..wire::UpdateTable::default() };
        let attributes = || after.attribute_definitions.clone();
        let indexes_of = |table: &wire::CreateTable| table.global_secondary_indexes.clone().unwrap_or_default();
        let (mut had, has) = (indexes_of(&before), indexes_of(&after));
        if touches("BillingMode") || touches("ProvisionedThroughput") || touches("OnDemandThroughput") {
            let mode = |table: &wire::CreateTable| table.billing_mode.clone().unwrap_or_else(|| PROVISIONED.to_owned());
            let provisioned = mode(&after) == PROVISIONED;
            // A change of the mode gives every index its throughput, too.
            let switched = provisioned && mode(&before) != PROVISIONED;
            let updates = if switched { indexes::provisioned(&mut had, &has) } else { Vec::new() };
            let request = wire::UpdateTable {
                billing_mode: Some(mode(&after)),
                provisioned_throughput: after.provisioned_throughput.clone().filter(|_| provisioned),
                on_demand_throughput: after.on_demand_throughput.clone(),
                attribute_definitions: attributes().filter(|_| !updates.is_empty()),
                global_secondary_index_updates: Some(updates).filter(|updates| !updates.is_empty()),
                ..base()
            };
            change(work, request).await?;
            work.did(["BillingMode", "ProvisionedThroughput", "OnDemandThroughput"]);
        }
        for step in indexes::steps(&had, &has) {
            let request = wire::UpdateTable {
                attribute_definitions: attributes(),
                global_secondary_index_updates: Some(vec![step]),
                ..base()
            };
            change(work, request).await?;
        }
        work.did(["AttributeDefinitions", "GlobalSecondaryIndexes"]);
        if touches("StreamSpecification") {
            // A stream's view cannot be changed: it is ended and begun.
            if before.stream_specification.is_some() {
                let off = wire::StreamSpecification { stream_enabled: false, stream_view_type: None };
                change(work, wire::UpdateTable { stream_specification: Some(off), ..base() }).await?;
            }
            if after.stream_specification.is_some() {
                let stream_specification = after.stream_specification.clone();
                change(work, wire::UpdateTable { stream_specification, ..base() }).await?;
            }
            work.did(["StreamSpecification"]);
        }
        if touches("SSESpecification") {
            let off = wire::SSESpecification { enabled: Some(false), ..wire::SSESpecification::default() };
            let sse_specification = Some(after.sse_specification.clone().unwrap_or(off));
            change(work, wire::UpdateTable { sse_specification, ..base() }).await?;
            work.did(["SSESpecification"]);
        }
        if touches("TableClass") {
            let table_class = Some(after.table_class.clone().unwrap_or_else(|| "STANDARD".to_owned()));
            change(work, wire::UpdateTable { table_class, ..base() }).await?;
            work.did(["TableClass"]);
        }
        if touches("DeletionProtectionEnabled") {
            let deletion_protection_enabled = Some(after.deletion_protection_enabled.unwrap_or(false));
            change(work, wire::UpdateTable { deletion_protection_enabled, ..base() }).await?;
            work.did(["DeletionProtectionEnabled"]);
        }
        if touches("TimeToLiveSpecification") {
            set_time_to_live(work, Properties(&old.properties)).await?;
            work.did(["TimeToLiveSpecification"]);
        }
        if touches("PointInTimeRecoverySpecification") {
            set_recovery(work).await?;
        }
        made(work).await
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let resource_arn = describe(work).await?.table_arn.unwrap_or_default();
        let listed = work.call(wire::ListTagsOfResource { resource_arn, ..Default::default() }).await?;
        Ok(listed.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let table = Input::of("ResourceArn", made.attribute("Arn"));
        tags.apply::<wire::TagResource, wire::UntagResource>(work, table).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteTable>(old).await?;
        until("The table", || async {
            let left = work.call_unless_gone(wire::DescribeTable { table_name: old.id.clone() }).await?;
            Ok(left.is_none().then_some(()))
        })
        .await
    }
}

const PROVISIONED: &str = "PROVISIONED";

/// A table as its properties describe it.
fn described(properties: Input) -> AwsResult<wire::CreateTable> {
    let properties = properties
        .within("SSESpecification", |encryption| encryption.renamed("SSEEnabled", "Enabled"))
        .within("StreamSpecification", |stream| stream.with("StreamEnabled", true));
    let mut table: wire::CreateTable = properties.into_operation()?;
    // The lists may be empty in a template, and not in the operation.
    table.global_secondary_indexes.take_if(|indexes| indexes.is_empty());
    table.local_secondary_indexes.take_if(|indexes| indexes.is_empty());
    Ok(table)
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

async fn set_time_to_live(work: &Work, before: Properties<'_>) -> AwsResult<()> {
    let of = |properties: Properties<'_>| {
        let given = properties.object("TimeToLiveSpecification");
        let enabled = given.and_then(|given| given.boolean("Enabled")).unwrap_or(false);
        enabled.then(|| given.and_then(|given| given.text("AttributeName")))
    };
    let (had, has) = (of(before), of(Properties(&work.properties)));
    if had == has {
        return Ok(());
    }
    // The attribute cannot be changed: what there is ends first.
    if let Some(attribute) = had {
        let off = json!({"Enabled": false, "AttributeName": attribute});
        work.send::<wire::UpdateTimeToLive>(work.input().with("TimeToLiveSpecification", off)).await?;
    }
    if has.is_some() {
        work.send::<wire::UpdateTimeToLive>(work.input()).await?;
    }
    Ok(())
}

async fn set_recovery(work: &Work) -> AwsResult<()> {
    let off = json!({"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": false}});
    work.send::<wire::UpdateContinuousBackups>(work.input().or(off)).await.map(drop)
}
