//! `AWS::CloudFormation::Stack`: a stack as a resource of another.

use crate::resources::{Input, Made, Naming, Physical, Provider, Retag, Work, until};
use crate::template::as_text;
use async_trait::async_trait;
use serde_json::{Value, json};
use slam_cloud_core::{AwsError, AwsResult, Operation};
use slam_cloud_wire::cloudformation as wire;

/// The provider.
pub struct NestedStack;

/// Calls CloudFormation as the parent stack.
async fn call<O: Operation>(work: &Work, operation: O) -> AwsResult<O::Output> {
    let mut context = work.context.clone();
    context.source_arn = Some(work.stack_id.as_str().into());
    work.cloud.call(context, operation).await
}

async fn describe(work: &Work, name: &str) -> AwsResult<Option<wire::Stack>> {
    let request = wire::DescribeStacks { stack_name: Some(name.to_owned()), next_token: None };
    match call(work, request).await {
        Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().next()),
        Err(error) if error.message.ends_with("does not exist") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Waits until a stack is at rest; `None` when there is none.
async fn settled(work: &Work, name: &str) -> AwsResult<Option<wire::Stack>> {
    until("The nested stack", || async {
        let stack = describe(work, name).await?;
        let moves = stack.as_ref().is_some_and(|stack| stack.stack_status.ends_with("_IN_PROGRESS"));
        Ok((!moves).then_some(stack))
    })
    .await
}

/// AWS's sentence about a nested stack that failed, with the stack's own reason.
async fn failure(work: &Work, id: &str, what: &str) -> AwsError {
    let request = wire::DescribeStackEvents { stack_name: id.to_owned(), next_token: None };
    let events = call(work, request).await.ok().and_then(|answer| answer.stack_events).unwrap_or_default();
    let own = events.into_iter().filter(|event| event.physical_resource_id.as_deref() == Some(id));
    let reason = own.filter_map(|event| event.resource_status_reason).find(|reason| reason != "User Initiated");
    let reason = reason.unwrap_or_default();
    AwsError::bad_request("InvalidRequest", format!("Embedded stack {id} was not successfully {what}: {reason}"))
}

/// What a nested stack is made and changed with.
fn input(work: &Work) -> Input {
    let given = work.properties.get("Parameters").and_then(Value::as_object).into_iter().flatten();
    let parameter = |(key, value): (&String, &Value)| {
        // A list is given as a parameter gives it: with commas.
        let text = match value {
            Value::Array(items) => items.iter().filter_map(as_text).collect::<Vec<_>>().join(","),
            value => as_text(value).unwrap_or_else(|| value.to_string()),
        };
        json!({"ParameterKey": key, "ParameterValue": text})
    };
    let mut tags = work.all_tags();
    tags.retain(|key, _| !key.starts_with("aws:"));
    let parameters: Vec<Value> = given.map(parameter).collect();
    work.input().with("StackName", &*work.name).with("Parameters", parameters).with("Tags", tags)
}

fn made(stack: wire::Stack) -> Made {
    let mut made = Made::new(stack.stack_id.unwrap_or_default());
    for output in stack.outputs.unwrap_or_default() {
        let attribute = format!("Outputs.{}", output.output_key.unwrap_or_default());
        made = made.with(&attribute, output.output_value.unwrap_or_default());
    }
    let id = made.id.clone();
    made.with("StackId", id)
}

#[async_trait]
impl Provider for NestedStack {
    fn supported(&self) -> &'static [&'static str] {
        &["Parameters", "Tags", "TemplateURL", "TimeoutInMinutes"]
    }

    fn naming(&self) -> Naming {
        Naming::apart(128)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let id = call(work, input(work).into_operation::<wire::CreateStack>()?).await?.stack_id.unwrap_or_default();
        work.exists(&id);
        match settled(work, &id).await? {
            Some(stack) if stack.stack_status == "CREATE_COMPLETE" => Ok(made(stack)),
            _ => Err(failure(work, &id, "created").await),
        }
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        match call(work, input(work).into_operation::<wire::UpdateStack>()?).await {
            Ok(_) => {}
            Err(error) if error.message == "No updates are to be performed." => {}
            Err(error) => return Err(error),
        }
        match settled(work, &old.id).await? {
            Some(stack) if matches!(&*stack.stack_status, "CREATE_COMPLETE" | "UPDATE_COMPLETE") => Ok(made(stack)),
            _ => Err(failure(work, &old.id, "updated").await),
        }
    }

    /// The update took them along.
    async fn tag(&self, _: &Work, _: &Made, _: &Retag) -> AwsResult<()> {
        Ok(())
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        // After a restart a nested stack may itself be on its way back.
        settled(work, &old.id).await?;
        call(work, wire::DeleteStack { stack_name: old.id.clone(), ..wire::DeleteStack::default() }).await?;
        match settled(work, &old.id).await? {
            Some(stack) if stack.stack_status != "DELETE_COMPLETE" => Err(failure(work, &old.id, "deleted").await),
            _ => Ok(()),
        }
    }

    /// A stack is known by its name from the moment on that it is asked for.
    async fn abandon(&self, work: &Work) -> AwsResult<()> {
        match settled(work, &work.name).await?.and_then(|stack| stack.stack_id) {
            Some(id) => self.delete(work, &Physical { id, ..Physical::default() }).await,
            None => Ok(()),
        }
    }
}
