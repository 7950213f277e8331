//! SNS topics, one of each per stage.

use crate::draft::Draft;
use crate::ids::topic_id;
use serde_json::json;

pub fn add(draft: &mut Draft<'_>) {
    for stage in draft.stages.clone() {
        for topic in &draft.project.topics {
            let mut properties = json!({"TopicName": topic.name_in(&stage.name)});
            if topic.fifo {
                properties["FifoTopic"] = json!(true);
            }
            if topic.content_deduplication {
                properties["ContentBasedDeduplication"] = json!(true);
            }
            draft.resource(topic_id(&stage.name, &topic.name), "AWS::SNS::Topic", properties);
        }
    }
}
