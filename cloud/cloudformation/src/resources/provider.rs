//! What is done with the resources of a type.

use super::kind::Naming;
use super::made::Made;
use super::properties::changed;
use super::retag::Retag;
use super::work::Work;
use crate::model::Physical;
use crate::registry::Recreation;
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};

/// The handlers of a type, and what is to be known about it beside its schema.
///
/// As in AWS's contract, properties have been checked against the schema, a resource whose create-only properties change is
/// created anew instead of updated, and a handler passes on the service's error that there is no such resource
/// (`NotFound`, which is success for whoever deletes).
/// <https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract.html>
/// <https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html>
#[async_trait]
pub trait Provider: Send + Sync {
    /// The top-level properties that are carried out. The schema's others are refused by name.
    fn supported(&self) -> &'static [&'static str];

    /// Nested properties (`Code/ImageUri`) that are refused by name.
    fn refused(&self) -> &'static [&'static str] {
        &[]
    }

    /// How it is named.
    fn naming(&self) -> Naming {
        Naming::apart(64)
    }

    /// The attributes that `Fn::GetAtt` gives beside those that the schema knows.
    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    /// What the schema cannot say about properties.
    ///
    /// # Errors
    /// What is wrong.
    fn check(&self, _properties: &Map<String, Value>) -> Result<(), String> {
        Ok(())
    }

    /// What the change of a property does, where it depends on the values and the schema cannot say it.
    fn recreation(&self, _property: &str, _before: Option<&Value>, _after: Option<&Value>) -> Option<Recreation> {
        None
    }

    /// Whether a resource that exists can be taken over under the name that identifies it. Types that AWS can import and
    /// that say no here are refused by name.
    fn importable(&self) -> bool {
        false
    }

    /// What exists under the name of the work. Only asked of types that can be imported.
    ///
    /// # Errors
    /// What the service answers.
    async fn read(&self, _work: &Work) -> AwsResult<Option<Made>> {
        Ok(None)
    }

    /// Makes it.
    ///
    /// # Errors
    /// What the service answers.
    async fn create(&self, work: &Work) -> AwsResult<Made>;

    /// Changes it in place from what it was to `work.properties`, but for its tags. Without one of its own, a type is
    /// fixed at creation. An update of several steps notes which are done ([`Work::did`]), for a rollback to take back.
    ///
    /// # Errors
    /// What the service answers.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        match changed(&old.properties, &work.properties).into_iter().find(|property| *property != "Tags") {
            Some(property) => {
                let what =
                    format_args!("changing {property} of a resource of the type {}", work.kind.schema.type_name());
                Err(AwsError::unsupported(what))
            }
            None => Ok(Made::as_before(old)),
        }
    }

    /// Changes its tags. Only asked of types that take tags, after everything else was changed.
    ///
    /// # Errors
    /// What the service answers.
    async fn tag(&self, work: &Work, _made: &Made, _tags: &Retag) -> AwsResult<()> {
        let what = format_args!("changing the tags of a resource of the type {}", work.kind.schema.type_name());
        Err(AwsError::unsupported(what))
    }

    /// Deletes it. What is gone already is deleted.
    ///
    /// # Errors
    /// What the service answers.
    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()>;

    /// The tags of what exists under the name of the work; none where they are not looked for.
    ///
    /// # Errors
    /// What the service answers.
    async fn tags(&self, _work: &Work) -> AwsResult<Vec<(String, String)>> {
        Ok(Vec::new())
    }

    /// The physical id of what this work creates, where the service makes it from the request's id (`slam_cloud_core::id`).
    fn foreseen(&self, _work: &Work) -> Option<String> {
        None
    }

    /// Undoes a creation of which is not known whether it happened, because the process ended in it. A resource under
    /// a name of its own may have been there before: it is left alone, unless its tags say that the stack made it.
    ///
    /// # Errors
    /// What the service answers.
    async fn abandon(&self, work: &Work) -> AwsResult<()> {
        if let Some(id) = self.foreseen(work) {
            return self.delete(work, &Physical { id, ..work.intended() }).await;
        }
        let Some(property) = self.naming().property else { return Ok(()) };
        if work.properties.contains_key(property) && !work.is_marked(&self.tags(work).await?) {
            return Ok(());
        }
        self.delete(work, &work.intended()).await
    }
}
