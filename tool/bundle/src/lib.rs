//! A Python project → the deployment package AWS Lambda runs.
//!
//! ```text
//! requirements ─► uv, for the target's platform ─► cached archive ─┐
//! project's files ─► walk, exclude, check ────────► compress ──────┼─► package.zip, named by its hash
//! adapter + generated handler ────────────────────► compress ──────┘
//! ```
//!
//! The package is a pure function of its inputs: the same sources, requirements and target give the same bytes on
//! every machine, so its hash is its name and an unchanged project is never uploaded twice. Nothing is ever built for
//! the host: a dependency without a wheel for the target is an error here, not a crash on AWS.
//!
//! * `request`: what is asked for; `target`: which wheels fit a runtime
//! * `uv`, `pip_config`: the installer, found or brought, and the machine's settings for it; `interpreter`: the
//!   machine's Pythons
//! * `requirements`: which file says what is needed; `requirements_txt`: what it names on this machine; `locks`: those
//!   of other tools, read here; `local`: packages beside the project, built into wheels; `uv_sources`: where their
//!   dependencies come from
//! * `dependencies`: installed once, cached as an archive; `distributions`: what was installed and why; `prune`: what of
//!   it is left out, `elf`: of shared libraries; `bytecode`: compiled where asked for
//! * `hook`: the user's own command; `limits`: what AWS and the user allow; `explain`: why something is in the package
//! * `sources`: which of the project's files are shipped; `handler`: what is added to them, `adapter` among it, which
//!   goes without its `comments`
//! * `prebuilt`: a folder or zip that is shipped as it is; `package`: what is built, kept under its hash
//! * `archive`: deterministic zip, `single`: of one file; `cache`: atomic, bounded directories; `fingerprint`: unchanged input is no work

mod adapter;
mod archive;
mod build;
mod bytecode;
mod cache;
mod comments;
mod dependencies;
mod distributions;
mod elf;
mod error;
mod explain;
mod failure;
mod fingerprint;
mod handler;
mod hook;
mod install;
mod interpreter;
mod limits;
mod local;
mod locks;
mod package;
mod pip_config;
mod prebuilt;
mod prune;
mod pylock;
mod request;
mod requirements;
mod requirements_txt;
mod single;
mod sources;
mod target;
mod uv;
mod uv_sources;
mod versions;

pub use build::build;
pub use dependencies::Dependency;
pub use error::BundleError;
pub use explain::explain;
pub use package::{Layer, Package};
pub use prebuilt::{Prebuilt, package_prebuilt};
pub use request::{Architecture, BundleRequest, Handler, Kind, Progress, Step};
pub use uv::{Uv, find_or_install_uv};

/// What Lambda allows a function and its layers to have, unzipped.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_UNZIPPED_BYTES: u64 = 262_144_000;
