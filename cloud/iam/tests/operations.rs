//! IAM and STS through the cloud's one door.
#![allow(missing_docs, clippy::unwrap_used)]

use serde_json::json;
use slam_cloud_core::{Access, AwsError, Cloud, Context, Operation, Principal, Timestamp};
use slam_cloud_iam::register;
use slam_cloud_testing::TestCloud;
use slam_cloud_wire::{iam, sts};

const ACCOUNT: &str = "000000000000";
const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/t";
const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// A cloud with IAM alone.
struct Bench {
    test: TestCloud,
    cloud: Cloud,
}

impl Bench {
    fn new() -> Self {
        Self::of(TestCloud::new(register).0)
    }

    /// The same data in a new process.
    fn again(&self) -> Self {
        Self::of(self.test.again(register).0)
    }

    fn of(test: TestCloud) -> Self {
        Self { cloud: test.cloud.clone(), test }
    }

    async fn root<O: Operation>(&self, input: O) -> Result<O::Output, AwsError> {
        self.call(Principal::Root { account: ACCOUNT.into() }, input).await
    }

    async fn call<O: Operation>(&self, principal: Principal, input: O) -> Result<O::Output, AwsError> {
        self.cloud.call(Context::new(ACCOUNT, "us-east-1", principal), input).await
    }

    fn may(&self, principal: &Principal, action: &'static str, resource: &str) -> Result<(), String> {
        let context = Context::new(ACCOUNT, "us-east-1", principal.clone());
        self.cloud.authorize(&context, &Access::new(action, resource)).map_err(|error| error.message)
    }

    /// A role that Lambda may take on, and a session of it, as a function gets it.
    async fn function_session(&self, role: &str) -> Principal {
        self.root(role_for(role, json!({"Service": "lambda.amazonaws.com"}))).await.unwrap();
        self.assume(Principal::Service { name: "lambda.amazonaws.com".into() }, role).await.unwrap()
    }

    async fn assume(&self, caller: Principal, role: &str) -> Result<Principal, AwsError> {
        let answer = self.call(caller, assume(role)).await?;
        Ok(self.cloud.credential(&answer.credentials.unwrap().access_key_id).unwrap().principal)
    }

    async fn user(&self, name: &str) -> Principal {
        let user = self.root(iam::CreateUser { user_name: name.into(), ..Default::default() }).await.unwrap();
        let user = user.user.unwrap();
        Principal::User { arn: user.arn, id: user.user_id }
    }
}

fn role_for(name: &str, principal: serde_json::Value) -> iam::CreateRole {
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]});
    iam::CreateRole { role_name: name.into(), assume_role_policy_document: trust.to_string(), ..Default::default() }
}

fn assume(role: &str) -> sts::AssumeRole {
    sts::AssumeRole {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
        role_session_name: "f".into(),
        ..Default::default()
    }
}

fn put_role_policy(role: &str, effect: &str, action: &str, resource: &str) -> iam::PutRolePolicy {
    iam::PutRolePolicy {
        role_name: role.into(),
        policy_name: format!("{effect}-{}", action.replace([':', '*'], "-")),
        policy_document: document(effect, action, resource),
    }
}

fn document(effect: &str, action: &str, resource: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource}]})
        .to_string()
}

fn refused<T: std::fmt::Debug>(result: Result<T, AwsError>, status: u16, code: &str, message: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.status, &*error.code, error.message.as_str()), (status, code, message));
}

#[tokio::test]
async fn a_function_may_do_what_its_role_may_and_no_more() {
    let bench = Bench::new();
    let session = bench.function_session("r").await;
    let denial = bench.may(&session, "dynamodb:PutItem", TABLE).unwrap_err();
    assert_eq!(
        denial,
        format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/r/f is not authorized to perform: dynamodb:PutItem on resource: \
             {TABLE} because no identity-based policy allows the dynamodb:PutItem action"
        )
    );
    // The change counts for sessions that are open already.
    bench.root(put_role_policy("r", "Allow", "dynamodb:PutItem", TABLE)).await.unwrap();
    assert_eq!(bench.may(&session, "dynamodb:PutItem", TABLE), Ok(()));
    assert!(bench.may(&session, "dynamodb:GetItem", TABLE).is_err());
    bench.root(put_role_policy("r", "Deny", "dynamodb:*", "*")).await.unwrap();
    let denial = bench.may(&session, "dynamodb:PutItem", TABLE).unwrap_err();
    assert!(denial.ends_with("with an explicit deny in an identity-based policy"), "{denial}");
}

#[tokio::test]
async fn an_attached_policy_of_aws_counts() {
    let bench = Bench::new();
    let session = bench.function_session("r").await;
    let group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:log-stream:s";
    assert!(bench.may(&session, "logs:PutLogEvents", group).is_err());
    bench.root(iam::AttachRolePolicy { role_name: "r".into(), policy_arn: BASIC.into() }).await.unwrap();
    assert_eq!(bench.may(&session, "logs:PutLogEvents", group), Ok(()));
    let policy = bench.root(iam::GetPolicy { policy_arn: BASIC.into() }).await.unwrap().policy.unwrap();
    assert_eq!((policy.attachment_count, policy.path.as_deref()), (Some(1), Some("/service-role/")));
    let unknown = "arn:aws:iam::aws:policy/NoSuchPolicy";
    refused(
        bench.root(iam::AttachRolePolicy { role_name: "r".into(), policy_arn: unknown.into() }).await,
        404,
        "NoSuchEntity",
        "Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable.",
    );
}

#[tokio::test]
async fn a_role_is_taken_on_only_by_whom_it_trusts() {
    let bench = Bench::new();
    bench.root(role_for("r", json!({"Service": "lambda.amazonaws.com"}))).await.unwrap();
    let user = bench.user("ann").await;
    let message = |role: &str| {
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: sts:AssumeRole on resource: \
             arn:aws:iam::{ACCOUNT}:role/{role}"
        )
    };
    refused(bench.assume(user.clone(), "r").await, 403, "AccessDenied", &message("r"));
    refused(bench.assume(user.clone(), "nobody").await, 403, "AccessDenied", &message("nobody"));
    let other = Principal::Service { name: "apigateway.amazonaws.com".into() };
    assert!(bench.assume(other, "r").await.is_err());
    // To name the account is to leave it to the user's own policies.
    bench.root(role_for("delegating", json!({"AWS": ACCOUNT}))).await.unwrap();
    assert!(bench.assume(user.clone(), "delegating").await.is_err());
    bench.root(role_for("trusting", json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:user/ann")}))).await.unwrap();
    let session = bench.assume(user, "trusting").await.unwrap();
    let who = bench.call(session, sts::GetCallerIdentity {}).await.unwrap();
    assert_eq!(who.arn.unwrap(), format!("arn:aws:sts::{ACCOUNT}:assumed-role/trusting/f"));
    assert_eq!(who.account.as_deref(), Some(ACCOUNT));
    assert!(who.user_id.unwrap().starts_with("AROA"));
}

#[tokio::test]
async fn a_session_policy_narrows_and_a_boundary_bounds() {
    let bench = Bench::new();
    bench.root(role_for("r", json!({"AWS": ACCOUNT}))).await.unwrap();
    bench.root(put_role_policy("r", "Allow", "dynamodb:*", "*")).await.unwrap();
    let narrowed = sts::AssumeRole { policy: Some(document("Allow", "dynamodb:GetItem", "*")), ..assume("r") };
    let answer = bench.root(narrowed).await.unwrap();
    let session = bench.cloud.credential(&answer.credentials.unwrap().access_key_id).unwrap().principal;
    assert_eq!(bench.may(&session, "dynamodb:GetItem", TABLE), Ok(()));
    let denial = bench.may(&session, "dynamodb:PutItem", TABLE).unwrap_err();
    assert!(denial.ends_with("because no session policy allows the dynamodb:PutItem action"), "{denial}");

    let policy = iam::CreatePolicy {
        policy_name: "bound".into(),
        policy_document: document("Allow", "s3:*", "*"),
        ..Default::default()
    };
    let arn = bench.root(policy).await.unwrap().policy.unwrap().arn.unwrap();
    let bound = iam::PutRolePermissionsBoundary { role_name: "r".into(), permissions_boundary: arn };
    bench.root(bound).await.unwrap();
    let denial = bench.may(&session, "dynamodb:GetItem", TABLE).unwrap_err();
    assert!(denial.ends_with("because no permissions boundary allows the dynamodb:GetItem action"), "{denial}");
}

#[tokio::test]
async fn a_user_has_the_policies_of_its_groups() {
    let bench = Bench::new();
    let user = bench.user("ann").await;
    bench.root(iam::CreateGroup { group_name: "g".into(), path: None }).await.unwrap();
    let policy = iam::PutGroupPolicy {
        group_name: "g".into(),
        policy_name: "p".into(),
        policy_document: document("Allow", "dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/${aws:username}"),
    };
    bench.root(policy).await.unwrap();
    let own = "arn:aws:dynamodb:us-east-1:000000000000:table/ann";
    assert!(bench.may(&user, "dynamodb:GetItem", own).is_err());
    bench.root(iam::AddUserToGroup { group_name: "g".into(), user_name: "ann".into() }).await.unwrap();
    assert_eq!(bench.may(&user, "dynamodb:GetItem", own), Ok(()));
    assert!(bench.may(&user, "dynamodb:GetItem", TABLE).is_err());
}

#[tokio::test]
async fn credentials_survive_a_restart_and_stand_for_their_owners() {
    let bench = Bench::new();
    bench.user("ann").await;
    let key = bench.root(iam::CreateAccessKey { user_name: Some("ann".into()) }).await.unwrap().access_key;
    bench.function_session("r").await;
    let answer = bench.call(Principal::Service { name: "lambda.amazonaws.com".into() }, assume("r")).await.unwrap();
    let session = answer.credentials.unwrap();

    let again = bench.again();
    let found = again.cloud.credential(&key.access_key_id).unwrap();
    assert_eq!((found.secret_access_key, found.session_token), (key.secret_access_key, None));
    assert_eq!(found.principal.arn(), format!("arn:aws:iam::{ACCOUNT}:user/ann"));
    let found = again.cloud.credential(&session.access_key_id).unwrap();
    assert_eq!(found.session_token, Some(session.session_token));
    assert!(found.expires.unwrap() > Timestamp::now());
    assert_eq!(again.cloud.credential("AKIAROOT").unwrap().account, ACCOUNT);
    assert!(again.cloud.credential("AKIANOBODY").is_none());
    let inactive = iam::UpdateAccessKey {
        user_name: Some("ann".into()),
        access_key_id: key.access_key_id.clone(),
        status: "Inactive".into(),
    };
    again.root(inactive).await.unwrap();
    assert!(again.cloud.credential(&key.access_key_id).is_none());
}

#[tokio::test]
async fn sessions_last_no_longer_than_the_role_allows() {
    let bench = Bench::new();
    bench.root(role_for("r", json!({"AWS": ACCOUNT}))).await.unwrap();
    refused(
        bench.root(sts::AssumeRole { duration_seconds: Some(7_200), ..assume("r") }).await,
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
    refused(
        bench.root(sts::AssumeRole { role_arn: "nothing-valid-in-here".into(), ..assume("r") }).await,
        400,
        "ValidationError",
        "nothing-valid-in-here is invalid",
    );
}

#[tokio::test]
async fn names_are_unique_and_entities_in_use_stay() {
    let bench = Bench::new();
    bench.function_session("r").await;
    refused(
        bench.root(role_for("R", json!({"AWS": ACCOUNT}))).await,
        409,
        "EntityAlreadyExists",
        "Role with name R already exists.",
    );
    let delete = || iam::DeleteRole { role_name: "r".into() };
    bench.root(iam::AttachRolePolicy { role_name: "r".into(), policy_arn: BASIC.into() }).await.unwrap();
    bench.root(put_role_policy("r", "Allow", "s3:*", "*")).await.unwrap();
    refused(bench.root(delete()).await, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first.");
    bench.root(iam::DetachRolePolicy { role_name: "r".into(), policy_arn: BASIC.into() }).await.unwrap();
    refused(bench.root(delete()).await, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.");
    let names = bench.root(iam::ListRolePolicies { role_name: "r".into(), ..Default::default() }).await.unwrap();
    for policy_name in names.policy_names {
        bench.root(iam::DeleteRolePolicy { role_name: "r".into(), policy_name }).await.unwrap();
    }
    bench.root(delete()).await.unwrap();
    refused(
        bench.root(iam::GetRole { role_name: "r".into() }).await,
        404,
        "NoSuchEntity",
        "The role with name r cannot be found.",
    );
}

#[tokio::test]
async fn versions_of_a_policy() {
    let bench = Bench::new();
    let create = iam::CreatePolicy {
        policy_name: "p".into(),
        policy_document: document("Allow", "s3:*", "*"),
        ..Default::default()
    };
    let policy = bench.root(create).await.unwrap().policy.unwrap();
    let arn = policy.arn.unwrap();
    assert_eq!(
        (arn.as_str(), policy.default_version_id.as_deref()),
        ("arn:aws:iam::000000000000:policy/p", Some("v1"))
    );
    let version = |default| iam::CreatePolicyVersion {
        policy_arn: arn.clone(),
        policy_document: document("Allow", "sqs:*", "*"),
        set_as_default: Some(default),
    };
    let second = bench.root(version(true)).await.unwrap().policy_version.unwrap();
    assert_eq!((second.version_id.as_deref(), second.is_default_version), (Some("v2"), Some(true)));
    refused(
        bench.root(iam::DeletePolicyVersion { policy_arn: arn.clone(), version_id: "v2".into() }).await,
        409,
        "DeleteConflict",
        "Cannot delete the default version of a policy.",
    );
    for _ in 0..3 {
        bench.root(version(false)).await.unwrap();
    }
    let full = bench.root(version(false)).await.unwrap_err();
    assert_eq!((full.status, &*full.code), (409, "LimitExceeded"));
    let read = iam::GetPolicyVersion { policy_arn: arn.clone(), version_id: "v2".into() };
    let read = bench.root(read).await.unwrap().policy_version.unwrap();
    // Documents travel percent-encoded.
    assert!(read.document.unwrap().starts_with("%7B%22Version%22%3A%222012-10-17%22"));
}

#[tokio::test]
async fn a_malformed_document_is_not_stored() {
    let bench = Bench::new();
    bench.function_session("r").await;
    let put = iam::PutRolePolicy {
        role_name: "r".into(),
        policy_name: "p".into(),
        policy_document: r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*"}}"#.into(),
    };
    refused(bench.root(put).await, 400, "MalformedPolicyDocument", "Policy statement must contain resources.");
    refused(
        bench.root(role_for("x", json!({"AWS": "arn:aws:iam::000000000000:role/none"}))).await,
        400,
        "MalformedPolicyDocument",
        "Invalid principal in policy: \"AWS\":\"arn:aws:iam::000000000000:role/none\"",
    );
}

#[tokio::test]
async fn iam_itself_is_guarded() {
    let bench = Bench::new();
    let user = bench.user("ann").await;
    let denied = bench.call(user.clone(), iam::GetRole { role_name: "r".into() }).await.unwrap_err();
    assert_eq!((denied.status, &*denied.code), (403, "AccessDenied"));
    assert!(bench.call(user, sts::GetCallerIdentity {}).await.is_ok());
}

#[tokio::test]
async fn across_accounts_the_role_must_trust_and_the_caller_be_allowed() {
    let bench = Bench::new();
    let elsewhere = "999999999999";
    let call = |input| bench.cloud.call(Context::new(elsewhere, "us-east-1", root_of(elsewhere)), input);
    bench.root(role_for("closed", json!({"AWS": ACCOUNT}))).await.unwrap();
    assert_eq!(call(assume("closed")).await.unwrap_err().status, 403);
    bench.root(role_for("open", json!({"AWS": elsewhere}))).await.unwrap();
    assert!(call(assume("open")).await.is_ok());
    // A user over there needs leave from its own account, too.
    let user = Principal::User { arn: format!("arn:aws:iam::{elsewhere}:user/u"), id: "AIDAU".into() };
    let refused = bench.cloud.call(Context::new(elsewhere, "us-east-1", user), assume("open")).await;
    assert_eq!(refused.unwrap_err().status, 403);
}

fn root_of(account: &str) -> Principal {
    Principal::Root { account: account.into() }
}

/// In IAM's own words, by its clients' issues (`dialect.rs`), and as asserted on AWS: test_attach_detach_role_policy.
#[tokio::test]
async fn names_of_policies_are_looked_at_first() {
    let bench = Bench::new();
    let check = async |arn: &str, code: &str, message: String| {
        let status = if code == "NoSuchEntity" { 404 } else { 400 };
        let policy_arn = || arn.to_owned();
        refused(bench.root(iam::GetPolicy { policy_arn: policy_arn() }).await, status, code, &message);
        refused(bench.root(iam::DeletePolicy { policy_arn: policy_arn() }).await, status, code, &message);
        let versions = iam::ListPolicyVersions { policy_arn: policy_arn(), ..Default::default() };
        refused(bench.root(versions).await, status, code, &message);
        let version = iam::GetPolicyVersion { policy_arn: policy_arn(), version_id: "v1".into() };
        refused(bench.root(version).await, status, code, &message);
        let default = iam::SetDefaultPolicyVersion { policy_arn: policy_arn(), version_id: "v1".into() };
        refused(bench.root(default).await, status, code, &message);
        let deleted = iam::DeletePolicyVersion { policy_arn: policy_arn(), version_id: "v1".into() };
        refused(bench.root(deleted).await, status, code, &message);
        let created = iam::CreatePolicyVersion {
            policy_arn: policy_arn(),
            policy_document: document("Allow", "s3:*", "*"),
            ..Default::default()
        };
        refused(bench.root(created).await, status, code, &message);
        let entities = iam::ListEntitiesForPolicy { policy_arn: policy_arn(), ..Default::default() };
        refused(bench.root(entities).await, status, code, &message);
        let tags = iam::ListPolicyTags { policy_arn: policy_arn(), ..Default::default() };
        refused(bench.root(tags).await, status, code, &message);
        let untagged = iam::UntagPolicy { policy_arn: policy_arn(), tag_keys: vec!["k".into()] };
        refused(bench.root(untagged).await, status, code, &message);
    };
    check("not-an-arn-of-anything", "ValidationError", "Invalid ARN:  Could not be parsed!".into()).await;
    for arn in [
        "arn:aws:iam::111122223333:role/role-of-mine",
        "arn:aws:s3:::bucket/policy/of-mine",
        "arn:aws:iam:us-east-1:111122223333:policy/p",
        "arn:aws-cn:iam::111122223333:policy/p",
        "arn:aws:iam::1111:policy/of-nobody",
        "arn:aws:iam::111122223333:policy/",
        "arn:aws:iam::111122223333:policy/p ",
        "arn:aws:iam::aws:policy/arn:aws:iam::aws:policy/ReadOnlyAccess:x",
    ] {
        check(arn, "InvalidInput", format!("ARN {arn} is not valid.")).await;
    }
    let missing = "arn:aws:iam::111122223333:policy/team/none";
    check(missing, "NoSuchEntity", format!("Policy {missing} was not found.")).await;
}
