//! Commands that run inside a function: `slam invoke --raw` and `slam manage`.

use super::answer::{answer_json, print_failure, view};
use super::target::{Cloud, deployment_of};
use super::{Common, FunctionFailed};
use crate::terminal::{print, print_json};
use serde_json::{Value, json};
use slam_project::{Code, Function, Project};
use slam_report::{Report, Result};
use slam_stack::invoke::{InvokeMode, invoke};
use slam_stack::progress::Silent;
use std::io::Write;

/// What runs where.
pub struct Call<'a> {
    /// The function.
    pub function: &'a Function,
    /// The stage; the development stage when `None`.
    pub stage: Option<&'a str>,
    /// What the adapter's `commands.py` understands.
    pub command: Value,
}

/// Runs a command and prints what it wrote. Its exit code decides this one's.
pub async fn run(common: &Common, project: &Project, call: &Call<'_>, json: bool) -> Result<()> {
    if matches!(call.function.code, Code::Handler(_)) {
        let message = "this function is Lambda's own handler, which has no adapter to run commands";
        return Err(Report::usage(message, "commands are for functions with `app` in slam.yaml"));
    }
    if !project.commands {
        let message = format!("{} does not allow commands to run in the functions", project.path().display());
        let hint =
            "add `commands: true` and deploy; whoever may invoke the function can then run any code with its role";
        return Err(Report::usage(message, hint));
    }
    let (stage, deployment) = deployment_of(project, call.stage)?;
    let cloud = Cloud::connect(common, &deployment).await?;
    let payload = json!({ "slam.command": call.command });
    let name = call.function.name.as_deref();
    let answer = invoke(&cloud.session(project, &Silent), name, stage, &payload, InvokeMode::Wait).await?;
    let result: Value = serde_json::from_slice(&answer.payload).unwrap_or(Value::Null);
    if json {
        print_json(&answer_json(&answer, &result))?;
    } else if answer.error.is_some() {
        print_failure(common, &view(project, stage), &result);
    } else {
        let output = result["output"].as_str().unwrap_or_default();
        match output.strip_suffix('\n') {
            Some(lines) => print(lines)?,
            None => write!(anstream::stdout().lock(), "{output}")?,
        }
    }
    match result["exit_code"].as_i64() {
        Some(0) if answer.error.is_none() => Ok(()),
        Some(code) if answer.error.is_none() => Err(FunctionFailed::Ended(code).into()),
        _ => Err(FunctionFailed::Failed.into()),
    }
}
