//! Buckets and what is configured for them.

use super::{Internal, Place, check_owner, narrow, refuse};
use crate::api;
use crate::backend::Backend;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::object::timestamp;
use s3s::dto;
use slam_cloud_wire::s3;
use std::sync::Arc;

/// Registers those that name a bucket and nothing else.
macro_rules! deletions {
    ($operations:ident: $($operation:ident -> $output:ident as $input:ident: $($function:ident)::+;)*) => {$(
        $operations.add(|input: &s3::$operation| Place::bucket(&input.bucket), async |backend: Arc<Backend>, call: Call, input: s3::$operation| {
            check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
            let input = dto::$input { bucket: input.bucket, expected_bucket_owner: None };
            $($function)::+(&backend, &call, input).await?;
            Ok(s3::$output {})
        });
    )*};
}

pub fn register(operations: &mut Internal<'_>) {
    deletions! { operations:
        DeleteBucket -> DeleteBucketOutput as DeleteBucketInput: api::buckets::delete;
        DeleteBucketCors -> DeleteBucketCorsOutput as DeleteBucketCorsInput: api::configuration::delete_cors;
        DeleteBucketEncryption -> DeleteBucketEncryptionOutput as DeleteBucketEncryptionInput: api::configuration::delete_encryption;
        DeleteBucketLifecycle -> DeleteBucketLifecycleOutput as DeleteBucketLifecycleInput: api::configuration::delete_lifecycle;
        DeleteBucketOwnershipControls -> DeleteBucketOwnershipControlsOutput as DeleteBucketOwnershipControlsInput: api::configuration::delete_ownership;
        DeleteBucketPolicy -> DeleteBucketPolicyOutput as DeleteBucketPolicyInput: api::policy::delete;
        DeleteBucketTagging -> DeleteBucketTaggingOutput as DeleteBucketTaggingInput: api::tagging::delete_bucket;
        DeletePublicAccessBlock -> DeletePublicAccessBlockOutput as DeletePublicAccessBlockInput: api::policy::delete_public_access_block;
    }
    operations.add(|input: &s3::CreateBucket| Place::bucket(&input.bucket), create);
    operations.add(|input: &s3::HeadBucket| Place::bucket(&input.bucket), head);
    operations.add(|input: &s3::PutBucketVersioning| Place::bucket(&input.bucket), put_versioning);
    operations.add(|input: &s3::PutBucketTagging| Place::bucket(&input.bucket), put_tagging);
    operations.add(|input: &s3::PutBucketPolicy| Place::bucket(&input.bucket), put_policy);
    operations.add(|input: &s3::PutPublicAccessBlock| Place::bucket(&input.bucket), put_public_access_block);
    operations.add(|input: &s3::PutBucketEncryption| Place::bucket(&input.bucket), put_encryption);
    operations.add(|input: &s3::PutBucketOwnershipControls| Place::bucket(&input.bucket), put_ownership);
    operations.add(|input: &s3::PutBucketCors| Place::bucket(&input.bucket), put_cors);
    operations.add(|input: &s3::PutBucketNotificationConfiguration| Place::bucket(&input.bucket), put_notification);
    operations.add(|input: &s3::PutBucketLifecycleConfiguration| Place::bucket(&input.bucket), put_lifecycle);
}

/// Unlike over HTTP, a bucket that is there is an error in us-east-1 too: a stack must not adopt what it did not make.
/// Without a constraint the bucket is made in the call's region.
async fn create(backend: Arc<Backend>, call: Call, input: s3::CreateBucket) -> Answer<s3::CreateBucketOutput> {
    refuse(
        "CreateBucket",
        &[
            ("GrantFullControl", input.grant_full_control.is_some()),
            ("GrantRead", input.grant_read.is_some()),
            ("GrantReadACP", input.grant_read_acp.is_some()),
            ("GrantWrite", input.grant_write.is_some()),
            ("GrantWriteACP", input.grant_write_acp.is_some()),
            ("BucketNamespace", input.bucket_namespace.is_some()),
        ],
    )?;
    if input.object_lock_enabled_for_bucket == Some(true) {
        return Err(Fault::unsupported("the parameter ObjectLockEnabledForBucket of CreateBucket"));
    }
    let configuration = input.create_bucket_configuration.unwrap_or_default();
    if configuration.location.is_some() || configuration.bucket.is_some() {
        return Err(Fault::unsupported("a directory bucket (the parameters Bucket and Location of CreateBucket)"));
    }
    if let Some(existing) = backend.find_bucket(&input.bucket)
        && *existing.owner == *call.context.account
    {
        return Err(api::buckets::already_owned(&input.bucket));
    }
    let region = &*call.context.region;
    let constraint = configuration.location_constraint.or_else(|| (region != "us-east-1").then(|| region.to_owned()));
    let create = dto::CreateBucketInput {
        bucket: input.bucket.clone(),
        create_bucket_configuration: Some(dto::CreateBucketConfiguration {
            location_constraint: constraint.map(dto::BucketLocationConstraint::from),
            ..Default::default()
        }),
        acl: input.acl.map(dto::BucketCannedACL::from),
        object_ownership: input.object_ownership.map(dto::ObjectOwnership::from),
        ..Default::default()
    };
    let output = api::buckets::create(&backend, &call, create).await?;
    if let Some(tags) = configuration.tags {
        let tagging = s3::Tagging { tag_set: tags };
        let put = s3::PutBucketTagging { bucket: input.bucket.clone(), tagging, ..Default::default() };
        put_tagging(Arc::clone(&backend), call.clone(), put).await?;
    }
    let arn = format!("arn:{}:s3:::{}", call.context.partition(), input.bucket);
    Ok(s3::CreateBucketOutput { location: output.location, bucket_arn: Some(arn) })
}

async fn head(backend: Arc<Backend>, call: Call, input: s3::HeadBucket) -> Answer<s3::HeadBucketOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let bucket = backend.bucket(&input.bucket)?;
    Ok(s3::HeadBucketOutput {
        bucket_arn: Some(format!("arn:{}:s3:::{}", call.context.partition(), bucket.name)),
        bucket_region: Some(bucket.region.clone()),
        access_point_alias: Some(false),
        ..Default::default()
    })
}

async fn put_versioning(
    backend: Arc<Backend>,
    call: Call,
    input: s3::PutBucketVersioning,
) -> Answer<s3::PutBucketVersioningOutput> {
    refuse("PutBucketVersioning", &[("MFA", input.mfa.is_some())])?;
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let put = dto::PutBucketVersioningInput {
        bucket: input.bucket,
        versioning_configuration: dto::VersioningConfiguration {
            mfa_delete: input.versioning_configuration.mfa_delete.map(dto::MFADelete::from),
            status: input.versioning_configuration.status.map(dto::BucketVersioningStatus::from),
        },
        checksum_algorithm: None,
        content_md5: None,
        expected_bucket_owner: None,
        mfa: None,
    };
    api::configuration::put_versioning(&backend, &call, put).await?;
    Ok(s3::PutBucketVersioningOutput {})
}

async fn put_notification(
    backend: Arc<Backend>,
    call: Call,
    input: s3::PutBucketNotificationConfiguration,
) -> Answer<s3::PutBucketNotificationConfigurationOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let given = input.notification_configuration;
    let events = |events: Vec<String>| events.into_iter().map(dto::Event::from).collect();
    let functions = given.lambda_function_configurations.map(|functions| {
        let function = |one: s3::LambdaFunctionConfiguration| dto::LambdaFunctionConfiguration {
            events: events(one.events),
            filter: notification_filter(one.filter),
            id: one.id,
            lambda_function_arn: one.lambda_function_arn,
        };
        functions.into_iter().map(function).collect()
    });
    let queues = given.queue_configurations.map(|queues| {
        let queue = |one: s3::QueueConfiguration| dto::QueueConfiguration {
            events: events(one.events),
            filter: notification_filter(one.filter),
            id: one.id,
            queue_arn: one.queue_arn,
        };
        queues.into_iter().map(queue).collect()
    });
    let topics = given.topic_configurations.map(|topics| {
        let topic = |one: s3::TopicConfiguration| dto::TopicConfiguration {
            events: events(one.events),
            filter: notification_filter(one.filter),
            id: one.id,
            topic_arn: one.topic_arn,
        };
        topics.into_iter().map(topic).collect()
    });
    let put = dto::PutBucketNotificationConfigurationInput {
        bucket: input.bucket,
        expected_bucket_owner: None,
        notification_configuration: dto::NotificationConfiguration {
            event_bridge_configuration: given.event_bridge_configuration.map(|_| dto::EventBridgeConfiguration {}),
            lambda_function_configurations: functions,
            queue_configurations: queues,
            topic_configurations: topics,
        },
        skip_destination_validation: input.skip_destination_validation,
    };
    api::notification::put(&backend, &call, put).await?;
    Ok(s3::PutBucketNotificationConfigurationOutput {})
}

fn notification_filter(
    filter: Option<s3::NotificationConfigurationFilter>,
) -> Option<dto::NotificationConfigurationFilter> {
    let rule =
        |rule: s3::FilterRule| dto::FilterRule { name: rule.name.map(dto::FilterRuleName::from), value: rule.value };
    let key = filter?.key?;
    let filter_rules = key.filter_rules.map(|rules| rules.into_iter().map(rule).collect());
    Some(dto::NotificationConfigurationFilter { key: Some(dto::S3KeyFilter { filter_rules }) })
}

fn tag(tag: s3::Tag) -> dto::Tag {
    dto::Tag { key: Some(tag.key), value: Some(tag.value) }
}

async fn put_tagging(
    backend: Arc<Backend>,
    call: Call,
    input: s3::PutBucketTagging,
) -> Answer<s3::PutBucketTaggingOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let put = dto::PutBucketTaggingInput {
        bucket: input.bucket,
        tagging: dto::Tagging { tag_set: input.tagging.tag_set.into_iter().map(tag).collect() },
        checksum_algorithm: None,
        content_md5: None,
        expected_bucket_owner: None,
    };
    api::tagging::put_bucket(&backend, &call, put).await?;
    Ok(s3::PutBucketTaggingOutput {})
}

async fn put_policy(
    backend: Arc<Backend>,
    call: Call,
    input: s3::PutBucketPolicy,
) -> Answer<s3::PutBucketPolicyOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let put = dto::PutBucketPolicyInput { bucket: input.bucket, policy: input.policy, ..Default::default() };
    api::policy::put(&backend, &call, put).await?;
    Ok(s3::PutBucketPolicyOutput {})
}

async fn put_public_access_block(
    backend: Arc<Backend>,
    call: Call,
    input: s3::PutPublicAccessBlock,
) -> Answer<s3::PutPublicAccessBlockOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let block = input.public_access_block_configuration;
    let put = dto::PutPublicAccessBlockInput {
        bucket: input.bucket,
        public_access_block_configuration: dto::PublicAccessBlockConfiguration {
            block_public_acls: block.block_public_acls,
            block_public_policy: block.block_public_policy,
            ignore_public_acls: block.ignore_public_acls,
            restrict_public_buckets: block.restrict_public_buckets,
        },
        checksum_algorithm: None,
        content_md5: None,
        expected_bucket_owner: None,
    };
    api::policy::put_public_access_block(&backend, &call, put).await?;
    Ok(s3::PutPublicAccessBlockOutput {})
}

async fn put_encryption(
    backend: Arc<Backend>,
    call: Call,
    input: s3::PutBucketEncryption,
) -> Answer<s3::PutBucketEncryptionOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let rule = |rule: s3::ServerSideEncryptionRule| {
        refuse("PutBucketEncryption", &[("BlockedEncryptionTypes", rule.blocked_encryption_types.is_some())])?;
        Ok(dto::ServerSideEncryptionRule {
            apply_server_side_encryption_by_default: rule.apply_server_side_encryption_by_default.map(|default| {
                dto::ServerSideEncryptionByDefault {
                    kms_master_key_id: default.kms_master_key_id,
                    sse_algorithm: dto::ServerSideEncryption::from(default.sse_algorithm),
                }
            }),
            bucket_key_enabled: rule.bucket_key_enabled,
        })
    };
    let rules = input.server_side_encryption_configuration.rules.into_iter().map(rule).collect::<Answer<Vec<_>>>()?;
    let put = dto::PutBucketEncryptionInput {
        bucket: input.bucket,
        server_side_encryption_configuration: dto::ServerSideEncryptionConfiguration { rules },
        checksum_algorithm: None,
        content_md5: None,
        expected_bucket_owner: None,
    };
    api::configuration::put_encryption(&backend, &call, put).await?;
    Ok(s3::PutBucketEncryptionOutput {})
}

async fn put_ownership(
    backend: Arc<Backend>,
    call: Call,
    input: s3::PutBucketOwnershipControls,
) -> Answer<s3::PutBucketOwnershipControlsOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let rules =
        input.ownership_controls.rules.into_iter().map(|rule| dto::OwnershipControlsRule {
            object_ownership: dto::ObjectOwnership::from(rule.object_ownership),
        });
    let put = dto::PutBucketOwnershipControlsInput {
        bucket: input.bucket,
        ownership_controls: dto::OwnershipControls { rules: rules.collect() },
        content_md5: None,
        expected_bucket_owner: None,
    };
    api::configuration::put_ownership(&backend, &call, put).await?;
    Ok(s3::PutBucketOwnershipControlsOutput {})
}

async fn put_cors(backend: Arc<Backend>, call: Call, input: s3::PutBucketCors) -> Answer<s3::PutBucketCorsOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let rule = |rule: s3::CORSRule| -> Answer<dto::CORSRule> {
        Ok(dto::CORSRule {
            allowed_headers: rule.allowed_headers,
            allowed_methods: rule.allowed_methods,
            allowed_origins: rule.allowed_origins,
            expose_headers: rule.expose_headers,
            id: rule.id,
            max_age_seconds: narrow(rule.max_age_seconds, "MaxAgeSeconds")?,
        })
    };
    let rules = input.cors_configuration.cors_rules.into_iter().map(rule).collect::<Answer<Vec<_>>>()?;
    let put = dto::PutBucketCorsInput {
        bucket: input.bucket,
        cors_configuration: dto::CORSConfiguration { cors_rules: rules },
        checksum_algorithm: None,
        content_md5: None,
        expected_bucket_owner: None,
    };
    api::configuration::put_cors(&backend, &call, put).await?;
    Ok(s3::PutBucketCorsOutput {})
}

async fn put_lifecycle(
    backend: Arc<Backend>,
    call: Call,
    input: s3::PutBucketLifecycleConfiguration,
) -> Answer<s3::PutBucketLifecycleConfigurationOutput> {
    check_owner(&backend, &input.bucket, input.expected_bucket_owner.as_ref())?;
    let configuration = input.lifecycle_configuration.map(|configuration| {
        let rules = configuration.rules.into_iter().map(lifecycle_rule).collect::<Answer<Vec<_>>>()?;
        Ok::<_, Fault>(dto::BucketLifecycleConfiguration { rules })
    });
    let size = input.transition_default_minimum_object_size;
    let put = dto::PutBucketLifecycleConfigurationInput {
        bucket: input.bucket,
        checksum_algorithm: None,
        expected_bucket_owner: None,
        lifecycle_configuration: configuration.transpose()?,
        transition_default_minimum_object_size: size.map(dto::TransitionDefaultMinimumObjectSize::from),
    };
    let output = api::configuration::put_lifecycle(&backend, &call, put).await?;
    let size = output.transition_default_minimum_object_size.map(|size| size.as_str().to_owned());
    Ok(s3::PutBucketLifecycleConfigurationOutput { transition_default_minimum_object_size: size })
}

fn lifecycle_rule(rule: s3::LifecycleRule) -> Answer<dto::LifecycleRule> {
    refuse(
        "PutBucketLifecycleConfiguration",
        &[
            ("Transitions", rule.transitions.is_some()),
            ("NoncurrentVersionTransitions", rule.noncurrent_version_transitions.is_some()),
        ],
    )?;
    let expiration = rule.expiration.map(|expiration| {
        Ok::<_, Fault>(dto::LifecycleExpiration {
            date: expiration.date.map(|date| timestamp(date.as_millisecond())),
            days: narrow(expiration.days, "Days")?,
            expired_object_delete_marker: expiration.expired_object_delete_marker,
        })
    });
    let noncurrent = rule.noncurrent_version_expiration.map(|expiration| {
        Ok::<_, Fault>(dto::NoncurrentVersionExpiration {
            newer_noncurrent_versions: narrow(expiration.newer_noncurrent_versions, "NewerNoncurrentVersions")?,
            noncurrent_days: narrow(expiration.noncurrent_days, "NoncurrentDays")?,
        })
    });
    let abort = rule.abort_incomplete_multipart_upload.map(|abort| {
        Ok::<_, Fault>(dto::AbortIncompleteMultipartUpload {
            days_after_initiation: narrow(abort.days_after_initiation, "DaysAfterInitiation")?,
        })
    });
    Ok(dto::LifecycleRule {
        abort_incomplete_multipart_upload: abort.transpose()?,
        expiration: expiration.transpose()?,
        filter: rule.filter.map(|filter| dto::LifecycleRuleFilter {
            and: filter.and.map(|and| dto::LifecycleRuleAndOperator {
                object_size_greater_than: and.object_size_greater_than,
                object_size_less_than: and.object_size_less_than,
                prefix: and.prefix,
                tags: and.tags.map(|tags| tags.into_iter().map(tag).collect()),
            }),
            object_size_greater_than: filter.object_size_greater_than,
            object_size_less_than: filter.object_size_less_than,
            prefix: filter.prefix,
            tag: filter.tag.map(tag),
        }),
        id: rule.id,
        noncurrent_version_expiration: noncurrent.transpose()?,
        noncurrent_version_transitions: None,
        prefix: rule.prefix,
        status: dto::ExpirationStatus::from(rule.status),
        transitions: None,
    })
}
