//! Tables that describe AWS's operations and shapes. Generated from the service models; read by the codecs,
//! the router and the validator.
//!
//! [`build`] has the words in which the generated tables are written.

pub mod aws;
pub mod build;

use crate::error::AwsError;

/// How a request is written, and its answer. A service may take several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `application/x-amz-json-1.0` or `-1.1` (the field tells), routed by `X-Amz-Target`.
    Json(&'static str),
    /// REST paths with JSON bodies.
    RestJson,
    /// Form-encoded requests with an `Action`, XML answers.
    Query,
    /// Requests as with [`Self::Query`], XML answers of another form (EC2).
    Ec2,
    /// REST paths with XML bodies (S3).
    RestXml,
    /// CBOR, at a path that names the operation.
    RpcV2Cbor,
}

/// One AWS service.
#[derive(Debug)]
pub struct ServiceModel {
    /// Our name of the service and the folder of its crate: `lambda`.
    pub name: &'static str,
    /// AWS's name in signatures: `lambda`, `monitoring` …
    pub signing_name: &'static str,
    /// The service's action prefix in policies: `lambda`, `apigateway` …
    pub action_prefix: &'static str,
    /// How it may be spoken to, what its own clients prefer first.
    pub protocols: &'static [Protocol],
    /// The part of `X-Amz-Target` before the dot, for [`Protocol::Json`].
    pub target_prefix: &'static str,
    /// The API's version, which query requests carry.
    pub api_version: &'static str,
    /// The namespace of its XML answers.
    pub xml_namespace: &'static str,
    /// The operations that AWS takes without a signature: their inputs prove who calls.
    pub unsigned: &'static [&'static str],
    /// What is generated (the allow-list).
    pub operations: &'static [&'static OperationModel],
    /// What AWS has beside that: refused by name. Name, HTTP method, URI pattern.
    pub others: &'static [(&'static str, &'static str, &'static str)],
}

/// One operation.
#[derive(Debug)]
pub struct OperationModel {
    /// The service's [`ServiceModel::name`].
    pub service: &'static str,
    /// `CreateFunction`
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The URI pattern with its labels: `/2015-03-31/functions/{FunctionName}`.
    pub uri: &'static str,
    /// The HTTP status of success.
    pub status: u16,
    /// The input's schema, always a structure.
    pub input: &'static Schema,
    /// The output's schema, always a structure.
    pub output: &'static Schema,
    /// The element around the result in query answers: `CreateStackResult`.
    pub result_wrapper: Option<&'static str>,
    /// Members of the input that AWS has and the embedded cloud does not: refused by name where they ask for anything.
    /// `Code.SourceKMSKeyArn` is a member of a member, or of each element of a list.
    pub refused: &'static [&'static str],
}

impl OperationModel {
    /// The refusal of a member of the input.
    pub fn refusal(&self, member: &str) -> AwsError {
        AwsError::unsupported(format_args!("the parameter {member} of {}", self.name))
    }
}

/// The type of a value on the wire.
#[derive(Debug)]
pub enum Schema {
    /// Named members.
    Structure(Structure),
    /// Values in order.
    List(List),
    /// Values by key.
    Map(Map),
    /// Text.
    String(Constraints),
    /// Bytes; base-64 in JSON, form and XML.
    Blob(Constraints),
    /// True or false.
    Boolean,
    /// 32 bits.
    Integer(Constraints),
    /// 64 bits.
    Long(Constraints),
    /// 32-bit floating point.
    Float(Constraints),
    /// 64-bit floating point.
    Double(Constraints),
    /// A moment in time.
    Timestamp(TimestampFormat),
    /// Any JSON.
    Document,
}

/// A structure or union.
#[derive(Debug)]
pub struct Structure {
    /// The shape's name in AWS's model.
    pub name: &'static str,
    /// Its members, in the model's order: a [`crate::value::Value::Structure`] holds its values by these indices.
    pub members: &'static [Member],
    /// The index of the member that is the whole HTTP body, in REST protocols.
    pub payload: Option<usize>,
    /// Exactly one member may be set.
    pub union: bool,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// The model's name: `FunctionName`.
    pub name: &'static str,
    /// The name on the wire, where it differs (`locationName`), else the same.
    pub wire_name: &'static str,
    /// Where it travels.
    pub location: Location,
    /// Whether the input must have it.
    pub required: bool,
    /// A list or map without an element around it, in XML and forms.
    pub flattened: bool,
    /// Whether it is the whole HTTP body, in REST protocols.
    pub payload: bool,
    /// Its type.
    pub schema: &'static Schema,
}

/// Where a member travels in REST protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// The body.
    Body,
    /// A label of the path.
    Uri,
    /// A parameter of the query string (or all of them, for a map).
    QueryString,
    /// A header.
    Header,
    /// All headers with the wire name as their prefix, for a map.
    Headers,
    /// The HTTP status of the answer.
    StatusCode,
    /// The payload of an event, as it is, in place of JSON.
    EventPayload,
}

/// A list.
#[derive(Debug)]
pub struct List {
    /// The elements' type.
    pub member: &'static Schema,
    /// The elements' name on the wire (`member` when the model gives none).
    pub member_name: &'static str,
    /// How many elements.
    pub constraints: Constraints,
}

/// A map with string keys.
#[derive(Debug)]
pub struct Map {
    /// What keys must look like.
    pub key: &'static Schema,
    /// The values' type.
    pub value: &'static Schema,
    /// The key element's name in XML and forms.
    pub key_name: &'static str,
    /// The value element's name in XML and forms.
    pub value_name: &'static str,
    /// How many entries.
    pub constraints: Constraints,
}

/// What the model demands of a value: of a string's length, a number's value or a list's size.
#[derive(Debug)]
pub struct Constraints {
    /// At least this.
    pub min: Option<i64>,
    /// At most this.
    pub max: Option<i64>,
    /// A regular expression in Java's dialect, as the model writes it.
    pub pattern: Option<&'static str>,
    /// The allowed values of an enumeration; empty for any.
    pub values: &'static [&'static str],
    /// Whether no error and no log may show it.
    pub sensitive: bool,
}

impl Constraints {
    /// No demands.
    pub const NONE: Self = Self { min: None, max: None, pattern: None, values: &[], sensitive: false };
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// The protocol's own: seconds in JSON, ISO 8601 in forms and XML, RFC 822 in headers.
    Default,
    /// Seconds since 1970.
    Unix,
    /// `2026-11-23T15:00:00Z`
    Iso8601,
    /// `Mon, 23 Nov 2026 15:00:00 GMT`
    Rfc822,
}

impl Schema {
    /// The structure in it; operations' inputs and outputs always are one.
    pub fn structure(&self) -> Option<&Structure> {
        match self {
            Self::Structure(structure) => Some(structure),
            _ => None,
        }
    }
}

impl Structure {
    /// The index of a member by its model name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|member| member.name == name)
    }
}
