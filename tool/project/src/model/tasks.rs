//! Functions that are called later.

/// What functions made by `@task` need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tasks {
    /// How one reaches its invocation.
    pub via: Via,
    /// How often one that raises is repeated; `None`: as often as Lambda does by itself.
    pub retries: Option<u8>,
    /// For how many seconds results are kept; `None`: they are not.
    pub results: Option<u64>,
}

/// How a task reaches its invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// By an asynchronous invocation.
    Lambda,
    /// By a queue.
    Queue,
}

/// How often a task is repeated that nothing is said of: as often as Lambda repeats an asynchronous invocation.
const RETRIES: u8 = 2;

impl Tasks {
    /// How often one that raises is repeated by a queue.
    #[must_use]
    pub fn queue_retries(self) -> u32 {
        self.retries.unwrap_or(RETRIES).into()
    }
}

/// The name of a stage's queue of tasks of a function; `dead`: of those that were given up.
#[must_use]
pub fn tasks_queue(project: &str, stage: &str, function: Option<&str>, dead: bool) -> String {
    let function = function.map(|name| format!("-{name}")).unwrap_or_default();
    format!("{stage}-{project}{function}-slam-tasks{}", if dead { "-dead" } else { "" })
}

/// The name of a stage's table of results. A project's name cannot have a dot, so no table of the user's has this name.
#[must_use]
pub fn tasks_table(project: &str, stage: &str) -> String {
    format!("{stage}.{project}.slam-tasks")
}
