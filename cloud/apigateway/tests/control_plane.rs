//! The control plane, against what AWS was recorded to answer (LocalStack's snapshots of 8b9a79f0, Apache-2.0; the
//! names in the comments are its tests').

mod support;

use slam_cloud_wire::apigateway as wire;
use support::{Gateway, patch};

/// Recorded: test_create_rest_api_with_optional_params, test_create_rest_api_with_endpoint_configuration.
#[tokio::test]
async fn an_api_is_created_with_aws_defaults() {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    let endpoint = api.endpoint_configuration.clone().unwrap();
    assert_eq!(endpoint.types, Some(vec!["EDGE".into()]));
    assert_eq!(endpoint.ip_address_type.as_deref(), Some("ipv4"));
    assert_eq!(api.api_key_source.as_deref(), Some("HEADER"));
    assert_eq!(api.disable_execute_api_endpoint, Some(false));
    assert_eq!((api.tags, api.binary_media_types, api.description), (None, None, None));
    assert_eq!(api.id.unwrap().len(), 10);
    let types = |types: &[&str]| wire::CreateRestApi {
        name: "n".into(),
        endpoint_configuration: Some(wire::EndpointConfiguration {
            types: Some(types.iter().map(|kind| (*kind).to_owned()).collect()),
            ..Default::default()
        }),
        ..Default::default()
    };
    for (input, expected) in [
        (types(&[]), "BadRequestException: REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."),
        (types(&["EDGE", "REGIONAL"]), "BadRequestException: Cannot create an api with multiple Endpoint Types."),
        (
            wire::CreateRestApi { name: "n".into(), description: Some(String::new()), ..Default::default() },
            "BadRequestException: Description cannot be an empty string",
        ),
        (
            wire::CreateRestApi { name: "n".into(), minimum_compression_size: Some(-1), ..Default::default() },
            "BadRequestException: Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            types(&["PRIVATE"]),
            "NotImplemented: the endpoint type PRIVATE of a REST API is not supported by the embedded cloud",
        ),
    ] {
        assert_eq!(gateway.error(input).await, expected);
    }
}

/// Recorded: test_update_rest_api_operation_add_remove, test_update_rest_api_behaviour,
/// test_update_rest_api_compression, test_update_rest_api_ip_address_type.
#[tokio::test]
async fn an_api_is_patched() {
    let gateway = Gateway::new();
    let id = gateway.api().await.id.unwrap();
    let update = |op: &str, path: &str, value: Option<&str>| wire::UpdateRestApi {
        rest_api_id: id.clone(),
        patch_operations: patch(op, path, value),
    };
    let types = |api: wire::RestApi| api.binary_media_types.unwrap_or_default().join(" ");
    gateway.call(update("add", "/binaryMediaTypes/image~1png", None)).await.unwrap();
    let added = gateway.call(update("add", "/binaryMediaTypes/image~1jpeg", None)).await.unwrap();
    assert_eq!(added.tags, Some(Default::default()));
    assert_eq!(types(added), "image/png image/jpeg");
    let replaced = gateway.call(update("replace", "/binaryMediaTypes/image~1png", Some("image/gif"))).await.unwrap();
    assert_eq!(types(replaced), "image/jpeg image/gif");
    let removed = gateway.call(update("remove", "/binaryMediaTypes/image~1gif", None)).await.unwrap();
    assert_eq!(types(removed), "image/jpeg");
    let compressed = gateway.call(update("replace", "/minimumCompressionSize", Some("10"))).await.unwrap();
    assert_eq!(compressed.minimum_compression_size, Some(10));
    let off = gateway.call(update("replace", "/minimumCompressionSize", None)).await.unwrap();
    assert_eq!(off.minimum_compression_size, None);
    for (op, path, value, expected) in [
        ("add", "/binaryMediaTypes", Some("x"), "Invalid patch path /binaryMediaTypes"),
        (
            "replace",
            "/minimumCompressionSize",
            Some("-1"),
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            "replace",
            "/minimumCompressionSize",
            Some("many"),
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        ("add", "/minimumCompressionSize", Some("10"), "Invalid patch operation specified. Must be one of: [replace]"),
        (
            "replace",
            "/endpointConfiguration/ipAddressType",
            Some("wrong"),
            "ipAddressType must be either ipv4 or dualstack.",
        ),
        (
            "replace",
            "/endpointConfiguration/types/EDGE",
            Some("wrong"),
            "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
        ),
        (
            "remove",
            "/endpointConfiguration/types/EDGE",
            None,
            "Invalid patch operation specified. Must be 'add'|'remove'|'replace'",
        ),
    ] {
        assert_eq!(gateway.error(update(op, path, value)).await, format!("BadRequestException: {expected}"));
    }
    let unknown = wire::UpdateRestApi { rest_api_id: "api_id".into(), patch_operations: None };
    assert_eq!(gateway.error(unknown).await, "NotFoundException: Invalid API identifier specified 111111111111:api_id");
}

/// Recorded: test_resource_lifecycle, test_update_resource_behaviour, test_update_resource_on_root,
/// test_delete_resource, test_create_proxy_resource_validation.
#[tokio::test]
async fn the_tree_of_resources_keeps_its_rules() {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    let (id, root) = (api.id.unwrap(), api.root_resource_id.unwrap());
    let pets = gateway.resource(&id, &root, "pets").await;
    let sub = gateway.resource(&id, &pets, "subpets").await;
    let child = gateway.resource(&id, &sub, "pets").await;
    let update = |resource: &str, op: &str, path: &str, value: &str| wire::UpdateResource {
        rest_api_id: id.clone(),
        resource_id: resource.into(),
        patch_operations: patch(op, path, Some(value)),
    };
    for (input, expected) in [
        (
            update(&child, "replace", "/parentId", &root),
            "ConflictException: Another resource with the same parent already has this name: pets",
        ),
        (update(&sub, "replace", "/parentId", &sub), "BadRequestException: Resources cannot be cyclical."),
        (update(&sub, "replace", "/parentId", "none"), "NotFoundException: Invalid Resource identifier specified"),
        (update("none", "replace", "/pathPart", "x"), "NotFoundException: Invalid Resource identifier specified"),
        (
            update(&sub, "replace", "/invalid", "x"),
            "BadRequestException: Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
        ),
        (
            update(&sub, "remove", "/pathPart", "x"),
            "BadRequestException: Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations",
        ),
        (update(&root, "replace", "/pathPart", "x"), "BadRequestException: Root resource cannot update its pathPart."),
        (update(&root, "replace", "/parentId", &sub), "BadRequestException: Root resource cannot update its parentId."),
    ] {
        assert_eq!(gateway.error(input).await, expected);
    }
    let moved = gateway.call(update(&sub, "replace", "/parentId", &root)).await.unwrap();
    assert_eq!(moved.path.as_deref(), Some("/subpets"));
    let get = wire::GetResource { rest_api_id: id.clone(), resource_id: child.clone(), embed: None };
    assert_eq!(gateway.call(get).await.unwrap().path.as_deref(), Some("/subpets/pets"));
    let delete = wire::DeleteResource { rest_api_id: id.clone(), resource_id: sub };
    gateway.call(delete).await.unwrap();
    let gone = wire::DeleteResource { rest_api_id: id.clone(), resource_id: child };
    assert_eq!(gateway.error(gone).await, "NotFoundException: Invalid Resource identifier specified");
    let greedy = gateway.resource(&id, &root, "{proxy+}").await;
    let create = |parent: &str, part: &str| wire::CreateResource {
        rest_api_id: id.clone(),
        parent_id: parent.into(),
        path_part: part.into(),
    };
    for (input, expected) in [
        (
            create(&root, "{id}"),
            "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
        ),
        (create(&greedy, "x"), "Cannot create a child of a resource with a greedy path variable: {proxy+}"),
    ] {
        assert_eq!(gateway.error(input).await, format!("BadRequestException: {expected}"));
    }
    let list = wire::GetResources { rest_api_id: id, ..Default::default() };
    let paths: Vec<String> =
        gateway.call(list).await.unwrap().items.unwrap().into_iter().filter_map(|item| item.path).collect();
    assert_eq!(paths, ["/", "/pets", "/{proxy+}"]);
}

/// Recorded: test_put_method_validation, test_update_method_validation, test_method_request_parameters.
#[tokio::test]
async fn methods_are_checked() {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    let (id, root) = (api.id.unwrap(), api.root_resource_id.unwrap());
    let put = || wire::PutMethod {
        rest_api_id: id.clone(),
        resource_id: root.clone(),
        http_method: "ANY".into(),
        authorization_type: "NONE".into(),
        ..Default::default()
    };
    let both = [("method.request.header.a".to_owned(), true), ("method.request.querystring.a".to_owned(), true)];
    for (input, expected) in [
        (
            wire::PutMethod { rest_api_id: "x".into(), ..put() },
            "NotFoundException: Invalid Resource identifier specified",
        ),
        (
            wire::PutMethod { resource_id: "x".into(), ..put() },
            "NotFoundException: Invalid Resource identifier specified",
        ),
        (
            wire::PutMethod { http_method: "X".into(), ..put() },
            "BadRequestException: Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
        ),
        (
            wire::PutMethod { authorization_type: "CUSTOM".into(), ..put() },
            "BadRequestException: Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
        ),
        (
            wire::PutMethod { request_validator_id: Some("x".into()), ..put() },
            "BadRequestException: Invalid Request Validator identifier specified",
        ),
        (
            wire::PutMethod { request_models: Some([("application/json".into(), "petModel".into())].into()), ..put() },
            "BadRequestException: Invalid model identifier specified: petModel",
        ),
        (
            wire::PutMethod { request_parameters: Some(both.into()), ..put() },
            "BadRequestException: Parameter names must be unique across querystring, header and path",
        ),
        (
            wire::PutMethod { authorization_type: "JWT".into(), ..put() },
            "BadRequestException: Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
        ),
    ] {
        assert_eq!(gateway.error(input).await, expected);
    }
    gateway.call(put()).await.unwrap();
    let update = |op: &str, path: &str, value: &str| wire::UpdateMethod {
        rest_api_id: id.clone(),
        resource_id: root.clone(),
        http_method: "ANY".into(),
        patch_operations: patch(op, path, Some(value)),
    };
    for (input, expected) in [
        (update("add", "/authorizationType", "NONE"), "Invalid patch operation specified. Must be one of: [replace]"),
        (update("replace", "/httpMethod", "GET"), "Invalid patch path /httpMethod"),
        (update("replace", "/requestParameters", "x"), "Invalid patch path /requestParameters"),
        (
            update("replace", "/requestModels/application/json", "x"),
            "Invalid patch path /requestModels/application/json",
        ),
        (update("replace", "/requestValidatorId", "x"), "Invalid Request Validator identifier specified"),
    ] {
        assert_eq!(gateway.error(input).await, format!("BadRequestException: {expected}"));
    }
    let added =
        gateway.call(update("add", "/requestParameters/method.request.querystring.optional", "true")).await.unwrap();
    assert!(added.request_parameters.unwrap()["method.request.querystring.optional"]);
    let removed =
        gateway.call(update("remove", "/requestParameters/method.request.querystring.optional", "")).await.unwrap();
    assert_eq!(removed.request_parameters, None);
    let unknown = wire::GetMethod { rest_api_id: id, resource_id: root, http_method: "PUT".into() };
    assert_eq!(gateway.error(unknown).await, "NotFoundException: Invalid Method identifier specified");
}

/// Recorded: test_put_integration_validation, test_get_integration_non_existent.
#[tokio::test]
async fn integrations_are_checked() {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    let (id, root) = (api.id.unwrap(), api.root_resource_id.unwrap());
    gateway.method(&id, &root, "GET").await;
    let get = wire::GetIntegration { rest_api_id: id.clone(), resource_id: root.clone(), http_method: "GET".into() };
    assert_eq!(gateway.error(get).await, "NotFoundException: Invalid Integration identifier specified");
    let put = |kind: &str, method: Option<&str>, uri: &str| wire::PutIntegration {
        rest_api_id: id.clone(),
        resource_id: root.clone(),
        http_method: "GET".into(),
        r#type: kind.into(),
        integration_http_method: method.map(str::to_owned),
        uri: Some(uri.into()),
        ..Default::default()
    };
    let mapped = |kind: &str, from: &str| wire::PutIntegration {
        request_parameters: Some([("integration.request.path.a".to_owned(), from.to_owned())].into()),
        ..put(kind, Some("POST"), "http://example.com")
    };
    for (input, expected) in [
        (
            put("HTTP", None, "http://example.com"),
            "BadRequestException: Enumeration value for HttpMethod must be non-empty",
        ),
        (put("AWS", None, "x"), "BadRequestException: Enumeration value for HttpMethod must be non-empty"),
        (put("HTTP", Some("POST"), "arn:aws:x"), "BadRequestException: Invalid HTTP endpoint specified for URI"),
        (
            put("AWS_PROXY", Some("POST"), "http://example.com"),
            "BadRequestException: Invalid ARN specified in the request",
        ),
        (
            mapped("HTTP", "true"),
            "BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: true]",
        ),
        (
            mapped("HTTP", "method.request.path.none"),
            "BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.request.path.none]",
        ),
        (
            put("HTTP", Some("GET"), "https://example.com"),
            "NotImplemented: an integration with an https endpoint is not supported by the embedded cloud",
        ),
    ] {
        assert_eq!(gateway.error(input).await, expected);
    }
    let http = gateway.call(put("HTTP_PROXY", Some("POST"), "http://example.com")).await.unwrap();
    assert_eq!(http.connection_type.as_deref(), Some("INTERNET"));
    assert_eq!((http.timeout_in_millis, http.passthrough_behavior.as_deref()), (Some(29_000), Some("WHEN_NO_MATCH")));
    assert_eq!((http.cache_key_parameters, http.cache_namespace), (Some(Vec::new()), Some(root.clone())));
    let mock = gateway.call(put("MOCK", None, "")).await.unwrap();
    assert_eq!((mock.http_method, mock.uri, mock.connection_type), (None, None, None));
}

/// Recorded: test_lifecycle_method_response, test_update_method_lack_response_parameters_and_models,
/// test_delete_integration_response_errors.
#[tokio::test]
async fn responses_are_checked() {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    let (id, root) = (api.id.unwrap(), api.root_resource_id.unwrap());
    gateway.mock(&id, &root, "GET", "{\"statusCode\": 200}", "\"created\"").await;
    let put = wire::PutMethodResponse {
        rest_api_id: id.clone(),
        resource_id: root.clone(),
        http_method: "GET".into(),
        status_code: "200".into(),
        response_parameters: Some(Default::default()),
        response_models: Some(Default::default()),
    };
    let created = gateway.call(put.clone()).await.unwrap();
    assert_eq!(
        (created.response_models, created.response_parameters),
        (Some(Default::default()), Some(Default::default()))
    );
    assert_eq!(gateway.error(put).await, "ConflictException: Response already exists for this resource");
    let update = |op: &str, path: &str| wire::UpdateMethodResponse {
        rest_api_id: id.clone(),
        resource_id: root.clone(),
        http_method: "GET".into(),
        status_code: "200".into(),
        patch_operations: patch(op, path, Some("true")),
    };
    for (input, expected) in [
        (
            update("remove", "/responseParameters/method.response.header.x"),
            "NotFoundException: Invalid parameter name specified",
        ),
        (
            update("remove", "/responseModels/application~1json"),
            "NotFoundException: Content-Type specified was not found",
        ),
        (
            update("add", "/wrong/method.response.header.my-header"),
            "BadRequestException: Invalid patch path /wrong/method.response.header.my-header",
        ),
        (
            wire::UpdateMethodResponse { status_code: "201".into(), ..update("add", "/x/y") },
            "NotFoundException: Invalid Response status code specified",
        ),
    ] {
        assert_eq!(gateway.error(input).await, expected);
    }
    let delete = |api: &str, resource: &str, verb: &str, status: &str| wire::DeleteIntegrationResponse {
        rest_api_id: api.into(),
        resource_id: resource.into(),
        http_method: verb.into(),
        status_code: status.into(),
    };
    for (input, expected) in [
        (delete(&id, "x", "GET", "200"), "Invalid Resource identifier specified"),
        (delete("x", &root, "GET", "200"), "Invalid Resource identifier specified"),
        (delete(&id, &root, "POST", "200"), "Invalid Integration identifier specified"),
        (delete(&id, &root, "GET", "201"), "Invalid Response status code specified"),
    ] {
        assert_eq!(gateway.error(input).await, format!("NotFoundException: {expected}"));
    }
    gateway.call(delete(&id, &root, "GET", "200")).await.unwrap();
}

/// Recorded: test_create_update_deployments, test_get_stages_filters_by_deployment_id.
#[tokio::test]
async fn deployments_and_stages_hold_on_to_each_other() {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    let (id, root) = (api.id.unwrap(), api.root_resource_id.unwrap());
    let deploy = || wire::CreateDeployment { rest_api_id: id.clone(), ..Default::default() };
    assert_eq!(gateway.error(deploy()).await, "BadRequestException: The REST API doesn't contain any methods");
    gateway.method(&id, &root, "GET").await;
    assert_eq!(gateway.error(deploy()).await, "BadRequestException: No integration defined for method");
    gateway.mock(&id, &gateway.resource(&id, &root, "a").await, "GET", "", "").await;
    let integration = wire::DeleteMethod { rest_api_id: id.clone(), resource_id: root, http_method: "GET".into() };
    gateway.call(integration).await.unwrap();
    let first = gateway.deploy(&id, "s1").await;
    let delete =
        |deployment: &str| wire::DeleteDeployment { rest_api_id: id.clone(), deployment_id: deployment.to_owned() };
    let active = "BadRequestException: Active stages pointing to this deployment must be moved or deleted";
    assert_eq!(gateway.error(delete(&first)).await, active);
    let second = gateway.deploy(&id, "s1").await;
    gateway.call(delete(&first)).await.unwrap();
    assert_eq!(gateway.error(delete(&second)).await, active);
    let stages = wire::GetStages { rest_api_id: id.clone(), deployment_id: Some(second.clone()) };
    let stage = gateway.call(stages).await.unwrap().item.unwrap().remove(0);
    assert_eq!(stage.stage_name.as_deref(), Some("s1"));
    assert_eq!(stage.cache_cluster_status.as_deref(), Some("NOT_AVAILABLE"));
    assert_eq!((stage.method_settings, stage.tracing_enabled), (Some(Default::default()), Some(false)));
    let summary =
        wire::GetDeployment { rest_api_id: id.clone(), deployment_id: second, embed: Some(vec!["apisummary".into()]) };
    let summary = gateway.call(summary).await.unwrap().api_summary.unwrap();
    assert_eq!(summary["/a"]["GET"].authorization_type.as_deref(), Some("NONE"));
    let canary = wire::CreateDeployment { canary_settings: Some(Default::default()), ..deploy() };
    assert!(gateway.error(canary).await.starts_with("NotImplemented: the parameter canarySettings"));
}

/// Recorded: test_create_update_stages, test_update_stage_remove_wildcard,
/// test_stage_access_log_settings_validation.
#[tokio::test]
async fn a_stage_is_patched() {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    let (id, root) = (api.id.unwrap(), api.root_resource_id.unwrap());
    gateway.mock(&id, &root, "GET", "", "").await;
    gateway.deploy(&id, "s1").await;
    let update = |op: &str, path: &str, value: Option<&str>| wire::UpdateStage {
        rest_api_id: id.clone(),
        stage_name: "s1".into(),
        patch_operations: patch(op, path, value),
    };
    let group = "arn:aws:logs:us-east-1:111111111111:log-group:g";
    for (op, path, value, expected) in [
        (
            "remove",
            "/*/*",
            None,
            "Cannot remove method setting */* because there is no method setting for this method ",
        ),
        (
            "remove",
            "/accessLogSettings/randomValue",
            None,
            "Cannot remove method setting accessLogSettings/randomValue because there is no method setting for this method ",
        ),
        (
            "add",
            "/accessLogSettings/randomValue",
            Some("x"),
            "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]",
        ),
        (
            "replace",
            "/accessLogSettings",
            Some("x"),
            "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]",
        ),
        ("replace", "/accessLogSettings/destinationArn", Some(""), "Access Log value must not be empty"),
        (
            "replace",
            "/*/*/logging/loglevel",
            Some("INFO"),
            "CloudWatch Logs role ARN must be set in account settings to enable logging",
        ),
    ] {
        assert_eq!(gateway.error(update(op, path, value)).await, format!("BadRequestException: {expected}"));
    }
    let unknown = gateway.error(update("replace", "/documentation_version", Some("x"))).await;
    assert!(
        unknown.starts_with(
            "BadRequestException: Invalid method setting path: /documentation_version. Must be one of: [/deploymentId, "
        ),
        "{unknown}"
    );
    assert!(unknown.ends_with("/variables/{variable_name}, /tracingEnabled]"), "{unknown}");
    gateway.call(update("replace", "/variables/var1", Some("test"))).await.unwrap();
    gateway.call(update("replace", "/*/*/throttling/burstLimit", Some("123"))).await.unwrap();
    gateway.call(update("replace", "/accessLogSettings/destinationArn", Some(group))).await.unwrap();
    let stage = gateway.call(update("replace", "/~1test/GET/throttling/burstLimit", Some("124"))).await.unwrap();
    let settings = stage.method_settings.unwrap();
    assert_eq!(settings["*/*"].throttling_burst_limit, Some(123));
    assert_eq!(settings["test/GET"].throttling_burst_limit, Some(124));
    assert_eq!(settings["*/*"].throttling_rate_limit, Some(10_000.0));
    assert_eq!(settings["*/*"].logging_level, None);
    assert_eq!(
        settings["*/*"].unauthorized_cache_control_header_strategy.as_deref(),
        Some("SUCCEED_WITH_RESPONSE_HEADER")
    );
    assert_eq!(stage.variables.unwrap()["var1"], "test");
    assert_eq!(stage.access_log_settings.unwrap().destination_arn.as_deref(), Some(group));
    gateway.call(update("remove", "/*/*", None)).await.unwrap();
    let stage = gateway.call(update("remove", "/accessLogSettings", None)).await.unwrap();
    assert_eq!(stage.access_log_settings, None);
    assert_eq!(stage.method_settings.unwrap().keys().collect::<Vec<_>>(), ["test/GET"]);
}

/// TestApiGatewayApiModels::*, TestApiGatewayApiRequestValidator::*.
#[tokio::test]
async fn models_and_validators_live_and_die() {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    let (id, root) = (api.id.unwrap(), api.root_resource_id.unwrap());
    let create = |name: &str, schema: &str| wire::CreateModel {
        rest_api_id: id.clone(),
        name: name.into(),
        schema: Some(schema.into()),
        content_type: "application/json".into(),
        ..Default::default()
    };
    gateway.call(create("Pet", "{\"type\": \"object\"}")).await.unwrap();
    for (input, expected) in [
        (create("Pet", "{}"), "ConflictException: Model name already exists for this REST API"),
        (create("", "{}"), "BadRequestException: Model name must be non-empty"),
        (create("Dog", ""), "BadRequestException: Model schema must have at least 1 property or array items defined"),
        (
            wire::CreateModel { rest_api_id: "abcde0".into(), ..create("Dog", "{}") },
            "NotFoundException: Invalid API identifier specified 111111111111:abcde0",
        ),
    ] {
        assert_eq!(gateway.error(input).await, expected);
    }
    let list = wire::GetModels { rest_api_id: id.clone(), ..Default::default() };
    let names: Vec<String> =
        gateway.call(list).await.unwrap().items.unwrap().into_iter().filter_map(|m| m.name).collect();
    assert_eq!(names, ["Empty", "Error", "Pet"]);
    let put = wire::PutMethod {
        rest_api_id: id.clone(),
        resource_id: root,
        http_method: "ANY".into(),
        authorization_type: "NONE".into(),
        request_models: Some([("application/json".into(), "Pet".into())].into()),
        ..Default::default()
    };
    gateway.call(put).await.unwrap();
    let delete = wire::DeleteModel { rest_api_id: id.clone(), model_name: "Pet".into() };
    assert_eq!(
        gateway.error(delete).await,
        "ConflictException: Cannot delete model 'Pet', is referenced in method request: //ANY"
    );
    let validator =
        wire::CreateRequestValidator { rest_api_id: id.clone(), name: Some("v".into()), ..Default::default() };
    let validator = gateway.call(validator).await.unwrap();
    assert_eq!((validator.validate_request_body, validator.validate_request_parameters), (Some(false), Some(false)));
    let update = |path: &str, value: &str| wire::UpdateRequestValidator {
        rest_api_id: id.clone(),
        request_validator_id: validator.id.clone().unwrap(),
        patch_operations: patch("replace", path, Some(value)),
    };
    let updated = gateway.call(update("/validateRequestBody", "true")).await.unwrap();
    assert_eq!(updated.validate_request_body, Some(true));
    for (input, expected) in [
        (
            update("/invalidPath", "x"),
            "Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/name, /validateRequestParameters, /validateRequestBody]",
        ),
        (update("/name", ""), "Request Validator name cannot be blank"),
    ] {
        assert_eq!(gateway.error(input).await, format!("BadRequestException: {expected}"));
    }
    let nowhere = wire::CreateRequestValidator { rest_api_id: "x".into(), ..Default::default() };
    assert_eq!(gateway.error(nowhere).await, "BadRequestException: Invalid REST API identifier specified");
}

#[tokio::test]
async fn tags_and_apis_survive_a_restart_and_a_deletion_takes_everything() {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    let (id, root) = (api.id.unwrap(), api.root_resource_id.unwrap());
    gateway.mock(&id, &root, "GET", "{\"statusCode\": 200}", "hello").await;
    gateway.deploy(&id, "dev").await;
    let arn = format!("arn:aws:apigateway:us-east-1::/restapis/{id}");
    let stage_arn = format!("{arn}/stages/dev");
    for resource_arn in [&arn, &stage_arn] {
        let tags = [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into();
        gateway.call(wire::TagResource { resource_arn: resource_arn.clone(), tags }).await.unwrap();
    }
    gateway.call(wire::UntagResource { resource_arn: arn.clone(), tag_keys: vec!["a".into()] }).await.unwrap();
    let gateway = gateway.again();
    gateway.cloud.start().await.unwrap();
    let tags = |resource_arn: &str| wire::GetTags { resource_arn: resource_arn.into(), ..Default::default() };
    assert_eq!(gateway.call(tags(&arn)).await.unwrap().tags.unwrap().len(), 1);
    assert_eq!(gateway.call(tags(&stage_arn)).await.unwrap().tags.unwrap().len(), 2);
    assert_eq!(gateway.get(&id, "/dev").await, (200, "hello".into()));
    gateway.call(wire::DeleteRestApi { rest_api_id: id.clone() }).await.unwrap();
    assert_eq!(gateway.get(&id, "/dev").await, (403, r#"{"message":"Forbidden"}"#.into()));
    let stage = wire::GetStage { rest_api_id: id, stage_name: "dev".into() };
    assert_eq!(gateway.error(stage).await, "NotFoundException: Invalid stage identifier specified");
}
