//! The query protocol's answers in JSON, for clients that accept that first, as API Gateway does: what the XML has, with every
//! member that has no value as null, by name.
//!
//! Recorded of Parameter Store: test_get_parameter_query_protocol. Of SQS and SNS as users quote them: `messages` and `queueUrls`
//! are called so where SQS's XML has no element around them (github.com/aws-samples/serverless-patterns: apigw-sqs,
//! apigw-sqs-receive, apigw-websocket-api-sns). That a map of SQS is a list of names and values, as it is in XML, is not recorded.

use super::compatible::Naming;
use super::{Voice, respond};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value as Json, json};
use slam_cloud_core::schema::Schema;
use slam_cloud_core::{AwsError, OperationModel, Value};
use std::collections::BTreeMap;

/// Members of results that have other names in JSON.
const RENAMED: [(&str, &str); 2] = [("Messages", "messages"), ("QueueUrls", "queueUrls")];

pub(super) fn encode(voice: &Voice, operation: &OperationModel, output: Value, request_id: &str) -> Response<Bytes> {
    let naming = Naming::of(voice.dialect);
    let mut answer = BTreeMap::from([("ResponseMetadata".to_owned(), json!({"RequestId": request_id}))]);
    let Json::Object(result) = written(voice, operation.output, Some(&output)) else {
        return answered(operation.status, request_id, operation.name, answer);
    };
    match naming.wrapper(operation) {
        Some(wrapper) => drop(answer.insert(wrapper.into_owned(), Json::Object(result))),
        None => answer.extend(result),
    }
    answered(operation.status, request_id, operation.name, answer)
}

fn answered(status: u16, request_id: &str, operation: &str, answer: BTreeMap<String, Json>) -> Response<Bytes> {
    let whole: Map<String, Json> = answer.into_iter().collect();
    let document = json!({format!("{operation}Response"): whole});
    respond(status, "application/json", request_id, document.to_string())
}

fn written(voice: &Voice, schema: &Schema, value: Option<&Value>) -> Json {
    match (schema, value) {
        (Schema::Structure(structure), Some(Value::Structure(members))) => {
            let members = structure.members.iter().zip(members).map(|(member, value)| {
                let renamed = RENAMED.iter().find(|(name, _)| voice.dialect.in_query.is_some() && *name == member.name);
                let name = renamed.map_or(member.wire_name, |(_, name)| name);
                (name.to_owned(), written(voice, member.schema, value.as_ref()))
            });
            Json::Object(members.collect::<BTreeMap<_, _>>().into_iter().collect())
        }
        // What is empty is not there.
        (_, Some(Value::List(items))) if items.is_empty() && voice.dialect.in_query.is_some() => Json::Null,
        (Schema::List(list), Some(Value::List(items))) => {
            items.iter().map(|item| written(voice, list.member, Some(item))).collect()
        }
        (Schema::Map(map), Some(Value::Map(entries))) if voice.dialect.in_query.is_some() => entries
            .iter()
            .map(|(name, value)| json!({"Name": name, "Value": written(voice, map.value, Some(value))}))
            .collect(),
        (Schema::Map(map), Some(Value::Map(entries))) => {
            let entries = entries.iter().map(|(name, value)| (name.clone(), written(voice, map.value, Some(value))));
            Json::Object(entries.collect())
        }
        (_, Some(Value::Boolean(flag))) => Json::Bool(*flag),
        (_, Some(Value::Integer(number))) => Json::from(*number),
        (_, Some(Value::Double(number))) => Json::from(*number),
        (_, Some(Value::String(text))) => Json::from(text.as_str()),
        (_, Some(Value::Blob(bytes))) => Json::String(BASE64.encode(bytes)),
        (_, Some(Value::Timestamp(moment))) => Json::from(moment.as_millisecond() as f64 / 1000.0),
        (_, Some(Value::Document(document))) => document.clone(),
        _ => Json::Null,
    }
}

pub(super) fn encode_error(voice: &Voice, error: &AwsError, request_id: &str) -> Response<Bytes> {
    if voice.dialect.in_query.is_some() && error.code == super::UNKNOWN_OPERATION {
        // Which protocol it is was not said (as quoted: a queue's URL that is sent no Action).
        return super::query::encode_error(voice, error, request_id);
    }
    let kind = if error.is_client_fault() { "Sender" } else { "Receiver" };
    let mut told = Map::new();
    told.insert("Code".to_owned(), Json::from(&*error.code));
    told.insert("Message".to_owned(), Json::from(error.message.as_str()));
    told.insert("Type".to_owned(), Json::from(kind));
    for (name, value) in &error.members {
        told.insert((*name).to_owned(), value.clone());
    }
    let document = json!({"Error": told, "RequestId": request_id});
    respond(error.status, "application/json", request_id, document.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::{encode, encode_error};
    use super::*;
    use crate::{sns, sqs};
    use http::Request;
    use http::request::Parts;
    use slam_cloud_core::dialect::{Dialect, InQuery, QueryError};
    use slam_cloud_core::schema::Protocol;
    use slam_cloud_core::{Operation, Shape};

    static IN_QUERY: InQuery = InQuery {
        xml_namespace: "",
        of_path: "QueueUrl",
        at_path: &[],
        members: &[],
        both: &[],
        keyed: &[],
        error: |code| QueryError { code: code.to_owned().into(), message: None },
    };
    static DIALECT: Dialect = Dialect { in_query: Some(&IN_QUERY), ..Dialect::DEFAULT };

    fn head(accept: &str) -> Parts {
        Request::post("/").header("accept", accept).body(()).unwrap().into_parts().0
    }

    fn queues(accept: &str) -> Voice {
        Voice::new(&sqs::SERVICE, Protocol::Query, &DIALECT).answering(&head(accept))
    }

    fn text(response: Response<slam_cloud_core::Body>) -> String {
        String::from_utf8(response.body().at_hand().to_vec()).unwrap()
    }

    #[test]
    fn a_client_that_wants_json_first_is_given_all_members() {
        let output = || {
            let sent = sqs::SendMessageResult { message_id: Some("m".into()), ..Default::default() };
            sent.into_value()
        };
        let voice = queues("application/json, text/plain");
        assert_eq!(
            text(encode(&voice, sqs::SendMessage::MODEL, output(), "id")),
            "{\"SendMessageResponse\":{\"ResponseMetadata\":{\"RequestId\":\"id\"},\"SendMessageResult\":\
             {\"MD5OfMessageAttributes\":null,\"MD5OfMessageBody\":null,\"MD5OfMessageSystemAttributes\":null,\
             \"MessageId\":\"m\",\"SequenceNumber\":null}}}"
        );
        for accept in ["*/*", "application/xml", "text/plain, application/json"] {
            assert!(text(encode(&queues(accept), sqs::SendMessage::MODEL, output(), "id")).starts_with("<SendMessage"));
        }
        let none = sqs::ReceiveMessageResult::default().into_value();
        assert_eq!(
            text(encode(&voice, sqs::ReceiveMessage::MODEL, none, "id")),
            "{\"ReceiveMessageResponse\":{\"ReceiveMessageResult\":{\"messages\":null},\"ResponseMetadata\":\
             {\"RequestId\":\"id\"}}}"
        );
        let published = sns::PublishResponse { message_id: Some("m".into()), ..Default::default() };
        let voice = Voice::of(&sns::SERVICE).answering(&head("application/json"));
        assert_eq!(
            text(encode(&voice, sns::Publish::MODEL, published.into_value(), "id")),
            "{\"PublishResponse\":{\"PublishResult\":{\"MessageId\":\"m\",\"SequenceNumber\":null},\"ResponseMetadata\":\
             {\"RequestId\":\"id\"}}}"
        );
    }

    #[test]
    fn an_error_is_told_in_json_too() {
        let error = AwsError::bad_request("AccessDenied", "no");
        let response = encode_error(&queues("application/json"), &error, "id");
        assert_eq!(
            std::str::from_utf8(response.body()).unwrap(),
            "{\"Error\":{\"Code\":\"AccessDenied\",\"Message\":\"no\",\"Type\":\"Sender\"},\"RequestId\":\"id\"}"
        );
    }
}
