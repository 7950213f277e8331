//! What a command tells while it works.

use crate::data::Holding;

/// Receives what happens. The terminal shows it; programs may ignore it.
pub trait Progress: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event);
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Something is being sent: bytes so far and in all.
    Upload {
        /// What it is.
        what: Parcel,
        /// Bytes sent.
        sent: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The package lies in its bucket already.
    PackageUnchanged,
    /// What the change set is going to do.
    Changes {
        /// Resources in the template.
        resources: usize,
        /// "Function", "ProdAlias" … with what happens to them.
        changes: Vec<Change>,
    },
    /// A stage that answers is not in slam.yaml any more, and is about to leave the stack.
    StageLeaves {
        /// Its name.
        name: String,
        /// Whether something is published to it.
        published: bool,
    },
    /// A table that should have been deleted is still there.
    StillThere(Holding),
    /// A table that was left behind is in the stack again.
    Adopted(Holding),
    /// A table and its items are deleted, as was decided.
    DataDeleted(Holding),
    /// A resource changed its state. Why one failed is told by the error at the end.
    Resource(ResourceEvent),
    /// From here on the stack goes back to what it was.
    RollingBack,
    /// Another change of the stack is waited for.
    Waiting {
        /// What is under way.
        why: String,
    },
}

/// What goes to the package bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parcel {
    /// A function's package.
    Package,
    /// A layer of dependencies.
    Layer,
    /// Files that the API serves.
    StaticFiles,
}

impl Parcel {
    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Layer => "layer",
            Self::StaticFiles => "static files",
        }
    }
}

/// One change of a change set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The resource's logical id.
    pub logical_id: String,
    /// `AWS::Lambda::Function`
    pub resource_type: String,
    /// `Add`, `Modify`, `Remove` or `Import`.
    pub action: String,
    /// Whether the resource is made anew, with its data gone.
    pub replacement: bool,
}

impl Change {
    /// Whether items would go with what is replaced.
    #[must_use]
    pub fn loses_data(&self) -> bool {
        self.replacement && self.resource_type == "AWS::DynamoDB::Table"
    }
}

/// A resource's new state.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceEvent {
    /// The resource's logical id.
    pub logical_id: String,
    /// `AWS::Lambda::Function`
    pub resource_type: String,
    /// `CREATE_IN_PROGRESS`, `UPDATE_COMPLETE` …
    pub status: String,
    /// Seconds since 1970, with fractions.
    pub at: f64,
}

/// Ignores everything.
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _: &Event) {}
}
