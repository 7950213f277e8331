//! Reading and checking templates.

use super::{source, stacks};
use crate::CloudFormation;
use crate::error::invalid;
use crate::model::ChangeSet;
use crate::registry;
use crate::resources;
use crate::stack::capabilities;
use crate::template::Template;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::cloudformation as wire;
use std::sync::Arc;

/// GetTemplate
pub async fn get(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::GetTemplate,
) -> AwsResult<wire::GetTemplateOutput> {
    let scope = Scope::regional(&context);
    let store = &service.engine.store;
    let (stack, key) = match (&input.change_set_name, &input.stack_name) {
        (Some(set), stack) => {
            if stack.is_none() && !set.starts_with("arn:") {
                return Err(invalid("StackName is a required parameter."));
            }
            let set: Arc<ChangeSet> = super::change_sets::find(&service, &scope, set, stack.as_deref())?;
            (set.stack_id.clone(), set.deployment.template.clone())
        }
        (None, Some(name)) => {
            let stack = store.find(&scope, name);
            let stack = stack.ok_or_else(|| invalid(format!("Stack with id {name} does not exist")))?;
            (stack.id.clone(), stack.deployment.template.clone())
        }
        (None, None) => return Err(invalid("StackName is required if ChangeSetName is not specified.")),
    };
    // A stack that was never created beyond its review has no template of its own.
    let text = store.template(&stack, &key).map(|text| text.to_string());
    Ok(wire::GetTemplateOutput {
        template_body: text,
        stages_available: Some(vec!["Original".to_owned(), "Processed".to_owned()]),
    })
}

/// ValidateTemplate
pub async fn validate(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::ValidateTemplate,
) -> AwsResult<wire::ValidateTemplateOutput> {
    let (body, url) = (input.template_body.as_deref(), input.template_url.as_deref());
    let text = source::template(&service, &context, body, url, None).await?;
    let template = Template::parse(&text)?;
    refuse_unknown_types(&template)?;
    let parameters = template.parameters.iter().map(|(name, declaration)| wire::TemplateParameter {
        parameter_key: Some(name.clone()),
        default_value: declaration.default.clone(),
        no_echo: Some(declaration.no_echo),
        description: declaration.description.clone(),
    });
    let needed = capabilities::needed(&template);
    Ok(wire::ValidateTemplateOutput {
        parameters: Some(parameters.collect()),
        description: template.description.clone(),
        capabilities: needed.as_ref().map(|(capability, _)| vec![(*capability).to_owned()]),
        capabilities_reason: needed.map(|(_, types)| reason(&types)),
        declared_transforms: None,
    })
}

/// GetTemplateSummary
pub async fn summary(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::GetTemplateSummary,
) -> AwsResult<wire::GetTemplateSummaryOutput> {
    let stack = match &input.stack_name {
        Some(name) => {
            let stack = stacks::existing(&service, &Scope::regional(&context), name)
                .map_err(|_| invalid(format!("Stack with id {name} does not exist")))?;
            if stack.status == "REVIEW_IN_PROGRESS" {
                return Err(invalid("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."));
            }
            Some(stack)
        }
        None => None,
    };
    let (body, url) = (input.template_body.as_deref(), input.template_url.as_deref());
    let text = source::template(&service, &context, body, url, stack.as_deref()).await?;
    let template = Template::parse(&text)?;
    let mut warnings = None;
    let config = input.template_summary_config;
    if config.and_then(|config| config.treat_unrecognized_resource_types_as_warnings) == Some(true) {
        let unknown = unknown_types(&template);
        warnings = Some(wire::Warnings { unrecognized_resource_types: Some(unknown) });
    } else {
        refuse_unknown_types(&template)?;
    }
    let mut identifiers: Vec<wire::ResourceIdentifierSummary> = Vec::new();
    let mut types: Vec<String> = Vec::new();
    for (id, resource) in &template.resources {
        types.push(resource.resource_type.clone());
        let same = |summary: &&mut wire::ResourceIdentifierSummary| {
            summary.resource_type.as_ref() == Some(&resource.resource_type)
        };
        match identifiers.iter_mut().find(same) {
            Some(summary) => summary.logical_resource_ids.get_or_insert_default().push(id.clone()),
            None => identifiers.push(wire::ResourceIdentifierSummary {
                resource_type: Some(resource.resource_type.clone()),
                logical_resource_ids: Some(vec![id.clone()]),
                resource_identifiers: resources::find(&resource.resource_type)
                    .map(|kind| kind.schema().primary_identifier().to_vec()),
            }),
        }
    }
    let parameters = template.parameters.iter().map(|(name, declaration)| wire::ParameterDeclaration {
        parameter_key: Some(name.clone()),
        default_value: declaration.default.clone(),
        parameter_type: Some(declaration.parameter_type.clone()),
        no_echo: Some(declaration.no_echo),
        description: declaration.description.clone(),
        parameter_constraints: Some(wire::ParameterConstraints {
            allowed_values: Some(declaration.allowed_values.clone()).filter(|values| !values.is_empty()),
        }),
    });
    let needed = capabilities::needed(&template);
    Ok(wire::GetTemplateSummaryOutput {
        parameters: Some(parameters.collect()),
        description: template.description.clone(),
        capabilities: needed.as_ref().map(|(capability, _)| vec![(*capability).to_owned()]),
        capabilities_reason: needed.map(|(_, types)| reason(&types)),
        resource_types: Some(types),
        version: template.version.clone(),
        metadata: template.metadata.as_ref().map(ToString::to_string),
        declared_transforms: None,
        resource_identifier_summaries: Some(identifiers),
        warnings,
    })
}

fn reason(types: &[String]) -> String {
    format!("The following resource(s) require capabilities: [{}]", types.join(", "))
}

fn unknown_types(template: &Template) -> Vec<String> {
    let mut unknown: Vec<String> = Vec::new();
    for resource in template.resources.values() {
        if !registry::is_known(&resource.resource_type) && !unknown.contains(&resource.resource_type) {
            unknown.push(resource.resource_type.clone());
        }
    }
    unknown
}

fn refuse_unknown_types(template: &Template) -> AwsResult<()> {
    let unknown = unknown_types(template);
    if unknown.is_empty() {
        return Ok(());
    }
    Err(invalid(format!("Template format error: Unrecognized resource types: [{}]", unknown.join(", "))))
}
