//! `slam invoke`: call a function, or send a request to a web application.
//!
//! - this file: the command, and what it shows.
//! - [`http`]: requests, the events that stand for them, and answers. [`payload_v2`]: the events of HTTP APIs and function URLs.

mod http;
mod payload_v2;

use super::answer::{answer_json, print_failure, view};
use super::remote::{self, Call};
use super::target::{Cloud, deployment_of, function_of, load};
use super::words::{keyword_arguments, read};
use super::{Common, FunctionFailed};
use crate::terminal::{LogView, print, print_json, printable};
use clap::Args;
use http::{Answer, Api, Request};
use serde_json::{Map, Value, json};
use slam_project::{Code, Function, Kind};
use slam_report::{Report, Result};
use slam_stack::Session;
use slam_stack::invoke::{Invocation, InvokeMode, invoke};
use slam_stack::logs::platform;
use slam_stack::logs::requests::Line;
use slam_stack::progress::Silent;
use std::io::{IsTerminal, Write};

/// Call a function of a stage, or send a request to a web application
#[derive(Args)]
#[command(
    after_help = "A function: `slam invoke number:=15 word=hello`. An argument is `name=text` or `name:=json`. A Python \
                  function is called with them; Lambda's own handler (`handler` in slam.yaml) gets them as its event. \
                  `@event.json` is an event as it is, `@-` one from the standard input: `slam events generate` makes some.\n\n\
                  A web application: `slam invoke GET /tasks?done=1`, `slam invoke POST /tasks description='buy milk'`, \
                  `slam invoke PUT /photo @photo.jpg`. The body is `@` and a file (`@-` is the standard input), or text, \
                  or arguments that make a JSON object. The function gets the event that API Gateway would make; the \
                  request does not pass through the API. A status of 500 and more ends with exit code 1.\n\n\
                  The result goes to the standard output, what the function wrote to the standard error; of a long log \
                  Lambda gives the last 4 KB."
)]
pub struct Invoke {
    /// Arguments of the function, or METHOD, /PATH and the body of a request
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
    /// A header of the request: `name: value`
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// Print the status and the headers of the answer, too
    #[arg(short, long)]
    include: bool,
    /// The stage; the development stage when left out
    #[arg(long, add = super::complete::stages())]
    stage: Option<String>,
    /// A function below `functions` in slam.yaml; the project's own when left out
    #[arg(long, value_name = "NAME", add = super::complete::functions())]
    function: Option<String>,
    /// Run Python source in the function instead of calling it, and print what it prints; `commands: true` in slam.yaml
    /// allows it
    #[arg(long, value_name = "CODE", conflicts_with_all = ["arguments", "headers", "include", "nowait", "dry_run"])]
    raw: Option<String>,
    /// Do not wait for the result
    #[arg(long, conflicts_with = "dry_run")]
    nowait: bool,
    /// Only check that the call would be allowed
    #[arg(long)]
    dry_run: bool,
    /// Print a JSON object with the result, the version and the log
    #[arg(long)]
    json: bool,
}

impl Invoke {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let function = function_of(&project, self.function.as_deref())?;
        if let Some(code) = &self.raw {
            let call = Call { function, stage: self.stage.as_deref(), command: json!({ "raw": code }) };
            return remote::run(common, &project, &call, self.json).await;
        }
        let request = Request::parse(&self.arguments, &self.headers)?;
        if self.include && request.is_none() {
            let message = "--include is for requests to web applications";
            return Err(Report::usage(message, "for example `slam invoke -i GET /`"));
        }
        let own_event = match (&request, &self.arguments[..]) {
            (None, [file]) => file.strip_prefix('@').map(event_of).transpose()?,
            _ => None,
        };
        let arguments = match &request {
            Some(_) => Map::new(),
            None if function.is_web() || own_event.is_some() => Map::new(),
            None => keyword_arguments(&self.arguments)?,
        };
        if let Some(request) = request.as_ref().filter(|_| is_plain(function)) {
            return Err(plain(request, function));
        }
        let (stage, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let cloud = Cloud::connect(common, &deployment).await?;
        let session = cloud.session(&project, &Silent);
        let payload = match (own_event, &request, &function.code) {
            (Some(event), ..) => event,
            (_, Some(request), _) => event(&cloud, &session, request, stage).await?,
            _ if function.is_web() => return Err(web(&cloud, &session, function, stage).await),
            (.., Code::App { .. }) => json!({ "kwargs": arguments }),
            (.., Code::Handler(_)) => Value::Object(arguments),
        };
        let mode = match (self.nowait, self.dry_run) {
            (true, _) => InvokeMode::NoWait,
            (_, true) => InvokeMode::DryRun,
            _ => InvokeMode::Wait,
        };
        let answer = invoke(&session, self.function.as_deref(), stage, &payload, mode).await?;
        let http = request.as_ref().filter(|_| mode == InvokeMode::Wait && answer.error.is_none());
        let http = http.and_then(|_| Answer::parse(&answer.payload));
        let failure = match &http {
            _ if answer.error.is_some() => Some(FunctionFailed::Failed),
            Some(answer) if answer.status >= 500 => Some(FunctionFailed::Answered(answer.status)),
            _ => None,
        };
        let result: Value = serde_json::from_slice(&answer.payload).unwrap_or(Value::Null);
        if self.json {
            print_json(&answer_json(&answer, &result))?;
        } else {
            let view = view(&project, stage);
            print_log(common, &view, &answer);
            match (mode, &http) {
                _ if answer.error.is_some() => print_failure(common, &view, &result),
                (InvokeMode::NoWait, _) => common.terminal.say("the function was called and will run by itself"),
                (InvokeMode::DryRun, _) => common.terminal.say("the call would be allowed"),
                (InvokeMode::Wait, Some(answer)) => self.print_answer(common, answer)?,
                (InvokeMode::Wait, None) => match &result {
                    Value::String(text) => print(text)?,
                    other => print_json(other)?,
                },
            }
        }
        failure.map_or(Ok(()), |failure| Err(failure.into()))
    }

    /// The body on the standard output. With `--include` the status and the headers before it, else the status beside.
    fn print_answer(&self, common: &Common, answer: &Answer) -> Result<()> {
        let status = status_line(answer.status);
        if self.include {
            print(&format!("HTTP/1.1 {status}"))?;
            for (name, value) in &answer.headers {
                print(&printable(&format!("{name}: {value}")))?;
            }
            print("")?;
        } else {
            common.terminal.say(&status);
        }
        let mut stdout = std::io::stdout().lock();
        if !stdout.is_terminal() {
            return Ok(stdout.write_all(&answer.body)?);
        }
        match std::str::from_utf8(&answer.body) {
            Ok("") => Ok(()),
            Ok(text) => print(printable(text).trim_end_matches('\n')),
            Err(_) => {
                let message = format!("the answer's body is {} bytes that are no text", answer.body.len());
                Err(Report::usage(message, "send it to a file: `slam invoke … > FILE`"))
            }
        }
    }
}

/// An event from a file.
fn event_of(path: &str) -> Result<Value> {
    serde_json::from_slice(&read(path)?).map_err(|error| {
        let message = format!("the event in {path} is not valid JSON: {error}");
        Report::usage(message, "`slam events generate s3 put > event.json` makes one")
    })
}

/// The event of a request, as it would come by the URL that `slam status` prints.
async fn event(cloud: &Cloud, session: &Session<'_>, request: &Request, stage: &str) -> Result<Value> {
    let status = slam_stack::status::status(session).await?;
    let endpoint = status.stages.iter().find(|known| known.name == stage).and_then(|stage| stage.endpoint.as_deref());
    let url = endpoint.map(|endpoint| cloud.reachable(endpoint));
    let api = Api { id: status.api_id.as_deref().unwrap_or("none"), stage, url: url.as_deref() };
    let now = jiff::Timestamp::now();
    let id = format!("{:08x}-0000-4000-8000-{:012x}", std::process::id(), now.as_millisecond() & 0xffff_ffff_ffff);
    let (Some(endpoint), Some(url), None) = (endpoint, &url, &status.api_id) else {
        return Ok(request.event(&api, &id, now));
    };
    let host = payload_v2::Host { name: host_of(endpoint), opened: host_of(url) };
    Ok(payload_v2::event(request, &host, &id, now))
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// Why a web application cannot be called as a function is, and how it can be reached.
async fn web(cloud: &Cloud, session: &Session<'_>, function: &Function, stage: &str) -> Report {
    let status = slam_stack::status::status(session).await.ok();
    let url = status.and_then(|status| {
        let stage = status.stages.into_iter().find(|known| known.name == stage)?;
        Some(cloud.reachable(&stage.endpoint?))
    });
    let name = function.name.as_ref().map_or(String::new(), |name| format!(" --function {name}"));
    let example = format!("`slam invoke{name} GET /`");
    let hint = url.map_or_else(|| example.clone(), |url| format!("{example}, or open {url}"));
    Report::usage("this is a web application: it takes a method and a path, and no arguments", hint)
}

/// Whether a function takes arguments alone: it is a callable of Python's, and no path of the API leads to it.
fn is_plain(function: &Function) -> bool {
    let takes_arguments = matches!(&function.code, Code::App { kind: Kind::Function, .. });
    takes_arguments && function.path.is_none()
}

/// Why a request cannot be sent to a function that takes arguments, and how it is called.
fn plain(request: &Request, function: &Function) -> Report {
    let message = format!("this is a plain function: it takes arguments, and no {}", request.method);
    let name = function.name.as_ref().map_or(String::new(), |name| format!(" --function {name}"));
    Report::usage(message, format!("for example `slam invoke{name} number:=15 word=hello`"))
}

/// "404 Not Found"
fn status_line(status: u16) -> String {
    let reason = ::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

/// What the function wrote, without Lambda's own lines and without the error that is printed anyway.
fn print_log(common: &Common, view: &LogView<'_>, answer: &Invocation) {
    let log = whole_lines(common, answer.log.as_deref().unwrap_or_default());
    let is_error = |text: &str| answer.error.is_some() && text.starts_with("[ERROR] ");
    let mut lines: Vec<Line> = Vec::new();
    let mut in_error = false;
    for text in log.lines() {
        let platform = platform::parse(text).is_some();
        in_error = is_error(text) || (in_error && !platform);
        if !in_error && !slam_stack::logs::requests::is_adapters(text) && !text.is_empty() {
            lines.push(Line { at: 0, text: text.to_owned(), platform });
        }
    }
    for line in view.lines(&lines, None) {
        common.terminal.pass_on(&line);
    }
}

/// Of a longer log Lambda gives so many bytes, wherever they begin.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_ResponseElements>
const LOG_TAIL: usize = 4_096;

/// The log from its first whole line on, and word of what is missing.
fn whole_lines<'l>(common: &Common, log: &'l str) -> &'l str {
    let begins = matches!(
        log.lines().next().and_then(platform::parse),
        Some(platform::Platform::Start { .. } | platform::Platform::InitStart)
    );
    if log.len() < LOG_TAIL || begins {
        return log;
    }
    common.terminal.say("… the log begins before this: `slam logs` has all of it");
    log.split_once('\n').map_or(log, |(_, whole)| whole)
}
