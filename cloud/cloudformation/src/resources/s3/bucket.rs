//! `AWS::S3::Bucket`.

use super::lifecycle;
use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work, changed};
use crate::template::functions::UNKNOWN;
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::s3 as wire;

/// What is configured after the bucket exists, in this order: versioning is a condition of some of the rest.
const CONFIGURATIONS: &[&str] = &[
    "VersioningConfiguration",
    "BucketEncryption",
    "OwnershipControls",
    "PublicAccessBlockConfiguration",
    "LifecycleConfiguration",
    "CorsConfiguration",
    "NotificationConfiguration",
];

/// The provider.
pub struct Bucket;

fn made(work: &Work) -> Made {
    let (name, region) = (&work.name, &work.context.region);
    Made::new(name)
        .with("Arn", format!("arn:{}:s3:::{name}", work.context.partition()))
        .with("DomainName", format!("{name}.s3.amazonaws.com"))
        .with("RegionalDomainName", format!("{name}.s3.{region}.amazonaws.com"))
        .with("DualStackDomainName", format!("{name}.s3.dualstack.{region}.amazonaws.com"))
        .with("WebsiteURL", format!("http://{name}.s3-website-{region}.amazonaws.com"))
}

/// Puts one piece of configuration, or takes it away when it is not given.
async fn configure(work: &Work, property: &str) -> AwsResult<()> {
    let bucket = Input::of("Bucket", &*work.name);
    let Some(given) = work.properties.get(property).and_then(Value::as_object) else {
        let done = match property {
            // Versioning that was once on can only be suspended.
            "VersioningConfiguration" => {
                let suspended = bucket.with(property, json!({"Status": "Suspended"}));
                work.send::<wire::PutBucketVersioning>(suspended).await.map(drop)
            }
            "BucketEncryption" => work.send::<wire::DeleteBucketEncryption>(bucket).await.map(drop),
            "OwnershipControls" => work.send::<wire::DeleteBucketOwnershipControls>(bucket).await.map(drop),
            "PublicAccessBlockConfiguration" => work.send::<wire::DeletePublicAccessBlock>(bucket).await.map(drop),
            "LifecycleConfiguration" => work.send::<wire::DeleteBucketLifecycle>(bucket).await.map(drop),
            "NotificationConfiguration" => {
                let none = bucket.with(property, json!({}));
                work.send::<wire::PutBucketNotificationConfiguration>(none).await.map(drop)
            }
            _ => work.send::<wire::DeleteBucketCors>(bucket).await.map(drop),
        };
        return work.kind.unless_gone(done).map(drop);
    };
    match property {
        "BucketEncryption" => work
            .send::<wire::PutBucketEncryption>(bucket.with("ServerSideEncryptionConfiguration", encryption(given)))
            .await
            .map(drop),
        "LifecycleConfiguration" => {
            let lifecycle_configuration = Some(lifecycle::configuration(Properties(given)));
            let base: wire::PutBucketLifecycleConfiguration = bucket.into_operation()?;
            work.call(wire::PutBucketLifecycleConfiguration { lifecycle_configuration, ..base }).await.map(drop)
        }
        "CorsConfiguration" => {
            work.send::<wire::PutBucketCors>(bucket.with("CORSConfiguration", cors(given))).await.map(drop)
        }
        "NotificationConfiguration" => {
            let input = bucket.with(property, notifications(given));
            work.send::<wire::PutBucketNotificationConfiguration>(input).await.map(drop)
        }
        "VersioningConfiguration" => {
            work.send::<wire::PutBucketVersioning>(bucket.with(property, given.clone())).await.map(drop)
        }
        "OwnershipControls" => {
            work.send::<wire::PutBucketOwnershipControls>(bucket.with(property, given.clone())).await.map(drop)
        }
        _ => work.send::<wire::PutPublicAccessBlock>(bucket.with(property, given.clone())).await.map(drop),
    }
}

fn encryption(given: &Map<String, Value>) -> Input {
    Input::new(given)
        .renamed("ServerSideEncryptionConfiguration", "Rules")
        .within("Rules", |rule| rule.renamed("ServerSideEncryptionByDefault", "ApplyServerSideEncryptionByDefault"))
}

fn cors(given: &Map<String, Value>) -> Input {
    let rule = |rule: Input| {
        rule.renamed("Id", "ID").renamed("ExposedHeaders", "ExposeHeaders").renamed("MaxAge", "MaxAgeSeconds")
    };
    Input::new(given).renamed("CorsRules", "CORSRules").within("CORSRules", rule)
}

/// The template has one event for each configuration, and other names.
fn notifications(given: &Map<String, Value>) -> Value {
    let configurations = |property: &str, destination: &str, member: &str| -> Vec<Value> {
        let given = given.get(property).and_then(Value::as_array).cloned().unwrap_or_default();
        let configuration = |one: Value| {
            let rules = one.pointer("/Filter/S3Key/Rules").cloned();
            let filter = rules.map(|rules| json!({"Key": {"FilterRules": rules}}));
            let mut configuration = json!({"Events": [one["Event"]], member: one[destination]});
            if let Some(filter) = filter {
                configuration["Filter"] = filter;
            }
            configuration
        };
        given.into_iter().map(configuration).collect()
    };
    let mut all = json!({
        "LambdaFunctionConfigurations": configurations("LambdaConfigurations", "Function", "LambdaFunctionArn"),
        "QueueConfigurations": configurations("QueueConfigurations", "Queue", "QueueArn"),
        "TopicConfigurations": configurations("TopicConfigurations", "Topic", "TopicArn"),
    });
    // Present and enabled, unless it says otherwise.
    let bus = given.get("EventBridgeConfiguration").map(|bus| bus.get("EventBridgeEnabled").cloned());
    if bus.is_some_and(|enabled| !enabled.is_some_and(|enabled| enabled == json!(false) || enabled == json!("false"))) {
        all["EventBridgeConfiguration"] = json!({});
    }
    all
}

/// Puts all tags: S3 has no operation for some.
async fn put_tags(work: &Work) -> AwsResult<()> {
    let (bucket, tags) = (Input::of("Bucket", &*work.name), work.all_tags());
    if tags.is_empty() {
        return work.send::<wire::DeleteBucketTagging>(bucket).await.map(drop);
    }
    work.send::<wire::PutBucketTagging>(bucket.with("Tagging", json!({"TagSet": tags}))).await.map(drop)
}

#[async_trait]
impl Provider for Bucket {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "AccessControl",
            "BucketEncryption",
            "BucketName",
            "CorsConfiguration",
            "LifecycleConfiguration",
            "NotificationConfiguration",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "Tags",
            "VersioningConfiguration",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &[
            "BucketEncryption/ServerSideEncryptionConfiguration/*/BlockedEncryptionTypes",
            "LifecycleConfiguration/Rules/*/NoncurrentVersionTransition",
            "LifecycleConfiguration/Rules/*/NoncurrentVersionTransitions",
            "LifecycleConfiguration/Rules/*/Transition",
            "LifecycleConfiguration/Rules/*/Transitions",
            "LifecycleConfiguration/TransitionDefaultMinimumObjectSize",
        ]
    }

    fn naming(&self) -> Naming {
        Naming::by("BucketName", 63).lower_case()
    }

    /// A new bucket is private, so that asks for nothing.
    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        match Properties(properties).text("AccessControl").as_deref() {
            None | Some("Private" | UNKNOWN) => Ok(()),
            Some(other) => Err(format!(
                "The value {other} of the property {{/AccessControl}} is not supported by the embedded cloud yet"
            )),
        }
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        work.call(wire::HeadBucket { bucket: work.name.clone(), ..Default::default() }).await?;
        Ok(Some(made(work)))
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        // S3 answers success to the owner who creates a bucket again; a stack must not take over what it did not make.
        let head = wire::HeadBucket { bucket: work.name.clone(), ..Default::default() };
        if !matches!(work.call(head).await, Err(error) if error.status == 404) {
            return Err(AwsError::new("BucketAlreadyExists", 409, format!("{} already exists", work.name)));
        }
        let region = work.context.region.to_string();
        // us-east-1 is the only region that must not be named.
        let elsewhere = (region != "us-east-1")
            .then(|| wire::CreateBucketConfiguration { location_constraint: Some(region), ..Default::default() });
        let bucket = work.name.clone();
        work.call(wire::CreateBucket { bucket, create_bucket_configuration: elsewhere, ..Default::default() }).await?;
        work.exists(&work.name);
        for property in CONFIGURATIONS.iter().filter(|property| work.properties.contains_key(**property)) {
            configure(work, property).await?;
        }
        put_tags(work).await?;
        Ok(made(work))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let different = changed(&old.properties, &work.properties);
        for property in CONFIGURATIONS.iter().filter(|property| different.contains(*property)) {
            configure(work, property).await?;
            work.did([*property]);
        }
        Ok(made(work))
    }

    async fn tag(&self, work: &Work, _: &Made, _: &Retag) -> AwsResult<()> {
        put_tags(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.send::<wire::DeleteBucket>(work.identity(old).renamed("BucketName", "Bucket")).await.map(drop)
    }
}
