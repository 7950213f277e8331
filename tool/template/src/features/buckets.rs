//! S3 buckets, one of each per stage.
//!
//! A bucket that tells functions of its objects must be made after they allow it to, and functions know the bucket. So
//! whatever else needs the bucket names it by its name, which is known, and nothing but the bucket refers to anything.
//! AWS encrypts new buckets and keeps the public out without being told.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html>
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use crate::draft::Draft;
use crate::holders;
use crate::ids::bucket_id;
use serde_json::{Value, json};
use slam_project::{Bucket, LifecycleRule, Project};

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
