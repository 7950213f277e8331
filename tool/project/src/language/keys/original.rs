//! The original Slam's sections.

use super::{MEMORY, TEXTS, TIMEOUT, original};
use crate::language::Key;
use crate::language::Shape::{CloudFormation, Flag, List, Map, Text};

pub const FUNCTION: &[Key] = &[
    original("module", Text, "app: module:callable", "The module that has the callable."),
    original("app", Text, "app: module:callable", "The name of the callable."),
];

pub const AWS: &[Key] = &[
    original("s3_bucket", Text, "package.bucket", "The S3 bucket for packages."),
    original("lambda_timeout", TIMEOUT, "timeout", "Longest duration of one invocation in seconds."),
    original("lambda_memory", MEMORY, "memory", "Memory of the function in MB."),
    original("lambda_runtime", Text, "runtime", "The Lambda runtime."),
    original("lambda_security_groups", TEXTS, "vpc.security_groups", "Ids of security groups."),
    original("lambda_subnet_ids", TEXTS, "vpc.subnets", "Ids of subnets."),
    original(
        "lambda_managed_policies",
        TEXTS,
        "permissions",
        "Managed policies: ARNs, or names below `service-role/`.",
    ),
    original(
        "lambda_inline_policies",
        List(&CloudFormation),
        "permissions",
        "Policies of the role, as CloudFormation has them.",
    ),
    original("cfn_resources", Map(&CloudFormation), "resources", "More resources."),
    original("cfn_outputs", Map(&CloudFormation), "outputs", "More outputs."),
];

pub const WSGI: &[Key] = &[
    original("deploy_api_gateway", Flag, "http.api", "Whether an API is deployed."),
    original("log_stages", TEXTS, "stages.<stage>.http.logs", "The stages whose API is logged in full."),
];
