//! What happens to objects of buckets.

use super::super::buckets;
use super::Placed;
use crate::draft::Draft;
use crate::ids::{alias_id, bucket_id};
use serde_json::{Map, Value, json};
use slam_project::{BucketTrigger, Stage, Trigger};

/// What allows a bucket to call; the bucket itself has the rest ([`notify`]). Several entries about one bucket need
/// one permission.
pub fn add(draft: &mut Draft<'_>, stage: &Stage, placed: &Placed<'_>, trigger: &BucketTrigger) {
    if !placed.source.enabled || draft.is_taken(&placed.permission_id(&stage.name)) {
        return;
    }
    // The account, too: a bucket's name may become somebody else's.
    // https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html
    let source = json!({
        "SourceArn": buckets::arn(draft.project, &stage.name, &trigger.bucket, ""),
        "SourceAccount": {"Ref": "AWS::AccountId"},
    });
    placed.add_permission(draft, stage, "s3.amazonaws.com", source);
}

/// Has the buckets of a stage tell functions of their objects, once the stage has what allows it.
pub fn notify(resources: &mut Map<String, Value>, stage: &Stage, sources: &[Placed<'_>]) {
    let telling = sources.iter().filter(|placed| placed.source.enabled && placed.source.is_in(&stage.name));
    for placed in telling {
        let Trigger::Bucket(trigger) = &placed.source.trigger else { continue };
        let Some(bucket) = resources.get_mut(&bucket_id(&stage.name, &trigger.bucket)) else { continue };
        let configurations = &mut bucket["Properties"]["NotificationConfiguration"]["LambdaConfigurations"];
        if !configurations.is_array() {
            *configurations = json!([]);
        }
        if let Some(configurations) = configurations.as_array_mut() {
            configurations.extend(configured(stage, placed, trigger));
        }
        let permission = json!(placed.permission_id(&stage.name));
        match bucket["DependsOn"].as_array_mut() {
            Some(after) if after.contains(&permission) => {}
            Some(after) => after.push(permission),
            None => bucket["DependsOn"] = json!([permission]),
        }
    }
}

/// One configuration for each event: CloudFormation takes one each.
fn configured(stage: &Stage, placed: &Placed<'_>, trigger: &BucketTrigger) -> Vec<Value> {
    let function = json!({"Ref": alias_id(&stage.name, placed.function.name.as_deref())});
    let parts = [("prefix", &trigger.prefix), ("suffix", &trigger.suffix)];
    let rules: Vec<Value> =
        parts.iter().filter_map(|(name, value)| Some(json!({"Name": name, "Value": value.as_ref()?}))).collect();
    let one = |event: &String| {
        let mut configuration = json!({"Event": event, "Function": function});
        if !rules.is_empty() {
            configuration["Filter"] = json!({"S3Key": {"Rules": rules}});
        }
        configuration
    };
    trigger.events.iter().map(one).collect()
}
