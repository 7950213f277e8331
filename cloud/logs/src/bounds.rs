//! How much is kept of logs. AWS keeps them for good and sends a bill; this is somebody's machine.

use crate::LogsService;
use crate::model::group::DAY;
use slam_cloud_core::StoreError;
use std::sync::Once;

/// Bytes of a megabyte.
const MEGABYTE: i64 = 1024 * 1024;

/// What is kept where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The size of all events together, in bytes.
    pub bytes: i64,
    /// How long events of groups without a retention of their own are kept, in milliseconds.
    pub age: i64,
}

impl Bounds {
    /// Those of `SLAM_LOGS_MB` and `SLAM_LOGS_DAYS`.
    pub fn of_environment() -> Self {
        let number = |name: &str, default: i64| match std::env::var(name) {
            Ok(text) if !text.is_empty() => text.parse().ok().filter(|number| *number > 0).unwrap_or_else(|| {
                tracing::warn!("{name} is `{text}`, which is no number above 0: {default} is taken");
                default
            }),
            _ => default,
        };
        Self {
            bytes: number("SLAM_LOGS_MB", 512).saturating_mul(MEGABYTE),
            age: number("SLAM_LOGS_DAYS", 30).saturating_mul(DAY),
        }
    }
}

/// Makes room for new events where there are too many: the oldest of whichever group is the largest go. Whoever adds events
/// waits meanwhile, so that nobody adds faster than is deleted.
///
/// # Errors
/// When the store fails.
pub async fn trim(service: &LogsService) -> Result<(), StoreError> {
    static TOLD: Once = Once::new();
    let most = service.bounds.bytes;
    if service.events.size() <= most {
        return Ok(());
    }
    let _one_at_a_time = service.trimming.lock().await;
    let mut is_over = service.events.size() > most;
    while is_over {
        let sizes = service.events.sizes().await?;
        let total: i64 = sizes.iter().map(|(_, size)| size).sum();
        // Some room beyond, so that this is not done for each event.
        is_over = total > most - most / 10;
        match sizes.first() {
            Some((largest, size)) if is_over && *size > 0 => {
                TOLD.call_once(|| {
                    tracing::warn!(
                        "logs have reached {} MB: from now on the oldest events make room for new ones; SLAM_LOGS_MB at \
                         the start of the cloud sets another limit",
                        most / MEGABYTE
                    );
                });
                service.events.delete_oldest(*largest).await?;
            }
            _ => return Ok(()),
        }
    }
    Ok(())
}
