//! `slam keys`: the API keys of a stage's usage plans. They are not in the template: a key is issued to somebody, as a row of a table
//! is written, and its value is told once.

use crate::error::{StackError, service, while_doing};
use crate::{Session, deployed};
use serde_json::json;
use slam_aws::ApiKey;
use slam_template::{DeployedPlan, Template};

/// What tells whose a key is, when its plan is gone.
const STACK: &str = "slam:stack";
const STAGE: &str = "slam:stage";

/// A key of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The plan's name in slam.yaml; `None`: the plan is gone, and the key opens nothing.
    pub plan: Option<String>,
    /// The key.
    pub key: ApiKey,
}

/// A key that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What a request brings in `x-api-key`.
    pub value: String,
}

/// The keys of all plans of a stage, and those that outlived theirs.
///
/// # Errors
/// When the stack or the stage is missing, or the cloud refuses or fails.
pub async fn list(session: &Session<'_>, stage: &str) -> Result<Vec<Key>, StackError> {
    let mut found = Vec::new();
    for plan in plans(session, stage).await? {
        let id = physical(session, &plan).await?;
        let keys = session.clients.plan_keys(&id).await.map_err(service("listing the keys"))?;
        found.extend(keys.into_iter().map(|key| Key { plan: Some(plan.name.clone()), key }));
    }
    let ours = session.clients.tagged_keys(&[(STACK, session.stack), (STAGE, stage)]).await;
    for key in ours.map_err(service("listing the keys"))? {
        if !found.iter().any(|known: &Key| known.key.id == key.id) {
            found.push(Key { plan: None, key });
        }
    }
    Ok(found)
}

/// Makes a key of a plan.
///
/// # Errors
/// When there is no such plan, or the cloud refuses or fails; then no key is left.
pub async fn create(session: &Session<'_>, stage: &str, plan: &str, name: &str) -> Result<Issued, StackError> {
    let plans = plans(session, stage).await?;
    let Some(found) = plans.iter().find(|known| known.name == plan) else {
        return Err(StackError::UnknownPlan {
            stage: stage.to_owned(),
            plan: plan.to_owned(),
            known: plans.into_iter().map(|plan| plan.name).collect(),
        });
    };
    let plan_id = physical(session, found).await?;
    let tags = json!({STACK: session.stack, STAGE: stage});
    let made = session.clients.create_api_key(name, &tags).await;
    let (id, value) = made.map_err(service("making the key"))?;
    if let Err(error) = session.clients.join_plan(&plan_id, &id).await {
        // A key of no plan opens nothing, and nobody would know of it.
        let _ = session.clients.delete_api_key(&id).await;
        return Err(service("giving the key its plan")(error));
    }
    Ok(Issued { id, name: name.to_owned(), value })
}

/// Deletes a key of a stage, by its id, and gives what it was.
///
/// # Errors
/// When the stage has no such key, or the cloud refuses or fails.
pub async fn revoke(session: &Session<'_>, stage: &str, id: &str) -> Result<Key, StackError> {
    let keys = list(session, stage).await?;
    let Some(found) = keys.into_iter().find(|key| key.key.id == id) else {
        return Err(StackError::UnknownKey { stage: stage.to_owned(), id: id.to_owned() });
    };
    session.clients.delete_api_key(id).await.map_err(service("deleting the key"))?;
    Ok(found)
}

/// Deletes all keys of a usage plan, which goes with its stack.
pub(crate) async fn revoke_all(session: &Session<'_>, plan: &str) -> Result<(), StackError> {
    let keys = match session.clients.plan_keys(plan).await {
        Err(error) if error.code.as_deref() == Some("NotFoundException") => return Ok(()),
        keys => keys.map_err(service("listing the keys"))?,
    };
    for key in keys {
        session.clients.delete_api_key(&key.id).await.map_err(service("deleting the keys"))?;
    }
    Ok(())
}

/// Deletes all keys that were made for a stack, whatever became of their plans. `has_plans`: where there are none, who may not ask
/// for keys need not.
pub(crate) async fn revoke_issued(session: &Session<'_>, has_plans: bool) -> Result<(), StackError> {
    let keys = match session.clients.tagged_keys(&[(STACK, session.stack)]).await {
        Err(error) if !has_plans && error.code.as_deref().is_some_and(|code| code.starts_with("AccessDenied")) => {
            return Ok(());
        }
        keys => keys.map_err(service("listing the keys"))?,
    };
    for key in keys {
        session.clients.delete_api_key(&key.id).await.map_err(service("deleting the keys"))?;
    }
    Ok(())
}

/// The plans of a stage that is deployed.
async fn plans(session: &Session<'_>, stage: &str) -> Result<Vec<DeployedPlan>, StackError> {
    let stack = deployed::require(session).await?;
    stack.require_stage(stage)?;
    let template = Template::parse(&deployed::template(session).await?)?;
    Ok(template.plans().into_iter().filter(|plan| plan.stage == stage).collect())
}

async fn physical(session: &Session<'_>, plan: &DeployedPlan) -> Result<String, StackError> {
    let call = session.clients.cloudformation.describe_stack_resource().stack_name(session.stack);
    let found =
        call.logical_resource_id(&plan.logical_id).send().await.map_err(while_doing!("looking for the plan"))?;
    let id = found.stack_resource_detail().and_then(|resource| resource.physical_resource_id());
    let id = id.filter(|id| !id.is_empty()).ok_or_else(|| StackError::LostPlan(plan.name.clone()))?;
    Ok(id.to_owned())
}
