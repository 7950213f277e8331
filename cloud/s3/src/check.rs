//! Whether every object and part has its body.

use crate::backend::Backend;
use crate::error::Answer;
use crate::store::Named;
use slam_cloud_core::service::Finding;
use std::collections::HashMap;

/// Rows looked at in one step.
const STEP: usize = 1000;

/// What is named and has no body of its size. With `repair` it is named no longer.
pub async fn check(backend: &Backend, repair: bool) -> Answer<Vec<Finding>> {
    let buckets: HashMap<i64, String> =
        backend.buckets().into_iter().map(|bucket| (bucket.key, bucket.name.clone())).collect();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let named = backend.objects.named(after.take(), STEP).await?;
        let Some(last) = named.last().cloned() else { break };
        for row in named {
            let trouble = match backend.bodies.size(&row.body).await? {
                Some(size) if size == row.size => continue,
                Some(size) => format!("its body has {size} bytes and not {}", row.size),
                None => "its body is not there".to_owned(),
            };
            if repair {
                backend.objects.forget(row.clone()).await?;
            }
            found.push(finding(&buckets, &row, trouble, repair));
        }
        after = Some(last);
    }
    Ok(found)
}

fn finding(buckets: &HashMap<i64, String>, row: &Named, trouble: String, mended: bool) -> Finding {
    let bucket = buckets.get(&row.bucket).map_or("(a bucket that was deleted)", String::as_str);
    let what = match row.part {
        Some(number) => format!("part {number} of an upload to s3://{bucket}/{}", row.key),
        None => format!("s3://{bucket}/{}", row.key),
    };
    let remedy = match mended {
        true => "it is named no longer: upload it again",
        false => "upload it again, or put the folder s3 back from a copy",
    };
    Finding { what, trouble, remedy: remedy.to_owned(), mended }
}
