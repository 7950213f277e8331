//! What is known of a type, without what is done with it.

use crate::registry::Schema;
use slam_cloud_core::{AwsError, AwsResult};

/// What is known of a type.
pub struct Kind {
    /// What AWS's registry says.
    pub schema: Schema,
    /// How its resources are named.
    pub naming: Naming,
    /// The codes of its service's errors that say that there is no such resource.
    pub gone: &'static [&'static str],
}

impl Kind {
    /// Whether an error says that there is no such resource.
    pub fn is_gone(&self, error: &AwsError) -> bool {
        self.gone.contains(&&*error.code)
    }

    /// An answer; `None` where the service says that there is no such resource.
    ///
    /// # Errors
    /// What else the service answers.
    pub fn unless_gone<T>(&self, answer: AwsResult<T>) -> AwsResult<Option<T>> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if self.is_gone(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// How a resource is named when its template does not name it.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    /// The property that names it, for types whose name identifies them in the account.
    pub property: Option<&'static str>,
    /// The longest name.
    pub longest: usize,
    /// Whether the name is lower-case.
    pub lower_case: bool,
    /// What the name begins with, for types that do not name their resources after the stack; empty for nothing.
    pub beginning: Option<&'static str>,
}

impl Naming {
    /// The property identifies it in the account.
    pub const fn by(property: &'static str, longest: usize) -> Self {
        Self { property: Some(property), longest, lower_case: false, beginning: None }
    }

    /// No property does, or not alone.
    pub const fn apart(longest: usize) -> Self {
        Self { property: None, longest, lower_case: false, beginning: None }
    }

    /// The same in lower case.
    pub const fn lower_case(self) -> Self {
        Self { lower_case: true, ..self }
    }

    /// The same with another beginning than the stack's name.
    pub const fn beginning(self, text: &'static str) -> Self {
        Self { beginning: Some(text), ..self }
    }
}
