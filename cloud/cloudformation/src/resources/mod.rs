//! Resource providers: one per type, each calling its service through the door.

use crate::model::Physical;
use crate::registry::{self, Recreation};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context, Operation};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

mod apigateway;
mod cloudformation;
mod dynamodb;
mod iam;
mod lambda;
mod logs;
mod properties;
mod s3;
mod tags;
mod wait;

/// What a provider makes: the physical id and what `Fn::GetAtt` gives.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The physical id, which `Ref` gives.
    pub id: String,
    /// The attributes.
    pub attributes: Map<String, Value>,
}

impl Made {
    /// A resource without attributes.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), attributes: Map::new() }
    }

    /// The same with one more attribute.
    #[must_use]
    pub fn with(mut self, attribute: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(attribute.to_owned(), value.into());
        self
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
}

/// One piece of work on one resource.
pub struct Work {
    /// The door.
    pub cloud: Cloud,
    /// In whose name.
    pub context: Context,
    /// The stack's ARN.
    pub stack_id: String,
    /// The stack's name.
    pub stack_name: String,
    /// The resource's name in the template.
    pub logical_id: String,
    /// Its properties, evaluated, in the schema's types.
    pub properties: Map<String, Value>,
    /// The stack's tags and AWS's own ones about the stack.
    pub tags: Vec<(String, String)>,
    /// The name from the properties, or the one made for it.
    pub name: String,
    /// What already exists of a creation that is not done yet.
    existing: Mutex<Option<String>>,
}

impl Work {
    /// A piece of work.
    pub fn new(
        cloud: Cloud,
        context: Context,
        stack: (&str, &str),
        logical_id: &str,
        properties: Map<String, Value>,
        tags: Vec<(String, String)>,
        name: String,
    ) -> Self {
        let (stack_id, stack_name) = (stack.0.to_owned(), stack.1.to_owned());
        let logical_id = logical_id.to_owned();
        Self { cloud, context, stack_id, stack_name, logical_id, properties, tags, name, existing: Mutex::default() }
    }

    /// Calls an operation in the stack's name.
    pub(crate) async fn call<O: Operation>(&self, operation: O) -> AwsResult<O::Output> {
        self.cloud.call(self.context.clone(), operation).await
    }

    /// Notes that the resource exists from here on, though its creation goes on: if it fails, this is deleted.
    pub(crate) fn exists(&self, id: &str) {
        *self.existing.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
    }

    /// What exists of a creation that failed.
    pub fn left_behind(&self) -> Option<String> {
        self.existing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What CloudFormation can do with a type.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The type.
    fn resource_type(&self) -> &'static str;

    /// The top-level properties that are carried out. The schema's others are refused by name.
    fn supported(&self) -> &'static [&'static str];

    /// Nested properties (`Code/ImageUri`) that are refused by name.
    fn refused(&self) -> &'static [&'static str] {
        &[]
    }

    /// How it is named.
    fn naming(&self) -> Naming {
        Naming { property: None, longest: 64, lower_case: false }
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

    /// What exists under the name of the work; `None` when nothing does. Only asked of types that can be imported.
    ///
    /// # Errors
    /// What the service answers but that there is none.
    async fn find(&self, _work: &Work) -> AwsResult<Option<Made>> {
        Ok(None)
    }

    /// Makes it.
    async fn create(&self, work: &Work) -> AwsResult<Made>;

    /// Changes it in place from what it was to `work.properties`.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made>;

    /// Deletes it. What is gone already is deleted.
    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()>;

    /// Undoes a creation of which is not known whether it happened, because the process ended in it. A resource under
    /// a name of its own is left alone: it may have been there before.
    async fn abandon(&self, work: &Work) -> AwsResult<()> {
        let named = self.naming().property.is_some_and(|property| work.properties.contains_key(property));
        if named || self.naming().property.is_none() {
            return Ok(());
        }
        let old = Physical { id: work.name.clone(), properties: work.properties.clone(), ..Physical::default() };
        self.delete(work, &old).await
    }
}

/// The providers by type.
pub struct Providers {
    by_type: HashMap<&'static str, Box<dyn Provider>>,
}

impl Default for Providers {
    fn default() -> Self {
        let all: Vec<Box<dyn Provider>> = vec![
            Box::new(apigateway::Account),
            Box::new(apigateway::Deployment),
            Box::new(apigateway::Model),
            Box::new(apigateway::RequestValidator),
            Box::new(apigateway::Resource),
            Box::new(apigateway::RestApi),
            Box::new(s3::Bucket),
            Box::new(s3::BucketPolicy),
            Box::new(lambda::Function),
            Box::new(iam::AccessKey),
            Box::new(iam::ManagedPolicy),
            Box::new(iam::Policy),
            Box::new(iam::Role),
            Box::new(iam::User),
            Box::new(lambda::Alias),
            Box::new(lambda::EventInvokeConfig),
            Box::new(lambda::Permission),
            Box::new(lambda::Version),
            Box::new(lambda::LayerVersion),
            Box::new(lambda::LayerVersionPermission),
            Box::new(logs::LogGroup),
            Box::new(logs::LogStream),
            Box::new(cloudformation::Metadata),
            Box::new(cloudformation::WaitConditionHandle),
            Box::new(apigateway::Method),
            Box::new(cloudformation::NestedStack),
            Box::new(apigateway::Stage),
            Box::new(dynamodb::Table),
        ];
        Self { by_type: all.into_iter().map(|provider| (provider.resource_type(), provider)).collect() }
    }
}

impl Providers {
    /// The provider of a type.
    pub fn get(&self, resource_type: &str) -> Option<&dyn Provider> {
        self.by_type.get(resource_type).map(Box::as_ref)
    }

    /// The types that can be deployed.
    pub fn types(&self) -> Vec<&'static str> {
        let mut types: Vec<_> = self.by_type.keys().copied().collect();
        types.sort_unstable();
        types
    }
}

/// What the change of a property does to a resource: as its provider knows it from the values, or as the schema says.
pub fn recreation(
    provider: &dyn Provider,
    property: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Recreation {
    let known = provider.recreation(property, before.get(property), after.get(property));
    let schema = || registry::schema(provider.resource_type()).map(|schema| schema.recreation(property));
    known.or_else(schema).unwrap_or(Recreation::Never)
}

/// Success where the only failure is that it is gone already.
fn gone_is_fine<T: Default>(result: AwsResult<T>) -> AwsResult<T> {
    match result {
        Err(error) if is_gone(&error) => Ok(T::default()),
        other => other,
    }
}

/// What a service finds, if anything.
fn found<T>(result: AwsResult<T>) -> AwsResult<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an error says that the resource does not exist.
pub fn is_gone(error: &AwsError) -> bool {
    matches!(
        &*error.code,
        "ResourceNotFoundException" | "NotFoundException" | "NoSuchEntity" | "NoSuchBucket" | "NoSuchBucketPolicy"
    )
}
