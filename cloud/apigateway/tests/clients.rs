//! Clients with API keys: who is let in by which usage plan, and how often.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod support;

use slam_cloud_core::{Clock, Timestamp};
use slam_cloud_wire::apigateway as wire;
use std::sync::atomic::{AtomicI64, Ordering};
use support::{Gateway, patch};

const VALUE: &str = "apikey1234abcdefghij";

/// An API whose root asks for a key, on the stage `dev`.
async fn protected(gateway: &Gateway) -> String {
    let api = gateway.api().await;
    let (id, root) = (api.id.unwrap(), api.root_resource_id.unwrap());
    gateway.mock(&id, &root, "GET", "{\"statusCode\": 200}", "in").await;
    ask_for_key(gateway, &id, &root).await;
    gateway.deploy(&id, "dev").await;
    id
}

async fn ask_for_key(gateway: &Gateway, api: &str, resource: &str) {
    let update = wire::UpdateMethod {
        rest_api_id: api.into(),
        resource_id: resource.into(),
        http_method: "GET".into(),
        patch_operations: patch("replace", "/apiKeyRequired", Some("true")),
    };
    assert_eq!(gateway.call(update).await.unwrap().api_key_required, Some(true));
}

async fn key(gateway: &Gateway, value: &str) -> String {
    let input = wire::CreateApiKey { value: Some(value.into()), enabled: Some(true), ..Default::default() };
    gateway.call(input).await.unwrap().id.unwrap()
}

fn plan_for(api: &str) -> wire::CreateUsagePlan {
    let stage = wire::ApiStage { api_id: Some(api.into()), stage: Some("dev".into()), throttle: None };
    wire::CreateUsagePlan { name: "plan".into(), api_stages: Some(vec![stage]), ..Default::default() }
}

/// A plan with a key in it.
async fn plan(gateway: &Gateway, input: wire::CreateUsagePlan, key_id: &str) -> String {
    let id = gateway.call(input).await.unwrap().id.unwrap();
    gateway.call(in_plan(&id, key_id)).await.unwrap();
    id
}

fn in_plan(plan: &str, key_id: &str) -> wire::CreateUsagePlanKey {
    wire::CreateUsagePlanKey { usage_plan_id: plan.into(), key_id: key_id.into(), key_type: "API_KEY".into() }
}

/// The statuses and bodies of some requests with a key.
async fn call(gateway: &Gateway, api: &str, value: &str, times: usize) -> Vec<(u16, String)> {
    let mut answers = Vec::new();
    for _ in 0..times {
        let request = http::Request::get("/dev").header("x-api-key", value).body(&b""[..]).unwrap();
        let answer = gateway.send(api, request).await;
        answers.push((answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap()));
    }
    answers
}

fn answers(of: &[(u16, &str)]) -> Vec<(u16, String)> {
    of.iter().map(|(status, body)| (*status, (*body).to_owned())).collect()
}

const IN: (u16, &str) = (200, "in");
const FORBIDDEN: (u16, &str) = (403, r#"{"message":"Forbidden"}"#);
const THROTTLED: (u16, &str) = (429, r#"{"message":"Too Many Requests"}"#);
const USED_UP: (u16, &str) = (429, r#"{"message":"Limit Exceeded"}"#);

/// Asserted on AWS: TestUsagePlans::test_api_key_required_for_methods.
#[tokio::test]
async fn a_key_counts_while_it_is_enabled_and_a_plan_covers_the_stage() {
    let gateway = Gateway::new();
    let api = protected(&gateway).await;
    assert_eq!(gateway.get(&api, "/dev").await, (403, FORBIDDEN.1.to_owned()));
    let id = key(&gateway, VALUE).await;
    assert_eq!(call(&gateway, &api, VALUE, 1).await, answers(&[FORBIDDEN]));
    let plan = plan(&gateway, plan_for(&api), &id).await;
    assert_eq!(call(&gateway, &api, VALUE, 1).await, answers(&[IN]));
    assert_eq!(call(&gateway, &api, "apikey1234abcdefghiX", 1).await, answers(&[FORBIDDEN]));
    let enable = |value: &str| wire::UpdateApiKey {
        api_key: id.clone(),
        patch_operations: patch("replace", "/enabled", Some(value)),
    };
    gateway.call(enable("false")).await.unwrap();
    assert_eq!(call(&gateway, &api, VALUE, 1).await, answers(&[FORBIDDEN]));
    gateway.call(enable("true")).await.unwrap();
    let gone = wire::UpdateUsagePlan {
        usage_plan_id: plan,
        patch_operations: patch("remove", "/apiStages", Some(&format!("{api}:dev"))),
    };
    gateway.call(gone).await.unwrap();
    assert_eq!(call(&gateway, &api, VALUE, 1).await, answers(&[FORBIDDEN]));
}

/// A burst has exactly the successes that the buckets allow: of the client, of the client's method, of the stage's.
#[tokio::test]
async fn a_burst_gets_what_the_buckets_hold() {
    let limits = |burst: i64| wire::ThrottleSettings { burst_limit: Some(burst), rate_limit: Some(0.001) };
    let gateway = Gateway::new();
    let api = protected(&gateway).await;
    let id = key(&gateway, VALUE).await;
    let input = wire::CreateUsagePlan { throttle: Some(limits(3)), ..plan_for(&api) };
    let plan_id = plan(&gateway, input, &id).await;
    let passed = |answers: Vec<(u16, String)>| answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(call(&gateway, &api, VALUE, 4).await, answers(&[IN, IN, IN, THROTTLED]));
    // What a key or plan is called does not fill its bucket; another limit does.
    let update = |op: &str, path: &str, value: Option<&str>| wire::UpdateUsagePlan {
        usage_plan_id: plan_id.clone(),
        patch_operations: patch(op, path, value),
    };
    gateway.call(update("replace", "/name", Some("other"))).await.unwrap();
    assert_eq!(passed(call(&gateway, &api, VALUE, 2).await), 0);
    gateway.call(update("remove", "/throttle", None)).await.unwrap();
    let methods = format!("/apiStages/{api}:dev/throttle");
    let of_root = r#"{"//GET":{"rateLimit":0.001,"burstLimit":2}}"#;
    let changed = gateway.call(update("replace", &methods, Some(of_root))).await.unwrap();
    let throttle = changed.api_stages.unwrap()[0].throttle.clone().unwrap();
    assert_eq!(throttle["//GET"].burst_limit, Some(2));
    assert_eq!(passed(call(&gateway, &api, VALUE, 5).await), 2);
    gateway.call(update("remove", &methods, None)).await.unwrap();
    let stage = |burst: &str| wire::UpdateStage {
        rest_api_id: api.clone(),
        stage_name: "dev".into(),
        patch_operations: Some(
            [("/~1/GET/throttling/burstLimit", burst), ("/~1/GET/throttling/rateLimit", "0")]
                .map(|(path, value)| patch("replace", path, Some(value)).unwrap().remove(0))
                .into(),
        ),
    };
    gateway.call(stage("1")).await.unwrap();
    assert_eq!(call(&gateway, &api, VALUE, 2).await, answers(&[IN, THROTTLED]));
    gateway.call(stage("0")).await.unwrap();
    assert_eq!(call(&gateway, &api, VALUE, 1).await, answers(&[THROTTLED]));
}

#[tokio::test]
async fn a_quota_counts_over_a_restart_until_its_period_ends() {
    static NOW: AtomicI64 = AtomicI64::new(0);
    let at = |text: &str| NOW.store(text.parse::<Timestamp>().unwrap().as_millisecond(), Ordering::SeqCst);
    at("2026-11-30T23:59:00Z");
    let gateway = Gateway::timed(Clock::by_hand(&NOW));
    let api = protected(&gateway).await;
    let id = key(&gateway, VALUE).await;
    let quota = wire::QuotaSettings { limit: Some(3), offset: None, period: Some("DAY".into()) };
    let plan_id = plan(&gateway, wire::CreateUsagePlan { quota: Some(quota), ..plan_for(&api) }, &id).await;
    assert_eq!(call(&gateway, &api, VALUE, 2).await, answers(&[IN, IN]));
    let gateway = gateway.again();
    assert_eq!(call(&gateway, &api, VALUE, 3).await, answers(&[IN, USED_UP, USED_UP]));
    let usage = |start: &str, end: &str| wire::GetUsage {
        usage_plan_id: plan_id.clone(),
        start_date: start.into(),
        end_date: end.into(),
        ..Default::default()
    };
    let told = gateway.call(usage("2026-11-29", "2026-11-30")).await.unwrap();
    assert_eq!(told.items.unwrap()[&id], [[0, 3], [3, 0]]);
    let more = wire::UpdateUsage {
        usage_plan_id: plan_id.clone(),
        key_id: id.clone(),
        patch_operations: patch("replace", "/remaining", Some("1")),
    };
    let told = gateway.call(more).await.unwrap();
    assert_eq!((told.start_date.as_deref(), &told.items.unwrap()[&id][..]), (Some("2026-11-30"), &[vec![3, 1]][..]));
    assert_eq!(call(&gateway, &api, VALUE, 2).await, answers(&[IN, USED_UP]));
    at("2026-12-01T00:00:00Z");
    assert_eq!(call(&gateway, &api, VALUE, 4).await, answers(&[IN, IN, IN, USED_UP]));
    for (start, end, expected) in [
        ("2026-12-02", "2026-12-01", "BadRequestException: The end date must be at most 92 days after the start date"),
        ("2026-01-01", "2026-12-01", "BadRequestException: The end date must be at most 92 days after the start date"),
        ("today", "2026-12-01", "BadRequestException: Invalid start date specified: today. It must be YYYY-MM-DD"),
    ] {
        assert_eq!(gateway.error(usage(start, end)).await, expected);
    }
}

#[tokio::test]
async fn keys_are_checked() {
    let gateway = Gateway::new();
    let create = |value: &str| wire::CreateApiKey { value: Some(value.into()), ..Default::default() };
    let made = gateway.call(create(VALUE)).await.unwrap();
    assert_eq!((made.enabled, made.value.as_deref()), (Some(false), Some(VALUE)));
    for (input, expected) in [
        (create("short"), "BadRequestException: API Key value should be at least 20 characters"),
        (create(&"x".repeat(129)), "BadRequestException: API Key value exceeds maximum size of 128 characters"),
        (create(VALUE), "ConflictException: API Key already exists"),
    ] {
        assert_eq!(gateway.error(input).await, expected);
    }
    let stage = wire::StageKey { rest_api_id: Some("x".into()), stage_name: Some("dev".into()) };
    let of_stage = wire::CreateApiKey { stage_keys: Some(vec![stage]), ..Default::default() };
    assert_eq!(gateway.error(of_stage).await, "NotFoundException: Invalid stage identifier specified");
    let get = |include_value| wire::GetApiKey { api_key: made.id.clone().unwrap(), include_value };
    assert_eq!(gateway.call(get(None)).await.unwrap().value, None);
    assert_eq!(gateway.call(get(Some(true))).await.unwrap().value.as_deref(), Some(VALUE));
    let named =
        wire::CreateApiKey { name: Some("tasks-ci".into()), customer_id: Some("c".into()), ..Default::default() };
    let generated = gateway.call(named).await.unwrap().value.unwrap();
    assert!(generated.len() == 40 && generated.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    for (name_query, customer_id, count) in
        [(None, None, 2), (Some("tasks"), None, 1), (Some("ci"), None, 0), (None, Some("c"), 1), (None, Some("d"), 0)]
    {
        let list = wire::GetApiKeys {
            name_query: name_query.map(str::to_owned),
            customer_id: customer_id.map(str::to_owned),
            ..Default::default()
        };
        assert_eq!(gateway.call(list).await.unwrap().items.unwrap().len(), count, "{name_query:?} {customer_id:?}");
    }
    let delete = || wire::DeleteApiKey { api_key: made.id.clone().unwrap() };
    gateway.call(delete()).await.unwrap();
    assert_eq!(gateway.error(delete()).await, "NotFoundException: Invalid API Key identifier specified");
}

#[tokio::test]
async fn a_file_of_keys_is_imported() {
    let gateway = Gateway::new();
    let api = protected(&gateway).await;
    let plan_id = gateway.call(plan_for(&api)).await.unwrap().id.unwrap();
    let import = |text: String, fail: bool| wire::ImportApiKeys {
        body: text.into(),
        format: "csv".into(),
        fail_on_warnings: Some(fail),
    };
    let file = format!("Name,Key,Enabled,UsagePlanIds\nfirst,{VALUE},true,{plan_id}\nsecond,short,true,\n");
    let refused = gateway.error(import(file.clone(), true)).await;
    assert_eq!(refused, "BadRequestException: Line 3: API Key value should be at least 20 characters");
    let imported = gateway.call(import(file.clone(), false)).await.unwrap();
    let (ids, warnings) = (imported.ids.unwrap(), imported.warnings.unwrap());
    assert_eq!((ids.len(), warnings.len()), (1, 1));
    assert_eq!(call(&gateway, &api, VALUE, 1).await, answers(&[IN]));
    // "The same API key can be imported multiple times with the most recent version overwriting the previous one."
    let again = gateway.call(import(format!("name,key,enabled\nfirst,{VALUE},false"), false)).await.unwrap();
    assert_eq!(again.ids.unwrap(), ids);
    assert_eq!(call(&gateway, &api, VALUE, 1).await, answers(&[FORBIDDEN]));
}

#[tokio::test]
async fn plans_are_checked() {
    let gateway = Gateway::new();
    let api = protected(&gateway).await;
    let id = key(&gateway, VALUE).await;
    let plan_id = plan(&gateway, plan_for(&api), &id).await;
    let quota = |offset, period: &str| wire::CreateUsagePlan {
        quota: Some(wire::QuotaSettings { limit: Some(1), offset: Some(offset), period: Some(period.into()) }),
        ..plan_for(&api)
    };
    for (input, expected) in [
        (quota(1, "DAY"), "Usage Plan quota offset must be zero in the DAY period"),
        (quota(7, "WEEK"), "Usage Plan quota offset must be between zero and six inclusive in the WEEK period"),
        (quota(28, "MONTH"), "Usage Plan quota offset must be between zero and 27 inclusive in the MONTH period"),
    ] {
        assert_eq!(gateway.error(input).await, format!("BadRequestException: {expected}"));
    }
    let other = gateway.call(plan_for(&api)).await.unwrap().id.unwrap();
    let conflict = gateway.error(in_plan(&other, &id)).await;
    assert!(conflict.starts_with("ConflictException: ") && conflict.contains(&plan_id), "{conflict}");
    assert_eq!(
        gateway.error(in_plan(&plan_id, "none")).await,
        "NotFoundException: Invalid API Key identifier specified"
    );
    let list = |key_id: Option<&str>| wire::GetUsagePlans { key_id: key_id.map(str::to_owned), ..Default::default() };
    assert_eq!(gateway.call(list(None)).await.unwrap().items.unwrap().len(), 2);
    assert_eq!(gateway.call(list(Some(&id))).await.unwrap().items.unwrap().len(), 1);
    let of_plan = |name: Option<&str>| wire::GetUsagePlanKeys {
        usage_plan_id: plan_id.clone(),
        name_query: name.map(str::to_owned),
        ..Default::default()
    };
    assert_eq!(gateway.call(of_plan(None)).await.unwrap().items.unwrap()[0].value.as_deref(), Some(VALUE));
    assert_eq!(gateway.call(of_plan(Some("x"))).await.unwrap().items.unwrap(), []);
    let gone = || wire::DeleteUsagePlanKey { usage_plan_id: plan_id.clone(), key_id: id.clone() };
    gateway.call(gone()).await.unwrap();
    assert_eq!(gateway.error(gone()).await, "NotFoundException: Invalid API Key identifier specified");
    assert_eq!(call(&gateway, &api, VALUE, 1).await, answers(&[FORBIDDEN]));
    gateway.call(wire::DeleteUsagePlan { usage_plan_id: plan_id.clone() }).await.unwrap();
    let get = wire::GetUsagePlan { usage_plan_id: plan_id };
    assert_eq!(gateway.error(get).await, "NotFoundException: Invalid Usage Plan ID specified");
}
