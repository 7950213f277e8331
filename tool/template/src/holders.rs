//! Queues and buckets, whose content goes with them.
//!
//! Unlike tables they are not left behind: a deployment that would take one along with what is in it is refused, and `slam
//! delete` says how much it is.

use crate::template::Template;
use serde_json::{Value, json};

/// A queue or a bucket of slam.yaml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its logical id.
    pub logical_id: String,
    /// Where slam.yaml declares it: `queues` or `buckets`.
    pub section: String,
    /// Its name there.
    pub name: String,
}

/// A resource that holds something, with a note of what it is.
pub fn resource(kind: &str, section: &str, name: &str, properties: Value) -> Value {
    let metadata = json!({"Slam": {"Holds": {"Section": section, "Name": name}}});
    json!({"Type": kind, "Metadata": metadata, "Properties": properties})
}

impl Template {
    /// The queues and buckets that another template does not have, or has under another name in the cloud.
    #[must_use]
    pub fn leaving(&self, after: &Template) -> Vec<Holder> {
        let stays = |id: &str, before: &Value| {
            let named = |resource: &Value| ["QueueName", "BucketName"].map(|name| resource["Properties"][name].clone());
            after.resources().get(id).is_some_and(|after| named(after) == named(before))
        };
        let left = self.resources().iter().filter(|(id, resource)| !stays(id, resource));
        left.filter_map(|(id, resource)| {
            let holds = &resource["Metadata"]["Slam"]["Holds"];
            let text = |key: &str| holds[key].as_str().map(str::to_owned);
            Some(Holder { logical_id: id.clone(), section: text("Section")?, name: text("Name")? })
        })
        .collect()
    }
}
