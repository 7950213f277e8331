//! What Lambda has: functions, their aliases, and calls of them.

use crate::question::{Question, Service};
use crate::{Clients, ServiceError, decode_base64};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::fmt;

/// <https://docs.aws.amazon.com/lambda/latest/api/welcome.html>
const LAMBDA: Service = Service { id: "Lambda", name: "lambda" };

/// A call of a function.
#[derive(Clone, Copy, Debug)]
pub struct Invoke<'a> {
    /// The function, by its name or ARN.
    pub function: &'a str,
    /// The version or alias.
    pub qualifier: &'a str,
    /// `RequestResponse`, `Event` or `DryRun`.
    pub invocation_type: &'static str,
    /// Whether the last lines of its log are wanted.
    pub wants_log: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Invoked {
    /// The HTTP status: 200, 202 for an event, 204 for a dry run.
    pub status: u16,
    /// The version that ran.
    pub version: Option<String>,
    /// `Unhandled` when the function failed.
    pub error: Option<String>,
    /// The result, or the error.
    pub payload: Vec<u8>,
    /// The last lines of the log.
    pub log: Option<Vec<u8>>,
}

impl Clients {
    /// The configuration of a function's version or alias.
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html>
    ///
    /// # Errors
    /// What Lambda answers instead, or why it cannot be asked.
    pub async fn function_configuration(&self, function: &str, qualifier: &str) -> Result<Value, ServiceError> {
        let path = format!("{}/configuration?Qualifier={}", path_of(function), encoded(qualifier));
        self.read("GetFunctionConfiguration", path).await
    }

    /// An alias of a function. <https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html>
    ///
    /// # Errors
    /// What Lambda answers instead, or why it cannot be asked.
    pub async fn alias(&self, function: &str, name: &str) -> Result<Value, ServiceError> {
        self.read("GetAlias", format!("{}/aliases/{}", path_of(function), encoded(name))).await
    }

    async fn read(&self, operation: &'static str, path: String) -> Result<Value, ServiceError> {
        let question = Question { operation, method: "GET", path, headers: Vec::new(), body: Vec::new() };
        Ok(self.asker.send(LAMBDA, question).await?.json())
    }

    /// Calls a function. <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
    ///
    /// # Errors
    /// What Lambda answers instead, or why it cannot be asked. A function that fails is no error here.
    pub async fn invoke(&self, call: Invoke<'_>, payload: Vec<u8>) -> Result<Invoked, ServiceError> {
        let path = format!("{}/invocations?Qualifier={}", path_of(call.function), encoded(call.qualifier));
        let mut headers = vec![
            ("content-type", "application/octet-stream".to_owned()),
            ("x-amz-invocation-type", call.invocation_type.to_owned()),
        ];
        if call.wants_log {
            headers.push(("x-amz-log-type", "Tail".to_owned()));
        }
        let question = Question { operation: "Invoke", method: "POST", path, headers, body: payload };
        let answer = self.asker.send(LAMBDA, question).await?;
        let header = |name: &str| answer.header(name).map(str::to_owned);
        Ok(Invoked {
            status: answer.status,
            version: header("x-amz-executed-version"),
            error: header("x-amz-function-error"),
            log: answer.header("x-amz-log-result").and_then(decode_base64),
            payload: answer.body,
        })
    }
}

fn path_of(function: &str) -> String {
    format!("/2015-03-31/functions/{}", encoded(function))
}

/// A label of a path or a value of a query: all but RFC 3986's unreserved characters are encoded.
/// <https://smithy.io/2.0/spec/http-bindings.html#httplabel-trait>
fn encoded(text: &str) -> impl fmt::Display + '_ {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels_of_paths() {
        let check = |name: &str, expected: &str| assert_eq!(path_of(name), format!("/2015-03-31/functions/{expected}"));
        check("tasks-Function_1.x~", "tasks-Function_1.x~");
        check("arn:aws:lambda:us-east-1:1:function:f", "arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af");
        check("a/b c", "a%2Fb%20c");
    }
}
