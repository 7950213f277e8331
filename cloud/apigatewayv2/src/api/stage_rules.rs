//! What the settings of a stage may be.

use crate::error::{bad_request, not_found, too_many};
use crate::model::{AccessLog, Api, RouteSettings, Stage, Texts};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigatewayv2 as wire;

/// "Quotas for configuring and running an HTTP API".
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
pub(super) const STAGES: usize = 10;
const VARIABLES: usize = 100;
const VARIABLE_NAME_LENGTH: usize = 64;
const VARIABLE_LENGTH: usize = 512;
const FORMAT_LENGTH: usize = 3 * 1024;

/// "Stage names can contain only alphanumeric characters, hyphens, and underscores, or be $default. Maximum length is 128
/// characters." (the model on CreateStage)
pub(super) fn check_name(name: &str) -> AwsResult<()> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    match name == Stage::DEFAULT || ((1..=128).contains(&name.len()) && name.bytes().all(word)) {
        true => Ok(()),
        false => Err(bad_request("Stage name only allows a-zA-Z0-9_- or $default")),
    }
}

/// "Variable names can have alphanumeric and underscore characters, and the values must match [A-Za-z0-9-._~:/?#&=,]+." A
/// variable of nothing takes one away.
pub(super) fn set_variables(variables: &mut Texts, changes: Texts) -> AwsResult<()> {
    for (name, value) in changes {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if name.is_empty() || name.len() > VARIABLE_NAME_LENGTH || !name.bytes().all(word) {
            return Err(bad_request(format!(
                "Invalid stage variable name: {name}. Please use alphanumeric characters and underscores."
            )));
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&byte);
        if value.len() > VARIABLE_LENGTH || !value.bytes().all(allowed) {
            return Err(bad_request(format!(
                "Invalid stage variable value: {value}. Please use values with alphanumeric characters and the symbols -._~:/?#&=,."
            )));
        }
        match value.is_empty() {
            true => drop(variables.remove(&name)),
            false => drop(variables.insert(name, value)),
        }
    }
    if variables.len() > VARIABLES { Err(too_many("stage variables", VARIABLES)) } else { Ok(()) }
}

/// The settings of a route.
pub(super) fn settings(settings: wire::RouteSettings) -> AwsResult<RouteSettings> {
    // "Supported only for WebSocket APIs."
    if settings.data_trace_enabled == Some(true) || settings.logging_level.is_some_and(|level| level != "OFF") {
        return Err(bad_request("Execution logs are not supported on protocolType HTTP"));
    }
    if settings.throttling_burst_limit.is_some_and(|limit| limit < 0) {
        return Err(bad_request("Throttling burst limit must be greater than or equal to 0"));
    }
    if settings.throttling_rate_limit.is_some_and(|limit| limit.is_nan() || limit < 0.0) {
        return Err(bad_request("Throttling rate limit must be greater than or equal to 0"));
    }
    Ok(RouteSettings {
        detailed_metrics_enabled: settings.detailed_metrics_enabled,
        throttling_burst_limit: settings.throttling_burst_limit,
        throttling_rate_limit: settings.throttling_rate_limit,
    })
}

/// Settings are for routes that are there.
/// <https://github.com/aws/serverless-application-model/issues/1939>
pub(super) fn check_settings(api: &Api, stage: &Stage) -> AwsResult<()> {
    let unknown = stage.route_settings.keys().find(|key| !api.routes.values().any(|route| route.key == **key));
    match unknown {
        Some(key) => Err(not_found(format!("Unable to find Route by key {key} within the provided RouteSettings"))),
        None => Ok(()),
    }
}

/// "A single line format", which "must include at least $context.requestId" (the model on AccessLogSettings); AWS takes the
/// extended one for it, too, which is the same here.
pub(super) fn access_log(settings: wire::AccessLogSettings) -> AwsResult<AccessLog> {
    let format = settings.format.filter(|format| !format.is_empty());
    if let Some(format) = &format {
        if format.len() > FORMAT_LENGTH {
            return Err(bad_request("Access log format cannot be larger than 3 KB"));
        }
        if format.contains('\n') {
            return Err(bad_request(
                "Access log format must be single line, new line character is allowed only at end",
            ));
        }
        if !format.contains("$context.requestId") && !format.contains("$context.extendedRequestId") {
            return Err(bad_request("Access log format must include at least $context.requestId"));
        }
    }
    let arn = settings.destination_arn.filter(|arn| !arn.is_empty());
    if let Some(arn) = &arn {
        if arn.contains(":firehose:") {
            return Err(AwsError::unsupported("an access log to Firehose"));
        }
        if !arn.contains(":logs:") || !arn.contains(":log-group:") {
            return Err(bad_request("Invalid ARN specified in the request"));
        }
    }
    // The group's ARN without the `:*` that CloudFormation's GetAtt ends with, as with REST APIs.
    let destination_arn = arn.map(|arn| arn.trim_end_matches(":*").to_owned());
    Ok(AccessLog { destination_arn, format })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_or_the_default() {
        for (name, valid) in
            [("$default", true), ("dev", true), ("v1_2-3", true), ("", false), ("a b", false), ("$other", false)]
        {
            assert_eq!(check_name(name).is_ok(), valid, "{name}");
        }
        assert!(check_name(&"a".repeat(129)).is_err());
    }

    #[test]
    fn variables_are_set_and_taken_away() {
        let mut variables = Texts::from([("a".to_owned(), "1".to_owned())]);
        let mut set = |name: &str, value: &str| {
            set_variables(&mut variables, Texts::from([(name.to_owned(), value.to_owned())])).map(|()| variables.len())
        };
        assert_eq!(set("b_2", "https://x.example/?a=b&c,d").unwrap(), 2);
        assert_eq!(set("a", "").unwrap(), 1);
        for (name, value) in [("a-b", "1"), ("", "1"), ("a", "two words"), ("a", "ä")] {
            assert!(set(name, value).is_err(), "{name} {value}");
        }
    }
}
