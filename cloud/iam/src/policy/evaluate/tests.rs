//! The decision table of AWS's evaluation logic.

use super::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const USER: &str = "arn:aws:iam::000000000000:user/ann";
const ROLE: &str = "arn:aws:iam::000000000000:role/r";
const SESSION: &str = "arn:aws:sts::000000000000:assumed-role/r/s";
const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/t";

/// A case: the policies of each kind, the caller, and whether both are of one account.
#[derive(Default)]
struct Case {
    identity: Vec<Value>,
    boundary: Option<Value>,
    session: Option<Value>,
    resource: Option<Value>,
    caller: Option<Principal>,
    other_account: bool,
    trust: bool,
}

fn user() -> Principal {
    Principal::User { arn: USER.into(), id: "AIDAANN".into() }
}

fn session() -> Principal {
    Principal::AssumedRole {
        role_arn: ROLE.into(),
        role_id: "AROAR".into(),
        session_name: "s".into(),
        session_policy: None,
    }
}

fn policy(statement: &Value) -> Policy {
    Policy::parse(&json!({"Version": "2012-10-17", "Statement": statement}).to_string()).expect("a policy")
}

fn allow() -> Value {
    json!({"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": TABLE})
}

fn deny() -> Value {
    json!({"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"})
}

fn nothing() -> Value {
    json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
}

fn grant(principal: Value) -> Option<Value> {
    Some(json!({"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": TABLE, "Principal": principal}))
}

fn check(case: Case, expected: Result<(), Refusal>) {
    let caller = case.caller.unwrap_or_else(user);
    let keys = BTreeMap::new();
    let request = Request { action: "dynamodb:putitem", resource: TABLE, principal: &caller, keys: &keys };
    let identity: Vec<Arc<Policy>> = case.identity.iter().map(|statement| Arc::new(policy(statement))).collect();
    let (boundary, session, resource) =
        (case.boundary.as_ref().map(policy), case.session.as_ref().map(policy), case.resource.as_ref().map(policy));
    let policies = Policies {
        identity: if matches!(caller, Principal::Root { .. }) { None } else { Some(&identity) },
        boundary: boundary.as_ref(),
        session: session.as_ref(),
        resource: resource.as_ref(),
        same_account: !case.other_account,
        resource_must_allow: case.trust,
    };
    assert_eq!(evaluate(&request, &policies), expected);
}

const NO_IDENTITY: Result<(), Refusal> = Err(Refusal::Implicit(Source::Identity));
const NO_RESOURCE: Result<(), Refusal> = Err(Refusal::Implicit(Source::Resource));

#[test]
fn without_an_allow_it_is_refused() {
    check(Case::default(), NO_IDENTITY);
    check(Case { identity: vec![nothing()], ..Case::default() }, NO_IDENTITY);
}

#[test]
fn an_identity_policy_suffices_in_its_account() {
    check(Case { identity: vec![nothing(), allow()], ..Case::default() }, Ok(()));
}

#[test]
fn an_explicit_deny_anywhere_wins() {
    let identity = || vec![allow()];
    let denied = |source| Err(Refusal::Explicit(source));
    check(Case { identity: vec![allow(), deny()], ..Case::default() }, denied(Source::Identity));
    check(Case { identity: identity(), boundary: Some(deny()), ..Case::default() }, denied(Source::Boundary));
    check(Case { identity: identity(), session: Some(deny()), ..Case::default() }, denied(Source::Session));
    let resource = Some(json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*"}));
    check(Case { identity: identity(), resource, ..Case::default() }, denied(Source::Resource));
}

#[test]
fn boundary_and_session_policy_narrow() {
    let identity = || vec![allow()];
    check(Case { identity: identity(), boundary: Some(allow()), ..Case::default() }, Ok(()));
    let refused = |source| Err(Refusal::Implicit(source));
    check(Case { identity: identity(), boundary: Some(nothing()), ..Case::default() }, refused(Source::Boundary));
    check(Case { identity: identity(), session: Some(nothing()), ..Case::default() }, refused(Source::Session));
    check(Case { boundary: Some(allow()), ..Case::default() }, NO_IDENTITY);
}

#[test]
fn a_resource_policy_that_names_the_user_stands_by_itself() {
    check(Case { resource: grant(json!({"AWS": USER})), ..Case::default() }, Ok(()));
    check(Case { resource: grant(json!({"AWS": USER})), boundary: Some(nothing()), ..Case::default() }, Ok(()));
}

#[test]
fn a_resource_policy_that_names_the_session_is_not_narrowed_but_one_that_names_the_role_is() {
    let case = |principal: &str| Case {
        caller: Some(session()),
        resource: grant(json!({"AWS": principal})),
        session: Some(nothing()),
        ..Case::default()
    };
    check(case(SESSION), Ok(()));
    check(case(ROLE), Err(Refusal::Implicit(Source::Session)));
    check(Case { session: None, ..case(ROLE) }, Ok(()));
}

#[test]
fn a_resource_policy_that_names_the_account_only_delegates() {
    let resource = || grant(json!({"AWS": "000000000000"}));
    check(Case { resource: resource(), ..Case::default() }, NO_IDENTITY);
    check(Case { resource: resource(), identity: vec![allow()], ..Case::default() }, Ok(()));
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let both = || Case {
        identity: vec![allow()],
        resource: grant(json!({"AWS": USER})),
        other_account: true,
        ..Case::default()
    };
    check(both(), Ok(()));
    check(Case { identity: vec![], ..both() }, NO_IDENTITY);
    check(Case { resource: None, ..both() }, NO_RESOURCE);
}

#[test]
fn root_needs_no_identity_policy_but_obeys_the_resource() {
    let root = || Some(Principal::Root { account: "000000000000".into() });
    check(Case { caller: root(), ..Case::default() }, Ok(()));
    let resource = Some(json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*"}));
    check(Case { caller: root(), resource, ..Case::default() }, Err(Refusal::Explicit(Source::Resource)));
    check(Case { caller: root(), other_account: true, ..Case::default() }, NO_RESOURCE);
}

#[test]
fn services_and_strangers_are_let_in_by_the_resource_alone() {
    let service = || Some(Principal::Service { name: "lambda.amazonaws.com".into() });
    check(Case { caller: service(), identity: vec![allow()], ..Case::default() }, NO_RESOURCE);
    let resource = grant(json!({"Service": "lambda.amazonaws.com"}));
    check(Case { caller: service(), resource, ..Case::default() }, Ok(()));
    check(Case { caller: Some(Principal::Anonymous), resource: grant(json!("*")), ..Case::default() }, Ok(()));
    let resource = grant(json!({"AWS": "000000000000"}));
    check(Case { caller: Some(Principal::Anonymous), resource, ..Case::default() }, NO_RESOURCE);
}

#[test]
fn a_trust_policy_must_allow_itself() {
    check(Case { trust: true, identity: vec![allow()], ..Case::default() }, NO_RESOURCE);
    let resource = grant(json!({"AWS": "000000000000"}));
    check(Case { trust: true, resource, ..Case::default() }, NO_IDENTITY);
    check(Case { trust: true, resource: grant(json!({"AWS": USER})), ..Case::default() }, Ok(()));
}

#[test]
fn elements_that_exclude() {
    let all_but = |not_action: &str| json!({"Effect": "Allow", "NotAction": not_action, "Resource": "*"});
    check(Case { identity: vec![all_but("s3:*")], ..Case::default() }, Ok(()));
    check(Case { identity: vec![all_but("DynamoDB:Put*")], ..Case::default() }, NO_IDENTITY);
    let elsewhere = json!({"Effect": "Allow", "Action": "*", "NotResource": TABLE});
    check(Case { identity: vec![elsewhere], ..Case::default() }, NO_IDENTITY);
}

#[test]
fn actions_know_no_case_and_resources_do() {
    let case = |action: &str, resource: &str| Case {
        identity: vec![json!({"Effect": "Allow", "Action": action, "Resource": resource})],
        ..Case::default()
    };
    check(case("DYNAMODB:putitem", TABLE), Ok(()));
    check(case("dynamodb:Put?tem", TABLE), Ok(()));
    check(case("dynamodb:PutItem", &TABLE.to_uppercase()), NO_IDENTITY);
}

#[test]
fn the_messages_are_aws_own() {
    let message = |refusal: Refusal| refusal.message(&session(), "dynamodb:PutItem", TABLE);
    assert_eq!(
        message(Refusal::Implicit(Source::Identity)),
        "User: arn:aws:sts::000000000000:assumed-role/r/s is not authorized to perform: dynamodb:PutItem on resource: \
         arn:aws:dynamodb:us-east-1:000000000000:table/t because no identity-based policy allows the dynamodb:PutItem \
         action"
    );
    assert_eq!(
        message(Refusal::Explicit(Source::Identity)),
        "User: arn:aws:sts::000000000000:assumed-role/r/s is not authorized to perform: dynamodb:PutItem on resource: \
         arn:aws:dynamodb:us-east-1:000000000000:table/t with an explicit deny in an identity-based policy"
    );
}
