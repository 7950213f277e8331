//! Services that AWS has and this cloud has not. They are refused by their names, in the protocol of the request.

use crate::generated::services::SERVICES;
use crate::head::{cbor_path, protocol_of, target_header};
use crate::host;
use crate::protocol::{Form, Voice};
use bytes::Bytes;
use http::header;
use http::request::Parts;
use slam_cloud_core::AwsError;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::schema::aws::AwsService;

/// A service that is not here, as far as a request's head tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Its name, or the names of all that it may be.
    name: String,
    /// What the request is written in.
    pub protocol: Protocol,
}

impl Foreign {
    /// The service that a signature names, or one of those that sign like it.
    pub(crate) fn signed(head: &Parts, scope: &str) -> Self {
        let all: Vec<_> = SERVICES.iter().filter(|service| service.signing_name == scope).collect();
        Self::among(head, all).unwrap_or_else(|| Self {
            name: scope.to_owned(),
            // Names that no model has are S3's of its kinds of buckets, and those of the oldest services.
            protocol: protocol_of(head).unwrap_or(Protocol::Query),
        })
    }

    /// The service that signs like one which is here, but has other paths or another target.
    pub(crate) fn beside(head: &Parts, scope: &str, here: &[&str]) -> Option<Self> {
        let others = SERVICES.iter().filter(|one| one.signing_name == scope && !here.contains(&one.name));
        let told = others.filter(|one| has_target(one, head) || has_root(one, head));
        Self::among(head, told.collect())
    }

    /// The service of an unsigned request, by its target or its host.
    pub(crate) fn unsigned(head: &Parts) -> Option<Self> {
        let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let endpoint = host.and_then(host::endpoint);
        let named = |one: &&AwsService| {
            // A name of this machine may as well be a bucket's.
            endpoint.is_some_and(|endpoint| endpoint.is_public && endpoint.prefix == one.endpoint_prefix)
        };
        Self::among(head, SERVICES.iter().filter(|one| has_target(one, head) || named(one)).collect())
    }

    fn among(head: &Parts, all: Vec<&'static AwsService>) -> Option<Self> {
        let spoken = protocol_of(head);
        let all = narrowed(all, |one| has_target(one, head));
        let all = narrowed(all, |one| has_root(one, head));
        let all = narrowed(all, |one| spoken.is_some_and(|spoken| form_of(one, spoken).is_some()));
        let first = all.first()?;
        let protocol = match spoken {
            Some(spoken) => form_of(first, spoken).unwrap_or(spoken),
            None => *first.protocols.first()?,
        };
        let names: Vec<_> = all.iter().map(|one| one.name).collect();
        let name = match &names[..] {
            [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
            names => names.concat(),
        };
        Some(Self { name, protocol })
    }

    /// In which it would answer.
    pub fn voice(&self) -> Voice {
        Voice { protocol: self.protocol, service: "", xml_namespace: "", dialect: &Dialect::DEFAULT, in_json: false }
    }

    /// The refusal, with the operation's name where the request tells it.
    pub fn refusal(&self, head: &Parts, body: &Bytes) -> AwsError {
        let operation = match self.protocol {
            Protocol::Json(_) => target_header(head).map(|(_, operation)| operation.to_owned()),
            Protocol::Query | Protocol::Ec2 => Form::of(head, body).get("Action").map(str::to_owned),
            Protocol::RpcV2Cbor => cbor_path(head).map(|(_, operation)| operation.to_owned()),
            Protocol::RestJson | Protocol::RestXml => None,
        };
        // Names are letters and digits; what is none is not repeated.
        match operation.filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            Some(operation) => {
                AwsError::unsupported(format_args!("the service {} (its operation {operation})", self.name))
            }
            None => AwsError::unsupported(format_args!("the service {}", self.name)),
        }
    }
}

/// Those that fit, or all where none does.
fn narrowed(all: Vec<&'static AwsService>, fits: impl Fn(&AwsService) -> bool) -> Vec<&'static AwsService> {
    let some: Vec<_> = all.iter().copied().filter(|one| fits(one)).collect();
    if some.is_empty() { all } else { some }
}

fn has_target(service: &AwsService, head: &Parts) -> bool {
    let target = target_header(head).or_else(|| cbor_path(head));
    !service.target_prefix.is_empty() && target.is_some_and(|(prefix, _)| prefix == service.target_prefix)
}

fn has_root(service: &AwsService, head: &Parts) -> bool {
    let root = head.uri.path().trim_start_matches('/').split('/').next();
    root.is_some_and(|root| service.roots.contains(&root))
}

/// The protocol of its own that a request of that protocol is written in.
fn form_of(service: &AwsService, spoken: Protocol) -> Option<Protocol> {
    service.protocols.iter().copied().find(|own| match (own, spoken) {
        (Protocol::Json(_), Protocol::Json(_)) | (Protocol::Ec2, Protocol::Query) => true,
        (own, spoken) => *own == spoken,
    })
}
