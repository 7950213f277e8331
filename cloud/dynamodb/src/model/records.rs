//! Stream records as AWS writes them.

use dynoxide::types::{Item, item_size};
use serde::Deserialize;
use serde_json::Value;

/// Puts the records of a `GetRecords` answer right: their region, and their size, which AWS counts as it counts items.
pub fn complete(answer: &mut Value, region: &str) {
    for record in answer.get_mut("Records").and_then(Value::as_array_mut).into_iter().flatten() {
        record["awsRegion"] = region.into();
        let parts = ["Keys", "NewImage", "OldImage"].iter().filter_map(|part| record["dynamodb"].get(*part));
        let sizes = parts.filter_map(|part| Item::deserialize(part).ok()).map(|item| item_size(&item));
        let size: usize = sizes.sum();
        record["dynamodb"]["SizeBytes"] = size.into();
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
            complete(&mut answer, "eu-west-1");
            assert_eq!(answer["Records"][0]["dynamodb"]["SizeBytes"], expected);
            assert_eq!(answer["Records"][0]["awsRegion"], "eu-west-1");
        }
    }
}
