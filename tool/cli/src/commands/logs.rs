//! `slam logs`: what the functions of a stage wrote.

use super::Common;
use super::period::{Period, period};
use super::target::{Cloud, deployment_of, load, named_function};
use crate::terminal::{self, LogView, print};
use clap::Args;
use slam_report::Result;
use slam_stack::logs::platform::{self, Platform};
use slam_stack::logs::requests::{Request, Requests};
use slam_stack::logs::{LogLine, LogReader, Source};
use slam_stack::progress::Silent;
use std::time::Duration;

/// Show the logs of a stage: a line for each request, and what it wrote
#[derive(Args)]
#[command(after_help = "At a terminal there is colour; NO_COLOR=1 turns it off and CLICOLOR_FORCE=1 on, for a pager.")]
pub struct Logs {
    /// The stage; the development stage when left out
    #[arg(long, add = super::complete::stages())]
    stage: Option<String>,
    /// Only this function below `functions` in slam.yaml; all when left out
    #[arg(long, value_name = "NAME", add = super::complete::functions())]
    function: Option<String>,
    /// How far back: a number and s, m, h, d or w
    #[arg(short, long, default_value = "1h", value_parser = period)]
    period: Period,
    /// Go on showing new lines until Ctrl-C
    #[arg(short, long)]
    tail: bool,
    /// Show Lambda's own lines as well, and API Gateway's
    #[arg(long)]
    platform: bool,
    /// Print each line as it is, in a JSON object
    #[arg(long)]
    json: bool,
}

impl Logs {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let (stage, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let cloud = Cloud::find(common, &deployment).await?;
        cloud.tell(&common.terminal, "target");
        let session = cloud.session(&project, &Silent);
        let now = jiff::Timestamp::now().as_millisecond();
        let since = now.saturating_sub(i64::try_from(self.period.length.as_millis()).unwrap_or(i64::MAX));
        let functions: Vec<Option<&str>> = match &self.function {
            Some(name) => vec![named_function(&project, name)?.name.as_deref()],
            None => project.all_functions().map(|function| function.name.as_deref()).collect(),
        };
        let mut reader = LogReader::open(&session, stage, &functions, since).await?;
        // AWS counts requests to the logs; the embedded cloud does not. A request that takes longer than a few seconds
        // is told in pieces.
        let (pause, patience) =
            if cloud.embedded.is_some() { (Duration::from_millis(200), 10) } else { (Duration::from_secs(3), 1) };
        let view = LogView {
            project: &project,
            stage,
            several: functions.len() > 1,
            platform: self.platform,
            width: terminal::width(),
        };
        let mut requests = Requests::default();
        let (mut silent, mut again) = (true, !self.tail);
        loop {
            while let Some(line) = reader.next(&session).await? {
                silent &= !self.show(&view, &mut requests, line)?;
            }
            if again && requests.may_end(jiff::Timestamp::now().as_millisecond().saturating_sub(JUST_NOW)) {
                // What happened just now is not in the logs yet to its end.
                again = false;
                tokio::time::sleep(if cloud.embedded.is_some() { SOON_HERE } else { SOON_ON_AWS }).await;
                continue;
            }
            if !self.tail {
                break;
            }
            for request in requests.running(patience) {
                tell(&view, &request)?;
            }
            if std::mem::take(&mut silent) {
                common.terminal.say(&format!("no log lines of {stage} in the last {}; waiting", self.period.text));
            }
            tokio::select! {
                _ = tokio::signal::ctrl_c() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        for request in requests.rest() {
            silent &= !tell(&view, &request)?;
        }
        if silent && !self.tail {
            let longer = if self.period.length < DAY { "`--period 1d` looks further back" } else { "" };
            let text = format!("no log lines of {stage} in the last {}: {longer}", self.period.text);
            common.terminal.say(text.trim_end_matches(": "));
        }
        Ok(())
    }

    /// Takes a line, and shows what is complete with it; whether there is something to show, now or once it is complete.
    fn show(&self, view: &LogView<'_>, requests: &mut Requests, line: LogLine) -> Result<bool> {
        if self.json {
            let object = serde_json::json!({
                "timestamp": line.at, "group": line.group, "stream": line.stream, "message": line.message,
            });
            print(&object.to_string())?;
            return Ok(true);
        }
        if line.source == Source::Api {
            // What API Gateway itself failed at, no function tells.
            let shown = self.platform || line.message.contains(") Execution failed due to ");
            if shown {
                print(&view.line(&line))?;
            }
            return Ok(shown);
        }
        // That an environment starts says nothing by itself.
        let says = self.platform || platform::parse(&line.message) != Some(Platform::InitStart);
        for request in requests.add(line) {
            tell(view, &request)?;
        }
        Ok(says)
    }
}

/// Shows a request; whether there was anything to show.
fn tell(view: &LogView<'_>, request: &Request) -> Result<bool> {
    let shown = view.request(request);
    shown.iter().try_for_each(|text| print(text))?;
    Ok(shown.is_some())
}

/// A request that wrote so lately may have ended since, in milliseconds.
const JUST_NOW: i64 = 2_000;
/// How long its end takes to arrive in the logs.
const SOON_HERE: Duration = Duration::from_millis(300);
const SOON_ON_AWS: Duration = Duration::from_secs(2);

const DAY: Duration = Duration::from_secs(86_400);
