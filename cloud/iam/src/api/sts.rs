//! STS: who the caller is, and keys of limited life.

use crate::Iam;
use crate::error;
use crate::managed;
use crate::model::{Role, Session, Subject};
use crate::policy::identity::Kind;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::credential::{Credential, Keys as _};
use slam_cloud_core::id::{access_key, secret};
use slam_cloud_core::{Arn, AwsError, AwsResult, Context, Principal, Timestamp};
use slam_cloud_wire::sts as wire;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Characters of a session policy.
const SESSION_POLICY_LIMIT: usize = 2_048;
/// The longest session in seconds when one role takes on another, and for the root user.
const SHORT: i64 = 3_600;
/// How long an expired session is remembered, so that its use is answered with `ExpiredToken`.
const REMEMBERED: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

pub(super) async fn get_caller_identity(
    iam: Arc<Iam>,
    context: Context,
    _: wire::GetCallerIdentity,
) -> AwsResult<wire::GetCallerIdentityResponse> {
    let principal = &*context.principal;
    let _ = iam;
    let arn = principal.arn();
    let account = Arn::parse(&arn).map_or_else(|| context.account.to_string(), |arn| arn.account);
    Ok(wire::GetCallerIdentityResponse { user_id: Some(principal.user_id()), account: Some(account), arn: Some(arn) })
}

/// The role of an ARN, in whatever account of this cloud.
pub(super) fn role_of(iam: &Iam, arn: &str) -> Option<Arc<Role>> {
    let account = Arn::parse(arn)?.account;
    let roles = iam.collections.roles.list(&crate::authorizer::scope(&account));
    roles.into_iter().map(|(_, role)| role).find(|role| role.arn == arn)
}

pub(super) async fn assume_role(
    iam: Arc<Iam>,
    context: Context,
    input: wire::AssumeRole,
) -> AwsResult<wire::AssumeRoleResponse> {
    let account = check_arn(&input.role_arn)?;
    check_tags(&input)?;
    if input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        return Err(AwsError::unsupported("the parameter Tags of AssumeRole"));
    }
    // The door has let in whom the trust policy lets in; a root user without a role to trust it comes this far too.
    let role = role_of(&iam, &input.role_arn).ok_or_else(|| {
        let (caller, arn) = (context.principal.arn(), &input.role_arn);
        let message = format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        AwsError::new("AccessDenied", 403, message)
    })?;
    let duration = input.duration_seconds.unwrap_or(SHORT);
    if duration > role.max_session {
        return Err(error::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    if duration > SHORT && matches!(&*context.principal, Principal::AssumedRole { .. }) {
        return Err(error::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    let policy = session_policy(&iam, &account, &input)?;
    let packed = policy.as_ref().map(|policy| (policy.len() * 100 / SESSION_POLICY_LIMIT).max(1) as i64);
    let session_name = input.role_session_name;
    let subject =
        Subject::Role { id: role.id.clone(), arn: role.arn.clone(), session_name: session_name.clone(), policy };
    let (id, session) = open_session(&iam, &context, account, duration, subject).await?;
    let principal = Principal::AssumedRole {
        role_arn: role.arn.clone(),
        role_id: role.id.clone(),
        session_name,
        session_policy: None,
    };
    Ok(wire::AssumeRoleResponse {
        credentials: Some(credentials(id, &session)),
        assumed_role_user: Some(wire::AssumedRoleUser { assumed_role_id: principal.user_id(), arn: principal.arn() }),
        packed_policy_size: packed,
        ..wire::AssumeRoleResponse::default()
    })
}

pub(super) async fn get_session_token(
    iam: Arc<Iam>,
    context: Context,
    input: wire::GetSessionToken,
) -> AwsResult<wire::GetSessionTokenResponse> {
    let (account, subject, duration) = match &*context.principal {
        Principal::Root { account } => {
            (account.clone(), Subject::Root, input.duration_seconds.unwrap_or(SHORT).min(SHORT))
        }
        Principal::User { arn, id } => {
            let account = Arn::parse(arn).map(|arn| arn.account).unwrap_or_default();
            (account, Subject::User(id.clone()), input.duration_seconds.unwrap_or(43_200))
        }
        _ => {
            let message = "Cannot call GetSessionToken with session credentials";
            return Err(AwsError::new("AccessDenied", 403, message));
        }
    };
    let (id, session) = open_session(&iam, &context, account, duration, subject).await?;
    Ok(wire::GetSessionTokenResponse {
        credentials: Some(credentials(id, &session)),
        ..wire::GetSessionTokenResponse::default()
    })
}

pub(super) async fn get_access_key_info(
    iam: Arc<Iam>,
    _: Context,
    input: wire::GetAccessKeyInfo,
) -> AwsResult<wire::GetAccessKeyInfoResponse> {
    let known = iam.credential(&input.access_key_id).map(|Credential { account, .. }| account);
    let account = known.or_else(|| account_in(&input.access_key_id));
    let account = account.ok_or_else(|| error::validation(format!("{} is invalid", input.access_key_id)))?;
    Ok(wire::GetAccessKeyInfoResponse { account: Some(account) })
}

/// The account that AWS writes into the ids of its own access keys: base-32, from the 41st bit of the first 48.
fn account_in(access_key_id: &str) -> Option<String> {
    let digits = access_key_id.get(4..14)?.bytes().map(|byte| match byte {
        b'A'..=b'Z' => Some(u64::from(byte - b'A')),
        b'2'..=b'7' => Some(u64::from(byte - b'2') + 26),
        _ => None,
    });
    let bits = digits.collect::<Option<Vec<u64>>>()?.into_iter().fold(0, |bits, digit| bits << 5 | digit);
    // Ten digits are 50 bits; the account is bits 1 to 40 of the first 48.
    Some(format!("{:012}", ((bits >> 2) & 0x7fff_ffff_ff80) >> 7))
}

/// STS takes an ARN for one when its parts are there; the account is its fifth.
pub(super) fn check_arn(text: &str) -> AwsResult<String> {
    let well_formed =
        |arn: &Arn| ![&arn.partition, &arn.service, &arn.account, &arn.resource].iter().any(|p| p.is_empty());
    let arn = Arn::parse(text).filter(well_formed);
    arn.map(|arn| arn.account).ok_or_else(|| error::validation(format!("{text} is invalid")))
}

fn check_tags(input: &wire::AssumeRole) -> AwsResult<()> {
    let invalid = |message: &str| AwsError::bad_request("InvalidParameterValue", message);
    let mut keys = BTreeSet::new();
    for tag in input.tags.iter().flatten() {
        if !keys.insert(tag.key.to_lowercase()) {
            return Err(invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive."));
        }
    }
    if input.transitive_tag_keys.iter().flatten().any(|key| !keys.contains(&key.to_lowercase())) {
        return Err(invalid("The specified transitive tag key must be included in the requested tags."));
    }
    Ok(())
}

/// The session's policy: the inline one and the managed ones together allow what any of them allows.
fn session_policy(iam: &Iam, account: &str, input: &wire::AssumeRole) -> AwsResult<Option<String>> {
    if let Some(policy) = &input.policy {
        super::check_policy(policy, Kind::Inline)?;
        if policy.len() > SESSION_POLICY_LIMIT {
            let message = format!("The session policy is longer than {SESSION_POLICY_LIMIT} characters.");
            return Err(AwsError::bad_request("PackedPolicyTooLarge", message));
        }
    }
    let arns: Vec<&String> = input.policy_arns.iter().flatten().filter_map(|policy| policy.arn.as_ref()).collect();
    if arns.is_empty() {
        return Ok(input.policy.clone());
    }
    let mut statements = Vec::new();
    if let Some(policy) = &input.policy {
        add_statements(policy, &mut statements);
    }
    for arn in arns {
        let own = || iam.collections.policies.get(&crate::authorizer::scope(account), arn);
        super::check_aws(arn)?;
        match managed::find(arn)? {
            Some(policy) => add_statements(policy.document(), &mut statements),
            None => {
                let policy = own().ok_or_else(|| error::policy_not_attachable(arn))?;
                add_statements(policy.document(), &mut statements);
            }
        }
    }
    Ok(Some(json!({ "Version": "2012-10-17", "Statement": statements }).to_string()))
}

fn add_statements(document: &str, to: &mut Vec<Value>) {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    match document.get("Statement") {
        Some(Value::Array(statements)) => to.extend(statements.iter().cloned()),
        Some(statement) => to.push(statement.clone()),
        None => {}
    }
}

async fn open_session(
    iam: &Iam,
    context: &Context,
    account: String,
    seconds: i64,
    subject: Subject,
) -> AwsResult<(String, Arc<Session>)> {
    forget_expired(iam).await?;
    let issued = crate::model::now();
    let expires = issued + jiff::SignedDuration::from_secs(seconds);
    // Lambda opens a function's sessions in the function's name.
    let for_function = matches!(&*context.principal, Principal::Service { name } if name == "lambda.amazonaws.com");
    let session = Session {
        account,
        secret: secret(40).map_err(AwsError::internal)?,
        // AWS's tokens are base-64, too; clients may not look inside.
        token: STANDARD.encode(secret(96).map_err(AwsError::internal)?),
        issued,
        expires,
        function: context.source_arn.as_deref().filter(|_| for_function).map(str::to_owned),
        subject,
    };
    let id = access_key("ASIA");
    let session = iam.collections.sessions.put(&Scope::everywhere(), &id, session).await?;
    Ok((id, session))
}

/// Removes sessions that ended long ago: a few at a time, whenever one is opened.
async fn forget_expired(iam: &Iam) -> AwsResult<()> {
    const AT_ONCE: usize = 8;
    let limit = Timestamp::now() - REMEMBERED;
    let sessions = iam.collections.sessions.list(&Scope::everywhere()).into_iter();
    for (id, _) in sessions.filter(|(_, session)| session.expires < limit).take(AT_ONCE) {
        iam.collections.sessions.remove(&Scope::everywhere(), &id).await?;
    }
    Ok(())
}

fn credentials(id: String, session: &Session) -> wire::Credentials {
    wire::Credentials {
        access_key_id: id,
        secret_access_key: session.secret.clone(),
        session_token: session.token.clone(),
        expiration: session.expires,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded: test_sts_invalid_parameters.
    #[test]
    fn malformed_arns_as_recorded() {
        for text in [
            "nothing-valid-in-here",
            "arn::b:::something/test-role",
            "arn:a::::something/test-role",
            "arn:a:::something/test-role",
            "arn:a:a::aaaaaaaaaa:",
        ] {
            assert_eq!(check_arn(text), Err(error::validation(format!("{text} is invalid"))));
        }
        assert_eq!(check_arn("arn:aws:iam::000000000000:role/r").as_deref(), Ok("000000000000"));
    }

    #[test]
    fn an_access_key_of_aws_carries_its_account() {
        // AWS documentation's own example key and the account that its id encodes.
        assert_eq!(account_in("ASIAQNZGKIQY56JQ7WML").as_deref(), Some("029608264753"));
        assert_eq!(account_in("short"), None);
    }
}
