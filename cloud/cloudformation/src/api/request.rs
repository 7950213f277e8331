//! What requests have in common: their parameters to a deployment, their template to what the stack shall be.

use super::{parameter_store, source};
use crate::CloudFormation;
use crate::error::invalid;
use crate::model::{Deployment, Operation, OperationKind, Stack, StoredPrincipal, Tag};
use crate::stack::compare::{Comparison, compare};
use crate::stack::engine::tags_of;
use crate::stack::view::Preview;
use crate::stack::{Desired, capabilities, dynamic};
use crate::template::parameters::{self, Declaration, Given};
use crate::template::{Template, functions};
use indexmap::IndexMap;
use sha2::{Digest, Sha256};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context, id};
use slam_cloud_wire::cloudformation as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest name of a stack (the service model's documentation).
const MAX_STACK_NAME: usize = 128;

/// What requests that carry a template carry.
#[derive(Default)]
pub(super) struct Submitted {
    pub template_body: Option<String>,
    pub template_url: Option<String>,
    pub use_previous_template: bool,
    pub parameters: Option<Vec<wire::Parameter>>,
    pub capabilities: Option<Vec<String>>,
    pub resource_types: Option<Vec<String>>,
    pub role_arn: Option<String>,
    pub tags: Option<Vec<wire::Tag>>,
}

/// A request that was understood.
pub(super) struct Prepared {
    pub text: Arc<str>,
    pub deployment: Deployment,
    pub desired: Desired,
}

/// Refuses a name that no stack can have.
///
/// Recorded: test_stack_name_creation.
pub(super) fn check_name(name: &str) -> AwsResult<()> {
    let refused = |rule: &str| {
        Err(invalid(format!(
            "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must {rule}"
        )))
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) || !name.bytes().all(fits) {
        return refused("satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*");
    }
    if name.len() > MAX_STACK_NAME {
        return refused(&format!("have length less than or equal to {MAX_STACK_NAME}"));
    }
    Ok(())
}

/// Reads a request with a template, up to everything that can be said without the stack's resources.
pub(super) async fn prepare(
    service: &CloudFormation,
    context: &Context,
    submitted: Submitted,
    stack_id: &str,
    stack_name: &str,
    previous: Option<&Stack>,
) -> AwsResult<Prepared> {
    let text = source::template(
        service,
        context,
        submitted.template_body.as_deref(),
        submitted.template_url.as_deref(),
        previous.filter(|_| submitted.use_previous_template),
    )
    .await?;
    let template = Template::parse(&text)?;
    let before = previous.map(|stack| &stack.deployment);
    let given = given(submitted.parameters.unwrap_or_default())?;
    let values = parameters::resolve(&template.parameters, &given, before.map(|before| &before.parameters))?;
    let acknowledged = submitted.capabilities.unwrap_or_default();
    capabilities::check(&template, &acknowledged)?;
    check_types(&template, submitted.resource_types.as_deref())?;
    let mut deployment = Deployment {
        template: hex::encode(Sha256::digest(text.as_bytes())),
        parameters: values,
        resolved: IndexMap::new(),
        tags: match submitted.tags {
            Some(tags) => tags.into_iter().map(|tag| Tag { key: tag.key, value: tag.value }).collect(),
            None => before.map(|before| before.tags.clone()).unwrap_or_default(),
        },
        capabilities: acknowledged,
        notification_arns: Vec::new(),
        role_arn: submitted.role_arn.or_else(|| before.and_then(|before| before.role_arn.clone())),
        description: template.description.clone(),
        change_set: None,
    };
    check_tags(&deployment.tags)?;
    if let Some(role) = &deployment.role_arn {
        service.engine.check_role(context, role).await?;
    }
    if template.parameters.values().any(Declaration::is_stored) {
        let asking = operation(context, OperationKind::Update, deployment.role_arn.clone(), None);
        let reader = service.engine.context(&Scope::regional(context), &asking, stack_id).await?;
        let values = &deployment.parameters;
        deployment.resolved = parameter_store::read(service, &reader, &template, values, &given).await?;
    }
    let pseudo = service.engine.pseudo(context, stack_id, stack_name, &deployment);
    let desired = Desired::new(template, &deployment, pseudo)?;
    Ok(Prepared { text, deployment, desired })
}

/// Checks all resources and says what would change in a stack.
pub(super) async fn examine(
    service: &CloudFormation,
    context: &Context,
    scope: &Scope,
    prepared: &Prepared,
    stack: &Stack,
) -> AwsResult<Comparison> {
    let engine = &service.engine;
    let resources = engine.store.resources(&stack.id);
    refuse_other_types(&prepared.desired, &resources)?;
    // A missing export is the stack's failure, not the request's: the operation reports it.
    let imports = |name: &str| Some(engine.export(scope, name).unwrap_or_else(|| functions::UNKNOWN.to_owned()));
    let preview = Preview { resources: resources.clone(), ..Preview::default() };
    let environment = prepared.desired.environment(&preview, &imports);
    let references = prepared.desired.dynamic_references(&environment)?;
    // Secrets may be those of the stack itself: they are read when a resource is made or changed.
    let (secrets, parameters): (Vec<_>, Vec<_>) = references.iter().partition(|reference| reference.is_secret());
    let mut values = if parameters.is_empty() {
        dynamic::Values::new()
    } else {
        let asking = operation(context, OperationKind::Update, prepared.deployment.role_arn.clone(), None);
        let reader = engine.context(scope, &asking, &stack.id).await?;
        dynamic::read(&engine.cloud, &reader, parameters).await?
    };
    values.extend(secrets.into_iter().map(|secret| (secret.clone(), functions::UNKNOWN.to_owned())));
    prepared.desired.check(&environment, &values)?;
    let tags = tags_of(&prepared.deployment);
    let mut comparison = compare(&prepared.desired, stack, resources, &tags, &imports)?;
    comparison.others |= prepared.deployment.tags != stack.deployment.tags;
    hide(&prepared.desired, &mut comparison);
    Ok(comparison)
}

/// Takes the values of `NoEcho` parameters out of what is shown.
fn hide(desired: &Desired, comparison: &mut Comparison) {
    let hidden = desired.template.parameters.iter().filter(|(_, declaration)| declaration.no_echo);
    let values: Vec<&String> = hidden.filter_map(|(name, _)| desired.parameters.get(name)).collect();
    for value in values.into_iter().filter(|value| !value.is_empty()) {
        let json = serde_json::Value::from(value.as_str()).to_string();
        for change in &mut comparison.changes {
            for text in change.before.iter_mut().chain(&mut change.after) {
                *text = text.replace(json.trim_matches('"'), "****");
            }
            for text in change.details.iter_mut().flat_map(|detail| detail.before.iter_mut().chain(&mut detail.after)) {
                *text = text.replace(value, "****");
            }
        }
    }
}

/// A resource keeps its type as long as it keeps its name.
fn refuse_other_types(desired: &Desired, resources: &IndexMap<String, Arc<crate::model::Resource>>) -> AwsResult<()> {
    let changed: Vec<&str> = desired
        .graph
        .needs
        .keys()
        .filter(|id| {
            let before = resources.get(*id).filter(|resource| resource.exists() && resource.physical.is_some());
            before.is_some_and(|before| before.resource_type != desired.template.resources[*id].resource_type)
        })
        .map(String::as_str)
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    Err(invalid(format!(
        "Update of resource type is not permitted. The new template modifies resource type of the following \
         resources: [{}]",
        changed.join(", ")
    )))
}

/// An operation in the caller's name.
pub(super) fn operation(
    context: &Context,
    kind: OperationKind,
    role_arn: Option<String>,
    token: Option<String>,
) -> Operation {
    Operation {
        id: id::request_id(),
        kind,
        principal: StoredPrincipal::from(&*context.principal),
        role_arn,
        token,
        on_failure: crate::model::OnFailure::Rollback,
        retain_except_on_create: false,
        cancelled: false,
        imports: BTreeMap::new(),
    }
}

fn given(parameters: Vec<wire::Parameter>) -> AwsResult<IndexMap<String, Given>> {
    let mut given = IndexMap::new();
    for parameter in parameters {
        let key = parameter.parameter_key.unwrap_or_default();
        let previous = parameter.use_previous_value == Some(true);
        let value = match (parameter.parameter_value, previous) {
            (Some(_), true) => {
                return Err(invalid(format!(
                    "Invalid input for parameter key {key}. Cannot specify usePreviousValue as true and non empty \
                     value for a parameter"
                )));
            }
            (Some(value), false) => Given::Value(value),
            (None, true) => Given::Previous,
            (None, false) => return Err(invalid(format!("ParameterValue for ParameterKey {key} is required"))),
        };
        if given.insert(key.clone(), value).is_some() {
            return Err(invalid(format!("Duplicate values for parameter key {key}")));
        }
    }
    Ok(given)
}

fn check_types(template: &Template, allowed: Option<&[String]>) -> AwsResult<()> {
    let Some(allowed) = allowed.filter(|allowed| !allowed.is_empty()) else { return Ok(()) };
    for resource in template.resources.values() {
        let name = resource.resource_type.as_str();
        let fits = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => pattern == name,
        };
        if !allowed.iter().any(fits) {
            let allowed = allowed.join(", ");
            return Err(invalid(format!("Resource type {name} is not allowed by parameter ResourceTypes [{allowed}]")));
        }
    }
    Ok(())
}

fn check_tags(tags: &[Tag]) -> AwsResult<()> {
    for (index, tag) in tags.iter().enumerate() {
        if tag.key.starts_with("aws:") {
            return Err(invalid(format!("Tag key {} must not begin with aws:, which is reserved", tag.key)));
        }
        if tags[..index].iter().any(|other| other.key == tag.key) {
            return Err(invalid(format!("Duplicate tag key {}", tag.key)));
        }
    }
    Ok(())
}
