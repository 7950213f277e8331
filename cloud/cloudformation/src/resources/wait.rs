//! Waiting until a resource has settled.

use slam_cloud_core::{AwsError, AwsResult};
use std::future::Future;
use std::time::{Duration, Instant};

/// The longest wait for one resource.
const LONGEST: Duration = Duration::from_secs(300);

/// Asks until the answer is there, at first often, then less so.
pub(super) async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> AwsResult<T>
where
    F: Future<Output = AwsResult<Option<T>>>,
{
    let begin = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if begin.elapsed() > LONGEST {
            return Err(AwsError::bad_request("NotStabilized", format!("{what} did not settle in time")));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}
