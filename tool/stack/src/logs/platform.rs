//! The lines that Lambda itself writes into a function's log, as text and as JSON.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html>, and for JSON
//! <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>.

use serde_json::Value;

/// What Lambda tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Platform {
    /// An environment starts.
    InitStart,
    /// An invocation starts.
    Start {
        /// Its request id.
        id: String,
    },
    /// An invocation took too long. The report says so as well, at least today.
    TimedOut {
        /// Its request id.
        id: String,
        /// The function's timeout.
        seconds: f64,
    },
    /// The function's process ended by itself.
    Exited {
        /// The request id.
        id: String,
        /// `signal: killed`, `exit status 1` …
        how: String,
    },
    /// An invocation is over.
    Report {
        /// Its request id.
        id: String,
        /// What it took.
        report: Report,
    },
    /// Something else that needs no understanding: `END`, `INIT_REPORT`, `EXTENSION` …
    Other,
}

/// What an invocation took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Milliseconds.
    pub duration: f64,
    /// Milliseconds of the cold start, if it was one.
    pub init: Option<f64>,
    /// MB the function has.
    pub memory: u64,
    /// MB that were used.
    pub used: u64,
    /// `timeout`, `error` …; nothing when all went well.
    pub status: Option<String>,
    /// `Runtime.ExitError` …
    pub error: Option<String>,
}

/// Understands a line; `None` when the function wrote it.
pub fn parse(message: &str) -> Option<Platform> {
    if message.starts_with('{') {
        return json(message);
    }
    let (word, rest) = message.split_once(' ')?;
    match word {
        "INIT_START" => Some(Platform::InitStart),
        "START" => Some(Platform::Start { id: request_id(rest)? }),
        "REPORT" => Some(Platform::Report { id: request_id(rest)?, report: report(rest) }),
        "END" => request_id(rest).map(|_| Platform::Other),
        "RequestId:" => exited(message),
        "INIT_REPORT" | "RESTORE_START" | "RESTORE_REPORT" | "EXTENSION" | "TELEMETRY" | "LOGS" | "XRAY" => {
            rest.contains(':').then_some(Platform::Other)
        }
        _ => timed_out(message),
    }
}

/// `RequestId: <id> …`
fn request_id(text: &str) -> Option<String> {
    text.strip_prefix("RequestId: ")?.split_whitespace().next().map(str::to_owned)
}

/// `RequestId: <id> Error: Runtime exited with error: signal: killed`, and a line with the error's type.
fn exited(message: &str) -> Option<Platform> {
    let (_, reason) = message.lines().next()?.split_once(" Error: ")?;
    let how = reason.strip_prefix("Runtime exited with error: ").unwrap_or(reason);
    Some(Platform::Exited { id: request_id(message)?, how: how.to_owned() })
}

/// `<time> <id> Task timed out after 3.00 seconds`
fn timed_out(message: &str) -> Option<Platform> {
    let (head, tail) = message.split_once(" Task timed out after ")?;
    let seconds = tail.split_whitespace().next()?.parse().ok()?;
    let (_, id) = head.split_once(' ')?;
    (!id.contains(' ')).then(|| Platform::TimedOut { id: id.to_owned(), seconds })
}

fn report(line: &str) -> Report {
    let mut report = Report::default();
    for field in line.split(['\t', '\n']) {
        let Some((name, value)) = field.split_once(": ") else { continue };
        let number = || value.split_whitespace().next().and_then(|number| number.parse::<f64>().ok());
        match name {
            "Duration" => report.duration = number().unwrap_or_default(),
            // With SnapStart, the start is a restoration.
            "Init Duration" | "Restore Duration" => report.init = number(),
            "Memory Size" => report.memory = number().unwrap_or_default() as u64,
            "Max Memory Used" => report.used = number().unwrap_or_default() as u64,
            "Status" => report.status = Some(value.trim().to_owned()),
            "Error Type" => report.error = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    report
}

fn json(message: &str) -> Option<Platform> {
    let line: Value = serde_json::from_str(message).ok()?;
    let kind = line["type"].as_str()?.strip_prefix("platform.")?;
    let record = &line["record"];
    let id = || record["requestId"].as_str().map(str::to_owned);
    Some(match kind {
        "initStart" => Platform::InitStart,
        "start" => Platform::Start { id: id()? },
        "report" => {
            let metrics = &record["metrics"];
            let text = |name: &str| record[name].as_str().filter(|text| *text != "success").map(str::to_owned);
            let init = metrics["initDurationMs"].as_f64().or_else(|| metrics["restoreDurationMs"].as_f64());
            let report = Report {
                duration: metrics["durationMs"].as_f64().unwrap_or_default(),
                init,
                memory: metrics["memorySizeMB"].as_u64().unwrap_or_default(),
                used: metrics["maxMemoryUsedMB"].as_u64().unwrap_or_default(),
                status: text("status"),
                error: text("errorType"),
            };
            Platform::Report { id: id()?, report }
        }
        _ => Platform::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: Option<Platform>) {
        assert_eq!(parse(message), expected, "{message}");
    }

    fn id() -> String {
        "8f507cfc-xmpl-4697-b07a-ac58fc914c95".into()
    }

    #[test]
    fn lines_of_aws() {
        // https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
        check(&format!("START RequestId: {} Version: $LATEST", id()), Some(Platform::Start { id: id() }));
        check(&format!("END RequestId: {}", id()), Some(Platform::Other));
        let report = Report { duration: 15.74, init: Some(130.49), memory: 128, used: 56, ..Report::default() };
        check(
            &format!(
                "REPORT RequestId: {}\tDuration: 15.74 ms\tBilled Duration: 147 ms\tMemory Size: 128 MB\tMax Memory Used: \
                 56 MB\tInit Duration: 130.49 ms\nXRAY TraceId: 1-5e34a614-10bdxmplf1fb44f07bc535a1\tSegmentId: \
                 07f5xmpl2d1f6f85\tSampled: true",
                id()
            ),
            Some(Platform::Report { id: id(), report }),
        );
        check("INIT_START Runtime Version: python:3.13.v13\tRuntime Version ARN: arn:x", Some(Platform::InitStart));
        check("INIT_REPORT Init Duration: 9.61 ms\tPhase: init\tStatus: timeout", Some(Platform::Other));
        check(
            &format!("2020-01-31T22:12:58.534Z {} Task timed out after 3.00 seconds", id()),
            Some(Platform::TimedOut { id: id(), seconds: 3.0 }),
        );
        check(
            &format!("RequestId: {} Error: Runtime exited with error: signal: killed\nRuntime.ExitError", id()),
            Some(Platform::Exited { id: id(), how: "signal: killed".into() }),
        );
    }

    #[test]
    fn the_same_in_json() {
        check(
            r#"{"time":"2026-01-01T00:00:00Z","type":"platform.start","record":{"requestId":"r","version":"1"}}"#,
            Some(Platform::Start { id: "r".into() }),
        );
        let metrics = r#"{"durationMs":3000,"billedDurationMs":3000,"memorySizeMB":128,"maxMemoryUsedMB":40}"#;
        let report =
            Report { duration: 3000.0, memory: 128, used: 40, status: Some("timeout".into()), ..Report::default() };
        check(
            &format!(
                r#"{{"type":"platform.report","record":{{"requestId":"r","metrics":{metrics},"status":"timeout"}}}}"#
            ),
            Some(Platform::Report { id: "r".into(), report }),
        );
    }

    #[test]
    fn what_functions_write_is_theirs() {
        for message in [
            "START the engines",
            "END of the story",
            "REPORT of today: nothing",
            "RequestId: of whom",
            "EXTENSION cord",
            "My Task timed out after lunch",
            r#"{"type": "order", "record": {}}"#,
            r#"{"type": 5}"#,
            "{",
            "",
        ] {
            check(message, None);
        }
    }
}
