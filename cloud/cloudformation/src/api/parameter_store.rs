//! Parameters whose values lie in Parameter Store, read whenever a template is submitted.

use crate::CloudFormation;
use crate::error::invalid;
use crate::template::Template;
use crate::template::parameters::Given;
use indexmap::{IndexMap, IndexSet};
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::ssm;

/// The most names of one GetParameters (its model).
const AT_ONCE: usize = 10;

/// The values that the parameters stand for, by the parameters' names; those that only name one are checked.
///
/// # Errors
/// AWS's `ValidationError` for what is not there or cannot be read.
pub(super) async fn read(
    service: &CloudFormation,
    context: &Context,
    template: &Template,
    values: &IndexMap<String, String>,
    given: &IndexMap<String, Given>,
) -> AwsResult<IndexMap<String, String>> {
    let asked = template.parameters.iter().filter(|(_, declaration)| declaration.is_stored());
    let asked: Vec<(&String, &String, bool)> = asked
        .filter_map(|(name, declaration)| Some((name, values.get(name)?, declaration.is_read_from_store())))
        .collect();
    let names: IndexSet<&String> = asked.iter().map(|(_, stored, _)| *stored).collect();
    let mut found = IndexMap::new();
    for names in names.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        let names = names.iter().map(|name| (*name).clone()).collect();
        let request = ssm::GetParameters { names, ..Default::default() };
        let answer =
            service.engine.cloud.call(context.clone(), request).await.map_err(|error| invalid(error.message))?;
        for parameter in answer.parameters.unwrap_or_default() {
            let selector = parameter.selector.clone().unwrap_or_default();
            let arn = parameter.arn.clone().unwrap_or_default() + &selector;
            let name = parameter.name.clone().unwrap_or_default() + &selector;
            found.insert(arn, parameter.clone());
            found.insert(name, parameter);
        }
    }
    let missing = asked.iter().filter(|(_, stored, _)| !found.contains_key(*stored)).collect::<Vec<_>>();
    // Recorded: test_resolve_ssm_missing_parameter. Defaults have another text
    // (aws-cdk's bootstrap version: <https://github.com/aws-samples/aws-cross-account-cicd-pipeline/issues/40>).
    if let Some((name, ..)) = missing.iter().find(|(name, ..)| given.contains_key(*name)) {
        return Err(invalid(format!("Parameter {name} should either have input value or default value")));
    }
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|(_, stored, _)| stored.as_str()).collect();
        let names = names.join(",");
        return Err(invalid(format!("Unable to fetch parameters [{names}] from parameter store for this account.")));
    }
    let mut resolved = IndexMap::new();
    for (name, stored, is_read) in asked {
        let Some(parameter) = found.get(stored).filter(|_| is_read) else { continue };
        // "SecureString" is no type of a template's parameter (User Guide, "SSM parameter types").
        if parameter.r#type.as_deref() == Some("SecureString") {
            return Err(invalid(format!(
                "Parameters [{stored}] referenced by template have types not supported by CloudFormation."
            )));
        }
        resolved.insert(name.clone(), parameter.value.clone().unwrap_or_default());
    }
    Ok(resolved)
}
