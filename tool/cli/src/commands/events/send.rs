//! `slam events send`: something that sets functions going, as it comes to them anyway.

use crate::commands::Common;
use crate::commands::period::{Period, period};
use crate::commands::target::{Cloud, deployment_of, load};
use crate::commands::words::said;
use crate::terminal::print;
use clap::{Args, Subcommand};
use slam_aws::{BusEvent, Message};
use slam_project::{Bucket, Project, Queue, Topic};
use slam_report::{Report, Result};
use slam_stack::events;
use slam_stack::progress::Silent;
use std::path::{Path, PathBuf};

/// Send a message to a queue or a topic, a file to a bucket, or an event to a bus; print its id
#[derive(Args)]
#[command(
    after_help = "What is sent is a text, JSON, `@file` (`@-` is the standard input), or `name=text` and `name:=json` for an \
                        object of JSON: `slam events send queue mail to=zoe attempts:=3`."
)]
pub struct Send {
    #[command(subcommand)]
    what: What,
    /// The stage; the development stage when left out
    #[arg(long, global = true, add = super::super::complete::stages())]
    stage: Option<String>,
}

#[derive(Subcommand)]
enum What {
    /// A message to a queue of slam.yaml
    Queue(ToQueue),
    /// A message to a topic of slam.yaml
    Topic(ToTopic),
    /// A file to a bucket of slam.yaml; its place is printed
    Bucket(ToBucket),
    /// An event to a bus of EventBridge
    Event(ToBus),
}

#[derive(Args)]
struct ToQueue {
    /// The queue, as slam.yaml names it
    name: String,
    /// What it says
    #[arg(required = true, value_name = "BODY")]
    body: Vec<String>,
    #[command(flatten)]
    more: Beside,
    /// Deliver it after so long: `30s`, `5m`
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    delay: Option<Period>,
}

#[derive(Args)]
struct ToTopic {
    /// The topic, as slam.yaml names it
    name: String,
    /// What it says
    #[arg(required = true, value_name = "BODY")]
    body: Vec<String>,
    #[command(flatten)]
    more: Beside,
    /// What it is about, for those who get it by mail
    #[arg(long)]
    subject: Option<String>,
}

#[derive(Args)]
struct ToBucket {
    /// The bucket, as slam.yaml names it
    name: String,
    /// What is put into it
    file: PathBuf,
    /// The object's key; the file's name when left out
    #[arg(long)]
    key: Option<String>,
}

/// What messages have beside their text.
#[derive(Args)]
struct Beside {
    /// The group that keeps its order
    #[arg(long)]
    group: Option<String>,
    /// What makes it the same message as another one
    #[arg(long, value_name = "ID")]
    deduplication: Option<String>,
    /// A message attribute: `name=text`
    #[arg(long = "attribute", value_name = "ATTRIBUTE")]
    attributes: Vec<String>,
}

#[derive(Args)]
struct ToBus {
    /// Who tells of it: `com.example.shop`
    source: String,
    /// What kind of thing happened: `OrderPlaced`
    detail_type: String,
    /// What happened: an object of JSON
    #[arg(required = true, value_name = "DETAIL")]
    detail: Vec<String>,
    /// The bus, by its name or ARN; the account's own when left out
    #[arg(long)]
    bus: Option<String>,
}

impl Send {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let (stage, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let cloud = Cloud::find(common, &deployment).await?;
        cloud.tell(&common.terminal, "target");
        let session = cloud.session(&project, &Silent);
        let id = match &self.what {
            What::Queue(to) => {
                let queue = queue_of(&project, &to.name)?;
                let delay = to.delay.as_ref().map(|period| period.length.as_secs());
                events::send(&session, stage, queue, &to.more.message(&to.body)?, delay).await?
            }
            What::Topic(to) => {
                let topic = topic_of(&project, &to.name)?;
                let message = to.more.message(&to.body)?;
                events::publish(&session, stage, topic, &message, to.subject.as_deref()).await?
            }
            What::Bucket(to) => {
                let bucket = bucket_of(&project, &to.name)?;
                let key = to.key.clone().map_or_else(|| key_of(&to.file), Ok)?;
                let object = (&*key, &*slam_bundle::content_type(&key));
                let name = events::put_object(&session, stage, bucket, object, &to.file).await?;
                format!("s3://{name}/{key}")
            }
            What::Event(to) => {
                let event = BusEvent {
                    bus: to.bus.clone(),
                    source: to.source.clone(),
                    detail_type: to.detail_type.clone(),
                    detail: text(&to.detail)?,
                };
                events::put_event(&session, &event).await?
            }
        };
        print(&id)
    }
}

impl Beside {
    fn message(&self, body: &[String]) -> Result<Message> {
        let attributes = self.attributes.iter().map(|attribute| match attribute.split_once('=') {
            Some((name, text)) if !name.is_empty() => Ok((name.to_owned(), text.to_owned())),
            _ => Err(Report::usage(
                format!("the attribute `{attribute}` is not `name=text`"),
                "for example `--attribute kind=mail`",
            )),
        });
        let attributes = attributes.collect::<Result<_>>()?;
        let (group, deduplication) = (self.group.clone(), self.deduplication.clone());
        Ok(Message { body: text(body)?, group, deduplication, attributes })
    }
}

/// What words say, which must be text.
fn text(words: &[String]) -> Result<String> {
    let not_text = |_| Report::usage("what is to be sent is no text", "encode bytes, in base64 for example");
    String::from_utf8(said(words)?).map_err(not_text)
}

/// A queue by its name in slam.yaml.
pub(super) fn queue_of<'p>(project: &'p Project, name: &str) -> Result<&'p Queue> {
    named(project, "queue", &project.queues, |queue| &queue.name, name)
}

fn topic_of<'p>(project: &'p Project, name: &str) -> Result<&'p Topic> {
    named(project, "topic", &project.topics, |topic| &topic.name, name)
}

fn bucket_of<'p>(project: &'p Project, name: &str) -> Result<&'p Bucket> {
    named(project, "bucket", &project.buckets, |bucket| &bucket.name, name)
}

fn named<'p, T>(
    project: &Project,
    what: &str,
    all: &'p [T],
    name_of: impl Fn(&'p T) -> &'p str,
    name: &str,
) -> Result<&'p T> {
    all.iter().find(|&one| name_of(one) == name).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(&name_of).collect();
        let hint = match &names[..] {
            [] => format!("`{what}s` in slam.yaml has none"),
            names => format!("the {what}s are {}", names.join(", ")),
        };
        Report::usage(format!("there is no {what} `{name}` in {}", project.path().display()), hint)
    })
}

/// The key that an object has by its file's name.
fn key_of(file: &Path) -> Result<String> {
    let name = file.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).ok_or_else(|| {
        let message = format!("{} has no name that an object could have", file.display());
        Report::usage(message, "`--key` gives it one")
    })
}
