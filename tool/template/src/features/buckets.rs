//! S3 buckets, one of each per stage.
//!
//! A bucket that tells functions of its objects must be made after they allow it to, and functions know the bucket. So
//! whatever else needs the bucket names it by its name, which is known, and nothing but the bucket refers to anything.
//! AWS encrypts new buckets and keeps the public out without being told.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html>
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use crate::draft::Draft;
use crate::holders;
use crate::ids::{alias_id, bucket_id};
use serde_json::{Map, Value, json};
use slam_project::{Bucket, BucketTrigger, LifecycleRule, Project, Stage, Trigger};

use super::sources::Placed;

/// The name of a stage's bucket, without a reference to it.
pub fn name(project: &Project, bucket: &Bucket, stage: &str) -> String {
    format!("{}${{AWS::AccountId}}", bucket.name_in(&project.name, stage))
}

/// The ARN of a bucket that is declared, or of its objects.
pub fn arn(project: &Project, stage: &str, bucket: &str, below: &str) -> Value {
    let found = project.buckets.iter().find(|found| found.name == bucket);
    let name = found.map(|bucket| name(project, bucket, stage)).unwrap_or_default();
    json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:s3:::{name}{below}")})
}

pub fn add(draft: &mut Draft<'_>) {
    for stage in draft.stages.clone() {
        for bucket in &draft.project.buckets {
            let properties = properties(draft.project, bucket, &stage.name);
            let resource = holders::resource("AWS::S3::Bucket", "buckets", &bucket.name, properties);
            draft.insert(bucket_id(&stage.name, &bucket.name), resource);
        }
    }
}

fn properties(project: &Project, bucket: &Bucket, stage: &str) -> Value {
    let mut properties = json!({"BucketName": {"Fn::Sub": name(project, bucket, stage)}});
    if bucket.versioned {
        properties["VersioningConfiguration"] = json!({"Status": "Enabled"});
    }
    if let Some(cors) = &bucket.cors {
        let mut rule = json!({
            "AllowedOrigins": cors.origins,
            "AllowedMethods": cors.methods,
            "AllowedHeaders": cors.headers,
            "ExposedHeaders": cors.expose,
        });
        if let Some(seconds) = cors.max_age {
            rule["MaxAge"] = json!(seconds);
        }
        properties["CorsConfiguration"] = json!({"CorsRules": [rule]});
    }
    if !bucket.lifecycle.is_empty() {
        properties["LifecycleConfiguration"] = json!({"Rules": bucket.lifecycle.iter().map(rule).collect::<Vec<_>>()});
    }
    properties
}

fn rule(rule: &LifecycleRule) -> Value {
    let mut properties = json!({"Status": "Enabled"});
    if !rule.prefix.is_empty() {
        properties["Prefix"] = json!(rule.prefix);
    }
    if let Some(days) = rule.expire {
        properties["ExpirationInDays"] = json!(days);
    }
    if let Some(days) = rule.expire_versions {
        properties["NoncurrentVersionExpiration"] = json!({"NoncurrentDays": days});
    }
    if let Some(days) = rule.abort_uploads {
        properties["AbortIncompleteMultipartUpload"] = json!({"DaysAfterInitiation": days});
    }
    properties
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
