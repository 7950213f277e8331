//! The request lines of S3's model, and what they leave open.

use slam_cloud_wire::s3;
use std::sync::LazyLock;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// `/`
    Service,
    /// A bucket.
    Bucket,
    /// An object.
    Object,
}

/// An operation of the model, and what sets it apart from the others of its method and path.
pub struct Entry {
    /// AWS's name.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// What its path names.
    pub at: At,
    /// The sub-resource: a parameter that selects by being there, whatever its value (measured), as `?tagging` does.
    pub selector: Option<&'static str>,
    /// A parameter that selects by its value.
    pub fixed: Option<(&'static str, &'static str)>,
    /// What else it requires.
    pub needs: Needs,
}

/// Parameters and a header that an operation requires and its neighbours do not.
#[derive(Clone, Copy, Default)]
pub struct Needs {
    /// The parameters.
    pub parameters: &'static [&'static str],
    /// The header.
    pub header: Option<&'static str>,
}

/// What the model's request lines leave open: the members of inputs that tell operations of one line apart.
pub const NEEDS: [(&str, &[&str], Option<&str>); 13] = [
    ("AbortMultipartUpload", &["uploadId"], None),
    ("CompleteMultipartUpload", &["uploadId"], None),
    ("CopyObject", &[], Some("x-amz-copy-source")),
    ("GetBucketAnalyticsConfiguration", &["id"], None),
    ("GetBucketIntelligentTieringConfiguration", &["id"], None),
    ("GetBucketInventoryConfiguration", &["id"], None),
    ("GetBucketMetricsConfiguration", &["id"], None),
    ("GetObjectAnnotation", &["annotationName"], None),
    ("ListDirectoryBuckets", &["max-directory-buckets"], None),
    ("ListParts", &["uploadId"], None),
    ("UploadPart", &["partNumber", "uploadId"], None),
    ("UploadPartCopy", &["partNumber", "uploadId"], Some("x-amz-copy-source")),
    ("WriteGetObjectResponse", &[], Some("x-amz-request-route")),
];

/// The model's deprecated operations: their requests are those of the operation beside them.
pub const OLDER_NAMES: [(&str, &str); 4] = [
    ("GetBucketLifecycle", "GetBucketLifecycleConfiguration"),
    ("GetBucketNotification", "GetBucketNotificationConfiguration"),
    ("PutBucketLifecycle", "PutBucketLifecycleConfiguration"),
    ("PutBucketNotification", "PutBucketNotificationConfiguration"),
];

/// The sub-resources of a bucket that AWS finds behind an object's path, too, and takes for the bucket's (measured); it
/// ignores the others there.
pub const OF_THE_BUCKET_AT_A_KEY: [&str; 13] = [
    "accelerate",
    "cors",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "notification",
    "policy",
    "replication",
    "requestPayment",
    "versioning",
    "versions",
    "website",
];

/// The operations here that take a `versionId`.
pub const OF_VERSIONS: [&str; 9] = [
    "DeleteObject",
    "DeleteObjectTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectTagging",
    "HeadObject",
    "PutObjectAcl",
    "PutObjectTagging",
];

/// All operations but those with older names.
pub static MODEL: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let own = s3::SERVICE.operations.iter().map(|operation| (operation.name, operation.method, operation.uri));
    let lines = own.chain(s3::SERVICE.others.iter().copied());
    let current = lines.filter(|(name, ..)| OLDER_NAMES.iter().all(|(older, _)| older != name));
    current.map(|(name, method, uri)| Entry::of(name, method, uri)).collect()
});

impl Entry {
    fn of(name: &'static str, method: &'static str, uri: &'static str) -> Self {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let at = match path {
            "/" => At::Service,
            "/{Bucket}/{Key+}" => At::Object,
            _ => At::Bucket,
        };
        let needs = NEEDS.iter().find(|(needing, ..)| *needing == name);
        let needs = needs.map_or(Needs::default(), |(_, parameters, header)| Needs { parameters, header: *header });
        // An upload is a sub-resource that the model writes as a parameter.
        let upload = needs.parameters.iter().find(|parameter| **parameter == "uploadId").copied();
        let mut pairs = query.split('&').filter(|pair| !pair.is_empty());
        let fixed = pairs.clone().find_map(|pair| pair.split_once('='));
        let selector = pairs.find(|pair| !pair.contains('=')).or(upload);
        Self { name, method, at, selector, fixed, needs }
    }

    /// How much it asks for: of two that fit, the one that asks for more is meant.
    pub fn weight(&self) -> usize {
        self.needs.parameters.len() + usize::from(self.needs.header.is_some()) + usize::from(self.fixed.is_some())
    }

    /// Whether it has a parameter of that name that sets it apart.
    pub fn takes(&self, parameter: &str) -> bool {
        self.selector == Some(parameter)
            || self.needs.parameters.contains(&parameter)
            || self.fixed.is_some_and(|(name, _)| name == parameter)
            || (parameter == "versionId" && OF_VERSIONS.contains(&self.name))
    }
}
