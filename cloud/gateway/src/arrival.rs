//! What a request is called from its arrival on.

use slam_cloud_core::Timestamp;
use slam_cloud_kit::sampling::decided;
use std::time::Instant;

/// The names and the time that a request gets on arrival.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// `x-amzn-RequestId`
    pub request_id: String,
    /// `x-amz-apigw-id`
    pub extended_request_id: String,
    /// `X-Amzn-Trace-Id`
    pub trace: String,
    /// The same with a parent, as it goes on to functions: those decide themselves whether they are traced, unless
    /// somebody has decided it before.
    pub handed_on: String,
    /// When it came.
    pub time: Timestamp,
    /// The same, for measuring.
    pub began: Instant,
}

impl Arrival {
    /// Names for a request. A trace that the client sends goes on.
    pub fn new(trace: Option<&str>) -> Self {
        use base64::Engine as _;
        let time = Timestamp::now();
        let id = uuid::Uuid::new_v4();
        let random = uuid::Uuid::new_v4();
        let extended = base64::engine::general_purpose::STANDARD.encode(&random.as_bytes()[..11]);
        let trace = match trace.filter(|trace| trace.contains("Root=")) {
            Some(trace) => trace.to_owned(),
            None => {
                let unique = random.simple().to_string();
                format!("Root=1-{:08x}-{}", time.as_second(), &unique[..24])
            }
        };
        // Recorded: test_invocation_trace_id. A parent that the client names is kept.
        let handed_on = match trace.contains("Parent=") {
            true => trace.clone(),
            false => format!("{trace};Parent={:016x}", id.as_u64_pair().0),
        };
        let request_id = id.to_string();
        Self { request_id, extended_request_id: extended, trace, handed_on, time, began: Instant::now() }
    }

    /// Has the stage trace the request, unless the client has decided that.
    pub fn sample(&mut self) {
        self.handed_on = decided(&self.handed_on, || true);
        self.trace = decided(&self.trace, || true);
    }

    /// The trace as it goes back to the client.
    pub fn traced(&self) -> String {
        decided(&self.handed_on, || false)
    }

    /// `10/Mar/2020:00:03:59 +0000`
    pub fn common_log_time(&self) -> String {
        self.time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded: test_invocation_trace_id.
    #[test]
    fn a_trace_goes_on_with_the_parent_of_the_client_or_a_new_one() {
        let root = "Root=1-3152b799-8954dae64eda91bc9a23a7e8";
        let whole = format!("{root};Parent=7fa8c0f79203be72;Sampled=1");
        assert_eq!(Arrival::new(Some(&whole)).traced(), whole);
        for (sent, begin) in [(Some(root), root), (None, "Root=1-")] {
            let traced = Arrival::new(sent).traced();
            assert!(traced.starts_with(begin) && traced.contains(";Parent="), "{traced}");
        }
    }

    #[test]
    fn a_stage_decides_where_the_client_has_not() {
        for (sent, expected) in
            [(None, "Sampled=1"), (Some("Root=1-3152b799-8954dae64eda91bc9a23a7e8;Sampled=0"), "Sampled=0")]
        {
            let mut arrival = Arrival::new(sent);
            arrival.sample();
            assert!(arrival.handed_on.contains(expected), "{}", arrival.handed_on);
            assert_eq!(arrival.handed_on, arrival.traced());
        }
        assert!(!Arrival::new(None).handed_on.contains("Sampled"));
    }
}
