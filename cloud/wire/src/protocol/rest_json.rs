//! REST paths with JSON bodies.

use super::{Voice, event_stream, json, respond, text};
use crate::json::{from_json, serialization, to_json};
use crate::uri;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use serde_json::{Map, Value as Json};
use slam_cloud_core::schema::{Location, Member, Schema, Structure, TimestampFormat};
use slam_cloud_core::{AwsError, AwsResult, Body, OperationModel, Value};

pub(super) fn decode(operation: &OperationModel, head: &Parts, body: &Bytes) -> AwsResult<Value> {
    let structure = operation.input.structure().ok_or_else(|| AwsError::internal("an input is no structure"))?;
    let labels = uri::labels(operation.uri, head.uri.path()).unwrap_or_default();
    let query = uri::query(head.uri.query().unwrap_or_default());
    let mut members = from_body(structure, body)?;
    for (place, member) in members.iter_mut().zip(structure.members) {
        let value = match member.location {
            Location::Uri => {
                let label = labels.iter().find(|(name, _)| *name == member.wire_name);
                label.map(|(_, value)| scalar(member, value)).transpose()?
            }
            Location::QueryString => from_query(member, &query)?,
            Location::Header => {
                let value = head.headers.get(member.wire_name).and_then(|value| value.to_str().ok());
                value.map(|value| from_header(member, value)).transpose()?
            }
            Location::Headers => Some(from_prefixed_headers(member, &head.headers)),
            Location::Body | Location::StatusCode | Location::EventPayload => continue,
        };
        *place = value;
    }
    Ok(Value::Structure(members))
}

fn from_body(structure: &Structure, body: &Bytes) -> AwsResult<Vec<Option<Value>>> {
    let mut members = Vec::new();
    members.resize_with(structure.members.len(), || None);
    if body.is_empty() {
        return Ok(members);
    }
    if let Some(index) = structure.payload {
        members[index] = Some(match structure.members[index].schema {
            Schema::Blob(_) => Value::Blob(body.clone()),
            Schema::String(_) => Value::String(String::from_utf8_lossy(body).into_owned()),
            schema => from_json(schema, json::parse(body)?)?,
        });
        return Ok(members);
    }
    if !structure.members.iter().any(|member| member.location == Location::Body) {
        return Ok(members);
    }
    match from_json(&Schema::Document, json::parse(body)?)? {
        Value::Document(Json::Object(object)) => {
            for (name, value) in object {
                let found = structure.members.iter().position(|m| m.wire_name == name && m.location == Location::Body);
                if let (Some(index), false) = (found, value.is_null()) {
                    members[index] = Some(from_json(structure.members[index].schema, value)?);
                }
            }
            Ok(members)
        }
        _ => Err(serialization("the body must be a JSON object")),
    }
}

fn from_query(member: &Member, query: &[(String, String)]) -> AwsResult<Option<Value>> {
    match member.schema {
        Schema::List(list) => {
            let values = query.iter().filter(|(name, _)| name == member.wire_name);
            let values = values.map(|(_, value)| scalar_of(list.member, member.name, value));
            let values = values.collect::<AwsResult<Vec<_>>>()?;
            Ok((!values.is_empty()).then_some(Value::List(values)))
        }
        Schema::Map(map) => {
            let mut entries: Vec<(String, Value)> = Vec::new();
            for (name, value) in query {
                match map.value {
                    Schema::List(list) => {
                        let value = scalar_of(list.member, member.name, value)?;
                        match entries.iter_mut().find(|(key, _)| key == name) {
                            Some((_, Value::List(values))) => values.push(value),
                            _ => entries.push((name.clone(), Value::List(vec![value]))),
                        }
                    }
                    schema => entries.push((name.clone(), scalar_of(schema, member.name, value)?)),
                }
            }
            Ok((!entries.is_empty()).then_some(Value::Map(entries)))
        }
        _ => {
            let value = query.iter().find(|(name, _)| name == member.wire_name);
            value.map(|(_, value)| scalar(member, value)).transpose()
        }
    }
}

fn from_header(member: &Member, value: &str) -> AwsResult<Value> {
    if let Schema::List(list) = member.schema {
        let values = value.split(',').map(|value| scalar_of(list.member, member.name, value.trim()));
        return values.collect::<AwsResult<_>>().map(Value::List);
    }
    text::parse(member.schema, value, TimestampFormat::Rfc822).ok_or_else(|| unreadable(member.name, value))
}

fn from_prefixed_headers(member: &Member, headers: &HeaderMap) -> Value {
    let prefix = member.wire_name.to_ascii_lowercase();
    let entries = headers.iter().filter_map(|(name, value)| {
        let key = name.as_str().strip_prefix(&prefix)?;
        Some((key.to_owned(), Value::String(value.to_str().ok()?.to_owned())))
    });
    Value::Map(entries.collect())
}

fn scalar(member: &Member, value: &str) -> AwsResult<Value> {
    scalar_of(member.schema, member.name, value)
}

fn scalar_of(schema: &Schema, name: &str, value: &str) -> AwsResult<Value> {
    text::parse(schema, value, TimestampFormat::Iso8601).ok_or_else(|| unreadable(name, value))
}

fn unreadable(name: &str, value: &str) -> AwsError {
    serialization(format!("the value '{value}' of {name} does not have the type of that parameter"))
}

pub(super) fn encode(operation: &OperationModel, output: Value, request_id: &str) -> Response<Body> {
    let Some((structure, mut members)) = operation.output.structure().zip(into_members(output)) else {
        return respond(operation.status, "application/json", request_id, "{}").map(Body::from);
    };
    let mut status = operation.status;
    let mut headers = Vec::new();
    for (member, value) in structure.members.iter().zip(&members) {
        match (member.location, value) {
            (Location::StatusCode, Some(Value::Integer(number))) => status = u16::try_from(*number).unwrap_or(status),
            (Location::Header, Some(value)) => {
                let text = text::write(member.schema, value, TimestampFormat::Rfc822);
                headers.extend(text.map(|text| (member.wire_name.to_owned(), text)));
            }
            (Location::Headers, Some(Value::Map(entries))) => {
                headers.extend(entries.iter().filter_map(|(key, value)| match value {
                    Value::String(text) => Some((format!("{}{key}", member.wire_name), text.clone())),
                    _ => None,
                }))
            }
            _ => {}
        }
    }
    let has_body = structure.members.iter().any(|member| member.location == Location::Body);
    let mut response = match structure.payload {
        Some(index) => {
            let member = &structure.members[index];
            let body = match members[index].take() {
                Some(Value::Events(events)) => {
                    let mut response = respond(status, event_stream::CONTENT_TYPE, request_id, Bytes::new());
                    add(&mut response, headers);
                    return response.map(|_| event_stream::encode(member.schema, &events));
                }
                Some(Value::Blob(bytes)) => bytes,
                Some(Value::String(text)) => Bytes::from(text),
                Some(value) => to_json(member.schema, value).to_string().into(),
                None => Bytes::new(),
            };
            respond(status, "application/json", request_id, body)
        }
        // AWS sends no body where there is nothing to say and the status says so.
        None if !has_body && matches!(status, 202 | 204) => respond(status, "", request_id, Bytes::new()),
        None => {
            let body = to_json(operation.output, Value::Structure(members)).to_string();
            respond(status, "application/json", request_id, body)
        }
    };
    add(&mut response, headers);
    response.map(Body::from)
}

fn add(response: &mut Response<Bytes>, headers: Vec<(String, String)>) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
}

fn into_members(output: Value) -> Option<Vec<Option<Value>>> {
    match output {
        Value::Structure(members) => Some(members),
        _ => None,
    }
}

pub(super) fn encode_error(voice: &Voice, error: &AwsError, request_id: &str) -> Response<Bytes> {
    let mut body = Map::new();
    for (name, value) in &error.members {
        body.insert((*name).to_owned(), value.clone());
    }
    let name = (voice.dialect.message_member)(&error.code);
    body.insert(name.to_owned(), Json::String(error.message.clone()));
    let mut response = respond(error.status, "application/json", request_id, Json::Object(body).to_string());
    if let Ok(code) = HeaderValue::from_str(&error.code) {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::super::{decode, encode, encode_error};
    use super::*;
    use crate::{apigateway, lambda};
    use http::Request;
    use serde_json::json;
    use slam_cloud_core::dialect::Dialect;
    use slam_cloud_core::{Operation, ServiceModel, Shape};

    fn input<O: Operation>(service: &'static ServiceModel, request: Request<&'static [u8]>) -> AwsResult<O> {
        let (head, body) = request.into_parts();
        O::from_value(decode(&Voice::of(service), O::MODEL, &head, &Bytes::from_static(body))?)
    }

    #[test]
    fn labels_query_headers_and_a_payload_are_read() {
        let request = Request::post(
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af/invocations?Qualifier=live",
        )
        .header("x-amz-invocation-type", "Event")
        .body(&b"{\"a\": 1}"[..])
        .unwrap();
        let input: lambda::Invoke = input(&lambda::SERVICE, request).unwrap();
        assert_eq!(input.function_name, "arn:aws:lambda:us-east-1:000000000000:function:f");
        assert_eq!(input.qualifier.as_deref(), Some("live"));
        assert_eq!(input.invocation_type.as_deref(), Some("Event"));
        assert_eq!(input.payload.as_deref(), Some(&b"{\"a\": 1}"[..]));
    }

    #[test]
    fn lists_in_the_query_string_keep_all_values() {
        let request =
            Request::delete("/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A0%3Af?tagKeys=a&tagKeys=b%20c");
        let input: lambda::UntagResource = input(&lambda::SERVICE, request.body(&b""[..]).unwrap()).unwrap();
        assert_eq!(input.tag_keys, ["a", "b c"]);
    }

    #[test]
    fn a_label_and_a_body_member_of_one_wire_name_do_not_mix() {
        let request = Request::put("/restapis/a/resources/r/methods/GET/integration")
            .body(&br#"{"type": "AWS_PROXY", "httpMethod": "POST", "uri": "u"}"#[..])
            .unwrap();
        let input: apigateway::PutIntegration = input(&apigateway::SERVICE, request).unwrap();
        assert_eq!((&*input.http_method, input.integration_http_method.as_deref()), ("GET", Some("POST")));
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        for body in [&b"{"[..], b"[]", b"\"x\""] {
            let request = Request::post("/restapis").body(body).unwrap();
            let error = input::<apigateway::CreateRestApi>(&apigateway::SERVICE, request).unwrap_err();
            assert_eq!(error.code, "SerializationException");
        }
    }

    #[test]
    fn an_invocation_answers_payload_status_and_headers() {
        let output = lambda::InvocationResponse {
            status_code: Some(202),
            executed_version: Some("7".into()),
            payload: Some(Bytes::from_static(b"null")),
            ..Default::default()
        };
        let response = encode(&Voice::of(&lambda::SERVICE), lambda::Invoke::MODEL, output.into_value(), "id");
        assert_eq!(response.status(), 202);
        assert_eq!(response.headers()["x-amz-executed-version"], "7");
        assert_eq!(response.headers()["x-amzn-requestid"], "id");
        assert_eq!(response.body().at_hand(), b"null");
    }

    #[test]
    fn an_error_names_its_code_in_a_header() {
        let error = AwsError::new("ResourceNotFoundException", 404, "Function not found: f").with("Type", "User");
        static DIALECT: Dialect = Dialect { message_member: |_| "Message", ..Dialect::DEFAULT };
        let response = encode_error(&Voice::preferred(&lambda::SERVICE, &DIALECT), &error, "id");
        assert_eq!(response.status(), 404);
        assert_eq!(response.headers()["x-amzn-errortype"], "ResourceNotFoundException");
        let body: Json = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body, json!({"Type": "User", "Message": "Function not found: f"}));
    }
}
