//! Whether what was said to be done is there. What a cloud reports of a change is one answer, and what it has afterwards
//! is another: AWS's agree, and those of other programs that speak its protocols may not. slam claims what it has read.

use crate::deployed::DeployedStack;
use crate::error::{StackError, service};
use crate::{Session, deployed};
use slam_template::{StageTarget, Template, alias_id, version_output};
use std::collections::BTreeMap;

const DESCRIBED: &str = "CloudFormation's DescribeStacks";

/// Reads a stack back after a change: its state, and the outputs that its template promises.
///
/// # Errors
/// When something is not as the template says.
pub async fn stack(session: &Session<'_>, template: &Template) -> Result<DeployedStack, StackError> {
    let doubt = |expected: String, found: String| {
        Err(StackError::Unverified { endpoint: session.endpoint(), call: DESCRIBED, expected, found })
    };
    let Some(stack) = deployed::describe(session).await? else {
        return doubt(format!("the stack {}", session.stack), "none".to_owned());
    };
    if !matches!(stack.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE") && !stack.is_busy() {
        return doubt("a stack that is complete".to_owned(), format!("{} as its state", stack.status));
    }
    if let Some(output) = template.outputs().find(|output| !stack.outputs.contains_key(*output)) {
        let found = match stack.outputs.len() {
            0 => "no outputs at all".to_owned(),
            count => format!("{count} others"),
        };
        return doubt(format!("the output {output}"), found);
    }
    Ok(stack)
}

/// Reads a stage back after a change: the stack, and what every alias of the stage points to.
///
/// # Errors
/// When something is not as the template says.
pub async fn stage(session: &Session<'_>, template: &Template, stage: &str) -> Result<(), StackError> {
    let doubt = |call, expected: String, found: String| {
        Err(StackError::Unverified { endpoint: session.endpoint(), call, expected, found })
    };
    let stack = stack(session, template).await?;
    if stack.is_busy() {
        // Somebody else has begun a change in between, which says nothing of this one.
        return Ok(());
    }
    let numbers = version_numbers(session, &stack.id, template, stage).await?;
    for (function, expected) in numbers {
        let arn = stack.function(session, function.as_deref())?;
        let alias = session.clients.alias(arn, stage).await.map_err(service("reading the stage's alias back"))?;
        let found = alias["FunctionVersion"].as_str().unwrap_or_default();
        if found != expected {
            let expected = format!("version {expected} for {}", alias_id(stage, function.as_deref()));
            let found = if found.is_empty() { "no version".to_owned() } else { format!("version {found}") };
            return doubt("Lambda's GetAlias", expected, found);
        }
        let output = stack.outputs.get(&version_output(stage)).filter(|_| function.is_none());
        if let Some(output) = output.filter(|output| **output != expected) {
            let expected = format!("{expected} in the output {}", version_output(stage));
            return doubt(DESCRIBED, expected, format!("`{output}`"));
        }
    }
    Ok(())
}

/// The version that each function of a stage shall be at: `$LATEST`, or the number of the resource that the template names.
async fn version_numbers(
    session: &Session<'_>,
    stack: &str,
    template: &Template,
    stage: &str,
) -> Result<Vec<(Option<String>, String)>, StackError> {
    let aliases = template.aliases(stage);
    let StageTarget::Published(_) = template.stage(stage)?.target else {
        return Ok(aliases.into_iter().map(|(function, _)| (function, "$LATEST".to_owned())).collect());
    };
    let resources = deployed::resources(session, stack).await?;
    let numbers: BTreeMap<&str, &str> = resources
        .iter()
        .filter_map(|resource| Some((resource.logical_id.as_str(), resource.physical_id.rsplit_once(':')?.1)))
        .collect();
    aliases
        .into_iter()
        .map(|(function, version)| {
            let Some(version) = version else { return Ok((function, "$LATEST".to_owned())) };
            match numbers.get(version.as_str()) {
                Some(number) => Ok((function, (*number).to_owned())),
                None => Err(StackError::Unverified {
                    endpoint: session.endpoint(),
                    call: "CloudFormation's ListStackResources",
                    expected: format!("the published version {version}"),
                    found: format!("{} resources without it", resources.len()),
                }),
            }
        })
        .collect()
}

/// What a deleted stack may still have: what its template says is kept. Gives those that are, by their logical and
/// physical ids.
///
/// # Errors
/// When the cloud still has the stack, or something that should be gone.
pub async fn deletion(
    session: &Session<'_>,
    stack: &str,
    retained: &[String],
) -> Result<Vec<(String, String)>, StackError> {
    let doubt = |call, expected: String, found: String| {
        Err(StackError::Unverified { endpoint: session.endpoint(), call, expected, found })
    };
    let silent = deployed::describe(session).await?;
    if let Some(left) = silent.filter(|left| left.id == stack && left.status != "DELETE_COMPLETE") {
        let expected = format!("the stack {} no more", session.stack);
        return doubt(DESCRIBED, expected, format!("it in the state {}", left.status));
    }
    let left = deployed::resources(session, stack).await?;
    let left = left.into_iter().filter(|resource| resource.status != "DELETE_COMPLETE");
    let (kept, lost): (Vec<_>, Vec<_>) = left.partition(|resource| retained.contains(&resource.logical_id));
    if let Some(resource) = lost.first() {
        let found = format!(
            "{} in the state {} ({}){}",
            resource.logical_id,
            resource.status,
            resource.physical_id,
            if lost.len() > 1 { format!(", and {} more", lost.len() - 1) } else { String::new() }
        );
        return doubt("CloudFormation's ListStackResources", "every resource as deleted".to_owned(), found);
    }
    Ok(kept.into_iter().map(|resource| (resource.logical_id, resource.physical_id)).collect())
}
