//! DynamoDB.

mod indexes;
mod table;

use super::types::Service;
use table::Table;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["ResourceNotFoundException"],
    types: &[(include_str!("../../../schemas/AWS-DynamoDB-Table.json"), &Table)],
};
