//! `slam invoke`: call a function.

use super::remote::{self, Call};
use super::target::{Cloud, deployment_of, function_of, load};
use super::{Common, FunctionFailed, UsageError};
use crate::terminal::{print, print_json};
use anyhow::Result;
use clap::Args;
use serde_json::{Map, Value, json};
use slam_project::Code;
use slam_stack::invoke::{Invocation, InvokeMode, invoke};
use slam_stack::progress::Silent;

/// Call a function of a stage
#[derive(Args)]
#[command(
    after_help = "An argument is `name=text` or `name:=json`: `slam invoke number:=15 word=hello`. A Python function is \
                  called with them; Lambda's own handler (`handler` in slam.yaml) gets them as its event."
)]
pub struct Invoke {
    /// Arguments of the function
    #[arg(value_name = "NAME=TEXT|NAME:=JSON")]
    arguments: Vec<String>,
    /// The stage; the development stage when left out
    #[arg(long)]
    stage: Option<String>,
    /// A function below `functions` in slam.yaml; the project's own when left out
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    /// Run Python source in the function instead of calling it, and print what it prints; `commands: true` in slam.yaml
    /// allows it
    #[arg(long, value_name = "CODE", conflicts_with_all = ["arguments", "nowait", "dry_run"])]
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
        let arguments = keyword_arguments(&self.arguments)?;
        let project = load(common)?;
        let name = self.function.as_deref();
        let function = function_of(&project, name)?;
        if let Some(code) = &self.raw {
            let call = Call { function, stage: self.stage.as_deref(), command: json!({ "raw": code }) };
            return remote::run(common, &project, &call, self.json).await;
        }
        let payload = match function.code {
            Code::App { .. } => json!({ "kwargs": arguments }),
            Code::Handler(_) => Value::Object(arguments),
        };
        let (stage, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let cloud = Cloud::connect(common, &deployment).await?;
        let mode = match (self.nowait, self.dry_run) {
            (true, _) => InvokeMode::NoWait,
            (_, true) => InvokeMode::DryRun,
            _ => InvokeMode::Wait,
        };
        let answer = invoke(&cloud.session(&project, &Silent), name, stage, &payload, mode).await?;
        let result: Value = serde_json::from_str(&answer.payload).unwrap_or(Value::Null);
        if self.json {
            print_json(&answer_json(&answer, &result))?;
        } else if answer.error.is_some() {
            print_failure(common, &result);
        } else {
            match mode {
                InvokeMode::Wait => match &result {
                    Value::String(text) => print(text)?,
                    other => print_json(other)?,
                },
                InvokeMode::NoWait => common.terminal.say("the function was called and will run by itself"),
                InvokeMode::DryRun => common.terminal.say("the call would be allowed"),
            }
        }
        if answer.error.is_some() { Err(FunctionFailed.into()) } else { Ok(()) }
    }
}

/// What `--json` prints of an invocation.
pub(super) fn answer_json(answer: &Invocation, result: &Value) -> Value {
    json!({
        "status": answer.status, "version": answer.version, "error": answer.error, "result": result,
        "log": answer.log,
    })
}

/// The traceback as Python prints it, from Lambda's error form.
pub(super) fn print_failure(common: &Common, error: &Value) {
    let trace = error["stackTrace"].as_array().map_or(&[][..], Vec::as_slice);
    if !trace.is_empty() {
        common.terminal.say("Traceback (most recent call last):");
        for frame in trace.iter().filter_map(Value::as_str) {
            common.terminal.say(frame.trim_end());
        }
    }
    let kind = error["errorType"].as_str().unwrap_or("error");
    common.terminal.say(&format!("{kind}: {}", error["errorMessage"].as_str().unwrap_or_default()));
}

fn keyword_arguments(arguments: &[String]) -> Result<Map<String, Value>, UsageError> {
    let mut result = Map::new();
    for argument in arguments {
        // `:=` stands before `=`, so it is looked for first; a text may hold either.
        let parsed = match (argument.split_once(":="), argument.split_once('=')) {
            (Some((name, json)), Some((before, _))) if before.len() > name.len() => {
                let value = serde_json::from_str(json).map_err(|error| {
                    UsageError::new(
                        format!("the argument `{argument}` is not valid JSON after `:=`: {error}"),
                        format!("for a text write `{name}={json}`"),
                    )
                })?;
                Some((name, value))
            }
            (_, Some((name, text))) => Some((name, Value::from(text))),
            _ => None,
        };
        match parsed {
            Some((name, value)) if !name.is_empty() => result.insert(name.to_owned(), value),
            _ => {
                let message = format!("the argument `{argument}` is neither `name=text` nor `name:=json`");
                return Err(UsageError::new(message, "for example `slam invoke number:=15 word=hello`"));
            }
        };
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str], expected: Value) {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        assert_eq!(Value::Object(keyword_arguments(&arguments).unwrap()), expected);
    }

    #[test]
    fn texts_and_json() {
        check(&["number:=15", "word=hello"], json!({ "number": 15, "word": "hello" }));
    }

    #[test]
    fn a_text_may_hold_the_other_sign() {
        check(&["a=b:=c", "url=http://x/?q=1"], json!({ "a": "b:=c", "url": "http://x/?q=1" }));
    }

    #[test]
    fn broken_ones_are_refused() {
        for argument in ["number:=fifteen", "word", "=x"] {
            assert!(keyword_arguments(&[argument.to_owned()]).is_err(), "{argument}");
        }
    }
}
