//! The table of keys.

use super::Key;
use super::Shape::{AnyOf, Choice, CloudFormation, Flag, Integer, List, Map, OneOrMany, Scalar, Section, Text};
use super::Status::{Later, Now, Original};
use super::{Shape, Status};

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

pub(super) const FILE: &[Key] = &[
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

const FUNCTION: &[Key] = &[
    original("module", Text, "app: module:callable", "The module that has the callable."),
    original("app", Text, "app: module:callable", "The name of the callable."),
];

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

const PACKAGE: &[Key] = &[
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
const OWN_PACKAGE: &[Key] = &[
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

const NAMED_FUNCTION: &[Key] = &[
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

const ON: &[Key] = &[
    key(
        "http",
        Text,
        "A path of the project's API, such as `/images`: it and all below it are answered by the function.",
    ),
    key(
        "queue",
        CloudFormation,
        "Messages of a queue: one of `queues`, or another by its ARN, also `!GetAtt` of one in `resources`.",
    ),
    key(
        "table",
        CloudFormation,
        "Changes of a table's items: one of `tables`, or another table's stream by its ARN. The table has a stream then, \
         of new and old items where it does not say.",
    ),
    key(
        "topic",
        CloudFormation,
        "Messages of a topic: one of `topics` that is not `fifo`, or another by its ARN.",
    ),
    key("bucket", CloudFormation, "What happens to the objects of one of `buckets`."),
    key(
        "event",
        CloudFormation,
        "Events of EventBridge, by a pattern of its language: `{source: [shop], detail-type: [OrderPlaced]}`.",
    ),
    key(
        "schedule",
        Text,
        "Times: `rate(5 minutes)`, `cron(0 3 * * ? *)` or `at(2026-12-31T23:59:00)`, as EventBridge Scheduler has them.",
    ),
    key(
        "batch",
        Integer { min: 1, max: 10_000 },
        "The most records of one event, of a queue or a table. More than 10 messages of a queue need a `window`.",
    )
    .or("`10` messages, `100` changes"),
    key("window", Text, "How long a batch may wait for more records, up to `5m`. Not of a FIFO queue.")
        .or("`0s`: a batch goes when there is anything"),
    key(
        "filter",
        CloudFormation,
        "Which records the function gets: a pattern of EventBridge's language, such as `{eventName: [REMOVE]}`, or a list of up \
         to five of which one must match. Messages of a queue that none matches are deleted. Of a topic: one filter policy.",
    )
    .or("all"),
    key("concurrency", Integer { min: 2, max: 1000 }, "The most invocations at once for a queue.")
        .or("as many as the function may have"),
    key(
        "partial",
        Flag,
        "Whether the function reports the records that failed, as `{\"batchItemFailures\": […]}`: the others count as done.",
    )
    .or("`false`: a batch fails as a whole"),
    key(
        "start",
        Choice { now: &["oldest", "latest"], later: &[] },
        "Where in a table's stream the function begins: at the oldest change that it has, or at the next one.",
    )
    .or("`oldest`: no change is missed"),
    key("bisect", Flag, "Whether a batch of changes that fails is halved, to find the one that does.").or("`false`"),
    key("parallel", Integer { min: 1, max: 10 }, "How many batches of a table's shard are processed at once; the order of \
         each item's changes stays.")
        .or("`1`"),
    key(
        "retries",
        Integer { min: 0, max: 10_000 },
        "How often what fails is tried again: a batch of changes up to 10,000 times, the call of a schedule or for an event up to 185.",
    )
    .or("of a table until its changes expire, after a day; else `185`"),
    key("age", Text, "For how long it is tried: changes up to `7d`, the call of a schedule or for an event up to `24h`.")
        .or("of a table until its changes expire; else `24h`"),
    key(
        "failures",
        CloudFormation,
        "Where goes what is given up of a table, a schedule, a topic or an event: `queue <name>`, of a table also \
         `topic <name>` or `bucket <name>`, or an ARN. Another's queue must itself allow SNS and EventBridge to send to it.",
    )
    .or("it is dropped"),
    key("timezone", Text, "The time zone of a schedule, such as `Europe/Dublin`.").or("`UTC`"),
    key("prefix", Text, "How the keys of a bucket's objects begin.").or("all"),
    key("suffix", Text, "How the keys of a bucket's objects end.").or("all"),
    key(
        "events",
        OneOrMany(&Text),
        "What happens to a bucket's objects, in S3's words: `ObjectCreated:Put`, `ObjectRemoved:*`. A bucket tells one function of \
         the same event of the same keys.",
    )
    .or("`ObjectCreated:*`"),
    FILTER_BY,
    key("bus", CloudFormation, "The bus of the events: its name or ARN, or a CloudFormation function that gives one.")
        .or("the account's own"),
    key("template", Text, "What the function gets of an event: text with `<name>` for what a path names."),
    key("paths", Map(&Text), "Parts of an event by the names that stand for them in `template`: `{id: $.detail.id}`."),
    key(
        "input",
        CloudFormation,
        "What a schedule sends, or what the function gets instead of an event, as JSON. `{kwargs: {full: true}}` calls a plain function with `full=True`.",
    )
    .or("what Scheduler sends by itself; the event"),
    key("flexible", Text, "Within which time after its own a schedule may come, from `1m` to `24h`.")
        .or("within its minute"),
    key("stages", OneOrMany(&Text), "The stages that have the event source.").or("all"),
    key("enabled", Flag, "Whether it is switched on.").or("`true`"),
];

const SOURCES: Shape = OneOrMany(&Section(ON));

const LOG_LEVELS: Shape = Choice { now: &["none", "access", "full"], later: &[] };

const HTTP: &[Key] = &[
    key(
        "api",
        Choice { now: &["rest", "none"], later: &["http", "url", "alb"] },
        "The kind of API in front of the application.",
    )
    .or("`rest` for `kind: wsgi` and `kind: asgi`"),
    key("logs", LOG_LEVELS, "What API Gateway logs: nothing, a line per request, or also how it was executed.")
        .or("`none`"),
    key(
        "stream",
        Flag,
        "Whether answers go out piece by piece, as the application makes them: for up to 15 minutes and 200 MB, instead \
         of 29 seconds and 6 MB.",
    )
    .or("`false`"),
    key(
        "gzip",
        Integer { min: 1, max: 6_291_456 },
        "Answers of at least so many bytes are compressed for clients that accept gzip.",
    )
    .or("answers are sent as the application makes them"),
    later("domain", "A domain name of one's own."),
    later("cors", "Cross-origin requests answered by the API."),
    later("throttle", "Limits on the rate of requests."),
    later("authorizer", "Who may call the API."),
    later("keys", "API keys and usage plans."),
];

const STATIC: &[Key] = &[
    key("folder", Text, "The folder of the files, from the directory of slam.yaml on. They are not in the package.")
        .or("required"),
    key("url", Text, "The path of the API below which they are served.").or("`/static`"),
    key("cache", Text, "For how long a client may keep a file without asking again: `60s`, `10m`, `1h`, `30d`.")
        .or("`60s`"),
    key(
        "immutable",
        TEXTS,
        "Files that get another name with other content, as glob patterns: clients keep them for good. What Django's \
         ManifestStaticFilesStorage has named is known without.",
    ),
    key("exclude", TEXTS, "Files that are not served, as glob patterns."),
    key("index", Text, "The file that answers the path itself, such as `index.html`.").or("the application answers it"),
];

const STAGE: &[Key] = &[
    key("environment", VARIABLES, "Environment variables of this stage."),
    key(
        "secrets",
        SECRETS,
        "Variables of this stage whose values are kept elsewhere, over the project's and the functions'.",
    ),
    key(
        "target",
        Choice { now: &["local", "aws"], later: &[] },
        "Where the stage lives: in the embedded cloud, or on AWS.",
    )
    .or("`local`"),
    key("region", Text, "The AWS region.").or("`us-east-1`; on AWS, that of the environment or the profile"),
    key("profile", Text, "The profile of AWS credentials.").or("AWS's own rules"),
    key("http", Section(STAGE_HTTP), "How this stage's API differs."),
    later("memory", "Memory of this stage's function."),
    later("timeout", "Timeout of this stage's function."),
    later("publish", "How a new version is rolled out."),
    later("protect", "Protection against deletion."),
];

const STAGE_HTTP: &[Key] = &[
    key("logs", LOG_LEVELS, "What API Gateway logs of this stage.").or("`http.logs`"),
    later("domain", "A domain name of this stage."),
    later("throttle", "Limits on the rate of requests to this stage."),
];

const KEY: Shape = OneOrMany(&Text);

const PROJECTION: Shape = AnyOf(&[Choice { now: &["all", "keys"], later: &[] }, TEXTS]);

const TABLE: &[Key] = &[
    key(
        "attributes",
        Map(&Choice { now: &["S", "N", "B"], later: &[] }),
        "The attributes that keys are made of, and their types.",
    )
    .or("required"),
    key("key", KEY, "The hash key, or the hash and range keys.").or("required"),
    key("local_secondary_indexes", Map(&Section(LOCAL_INDEX)), "Indexes with the table's hash key."),
    key("global_secondary_indexes", Map(&Section(GLOBAL_INDEX)), "Indexes with keys of their own."),
    key("ttl", Text, "The attribute with the time an item expires at, in seconds of the Unix epoch."),
    key(
        "stream",
        Choice { now: &["keys", "new", "old", "new_and_old"], later: &[] },
        "What the table's stream tells of a change.",
    ),
    key("read_throughput", CAPACITY, "Provisioned read capacity.")
        .or("on demand; 1 when any other capacity of the table is given"),
    key("write_throughput", CAPACITY, "Provisioned write capacity.").or("the same"),
];

const LOCAL_INDEX: &[Key] = &[
    key("key", KEY, "The table's hash key, and another range key.").or("required"),
    key("project", PROJECTION, "The attributes in the index: all, keys, or a list of names beside the keys.")
        .or("`keys`"),
];

const GLOBAL_INDEX: &[Key] = &[
    key("key", KEY, "The hash key, or the hash and range keys.").or("required"),
    key("project", PROJECTION, "The attributes in the index: all, keys, or a list of names beside the keys.")
        .or("`keys`"),
    key("read_throughput", CAPACITY, "Provisioned read capacity.")
        .or("on demand; 1 when any other capacity of the table is given"),
    key("write_throughput", CAPACITY, "Provisioned write capacity.").or("the same"),
];

const QUEUE: &[Key] = &[
    key(
        "on",
        OneOrMany(&Section(SUBSCRIPTION)),
        "The topics whose messages it gets, once the stage answers: one, or a list of them.",
    ),
    key("fifo", Flag, "Whether messages of a group are delivered once and in order.").or("`false`"),
    key(
        "retries",
        Integer { min: 0, max: 999 },
        "How often a message is tried again before it goes to the queue's dead-letter queue, `<stage>-<queue>-dead`, which keeps \
         it for 14 days.",
    )
    .or("there is none: a message is tried until it expires"),
    key("delay", Text, "How long new messages are held back, up to `15m`.").or("`0s`"),
    key("visibility", Text, "How long a message that was received is hidden from others, up to `12h`.")
        .or("six times the timeout of the function that takes the messages, and its `window`; without one `30s`"),
    key("keep", Text, "How long messages are kept, from `60s` to `14d`.").or("`4d`"),
    key(
        "content_deduplication",
        Flag,
        "Whether messages of the same body, within five minutes, are one message: for `fifo`, so that no deduplication id is needed.",
    )
    .or("`false`"),
    key(
        "high_throughput",
        Flag,
        "Whether duplicates are looked for, and throughput is counted, by group: for `fifo`.",
    )
    .or("`false`"),
];

const FILTER_BY: Key = key(
    "filter_by",
    Choice { now: &["attributes", "body"], later: &[] },
    "What the filter of a topic's messages is about: their attributes, or their body, which is JSON then.",
)
.or("`attributes`");

/// What a queue gets.
const SUBSCRIPTION: &[Key] = &[
    key("topic", CloudFormation, "One of `topics`, or another by its ARN.").or("required"),
    key("filter", CloudFormation, "Which messages the queue gets: a filter policy of SNS.").or("all"),
    FILTER_BY,
    key("raw", Flag, "Whether the queue gets the message alone, without SNS's envelope.").or("`false`"),
    key("failures", CloudFormation, "Where goes what could not be delivered: `queue <name>`, or a queue's ARN.")
        .or("it is dropped"),
];

const TOPIC: &[Key] = &[
    key("fifo", Flag, "Whether messages of a group are delivered once and in order: to queues alone.").or("`false`"),
    key(
        "content_deduplication",
        Flag,
        "Whether messages of the same body, within five minutes, are one message: for `fifo`.",
    )
    .or("`false`"),
];

const BUCKET: &[Key] = &[
    key("versioned", Flag, "Whether what is overwritten or deleted is kept as a version.").or("`false`"),
    key("cors", Section(CORS), "Which pages of other origins may use the bucket.").or("none"),
    key("lifecycle", OneOrMany(&Section(LIFECYCLE)), "What becomes of objects with time: one rule, or a list.")
        .or("they stay"),
];

const CORS: &[Key] = &[
    key("origins", OneOrMany(&Text), "The origins, such as `https://example.com`, or `*`.").or("required"),
    key("methods", OneOrMany(&Text), "The methods of their requests.").or("`[GET, PUT, POST, DELETE, HEAD]`"),
    key("headers", OneOrMany(&Text), "The headers that requests may have.").or("`*`"),
    key("expose", OneOrMany(&Text), "The headers of answers that a page may read.").or("`ETag`"),
    key("max_age", Text, "For how long a browser may remember this.").or("each asks again"),
];

const LIFECYCLE: &[Key] = &[
    key("prefix", Text, "The objects whose keys begin so.").or("all"),
    key("expire", Text, "When an object is deleted, in days after it was made: `30d`."),
    key("expire_versions", Text, "When a version is deleted, in days after it was replaced."),
    key("abort_uploads", Text, "When an upload in parts is given up, in days after it was begun."),
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

const AWS: &[Key] = &[
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

const WSGI: &[Key] = &[
    original("deploy_api_gateway", Flag, "http.api", "Whether an API is deployed."),
    original("log_stages", TEXTS, "stages.<stage>.http.logs", "The stages whose API is logged in full."),
];
