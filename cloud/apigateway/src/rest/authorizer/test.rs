//! `TestInvokeAuthorizer`: an authorizer asked by its owner, about a request that nobody sent.

use super::ask;
use crate::ApiGateway;
use crate::model::{Authorizer, Deployment, RestApi, Stage};
use crate::rest::authorized::Authorized;
use crate::rest::compiled::{self, Authorization, CompiledMethod, CompiledResource};
use crate::rest::exchange::Exchange;
use crate::rest::gateway_response::GatewayResponse;
use crate::rest::source::text_of;
use crate::rest::token;
use slam_cloud_core::collection::Scope;
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::request::{DataPlaneRequest, Form, Request};
use slam_cloud_wire::apigateway as wire;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// The stage that such requests are said to be for
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>).
const STAGE: &str = "ESTestInvoke-stage";

/// Asks an authorizer, and tells what it answered.
pub async fn test(
    service: &Arc<ApiGateway>,
    scope: &Scope,
    api: &RestApi,
    authorizer: &Authorizer,
    input: &wire::TestInvokeAuthorizer,
) -> wire::TestInvokeAuthorizerResponse {
    let stage =
        Stage { variables: input.stage_variables.clone().unwrap_or_default(), ..Stage::new(&api.id, STAGE, "") };
    let deployment = Deployment { id: String::new(), description: None, created: 0, api: api.clone() };
    let stage = Arc::new(compiled::compile(scope, &stage, &deployment, None));
    let method = CompiledMethod::protected_by(authorizer, &stage.variables);
    let resource = CompiledResource { id: api.root_resource_id.clone(), path: "/".into(), methods: HashMap::new() };
    let arrival = Arrival::new(None);
    let sent = parts(input);
    let Some(sent) = sent else { return answered(&arrival, Err(GatewayResponse::BadRequest)) };
    let rest = sent.uri.path().to_owned();
    let sent = DataPlaneRequest {
        api_id: api.id.clone(),
        form: Form::Host,
        parts: sent,
        body: None,
        client: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 443,
        caller: None,
        refused: None,
    };
    let request = Request::read(sent, STAGE, &rest, &arrival.trace, false);
    let exchange = Exchange::new(&stage, &resource, &method, request, &arrival);
    let answer = match &method.authorization {
        Authorization::Custom(authorizer) => ask(service, &exchange, authorizer).await.map(Authorized::Answer),
        // Without scopes it is an identity token that a user pool's authorizer wants: "You can't use this feature to test access tokens."
        Authorization::Token(authorizer) => token::read(service, &exchange, authorizer).await.map(Authorized::Token),
        _ => Err(GatewayResponse::Unauthorized),
    };
    answered(&arrival, answer)
}

/// The request that the owner describes.
fn parts(input: &wire::TestInvokeAuthorizer) -> Option<http::request::Parts> {
    let path = input.path_with_query_string.as_deref().filter(|path| path.starts_with('/')).unwrap_or("/");
    let mut request = http::Request::get(path);
    let several = input.multi_value_headers.iter().flatten();
    let several = several.flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    for (name, value) in input.headers.iter().flatten().chain(several) {
        request = request.header(name, value);
    }
    Some(request.body(()).ok()?.into_parts().0)
}

fn answered(arrival: &Arrival, answer: Result<Authorized, GatewayResponse>) -> wire::TestInvokeAuthorizerResponse {
    let line = |text: &str| format!("{} : {text}\n", arrival.time.strftime("%a %b %d %H:%M:%S UTC %Y"));
    let latency = i64::try_from(arrival.began.elapsed().as_millis()).unwrap_or(i64::MAX);
    let begin = line("Starting authorizer: for request: test-request");
    match answer {
        Ok(authorized) => {
            let told = wire::TestInvokeAuthorizerResponse {
                client_status: Some(0),
                log: Some(begin + &line("Successfully completed authorizer execution")),
                latency: Some(latency),
                ..wire::TestInvokeAuthorizerResponse::default()
            };
            match authorized {
                Authorized::Answer(answer) => wire::TestInvokeAuthorizerResponse {
                    principal_id: Some(answer.verdict.principal_id.clone()),
                    policy: Some(answer.verdict.policy.clone()),
                    ..told
                },
                Authorized::Token(claims) => {
                    let claims = claims.of_context.into_iter().map(|(name, value)| (name, text_of(value)));
                    wire::TestInvokeAuthorizerResponse { claims: Some(claims.collect()), ..told }
                }
            }
        }
        Err(failure) => wire::TestInvokeAuthorizerResponse {
            client_status: Some(failure.parts().0.into()),
            log: Some(begin + &line(&failure.reason())),
            latency: Some(latency),
            ..wire::TestInvokeAuthorizerResponse::default()
        },
    }
}
