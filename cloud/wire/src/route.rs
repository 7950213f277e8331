//! Which operation of which service a request means.

use crate::foreign::Foreign;
use crate::generated::services::SERVICES;
use crate::head::{cbor_path, is_form, protocol_of, target_header};
use crate::host;
use crate::protocol::{Form, UNKNOWN_OPERATION, Voice};
use crate::uri::{Fit, Pattern};
use bytes::Bytes;
use http::request::Parts;
use http::{Method, header};
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::{AwsError, AwsResult, OperationModel, ServiceModel};

/// Whom a request is for and how it is written, told by its head alone.
#[derive(Clone, Debug)]
pub enum Target {
    /// A service whose operations are in the tables.
    Service(&'static ServiceModel, Protocol),
    /// A service that this cloud does not have.
    Foreign(Foreign),
}

/// What an operation of a service turned out to be.
#[derive(Clone, Copy, Debug)]
pub enum Route {
    /// An operation in the tables.
    Operation(&'static OperationModel),
    /// AWS has it, the tables do not: its name.
    Unsupported(&'static str),
}

/// The routing tables, made once.
pub struct Router {
    services: Vec<(&'static ServiceModel, Vec<Entry>)>,
}

/// A REST operation's method and pattern.
struct Entry {
    method: &'static str,
    pattern: Pattern,
    route: Route,
}

impl Router {
    /// A router of the given services.
    pub fn new(models: &[&'static ServiceModel]) -> Self {
        let services = models.iter().map(|model| {
            let entry = |method, uri, route| Entry { method, pattern: Pattern::parse(uri), route };
            let entries = match model.protocols {
                [Protocol::RestJson, ..] => {
                    let known = model.operations.iter().map(|o| entry(o.method, o.uri, Route::Operation(o)));
                    let others =
                        model.others.iter().map(|(name, method, uri)| entry(method, uri, Route::Unsupported(name)));
                    known.chain(others).collect()
                }
                _ => Vec::new(),
            };
            (*model, entries)
        });
        Self { services: services.collect() }
    }

    /// The service that a request is for; `None` where nothing in it speaks of one. `scope` is the service that its
    /// signature names. Services of other planes claim their requests before they are looked at here.
    pub fn target(&self, head: &Parts, scope: Option<&str>) -> Option<Target> {
        if let Some(scope) = scope {
            return Some(self.by_scope(head, scope));
        }
        let found = self
            .by_host(head)
            .or_else(|| self.by_target_header(head))
            .or_else(|| self.by_action(head))
            .or_else(|| self.by_path(head));
        let found = found.map(|model| of(model, head)).or_else(|| Foreign::unsigned(head).map(Target::Foreign));
        found.or_else(|| self.by_form(head).map(|model| of(model, head)))
    }

    fn by_scope(&self, head: &Parts, scope: &str) -> Target {
        let named: Vec<_> = self.models().filter(|model| model.signing_name == scope).collect();
        let Some(first) = named.first() else { return Target::Foreign(Foreign::signed(head, scope)) };
        // DynamoDB and its streams sign alike.
        let targeted = self.by_target_header(head).filter(|model| model.signing_name == scope);
        // So do API Gateway's first and second version, which have other paths.
        let by_path = || self.by_path(head).filter(|model| model.signing_name == scope);
        if let Some(model) = targeted.or_else(by_path) {
            return of(model, head);
        }
        let here: Vec<_> = named.iter().map(|model| model.name).collect();
        Foreign::beside(head, scope, &here).map_or_else(|| of(first, head), Target::Foreign)
    }

    fn by_target_header(&self, head: &Parts) -> Option<&'static ServiceModel> {
        let (prefix, _) = target_header(head)?;
        self.models().find(|model| !model.target_prefix.is_empty() && model.target_prefix == prefix)
    }

    /// By `Action` and `Version` in the query string. In a form they are in the body, which is not read yet; such
    /// requests are signed, or their host names the service.
    fn by_action(&self, head: &Parts) -> Option<&'static ServiceModel> {
        let form = Form::of(head, &Bytes::new());
        let (action, version) = (form.get("Action")?, form.get("Version")?);
        self.models().find(|model| {
            model.protocols.contains(&Protocol::Query)
                && model.api_version == version
                && by_name(model, action).is_some()
        })
    }

    /// By the endpoint's name, which on AWS tells it alone. S3's endpoints are another plane's.
    fn by_host(&self, head: &Parts) -> Option<&'static ServiceModel> {
        let endpoint = host::endpoint(head.headers.get(header::HOST)?.to_str().ok()?)?;
        let is_there = |model: &&ServiceModel| {
            let own = SERVICES.iter().find(|one| one.name == model.name).map(|one| one.endpoint_prefix);
            own.is_some_and(|own| own.eq_ignore_ascii_case(endpoint.prefix))
        };
        self.models().filter(|model| !model.protocols.contains(&Protocol::RestXml)).find(is_there)
    }

    fn by_path(&self, head: &Parts) -> Option<&'static ServiceModel> {
        let found = self.services.iter().find(|(_, entries)| rest(entries, head).is_some());
        found.map(|(model, _)| *model)
    }

    /// An unsigned form at the root is some query service's, and all of them refuse it alike.
    fn by_form(&self, head: &Parts) -> Option<&'static ServiceModel> {
        let at_root = head.method == Method::POST && head.uri.path() == "/";
        self.models().find(|model| is_form(head) && at_root && model.protocols.contains(&Protocol::Query))
    }

    /// The operation of a form that AWS takes without a signature, and its service.
    pub fn unsigned(&self, head: &Parts, body: &Bytes) -> Option<(&'static ServiceModel, &'static str)> {
        let form = Form::of(head, body);
        let (action, version) = (form.get("Action")?, form.get("Version"));
        let services = self.models().filter(|model| {
            model.protocols.contains(&Protocol::Query) && version.is_none_or(|version| version == model.api_version)
        });
        let mut found =
            services.filter_map(|model| Some((model, *model.unsigned.iter().find(|name| **name == action)?)));
        found.next()
    }

    fn models(&self) -> impl Iterator<Item = &'static ServiceModel> {
        self.services.iter().map(|(model, _)| *model)
    }

    /// The operation of a service that a request means.
    ///
    /// # Errors
    /// AWS's error for an operation that does not exist.
    pub fn operation(
        &self,
        (service, protocol): (&'static ServiceModel, Protocol),
        head: &Parts,
        body: &Bytes,
    ) -> Result<Route, AwsError> {
        match protocol {
            Protocol::Json(_) => {
                let name = target_header(head).filter(|(prefix, _)| *prefix == service.target_prefix);
                let found = name.and_then(|(_, name)| by_name(service, name));
                found.ok_or_else(|| AwsError::bad_request(UNKNOWN_OPERATION, ""))
            }
            Protocol::RpcV2Cbor => {
                let found = cbor_path(head).and_then(|(_, name)| by_name(service, name));
                found.ok_or_else(|| AwsError::bad_request(UNKNOWN_OPERATION, ""))
            }
            Protocol::Query | Protocol::Ec2 => {
                let form = Form::of(head, body);
                let action = form.get("Action").ok_or_else(|| {
                    AwsError::bad_request("MissingAction", "The request must contain the parameter Action")
                })?;
                by_name(service, action).ok_or_else(|| {
                    let version = form.get("Version").unwrap_or(service.api_version);
                    let message = format!("Could not find operation {action} for version {version}");
                    AwsError::bad_request("InvalidAction", message)
                })
            }
            Protocol::RestJson | Protocol::RestXml => {
                let entries = self.services.iter().find(|(model, _)| std::ptr::eq(*model, service));
                entries.and_then(|(_, entries)| rest(entries, head)).ok_or_else(|| {
                    let message = "Unable to determine service/operation name to be authorized";
                    AwsError::new("AccessDeniedException", 403, message)
                })
            }
        }
    }
}

/// The operation of a form, if it may be sent to where it was sent: a queue's URL takes those that are about a queue.
///
/// # Errors
/// `InvalidAction` for any other, and `UnknownOperationException` for a page that a browser asks for.
pub fn at_endpoint(voice: &Voice, head: &Parts, body: &Bytes, route: AwsResult<Route>) -> AwsResult<Route> {
    let Some(in_query) = voice.dialect.in_query.filter(|_| voice.protocol == Protocol::Query) else { return route };
    let is_here = match &route {
        Ok(Route::Operation(operation)) => {
            let input = operation.input.structure();
            head.uri.path() == "/"
                || in_query.at_path.contains(&operation.name)
                || input.is_some_and(|input| input.index(in_query.of_path).is_some())
        }
        Ok(Route::Unsupported(_)) => true,
        Err(error) if error.code == "MissingAction" && head.method == Method::GET => {
            return Err(AwsError::new(UNKNOWN_OPERATION, 404, ""));
        }
        Err(error) => error.code != "InvalidAction",
    };
    if is_here {
        return route;
    }
    let form = Form::of(head, body);
    let message = format!("The action {} is not valid for this endpoint.", form.get("Action").unwrap_or_default());
    Err(AwsError::bad_request("InvalidAction", message))
}

/// A service with the protocol that a request to it is written in: the one that the head shows, if the service speaks it.
fn of(model: &'static ServiceModel, head: &Parts) -> Target {
    // A queue's forms are sent to its URL, and browsers look at it.
    let is_query = || is_form(head) || head.method == Method::GET;
    let form = || (is_query() && model.protocols.contains(&Protocol::Query)).then_some(Protocol::Query);
    let shown = protocol_of(head).or_else(form).and_then(|shown| {
        let same = |own: &&Protocol| **own == shown || matches!((own, shown), (Protocol::Json(_), Protocol::Json(_)));
        model.protocols.iter().find(same)
    });
    let protocol = shown.or(model.protocols.first()).copied().unwrap_or(Protocol::Query);
    Target::Service(model, protocol)
}

fn by_name(service: &'static ServiceModel, name: &str) -> Option<Route> {
    let known = service.operations.iter().find(|operation| operation.name == name);
    let known = known.map(|operation| Route::Operation(operation));
    known.or_else(|| service.others.iter().find(|other| other.0 == name).map(|other| Route::Unsupported(other.0)))
}

/// The entry that fits best.
fn rest(entries: &[Entry], head: &Parts) -> Option<Route> {
    let method = if head.method == Method::HEAD { "GET" } else { head.method.as_str() };
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let mut best: Option<(Fit, Route)> = None;
    for entry in entries.iter().filter(|entry| entry.method == method) {
        if let Some(fit) = entry.pattern.fit(path, query)
            && best.as_ref().is_none_or(|(best, _)| fit > *best)
        {
            best = Some((fit, entry.route));
        }
    }
    best.map(|(_, route)| route)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ALL;
    use http::Request;
    use slam_cloud_core::dialect::{Dialect, InQuery, QueryError};

    /// `METHOD URI name: value…` → `service operation`.
    fn routed(request: &str, scope: Option<&str>, body: &'static str) -> String {
        let mut words = request.split_whitespace();
        let mut builder = Request::builder().method(words.next().unwrap()).uri(words.next().unwrap());
        while let Some(name) = words.next() {
            builder = builder.header(name.trim_end_matches(':'), words.next().unwrap());
        }
        let (head, ()) = builder.body(()).unwrap().into_parts();
        let router = Router::new(ALL);
        match router.target(&head, scope) {
            None => "none".to_owned(),
            Some(Target::Foreign(foreign)) => {
                let body = Bytes::from_static(body.as_bytes());
                format!("{:?} {}", foreign.protocol, foreign.refusal(&head, &body).message)
            }
            Some(Target::Service(service, protocol)) => {
                let operation = match router.operation((service, protocol), &head, &Bytes::from_static(body.as_bytes()))
                {
                    Ok(Route::Operation(operation)) => operation.name.to_owned(),
                    Ok(Route::Unsupported(name)) => format!("unsupported {name}"),
                    Err(error) => error.code.into_owned(),
                };
                format!("{} {operation}", service.name)
            }
        }
    }

    #[test]
    fn a_signature_names_the_service() {
        let check = |request, scope, body, expected: &str| assert_eq!(routed(request, Some(scope), body), expected);
        check("POST /", "sts", "Action=GetCallerIdentity&Version=2011-06-15", "sts GetCallerIdentity");
        check("POST /", "iam", "Action=CreateSAMLProvider", "iam unsupported CreateSAMLProvider");
        check("POST /", "iam", "Action=Dance&Version=2010-05-08", "iam InvalidAction");
        check("POST / x-amz-target: DynamoDB_20120810.PutItem", "dynamodb", "", "dynamodb PutItem");
        check(
            "POST / x-amz-target: DynamoDBStreams_20120810.ListStreams",
            "dynamodb",
            "",
            "dynamodbstreams ListStreams",
        );
        check("POST / x-amz-target: AmazonSQS.SendMessage", "sqs", "", "sqs SendMessage");
        let form = "content-type: application/x-www-form-urlencoded";
        for path in ["/", "/000000000000/queue"] {
            assert_eq!(routed(&format!("POST {path} {form}"), Some("sqs"), "Action=SendMessage"), "sqs SendMessage");
        }
        check("GET /000000000000/queue?Action=ReceiveMessage", "sqs", "", "sqs ReceiveMessage");
        check("POST / x-amz-target: AWSEvents.PutRule", "events", "", "events PutRule");
        check("POST / x-amz-target: DynamoDB_20120810.Nothing", "dynamodb", "", "dynamodb UnknownOperationException");
    }

    #[test]
    fn a_service_that_is_not_here_is_named_in_its_protocol() {
        let check = |request, scope, body, protocol: &str, named: &str| {
            let expected = format!("{protocol} the service {named} is not supported by the embedded cloud");
            assert_eq!(routed(request, Some(scope), body), expected);
        };
        let form = "POST / content-type: application/x-www-form-urlencoded";
        check(
            "POST / x-amz-target: AWSStepFunctions.StartExecution",
            "states",
            "",
            "Json(\"1.0\")",
            "stepfunctions (its operation StartExecution)",
        );
        check(form, "redshift", "Action=CreateCluster", "Query", "redshift (its operation CreateCluster)");
        check(form, "ec2", "Action=DescribeRegions", "Ec2", "ec2 (its operation DescribeRegions)");
        check(form, "rds", "Action=CreateDBCluster", "Query", "docdb, neptune or rds (its operation CreateDBCluster)");
        check("GET /v1/pipes", "pipes", "", "RestJson", "pipes");
        check("GET /2013-04-01/hostedzone", "route53", "", "RestXml", "route53");
        check(
            "POST /service/AWSEventsV2/operation/ListEventBuses smithy-protocol: rpc-v2-cbor",
            "events",
            "",
            "RpcV2Cbor",
            "eventbridgev2 (its operation ListEventBuses)",
        );
        check(
            "POST / x-amz-target: Dance.Waltz",
            "unheard-of",
            "",
            "Json(\"1.0\")",
            "unheard-of (its operation Waltz)",
        );
    }

    #[test]
    fn paths_choose_rest_operations() {
        let check = |request, expected: &str| assert_eq!(routed(request, None, ""), expected);
        check("GET /2015-03-31/functions", "lambda ListFunctions");
        check("GET /2015-03-31/functions/", "lambda ListFunctions");
        check("POST /2015-03-31/functions/f/invocations?Qualifier=1", "lambda Invoke");
        check("GET /2015-03-31/functions/f/policy", "lambda GetPolicy");
        check("POST /restapis", "apigateway CreateRestApi");
        check("POST /restapis?mode=import", "apigateway ImportRestApi");
        check("GET /restapis/a/resources/b/methods/GET", "apigateway GetMethod");
        check("GET /bucket/key", "none");
        check("GET /", "none");
    }

    #[test]
    fn a_queues_url_takes_what_is_about_a_queue() {
        static IN_QUERY: InQuery = InQuery {
            xml_namespace: "",
            of_path: "QueueUrl",
            at_path: &["GetQueueUrl"],
            members: &[],
            both: &[],
            keyed: &[],
            error: |code| QueryError { code: code.to_owned().into(), message: None },
        };
        static DIALECT: Dialect = Dialect { in_query: Some(&IN_QUERY), ..Dialect::DEFAULT };
        let check = |uri: &str, expected: Result<&str, &str>| {
            let (head, ()) = Request::get(uri).body(()).unwrap().into_parts();
            let voice = Voice::new(&crate::sqs::SERVICE, Protocol::Query, &DIALECT);
            let router = Router::new(&[&crate::sqs::SERVICE]);
            let (service, body) = ((&crate::sqs::SERVICE, Protocol::Query), Bytes::new());
            let found = at_endpoint(&voice, &head, &body, router.operation(service, &head, &body));
            let found = found.map(|route| match route {
                Route::Operation(operation) => operation.name,
                Route::Unsupported(name) => name,
            });
            assert_eq!(
                found.as_ref().map_err(|error| &*error.message),
                expected.as_ref().map_err(|text| *text),
                "{uri}"
            );
        };
        check("/000000000000/q?Action=SendMessage", Ok("SendMessage"));
        check("/?Action=ListQueues", Ok("ListQueues"));
        check("/000000000000/q?Action=ListQueues", Err("The action ListQueues is not valid for this endpoint."));
        check("/000000000000/q?Action=GetQueueUrl", Ok("GetQueueUrl"));
        check("/000000000000/q", Err(""));
        check("/?Action=FooBar", Err("The action FooBar is not valid for this endpoint."));
    }

    #[test]
    fn hosts_targets_and_actions_serve_unsigned_requests() {
        let check = |request: &str, body, expected: &str| assert_eq!(routed(request, None, body), expected);
        check("POST / host: sts.us-east-1.amazonaws.com", "Action=GetCallerIdentity", "sts GetCallerIdentity");
        check("GET /?Action=GetCallerIdentity&Version=2011-06-15", "", "sts GetCallerIdentity");
        check("POST / x-amz-target: Logs_20140328.CreateLogGroup", "", "logs CreateLogGroup");
        check("POST / host: dynamodb.localhost:4566", "", "dynamodb UnknownOperationException");
        check("GET / host: dynamodb.us-east-1.localhost", "", "dynamodb UnknownOperationException");
        check("POST / host: streams.dynamodb.us-east-1.amazonaws.com", "", "dynamodbstreams UnknownOperationException");
        let target = "POST / x-amz-target: Logs_20140328.CreateLogGroup";
        check(&format!("{target} host: logs.eu-west-1.amazonaws.com"), "", "logs CreateLogGroup");
        check(&format!("{target} host: ssm.localhost"), "", "ssm UnknownOperationException");
        // Buckets may be called as services are.
        check("GET /key host: logs.s3.us-east-1.amazonaws.com", "", "none");
        check("GET /key host: sqs.s3.us-east-1.amazonaws.com", "", "none");
        check("GET /key host: dynamodb.s3.localhost:4566", "", "none");
        check("POST / x-amz-target: AWSCognitoIdentityProviderService.SignUp", "", "cognito SignUp");
        let foreign =
            "Json(\"1.1\") the service cognito-identity (its operation GetId) is not supported by the embedded cloud";
        check("POST / x-amz-target: AWSCognitoIdentityService.GetId", "", foreign);
    }
}
