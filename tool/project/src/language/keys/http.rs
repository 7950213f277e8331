//! `http`, `static` and `stages`: how an application is reached, and where.

use super::api::{AUTHORIZER, CORS, PLAN, THROTTLE};
use super::{SECRETS, TEXTS, VARIABLES, key, later};
use crate::language::Shape::{AnyOf, Choice, Flag, Integer, Map, Section, Text};
use crate::language::{Key, Shape};

const LOG_LEVELS: Shape = Choice { now: &["none", "access", "full"], later: &[] };

const AUTHORIZERS: Shape = AnyOf(&[Text, Section(AUTHORIZER)]);

pub const HTTP: &[Key] = &[
    key(
        "api",
        Choice { now: &["rest", "http", "url", "none"], later: &["alb"] },
        "The kind of API in front of the application: a REST API, an HTTP API for each stage, or a function URL for each stage. \
         docs/http.md tells what each can do.",
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
    key("cors", Section(CORS), "Which pages of other origins may call the API: it answers their preflights.").or("none"),
    key("throttle", Section(THROTTLE), "How often the API may be called; not of function URLs.")
        .or("as often as the account allows"),
    key("authorizer", AUTHORIZERS, "Who may call the API: `iam`, or a section.").or("everybody"),
    key(
        "keys",
        Map(&Section(PLAN)),
        "Plans for the holders of API keys, by their names: with any, a request needs a key. Of REST APIs. `slam keys create partner` makes a key.",
    )
    .or("no key is asked for"),
    later("domain", "A domain name of one's own."),
    later("websocket", "WebSockets."),
];

pub const STATIC: &[Key] = &[
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

pub const STAGE: &[Key] = &[
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
    key("cors", Section(CORS), "Which pages of other origins may call it.").or("`http.cors`"),
    key("throttle", Section(THROTTLE), "How often it may be called.").or("`http.throttle`"),
    key("authorizer", AUTHORIZERS, "Who may call it. Stages that share a REST API have the same.")
        .or("`http.authorizer`"),
    key("keys", Map(&Section(PLAN)), "Plans for the holders of API keys.").or("`http.keys`"),
    later("domain", "A domain name of this stage."),
];
