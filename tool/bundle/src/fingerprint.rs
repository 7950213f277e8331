//! Unchanged input is no work: what a package was made from, told by names, sizes and times.

use crate::adapter::{self, STREAM};
use crate::requirements::Requirements;
use crate::sources::SourceFile;
use crate::target::Target;
use crate::{BundleRequest, Handler};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Part of every fingerprint: raise it when the package of the same input changes.
const FORMAT: u32 = 8;

#[derive(Serialize)]
struct Input<'a> {
    format: u32,
    adapter: Vec<(&'static str, Cow<'static, str>)>,
    stream: Option<&'static str>,
    handlers: &'a [Handler],
    python: &'a str,
    platform: &'a str,
    requirements: Option<&'a str>,
    slim: bool,
    runtime_packages: bool,
    bytecode: bool,
    layer: bool,
    include: &'a [String],
    exclude_dependencies: &'a [String],
    files: Vec<(&'a str, u64, bool, [String; 2])>,
}

pub fn of(
    request: &BundleRequest,
    target: &Target,
    requirements: Option<&Requirements>,
    files: &[SourceFile],
) -> String {
    let input = Input {
        format: FORMAT,
        adapter: adapter::files(request),
        stream: request.stream.then_some(STREAM),
        handlers: &request.handlers,
        python: &target.python,
        platform: &target.platform,
        requirements: requirements.map(|requirements| requirements.digest.as_str()),
        slim: request.slim,
        runtime_packages: request.runtime_packages,
        bytecode: request.bytecode,
        layer: request.layer,
        include: &request.include,
        exclude_dependencies: &request.exclude_dependencies,
        files: files
            .iter()
            .map(|file| (file.name.as_str(), file.size, file.executable, file.stamp.map(|part| part.to_string())))
            .collect(),
    };
    let text = serde_json::to_vec(&input).expect("strings and numbers are always JSON");
    // Two projects with the same files at the same times would share one: the place sets them apart.
    let place = std::fs::canonicalize(&request.project).unwrap_or_else(|_| request.project.clone());
    let mut hash = Sha256::new_with_prefix(place.as_os_str().as_encoded_bytes());
    hash.update([0]);
    hash.update(text);
    hex::encode(hash.finalize())
}
