//! What is configured for a bucket: versioning, encryption, ownership, CORS, lifecycle.

use super::buckets::acl_with_enforced_ownership;
use crate::backend::Backend;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::Versioning;
use crate::model::lifecycle;
use s3s::dto;

/// GetBucketVersioning.
pub async fn get_versioning(
    backend: &Backend,
    _: &Call,
    input: dto::GetBucketVersioningInput,
) -> Answer<dto::GetBucketVersioningOutput> {
    let status = match backend.bucket(&input.bucket)?.versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some("Enabled"),
        Versioning::Suspended => Some("Suspended"),
    };
    let status = status.map(dto::BucketVersioningStatus::from_static);
    Ok(dto::GetBucketVersioningOutput { mfa_delete: None, status })
}

/// PutBucketVersioning.
pub async fn put_versioning(
    backend: &Backend,
    _: &Call,
    input: dto::PutBucketVersioningInput,
) -> Answer<dto::PutBucketVersioningOutput> {
    backend.bucket(&input.bucket)?;
    let configuration = input.versioning_configuration;
    if configuration.mfa_delete.is_some_and(|mfa| mfa.as_str() != "Disabled") {
        return Err(Fault::unsupported("the parameter MfaDelete of PutBucketVersioning"));
    }
    let versioning = match configuration.status.as_ref().map(|status| status.as_str()) {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        Some(_) => return Err(Fault::malformed_xml()),
        None => {
            return Err(Fault::new(
                "IllegalVersioningConfigurationException",
                400,
                "The Versioning element must be specified",
            ));
        }
    };
    backend.configure(&input.bucket, |bucket| bucket.versioning = versioning).await?;
    Ok(dto::PutBucketVersioningOutput {})
}

/// GetBucketEncryption.
pub async fn get_encryption(
    backend: &Backend,
    _: &Call,
    input: dto::GetBucketEncryptionInput,
) -> Answer<dto::GetBucketEncryptionOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let rule = dto::ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(dto::ServerSideEncryptionByDefault {
            kms_master_key_id: None,
            sse_algorithm: dto::ServerSideEncryption::from_static(dto::ServerSideEncryption::AES256),
        }),
        bucket_key_enabled: Some(bucket.bucket_key_enabled),
    };
    let configuration = dto::ServerSideEncryptionConfiguration { rules: vec![rule] };
    Ok(dto::GetBucketEncryptionOutput { server_side_encryption_configuration: Some(configuration) })
}

/// PutBucketEncryption.
pub async fn put_encryption(
    backend: &Backend,
    _: &Call,
    input: dto::PutBucketEncryptionInput,
) -> Answer<dto::PutBucketEncryptionOutput> {
    backend.bucket(&input.bucket)?;
    let [rule] = input.server_side_encryption_configuration.rules.as_slice() else {
        return Err(Fault::malformed_xml());
    };
    if let Some(default) = &rule.apply_server_side_encryption_by_default {
        match default.sse_algorithm.as_str() {
            "AES256" if default.kms_master_key_id.is_some() => {
                let message =
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse";
                let name = "ApplyServerSideEncryptionByDefault";
                return Err(Fault::new("InvalidArgument", 400, message).with("ArgumentName", name));
            }
            "AES256" => {}
            other @ ("aws:kms" | "aws:kms:dsse") => {
                return Err(Fault::unsupported(format_args!("the encryption {other} of PutBucketEncryption")));
            }
            _ => return Err(Fault::malformed_xml()),
        }
    }
    let enabled = rule.bucket_key_enabled.unwrap_or(false);
    backend
        .configure(&input.bucket, |bucket| {
            (bucket.encryption_configured, bucket.bucket_key_enabled) = (true, enabled);
        })
        .await?;
    Ok(dto::PutBucketEncryptionOutput {})
}

/// DeleteBucketEncryption: back to what every bucket has.
pub async fn delete_encryption(
    backend: &Backend,
    _: &Call,
    input: dto::DeleteBucketEncryptionInput,
) -> Answer<dto::DeleteBucketEncryptionOutput> {
    backend
        .configure(&input.bucket, |bucket| {
            (bucket.encryption_configured, bucket.bucket_key_enabled) = (false, false);
        })
        .await?;
    Ok(dto::DeleteBucketEncryptionOutput {})
}

/// GetBucketOwnershipControls.
pub async fn get_ownership(
    backend: &Backend,
    _: &Call,
    input: dto::GetBucketOwnershipControlsInput,
) -> Answer<dto::GetBucketOwnershipControlsOutput> {
    let ownership = backend.bucket(&input.bucket)?.ownership.clone().ok_or_else(|| {
        Fault::new("OwnershipControlsNotFoundError", 404, "The bucket ownership controls were not found")
            .with("BucketName", input.bucket)
    })?;
    let rule = dto::OwnershipControlsRule { object_ownership: dto::ObjectOwnership::from(ownership) };
    Ok(dto::GetBucketOwnershipControlsOutput { ownership_controls: Some(dto::OwnershipControls { rules: vec![rule] }) })
}

/// PutBucketOwnershipControls.
pub async fn put_ownership(
    backend: &Backend,
    _: &Call,
    input: dto::PutBucketOwnershipControlsInput,
) -> Answer<dto::PutBucketOwnershipControlsOutput> {
    let [rule] = input.ownership_controls.rules.as_slice() else { return Err(Fault::malformed_xml()) };
    let ownership = rule.object_ownership.as_str().to_owned();
    if !matches!(ownership.as_str(), "BucketOwnerEnforced" | "BucketOwnerPreferred" | "ObjectWriter") {
        return Err(Fault::malformed_xml());
    }
    backend
        .update_bucket(&input.bucket, |bucket| {
            let mut bucket = bucket.ok_or_else(|| Fault::no_such_bucket(&input.bucket))?.clone();
            // "You must first migrate your bucket ACL to your bucket policy and reset it to the default private ACL" (S3
            // User Guide, "Prerequisites for disabling ACLs").
            if ownership == "BucketOwnerEnforced" && bucket.acl.as_ref().is_some_and(|acl| !acl.is_private()) {
                return Err(acl_with_enforced_ownership());
            }
            bucket.ownership = Some(ownership);
            Ok(Some(bucket))
        })
        .await?;
    Ok(dto::PutBucketOwnershipControlsOutput {})
}

/// DeleteBucketOwnershipControls.
pub async fn delete_ownership(
    backend: &Backend,
    _: &Call,
    input: dto::DeleteBucketOwnershipControlsInput,
) -> Answer<dto::DeleteBucketOwnershipControlsOutput> {
    backend.configure(&input.bucket, |bucket| bucket.ownership = None).await?;
    Ok(dto::DeleteBucketOwnershipControlsOutput {})
}

/// GetBucketCors.
pub async fn get_cors(backend: &Backend, _: &Call, input: dto::GetBucketCorsInput) -> Answer<dto::GetBucketCorsOutput> {
    let cors = backend.bucket(&input.bucket)?.cors.clone().ok_or_else(|| {
        Fault::new("NoSuchCORSConfiguration", 404, "The CORS configuration does not exist")
            .with("BucketName", input.bucket)
    })?;
    Ok(dto::GetBucketCorsOutput { cors_rules: Some(cors.cors_rules) })
}

/// PutBucketCors.
pub async fn put_cors(backend: &Backend, _: &Call, input: dto::PutBucketCorsInput) -> Answer<dto::PutBucketCorsOutput> {
    let configuration = input.cors_configuration;
    if configuration.cors_rules.is_empty() || configuration.cors_rules.len() > 100 {
        return Err(Fault::malformed_xml());
    }
    for rule in &configuration.cors_rules {
        if rule.allowed_methods.is_empty() || rule.allowed_origins.is_empty() {
            return Err(Fault::malformed_xml());
        }
        let known = |method: &str| matches!(method, "GET" | "PUT" | "HEAD" | "POST" | "DELETE");
        if let Some(method) = rule.allowed_methods.iter().find(|method| !known(method.as_str())) {
            let message =
                format!("Found unsupported HTTP method in CORS config. Unsupported method is {}", method.as_str());
            return Err(Fault::invalid_request(message));
        }
        let many_stars = |pattern: &&String| pattern.matches('*').count() > 1;
        if let Some(origin) = rule.allowed_origins.iter().find(many_stars) {
            let message = format!("AllowedOrigin \"{origin}\" can not have more than one wildcard.");
            return Err(Fault::invalid_request(message));
        }
        if let Some(name) = rule.allowed_headers.iter().flatten().find(many_stars) {
            let message = format!("AllowedHeader \"{name}\" can not have more than one wildcard.");
            return Err(Fault::invalid_request(message));
        }
        if let Some(name) = rule.expose_headers.iter().flatten().find(|name| name.contains('*')) {
            let message = format!(
                "ExposeHeader \"{name}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
            );
            return Err(Fault::invalid_request(message));
        }
    }
    backend.configure(&input.bucket, |bucket| bucket.cors = Some(configuration)).await?;
    Ok(dto::PutBucketCorsOutput {})
}

/// DeleteBucketCors.
pub async fn delete_cors(
    backend: &Backend,
    _: &Call,
    input: dto::DeleteBucketCorsInput,
) -> Answer<dto::DeleteBucketCorsOutput> {
    backend.configure(&input.bucket, |bucket| bucket.cors = None).await?;
    Ok(dto::DeleteBucketCorsOutput {})
}

/// What GetBucketLifecycleConfiguration answers of the least size when nothing was said.
const MINIMUM_OBJECT_SIZE: &str = "all_storage_classes_128K";

/// GetBucketLifecycleConfiguration.
pub async fn get_lifecycle(
    backend: &Backend,
    _: &Call,
    input: dto::GetBucketLifecycleConfigurationInput,
) -> Answer<dto::GetBucketLifecycleConfigurationOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let lifecycle = bucket.lifecycle.clone().ok_or_else(|| {
        Fault::new("NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist")
            .with("BucketName", input.bucket)
    })?;
    let size = bucket.transition_default_minimum_object_size.clone();
    let size = size.unwrap_or_else(|| MINIMUM_OBJECT_SIZE.to_owned());
    Ok(dto::GetBucketLifecycleConfigurationOutput {
        rules: Some(lifecycle.rules),
        transition_default_minimum_object_size: Some(dto::TransitionDefaultMinimumObjectSize::from(size)),
    })
}

/// PutBucketLifecycleConfiguration.
pub async fn put_lifecycle(
    backend: &Backend,
    _: &Call,
    input: dto::PutBucketLifecycleConfigurationInput,
) -> Answer<dto::PutBucketLifecycleConfigurationOutput> {
    backend.bucket(&input.bucket)?;
    let size = input.transition_default_minimum_object_size;
    let size = size.map_or_else(|| MINIMUM_OBJECT_SIZE.to_owned(), |size| size.as_str().to_owned());
    if !matches!(size.as_str(), "varies_by_storage_class" | MINIMUM_OBJECT_SIZE) {
        return Err(Fault::invalid_request(format!("Invalid TransitionDefaultMinimumObjectSize found: {size}")));
    }
    let configuration = lifecycle::check(input.lifecycle_configuration.ok_or_else(Fault::malformed_xml)?)?;
    let stored = size.clone();
    backend
        .configure(&input.bucket, |bucket| {
            bucket.lifecycle = Some(configuration);
            bucket.transition_default_minimum_object_size = Some(stored);
        })
        .await?;
    Ok(dto::PutBucketLifecycleConfigurationOutput {
        transition_default_minimum_object_size: Some(dto::TransitionDefaultMinimumObjectSize::from(size)),
    })
}

/// DeleteBucketLifecycle.
pub async fn delete_lifecycle(
    backend: &Backend,
    _: &Call,
    input: dto::DeleteBucketLifecycleInput,
) -> Answer<dto::DeleteBucketLifecycleOutput> {
    backend.configure(&input.bucket, |bucket| bucket.lifecycle = None).await?;
    Ok(dto::DeleteBucketLifecycleOutput {})
}
