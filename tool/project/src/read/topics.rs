//! SNS topics.

use super::{Reading, names, queues};
use crate::environment::topic_variable;
use crate::model::Topic;
use crate::project::Project;
use crate::yaml::Node;

/// The longest name of a topic. <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>
const MAX_NAME: usize = 256;

pub(super) fn topics(reading: &mut Reading<'_>) -> Vec<Topic> {
    let entries = reading.root.get("topics").map(Node::entries).unwrap_or_default();
    let mut topics = Vec::new();
    for (name, node) in entries {
        queues::check_name(reading, name, "topic");
        let flag = |key: &str| node.get(key).and_then(Node::flag).unwrap_or(false);
        let fifo = flag("fifo");
        if let Some(value) = node.get("content_deduplication").filter(|value| !fifo && value.flag() == Some(true)) {
            reading
                .error(value, "`content_deduplication` is for FIFO topics alone")
                .hints
                .push("add `fifo: true`, or remove it".to_owned());
        }
        let content_deduplication = flag("content_deduplication");
        topics.push(Topic { name: name.key().to_owned(), fifo, content_deduplication });
    }
    topics
}

pub(super) fn check(reading: &mut Reading<'_>, project: &Project) {
    let name = |topic: &Topic, stage: &str| topic.name_in(stage);
    let own = project.topics.iter().map(|topic| (topic.name.as_str(), topic));
    names::check(
        reading,
        project,
        names::Kind { what: "topic", key: "topics", most: MAX_NAME, variable: topic_variable },
        own,
        name,
    );
}
