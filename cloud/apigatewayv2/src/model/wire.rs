//! The shapes that clients see. AWS's model has a shape of its own for the answer of each operation, with the same members;
//! here each thing is told once, in the shape of lists, and [`answered`] turns it into the operation's.

use super::{Api, Authorizer, AuthorizerKind, Cors, Deployment, Integration, Route, RouteSettings, Stage};
use slam_cloud_core::shape::Shape;
use slam_cloud_core::{AwsResult, Context, Timestamp};
use slam_cloud_wire::apigatewayv2 as wire;

/// The only one that HTTP APIs have.
pub const ROUTE_SELECTION: &str = "$request.method $request.path";
/// What AWS answers for HTTP APIs, which have no keys.
const KEY_SELECTION: &str = "$request.header.x-api-key";

/// A thing in the shape that an operation answers.
///
/// # Errors
/// When the shapes differ, which a test looks for.
pub fn answered<O: Shape>(thing: impl Shape) -> AwsResult<O> {
    O::from_value(thing.into_value())
}

fn moment(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

/// An API. `endpoint` is where it is reached.
pub fn api(api: &Api, endpoint: String) -> wire::Api {
    let quick = api.routes.values().any(|route| route.managed);
    wire::Api {
        api_endpoint: Some(endpoint),
        api_gateway_managed: quick.then_some(false),
        api_id: Some(api.id.clone()),
        api_key_selection_expression: Some(KEY_SELECTION.into()),
        cors_configuration: api.cors.clone().map(Into::into),
        created_date: moment(api.created),
        description: api.description.clone(),
        disable_execute_api_endpoint: Some(api.disable_execute_api_endpoint),
        ip_address_type: Some(api.ip_address_type.clone()),
        name: api.name.clone(),
        protocol_type: "HTTP".into(),
        route_selection_expression: ROUTE_SELECTION.into(),
        tags: Some(api.tags.clone()),
        version: api.version.clone(),
        ..wire::Api::default()
    }
}

impl From<Cors> for wire::Cors {
    fn from(cors: Cors) -> Self {
        Self {
            allow_credentials: cors.allow_credentials,
            allow_headers: cors.allow_headers,
            allow_methods: cors.allow_methods,
            allow_origins: cors.allow_origins,
            expose_headers: cors.expose_headers,
            max_age: cors.max_age,
        }
    }
}

impl From<wire::Cors> for Cors {
    fn from(cors: wire::Cors) -> Self {
        Self {
            allow_credentials: cors.allow_credentials,
            allow_headers: cors.allow_headers,
            allow_methods: cors.allow_methods,
            allow_origins: cors.allow_origins,
            expose_headers: cors.expose_headers,
            max_age: cors.max_age,
        }
    }
}

impl From<&Route> for wire::Route {
    fn from(route: &Route) -> Self {
        Self {
            api_gateway_managed: route.managed.then_some(true),
            api_key_required: Some(false),
            authorization_scopes: route.authorization_scopes.clone(),
            authorization_type: Some(route.authorization_type.name().into()),
            authorizer_id: route.authorizer_id.clone(),
            operation_name: route.operation_name.clone(),
            route_id: Some(route.id.clone()),
            route_key: route.key.clone(),
            target: route.target.clone(),
            ..Self::default()
        }
    }
}

impl From<&Integration> for wire::Integration {
    fn from(integration: &Integration) -> Self {
        Self {
            api_gateway_managed: integration.managed.then_some(true),
            connection_type: Some("INTERNET".into()),
            credentials_arn: integration.credentials_arn.clone(),
            description: integration.description.clone(),
            integration_id: Some(integration.id.clone()),
            integration_method: integration.method.clone(),
            integration_subtype: integration.subtype.clone(),
            integration_type: Some(integration.kind.name().into()),
            integration_uri: integration.uri.clone(),
            payload_format_version: Some(integration.payload_format.name().into()),
            request_parameters: integration.request_parameters.clone(),
            response_parameters: integration.response_parameters.clone(),
            timeout_in_millis: Some(integration.timeout_in_millis),
            ..Self::default()
        }
    }
}

impl From<&Authorizer> for wire::Authorizer {
    fn from(authorizer: &Authorizer) -> Self {
        let mut shape = Self {
            authorizer_id: Some(authorizer.id.clone()),
            identity_source: Some(authorizer.identity_source.clone()),
            name: authorizer.name.clone(),
            ..Self::default()
        };
        match &authorizer.kind {
            AuthorizerKind::Jwt(jwt) => {
                shape.authorizer_type = Some("JWT".into());
                let audience = Some(jwt.audience.clone()).filter(|audience| !audience.is_empty());
                shape.jwt_configuration = Some(wire::JWTConfiguration { audience, issuer: Some(jwt.issuer.clone()) });
            }
            AuthorizerKind::Request(lambda) => {
                shape.authorizer_type = Some("REQUEST".into());
                shape.authorizer_uri = Some(lambda.uri.clone());
                shape.authorizer_credentials_arn = lambda.credentials_arn.clone();
                shape.authorizer_payload_format_version = Some(lambda.payload_format.name().into());
                shape.authorizer_result_ttl_in_seconds = Some(lambda.result_ttl);
                shape.enable_simple_responses = Some(lambda.simple_responses);
            }
        }
        shape
    }
}

impl From<&Stage> for wire::Stage {
    fn from(stage: &Stage) -> Self {
        let settings = stage.route_settings.iter().map(|(key, settings)| (key.clone(), settings.into()));
        Self {
            access_log_settings: stage.access_log.as_ref().map(|log| wire::AccessLogSettings {
                destination_arn: log.destination_arn.clone(),
                format: log.format.clone(),
            }),
            api_gateway_managed: stage.managed.then_some(true),
            auto_deploy: Some(stage.auto_deploy),
            created_date: moment(stage.created),
            default_route_settings: Some((&stage.default_route_settings).into()),
            deployment_id: stage.deployment_id.clone(),
            description: stage.description.clone(),
            last_deployment_status_message: stage.last_deployment_status_message.clone(),
            last_updated_date: moment(stage.last_updated),
            route_settings: Some(settings.collect()),
            stage_name: stage.name.clone(),
            stage_variables: Some(stage.variables.clone()),
            tags: Some(stage.tags.clone()),
            ..Self::default()
        }
    }
}

impl From<&RouteSettings> for wire::RouteSettings {
    fn from(settings: &RouteSettings) -> Self {
        Self {
            detailed_metrics_enabled: Some(settings.detailed_metrics_enabled.unwrap_or(false)),
            throttling_burst_limit: settings.throttling_burst_limit,
            throttling_rate_limit: settings.throttling_rate_limit,
            ..Self::default()
        }
    }
}

impl From<&Deployment> for wire::Deployment {
    fn from(deployment: &Deployment) -> Self {
        Self {
            auto_deployed: Some(deployment.auto_deployed),
            created_date: moment(deployment.created),
            deployment_id: Some(deployment.id.clone()),
            deployment_status: Some("DEPLOYED".into()),
            description: deployment.description.clone(),
            ..Self::default()
        }
    }
}

/// `https://ID.execute-api.REGION.amazonaws.com` on AWS; here the API's own port, or its host at the cloud's.
pub fn endpoint(context: &Context, api_id: &str, own_port: Option<u16>, port: u16) -> String {
    match own_port {
        Some(port) => format!("http://localhost:{port}"),
        None => format!("http://{api_id}.execute-api.{}.localhost:{port}", context.region),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Operation;
    use slam_cloud_core::schema::Schema;

    fn names(schema: &'static Schema) -> Vec<&'static str> {
        schema.structure().unwrap().members.iter().map(|member| member.name).collect()
    }

    /// What a list has, and what operations answer alone.
    fn check<L: Operation, C: Operation, G: Operation, U: Operation>() {
        let items = L::MODEL.output.structure().unwrap().members.iter().find(|member| member.name == "Items").unwrap();
        let Schema::List(items) = items.schema else { panic!("{} has no list", L::MODEL.name) };
        for one in [C::MODEL, G::MODEL, U::MODEL] {
            assert_eq!(names(one.output), names(items.member), "{}", one.name);
        }
    }

    #[test]
    fn answers_have_the_members_of_lists() {
        check::<wire::GetApis, wire::CreateApi, wire::GetApi, wire::UpdateApi>();
        check::<wire::GetRoutes, wire::CreateRoute, wire::GetRoute, wire::UpdateRoute>();
        check::<wire::GetIntegrations, wire::CreateIntegration, wire::GetIntegration, wire::UpdateIntegration>();
        check::<wire::GetAuthorizers, wire::CreateAuthorizer, wire::GetAuthorizer, wire::UpdateAuthorizer>();
        check::<wire::GetStages, wire::CreateStage, wire::GetStage, wire::UpdateStage>();
        check::<wire::GetDeployments, wire::CreateDeployment, wire::GetDeployment, wire::UpdateDeployment>();
    }
}
