//! S3 buckets.

/// A bucket, made once per stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its name in slam.yaml.
    pub name: String,
    /// Whether objects that are overwritten or deleted are kept as versions.
    pub versioned: bool,
    /// Which pages of other origins may use it.
    pub cors: Option<Cors>,
    /// What becomes of objects with time.
    pub lifecycle: Vec<LifecycleRule>,
}

impl Bucket {
    /// The name that the bucket has in a stage, before the account's id, which completes it: names of buckets are of all the
    /// world, and in small letters.
    #[must_use]
    pub fn name_in(&self, project: &str, stage: &str) -> String {
        format!("{project}-{stage}-{}-", self.name).to_lowercase().replace('_', "-")
    }
}

/// Which pages of other origins may use a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    /// The origins, such as `https://example.com`, or `*`.
    pub origins: Vec<String>,
    /// The methods of their requests.
    pub methods: Vec<String>,
    /// The headers that requests may have.
    pub headers: Vec<String>,
    /// The headers of answers that a page may read.
    pub expose: Vec<String>,
    /// For how many seconds a browser may remember this.
    pub max_age: Option<u32>,
}

/// What becomes of objects with time, in days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleRule {
    /// The objects whose keys begin so; empty: all.
    pub prefix: String,
    /// When objects expire.
    pub expire: Option<u32>,
    /// When versions that are not the current one expire.
    pub expire_versions: Option<u32>,
    /// When uploads that were not completed are given up.
    pub abort_uploads: Option<u32>,
}
