//! `package`: how packages are made.

use super::{TEXTS, key};
use crate::language::Key;
use crate::language::Shape::{Choice, Flag, Text};

const PATH: Key = key(
    "path",
    Text,
    "What is packed: a folder, or with `handler` also a zip file, which is shipped as it is. It lies in the repository that \
     slam.yaml is in, or without one in its directory, as all that slam.yaml names.",
)
.or("the directory of slam.yaml");
const REQUIREMENTS: Key = key("requirements", Text, "The file that lists the dependencies.")
    .or("the first there is of uv.lock, pylock.toml, requirements.txt, poetry.lock, Pipfile.lock, pyproject.toml");
const INCLUDE: Key = key("include", TEXTS, "Files to take although they would be left out, as glob patterns.");
const EXCLUDE: Key = key("exclude", TEXTS, "Files to leave out, as glob patterns.");
const EXCLUDE_DEPENDENCIES: Key = key(
    "exclude_dependencies",
    TEXTS,
    "Files of dependencies to leave out, as glob patterns of their place in the package, such as `botocore/data/ec2`.",
);
const SLIM: Key = key(
    "slim",
    Flag,
    "Whether what nothing needs at run time is left out of dependencies: tests that nothing imports, type stubs, \
     sources of what is compiled, symbol tables and debug information of shared libraries, metadata that is not read; \
     and comments of slam's adapter. `include` brings single files back, whole.",
)
.or("`true`");
const RUNTIME_PACKAGES: Key = key(
    "runtime_packages",
    Choice { now: &["include", "exclude"], later: &[] },
    "Whether boto3, and what only boto3 needs, is shipped although Lambda's runtime has it.",
)
.or("`include`: the version that was chosen");
const BYTECODE: Key = key(
    "bytecode",
    Flag,
    "Whether dependencies are compiled to bytecode, for a quicker cold start. It needs a Python of the runtime's \
     version on this machine, and the package is the same on two machines only if their patch releases are.",
)
.or("`false`");
const BUDGET: Key =
    key("budget", Text, "The largest size that the zipped package may have, such as `30MB`; a larger one is an error.");
const BEFORE: Key =
    key("before", Text, "A command that the shell runs in the directory of slam.yaml before every build.");
const LAYER: Key = key(
    "layer",
    Flag,
    "Whether dependencies go into a layer of their own, which is uploaded only when they change. With `budget`, both \
     together are measured.",
)
.or("`false`");

pub const PACKAGE: &[Key] = &[
    PATH,
    REQUIREMENTS,
    key("bucket", Text, "The S3 bucket for packages.").or("a bucket of the stack"),
    INCLUDE,
    EXCLUDE,
    EXCLUDE_DEPENDENCIES,
    SLIM,
    RUNTIME_PACKAGES,
    BYTECODE,
    BUDGET,
    BEFORE,
    LAYER,
];

/// Of a function with a package of its own. The bucket is the project's.
pub const OWN_PACKAGE: &[Key] = &[
    PATH,
    REQUIREMENTS,
    INCLUDE,
    EXCLUDE,
    EXCLUDE_DEPENDENCIES,
    SLIM,
    RUNTIME_PACKAGES,
    BYTECODE,
    BUDGET,
    BEFORE,
    LAYER,
];
