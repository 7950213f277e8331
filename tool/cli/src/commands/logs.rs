//! `slam logs`: what the functions of a stage wrote.

use super::target::{Cloud, deployment_of, load, named_function};
use super::{Common, UsageError};
use crate::terminal::print;
use anyhow::Result;
use clap::Args;
use slam_stack::logs::{LogLine, LogReader};
use slam_stack::progress::Silent;
use std::time::Duration;

/// Show the logs of a stage
#[derive(Args)]
pub struct Logs {
    /// The stage; the development stage when left out
    #[arg(long)]
    stage: Option<String>,
    /// Only this function below `functions` in slam.yaml; all when left out
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    /// How far back: a number and s, m, h, d or w
    #[arg(short, long, default_value = "1m", value_parser = period)]
    period: Duration,
    /// Go on showing new lines until Ctrl-C
    #[arg(short, long)]
    tail: bool,
    /// Print one JSON object per line
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
        let since = now.saturating_sub(i64::try_from(self.period.as_millis()).unwrap_or(i64::MAX));
        let functions: Vec<Option<&str>> = match &self.function {
            Some(name) => vec![named_function(&project, name)?.name.as_deref()],
            None => project.all_functions().map(|function| function.name.as_deref()).collect(),
        };
        let mut reader = LogReader::open(&session, stage, &functions, since).await?;
        // AWS counts requests to the logs; the embedded cloud does not.
        let pause = if cloud.embedded.is_some() { Duration::from_millis(200) } else { Duration::from_secs(3) };
        loop {
            for line in reader.read(&session).await? {
                self.print(&line)?;
            }
            if !self.tail {
                return Ok(());
            }
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(()),
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn print(&self, line: &LogLine) -> Result<()> {
        if self.json {
            let object = serde_json::json!({
                "timestamp": line.at, "group": line.group, "stream": line.stream, "message": line.message,
            });
            return print(&object.to_string());
        }
        let time = jiff::Timestamp::from_millisecond(line.at)?.to_zoned_datetime(jiff::tz::TimeZone::system());
        print(&format!("{} {}", time.strftime("%H:%M:%S%.3f"), printable(&line.message)))
    }
}

/// A function's output may hold what moves a terminal's cursor or changes its title: shown, not obeyed.
fn printable(message: &str) -> String {
    let visible = |character: char| match character {
        '\t' | '\n' => character.to_string(),
        control if control.is_control() => control.escape_default().to_string(),
        other => other.to_string(),
    };
    message.chars().map(visible).collect()
}

pub fn period(text: &str) -> Result<Duration, UsageError> {
    let wrong = || UsageError::new(format!("`{text}` is no period"), "write 30s, 5m, 2h, 1d or 1w");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        assert_eq!(period("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(period("1w").unwrap(), Duration::from_secs(604_800));
        for wrong in ["", "m", "5", "5y", "-1m", "99999999999999999999d"] {
            assert!(period(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn escape_sequences_are_shown() {
        assert_eq!(printable("a\u{1b}[2Jb\tc"), "a\\u{1b}[2Jb\tc");
    }
}
