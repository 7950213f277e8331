//! Stages: an alias of each function.

use serde_json::json;

use crate::ids::{alias_id, version_output};
use crate::render::Draft;
use crate::versions::new_alias;

/// Every stage begins at the deployed code; what it was published to is carried over afterwards.
pub(crate) fn add(draft: &mut Draft<'_>) {
    for stage in draft.stages.clone() {
        for function in draft.project.all_functions() {
            let name = function.name.as_deref();
            draft.insert(alias_id(&stage.name, name), new_alias(&stage.name, name));
        }
        draft.output(version_output(&stage.name), json!("$LATEST"));
    }
}
