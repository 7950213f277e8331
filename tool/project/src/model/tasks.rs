//! Functions that are called later.

/// What functions made by `@task` need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tasks {
    /// How often Lambda repeats one that raises; `None`: as often as it does by itself.
    pub retries: Option<u8>,
    /// For how many seconds results are kept; `None`: they are not.
    pub results: Option<u64>,
}

/// The name of a stage's table of results. A project's name cannot have a dot, so no table of the user's has this name.
#[must_use]
pub fn tasks_table(project: &str, stage: &str) -> String {
    format!("{stage}.{project}.slam-tasks")
}
