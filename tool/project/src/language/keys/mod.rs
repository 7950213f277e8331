//! The table of keys: those of a file, and of the sections that are small.
//!
//! - [`package`], [`function`], [`sources`]: functions. [`http`], [`api`]: how they are reached. [`tables`], [`holders`]: what has data.
//! - [`original`](mod@original): the original Slam's words.

mod api;
mod function;
mod holders;
mod http;
mod original;
mod package;
mod sources;
mod tables;

use super::Key;
use super::Shape::{AnyOf, Choice, CloudFormation, Flag, Integer, List, Map, OneOrMany, Scalar, Section, Text};
use super::Status::{Later, Now, Original};
use super::{Shape, Status};
use function::NAMED_FUNCTION;
use holders::{BUCKET, QUEUE, TOPIC};
use http::{HTTP, STAGE, STATIC};
use original::{AWS, FUNCTION, WSGI};
use package::PACKAGE;
use sources::SOURCES;
use tables::TABLE;

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, about, default: "", status: Now }
}

const fn original(name: &'static str, shape: Shape, today: &'static str, about: &'static str) -> Key {
    Key { name, shape, about, default: "", status: Original(today) }
}

const fn later(name: &'static str, about: &'static str) -> Key {
    const LATER: Status = Later;
    Key { name, shape: CloudFormation, about, default: "", status: LATER }
}

impl Key {
    /// Says what holds when the key is left out.
    const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }
}

const TEXTS: Shape = List(&Text);
const MEMORY: Shape = Integer { min: 128, max: 10240 };
const TIMEOUT: Shape = Integer { min: 1, max: 900 };
const CAPACITY: Shape = Integer { min: 1, max: 1_000_000 };
const VARIABLES: Shape = Map(&Scalar);
const SECRETS: Shape = Map(&Text);

const KIND: Shape = Choice { now: &["function", "wsgi", "asgi"], later: &[] };
const ARCHITECTURE: Shape = Choice { now: &["x86_64", "arm64"], later: &[] };
const PERMISSIONS: Shape = List(&AnyOf(&[Text, Section(STATEMENT)]));
const HANDLER: &str = "Instead of `app`: Lambda's own handler in a package that is shipped as it is, such as \
                       `index.handler`. It needs `package.path`.";
const LAYERS: &str =
    "Layers that the function uses: ARNs of layer versions, or CloudFormation functions that give one.";

pub const FILE: &[Key] = &[
    key("name", Text, "The project's name, which is its stack's name.").or("required"),
    key(
        "id",
        Text,
        "Which project this is, wherever it is deployed from: a stack of the same name that has another one is another \
         project's, and is left alone. `slam init` makes one.",
    )
    .or("nothing: what is deployed tells projects of one name apart"),
    key("description", Text, "One line about the project."),
    key("app", Text, "What is deployed, as `module:callable` of Python.").or("required, or `handler`"),
    key("handler", Text, HANDLER),
    key("kind", KIND, "What kind of callable `app` is.").or("`function`; `wsgi` when `http` is given"),
    key("runtime", Text, "The Lambda runtime, such as `python3.13`.").or("that of `python3` on this machine"),
    key("architecture", ARCHITECTURE, "The processor the function runs on.").or("`x86_64`"),
    key("memory", MEMORY, "Memory of the function in MB.").or("`128`"),
    key("timeout", TIMEOUT, "Longest duration of one invocation in seconds.").or("`10`"),
    key("package", Section(PACKAGE), "How the deployment package is made."),
    key("layers", List(&CloudFormation), LAYERS),
    key(
        "functions",
        Map(&Section(NAMED_FUNCTION)),
        "More functions of the project, by names of letters, digits, dashes and underscores.",
    ),
    key(
        "on",
        SOURCES,
        "What calls the function, beside `slam invoke`, when it is no web application: as `functions.<name>.on`, without `http`.",
    ),
    key(
        "commands",
        Flag,
        "Whether `slam invoke --raw` and `slam manage` may run code in the functions. Whoever may invoke a function can \
         then run any code with its role.",
    )
    .or("`false`"),
    key("http", Section(HTTP), "How the application is reached over HTTP."),
    key(
        "static",
        AnyOf(&[Text, Section(STATIC)]),
        "Files that the API serves from a bucket, without the function: a folder, or a section that says more.",
    ),
    key("devstage", Text, "The development stage: the one `slam deploy` moves to new code.")
        .or("the first of `stages`"),
    key(
        "stages",
        Map(&Section(STAGE)),
        "The stages; the first is the development stage unless `devstage` says another.",
    )
    .or("one, `dev`"),
    key(
        "environment",
        VARIABLES,
        "Environment variables of all stages. In this and each other mapping of variables `from: .env` is no variable: it \
         names a file of the project with more of them, as python-dotenv reads it, and what stands later wins. Whoever may \
         look at the function sees them.",
    ),
    key(
        "secrets",
        SECRETS,
        "Environment variables whose values are kept elsewhere, and read when a function starts: `ssm:/path` is a \
         parameter of Parameter Store (`ssm:/path:3` and `ssm:/path:label` one of its versions), `secretsmanager:name` a \
         secret of Secrets Manager (`secretsmanager:name#key` one value of a JSON object). The functions may read these and \
         no others. They are for `app`, and the template never has their values.",
    ),
    key("tables", Map(&Section(TABLE)), "DynamoDB tables, made once per stage as `<stage>.<table>`."),
    key("queues", Map(&Section(QUEUE)), "SQS queues, made once per stage as `<stage>-<queue>`; code finds the URL of \
         `mail` in `QUEUE_MAIL`, and may send to it."),
    key(
        "topics",
        Map(&Section(TOPIC)),
        "SNS topics, made once per stage as `<stage>-<topic>`; code finds the ARN of `changes` in `TOPIC_CHANGES`, and may \
         publish to it.",
    ),
    key(
        "buckets",
        Map(&Section(BUCKET)),
        "S3 buckets, made once per stage as `<project>-<stage>-<bucket>-<account>`; code finds the name of `uploads` in \
         `BUCKET_UPLOADS`, and may list, read, write and delete its objects.",
    ),
    key(
        "permissions",
        PERMISSIONS,
        "What the function may do beside using its own tables: names or ARNs of managed policies, and statements.",
    ),
    key("tasks", Section(TASKS), "What functions made by `@task` need, which are called later, in an invocation of their own."),
    key("vpc", Section(VPC), "The network that the functions are attached to."),
    key("logs", Section(LOGS), "The function's logs."),
    key("tags", VARIABLES, "Tags of every resource."),
    key("resources", Map(&CloudFormation), "More resources, in CloudFormation's own words."),
    key("outputs", Map(&CloudFormation), "More outputs of the stack, in CloudFormation's own words."),
    original("function", Section(FUNCTION), "app", "The module and the callable."),
    original("requirements", Text, "package.requirements", "The requirements file."),
    original("stage_environments", Map(&VARIABLES), "stages.<stage>.environment", "The stages and their variables."),
    original("aws", Section(AWS), "top-level keys", "Options of the function and the stack."),
    original("wsgi", Section(WSGI), "kind: wsgi", "Makes the application a WSGI one."),
    original("dynamodb_tables", Map(&Section(TABLE)), "tables", "DynamoDB tables."),
    later("concurrency", "Reserved concurrency and SnapStart."),
    later("tracing", "X-Ray tracing."),
    later("plugins", "Plugins."),
];

const STATEMENT: &[Key] = &[
    key("allow", OneOrMany(&Text), "Actions, such as `s3:GetObject`.").or("required"),
    key("on", CloudFormation, "ARNs, `table <name>`, `queue <name>`, `topic <name>`, `bucket <name>`, or CloudFormation functions that give an ARN.")
        .or("required"),
];

const TASKS: &[Key] = &[
    key(
        "via",
        Choice { now: &["lambda", "queue"], later: &[] },
        "How a task reaches its invocation: by an asynchronous invocation, or by a queue of the function's in each stage, with a \
         dead-letter queue for what is given up.",
    )
    .or("`lambda`"),
    key(
        "retries",
        Integer { min: 0, max: 999 },
        "How often a task that raises is repeated: up to twice by Lambda, soon; by a queue after six times the function's timeout.",
    )
    .or("`2`"),
    key("results", Text, "For how long results are kept, in a table of each stage: `12h`, `7d`.")
        .or("no results are kept"),
];

const VPC: &[Key] = &[
    key("subnets", TEXTS, "Ids of subnets.").or("required"),
    key("security_groups", TEXTS, "Ids of security groups.").or("required"),
];

const LOGS: &[Key] = &[
    key("retention", Text, "How long logs are kept, such as `30d`: a number of days that CloudWatch Logs can have.")
        .or("for good"),
    key(
        "requests",
        Flag,
        "Whether the adapter writes a line about each request to a web application: method, path, status.",
    )
    .or("`true`"),
    later("format", "Text or JSON."),
];
