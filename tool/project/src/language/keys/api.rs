//! What an API does with requests: `http.cors`, `throttle`, `authorizer` and `keys`.

use super::{TEXTS, key};
use crate::language::Shape::{AnyOf, CloudFormation, Flag, Integer, Map, OneOrMany, Section, Text};
use crate::language::{Key, Shape};

pub const CORS: &[Key] = &[
    key(
        "origins",
        OneOrMany(&Text),
        "The origins, such as `https://example.com`, or `*`; of HTTP APIs also `https://*.example.com`.",
    )
    .or("required"),
    key("methods", OneOrMany(&Text), "The methods of their requests.").or("`[DELETE, GET, HEAD, PATCH, POST, PUT]`"),
    key("headers", OneOrMany(&Text), "The headers that requests may have.")
        .or("`[authorization, content-type, x-amz-date, x-amz-security-token, x-api-key]`"),
    key("expose", OneOrMany(&Text), "The headers of answers that a page may read, beside the usual ones."),
    key("max_age", Text, "For how long a browser may remember this, up to `1d`.").or("as browsers like"),
    key("credentials", Flag, "Whether requests may have cookies.").or("`false`"),
];

/// API Gateway's numbers: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const RATE: Shape = Integer { min: 1, max: 1_000_000 };

const RATE_KEY: Key = key("rate", RATE, "Requests in a second, for any length of time.").or("required");
const BURST_KEY: Key = key("burst", RATE, "Requests at once.").or("required");

pub const THROTTLE: &[Key] = &[
    RATE_KEY,
    BURST_KEY,
    key(
        "paths",
        Map(&Section(LIMITS)),
        "Paths with limits of their own: the path has so many, and all below it as many.",
    ),
];

const LIMITS: &[Key] = &[RATE_KEY, BURST_KEY];

pub const PLAN: &[Key] = &[
    key("quota", Text, "The most requests of each key: `10000/day`, `50000/week` or `1000000/month`.").or("any number"),
    key("throttle", Section(LIMITS), "How often each key may be used.").or("as often as the API may be called"),
];

const IAM: Key = key("iam", Flag, "`true`: IAM decides, by the signature of the request; as the word `iam` alone.");
const JWT: Key =
    key("jwt", Section(TOKEN), "A token of an issuer decides, in the header `Authorization`. Of HTTP APIs.");
const COGNITO: Key =
    key("cognito", Section(POOL), "A token of a Cognito user pool decides, in the header `Authorization`.");
const LAMBDA: Key = key(
    "lambda",
    Text,
    "A function decides: `module:function` of the project's package, for which slam makes a function, or the name of one of `functions`.",
);
const HEADER: Key = key("header", Text, "The header that `lambda` looks at.").or("`Authorization`");
const CACHE: Key =
    key("cache", Text, "For how long an answer of `lambda` counts for requests with the same header, up to `1h`.")
        .or("`0s`: it is asked each time");

pub const AUTHORIZER: &[Key] = &[
    IAM,
    JWT,
    COGNITO,
    LAMBDA,
    HEADER,
    CACHE,
    key(
        "open",
        OneOrMany(&Text),
        "Paths that everybody may call, each with all below it: they need no API key either.",
    ),
    key(
        "paths",
        Map(&AnyOf(&[Text, Section(ONE)])),
        "Paths, each with all below it, of which another authorizer decides.",
    ),
];

const ONE: &[Key] = &[IAM, JWT, COGNITO, LAMBDA, HEADER, CACHE];

const TOKEN: &[Key] = &[
    key("issuer", CloudFormation, "The issuer's URL, as tokens have it in `iss`.").or("required"),
    key("audience", CloudFormation, "Whom tokens must be for, in `aud` or `client_id`: one of a list.").or("required"),
    SCOPES,
];

const POOL: &[Key] = &[
    key("pool", CloudFormation, "The user pool's id, or `!Ref` of one in `resources`.").or("required"),
    key("clients", CloudFormation, "The ids of the pool's clients whose tokens count. Of HTTP APIs, which need them."),
    SCOPES,
];

const SCOPES: Key = key("scopes", TEXTS, "Scopes of which a token must have one.").or("none is asked for");
