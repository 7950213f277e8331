//! `functions.<name>`: more functions.

use super::package::OWN_PACKAGE;
use super::sources::SOURCES;
use super::{ARCHITECTURE, HANDLER, KIND, LAYERS, MEMORY, PERMISSIONS, SECRETS, TIMEOUT, VARIABLES, VPC, key};
use crate::language::Key;
use crate::language::Shape::{CloudFormation, List, Section, Text};

pub const NAMED_FUNCTION: &[Key] = &[
    key("app", Text, "What is deployed, as `module:callable` of Python.").or("required, or `handler`"),
    key("handler", Text, HANDLER),
    key("kind", KIND, "What kind of callable `app` is.").or("`function`"),
    key("runtime", Text, "The Lambda runtime.").or("the project's"),
    key("architecture", ARCHITECTURE, "The processor the function runs on.").or("the project's"),
    key("memory", MEMORY, "Memory of the function in MB.").or("the project's"),
    key("timeout", TIMEOUT, "Longest duration of one invocation in seconds.").or("the project's"),
    key("environment", VARIABLES, "Environment variables of this function, over the project's."),
    key("secrets", SECRETS, "Variables of this function whose values are kept elsewhere, over the project's."),
    key("permissions", PERMISSIONS, "What this function may do; with them it has a role of its own.")
        .or("the project's role"),
    key("vpc", Section(VPC), "The network that the function is attached to.").or("the project's"),
    key("layers", List(&CloudFormation), LAYERS).or("the project's, with the same runtime"),
    key("package", Section(OWN_PACKAGE), "How this function's own package is made.")
        .or("the project's package; one of its own when `runtime` or `architecture` differ"),
    key(
        "on",
        SOURCES,
        "What calls the function, beside `slam invoke --function`: one event source, or a list of them. It gets each event as \
         AWS sends it.",
    ),
];
