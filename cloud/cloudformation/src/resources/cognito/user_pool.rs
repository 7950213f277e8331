//! `AWS::Cognito::UserPool`.

use crate::resources::{Input, Made, Physical, Provider, Retag, Work};
use async_trait::async_trait;
use slam_cloud_core::{AwsError, AwsResult, id};
use slam_cloud_wire::cognito as wire;

/// The provider.
pub struct UserPool;

/// What no update changes.
const FIXED: [&str; 4] = ["AliasAttributes", "Schema", "UsernameAttributes", "UsernameConfiguration"];

/// The properties as the operations call them, which take all tags of a pool.
fn input(work: &Work) -> Input {
    let input = work.input().without("Tags").with("UserPoolTags", work.all_tags());
    input.renamed("UserPoolName", "PoolName").or(serde_json::json!({ "PoolName": work.name }))
}

fn made(work: &Work, id: &str) -> Made {
    let suffix = if work.context.partition() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let name = format!("cognito-idp.{}.{suffix}/{id}", work.context.region);
    Made::known_as("UserPoolId", id)
        .with("Arn", arn(work, id))
        .with("ProviderURL", format!("https://{name}"))
        .with("ProviderName", name)
}

fn arn(work: &Work, id: &str) -> String {
    work.context.arn("cognito-idp", format!("userpool/{id}"))
}

#[async_trait]
impl Provider for UserPool {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "AccountRecoverySetting",
            "AdminCreateUserConfig",
            "AliasAttributes",
            "AutoVerifiedAttributes",
            "DeletionProtection",
            "EmailConfiguration",
            "EmailVerificationMessage",
            "EmailVerificationSubject",
            "MfaConfiguration",
            "Policies",
            "Schema",
            "SmsVerificationMessage",
            "UserPoolName",
            "UserPoolTags",
            "UserPoolTier",
            "UsernameAttributes",
            "UsernameConfiguration",
            "VerificationMessageTemplate",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &[
            "EmailConfiguration/ConfigurationSet",
            "EmailConfiguration/From",
            "EmailConfiguration/ReplyToEmailAddress",
            "EmailConfiguration/SourceArn",
            "Policies/PasswordPolicy/PasswordHistorySize",
            "Policies/SignInPolicy",
            "VerificationMessageTemplate/EmailMessageByLink",
            "VerificationMessageTemplate/EmailSubjectByLink",
        ]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let pool = work.send::<wire::CreateUserPool>(input(work)).await?.user_pool;
        let id = pool.and_then(|pool| pool.id).ok_or_else(|| AwsError::internal("a user pool has no id"))?;
        Ok(made(work, &id))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let is_other = |property: &&&str| old.properties.get(**property) != work.properties.get(**property);
        if let Some(property) = FIXED.iter().find(is_other) {
            let what = format_args!("changing {property} of a resource of the type AWS::Cognito::UserPool");
            return Err(AwsError::unsupported(what));
        }
        let input = FIXED.iter().fold(input(work), |input, property| input.without(property));
        work.send::<wire::UpdateUserPool>(input.with("UserPoolId", &*old.id)).await?;
        Ok(made(work, &old.id))
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let pool = Input::of("ResourceArn", arn(work, &made.id));
        tags.apply::<wire::TagResource, wire::UntagResource>(work, pool).await
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        let id = id::made_by(&work.context.request_id, "UserPool", 9);
        Some(format!("{}_{id}", work.context.region))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteUserPool>(old).await
    }
}
