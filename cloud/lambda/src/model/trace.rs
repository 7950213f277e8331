//! The X-Ray trace header of an invocation: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0`.

use slam_cloud_core::Timestamp;

/// The mode of a function that decides whether it is traced where nobody before it did. "If no tracing header is received,
/// Lambda will call X-Ray for a tracing decision" (AWS: TracingConfig).
pub const ACTIVE: &str = "Active";

/// What X-Ray would keep of a traced invocation, by its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The trace's root.
    pub trace_id: String,
    /// The function's own segment.
    pub id: String,
    /// The header that names both.
    pub header: String,
}

impl Segment {
    /// The segment of an invocation with this header, if it is traced.
    pub fn of(header: &str) -> Option<Self> {
        let part = |name: &str| header.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        match part("Sampled") {
            Some("1") => {
                Some(Self { trace_id: part("Root")?.into(), id: part("Parent")?.into(), header: header.into() })
            }
            _ => None,
        }
    }
}

/// A header for an invocation that nobody has traced: it says nothing of whether it is.
pub fn begin() -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    let parent = uuid::Uuid::new_v4().simple().to_string();
    let seconds = Timestamp::now().as_second();
    format!("Root=1-{seconds:08x}-{};Parent={}", &random[..24], &parent[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_traced_has_a_segment() {
        let segment = Segment::of("Root=1-2;Parent=3;Sampled=1").expect("a segment");
        assert_eq!((&*segment.trace_id, &*segment.id), ("1-2", "3"));
        assert_eq!(Segment::of("Root=1-2;Parent=3;Sampled=0"), None);
        assert_eq!(Segment::of("Root=1-2"), None);
    }
}
