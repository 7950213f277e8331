//! Versions as the API shows them.

use super::AttachedLayer;
use super::function::{LATEST, Version};
use slam_cloud_core::{Context, Timestamp};
use slam_cloud_wire::lambda;

/// How far a change has come, as an answer tells it. Changes are finished when they are answered; AWS's answers say
/// that they have begun, and clients wait for the end by asking again, so the answers here say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The answer of CreateFunction.
    Creating,
    /// The answer of an update.
    Updating,
    /// Everything else.
    Done,
    /// Lists do not tell.
    Untold,
}

/// The configuration of `version`, under the ARN by which it was asked for.
pub fn shown(
    context: &Context,
    name: &str,
    arn: String,
    version: &Version,
    progress: Progress,
) -> lambda::FunctionConfiguration {
    let reason = || Some("The function is being created.".to_owned());
    let code = || Some("Creating".to_owned());
    let mut configuration = lambda::FunctionConfiguration {
        function_name: Some(name.to_owned()),
        function_arn: Some(arn),
        runtime: Some(version.runtime.clone()),
        role: Some(version.role.clone()),
        handler: Some(version.handler.clone()),
        code_size: Some(version.code.size),
        description: Some(version.description.clone()),
        timeout: Some(version.timeout),
        memory_size: Some(version.memory),
        last_modified: Some(moment(version.modified)),
        code_sha256: Some(version.code.sha256.clone()),
        version: Some(version.label.clone()),
        environment: version
            .environment
            .clone()
            .map(|variables| lambda::EnvironmentResponse { variables: Some(variables), error: None }),
        layers: (!version.layers.is_empty()).then(|| version.layers.iter().map(layer).collect()),
        tracing_config: Some(lambda::TracingConfigResponse { mode: Some(version.tracing.clone()) }),
        revision_id: Some(version.revision.clone()),
        package_type: Some("Zip".to_owned()),
        architectures: Some(version.architectures.clone()),
        ephemeral_storage: Some(lambda::EphemeralStorage { size: version.ephemeral_storage }),
        snap_start: Some(lambda::SnapStartResponse {
            apply_on: Some("None".to_owned()),
            optimization_status: Some("Off".to_owned()),
        }),
        logging_config: Some(lambda::LoggingConfig {
            log_format: Some(if version.logging.json { "JSON" } else { "Text" }.to_owned()),
            application_log_level: version.logging.application_level.clone(),
            system_log_level: version.logging.system_level.clone(),
            log_group: Some(version.logging.group.clone()),
        }),
        dead_letter_config: version
            .dead_letters
            .clone()
            .map(|target_arn| lambda::DeadLetterConfig { target_arn: Some(target_arn) }),
        ..Default::default()
    };
    if progress == Progress::Untold {
        return configuration;
    }
    configuration.runtime_version_config = Some(lambda::RuntimeVersionConfig {
        runtime_version_arn: Some(runtime_arn(context, &version.runtime)),
        error: None,
    });
    match progress {
        Progress::Creating => {
            configuration.state = Some("Pending".to_owned());
            configuration.state_reason = reason();
            configuration.state_reason_code = code();
        }
        Progress::Updating => {
            configuration.state = Some("Active".to_owned());
            configuration.last_update_status = Some("InProgress".to_owned());
            configuration.last_update_status_reason = reason();
            configuration.last_update_status_reason_code = code();
        }
        Progress::Done | Progress::Untold => {
            configuration.state = Some("Active".to_owned());
            configuration.last_update_status = Some("Successful".to_owned());
        }
    }
    if progress != Progress::Done && version.label == LATEST {
        // The end of a change is a change of its own: the revision that clients see afterwards is another one.
        configuration.revision_id = Some(slam_cloud_core::id::request_id());
    }
    configuration
}

fn layer(layer: &AttachedLayer) -> lambda::Layer {
    lambda::Layer { arn: Some(layer.arn.clone()), code_size: Some(layer.code.size), ..Default::default() }
}

/// The ARN of a runtime's version. Ours has but one version of each.
pub fn runtime_arn(context: &Context, runtime: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(runtime.as_bytes());
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("arn:{}:lambda:{}::runtime:{hash}", context.partition(), context.region)
}

/// `2026-11-23T10:00:00.000+0000`
pub fn moment(timestamp: Timestamp) -> String {
    timestamp.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}
