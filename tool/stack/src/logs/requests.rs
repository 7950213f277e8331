//! Lines put together by the request that they belong to.
//!
//! An execution environment has a log stream of its own and serves one request at a time, so what stands in a stream
//! between a `START` and its `REPORT` belongs to that request. What is kept is bounded: a request with very many lines
//! is told in pieces, and so is one that takes its time.

use super::platform::{self, Platform, Report};
use super::{LogLine, Source};
use std::collections::BTreeMap;

/// How many lines of one request are kept before they are told.
const MOST_LINES: usize = 500;
/// How many requests are kept before the one that began first is told.
const MOST_REQUESTS: usize = 2_000;

/// What is known of a request, or the next piece of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The function.
    pub source: Source,
    /// Its id; `None` for what was written while no request was served.
    pub id: Option<String>,
    /// When it began, in milliseconds since 1970.
    pub at: i64,
    /// What the function wrote.
    pub lines: Vec<Line>,
    /// What the adapter wrote of a request to a web application.
    pub http: Option<Http>,
    /// What the adapter wrote of a command that ran in the function: `manage check`.
    pub command: Option<String>,
    /// What it took; `None` while it runs.
    pub report: Option<Report>,
    /// How it failed, where it did.
    pub failure: Option<Failure>,
    /// Whether an earlier piece of it was told.
    pub continued: bool,
}

/// A line that the function, or Lambda, wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The text.
    pub text: String,
    /// Whether it is one of Lambda's own.
    pub platform: bool,
}

/// A request to a web application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// `GET`
    pub method: String,
    /// The path below the stage, without the query.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
}

/// How a request failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It took longer than the function's timeout, in seconds where Lambda tells.
    TimedOut(Option<f64>),
    /// The function wanted more memory than it has.
    OutOfMemory,
    /// The process ended: `exit status 1`. Empty where Lambda tells no more.
    Exited(String),
    /// The function raised, or something else that its runtime tells.
    Error,
}

/// Puts lines together.
#[derive(Debug, Default)]
pub struct Requests {
    /// By log group and stream.
    open: BTreeMap<(String, String), Open>,
}

#[derive(Debug)]
struct Open {
    request: Request,
    /// Whether the environment starts: what it writes then belongs to its first request.
    starting: bool,
    /// How often was asked for what takes its time.
    asked: u32,
    /// When the last line was written.
    last: i64,
}

impl Requests {
    /// Takes a line of a function's log. Returns what it completes: mostly nothing or one request.
    pub fn add(&mut self, line: LogLine) -> Vec<Request> {
        let mut told = Vec::new();
        let LogLine { at, source, group, stream, message } = line;
        let key = (group, stream);
        let platform = platform::parse(&message);
        if let Some(Platform::Start { .. } | Platform::InitStart) = platform {
            // A report may be missing: the process of the environment is gone, or the line is older than what is read.
            let stale = self.open.get(&key).is_some_and(|open| open.request.id.is_some() || !open.starting);
            told.extend(stale.then(|| self.open.remove(&key)).flatten().and_then(|open| open.request.any()));
        }
        if !self.open.contains_key(&key) && self.open.len() >= MOST_REQUESTS {
            let first = self.open.iter().min_by_key(|(_, open)| open.request.at).map(|(key, _)| key.clone());
            told.extend(first.and_then(|key| self.open.remove(&key)).and_then(|open| open.request.any()));
        }
        let open = self.open.entry(key.clone()).or_insert_with(|| Open::new(source, at));
        open.last = open.last.max(at);
        match adapters(&message) {
            Some(Adapters::Http(http)) => {
                open.request.http = Some(http);
                return told;
            }
            Some(Adapters::Command(command)) => {
                open.request.command = Some(command.to_owned());
                return told;
            }
            None => {}
        }
        open.request.note(&message, platform.as_ref());
        match &platform {
            Some(Platform::InitStart) => open.starting = true,
            Some(Platform::Start { .. }) => open.request.at = at,
            _ => {}
        }
        let ended = matches!(platform, Some(Platform::Report { .. }));
        open.request.lines.push(Line { at, text: message, platform: platform.is_some() });
        if ended {
            told.extend(self.open.remove(&key).map(|open| open.request));
        } else if open.request.lines.len() >= MOST_LINES {
            told.push(open.request.piece());
        }
        told
    }

    /// What requests have written that still run, and which were so when this was called `patience` times before.
    pub fn running(&mut self, patience: u32) -> Vec<Request> {
        let mut told = Vec::new();
        for open in self.open.values_mut() {
            if open.asked < patience {
                open.asked += 1;
            } else if open.request.lines.iter().any(|line| !line.platform) {
                open.asked = 0;
                told.push(open.request.piece());
            }
        }
        told.sort_by_key(|request| request.at);
        // An environment that writes outside of requests is not remembered for it.
        self.open.retain(|_, open| open.request.id.is_some() || open.starting || !open.request.lines.is_empty());
        told
    }

    /// Whether the end of a request may have come meanwhile: its last line is not older than `since`.
    pub fn may_end(&self, since: i64) -> bool {
        self.open.values().any(|open| open.last >= since)
    }

    /// Everything that is left, when no more is read.
    pub fn rest(self) -> Vec<Request> {
        let mut told: Vec<_> = self.open.into_values().filter_map(|open| open.request.any()).collect();
        told.sort_by_key(|request| request.at);
        told
    }
}

impl Open {
    fn new(source: Source, at: i64) -> Self {
        let request = Request {
            source,
            id: None,
            at,
            lines: Vec::new(),
            http: None,
            command: None,
            report: None,
            failure: None,
            continued: false,
        };
        Self { request, starting: false, asked: 0, last: at }
    }
}

impl Request {
    /// What is known so far; from then on it is continued.
    fn piece(&mut self) -> Self {
        let piece = self.clone();
        self.lines.clear();
        self.continued = true;
        piece
    }

    /// Itself, if there is anything to tell.
    fn any(self) -> Option<Self> {
        let something =
            self.http.is_some() || self.command.is_some() || self.failure.is_some() || !self.lines.is_empty();
        (something || (self.id.is_some() && !self.continued)).then_some(self)
    }

    /// What a line tells about the request.
    fn note(&mut self, message: &str, platform: Option<&Platform>) {
        match platform {
            Some(Platform::Start { id }) => self.id = Some(id.clone()),
            Some(Platform::TimedOut { id, seconds }) => {
                self.id.get_or_insert_with(|| id.clone());
                self.failure = Some(Failure::TimedOut(Some(*seconds)));
            }
            Some(Platform::Exited { id, how }) => {
                self.id.get_or_insert_with(|| id.clone());
                self.failure = Some(Failure::Exited(how.clone()));
            }
            Some(Platform::Report { id, report }) => {
                self.id.get_or_insert_with(|| id.clone());
                self.failure = failure(self.failure.take(), report);
                self.report = Some(report.clone());
            }
            // What AWS's runtime clients write of an error that nobody handled.
            None if message.starts_with("[ERROR] ") => self.failure = Some(Failure::Error),
            _ => {}
        }
    }
}

/// How a request failed, from what was known before and its report.
fn failure(known: Option<Failure>, report: &Report) -> Option<Failure> {
    let ended = report.error.as_deref().is_some_and(|error| error == "Runtime.ExitError");
    let full = report.memory > 0 && report.used >= report.memory;
    match (known, report.status.as_deref()) {
        (Some(Failure::TimedOut(seconds)), _) => Some(Failure::TimedOut(seconds)),
        (_, Some("timeout")) => Some(Failure::TimedOut(None)),
        (_, Some(_)) if full && ended || report.error.as_deref() == Some("Runtime.OutOfMemory") => {
            Some(Failure::OutOfMemory)
        }
        (Some(Failure::Exited(how)), _) if full && how == "signal: killed" => Some(Failure::OutOfMemory),
        (None, Some(_)) if ended => Some(Failure::Exited(String::new())),
        (None, Some(_)) => Some(Failure::Error),
        (known, _) => known,
    }
}

/// Whether a line is the adapter's about what was asked.
pub fn is_adapters(message: &str) -> bool {
    adapters(message).is_some()
}

/// What the adapter tells of an invocation (`python/slam_lambda/log.py`).
enum Adapters<'a> {
    Http(Http),
    Command(&'a str),
}

/// The adapter's line of a request, `slam: GET /tasks 200`, or of a command, `slam: runs manage check`.
fn adapters(message: &str) -> Option<Adapters<'_>> {
    let rest = message.strip_prefix("slam: ")?;
    if let Some(command) = rest.strip_prefix("runs ") {
        let is_one = command == "--raw" || command.strip_prefix("manage ").is_some_and(|name| !name.contains(' '));
        return is_one.then_some(Adapters::Command(command));
    }
    let mut words = rest.split(' ');
    let (method, path, status) = (words.next()?, words.next()?, words.next()?);
    let is_one = words.next().is_none() && path.starts_with('/') && status.len() == 3;
    let status = status.parse().ok().filter(|_| is_one)?;
    Some(Adapters::Http(Http { method: method.to_owned(), path: path.to_owned(), status }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines `<stream> <message>`, and how each request that is told reads.
    fn told(lines: &[&str]) -> (Requests, Vec<String>) {
        let (mut requests, mut told) = (Requests::default(), Vec::new());
        for (at, line) in lines.iter().enumerate() {
            let (stream, message) = line.split_once(' ').unwrap();
            let line = LogLine {
                at: i64::try_from(at).unwrap(),
                source: Source::Function(None),
                group: "g".into(),
                stream: stream.into(),
                message: message.replace('|', "\t"),
            };
            told.extend(requests.add(line).iter().map(shown));
        }
        (requests, told)
    }

    fn shown(request: &Request) -> String {
        let id = request.id.as_deref().unwrap_or("-");
        let http = request
            .http
            .as_ref()
            .map_or(String::new(), |http| format!(" {} {} {}", http.method, http.path, http.status));
        let lines: Vec<_> = request.lines.iter().filter(|line| !line.platform).map(|line| line.text.as_str()).collect();
        let failure = request.failure.as_ref().map_or(String::new(), |failure| format!(" {failure:?}"));
        let state = if request.report.is_some() { "" } else { " …" };
        let again = if request.continued { "again " } else { "" };
        format!("{again}{id}{http} [{}]{failure}{state}", lines.join(","))
    }

    fn check(lines: &[&str], expected: &[&str], left: &[&str]) {
        let (requests, told) = told(lines);
        assert_eq!(told, expected, "{lines:?}");
        assert_eq!(requests.rest().iter().map(shown).collect::<Vec<_>>(), left, "{lines:?}");
    }

    #[test]
    fn requests_of_several_environments_interleave() {
        check(
            &[
                "a INIT_START Runtime Version: x",
                "a imported",
                "a START RequestId: 1 Version: 3",
                "b START RequestId: 2 Version: 3",
                "a one",
                "b two",
                "b slam: GET /b 200",
                "b REPORT RequestId: 2|Duration: 1 ms",
                "a slam: POST /a 500",
                "a END RequestId: 1",
                "a REPORT RequestId: 1|Duration: 1 ms",
                "a START RequestId: 3 Version: 3",
                "a late",
            ],
            &["2 GET /b 200 [two]", "1 POST /a 500 [imported,one]"],
            &["3 [late] …"],
        );
    }

    #[test]
    fn failures_are_known() {
        let memory = "Memory Size: 128 MB|Max Memory Used: 128 MB";
        for (lines, expected) in [
            (&["a 2026-01-01T00:00:00.000Z 1 Task timed out after 3.00 seconds"][..], "1 [] TimedOut(Some(3.0))"),
            (&[], "1 []"),
            (&["a [ERROR] ValueError: no"], "1 [[ERROR] ValueError: no] Error"),
            (
                &["a RequestId: 1 Error: Runtime exited with error: exit status 1\nRuntime.ExitError"],
                "1 [] Exited(\"exit status 1\")",
            ),
        ] {
            let mut all = vec!["a START RequestId: 1 Version: 3"];
            all.extend(lines);
            all.push("a REPORT RequestId: 1|Duration: 1 ms");
            check(&all, &[expected], &[]);
        }
        let killed = format!("a REPORT RequestId: 1|{memory}|Status: error|Error Type: Runtime.ExitError");
        check(&["a START RequestId: 1 Version: 3", &killed], &["1 [] OutOfMemory"], &[]);
        // All of the memory may be used without harm.
        check(&["a START RequestId: 1 Version: 3", &format!("a REPORT RequestId: 1|{memory}")], &["1 []"], &[]);
    }

    #[test]
    fn what_takes_its_time_is_told_in_pieces() {
        let (mut requests, _) = told(&["a START RequestId: 1 Version: 3", "a one"]);
        assert!(requests.running(1).is_empty());
        assert_eq!(requests.running(1).iter().map(shown).collect::<Vec<_>>(), ["1 [one] …"]);
        assert!(requests.running(1).is_empty() && requests.running(1).is_empty());
        assert_eq!(requests.rest().len(), 0);
        let lines: Vec<_> = std::iter::once("a START RequestId: 1 Version: 3")
            .chain(std::iter::repeat_n("a x", MOST_LINES))
            .chain(["a REPORT RequestId: 1|Duration: 1 ms"])
            .collect();
        let (_, told) = told(&lines);
        assert_eq!(told.len(), 2);
        assert_eq!(told[1], "again 1 [x]");
    }

    #[test]
    fn what_was_written_just_now_may_go_on() {
        let (requests, _) = told(&["a START RequestId: 1 Version: 3", "a one"]);
        assert!(requests.may_end(1) && !requests.may_end(2));
        let (requests, _) = told(&["a START RequestId: 1 Version: 3", "a REPORT RequestId: 1|Duration: 1 ms"]);
        assert!(!requests.may_end(0));
    }

    #[test]
    fn what_is_written_between_requests_is_told_apart() {
        check(
            &["a thread", "a START RequestId: 1 Version: 3", "a REPORT RequestId: 1|Duration: 1 ms"],
            &["- [thread] …", "1 []"],
            &[],
        );
    }

    #[test]
    fn the_adapters_lines() {
        for (line, expected) in [
            ("slam: GET /tasks 200", true),
            ("slam: GET tasks 200", false),
            ("slam: GET /tasks 2000", false),
            ("slam: the answer was not taken to its end", false),
            ("GET /tasks 200", false),
            ("slam: runs manage check", true),
            ("slam: runs --raw", true),
            ("slam: runs manage check --deploy", false),
            ("slam: runs into trouble", false),
        ] {
            assert_eq!(is_adapters(line), expected, "{line}");
        }
    }
}
