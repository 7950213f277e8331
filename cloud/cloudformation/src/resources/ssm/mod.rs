//! Systems Manager's Parameter Store.

mod parameter;

use super::types::Service;
use parameter::Parameter;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["ParameterNotFound"],
    types: &[(include_str!("../../../schemas/AWS-SSM-Parameter.json"), &Parameter)],
};
