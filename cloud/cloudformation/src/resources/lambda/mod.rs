//! Lambda.

mod alias;
mod event_invoke_config;
mod event_source_mapping;
mod function;
mod inline;
mod layer_version;
mod layer_version_permission;
mod permission;
mod qualified;
mod url;
mod version;

use super::types::Service;
use alias::Alias;
use event_invoke_config::EventInvokeConfig;
use event_source_mapping::EventSourceMapping;
use function::Function;
use layer_version::LayerVersion;
use layer_version_permission::LayerVersionPermission;
use permission::Permission;
use url::Url;
use version::Version;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["ResourceNotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-Lambda-Alias.json"), &Alias),
        (include_str!("../../../schemas/AWS-Lambda-EventInvokeConfig.json"), &EventInvokeConfig),
        (include_str!("../../../schemas/AWS-Lambda-EventSourceMapping.json"), &EventSourceMapping),
        (include_str!("../../../schemas/AWS-Lambda-Function.json"), &Function),
        (include_str!("../../../schemas/AWS-Lambda-LayerVersion.json"), &LayerVersion),
        (include_str!("../../../schemas/AWS-Lambda-LayerVersionPermission.json"), &LayerVersionPermission),
        (include_str!("../../../schemas/AWS-Lambda-Permission.json"), &Permission),
        (include_str!("../../../schemas/AWS-Lambda-Url.json"), &Url),
        (include_str!("../../../schemas/AWS-Lambda-Version.json"), &Version),
    ],
};
