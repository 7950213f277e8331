//! The user's own resources and outputs, as they are.

use crate::draft::Draft;
use crate::error::TemplateError;

pub fn add(draft: &mut Draft<'_>) -> Result<(), TemplateError> {
    let project = draft.project;
    for (id, resource) in &project.resources {
        if draft.is_taken(id) || is_version(id) {
            let paths: [&[&str]; 2] = [&["resources", id], &["aws", "cfn_resources", id]];
            let message = format!("slam itself makes a resource named `{id}`");
            return Err(project.error(&paths, message, Some("give this one another name".to_owned())).into());
        }
        draft.resources.insert(id.clone(), resource.clone());
    }
    for (name, output) in &project.outputs {
        if draft.is_output_taken(name) {
            let paths: [&[&str]; 2] = [&["outputs", name], &["aws", "cfn_outputs", name]];
            let message = format!("slam itself makes an output named `{name}`");
            return Err(project.error(&paths, message, Some("give this one another name".to_owned())).into());
        }
        draft.outputs.insert(name.clone(), output.clone());
    }
    Ok(())
}

/// The names of versions to come, of this function or another.
fn is_version(id: &str) -> bool {
    let hash = id.rsplit_once("Version").map_or("", |(_, hash)| hash);
    hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_lowercase())
}
