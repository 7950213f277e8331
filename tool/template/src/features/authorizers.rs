//! Who may call an API: its authorizers, and what each of its methods or routes asks for.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html>
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html>

use crate::draft::Draft;
use crate::ids::{API, alias_id, function_id};
use serde_json::{Value, json};
use slam_project::{Access, Authorizer, Rule, Stage, logical_name};

/// The authorizers of an API, each with what stands for it in logical ids. IAM decides without one.
pub struct Authorizers<'a>(Vec<(&'a Authorizer, String)>);

impl<'a> Authorizers<'a> {
    pub fn of(access: &'a Access) -> Self {
        let mut named: Vec<(&Authorizer, String)> = Vec::new();
        for authorizer in access.authorizers() {
            let kind = match authorizer {
                Authorizer::Iam => continue,
                Authorizer::Jwt { .. } => "Jwt".to_owned(),
                Authorizer::Cognito { .. } => "Cognito".to_owned(),
                Authorizer::Lambda { function, .. } => logical_name(function),
            };
            // What has no name of its own is counted: `Jwt`, `Jwt2`.
            let name = (1..)
                .map(|number: u32| if number == 1 { kind.clone() } else { format!("{kind}{number}") })
                .find(|name| !named.iter().any(|(_, other)| other == name));
            named.extend(name.map(|name| (authorizer, name)));
        }
        Self(named)
    }

    /// The functions that decide, with the logical ids of their authorizers.
    pub fn functions(&self, api: &str) -> Vec<Deciding> {
        let deciding = self.0.iter().filter_map(|(authorizer, name)| match authorizer {
            Authorizer::Lambda { function, .. } => {
                Some(Deciding { function: function.clone(), authorizer: authorizer_id(api, name) })
            }
            _ => None,
        });
        deciding.collect()
    }

    fn id(&self, api: &str, wanted: &Authorizer) -> Option<String> {
        self.0.iter().find(|(authorizer, _)| authorizer.is_same(wanted)).map(|(_, name)| authorizer_id(api, name))
    }

    /// Adds those of the REST API, and gives what its deployment is a snapshot of.
    pub fn add_to_rest(&self, draft: &mut Draft<'_>) -> Vec<Value> {
        let mut snapshot = Vec::new();
        for (authorizer, name) in &self.0 {
            let Some(mut properties) = of_rest(authorizer) else { continue };
            properties["RestApiId"] = json!({"Ref": API});
            properties["Name"] = json!(name);
            snapshot.push(properties.clone());
            draft.resource(authorizer_id(API, name), "AWS::ApiGateway::Authorizer", properties);
        }
        snapshot
    }

    /// Adds those of a stage's HTTP API.
    pub fn add_to_http(&self, draft: &mut Draft<'_>, stage: &Stage, api: &str) {
        for (authorizer, name) in &self.0 {
            let Some(mut properties) = of_http(authorizer, &stage.name) else { continue };
            properties["ApiId"] = json!({"Ref": api});
            properties["Name"] = json!(name);
            draft.resource(authorizer_id(api, name), "AWS::ApiGatewayV2::Authorizer", properties);
        }
        for deciding in self.functions(api) {
            deciding.allow(draft, stage, api);
        }
    }

    /// Says what a method of a REST API asks for. `keys`: an API key, where the path is not open.
    pub fn protect_method(&self, method: &mut Value, rule: Rule<'_>, keys: bool) {
        let kind = match rule.authorizer {
            None => "NONE",
            Some(Authorizer::Iam) => "AWS_IAM",
            Some(Authorizer::Lambda { .. }) => "CUSTOM",
            Some(Authorizer::Jwt { .. } | Authorizer::Cognito { .. }) => "COGNITO_USER_POOLS",
        };
        self.protect(method, rule, kind, API);
        if keys && !rule.open {
            method["ApiKeyRequired"] = json!(true);
        }
    }

    /// Says what a route of an HTTP API asks for.
    pub fn protect_route(&self, route: &mut Value, rule: Rule<'_>, api: &str) {
        let kind = match rule.authorizer {
            None => return,
            Some(Authorizer::Iam) => "AWS_IAM",
            Some(Authorizer::Lambda { .. }) => "CUSTOM",
            Some(Authorizer::Jwt { .. } | Authorizer::Cognito { .. }) => "JWT",
        };
        self.protect(route, rule, kind, api);
    }

    fn protect(&self, properties: &mut Value, rule: Rule<'_>, kind: &str, api: &str) {
        properties["AuthorizationType"] = json!(kind);
        let Some(authorizer) = rule.authorizer else { return };
        if let Some(id) = self.id(api, authorizer) {
            properties["AuthorizerId"] = json!({"Ref": id});
        }
        if !authorizer.scopes().is_empty() {
            properties["AuthorizationScopes"] = json!(authorizer.scopes());
        }
    }
}

/// A function that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deciding {
    /// Its name.
    pub function: String,
    /// The logical id of its authorizer.
    pub authorizer: String,
}

impl Deciding {
    /// Lets an API ask a stage's alias of the function, for the authorizer alone.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-troubleshooting.html>
    pub fn allow(&self, draft: &mut Draft<'_>, stage: &Stage, api: &str) {
        let source = format!(
            "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{api}}}/authorizers/${{{}}}",
            self.authorizer
        );
        let permission = json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": alias_id(&stage.name, Some(&self.function))},
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {"Fn::Sub": source},
        });
        let of_stage = logical_name(&stage.name);
        // The authorizers of an HTTP API have the stage in their ids.
        let own = self.authorizer.strip_prefix(&*of_stage).unwrap_or(&self.authorizer);
        draft.resource(format!("{of_stage}{own}Permission"), "AWS::Lambda::Permission", permission);
    }
}

fn authorizer_id(api: &str, name: &str) -> String {
    format!("{api}{name}Authorizer")
}

/// A function gets the request and answers a policy; it is the alias that the API's stage names.
fn of_rest(authorizer: &Authorizer) -> Option<Value> {
    match authorizer {
        Authorizer::Lambda { function, header, cache, .. } => {
            let function = format!("${{{}.Arn}}:${{!stageVariables.STAGE}}", function_id(Some(function)));
            Some(json!({
                "Type": "REQUEST",
                "AuthorizerUri": {"Fn::Sub": invocation(&function)},
                "IdentitySource": format!("method.request.header.{header}"),
                "AuthorizerResultTtlInSeconds": cache,
            }))
        }
        Authorizer::Cognito { pool, .. } => {
            let arn = "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${Pool}";
            let arn = attribute(pool, "Arn").unwrap_or_else(|| json!({"Fn::Sub": [arn, {"Pool": pool}]}));
            Some(json!({
                "Type": "COGNITO_USER_POOLS",
                "ProviderARNs": [arn],
                "IdentitySource": "method.request.header.Authorization",
            }))
        }
        Authorizer::Iam | Authorizer::Jwt { .. } => None,
    }
}

/// A function gets the request in payload format 2.0 and answers `{"isAuthorized": …}`.
fn of_http(authorizer: &Authorizer, stage: &str) -> Option<Value> {
    let jwt = |issuer: Value, audience: &[Value]| {
        json!({
            "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Issuer": issuer, "Audience": audience},
        })
    };
    match authorizer {
        Authorizer::Lambda { function, header, cache, .. } => {
            let alias = format!("${{{}}}", alias_id(stage, Some(function)));
            let mut sources = vec![format!("$request.header.{header}")];
            // "To cache responses per route, add $context.routeKey to your authorizer's identity sources": one that decides by the
            // path would let in everywhere who is let in somewhere.
            // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
            if *cache > 0 {
                sources.push("$context.routeKey".to_owned());
            }
            Some(json!({
                "AuthorizerType": "REQUEST",
                "AuthorizerUri": {"Fn::Sub": invocation(&alias)},
                "AuthorizerPayloadFormatVersion": "2.0",
                "EnableSimpleResponses": true,
                "IdentitySource": sources,
                "AuthorizerResultTtlInSeconds": cache,
            }))
        }
        Authorizer::Jwt { issuer, audience, .. } => Some(jwt(issuer.clone(), audience)),
        Authorizer::Cognito { pool, clients, .. } => {
            let url = "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${Pool}";
            let issuer = attribute(pool, "ProviderURL").unwrap_or_else(|| json!({"Fn::Sub": [url, {"Pool": pool}]}));
            Some(jwt(issuer, clients))
        }
        Authorizer::Iam => None,
    }
}

/// What is known of a resource that is referred to.
fn attribute(reference: &Value, name: &str) -> Option<Value> {
    let id = reference["Ref"].as_str()?;
    Some(json!({"Fn::GetAtt": [id, name]}))
}

fn invocation(function: &str) -> String {
    format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/{function}/invocations"
    )
}
