//! Variables whose values only the cloud knows, such as the URL of a queue.
//!
//! They stand in the middle of the text in which slam keeps the variables of all stages, so each is marked there first, by the
//! logical id that gives it, and the whole text becomes a `Fn::Sub`.

use crate::ids::{queue_id, tasks_queue_id, topic_id};
use serde_json::{Value, json};
use slam_project::{InCloud, Stage};

/// A character for private use, which stands on both sides of a mark.
const MARK: char = '\u{E000}';

/// What stands for a value until the template has it.
pub fn mark(stage: &Stage, of: InCloud<'_>) -> String {
    match of {
        InCloud::QueueUrl(queue) => format!("{MARK}{}{MARK}", queue_id(&stage.name, &queue.name)),
        InCloud::TasksUrl(_, function) => {
            format!("{MARK}{}{MARK}", tasks_queue_id(&stage.name, function.name.as_deref()))
        }
        InCloud::TopicArn(topic) => format!("{MARK}{}{MARK}", topic_id(&stage.name, &topic.name)),
        // A bucket may need the function, so it is named and not referred to.
        InCloud::BucketName(project, bucket) => {
            format!("{}{MARK}AWS::AccountId{MARK}", bucket.name_in(&project.name, &stage.name))
        }
    }
}

/// A variable's value, as the template says it.
pub fn value(text: String) -> Value {
    if !text.contains(MARK) {
        return Value::String(text);
    }
    let (mut result, mut rest) = (String::new(), &*text);
    while let Some((before, after)) = rest.split_once(MARK) {
        result += &before.replace("${", "${!");
        let marked = after.split_once(MARK).filter(|(id, _)| is_reference(id));
        rest = match marked {
            Some((id, after)) => {
                result += &format!("${{{id}}}");
                after
            }
            // The user's own.
            None => {
                result.push(MARK);
                after
            }
        };
    }
    result += &rest.replace("${", "${!");
    json!({"Fn::Sub": result})
}

fn is_reference(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_marked_is_looked_up() {
        assert_eq!(value("a ${B}".to_owned()), json!("a ${B}"));
        let marked = format!("{{\"A\": \"${{B}}\", \"Q\": \"{MARK}DevMailQueue{MARK}\", \"R\": \"{MARK}X{MARK}\"}}");
        let expected = json!({"Fn::Sub": r#"{"A": "${!B}", "Q": "${DevMailQueue}", "R": "${X}"}"#});
        assert_eq!(value(marked), expected);
        let others = format!("{MARK} {MARK}{MARK}DevMailQueue{MARK}");
        assert_eq!(value(others), json!({"Fn::Sub": format!("{MARK} {MARK}${{DevMailQueue}}")}));
    }
}
