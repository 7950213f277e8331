//! Which project a stack belongs to.
//!
//! Two projects may have one name, and a name is all that finds a stack. So a stack carries tags: the `id` of its
//! project's slam.yaml, where it has one, and what is deployed. Another machine with the same slam.yaml sees the same
//! deployment; another project is refused, with both named.

use slam_project::{Code, Project};
use std::collections::BTreeMap;
use std::fmt;

/// The tag with the project's id.
pub const PROJECT_TAG: &str = "slam:project";
/// The tag with the project's name.
const NAME_TAG: &str = "slam:name";
/// The tag with what is deployed.
const APP_TAG: &str = "slam:app";
/// The longest value of a tag.
const MAX_VALUE: usize = 256;

/// What is known of a project, from its slam.yaml or from tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Its name.
    pub name: Option<String>,
    /// What is deployed, `module:callable` or Lambda's handler.
    pub app: Option<String>,
    /// Its id.
    pub id: Option<String>,
}

impl Identity {
    /// What a slam.yaml says of itself.
    pub fn of(project: &Project) -> Self {
        let app = match &project.function.code {
            Code::App { app, .. } => format!("{}:{}", app.module, app.callable),
            Code::Handler(handler) => handler.clone(),
        };
        let app = Some(app).filter(|app| !app.is_empty() && app.chars().count() <= MAX_VALUE);
        Self { name: Some(project.name.clone()), app: app.map(|app| taggable(&app)), id: project.id.clone() }
    }

    /// What tags say.
    pub(crate) fn from_tags(tags: &BTreeMap<String, String>) -> Self {
        let tag = |name: &str| tags.get(name).cloned();
        Self { name: tag(NAME_TAG), app: tag(APP_TAG), id: tag(PROJECT_TAG) }
    }

    /// The tags that say it.
    pub(crate) fn tags(&self) -> Vec<(String, String)> {
        let tags = [(PROJECT_TAG, &self.id), (NAME_TAG, &self.name), (APP_TAG, &self.app)];
        tags.into_iter().filter_map(|(tag, value)| Some((tag.to_owned(), value.clone()?))).collect()
    }

    /// Whether both are one project, as far as can be told. Without ids, what is deployed decides; what was deployed
    /// before there were tags is the project's of that name.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.id, &other.id) {
            (Some(one), Some(another)) => one == another,
            _ => self.app.is_none() || other.app.is_none() || self.app == other.app,
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name.as_deref().unwrap_or("a project without a name"))?;
        let app = self.app.as_deref().map(|app| format!("app {app}"));
        let id = self.id.as_deref().map_or_else(|| "no id".to_owned(), |id| format!("id {id}"));
        write!(formatter, " ({})", app.into_iter().chain([id]).collect::<Vec<_>>().join(", "))
    }
}

/// A stack or table that is another project's.
#[derive(Debug, thiserror::Error)]
#[error("{what} belongs to another project: {theirs}; this one is {ours}")]
pub struct OtherProject {
    /// The stack or table.
    pub what: String,
    /// Whose it is.
    pub theirs: Identity,
    /// Who asks.
    pub ours: Identity,
    /// What to do.
    pub hint: String,
}

/// A tag's value has letters, digits, spaces and some signs.
/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
fn taggable(text: &str) -> String {
    let fits = |character: char| character.is_alphanumeric() || " _.:/=+-@".contains(character);
    text.chars().map(|character| if fits(character) { character } else { '_' }).collect()
}
