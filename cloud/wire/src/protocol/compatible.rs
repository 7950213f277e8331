//! Services that spoke the query protocol before JSON, and still do for older clients: their [`InQuery`] has what their models
//! no longer tell.

use slam_cloud_core::dialect::{Dialect, InQuery, QueryError};
use slam_cloud_core::schema::{List, Map, Member, Protocol, Schema};
use slam_cloud_core::{AwsError, OperationModel};
use std::borrow::Cow;

/// How the members of a service's shapes are called in forms and XML.
#[derive(Clone, Copy)]
pub(super) struct Naming(Option<&'static InQuery>);

impl Naming {
    /// A service's.
    pub(super) fn of(dialect: &Dialect) -> Self {
        Self(dialect.in_query)
    }

    /// The namespace of its XML answers, where its model does not tell.
    pub(super) fn namespace(self) -> Option<&'static str> {
        self.0.map(|names| names.xml_namespace)
    }

    /// The member that is the request's path where the form has none.
    pub(super) fn of_path(self) -> Option<&'static str> {
        self.0.map(|names| names.of_path)
    }

    /// A member's name.
    pub(super) fn member(self, member: &'static Member) -> &'static str {
        let Some(names) = self.0 else { return member.wire_name };
        match member.schema {
            Schema::List(List { member: Schema::Structure(structure), .. }) => structure.name,
            _ => names.members.iter().find(|(name, _)| *name == member.name).map_or(member.wire_name, |(_, name)| name),
        }
    }

    /// What the model calls a member that forms have another name for.
    pub(super) fn modelled(self, member: &'static Member) -> Option<&'static str> {
        (self.0.is_some() && self.member(member) != member.name).then_some(member.name)
    }

    /// Whether forms may call a member as the model does, too.
    pub(super) fn is_both(self, member: &Member) -> bool {
        self.0.is_some_and(|names| names.both.contains(&member.name))
    }

    /// Whether a list or map has no element around it.
    pub(super) fn is_flattened(self, member: &Member) -> bool {
        member.flattened || self.0.is_some()
    }

    /// What the key and the value of a map's entries are called.
    pub(super) fn entry(self, map: &Map, member: &str) -> (&'static str, &'static str) {
        match self.0 {
            None => (map.key_name, map.value_name),
            Some(names) if names.keyed.contains(&member) => ("Key", "Value"),
            Some(_) => ("Name", "Value"),
        }
    }

    /// The element around an operation's result.
    pub(super) fn wrapper(self, operation: &OperationModel) -> Option<Cow<'static, str>> {
        let is_nothing = operation.output.structure().is_some_and(|structure| structure.members.is_empty());
        match self.0 {
            Some(_) if !is_nothing => Some(format!("{}Result", operation.name).into()),
            _ => operation.result_wrapper.map(Cow::Borrowed),
        }
    }
}

/// An error with its code and text in a protocol. Its status is the same in both.
pub(super) fn as_written<'a>(protocol: Protocol, in_query: &InQuery, error: &'a AwsError) -> Cow<'a, AwsError> {
    if protocol != Protocol::Query {
        let denied = || Cow::Owned(AwsError { code: "AccessDeniedException".into(), ..error.clone() });
        return if error.is_access_denied() { denied() } else { Cow::Borrowed(error) };
    }
    let QueryError { code, message } = (in_query.error)(&error.code);
    let message = message.map_or_else(|| error.message.clone(), str::to_owned);
    Cow::Owned(AwsError { code, message, ..error.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::{Voice, decode, encode, encode_error};
    use super::*;
    use crate::sqs;
    use http::Request;
    use slam_cloud_core::dialect::Dialect;
    use slam_cloud_core::{AwsResult, Operation, Shape};
    use std::collections::BTreeMap;

    static IN_QUERY: InQuery = InQuery {
        xml_namespace: "http://queue.amazonaws.com/doc/2012-11-05/",
        of_path: "QueueUrl",
        at_path: &["GetQueueUrl"],
        members: &[
            ("AttributeNames", "AttributeName"),
            ("Attributes", "Attribute"),
            ("MessageAttributes", "MessageAttribute"),
            ("Tags", "Tag"),
            ("tags", "Tag"),
        ],
        both: &["MessageAttributes"],
        keyed: &["Tags", "tags"],
        error: |code| match code {
            "QueueDoesNotExist" => QueryError { code: "NonExistentQueue".into(), message: Some("There is none.") },
            other => QueryError { code: other.to_owned().into(), message: None },
        },
    };
    static DIALECT: Dialect = Dialect { in_query: Some(&IN_QUERY), ..Dialect::DEFAULT };

    fn read<O: Operation>(path: &str, form: &'static str) -> AwsResult<O> {
        let voice = Voice::new(&sqs::SERVICE, Protocol::Query, &DIALECT);
        let (head, ()) = Request::post(path).body(()).unwrap().into_parts();
        O::from_value(decode(&voice, O::MODEL, &head, &form.into())?)
    }

    fn input<O: Operation>(path: &str, form: &'static str) -> O {
        read(path, form).unwrap()
    }

    fn answer(operation: &OperationModel, output: impl Shape) -> String {
        let voice = Voice::new(&sqs::SERVICE, Protocol::Query, &DIALECT);
        let response = encode(&voice, operation, output.into_value(), "id");
        String::from_utf8(response.body().at_hand().to_vec()).unwrap()
    }

    #[test]
    fn forms_have_the_older_names() {
        let text = |text: &str| text.to_owned();
        let batch: sqs::SendMessageBatch = input(
            "/000000000000/q",
            "SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=b&\
             SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n&\
             SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=Binary&\
             SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.BinaryValue=eA==",
        );
        assert_eq!(batch.queue_url, "/000000000000/q");
        let value = sqs::MessageAttributeValue {
            binary_value: Some("x".into()),
            data_type: text("Binary"),
            ..Default::default()
        };
        assert_eq!(batch.entries[0].message_attributes, Some(BTreeMap::from([(text("n"), value)])));
        let create: sqs::CreateQueue =
            input("/", "QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=1&Tag.1.Key=k&Tag.1.Value=v");
        assert_eq!(create.attributes, Some(BTreeMap::from([(text("DelaySeconds"), text("1"))])));
        assert_eq!(create.tags, Some(BTreeMap::from([(text("k"), text("v"))])));
        for (form, expected) in [
            ("QueueUrl=u&AttributeName.1=All&AttributeName.2=Policy", Some(vec![text("All"), text("Policy")])),
            ("QueueUrl=u&AttributeName=All", Some(vec![text("All")])),
            ("QueueUrl=u", None),
        ] {
            let get: sqs::GetQueueAttributes = input("/", form);
            assert_eq!((get.queue_url.as_str(), get.attribute_names), ("u", expected), "{form}");
        }
    }

    #[test]
    fn newer_names_are_taken_or_refused_and_never_lost() {
        let message: sqs::SendMessage = input(
            "/",
            "QueueUrl=q&MessageBody=b&MessageAttributes.1.Name=n&MessageAttributes.1.Value.DataType=String&\
             MessageAttributes.1.Value.StringValue=v",
        );
        let value = &message.message_attributes.unwrap()["n"];
        assert_eq!((value.data_type.as_str(), value.string_value.as_deref()), ("String", Some("v")));
        let refused = |read: AwsResult<()>, named: &str| {
            assert_eq!(read.unwrap_err().message, format!("{named} is not supported by the embedded cloud"));
        };
        let twice = "QueueUrl=q&MessageBody=b&MessageAttribute.1.Name=a&MessageAttributes.1.Name=b";
        refused(
            read::<sqs::SendMessage>("/", twice).map(drop),
            "the parameter MessageAttributes of a form beside MessageAttribute",
        );
        refused(
            read::<sqs::SendMessageBatch>("/", "QueueUrl=q&Entries.1.Id=a").map(drop),
            "the parameter Entries of a form, which calls it SendMessageBatchRequestEntry",
        );
    }

    #[test]
    fn answers_have_the_older_names() {
        let message = sqs::Message {
            body: Some("a\r\n".into()),
            attributes: Some(BTreeMap::from([("SentTimestamp".to_owned(), "1".to_owned())])),
            ..Default::default()
        };
        let output = sqs::ReceiveMessageResult { messages: Some(vec![message]) };
        let around = |name: &str, inner: &str| {
            format!(
                "<{name}Response xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">{inner}\
                 <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></{name}Response>"
            )
        };
        assert_eq!(
            answer(sqs::ReceiveMessage::MODEL, output),
            around(
                "ReceiveMessage",
                "<ReceiveMessageResult><Message><Body>a&#13;\n</Body><Attribute><Name>SentTimestamp</Name>\
                 <Value>1</Value></Attribute></Message></ReceiveMessageResult>"
            )
        );
        let tags = Some(BTreeMap::from([("k".to_owned(), "v".to_owned())]));
        assert_eq!(
            answer(sqs::ListQueueTags::MODEL, sqs::ListQueueTagsResult { tags }),
            around(
                "ListQueueTags",
                "<ListQueueTagsResult><Tag><Key>k</Key><Value>v</Value></Tag></ListQueueTagsResult>"
            )
        );
        assert_eq!(answer(sqs::DeleteQueue::MODEL, sqs::DeleteQueueOutput {}), around("DeleteQueue", ""));
    }

    #[test]
    fn an_error_has_a_code_for_each_protocol_and_json_tells_both() {
        let error = AwsError::bad_request("QueueDoesNotExist", "There is no such queue.");
        let told = |protocol, error: &AwsError| {
            let response = encode_error(&Voice::new(&sqs::SERVICE, protocol, &DIALECT), error, "id");
            let header = response.headers().get("x-amzn-query-error").map(|value| value.to_str().unwrap().to_owned());
            (response.status().as_u16(), header, String::from_utf8(response.body().to_vec()).unwrap())
        };
        let json = r#"{"__type":"QueueDoesNotExist","message":"There is no such queue."}"#;
        let header = |text: &str| Some(text.to_owned());
        assert_eq!(told(Protocol::Json("1.0"), &error), (400, header("NonExistentQueue;Sender"), json.to_owned()));
        let (status, header_of_query, xml) = told(Protocol::Query, &error);
        assert_eq!((status, header_of_query), (400, None));
        assert!(xml.contains("<Code>NonExistentQueue</Code><Message>There is none.</Message>"), "{xml}");
        let json = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let denied = told(Protocol::Json("1.0"), &AwsError::access_denied("no"));
        assert_eq!(denied, (403, header("AccessDeniedException;Sender"), json.to_owned()));
    }
}
