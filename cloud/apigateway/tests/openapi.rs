//! APIs from OpenAPI documents and as such, by the operations alone.

#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod support;

use bytes::Bytes;
use serde_json::{Value, json};
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeMap;
use support::Gateway;

const LAMBDA: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:f/invocations";
const RESPONSES: &str = "x-amazon-apigateway-gateway-responses";
const POOL: &str = "arn:aws:cognito-idp:us-east-1:111111111111:userpool/us-east-1_a";

fn import(document: &Value) -> wire::ImportRestApi {
    wire::ImportRestApi { body: Bytes::from(document.to_string()), ..Default::default() }
}

fn strict(document: &Value) -> wire::ImportRestApi {
    wire::ImportRestApi { fail_on_warnings: Some(true), ..import(document) }
}

/// A document with nearly everything that an API can have.
fn everything() -> Value {
    json!({
        "openapi": "3.0.1",
        "info": {"title": "everything", "version": "7", "description": "an API"},
        "paths": {
            "/": {"get": {
                "responses": {"200": {"description": "ok"}},
                "security": [{"signed": []}],
                "x-amazon-apigateway-integration": mock("{\"a\": 1}"),
            }},
            "/pets/{id}": {
                "parameters": [{"name": "X-Trace", "in": "header", "schema": {"type": "string"}}],
                "post": {
                    "operationId": "CreatePet",
                    "parameters": [{"name": "q", "in": "query", "required": true, "schema": {"type": "string"}}],
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                    "responses": {
                        "200": {
                            "description": "ok",
                            "headers": {"X-A": {"schema": {"type": "string"}}},
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pets"}}},
                        },
                        "400": {"description": "bad"},
                    },
                    "security": [{"key": []}, {"who": []}],
                    "x-amazon-apigateway-request-validator": "parameters",
                    "x-amazon-apigateway-integration": {
                        "type": "aws",
                        "httpMethod": "POST",
                        "uri": LAMBDA,
                        "credentials": "arn:aws:iam::111111111111:role/r",
                        "requestParameters": {"integration.request.header.T": "method.request.header.X-Trace"},
                        "requestTemplates": {"application/json": "{\"q\": \"$input.params('q')\"}"},
                        "passthroughBehavior": "never",
                        "contentHandling": "CONVERT_TO_TEXT",
                        "timeoutInMillis": 1000,
                        "cacheNamespace": "other",
                        "cacheKeyParameters": ["method.request.querystring.q"],
                        "responses": {
                            "default": {
                                "statusCode": "200",
                                "responseParameters": {"method.response.header.X-A": "'b'"},
                                "responseTemplates": {"application/json": "$input.body"},
                            },
                            "bad.*": {"statusCode": 400, "contentHandling": "CONVERT_TO_BINARY"},
                        },
                    },
                },
            },
            "/me": {"get": {
                "responses": {},
                "security": [{"pool": ["openid", "email"]}],
                "x-amazon-apigateway-integration": mock("{}"),
            }},
            "/{proxy+}": {"x-amazon-apigateway-any-method": {
                "responses": {},
                "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": LAMBDA},
            }},
        },
        "components": {
            "schemas": {
                "Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
                "Pets": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
            },
            "securitySchemes": {
                "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
                "signed": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
                "pool": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "x-amazon-apigateway-authtype": "cognito_user_pools",
                    "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [POOL]},
                },
                "who": {
                    "type": "apiKey",
                    "name": "Token",
                    "in": "header",
                    "x-amazon-apigateway-authtype": "oauth2",
                    "x-amazon-apigateway-authorizer": {
                        "type": "token",
                        "authorizerUri": LAMBDA,
                        "identityValidationExpression": "[a-z]+",
                        "authorizerResultTtlInSeconds": "60",
                    },
                },
            },
        },
        RESPONSES: {
            "DEFAULT_4XX": {"responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}},
            "MISSING_AUTHENTICATION_TOKEN": {
                "statusCode": 404,
                "responseTemplates": {"application/json": "{\"no\": $context.error.messageString}"},
            },
        },
        "x-amazon-apigateway-request-validators": {
            "parameters": {"validateRequestBody": false, "validateRequestParameters": true},
        },
        "x-amazon-apigateway-binary-media-types": ["image/png"],
        "x-amazon-apigateway-minimum-compression-size": 100,
        "x-amazon-apigateway-api-key-source": "AUTHORIZER",
        "x-amazon-apigateway-policy": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}],
        },
    })
}

fn mock(response: &str) -> Value {
    json!({
        "type": "mock",
        "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": response}}},
    })
}

/// What clients see of an API, without ids.
async fn seen(gateway: &Gateway, id: &str) -> String {
    let api = gateway.call(wire::GetRestApi { rest_api_id: id.into() }).await.unwrap();
    let resources =
        wire::GetResources { rest_api_id: id.into(), embed: Some(vec!["methods".into()]), ..Default::default() };
    let resources = gateway.call(resources).await.unwrap().items.unwrap();
    let authorizers = wire::GetAuthorizers { rest_api_id: id.into(), ..Default::default() };
    let mut authorizers = gateway.call(authorizers).await.unwrap().items.unwrap();
    authorizers.sort_by(|a, b| a.name.cmp(&b.name));
    let validators = wire::GetRequestValidators { rest_api_id: id.into(), ..Default::default() };
    let validators = gateway.call(validators).await.unwrap().items.unwrap();
    let models =
        gateway.call(wire::GetModels { rest_api_id: id.into(), ..Default::default() }).await.unwrap().items.unwrap();
    let responses = wire::GetGatewayResponses { rest_api_id: id.into(), ..Default::default() };
    let responses = gateway.call(responses).await.unwrap().items.unwrap();
    let mut names = BTreeMap::from([(id.to_owned(), "API".to_owned())]);
    names.extend(
        resources
            .iter()
            .map(|resource| (resource.id.clone().unwrap(), format!("of {}", resource.path.clone().unwrap()))),
    );
    names.extend(authorizers.iter().map(|known| (known.id.clone().unwrap(), known.name.clone().unwrap())));
    names.extend(validators.iter().map(|known| (known.id.clone().unwrap(), known.name.clone().unwrap())));
    names.extend(models.iter().map(|known| (known.id.clone().unwrap(), known.name.clone().unwrap())));
    let api = wire::RestApi { created_date: None, ..api };
    let told = format!("{api:#?}\n{resources:#?}\n{authorizers:#?}\n{validators:#?}\n{models:#?}\n{responses:#?}");
    names.iter().fold(told, |told, (id, name)| told.replace(id, name))
}

async fn export(gateway: &Gateway, id: &str, form: &str, accepts: &str) -> String {
    let input = wire::GetExport {
        rest_api_id: id.into(),
        stage_name: "dev".into(),
        export_type: form.into(),
        parameters: Some(BTreeMap::from([("extensions".into(), "apigateway".into())])),
        accepts: Some(accepts.into()),
    };
    let exported = gateway.call(input).await.unwrap();
    assert_eq!(exported.content_type.as_deref(), Some(accepts));
    String::from_utf8(exported.body.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn what_is_exported_is_the_same_api_again() {
    let gateway = Gateway::new();
    let first = gateway.call(strict(&everything())).await.unwrap().id.unwrap();
    let expected = seen(&gateway, &first).await;
    gateway.deploy(&first, "dev").await;
    for (form, accepts) in [
        ("oas30", "application/json"),
        ("oas30", "application/yaml"),
        ("swagger", "application/json"),
        ("swagger", "application/yaml"),
    ] {
        let text = export(&gateway, &first, form, accepts).await;
        let again = wire::ImportRestApi { body: Bytes::from(text), fail_on_warnings: Some(true), ..Default::default() };
        let again = gateway.call(again).await.unwrap().id.unwrap();
        assert_eq!(seen(&gateway, &again).await, expected, "{form} {accepts}");
    }
}

#[tokio::test]
async fn an_imported_api_answers() {
    let gateway = Gateway::new();
    let id = gateway.call(strict(&everything())).await.unwrap().id.unwrap();
    let without = json!({"openapi": "3.0.0", "info": {"title": "open"}, "paths": {"/hello": {"get": {
        "responses": {"200": {"description": "ok"}},
        "x-amazon-apigateway-integration": mock("\"hello\""),
    }}}});
    let put = wire::PutRestApi {
        rest_api_id: id.clone(),
        mode: Some("overwrite".into()),
        body: Bytes::from(without.to_string()),
        ..Default::default()
    };
    let api = gateway.call(put).await.unwrap();
    assert_eq!(
        (api.name.as_deref(), api.version, api.policy, api.tags),
        (Some("open"), None, None, Some(BTreeMap::new()))
    );
    gateway.deploy(&id, "dev").await;
    assert_eq!(gateway.get(&id, "/dev/hello").await, (200, "\"hello\"".to_owned()));
    assert_eq!(gateway.get(&id, "/dev/pets/1").await.0, 403);
    let customized =
        json!({"openapi": "3.0.0", "info": {"title": "open"}, "paths": {}, RESPONSES: everything()[RESPONSES]});
    let put = wire::PutRestApi {
        rest_api_id: id.clone(),
        mode: Some("merge".into()),
        body: Bytes::from(customized.to_string()),
        ..Default::default()
    };
    gateway.call(put).await.unwrap();
    gateway.deploy(&id, "dev").await;
    assert_eq!(gateway.get(&id, "/dev/hello").await.0, 200);
    let missing = "{\"no\": \"Missing Authentication Token\"}".to_owned();
    assert_eq!(gateway.get(&id, "/dev/pets/1").await, (404, missing));
}

#[tokio::test]
async fn an_export_has_what_the_owner_has_changed_alone() {
    let gateway = Gateway::new();
    let given = everything();
    let id = gateway.call(strict(&given)).await.unwrap().id.unwrap();
    gateway.deploy(&id, "dev").await;
    let exported: Value = serde_json::from_str(&export(&gateway, &id, "oas30", "application/json").await).unwrap();
    assert_eq!(exported[RESPONSES], given[RESPONSES]);
    let authorizer = &exported["components"]["securitySchemes"]["pool"]["x-amazon-apigateway-authorizer"];
    let source = "method.request.header.Authorization";
    assert_eq!(authorizer, &json!({"type": "cognito_user_pools", "providerARNs": [POOL], "identitySource": source}));
}

#[tokio::test]
async fn what_is_no_object_is_no_gateway_response() {
    let gateway = Gateway::new();
    for (responses, named) in [
        (json!([]), RESPONSES),
        (json!({"THROTTLED": 429}), "The gateway response THROTTLED"),
        (json!({"THROTTLED": {"responseTemplates": "{}"}}), "responseTemplates of the gateway response THROTTLED"),
    ] {
        let mut document = everything();
        document[RESPONSES] = responses;
        assert_eq!(gateway.error(import(&document)).await, format!("BadRequestException: {named} must be an object"));
    }
}

/// Recorded: test_put_rest_api_mode_binary_media_types; what is kept in merging is AWS's own example ("Update an API").
#[tokio::test]
async fn a_document_is_merged_or_takes_the_place_of_what_was() {
    let gateway = Gateway::new();
    let document = |path: &str, media_type: &str, status: &str| {
        json!({
            "swagger": "2.0",
            "info": {"title": "pets", "version": "1"},
            "x-amazon-apigateway-binary-media-types": [media_type],
            "paths": {path: {"get": {"responses": {status: {"description": ""}}}}},
        })
    };
    for (mode, types, paths) in [
        ("merge", vec!["image/heif", "image/png"], vec!["/", "/a", "/a/b"]),
        ("overwrite", vec!["image/png"], vec!["/", "/a", "/a/b"]),
    ] {
        let id = gateway.call(strict(&document("/a", "image/heif", "200"))).await.unwrap().id.unwrap();
        let resources = wire::GetResources { rest_api_id: id.clone(), ..Default::default() };
        let before = gateway.call(resources.clone()).await.unwrap().items.unwrap();
        let put = wire::PutRestApi {
            rest_api_id: id.clone(),
            mode: Some(mode.into()),
            body: Bytes::from(document("/a/b", "image/png", "206").to_string()),
            ..Default::default()
        };
        let api = gateway.call(put).await.unwrap();
        assert_eq!(api.binary_media_types.unwrap(), types, "{mode}");
        let after = gateway.call(resources).await.unwrap().items.unwrap();
        let told: Vec<_> = after.iter().map(|resource| resource.path.as_deref().unwrap()).collect();
        assert_eq!(told, paths, "{mode}");
        // A path keeps its id.
        assert_eq!((&after[0].id, &after[1].id), (&before[0].id, &before[1].id), "{mode}");
        assert_eq!(after[1].resource_methods.is_some(), mode == "merge", "{mode}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_together_and_nothing_is_kept() {
    let gateway = Gateway::new();
    let document = json!({
        "openapi": "3.0.1",
        "info": {"title": "wrong"},
        "paths": {
            "/a": {"get": {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": LAMBDA}}},
            "/b{c}": {},
            "/d": {"put": {"x-amazon-apigateway-request-validator": "none"}},
        },
        "components": {"schemas": {"a-b": {"type": "object"}}},
        RESPONSES: {
            "NOTHING": {},
            "QUOTA_EXCEEDED": {"responseParameters": {"gatewayresponse.header.x": true}},
            "THROTTLED": {"statusCode": 42},
        },
    });
    let expected = "BadRequestException: Errors found during import:\n\
                    \tUnable to create model for 'a-b': Model name must be alphanumeric: a-b\n\
                    \tUnable to put gateway response 'NOTHING': Invalid response type specified\n\
                    \tUnable to put gateway response 'QUOTA_EXCEEDED': Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: true]\n\
                    \tUnable to put gateway response 'THROTTLED': Invalid status code specified\n\
                    \tUnable to create resource at path '/b{c}': Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.\n\
                    \tUnable to put integration on 'GET' for resource at path '/a': Enumeration value for HttpMethod must be non-empty\n\
                    \tUnable to put method 'PUT' on resource at path '/d': Invalid Request Validator identifier specified";
    assert_eq!(gateway.error(import(&document)).await, expected);
    assert_eq!(gateway.call(wire::GetRestApis::default()).await.unwrap().items.unwrap().len(), 0);
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_name() {
    let gateway = Gateway::new();
    let with = |pointer: &str, value: Value| {
        let mut document = everything();
        let (place, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(place).unwrap()[name.replace("~1", "/")] = value;
        import(&document)
    };
    let integration = "/paths/~1/get/x-amazon-apigateway-integration";
    for (input, named) in [
        (
            with(
                "/x-amazon-apigateway-gateway-responses/DEFAULT_4XX/responseParameters",
                json!({"gatewayresponse.path.x": "'x'"}),
            ),
            "the parameter gatewayresponse.path.x of a gateway response",
        ),
        (with("/x-amazon-apigateway-cors", json!({"allowOrigins": ["*"]})), "the extension x-amazon-apigateway-cors"),
        (
            with(&format!("{integration}/tlsConfig"), json!({"insecureSkipVerification": true})),
            "tlsConfig of an integration",
        ),
        (with(&format!("{integration}/connectionType"), json!("VPC_LINK")), "the connection type VPC_LINK"),
        (
            with("/servers", json!([{"x-amazon-apigateway-endpoint-configuration": {"vpcEndpointIds": ["vpce-1"]}}])),
            "vpcEndpointIds of the extension",
        ),
        (
            with(
                "/components/securitySchemes/who/x-amazon-apigateway-authorizer/jwtConfiguration",
                json!({"issuer": "x"}),
            ),
            "jwtConfiguration of the authorizer who",
        ),
        (
            wire::ImportRestApi {
                parameters: Some(BTreeMap::from([("clone".into(), "x".into())])),
                ..import(&everything())
            },
            "the parameter clone=x of an import",
        ),
    ] {
        let told = gateway.error(input).await;
        assert!(told.starts_with("NotImplemented: ") && told.contains(named), "{told}");
    }
}

/// Recorded: test_import_rest_api_with_base_path_oas30 (the warning about parameters).
#[tokio::test]
async fn what_is_ignored_is_a_warning_or_an_error() {
    let gateway = Gateway::new();
    let mut document = everything();
    let integration = document.pointer_mut("/paths/~1/get/x-amazon-apigateway-integration").unwrap();
    integration["requestParameters"] = json!({"integration.request.header.nothing": true});
    document["paths"]["/"]["get"]["security"] = json!([{"nowhere": []}]);
    document["paths"]["/"]["get"]["responses"]["default"] = json!({"description": ""});
    document["paths"]["/"]["trace"] = json!({});
    document[RESPONSES]["DEFAULT_4XX"]["ResponseParameters"] = json!({});
    let warnings = [
        "Ignoring 'ResponseParameters' of the gateway response DEFAULT_4XX",
        "The security scheme nowhere of paths.'/'(get) is not defined",
        "Invalid format for 'requestParameters'. Expected type string for property 'integration.request.header.nothing' of resource '/' and method 'GET' but got 'true'",
        "Ignoring response default of paths.'/'(get): it is no status code",
        "Parse issue: attribute paths.'/'.trace is unexpected",
    ];
    assert_eq!(gateway.call(import(&document)).await.unwrap().warnings.unwrap(), warnings);
    let expected = format!("BadRequestException: Warnings found during import:\n\t{}", warnings.join("\n\t"));
    assert_eq!(gateway.error(strict(&document)).await, expected);
}

/// A schema without a name is a model with one, the same each time.
#[tokio::test]
async fn schemas_without_names_are_models() {
    let gateway = Gateway::new();
    let mut document = everything();
    document["paths"]["/pets/{id}"]["post"]["requestBody"]["content"]["application/json"]["schema"] =
        json!({"type": "object", "properties": {"pet": {"$ref": "#/components/schemas/Pet"}}});
    let id = gateway.call(strict(&document)).await.unwrap().id.unwrap();
    let put =
        wire::PutRestApi { rest_api_id: id.clone(), body: Bytes::from(document.to_string()), ..Default::default() };
    gateway.call(put).await.unwrap();
    let models =
        gateway.call(wire::GetModels { rest_api_id: id.clone(), ..Default::default() }).await.unwrap().items.unwrap();
    assert_eq!(models.len(), 3);
    let inline = models.iter().find(|model| model.name.as_deref().unwrap().starts_with("MODEL")).unwrap();
    let schema: Value = serde_json::from_str(inline.schema.as_deref().unwrap()).unwrap();
    let expected = format!("https://apigateway.amazonaws.com/restapis/{id}/models/Pet");
    assert_eq!(schema["properties"]["pet"]["$ref"], expected);
}

#[tokio::test]
async fn a_stage_publishes_a_version_of_the_documentation() {
    let gateway = Gateway::new();
    let id = gateway.call(strict(&everything())).await.unwrap().id.unwrap();
    gateway.deploy(&id, "dev").await;
    let part = wire::CreateDocumentationPart {
        rest_api_id: id.clone(),
        location: wire::DocumentationPartLocation { r#type: "API".into(), ..Default::default() },
        properties: "{\"description\": \"all of it\"}".into(),
    };
    gateway.call(part.clone()).await.unwrap();
    assert!(gateway.error(part).await.starts_with("ConflictException: "));
    let wrong = wire::DocumentationPartLocation { r#type: "API".into(), path: Some("/".into()), ..Default::default() };
    let wrong = wire::CreateDocumentationPart { rest_api_id: id.clone(), location: wrong, properties: "{}".into() };
    assert!(gateway.error(wrong).await.contains("path is not valid for type API"));
    let version = wire::CreateDocumentationVersion {
        rest_api_id: id.clone(),
        documentation_version: "1".into(),
        stage_name: Some("dev".into()),
        description: None,
    };
    gateway.call(version.clone()).await.unwrap();
    assert!(gateway.error(version).await.starts_with("ConflictException: "));
    let stage = wire::GetStage { rest_api_id: id.clone(), stage_name: "dev".into() };
    assert_eq!(gateway.call(stage).await.unwrap().documentation_version.as_deref(), Some("1"));
    let delete = wire::DeleteDocumentationVersion { rest_api_id: id.clone(), documentation_version: "1".into() };
    assert!(gateway.error(delete.clone()).await.starts_with("BadRequestException: Active stages"));
    let unset = wire::UpdateStage {
        rest_api_id: id.clone(),
        stage_name: "dev".into(),
        patch_operations: support::patch("replace", "/documentationVersion", Some("")),
    };
    gateway.call(unset).await.unwrap();
    gateway.call(delete).await.unwrap();
}
