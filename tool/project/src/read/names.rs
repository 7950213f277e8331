//! Names of a project's resources that become one in the cloud, in the stack, or to the code.

use super::Reading;
use crate::naming::logical_name;
use crate::project::Project;
use std::collections::HashMap;

/// A kind of resources.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub what: &'static str,
    /// Where slam.yaml declares them.
    pub key: &'static str,
    /// The longest name in the cloud.
    pub most: usize,
    /// The variable by which code finds one.
    pub variable: fn(&str) -> String,
}

/// Reports names that become one with another's, and those that are too long.
pub(super) fn check<'p, R: Copy>(
    reading: &mut Reading<'_>,
    project: &'p Project,
    kind: Kind,
    resources: impl Iterator<Item = (&'p str, R)>,
    name_in: impl Fn(R, &str) -> String,
) {
    let (root, what) = (reading.root, kind.what);
    let mut variables: HashMap<String, &str> = HashMap::new();
    let (mut names, mut ids): (HashMap<String, String>, HashMap<String, String>) = Default::default();
    for (name, resource) in resources {
        let Some((place, _)) = root.get(kind.key).and_then(|section| section.entry(name)) else { continue };
        let variable = (kind.variable)(name);
        if let Some(other) = variables.insert(variable.clone(), name) {
            let message = format!("the {what}s `{other}` and `{name}` would both be `{variable}` to the code");
            reading.error(place, message);
            continue;
        }
        for stage in &project.stages {
            let described = format!("`{name}` of `{}`", stage.name);
            let full = name_in(resource, &stage.name);
            if full.len() > kind.most {
                let message =
                    format!("`{full}` has {} characters, and the name of a {what} {} at most", full.len(), kind.most);
                let hint = format!("give the {what}, or its stage or project, a shorter name");
                reading.error(place, message).hints.push(hint);
            }
            let id = logical_name(&stage.name) + &logical_name(name);
            if let Some(other) = names.insert(full.clone(), described.clone()) {
                reading.error(place, format!("the {what}s {other} and {described} would both be named `{full}`"));
            } else if let Some(other) = ids.insert(id.clone(), described.clone()) {
                reading.error(place, format!("the {what}s {other} and {described} would both be `{id}` in the stack"));
            }
        }
    }
}
