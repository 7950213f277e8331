//! What Lambda itself writes into a function's log: INIT_START, START, END, REPORT.

use crate::model::function::Logging;
use crate::model::trace::Segment;
use serde_json::{Value, json};
use slam_cloud_core::Timestamp;
use slam_cloud_wire::timestamp::iso8601;
use std::time::Duration;

/// Lambda's lines in the form that the function asks for.
#[derive(Clone, Debug)]
pub struct Platform {
    json: bool,
    quiet: bool,
}

/// What an invocation took.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The invocation's request id.
    pub id: &'a str,
    /// From the event's handing over to the answer.
    pub duration: Duration,
    /// The environment's start, in the report of its first invocation.
    pub init: Option<Duration>,
    /// What the function may use, in megabytes.
    pub memory: i64,
    /// What it has used at most, in megabytes.
    pub used: u64,
    /// How it ended, if not well: `timeout`, or `error` with its type.
    pub failure: Option<(&'a str, Option<&'a str>)>,
    /// What X-Ray would keep of it, if it is traced.
    pub segment: Option<Segment>,
}

impl Platform {
    /// The lines of a function that logs so.
    pub fn of(logging: &Logging) -> Self {
        let quiet = logging.json && logging.system_level.as_deref().is_some_and(|level| level == "WARN");
        Self { json: logging.json, quiet }
    }

    /// An environment starts.
    pub fn init_start(&self, runtime: &str, arn: &str) -> Option<String> {
        self.line(
            || format!("INIT_START Runtime Version: {runtime}\tRuntime Version ARN: {arn}"),
            "platform.initStart",
            || {
                json!({
                    "initializationType": "on-demand", "phase": "init", "runtimeVersion": runtime,
                    "runtimeVersionArn": arn,
                })
            },
        )
    }

    /// An environment could not start.
    pub fn init_report(&self, duration: Duration, failure: (&str, Option<&str>)) -> Option<String> {
        self.line(
            || {
                let status = status(failure);
                format!("INIT_REPORT Init Duration: {} ms\tPhase: init\t{status}", milliseconds(duration))
            },
            "platform.initReport",
            || {
                json!({
                    "initializationType": "on-demand", "phase": "init", "status": failure.0, "errorType": failure.1,
                    "metrics": { "durationMs": rounded(duration) },
                })
            },
        )
    }

    /// An invocation starts.
    pub fn start(&self, id: &str, version: &str) -> Option<String> {
        self.line(
            || format!("START RequestId: {id} Version: {version}"),
            "platform.start",
            || json!({ "requestId": id, "version": version }),
        )
    }

    /// An invocation took longer than it may. In JSON the report says it.
    pub fn timed_out(&self, id: &str, timeout: i64) -> Option<String> {
        (!self.json).then(|| format!("{} {id} Task timed out after {timeout}.00 seconds\n", now()))
    }

    /// The function's runtime could not be started. In JSON the report says it.
    pub fn not_started(&self, id: &str, reason: &str) -> Option<String> {
        (!self.json).then(|| format!("RequestId: {id} Error: {reason}\nRuntime.InvalidEntrypoint\n"))
    }

    /// An invocation ends. In JSON the report says it.
    pub fn end(&self, id: &str) -> Option<String> {
        (!self.json).then(|| format!("END RequestId: {id}\n"))
    }

    /// What an invocation took.
    pub fn report(&self, report: &Report<'_>) -> Option<String> {
        // The start is billed since August 2025.
        let billed = (report.duration + report.init.unwrap_or_default()).as_micros().div_ceil(1000);
        self.line(
            || {
                let Report { id, memory, used, .. } = report;
                let mut line = format!(
                    "REPORT RequestId: {id}\tDuration: {} ms\tBilled Duration: {billed} ms\tMemory Size: {memory} MB\t\
                     Max Memory Used: {used} MB\t",
                    milliseconds(report.duration)
                );
                if let Some(init) = report.init {
                    line += &format!("Init Duration: {} ms\t", milliseconds(init));
                }
                line += &report.failure.map(status).unwrap_or_default();
                // A line of its own in the same event (AWS: "Visualize Lambda function invocations using AWS X-Ray").
                if let Some(Segment { trace_id, id, .. }) = &report.segment {
                    line += &format!("\nXRAY TraceId: {trace_id}\tSegmentId: {id}\tSampled: true\t");
                }
                line
            },
            "platform.report",
            || {
                let mut metrics = json!({
                    "durationMs": rounded(report.duration), "billedDurationMs": billed as u64,
                    "memorySizeMB": report.memory, "maxMemoryUsedMB": report.used,
                });
                if let Some(init) = report.init {
                    metrics["initDurationMs"] = json!(rounded(init));
                }
                let (status, kind) = report.failure.unwrap_or(("success", None));
                let mut record = json!({ "requestId": report.id, "metrics": metrics, "status": status });
                if let Some(kind) = kind {
                    record["errorType"] = json!(kind);
                }
                if let Some(Segment { id, header, .. }) = &report.segment {
                    record["tracing"] = json!({ "spanId": id, "type": "X-Amzn-Trace-Id", "value": header });
                }
                record
            },
        )
    }

    fn line(&self, text: impl FnOnce() -> String, kind: &str, record: impl FnOnce() -> Value) -> Option<String> {
        if self.quiet {
            None
        } else if self.json {
            Some(format!("{}\n", json!({ "time": now(), "type": kind, "record": record() })))
        } else {
            Some(text() + "\n")
        }
    }
}

fn status((status, kind): (&str, Option<&str>)) -> String {
    match kind {
        Some(kind) => format!("Status: {status}\tError Type: {kind}"),
        None => format!("Status: {status}"),
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

fn rounded(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

fn now() -> String {
    iso8601(Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(init: Option<Duration>, failure: Option<(&str, Option<&str>)>, trace: &str, expected: &str) {
        let platform = Platform::of(&Logging::of("f"));
        let duration = Duration::from_micros(1234);
        let report = Report { id: "id", duration, init, memory: 128, used: 30, failure, segment: Segment::of(trace) };
        assert_eq!(platform.report(&report).unwrap(), expected);
    }

    /// Tabs and the trailing tab as recorded on AWS (`test_multi_line_prints`, `test_request_id_invoke`).
    #[test]
    fn reports_are_written_as_lambda_writes_them() {
        check(
            Some(Duration::from_millis(100)),
            None,
            "Root=1-2;Parent=3;Sampled=0",
            "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 102 ms\tMemory Size: 128 MB\t\
             Max Memory Used: 30 MB\tInit Duration: 100.00 ms\t\n",
        );
        check(
            None,
            Some(("error", Some("Runtime.ExitError"))),
            "Root=1-2;Parent=3;Sampled=0",
            "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t\
             Max Memory Used: 30 MB\tStatus: error\tError Type: Runtime.ExitError\n",
        );
        check(
            None,
            None,
            "Root=1-2;Parent=3;Sampled=1",
            "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t\
             Max Memory Used: 30 MB\t\nXRAY TraceId: 1-2\tSegmentId: 3\tSampled: true\t\n",
        );
    }
}
