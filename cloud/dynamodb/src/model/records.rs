//! Stream records as AWS writes them.

use super::images;
use dynoxide::types::{Item, item_size};
use serde::Deserialize;
use serde_json::Value;

/// Puts the records of a `GetRecords` answer right: which there are, their region, what they show, and their size, which
/// AWS counts as it counts items. `view` is what the stream's records show, where that was set.
pub fn complete(answer: &mut Value, region: &str, view: Option<&str>) {
    let Some(records) = answer.get_mut("Records").and_then(Value::as_array_mut) else { return };
    // "If you perform a PutItem or UpdateItem operation that does not change any data in an item, DynamoDB Streams does not
    // write a stream record for that operation" (Developer Guide, "Change data capture for DynamoDB Streams"; recorded:
    // TestDynamoDB::test_batch_write_items_streaming).
    records.retain(|record| match (record["dynamodb"].get("OldImage"), record["dynamodb"].get("NewImage")) {
        (Some(old), Some(new)) => !images::same(old, new),
        _ => true,
    });
    for record in records {
        record["awsRegion"] = region.into();
        if let Some(view) = view {
            show(&mut record["dynamodb"], view);
        }
        let parts = ["Keys", "NewImage", "OldImage"].iter().filter_map(|part| record["dynamodb"].get(*part));
        let sizes = parts.filter_map(|part| Item::deserialize(part).ok()).map(|item| item_size(&item));
        let size: usize = sizes.sum();
        record["dynamodb"]["SizeBytes"] = size.into();
    }
}

/// Leaves of a record what a stream shows.
fn show(record: &mut Value, view: &str) {
    record["StreamViewType"] = view.into();
    let Some(record) = record.as_object_mut() else { return };
    if !matches!(view, "NEW_IMAGE" | "NEW_AND_OLD_IMAGES") {
        record.remove("NewImage");
    }
    if !matches!(view, "OLD_IMAGE" | "NEW_AND_OLD_IMAGES") {
        record.remove("OldImage");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Recorded: TestDynamoDB::test_batch_write_items_streaming.
    #[test]
    fn sizes_as_recorded() {
        let fred = json!({"id": {"S": "Fred"}});
        let named = json!({"id": {"S": "Fred"}, "name": {"S": "Fred"}});
        for (record, expected) in [
            (json!({"Keys": fred, "NewImage": fred}), 12),
            (json!({"Keys": {"id": {"S": "NewKey"}}, "OldImage": {"id": {"S": "NewKey"}}}), 16),
            (json!({"Keys": fred, "NewImage": named, "OldImage": fred}), 26),
        ] {
            let mut answer = json!({"Records": [{"awsRegion": "x", "dynamodb": record}]});
            complete(&mut answer, "eu-west-1", None);
            assert_eq!(answer["Records"][0]["dynamodb"]["SizeBytes"], expected);
            assert_eq!(answer["Records"][0]["awsRegion"], "eu-west-1");
        }
    }

    #[test]
    fn records_show_what_the_stream_shows() {
        let record = |old: &str| json!({"dynamodb": {"Keys": {"id": {"S": "a"}}, "OldImage": {"id": {"S": old}}, "NewImage": {"id": {"S": "b"}}}});
        for (view, shown) in [
            ("KEYS_ONLY", vec!["Keys"]),
            ("NEW_IMAGE", vec!["Keys", "NewImage"]),
            ("OLD_IMAGE", vec!["Keys", "OldImage"]),
            ("NEW_AND_OLD_IMAGES", vec!["Keys", "OldImage", "NewImage"]),
        ] {
            // The second changed nothing.
            let mut answer = json!({"Records": [record("a"), record("b")]});
            complete(&mut answer, "eu-west-1", Some(view));
            let records = answer["Records"].as_array().unwrap();
            assert_eq!(records.len(), 1);
            let record = records[0]["dynamodb"].as_object().unwrap();
            let images: Vec<&str> =
                ["Keys", "OldImage", "NewImage"].into_iter().filter(|part| record.contains_key(*part)).collect();
            assert_eq!((images, &record["StreamViewType"]), (shown, &json!(view)));
        }
    }
}
