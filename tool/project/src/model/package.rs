//! How code becomes a deployment package.

/// How the deployment package is made, and where it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// What is packed, relative to the project's directory: a folder, or a zip file that is shipped as it is. `None`:
    /// the project's directory.
    pub path: Option<String>,
    /// The file with the dependencies, relative to the project's directory; found when `None`.
    pub requirements: Option<String>,
    /// The bucket that the user chose; `None`: the stack makes one.
    pub bucket: Option<String>,
    /// Glob patterns of files to take although they would be left out.
    pub include: Vec<String>,
    /// Glob patterns of files to leave out.
    pub exclude: Vec<String>,
    /// Glob patterns of files of dependencies to leave out.
    pub exclude_dependencies: Vec<String>,
    /// Whether what nothing needs at run time is left out of dependencies.
    pub slim: bool,
    /// Whether what Lambda's runtime has is shipped as well.
    pub runtime_packages: bool,
    /// Whether dependencies are compiled to bytecode.
    pub bytecode: bool,
    /// The largest size, in bytes, that the zip may have.
    pub budget: Option<u64>,
    /// A shell command to run before a build.
    pub before: Option<String>,
    /// Whether dependencies go into a layer of their own.
    pub layer: bool,
}

impl Default for Package {
    fn default() -> Self {
        Self {
            path: None,
            requirements: None,
            bucket: None,
            include: Vec::new(),
            exclude: Vec::new(),
            exclude_dependencies: Vec::new(),
            slim: true,
            runtime_packages: true,
            bytecode: false,
            budget: None,
            before: None,
            layer: false,
        }
    }
}
