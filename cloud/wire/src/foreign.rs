//! Services that AWS has and this cloud has not. They are refused by their names, in the protocol of the request.

use crate::generated::services::SERVICES;
use crate::protocol::{Form, Voice};
use crate::route::{self, protocol_of};
use bytes::Bytes;
use http::header;
use http::request::Parts;
use slam_cloud_core::AwsError;
use slam_cloud_core::schema::Protocol;

/// A service of AWS, whether this cloud has it or not.
#[derive(Debug)]
pub struct AwsService {
    /// The folder of its model, which is how boto3 calls it.
    name: &'static str,
    /// How signatures name it. Several may share that.
    signing_name: &'static str,
    /// The first part of its endpoint's name.
    endpoint_prefix: &'static str,
    /// The part of `X-Amz-Target` before the dot, or the service in a path of `rpc-v2-cbor`.
    target_prefix: &'static str,
    /// What its own clients speak, what they prefer first.
    protocols: &'static [Protocol],
    /// With what the paths of its operations begin, where that tells it from others that sign alike.
    roots: &'static [&'static str],
}

/// A service that has its name in signatures and host names too.
pub(crate) const fn aws(name: &'static str, protocols: &'static [Protocol]) -> AwsService {
    AwsService { name, signing_name: name, endpoint_prefix: name, target_prefix: "", protocols, roots: &[] }
}

/// The words in which the table tells more of a service.
impl AwsService {
    pub(crate) const fn target(mut self, prefix: &'static str) -> Self {
        self.target_prefix = prefix;
        self
    }

    pub(crate) const fn signed(mut self, name: &'static str) -> Self {
        self.signing_name = name;
        self.endpoint_prefix = name;
        self
    }

    pub(crate) const fn host(mut self, prefix: &'static str) -> Self {
        self.endpoint_prefix = prefix;
        self
    }

    pub(crate) const fn roots(mut self, roots: &'static [&'static str]) -> Self {
        self.roots = roots;
        self
    }
}

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
        let told = others.filter(|one| one.has_target(head) || one.has_root(head));
        Self::among(head, told.collect())
    }

    /// The service of an unsigned request, by its target or its host.
    pub(crate) fn unsigned(head: &Parts) -> Option<Self> {
        let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let named = |one: &&AwsService| {
            let rest = host.strip_prefix(one.endpoint_prefix).and_then(|rest| rest.strip_prefix('.'));
            rest.is_some_and(|rest| rest.contains("amazonaws.com"))
        };
        Self::among(head, SERVICES.iter().filter(|one| one.has_target(head) || named(one)).collect())
    }

    fn among(head: &Parts, all: Vec<&'static AwsService>) -> Option<Self> {
        let spoken = protocol_of(head);
        let all = narrowed(all, |one| one.has_target(head));
        let all = narrowed(all, |one| one.has_root(head));
        let all = narrowed(all, |one| spoken.is_some_and(|spoken| one.form_of(spoken).is_some()));
        let first = all.first()?;
        let protocol = match spoken {
            Some(spoken) => first.form_of(spoken).unwrap_or(spoken),
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
        Voice { protocol: self.protocol, service: "", xml_namespace: "" }
    }

    /// The refusal, with the operation's name where the request tells it.
    pub fn refusal(&self, head: &Parts, body: &Bytes) -> AwsError {
        let operation = match self.protocol {
            Protocol::Json(_) => route::target_header(head).map(|(_, operation)| operation.to_owned()),
            Protocol::Query | Protocol::Ec2 => Form::of(head, body).get("Action").map(str::to_owned),
            Protocol::RpcV2Cbor => route::cbor_path(head).map(|(_, operation)| operation.to_owned()),
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

impl AwsService {
    fn has_target(&self, head: &Parts) -> bool {
        let target = route::target_header(head).or_else(|| route::cbor_path(head));
        !self.target_prefix.is_empty() && target.is_some_and(|(prefix, _)| prefix == self.target_prefix)
    }

    fn has_root(&self, head: &Parts) -> bool {
        let root = head.uri.path().trim_start_matches('/').split('/').next();
        root.is_some_and(|root| self.roots.contains(&root))
    }

    /// The protocol of its own that a request of that protocol is written in.
    fn form_of(&self, spoken: Protocol) -> Option<Protocol> {
        self.protocols.iter().copied().find(|own| match (own, spoken) {
            (Protocol::Json(_), Protocol::Json(_)) | (Protocol::Ec2, Protocol::Query) => true,
            (own, spoken) => *own == spoken,
        })
    }
}

/// Those that fit, or all where none does.
fn narrowed(all: Vec<&'static AwsService>, fits: impl Fn(&AwsService) -> bool) -> Vec<&'static AwsService> {
    let some: Vec<_> = all.iter().copied().filter(|one| fits(one)).collect();
    if some.is_empty() { all } else { some }
}
