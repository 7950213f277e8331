//! Form-encoded requests with an `Action`, XML answers: IAM, STS, CloudFormation, and services that speak JSON
//! with newer clients, with names of their own ([`Naming`]).

use super::compatible::Naming;
use super::{UNKNOWN_OPERATION, Voice, respond, text};
use crate::uri;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use quick_xml::escape::escape;
use slam_cloud_core::schema::{List, Map, Member, Schema, Structure, TimestampFormat};
use slam_cloud_core::{AwsError, AwsResult, OperationModel, Value};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How deep a parameter's name may nest (`A.member.1.B…`): deeper than any of AWS's shapes.
const DEPTH: usize = 32;
/// How many parameters a request may have.
const PARAMETERS: usize = 20_000;

/// The parameters of a request, from its query string or its form.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The parameters: of the query string, and of the body but for GET (recorded: `test_publish_by_path_parameters`).
    pub fn of(head: &Parts, body: &Bytes) -> Self {
        let query = head.uri.query().unwrap_or_default();
        let mut parameters = uri::query(query);
        if head.method != Method::GET {
            parameters.extend(uri::form(body));
        }
        Self(parameters)
    }

    /// A parameter by its name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

pub(super) fn decode(voice: &Voice, operation: &OperationModel, head: &Parts, body: &Bytes) -> AwsResult<Value> {
    let naming = Naming::of(voice.dialect);
    let form = Form::of(head, body).0;
    if form.len() > PARAMETERS {
        return Err(malformed(format!("a request has at most {PARAMETERS} parameters, this one has {}", form.len())));
    }
    let mut root = Node::default();
    for (name, value) in form {
        if name.split('.').count() > DEPTH {
            return Err(malformed(format!("a parameter's name nests deeper than {DEPTH} levels")));
        }
        let node = name.split('.').fold(&mut root, |node, part| node.children.entry(part.to_owned()).or_default());
        node.value = Some(value);
    }
    if let Some(member) = naming.of_path().filter(|_| head.uri.path() != "/") {
        let of_path = || Node { value: Some(head.uri.path().to_owned()), children: BTreeMap::new() };
        root.children.entry(member.to_owned()).or_insert_with(of_path);
    }
    let structure = operation.input.structure().ok_or_else(|| AwsError::internal("an input is no structure"))?;
    root.structure(naming, structure)
}

/// Dotted names as a tree.
#[derive(Default)]
struct Node {
    value: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn read(&self, naming: Naming, schema: &Schema, flattened: bool, name: &str) -> AwsResult<Value> {
        match schema {
            Schema::Structure(structure) => self.structure(naming, structure),
            Schema::List(list) => self.list(naming, list, flattened, name),
            Schema::Map(map) => self.map(naming, map, flattened, name),
            schema => {
                let text = self.value.as_deref().ok_or_else(|| malformed(format!("{name} is not a single value")))?;
                text::parse(schema, text, TimestampFormat::Iso8601)
                    .ok_or_else(|| malformed(format!("the value '{text}' of {name} does not have its type")))
            }
        }
    }

    fn structure(&self, naming: Naming, structure: &Structure) -> AwsResult<Value> {
        let members = structure.members.iter().map(|member| {
            let node = self.member(naming, member)?;
            node.map(|node| node.read(naming, member.schema, naming.is_flattened(member), member.name)).transpose()
        });
        members.collect::<AwsResult<_>>().map(Value::Structure)
    }

    /// What is given of a member. One by a name that forms do not have is refused: it would be lost without a word.
    fn member(&self, naming: Naming, member: &'static Member) -> AwsResult<Option<&Self>> {
        let name = naming.member(member);
        let given = self.children.get(name);
        let modelled = naming.modelled(member);
        let Some((other, by_other)) = modelled.and_then(|other| Some((other, self.children.get(other)?))) else {
            return Ok(given);
        };
        match given {
            None if naming.is_both(member) => Ok(Some(by_other)),
            None => Err(AwsError::unsupported(format_args!("the parameter {other} of a form, which calls it {name}"))),
            Some(_) => Err(AwsError::unsupported(format_args!("the parameter {other} of a form beside {name}"))),
        }
    }

    fn list(&self, naming: Naming, list: &List, flattened: bool, name: &str) -> AwsResult<Value> {
        let inner = if flattened { Some(self) } else { self.children.get(list.member_name) };
        // Clients write an empty list as `Name=`.
        let Some(items) = inner.or_else(|| self.children.get("member")) else { return Ok(Value::List(Vec::new())) };
        // A single value needs no number.
        if let (true, Some(text)) = (flattened && items.children.is_empty(), &items.value) {
            let only = if text.is_empty() { Vec::new() } else { vec![items.read(naming, list.member, false, name)?] };
            return Ok(Value::List(only));
        }
        let items = items.numbered(name)?;
        items
            .into_iter()
            .map(|item| item.read(naming, list.member, false, name))
            .collect::<AwsResult<_>>()
            .map(Value::List)
    }

    fn map(&self, naming: Naming, map: &Map, flattened: bool, name: &str) -> AwsResult<Value> {
        let (key_name, value_name) = naming.entry(map, name);
        let inner = if flattened { Some(self) } else { self.children.get("entry") };
        let Some(entries) = inner else { return Ok(Value::Map(Vec::new())) };
        let entries = entries.numbered(name)?.into_iter().map(|entry| {
            let key = entry.children.get(key_name).and_then(|key| key.value.clone());
            let key = key.ok_or_else(|| malformed(format!("an entry of {name} has no {key_name}")))?;
            let value = entry.children.get(value_name);
            let value = value.ok_or_else(|| malformed(format!("an entry of {name} has no {value_name}")))?;
            Ok((key, value.read(naming, map.value, false, name)?))
        });
        entries.collect::<AwsResult<_>>().map(Value::Map)
    }

    /// The children `1`, `2` … in their numbers' order; gaps are allowed, as they are by AWS.
    fn numbered(&self, name: &str) -> AwsResult<Vec<&Self>> {
        let numbers = self.children.iter().map(|(key, node)| match key.parse::<u32>() {
            Ok(number) => Ok((number, node)),
            Err(_) => Err(malformed(format!("'{key}' in {name} is not a number"))),
        });
        let mut numbers = numbers.collect::<AwsResult<Vec<_>>>()?;
        numbers.sort_by_key(|(number, _)| *number);
        Ok(numbers.into_iter().map(|(_, node)| node).collect())
    }
}

fn malformed(message: String) -> AwsError {
    AwsError::bad_request("MalformedInput", message)
}

pub(super) fn encode(voice: &Voice, operation: &OperationModel, output: Value, request_id: &str) -> Response<Bytes> {
    let naming = Naming::of(voice.dialect);
    let namespace = naming.namespace().unwrap_or(voice.xml_namespace);
    let mut xml = format!("<{}Response xmlns=\"{namespace}\">", operation.name);
    match naming.wrapper(operation) {
        Some(wrapper) => {
            let mut inner = String::new();
            content(&mut inner, naming, operation.output, &output);
            let _ = match inner.is_empty() {
                true => write!(xml, "<{wrapper}/>"),
                false => write!(xml, "<{wrapper}>{inner}</{wrapper}>"),
            };
        }
        None => content(&mut xml, naming, operation.output, &output),
    }
    // Writing to a string cannot fail.
    let _ = write!(
        xml,
        "<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{}Response>",
        escape(request_id),
        operation.name
    );
    respond(operation.status, "text/xml", request_id, xml)
}

fn element(xml: &mut String, naming: Naming, name: &str, schema: &Schema, value: &Value) {
    let _ = write!(xml, "<{name}>");
    content(xml, naming, schema, value);
    let _ = write!(xml, "</{name}>");
}

fn content(xml: &mut String, naming: Naming, schema: &Schema, value: &Value) {
    match (schema, value) {
        (Schema::Structure(structure), Value::Structure(members)) => {
            for (member, value) in structure.members.iter().zip(members) {
                let (name, flattened) = (naming.member(member), naming.is_flattened(member));
                match (value, member.schema) {
                    (None, _) => {}
                    (Some(Value::List(items)), Schema::List(list)) if flattened => {
                        for item in items {
                            element(xml, naming, name, list.member, item);
                        }
                    }
                    (Some(Value::Map(entries)), Schema::Map(map)) if flattened => {
                        map_entries(xml, naming, (name, member), map, entries);
                    }
                    (Some(value), schema) => element(xml, naming, name, schema, value),
                }
            }
        }
        (Schema::List(list), Value::List(items)) => {
            for item in items {
                element(xml, naming, list.member_name, list.member, item);
            }
        }
        (Schema::Map(map), Value::Map(entries)) => {
            entries_of(xml, naming, "entry", (map.key_name, map.value_name), map, entries)
        }
        (schema, value) => {
            if let Some(text) = text::write(schema, value, TimestampFormat::Iso8601) {
                xml.push_str(&escape(&*printable(&text)));
            }
        }
    }
}

fn map_entries(
    xml: &mut String,
    naming: Naming,
    (name, member): (&str, &Member),
    map: &Map,
    entries: &[(String, Value)],
) {
    entries_of(xml, naming, name, naming.entry(map, member.name), map, entries);
}

fn entries_of(
    xml: &mut String,
    naming: Naming,
    name: &str,
    (key_name, value_name): (&str, &str),
    map: &Map,
    entries: &[(String, Value)],
) {
    for (key, value) in entries {
        let _ = write!(xml, "<{name}><{key_name}>{}</{key_name}>", escape(&*printable(key)));
        element(xml, naming, value_name, map.value, value);
        let _ = write!(xml, "</{name}>");
    }
}

/// XML 1.0 cannot carry control characters, not even escaped.
fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    let forbidden = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
    if text.contains(forbidden) { text.replace(forbidden, "\u{fffd}").into() } else { text.into() }
}

pub(super) fn encode_error(voice: &Voice, error: &AwsError, request_id: &str) -> Response<Bytes> {
    if voice.dialect.in_query.is_some() && error.code == UNKNOWN_OPERATION {
        // Asserted on AWS: `test_get_without_query_returns_unknown_operation`.
        return respond(error.status, "text/xml", request_id, format!("<{UNKNOWN_OPERATION}/>"));
    }
    let kind = if error.is_client_fault() { "Sender" } else { "Receiver" };
    let mut xml = format!(
        "<ErrorResponse xmlns=\"{}\"><Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message>",
        Naming::of(voice.dialect).namespace().unwrap_or(voice.xml_namespace),
        escape(&*error.code),
        escape(&*printable(&error.message))
    );
    for (name, value) in &error.members {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let _ = write!(xml, "<{name}>{}</{name}>", escape(&*printable(&text)));
    }
    let _ = write!(xml, "</Error><RequestId>{}</RequestId></ErrorResponse>", escape(request_id));
    respond(error.status, "text/xml", request_id, xml)
}

#[cfg(test)]
mod tests {
    use super::super::{decode, encode, encode_error};
    use super::*;
    use crate::{cloudformation, iam, sts};
    use http::Request;
    use slam_cloud_core::{Operation, ServiceModel, Shape};

    fn input<O: Operation>(service: &'static ServiceModel, form: &'static str) -> AwsResult<O> {
        let (head, ()) = Request::post("/").body(()).unwrap().into_parts();
        O::from_value(decode(&Voice::of(service), O::MODEL, &head, &Bytes::from_static(form.as_bytes()))?)
    }

    #[test]
    fn lists_are_read_by_their_numbers() {
        let form = "Action=CreateStack&StackName=s&Capabilities.member.2=CAPABILITY_NAMED_IAM\
                    &Capabilities.member.1=CAPABILITY_IAM&Parameters.member.10.ParameterKey=b\
                    &Parameters.member.2.ParameterKey=a&Parameters.member.2.ParameterValue=x+y%26&Tags=";
        let input: cloudformation::CreateStack = input(&cloudformation::SERVICE, form).unwrap();
        assert_eq!(input.capabilities.unwrap(), ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]);
        let parameters = input.parameters.unwrap();
        assert_eq!(parameters[0].parameter_value.as_deref(), Some("x y&"));
        assert_eq!(parameters[1].parameter_key.as_deref(), Some("b"));
        assert_eq!(input.tags, Some(vec![]));
    }

    #[test]
    fn a_get_request_carries_its_parameters_in_the_query_string() {
        let (head, ()) = Request::get("/?Action=GetRole&RoleName=r&Version=2010-05-08").body(()).unwrap().into_parts();
        let value = decode(&Voice::of(&iam::SERVICE), iam::GetRole::MODEL, &head, &Bytes::new()).unwrap();
        assert_eq!(iam::GetRole::from_value(value).unwrap().role_name, "r");
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let check = |form: &'static str| {
            let error = input::<cloudformation::CreateStack>(&cloudformation::SERVICE, form).unwrap_err();
            assert_eq!(error.code, "MalformedInput", "{form}");
        };
        check("TimeoutInMinutes=soon");
        check("DisableRollback=1");
        check("Capabilities.member.x=CAPABILITY_IAM");
        check("StackName.a=1");
        check("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1");
    }

    #[test]
    fn an_answer_is_wrapped_twice() {
        let output = sts::GetCallerIdentityResponse {
            account: Some("000000000000".into()),
            arn: Some("a<b>&".into()),
            ..Default::default()
        };
        let response = encode(&Voice::of(&sts::SERVICE), sts::GetCallerIdentity::MODEL, output.into_value(), "id");
        assert_eq!(
            std::str::from_utf8(response.body().at_hand()).unwrap(),
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <Account>000000000000</Account><Arn>a&lt;b&gt;&amp;</Arn></GetCallerIdentityResult><ResponseMetadata>\
             <RequestId>id</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
        );
    }

    #[test]
    fn an_error_says_who_is_at_fault() {
        let error = AwsError::new("NoSuchEntity", 404, "The role with name r cannot be found.");
        let response = encode_error(&Voice::of(&iam::SERVICE), &error, "id");
        assert_eq!(response.status(), 404);
        assert_eq!(
            std::str::from_utf8(response.body()).unwrap(),
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>NoSuchEntity</Code><Message>The role with name r cannot be found.</Message></Error>\
             <RequestId>id</RequestId></ErrorResponse>"
        );
    }
}
