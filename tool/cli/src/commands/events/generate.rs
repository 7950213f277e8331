//! `slam events generate`: an event as AWS sends it, for tests and for `slam invoke`.

use crate::terminal::{print, print_json};
use clap::Args;
use slam_events::{Sample, SampleError, samples};
use slam_report::{Report, Result};
use std::collections::BTreeMap;

/// Print a sample event, as AWS sends it to functions
#[derive(Args)]
#[command(after_help = "Without an event: what there is. `slam events generate s3` lists the events of S3 with their \
                        arguments, `slam events generate s3 put bucket=photos key=cat.png` prints one, and \
                        `slam events generate s3 put | slam invoke --function thumbnails @-` calls a function with it.")]
pub struct Generate {
    /// The service that sends it: `s3`
    source: Option<String>,
    /// What it tells: `put`
    event: Option<String>,
    /// What it is to say: `name=text`
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

impl Generate {
    /// Runs the command.
    pub fn run(&self) -> Result<()> {
        match (&self.source, &self.event) {
            (Some(source), Some(event)) => {
                let sample = slam_events::find(source, event).map_err(|error| refusal(&error, source))?;
                let event = sample.event(&arguments(&self.arguments)?).map_err(|error| refusal(&error, source))?;
                print_json(&event)
            }
            (Some(source), None) => match samples().get(source) {
                Some(events) => list(events),
                // Which is told as it is for an event of it.
                None => slam_events::find(source, "").map(drop).map_err(|error| refusal(&error, source)),
            },
            (None, _) => samples().iter().try_for_each(|(source, events)| {
                let names: Vec<&str> = events.keys().map(String::as_str).collect();
                print(&format!("{source:<17} {}", names.join(" ")))
            }),
        }
    }
}

/// The events of a source: a line for each, and one for its arguments.
fn list(events: &BTreeMap<String, Sample>) -> Result<()> {
    let width = events.keys().map(String::len).max().unwrap_or_default();
    for (name, sample) in events {
        print(&format!("{name:<width$}  {}", sample.what))?;
        if !sample.arguments.is_empty() {
            let shown = |(name, value): (&String, &serde_json::Value)| format!("{name}={}", quoted(value));
            let arguments: Vec<String> = sample.arguments.iter().map(shown).collect();
            print(&format!("{:width$}  {}", "", arguments.join(" ")))?;
        }
    }
    Ok(())
}

/// As it can be typed.
fn quoted(value: &serde_json::Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./:".contains(letter));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn arguments(given: &[String]) -> Result<BTreeMap<String, String>> {
    let mut arguments = BTreeMap::new();
    for argument in given {
        let Some((name, text)) = argument.split_once('=') else {
            let message = format!("the argument `{argument}` is not `name=text`");
            return Err(Report::usage(message, "for example `slam events generate s3 put key=cat.png`"));
        };
        arguments.insert(name.to_owned(), text.to_owned());
    }
    Ok(arguments)
}

fn refusal(error: &SampleError, source: &str) -> Report {
    let meant =
        |near: &Option<String>| near.as_ref().map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let hint = match error {
        SampleError::UnknownSource { near, .. } => {
            format!("{}`slam events generate` lists all sources", meant(near))
        }
        SampleError::UnknownEvent { near, .. } => {
            format!("{}`slam events generate {source}` lists its events", meant(near))
        }
        SampleError::UnknownArgument { known, .. } if known.is_empty() => "it takes none".to_owned(),
        SampleError::UnknownArgument { known, .. } => format!("it takes {}", known.join(", ")),
        SampleError::NoJson { name, .. } => format!("for example `{name}='{{\"order\": 17}}'`"),
    };
    Report::usage(error.to_string(), hint)
}
