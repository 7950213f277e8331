//! A Python project → the deployment package AWS Lambda runs.
//!
//! ```text
//! requirements ─► uv, for the target's platform ─► cached archive ─┐
//! project's files ─► walk, exclude, check ────────► compress ──────┼─► package.zip, named by its hash
//! adapter + generated handler ────────────────────► compress ──────┘
//! ```
//!
//! The package is a pure function of its inputs: the same sources, requirements and target give the same bytes on
//! every machine, so its hash is its name and an unchanged project is never uploaded twice. Nothing is ever compiled for
//! the host: a dependency without a wheel for the target is built from its source if that is pure Python, else it is an
//! error here, not a crash on AWS.
//!
//! - [`request`]: what is asked for. [`target`]: which wheels fit a runtime.
//! - [`requirements`]: which file says what is needed, lock files and local packages among them.
//! - [`machine`]: what is found here: Pythons, uv, pip's settings. [`install`]: how uv is run.
//! - [`dependencies`]: installed once, cached as an archive. [`dependency`]: what is told of one. [`distributions`]: what
//!   was installed and why. [`bytecode`]: compiled where asked for.
//! - [`slim`]: what is not shipped, of dependencies, shared libraries and the adapter.
//! - [`sources`]: which of the project's files are shipped. [`modules`]: where one is that is not found. [`handler`]: what
//!   is added to them, the [`adapter`] among it.
//! - [`hook`]: the user's own command. [`limits`]: what AWS and the user allow.
//! - [`mod@build`]: the whole way. [`mod@explain`]: why something is in the package.
//! - [`mod@static_files`]: a folder that is served as it is, beside the package.
//! - [`prebuilt`]: a folder or zip that is shipped as it is. [`package`]: what is built, kept under its hash.
//! - [`mod@check`]: whether what is packed could work, before it is uploaded.
//! - [`archive`]: deterministic zip. [`cache`]: atomic, bounded directories. [`housekeeping`]: what they hold, for people.
//!   [`fingerprint`]: unchanged input is no work.
//! - [`error`]: what can go wrong. [`mod@size`]: sizes, for people.

mod adapter;
mod archive;
mod build;
mod bytecode;
mod cache;
mod check;
mod dependencies;
mod dependency;
mod distributions;
mod error;
mod explain;
mod fingerprint;
mod handler;
mod hook;
mod housekeeping;
mod install;
mod limits;
mod machine;
mod modules;
mod package;
mod prebuilt;
mod request;
mod requirements;
mod size;
mod slim;
mod sources;
mod static_files;
mod target;

pub use build::build;
pub use check::{Check, Detected, Notice, check, detect};
pub use dependency::Dependency;
pub use error::{BundleError, ForOthers, NoWheel};
pub use explain::explain;
pub use housekeeping::{Cached, PROMOTED, cached, clean};
pub use machine::interpreter::runs_here;
pub use machine::uv::{Uv, find_or_install_uv, uv_called};
pub use package::{Layer, Package};
pub use prebuilt::{Prebuilt, package_prebuilt};
pub use request::{Architecture, BundleRequest, Handler, Kind, Progress, Step};
pub use requirements::{RequiredPython, required_pythons};
pub use size::size;
pub use static_files::{MANIFEST, StaticFile, StaticFiles, StaticRequest, content_type, static_files};

/// What Lambda allows a function and its layers to have, unzipped.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_UNZIPPED_BYTES: u64 = 262_144_000;
