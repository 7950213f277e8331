//! Files that are served as they are.

/// A folder whose files the project's API serves from a bucket, without the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticFiles {
    /// The folder, from the project's directory on.
    pub folder: String,
    /// The path of the API below which they are served: `/static`.
    pub url: String,
    /// For how many seconds a client may keep a file without asking again.
    pub cache: u32,
    /// Glob patterns of files whose name changes with their content, so that clients keep them for good.
    pub immutable: Vec<String>,
    /// Glob patterns of files that are not served.
    pub exclude: Vec<String>,
    /// The file that answers the path itself.
    pub index: Option<String>,
}
