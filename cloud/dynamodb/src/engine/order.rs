//! What AWS tells of a request in which several things are wrong, where the engine tells another of them.
//!
//! The order is asserted on AWS by dynalite's suite (github.com/architect/dynalite): test/getItem.js, "should return
//! ValidationException if expression and non-expression"; test/query.js and test/scan.js from "… for short IndexName" to "… if
//! KeyConditionExpression BETWEEN args are in the incorrect order". The words are the engine's: it is asked again, without
//! what AWS looks at later and without tables.

use super::{dispatch, read};
use dynoxide::Database;
use serde_json::{Map, Value, json};
use slam_cloud_core::AwsError;

type Request = Map<String, Value>;

/// Expressions and what they name. AWS reads them after all that is said without them.
const EXPRESSIONS: [&str; 5] = [
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
];

/// The error that AWS gives for a request which was refused.
pub(super) fn first(bare: &Database, operation: &'static str, body: &str, told: AwsError) -> AwsError {
    let is_refused = matches!(&*told.code, "ValidationException" | "ResourceNotFoundException");
    let Some(request) = serde_json::from_str::<Request>(body).ok().filter(|_| is_refused) else { return told };
    let asked = Asked { bare, operation, request };
    let earlier = match operation {
        "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" => asked.of_an_item(&told),
        "Query" => asked.of_names(body).or_else(|| asked.of_a_query(&told)),
        "Scan" => asked.of_names(body).or_else(|| asked.of_a_scan(&told)),
        _ => None,
    };
    let mut error = earlier.unwrap_or(told);
    if operation == "Scan" {
        asked.complete(&mut error);
    }
    error
}

/// A request, and who is asked about it.
struct Asked<'a> {
    bare: &'a Database,
    operation: &'static str,
    request: Request,
}

impl Asked<'_> {
    /// What is wrong with another request, of what needs no table.
    fn fault(&self, operation: &'static str, request: Request) -> Option<AwsError> {
        let told = dispatch::run(self.bare, operation, &Value::Object(request).to_string()).err()?;
        (&*told.code == "ValidationException").then_some(told)
    }

    /// The request without some of its members.
    fn without(&self, members: &[&[&str]]) -> Request {
        let mut request = self.request.clone();
        members.iter().copied().flatten().for_each(|member| drop(request.remove(*member)));
        request
    }

    /// Names of indexes are looked at with the other members.
    fn of_names(&self, body: &str) -> Option<AwsError> {
        self.request.get("IndexName")?;
        read::check_demands(self.operation, body).err().filter(|error| error.message.contains("at 'indexName'"))
    }

    /// Whether older members stand beside expressions is told before the values are.
    fn of_an_item(&self, told: &AwsError) -> Option<AwsError> {
        let is_of_values = told.message.contains("Supplied AttributeValue");
        let mut request = self.request.clone();
        for member in ["Key", "Item"] {
            request.entry(member).and_modify(|value| *value = json!({"a": {"S": "a"}}));
        }
        let fault = is_of_values.then(|| self.fault(self.operation, request)).flatten();
        fault.filter(|fault| is_of_members(&fault.message))
    }

    fn of_a_scan(&self, told: &AwsError) -> Option<AwsError> {
        if is_of_members(&told.message) || &*told.code != "ValidationException" {
            return None;
        }
        const LATER: [&str; 4] = ["ScanFilter", "ExclusiveStartKey", "Segment", "TotalSegments"];
        let of_names = self.fault("Scan", self.without(&[&EXPRESSIONS, &LATER, &["Select"]]));
        let of_names = of_names.filter(|fault| fault.message.contains("Duplicate value in attribute name"));
        of_names.or_else(|| self.fault("Scan", self.without(&[&EXPRESSIONS, &["Select"]])))
    }

    fn of_a_query(&self, told: &AwsError) -> Option<AwsError> {
        if is_of_members(&told.message) {
            return None;
        }
        let rest = self.without(&[&EXPRESSIONS, &["KeyConditions", "Select"]]);
        let of_rest = (&*told.code == "ValidationException").then(|| self.fault("Query", rest)).flatten();
        of_rest.or_else(|| self.of_key_conditions())
    }

    /// What the values of conditions must be needs no table, as with conditions of writes.
    fn of_key_conditions(&self) -> Option<AwsError> {
        const VALUES: [&str; 3] = [
            "AttributeValues inside AttributeValueList must be of same type",
            "The BETWEEN condition was provided a range",
            "Invalid ConditionExpression: The BETWEEN operator requires",
        ];
        let mut request = Request::from_iter([("TableName".to_owned(), "keys".into())]);
        request.insert("Key".to_owned(), json!({"a": {"S": "a"}}));
        for (member, of_a_write) in [
            ("KeyConditions", "Expected"),
            ("KeyConditionExpression", "ConditionExpression"),
            ("ExpressionAttributeNames", "ExpressionAttributeNames"),
            ("ExpressionAttributeValues", "ExpressionAttributeValues"),
        ] {
            if let Some(value) = self.request.get(member) {
                request.insert(of_a_write.to_owned(), value.clone());
            }
        }
        let mut fault = self.fault("DeleteItem", request)?;
        // Writes put it into an envelope.
        let message = fault.message.strip_prefix("1 validation error detected: ").unwrap_or(&fault.message);
        let is_of_values = VALUES.iter().any(|values| message.contains(values));
        fault.message = is_of_values.then(|| message.replace(" ConditionExpression", " KeyConditionExpression"))?;
        Some(fault)
    }

    /// The numbers in a sentence that the engine leaves without them.
    fn complete(&self, error: &mut AwsError) {
        const SEGMENTS: &str = "The Segment parameter is zero-based and must be less than parameter TotalSegments";
        if error.message == SEGMENTS
            && let (Some(segment), Some(total)) = (self.request.get("Segment"), self.request.get("TotalSegments"))
        {
            error.message = format!("{SEGMENTS}: Segment: {segment} is not less than TotalSegments: {total}");
        }
    }
}

/// Whether a message is about which members a request may have beside each other.
fn is_of_members(message: &str) -> bool {
    message.contains("Can not use both expression and non-expression") || message.contains("can only be specified when")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operation: &'static str, request: Value, expected: &str) {
        let bare = Database::memory().unwrap();
        let body = request.to_string();
        let told = dispatch::run(&bare, operation, &body).unwrap_err();
        assert_eq!(first(&bare, operation, &body, told).message, expected, "{operation} {request}");
    }

    const ABSENT: &str = "Requested resource not found";

    #[test]
    fn members_come_before_values() {
        let mixed = "Can not use both expression and non-expression parameters in the same request: Non-expression \
                     parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}";
        let key = json!({"a": {}});
        check(
            "GetItem",
            json!({"TableName": "abc", "Key": key, "AttributesToGet": ["a"], "ProjectionExpression": "a"}),
            mixed,
        );
        check(
            "GetItem",
            json!({"TableName": "abc", "Key": key, "ExpressionAttributeNames": {}}),
            "ExpressionAttributeNames can only be specified when using expressions",
        );
        check(
            "GetItem",
            json!({"TableName": "abc", "Key": key}),
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        );
    }

    #[test]
    fn names_of_indexes_are_looked_at_before_tables() {
        for operation in ["Query", "Scan"] {
            let check = |name: &str, expected: &str| {
                let key = json!({"a": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}});
                let mut request = json!({"TableName": "abc", "IndexName": name});
                if operation == "Query" {
                    request["KeyConditions"] = key;
                }
                check(operation, request, expected);
            };
            check(
                "a;",
                "2 validation errors detected: Value 'a;' at 'indexName' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: [a-zA-Z0-9_.-]+; Value 'a;' at 'indexName' failed to satisfy constraint: Member \
                 must have length greater than or equal to 3",
            );
            check("abc", ABSENT);
        }
    }

    #[test]
    fn bounds_of_keys_need_no_table() {
        let keys = |operator: &str, from: Value, to: Value| {
            let condition = json!({"ComparisonOperator": operator, "AttributeValueList": [from, to]});
            json!({"TableName": "abc", "KeyConditions": {"a": condition}})
        };
        let types =
            "One or more parameter values were invalid: AttributeValues inside AttributeValueList must be of same type";
        check("Query", keys("BETWEEN", json!({"S": "a"}), json!({"N": "1"})), types);
        check(
            "Query",
            keys("BETWEEN", json!({"S": "b"}), json!({"S": "a"})),
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
        );
        check("Query", keys("BETWEEN", json!({"S": "a"}), json!({"S": "b"})), ABSENT);
        let values = json!({":a": {"S": "a"}, ":b": {"N": "1"}});
        check(
            "Query",
            json!({"TableName": "abc", "KeyConditionExpression": "a between :b and :a", "ExpressionAttributeValues": values}),
            "Invalid KeyConditionExpression: The BETWEEN operator requires same data type for lower and upper bounds; lower \
             bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}",
        );
    }

    #[test]
    fn starting_keys_and_segments_come_before_expressions() {
        let scan = |more: Value| {
            let mut request = json!({"TableName": "abc", "FilterExpression": "a = a", "ExpressionAttributeNames": {}});
            request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            request
        };
        let empty = "The provided starting key is invalid: Supplied AttributeValue is empty, must contain exactly one of the \
                     supported datatypes";
        check("Scan", scan(json!({"ExclusiveStartKey": {"a": {}}, "Segment": 1})), empty);
        check(
            "Scan",
            scan(json!({"Segment": 1})),
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
        );
        check(
            "Scan",
            scan(json!({"Segment": 1, "TotalSegments": 1})),
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 1 is not less than \
             TotalSegments: 1",
        );
        check("Scan", scan(json!({})), "ExpressionAttributeNames must not be empty");
        let filter = json!({"a": {"ComparisonOperator": "EQ", "AttributeValueList": [{}]}});
        check(
            "Scan",
            json!({"TableName": "abc", "ScanFilter": filter, "AttributesToGet": ["a", "a"]}),
            "One or more parameter values were invalid: Duplicate value in attribute name: a",
        );
        let without_value = json!({"a": {"ComparisonOperator": "EQ"}});
        check(
            "Query",
            json!({"TableName": "abc", "KeyConditions": without_value, "ExclusiveStartKey": {"a": {}}}),
            empty,
        );
    }
}
