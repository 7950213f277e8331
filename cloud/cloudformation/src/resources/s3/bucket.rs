//! S3: buckets and their policies.

use super::super::properties::Properties;
use super::super::{Made, Naming, Provider, Retag, Work, changed, tags};
use crate::model::Physical;
use async_trait::async_trait;
use slam_cloud_core::{AwsError, AwsResult, Timestamp};
use slam_cloud_wire::s3 as wire;

/// `AWS::S3::Bucket`.
pub struct Bucket;

impl Bucket {
    fn made(work: &Work, name: &str) -> Made {
        let region = &work.context.region;
        Made::new(name)
            .with("Arn", format!("arn:{}:s3:::{name}", work.context.partition()))
            .with("DomainName", format!("{name}.s3.amazonaws.com"))
            .with("RegionalDomainName", format!("{name}.s3.{region}.amazonaws.com"))
            .with("DualStackDomainName", format!("{name}.s3.dualstack.{region}.amazonaws.com"))
            .with("WebsiteURL", format!("http://{name}.s3-website-{region}.amazonaws.com"))
    }

    /// Puts one piece of configuration, or takes it away when it is not given.
    async fn configure(&self, work: &Work, property: &str) -> AwsResult<()> {
        let properties = Properties(&work.properties);
        let bucket = work.name.clone();
        let given = properties.object(property);
        match (property, given) {
            ("VersioningConfiguration", _) => {
                // Versioning that was once on can only be suspended.
                let status = given.and_then(|given| given.text("Status")).unwrap_or_else(|| "Suspended".to_owned());
                let versioning_configuration =
                    wire::VersioningConfiguration { status: Some(status), ..Default::default() };
                work.call(wire::PutBucketVersioning { bucket, versioning_configuration, ..Default::default() }).await?;
            }
            ("BucketEncryption", Some(given)) => {
                let server_side_encryption_configuration = encryption(given);
                let request =
                    wire::PutBucketEncryption { bucket, server_side_encryption_configuration, ..Default::default() };
                work.call(request).await?;
            }
            ("BucketEncryption", None) => {
                work.call_unless_gone(wire::DeleteBucketEncryption { bucket, ..Default::default() }).await?;
            }
            ("PublicAccessBlockConfiguration", Some(given)) => {
                let public_access_block_configuration = wire::PublicAccessBlockConfiguration {
                    block_public_acls: given.boolean("BlockPublicAcls"),
                    ignore_public_acls: given.boolean("IgnorePublicAcls"),
                    block_public_policy: given.boolean("BlockPublicPolicy"),
                    restrict_public_buckets: given.boolean("RestrictPublicBuckets"),
                };
                let request =
                    wire::PutPublicAccessBlock { bucket, public_access_block_configuration, ..Default::default() };
                work.call(request).await?;
            }
            ("PublicAccessBlockConfiguration", None) => {
                work.call_unless_gone(wire::DeletePublicAccessBlock { bucket, ..Default::default() }).await?;
            }
            ("OwnershipControls", Some(given)) => {
                let rules = given.objects("Rules").into_iter();
                let rules = rules.filter_map(|rule| rule.text("ObjectOwnership"));
                let rules = rules.map(|object_ownership| wire::OwnershipControlsRule { object_ownership }).collect();
                let ownership_controls = wire::OwnershipControls { rules };
                work.call(wire::PutBucketOwnershipControls { bucket, ownership_controls, ..Default::default() })
                    .await?;
            }
            ("OwnershipControls", None) => {
                work.call_unless_gone(wire::DeleteBucketOwnershipControls { bucket, ..Default::default() }).await?;
            }
            ("LifecycleConfiguration", Some(given)) => {
                let rules = given.objects("Rules").into_iter().map(lifecycle_rule).collect();
                let lifecycle_configuration = Some(wire::BucketLifecycleConfiguration { rules });
                let request =
                    wire::PutBucketLifecycleConfiguration { bucket, lifecycle_configuration, ..Default::default() };
                work.call(request).await?;
            }
            ("LifecycleConfiguration", None) => {
                work.call_unless_gone(wire::DeleteBucketLifecycle { bucket, ..Default::default() }).await?;
            }
            ("CorsConfiguration", Some(given)) => {
                let cors_rules = given.objects("CorsRules").into_iter().map(cors_rule).collect();
                let cors_configuration = wire::CORSConfiguration { cors_rules };
                work.call(wire::PutBucketCors { bucket, cors_configuration, ..Default::default() }).await?;
            }
            ("CorsConfiguration", None) => {
                work.call_unless_gone(wire::DeleteBucketCors { bucket, ..Default::default() }).await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn put_tags(&self, work: &Work) -> AwsResult<()> {
        let tags = tags::texts(work).into_iter();
        let tag_set: Vec<_> = tags.map(|(key, value)| wire::Tag { key, value }).collect();
        let bucket = work.name.clone();
        if tag_set.is_empty() {
            return work.call(wire::DeleteBucketTagging { bucket, ..Default::default() }).await.map(|_| ());
        }
        let tagging = wire::Tagging { tag_set };
        work.call(wire::PutBucketTagging { bucket, tagging, ..Default::default() }).await.map(|_| ())
    }
}

/// What is configured after the bucket exists, in this order: versioning is a condition of some of the rest.
const CONFIGURATIONS: &[&str] = &[
    "VersioningConfiguration",
    "BucketEncryption",
    "OwnershipControls",
    "PublicAccessBlockConfiguration",
    "LifecycleConfiguration",
    "CorsConfiguration",
];

#[async_trait]
impl Provider for Bucket {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "BucketEncryption",
            "BucketName",
            "CorsConfiguration",
            "LifecycleConfiguration",
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

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        let request = wire::HeadBucket { bucket: work.name.clone(), ..Default::default() };
        Ok(work.kind.unless_gone(work.call(request).await)?.map(|_| Self::made(work, &work.name)))
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
            self.configure(work, property).await?;
        }
        self.put_tags(work).await?;
        Ok(Self::made(work, &work.name))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let different = changed(&old.properties, &work.properties);
        for property in CONFIGURATIONS.iter().filter(|property| different.contains(*property)) {
            self.configure(work, property).await?;
        }
        Ok(Self::made(work, &old.id))
    }

    async fn tag(&self, work: &Work, _: &Made, _: &Retag) -> AwsResult<()> {
        self.put_tags(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let request = wire::DeleteBucket { bucket: old.id.clone(), ..Default::default() };
        work.call(request).await.map(drop)
    }
}

fn encryption(given: Properties<'_>) -> wire::ServerSideEncryptionConfiguration {
    let rules = given.objects("ServerSideEncryptionConfiguration").into_iter();
    let rules = rules.map(|rule| wire::ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: rule.object("ServerSideEncryptionByDefault").map(|default| {
            wire::ServerSideEncryptionByDefault {
                sse_algorithm: default.text("SSEAlgorithm").unwrap_or_default(),
                kms_master_key_id: default.text("KMSMasterKeyID"),
            }
        }),
        bucket_key_enabled: rule.boolean("BucketKeyEnabled"),
        blocked_encryption_types: None,
    });
    wire::ServerSideEncryptionConfiguration { rules: rules.collect() }
}

fn cors_rule(rule: Properties<'_>) -> wire::CORSRule {
    wire::CORSRule {
        id: rule.text("Id"),
        allowed_headers: rule.texts("AllowedHeaders"),
        allowed_methods: rule.texts("AllowedMethods").unwrap_or_default(),
        allowed_origins: rule.texts("AllowedOrigins").unwrap_or_default(),
        expose_headers: rule.texts("ExposedHeaders"),
        max_age_seconds: rule.integer("MaxAge"),
    }
}

fn lifecycle_rule(rule: Properties<'_>) -> wire::LifecycleRule {
    let size = |name: &str| rule.text(name).and_then(|text| text.parse().ok());
    let tags: Vec<wire::Tag> = rule
        .objects("TagFilters")
        .into_iter()
        .filter_map(|tag| Some(wire::Tag { key: tag.text("Key")?, value: tag.text("Value")? }))
        .collect();
    let and = wire::LifecycleRuleAndOperator {
        prefix: rule.text("Prefix"),
        tags: Some(tags.clone()).filter(|tags| !tags.is_empty()),
        object_size_greater_than: size("ObjectSizeGreaterThan"),
        object_size_less_than: size("ObjectSizeLessThan"),
    };
    let conditions = usize::from(and.prefix.is_some())
        + tags.len()
        + usize::from(and.object_size_greater_than.is_some())
        + usize::from(and.object_size_less_than.is_some());
    // One condition stands alone, several stand in an And.
    let filter = if conditions > 1 {
        wire::LifecycleRuleFilter { and: Some(and), ..Default::default() }
    } else if conditions == 1 {
        wire::LifecycleRuleFilter {
            prefix: and.prefix,
            tag: tags.into_iter().next(),
            object_size_greater_than: and.object_size_greater_than,
            object_size_less_than: and.object_size_less_than,
            and: None,
        }
    } else {
        wire::LifecycleRuleFilter { prefix: Some(String::new()), ..Default::default() }
    };
    let expiration = wire::LifecycleExpiration {
        date: rule.text("ExpirationDate").and_then(|date| date.parse::<Timestamp>().ok()),
        days: rule.integer("ExpirationInDays"),
        expired_object_delete_marker: rule.boolean("ExpiredObjectDeleteMarker"),
    };
    let noncurrent = rule.object("NoncurrentVersionExpiration");
    let noncurrent_days = noncurrent
        .and_then(|noncurrent| noncurrent.integer("NoncurrentDays"))
        .or_else(|| rule.integer("NoncurrentVersionExpirationInDays"));
    wire::LifecycleRule {
        expiration: Some(expiration).filter(|expiration| *expiration != wire::LifecycleExpiration::default()),
        id: rule.text("Id"),
        prefix: None,
        filter: Some(filter),
        status: rule.text("Status").unwrap_or_default(),
        transitions: None,
        noncurrent_version_transitions: None,
        noncurrent_version_expiration: noncurrent_days.map(|days| wire::NoncurrentVersionExpiration {
            noncurrent_days: Some(days),
            newer_noncurrent_versions: noncurrent.and_then(|one| one.integer("NewerNoncurrentVersions")),
        }),
        abort_incomplete_multipart_upload: rule.object("AbortIncompleteMultipartUpload").map(|abort| {
            wire::AbortIncompleteMultipartUpload { days_after_initiation: abort.integer("DaysAfterInitiation") }
        }),
    }
}

/// `AWS::S3::BucketPolicy`.
pub struct BucketPolicy;

impl BucketPolicy {
    async fn put(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let bucket = properties.need("Bucket")?;
        let policy = properties.document("PolicyDocument").unwrap_or_default();
        work.call(wire::PutBucketPolicy { bucket: bucket.clone(), policy, ..Default::default() }).await?;
        Ok(Made::new(bucket))
    }
}

#[async_trait]
impl Provider for BucketPolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["Bucket", "PolicyDocument"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        self.put(work).await
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        self.put(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let bucket = Properties(&old.properties).need("Bucket")?;
        work.call(wire::DeleteBucketPolicy { bucket, ..Default::default() }).await.map(drop)
    }
}
