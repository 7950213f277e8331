//! The patch paths of a stage, which has the richest grammar of all.
//!
//! Recorded: TestStages::test_create_update_stages, test_update_stage_remove_wildcard,
//! TestApiGatewayStage::test_stage_access_log_settings_validation.

use super::stage_rules::{check_variable, check_variable_count, refuse_cache};
use crate::error::bad_request;
use crate::model::{AccessLogSettings, LoggingLevel, MethodSetting, Stage};
use crate::patch::{Op, Patch};
use slam_cloud_core::{AwsError, AwsResult};

/// AWS's own list, its missing commas included.
const PATHS: &str = "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled";

/// AWS: "Set up logging for a REST API": a format has at most 3 KB.
const FORMAT_LENGTH: usize = 3 * 1024;

/// Applies one operation. `logs_possible` tells whether the account has a role for logs.
pub(super) fn apply(stage: &mut Stage, patch: &Patch, logs_possible: bool) -> AwsResult<()> {
    match patch.target()[..] {
        ["deploymentId"] => {
            patch.only_replace()?;
            stage.deployment_id = patch.text();
        }
        ["description"] => stage.description = patch.optional_text(),
        ["documentationVersion"] => stage.documentation_version = patch.optional_text(),
        ["tracingEnabled"] => stage.tracing_enabled = patch.flag(),
        ["cacheClusterEnabled"] => refuse_cache(Some(patch.flag()))?,
        ["cacheClusterSize"] => stage.cache_cluster_size = patch.optional_text(),
        ["clientCertificateId"] | ["webAclArn"] | ["canarySettings", ..] => {
            return Err(AwsError::unsupported(format_args!("the patch path {} of UpdateStage", patch.path)));
        }
        ["variables", name] if patch.op == Op::Remove => {
            stage.variables.remove(name);
        }
        ["variables", name] => {
            check_variable(name, &patch.text())?;
            stage.variables.insert(name.to_owned(), patch.text());
            check_variable_count(&stage.variables)?;
        }
        ["accessLogSettings"] if patch.op == Op::Remove => stage.access_log = None,
        ["accessLogSettings", ..] if patch.op != Op::Remove => access_log(stage, patch)?,
        [resource, method, ref rest @ ..] if patch.op == Op::Remove => remove_setting(stage, resource, method, rest)?,
        [resource, method, group, property] => {
            let known = SETTINGS.contains(&(group, property));
            let key = setting_key(resource, method);
            let setting = stage.method_settings.get(&key).cloned().unwrap_or_default();
            if !known {
                return Err(unknown_path(patch));
            }
            let changed = method_setting(setting, (group, property), patch, logs_possible)?;
            stage.method_settings.insert(key, changed);
        }
        _ => return Err(unknown_path(patch)),
    }
    Ok(())
}

fn unknown_path(patch: &Patch) -> AwsError {
    bad_request(format!("Invalid method setting path: {}. Must be one of: [{PATHS}]", patch.path))
}

fn access_log(stage: &mut Stage, patch: &Patch) -> AwsResult<()> {
    let target = patch.target();
    let property = match target[..] {
        [_, property @ ("destinationArn" | "format")] => property,
        _ => {
            return Err(bad_request(
                "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]",
            ));
        }
    };
    let value = patch.text();
    if value.is_empty() {
        return Err(bad_request("Access Log value must not be empty"));
    }
    let settings = stage.access_log.get_or_insert_with(AccessLogSettings::default);
    if property == "format" {
        if value.len() > FORMAT_LENGTH {
            return Err(bad_request("Access log format cannot be larger than 3 KB"));
        }
        settings.format = Some(value);
        return Ok(());
    }
    if value.contains(":firehose:") {
        return Err(AwsError::unsupported("an access log to Firehose"));
    }
    if !value.contains(":logs:") || !value.contains(":log-group:") {
        return Err(bad_request("Invalid ARN specified in the request"));
    }
    // AWS stores the group's ARN without the `:*` that CloudFormation's GetAtt ends with.
    settings.destination_arn = Some(value.trim_end_matches(":*").to_owned());
    Ok(())
}

/// `/users` and `GET` become `users/GET`; `*` and `*` stay.
fn setting_key(resource: &str, method: &str) -> String {
    format!("{}/{method}", resource.trim_start_matches('/'))
}

fn remove_setting(stage: &mut Stage, resource: &str, method: &str, rest: &[&str]) -> AwsResult<()> {
    let removed = if rest.is_empty() { stage.method_settings.remove(&setting_key(resource, method)) } else { None };
    match removed {
        Some(_) => Ok(()),
        None => Err(bad_request(format!(
            "Cannot remove method setting {resource}/{method} because there is no method setting for this method "
        ))),
    }
}

const SETTINGS: [(&str, &str); 10] = [
    ("metrics", "enabled"),
    ("logging", "dataTrace"),
    ("logging", "loglevel"),
    ("throttling", "burstLimit"),
    ("throttling", "rateLimit"),
    ("caching", "ttlInSeconds"),
    ("caching", "enabled"),
    ("caching", "dataEncrypted"),
    ("caching", "requireAuthorizationForCacheControl"),
    ("caching", "unauthorizedCacheControlHeaderStrategy"),
];

fn method_setting(
    mut setting: MethodSetting,
    property: (&str, &str),
    patch: &Patch,
    logs_possible: bool,
) -> AwsResult<MethodSetting> {
    let value = patch.text();
    let invalid = || bad_request(format!("Invalid value {value} for the method setting path {}", patch.path));
    match property {
        ("metrics", _) => setting.metrics_enabled = patch.flag(),
        ("logging", "dataTrace") => setting.data_trace_enabled = patch.flag(),
        ("logging", _) => {
            let level = LoggingLevel::parse(&value).ok_or_else(invalid)?;
            if level != LoggingLevel::Off && !logs_possible {
                return Err(bad_request("CloudWatch Logs role ARN must be set in account settings to enable logging"));
            }
            setting.logging_level = Some(level);
        }
        ("throttling", "burstLimit") => {
            setting.throttling_burst_limit = value.parse().ok().filter(|limit| *limit >= 0).ok_or_else(invalid)?;
        }
        ("throttling", _) => {
            setting.throttling_rate_limit =
                value.parse().ok().filter(|limit: &f64| limit.is_finite() && *limit >= 0.0).ok_or_else(invalid)?;
        }
        (_, "ttlInSeconds") => {
            setting.cache_ttl_in_seconds =
                value.parse().ok().filter(|seconds| (0..=3600).contains(seconds)).ok_or_else(invalid)?;
        }
        (_, "enabled") => setting.caching_enabled = patch.flag(),
        (_, "dataEncrypted") => setting.cache_data_encrypted = patch.flag(),
        (_, "requireAuthorizationForCacheControl") => setting.require_authorization_for_cache_control = patch.flag(),
        _ => {
            let strategies = ["FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER"];
            if !strategies.contains(&value.as_str()) {
                return Err(invalid());
            }
            setting.unauthorized_cache_control_header_strategy = value;
        }
    }
    Ok(setting)
}
