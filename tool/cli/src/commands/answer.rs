//! What an invoked function answered, for people and for programs.

use super::Common;
use crate::terminal::LogView;
use serde_json::{Value, json};
use slam_project::Project;
use slam_stack::invoke::Invocation;
use slam_stack::logs::requests::Line;

/// How the log of one invocation is shown.
pub fn view<'a>(project: &'a Project, stage: &'a str) -> LogView<'a> {
    LogView { project, stage, several: false, platform: false, width: None }
}

/// What `--json` prints of an invocation.
pub fn answer_json(answer: &Invocation, result: &Value) -> Value {
    json!({
        "status": answer.status, "version": answer.version, "error": answer.error, "result": result,
        "log": answer.log,
    })
}

/// An error as Python prints it, from Lambda's error form; what Lambda itself tells in words.
pub fn print_failure(common: &Common, view: &LogView<'_>, error: &Value) {
    let kind = error["errorType"].as_str().unwrap_or("error");
    let message = error["errorMessage"].as_str().unwrap_or_default();
    if let Some((_, after)) = message.split_once("Task timed out after ") {
        let seconds = after.split(['.', ' ']).next().unwrap_or_default();
        common.terminal.say(&format!("timed out after {seconds} s: `timeout` in slam.yaml gives it longer"));
        return;
    }
    if kind == "Runtime.OutOfMemory" || message.ends_with("Runtime exited with error: signal: killed") {
        common.terminal.say("the function was ended for its memory: `memory` in slam.yaml gives it more");
        return;
    }
    let trace = error["stackTrace"].as_array().map_or(&[][..], Vec::as_slice);
    let mut text = String::new();
    if !trace.is_empty() {
        text.push_str("Traceback (most recent call last):\n");
        trace.iter().filter_map(Value::as_str).for_each(|frame| text = format!("{text}{}\n", frame.trim_end()));
    }
    let message =
        message.strip_prefix("RequestId: ").and_then(|rest| rest.split_once(" Error: ")).map_or(message, |it| it.1);
    text.push_str(&format!("{kind}: {message}"));
    for line in view.lines(&[Line { at: 0, text, platform: false }], None) {
        common.terminal.pass_on(&line);
    }
}
