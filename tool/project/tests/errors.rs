//! What is wrong in a slam.yaml is told at its place, with what to do about it.

mod common;

use common::{parse, refused};
use slam_project::{Defaults, Project};
use std::path::Path;

/// The rest of a small project, unless it is a whole one.
fn check(yaml: &str, message: &str, place: &str, hint: &str) {
    let text = if yaml.contains("name:") { yaml.to_owned() } else { format!("name: x\napp: m:a\n{yaml}") };
    refused(&text, message, place, hint);
}

#[test]
fn keys_are_never_ignored() {
    check("tracing: true", "`tracing` is not supported yet by this version", "tracing", "remove it");
    check("http: {domain: {name: a}}", "`http.domain` is not supported yet by this version", "domain", "");
    check("http: {api: alb}", "`http.api: alb` is not supported yet by this version", "alb", "");
    check(
        "stages: {prod: {protect: true}}",
        "`stages.prod.protect` is not supported yet by this version",
        "protect",
        "",
    );
    check("enviroment: {A: b}", "`enviroment` is not a key of slam.yaml", "enviroment", "did you mean `environment`?");
    check(
        "aws: {lambda_timout: 3}",
        "`aws.lambda_timout` is not a key of slam.yaml",
        "lambda_timout",
        "`lambda_timeout`",
    );
    check("logs: {zzz: 1}", "`logs.zzz` is not a key of slam.yaml", "zzz", "known here: `retention`");
}

/// What a kind of API cannot do is told before anything is deployed.
#[test]
fn kinds_of_apis_do_not_do_the_same() {
    for (yaml, message, place, hint) in [
        (
            "http: {api: http, stream: true}",
            "`http.stream` is not for HTTP APIs: they pass an answer on when it is whole",
            "true",
            "`http.api: rest` and `http.api: url` stream",
        ),
        (
            "http: {api: http}\nstatic: files",
            "`static` is not for HTTP APIs: they cannot read a bucket that is private",
            "static",
            "`http.api: rest` serves the files",
        ),
        (
            "http: {api: http, logs: full}",
            "`http.logs: full` is not for HTTP APIs: they have no log of how a request was executed",
            "full",
            "write `access`",
        ),
        (
            "http: {api: http}\nstages: {dev: {}, prod: {http: {logs: full}}}",
            "`stages.prod.http.logs: full` is not for HTTP APIs: they have no log of how a request was executed",
            "full",
            "write `access`",
        ),
        (
            "http: {api: url, logs: access}",
            "`http.logs` is not for function URLs: they write no log of their own",
            "access",
            "`logs.requests`",
        ),
        (
            "http: {api: url}\nstatic: files",
            "`static` is not for function URLs: one leads to a function, and to nothing else",
            "static",
            "let the application serve them",
        ),
        (
            "http: {api: url}\nfunctions: {f: {app: 'm:f', on: {http: /f}}}",
            "`functions.f.on.http` is not for function URLs: one leads to one function, whatever the path",
            "/f",
            "`http.api: http`",
        ),
    ] {
        check(yaml, message, place, hint);
    }
}

/// What stands before an API is said whole, and of a kind of API that has it.
#[test]
fn what_protects_an_api_is_checked() {
    let http = |kind: &str, rest: &str| format!("http: {{api: {kind}, {rest}}}");
    for (yaml, message, place, hint) in [
        (http("rest", "authorizer: aws"), "`aws` is no authorizer", "aws", "it is `iam`"),
        (http("rest", "authorizer: {open: []}"), "nobody decides here: it is `iam`, ", "{open: []}", ""),
        (http("rest", "authorizer: {iam: false}"), "`iam: false` decides nothing", "false", ""),
        (http("rest", "authorizer: {iam: true, lambda: 'm:b'}"), "`iam` decides already", "'m:b'", "`paths`"),
        (http("rest", "authorizer: {lambda: nope}"), "there is no function `nope`", "nope", "`module:function`"),
        (http("rest", "authorizer: {iam: true, cache: 5m}"), "`cache` is about `lambda`", "5m", "remove"),
        (
            http("rest", "authorizer: {lambda: 'm:b', cache: 2h}"),
            "`2h` is out of bounds: AWS takes 0s to 1h here",
            "2h",
            "",
        ),
        (http("rest", "authorizer: {iam: true, open: /}"), "`/` and all below it is the whole API", "/", "`/admin`"),
        (
            http("rest", "authorizer: {iam: true, open: health}"),
            "`health` is no path that an API can have",
            "health",
            "",
        ),
        (http("rest", "authorizer: {iam: true, open: /a, paths: {/a: iam}}"), "`/a` is `open`, too", "/a", "keep one"),
        (http("rest", "authorizer: {header: X-A, paths: {/a: iam}}"), "`header` is about `lambda`", "X-A", "remove"),
        (
            http("rest", "authorizer: {open: /health}"),
            "everything is open already in the stage `dev`",
            "/health",
            "say who decides",
        ),
        (
            http("http", "authorizer: {jwt: {issuer: 'http://localhost:1', audience: b}}"),
            "an issuer is an `https://` URL",
            "'http://localhost:1'",
            "`iss`",
        ),
        (
            http("http", "authorizer: {jwt: {issuer: 'https://a.example', audience: [b, {c: d, e: f}]}}"),
            "this is none of `audience`: each is a text, or a CloudFormation function such as `!Ref`",
            "{c: d, e: f}",
            "",
        ),
        (
            http("http", "authorizer: {cognito: {pool: eu-west-1_a, clients: []}}"),
            "an HTTP API takes the tokens of clients that are named, and this names none",
            "{pool: eu-west-1_a, clients: []}",
            "clients",
        ),
        (
            http("rest", "authorizer: {lambda: 'a.b:c', paths: {/a: {lambda: 'a_b:c'}}}"),
            "the authorizer `a_b:c` and a function would both be `ABC` in the stack",
            "{lambda: 'a.b:c', paths: {/a: {lambda: 'a_b:c'}}}",
            "under a name of your own",
        ),
        (
            http("rest", "authorizer: {lambda: '_auth:check'}"),
            "the authorizer `_auth:check` would be the function `-auth-check`, which is no function's name",
            "{lambda: '_auth:check'}",
            "under a name of your own",
        ),
        (
            http("http", "authorizer: {paths: {/admin: iam}}")
                + "\nfunctions: {f: {app: 'm:f', on: {http: '/{tenant}/items'}}}",
            "a request may be one of `/admin` and one of `/{tenant}/items`, of which something else holds",
            "/admin",
            "no variable",
        ),
        (
            http("rest", "authorizer: {paths: {'/{tenant}/admin': iam}}")
                + "\nfunctions: {f: {app: 'm:f', on: {http: /images}}}",
            "a request may be one of `/{tenant}/admin` and one of `/images`, of which something else holds",
            "'/{tenant}/admin'",
            "no variable",
        ),
        (
            http("http", "cors: {origins: '*'}, authorizer: iam")
                + "\nfunctions: {f: {app: 'm:f', kind: function, on: {http: /f}}}",
            "`cors` beside an authorizer lets requests with OPTIONS through to `f` unasked, and no adapter answers them there",
            "{origins: '*'}",
            "`kind: wsgi`",
        ),
        (
            http("http", "authorizer: {jwt: {issuer: 'https://a.example'}}"),
            "a token has an issuer and is for somebody: ",
            "{issuer: 'https://a.example'}",
            "audience",
        ),
        (http("http", "authorizer: {jwt: {issuer: a, audience: b}}"), "an issuer is an `https://` URL", "a", "`iss`"),
        (
            http("rest", "authorizer: {cognito: {pool: abc}}"),
            "this is not the id of a user pool",
            "abc",
            "`!Ref UserPool`",
        ),
        (
            http("rest", "authorizer: {jwt: {issuer: 'https://a.example', audience: b}}"),
            "`http.authorizer` by `jwt` is not for REST APIs: ",
            "jwt",
            "`http.api: http`",
        ),
        (
            http("rest", "authorizer: {cognito: {pool: eu-west-1_a, clients: b}}"),
            "`clients` is not for REST APIs: ",
            "clients",
            "client_id",
        ),
        (
            http("http", "authorizer: {cognito: {pool: eu-west-1_a}}"),
            "an HTTP API takes the tokens of clients that are named, ",
            "{pool: eu-west-1_a}",
            "clients",
        ),
        (
            http("http", "keys: {a: {}}"),
            "`http.keys` is not for HTTP APIs: they know no API keys",
            "{a: {}}",
            "`http.api: rest`",
        ),
        (
            http("url", "keys: {a: {}}"),
            "`http.keys` is not for function URLs: they know no API keys",
            "{a: {}}",
            "`http.api: rest`",
        ),
        (
            http("url", "throttle: {rate: 1, burst: 1}"),
            "`http.throttle` is not for function URLs: nothing counts their requests",
            "{rate: 1, burst: 1}",
            "limit",
        ),
        (
            http("url", "authorizer: {lambda: 'm:b'}"),
            "`http.authorizer` by `lambda` is not for function URLs: ",
            "lambda",
            "`iam`",
        ),
        (
            http("url", "authorizer: {iam: true, open: /a}"),
            "`http.authorizer.open` is not for function URLs: ",
            "open",
            "",
        ),
        (
            http("rest", "throttle: {rate: 1}"),
            "a limit has a `rate`, requests in a second, and a `burst`, requests at once",
            "{rate: 1}",
            "{rate: 100",
        ),
        (http("rest", "throttle: {paths: {}}"), "this limits nothing", "{paths: {}}", "add `rate`"),
        (http("rest", "keys: {a: {quota: 10/hour}}"), "`10/hour` is no quota", "10/hour", "`10000/day`"),
        (http("rest", "keys: {a: {quota: -1/day}}"), "`-1/day` is no quota", "-1/day", "`10000/day`"),
        (
            http("rest", "keys: {a-b: {}, a_b: {}}"),
            "the plans `a-b` and `a_b` would have the same name in the stack",
            "a_b",
            "",
        ),
        (http("rest", "cors: {}"), "no origin may call the API", "{}", "add `origins"),
        (
            http("rest", "cors: {origins: example.com}"),
            "`example.com` is no origin",
            "example.com",
            "a scheme and a host",
        ),
        (
            http("rest", "cors: {origins: 'https://a.example/'}"),
            "`https://a.example/` is no origin",
            "'https://a.example/'",
            "no path",
        ),
        (
            http("rest", "cors: {origins: 'https://*.a.example'}"),
            "an origin with `*` in it is not for REST APIs: they answer to names alone",
            "'https://*.a.example'",
            "`http.api: http`",
        ),
        (
            http("rest", "cors: {origins: '*', credentials: true}"),
            "browsers let no page of any origin send cookies",
            "'*'",
            "name the origins",
        ),
        (
            http("rest", "cors: {origins: '*', methods: [OPTIONS]}"),
            "`OPTIONS` is no method of a page's requests",
            "OPTIONS",
            "GET",
        ),
        (http("rest", "cors: {origins: '*', headers: [\"a'b\"]}"), "`a'b` is no header's name", "\"a'b\"", ""),
        (
            http("none", "cors: {origins: '*'}"),
            "`http.cors` needs an API, and the project has none",
            "{origins: '*'}",
            "`kind: wsgi`",
        ),
        (
            "kind: function\nhttp: {authorizer: {iam: true, open: /b}}\nfunctions: {f: {app: 'm:f', on: {http: /a}}}"
                .to_owned(),
            "nothing answers `/b`",
            "/b",
            "on: {http: /path}",
        ),
        (
            "kind: wsgi\nstatic: files\nhttp: {authorizer: {iam: true, open: /static/a}}".to_owned(),
            "`/static/a` is among the static files, of which one thing holds",
            "/static/a",
            "`/static`",
        ),
        (
            "kind: wsgi\nstages: {dev: {}, prod: {http: {authorizer: iam}}}".to_owned(),
            "`authorizer` differs, and `dev` and `prod` are stages of one REST API, which has one of these",
            "authorizer",
            "`http.api: http`",
        ),
        (
            "kind: wsgi\nstages: {dev: {}, prod: {http: {keys: {a: {}}}}}".to_owned(),
            "`keys` differs, and `dev` and `prod` are stages of one REST API, which asks for API keys or does not",
            "keys",
            "of other targets",
        ),
    ] {
        let text = format!("name: x\napp: m:a\n{yaml}");
        let error = parse(&text).expect_err(&yaml);
        let first = &error.diagnostics[0];
        assert!(first.message.starts_with(message), "{yaml}: {error}");
        let found = first.span.clone().map_or("", |span| text[span].lines().next().unwrap_or_default());
        assert_eq!(found, place, "{error}");
        assert!(first.hints.join("\n").contains(hint) || first.message.contains(hint), "{error}");
    }
}

#[test]
fn streaming_needs_an_api_and_its_own_wrapper() {
    let needs = "`http.stream` needs a web application with an API in front of it";
    check("kind: wsgi\nhttp: {api: none, stream: true}", needs, "true", "kind: wsgi");
    check("kind: function\nhttp: {api: none, stream: true}", needs, "true", "remove `stream`");
    check(
        "kind: asgi\nhttp: {stream: true}\nenvironment:\n  AWS_LAMBDA_EXEC_WRAPPER: /opt/wrapper",
        "`AWS_LAMBDA_EXEC_WRAPPER` is set by slam itself with `http.stream`",
        "AWS_LAMBDA_EXEC_WRAPPER",
        "remove it",
    );
    check("http: {stream: sometimes}", "`http.stream` must be true or false", "sometimes", "");
}

#[test]
fn static_files_need_a_folder_an_api_and_a_place() {
    let web = "kind: wsgi\nstatic: ";
    check("static: files", "there is no API that would serve these files", "static", "`kind: wsgi` or");
    check(&format!("{web}{{url: /a}}"), "`static` names no folder", "static", "add `folder: staticfiles`");
    check(
        &format!("{web}/srv/files"),
        "this path is of one machine",
        "/srv/files",
        "from the directory of slam.yaml on",
    );
    let code = "everything in the project would be served, its code and its secrets among it";
    check(&format!("{web}."), code, ".", "name a folder");
    check(&format!("{web}./"), code, "./", "name a folder");
    let section = |more: &str| format!("{web}{{folder: files, {more}}}");
    check(&section("url: /"), "the application answers the root of the API", "/", "below a path");
    for url in ["static", "/a//b", "/{x}", "/a b"] {
        let message = format!("`{url}` is no path that an API can have");
        let place = format!("'{url}'");
        check(&section(&format!("url: {place}")), &message, &place, "a path such as `/static`");
    }
    for time in ["1w", "60", "400d", "s", "99999999999s", "-1s"] {
        let message = format!("`{time}` is no time to keep files for");
        check(&section(&format!("cache: {time}")), &message, time, "write `60s`");
    }
    check(&section("maxage: 1"), "`static.maxage` is not a key of slam.yaml", "maxage", "known here: `folder`");
    check(
        "kind: wsgi\nfunctions: {files: {app: 'm:b', on: {http: /files}}}\nstatic: {folder: f, url: /files/}",
        "`/files` is the path of the function `files`",
        "/files/",
        "another path",
    );
}

#[test]
fn values_have_their_shape() {
    check("memory: 64", "`memory` must be a whole number from 128 to 10240", "64", "");
    check("timeout: 15m", "`timeout` must be a whole number from 1 to 900", "15m", "");
    check("timeout: 0900", "`timeout` must be a whole number from 1 to 900", "0900", "");
    check("architecture: arm", "`architecture` must be `x86_64` or `arm64`", "arm", "");
    check("stages: [dev]", "`stages` must be a mapping", "[dev]", "");
    check("wsgi: {deploy_api_gateway: maybe}", "`wsgi.deploy_api_gateway` must be true or false", "maybe", "");
    check("environment: {LEVEL: [a]}", "`environment.LEVEL` must be a single value", "[a]", "");
    check("environment: {LEVEL: }", "`environment.LEVEL` has no value", "LEVEL", "LEVEL: \"\"");
    check("permissions: [[a]]", "`permissions` must be text or a mapping", "[a]", "");
    check("description: !Ref X", "`!Ref` cannot be used in `description`", "!Ref X", "resources");
    check("- name: x", "slam.yaml must be a mapping", "- name: x", "slam init");
}

#[test]
fn the_project_has_a_name_and_an_app() {
    check("app: m:a # no name:", "the project has no name", "", "name: my-project");
    check(
        "name: my_app\napp: m:a",
        "a project's name has letters, digits and dashes, and begins with a letter",
        "my_app",
        "`my-app`",
    );
    check("name: x", "slam.yaml does not say what to deploy", "", "app: module:callable");
    check(
        "name: x\napp: web",
        "`app` names a module and a callable in it, with a colon between them",
        "web",
        "app: web:app",
    );
    check(
        "name: x\napp: src/web.py:app",
        "`src/web.py` is not the name of a Python module",
        "src/web.py:app",
        "`src.web`",
    );
    check("name: x\napp: m:a b", "`a b` is not the name of a Python callable", "m:a b", "");
    check("name: x\nfunction: {module: m}", "`function` needs both `module` and `app`", "{module: m}", "");
    check(
        "name: x\nfunction: {module: m, app: a}\napp: m:a",
        "`function` says the same as `app`",
        "{module: m, app: a}",
        "keep one",
    );
}

#[test]
fn the_function_is_one_that_lambda_runs() {
    check("runtime: python3.6", "Lambda does not run `python3.6` any more", "python3.6", "write `python3.13`");
    check(
        "aws: {lambda_runtime: python2.7}",
        "Lambda does not run `python2.7` any more",
        "python2.7",
        "write `python3.13`",
    );
    check("runtime: pyton3.13", "`pyton3.13` is not a runtime of Lambda", "pyton3.13", "did you mean `python3.13`?");
    check("runtime: go1.x", "`go1.x` is not a runtime of Lambda", "go1.x", "python3.14");
    check(
        "vpc: {subnets: [s-1]}",
        "a function in a network needs both subnets and security groups",
        "{subnets: [s-1]}",
        "",
    );
    check("package: {bucket: My_Bucket}", "`My_Bucket` cannot be the name of a bucket", "My_Bucket", "leave it out");
    check("kind: function\nhttp: {logs: full}", "a plain function has no API in front of it", "http", "kind: wsgi");
}

#[test]
fn stages_are_checked() {
    check("stages: {a.b: {}}", "a stage's name has up to 64 letters, digits, dashes and underscores", "a.b", "");
    check("stages: {1: {}}", "a stage's name needs a letter: Lambda would take it for a version number", "1", "");
    check("devstage: dev\nstages: {prod: }", "there is no stage `dev`", "dev", "the stages are `prod`");
    check("wsgi: {log_stages: [prd]}\nstages: {prod: }", "there is no stage `prd`", "prd", "did you mean `prod`?");
    check("stages: {a-b: , a_b: }", "the stages `a-b` and `a_b` would both be `AB` in the stack", "a_b", "");
    check("stages: {prod: {profile: x}}", "credentials of AWS are only for stages on AWS", "profile", "target: aws");
    check("stages: {prod: {region: mars}}", "this is not a region", "mars", "");
    check(
        "stages: {dev: }\nstage_environments: {dev: }",
        "`stage_environments` says the same as `stages`",
        "{dev: }",
        "",
    );
}

#[test]
fn variables_are_lambdas() {
    check("environment: {AWS_REGION: x}", "`AWS_REGION` is set by Lambda itself", "AWS_REGION", "");
    check("stages: {dev: {environment: {STAGE: x}}}", "`STAGE` is set by slam itself", "STAGE", "");
    check(
        "environment: {MY-VAR: x}",
        "`MY-VAR` cannot be the name of an environment variable of Lambda",
        "MY-VAR",
        "letter",
    );
    check(
        "tables: {tasks: {attributes: {id: S}, key: id}}\nenvironment: {TABLE_TASKS: x}",
        "`TABLE_TASKS` is set by slam: it names the table `tasks`",
        "TABLE_TASKS",
        "",
    );
    let large = format!("name: x\napp: m:a\nenvironment: {{BIG: {}}}", "x".repeat(4096));
    let error = parse(&large).expect_err("too large");
    assert!(error.diagnostics[0].message.contains("Lambda has room for 4096"), "{error}");
}

#[test]
fn tables_are_dynamodbs() {
    let table = |rest: &str| format!("tables: {{t: {{{rest}}}}}");
    let cases = [
        ("attributes: {id: S}", "the table `t` has no key", "t", "key: id"),
        (
            "attributes: {id: S}, key: [id, due]",
            "the table `t` uses the attribute `due` in its key, but does not declare it",
            "due",
            "add `due: S`",
        ),
        ("attributes: {id: S, x: N}, key: id", "no key of the table `t` uses the attribute `x`", "x", "remove it"),
        ("attributes: {id: T}, key: id", "`tables.t.attributes.id` must be `S`, `N` or `B`", "T", ""),
        (
            "attributes: {a: S, b: S, c: S}, key: [a, b, c]",
            "a key has a hash part and a range part, and no more",
            "c",
            "",
        ),
        ("attributes: {a: S}, key: [a, a]", "the hash key and the range key are two attributes", "a", ""),
        (
            "attributes: {a: S, b: S}, key: a, local_secondary_indexes: {byb: {key: [a, b]}}",
            "the table `t` has no range key, so it can have no local index",
            "[a, b]",
            "global index",
        ),
        (
            "attributes: {a: S, b: S, c: S}, key: [a, b], local_secondary_indexes: {byc: {key: c}}",
            "a local index has the table's hash key `a` and a range key of its own",
            "c",
            "write `key: [a, c]`",
        ),
        (
            "attributes: {a: S}, key: a, global_secondary_indexes: {g: {key: a}}",
            "an index's name has 3 to 255 letters, digits, dashes, underscores and dots",
            "g",
            "",
        ),
        (
            "attributes: {a: S}, key: a, read_throughput: 0",
            "`tables.t.read_throughput` must be a whole number from 1 to 1000000",
            "0",
            "",
        ),
    ];
    for (rest, message, place, hint) in cases {
        check(&table(rest), message, place, hint);
    }
    let same = "tables: {a-b: {attributes: {id: S}, key: id}, a_b: {attributes: {id: S}, key: id}}";
    check(same, "the tables `a-b` and `a_b` would both be `TABLE_A_B` to the code", "a_b", "");
}

#[test]
fn permissions_logs_and_tags_are_checked() {
    check(
        "permissions: [{allow: s3:GetObject}]",
        "a permission needs both `allow` and `on`",
        "{allow: s3:GetObject}",
        "example",
    );
    check("permissions: [{allow: read, on: '*'}]", "`read` is not an action", "read", "");
    check("permissions: [{allow: 's3:*', on: bucket}]", "`bucket` is not an ARN", "bucket", "table <name>");
    check("permissions: [{allow: 's3:*', on: table x}]", "there is no table `x`", "table x", "");
    check(
        "aws: {lambda_inline_policies: [{}]}",
        "an inline policy has a `PolicyName` and a `PolicyDocument`",
        "{}",
        "",
    );
    check("logs: {retention: 31d}", "CloudWatch Logs cannot keep logs for this long", "31d", "3653");
    check("tags: {'aws:x': y}", "tags that begin with `aws:` are AWS's own", "'aws:x'", "");
    check("resources: {A: {Properties: {}}}", "`A` has no `Type`", "A", "");
    check("resources: {a-b: {Type: AWS::S3::Bucket}}", "a logical id has letters and digits only", "a-b", "");
    check("outputs: {A: {Value: !Nope x}}", "`!Nope` is no CloudFormation function", "!Nope x", "");
}

#[test]
fn several_errors_are_told_at_once_and_in_order() {
    let error = parse("name: a_b\napp: m:a\nruntime: python3.6\nlogs: {retention: 2d}\n").expect_err("four errors");
    let messages: Vec<_> = error.diagnostics.iter().map(|diagnostic| &*diagnostic.message).collect();
    assert_eq!(messages.len(), 3, "{error}");
    assert!(messages[0].starts_with("a project's name") && messages[2].starts_with("CloudWatch Logs"), "{error}");
}

#[test]
fn an_error_is_shown_with_its_line() {
    let text = "name: tasks\napp: tasks:app\ntables:\n  tasks:\n    attributes: {id: S}\n    key: id\n    \
                global_secondary_indexes: {by_owner: {key: [owner], project: all}}\n";
    insta::assert_snapshot!(parse(text).expect_err(text).render(false, None), @r"
    error: the table `tasks` uses the attribute `owner` in an index, but does not declare it
      ╭▸ slam.yaml:7:49
      │
    7 │     global_secondary_indexes: {by_owner: {key: [owner], project: all}}
      │                                                 ━━━━━
      │
      ╰ hint: add `owner: S` (or N, B) under `attributes`
    ");
}

#[test]
fn a_missing_file_is_told_with_a_hint() {
    let error = Project::load(Path::new("/nowhere/slam.yaml"), &Defaults::default()).expect_err("missing");
    assert_eq!(error.diagnostics[0].message, "there is no /nowhere/slam.yaml");
    assert!(error.diagnostics[0].hints[0].contains("slam init"));
}

proptest::proptest! {
    /// No text, however broken, is answered with a panic.
    #[test]
    fn any_text_is_read_or_refused(text in "([a-z]{1,8}|[:{}\\[\\],&*!|>'\"# \n\t-]|name: x\napp: m:a\n|é){0,60}") {
        if let Err(error) = parse(&text) {
            proptest::prop_assert!(!error.render(true, Some(40)).is_empty());
        }
    }
}

#[test]
fn functions_are_checked_like_the_first() {
    check(
        "functions: {a b: {app: 'm:b'}}",
        "a function's name begins with a letter and has up to 40 letters, digits, dashes and underscores",
        "a b",
        "",
    );
    check(
        "functions: {a-b: {app: 'm:b'}, a_b: {app: 'm:b'}}",
        "the functions `a-b` and `a_b` would have the same name in the stack",
        "a_b",
        "",
    );
    check("functions: {f: {}}", "the function `f` does not say what to call", "f", "app: module:callable");
    check(
        "functions: {f: {app: m}}",
        "`app` names a module and a callable in it, with a colon between them",
        "m",
        "app: m:app",
    );
    check(
        "functions: {f: {app: 'm:b', handler: x.y}}",
        "`app` and `handler` say two things about what is called",
        "x.y",
        "",
    );
    check(
        "functions: {f: {app: 'm:b', runtime: nodejs22.x}}",
        "`app` is Python, and the runtime is `nodejs22.x`",
        "'m:b'",
        "handler",
    );
    check(
        "functions: {f: {handler: x.y, runtime: nodejs22.x}}",
        "`handler` calls what is in a package that is shipped as it is, and there is none",
        "handler",
        "package: {path: …}",
    );
    check(
        "functions: {f: {handler: x.y, runtime: nodejs2.x, package: {path: js}}}",
        "`nodejs2.x` is not a runtime of Lambda",
        "nodejs2.x",
        "did you mean `nodejs20.x`?",
    );
    check(
        "functions: {f: {app: 'm:b', package: {path: f.zip}}}",
        "a package that is built before is shipped as it is",
        "f.zip",
        "handler: module.function",
    );
    check(
        "functions: {f: {app: 'm:b', package: {path: /srv/f}}}",
        "this path is of one machine",
        "/srv/f",
        "functions/resize",
    );
    check(
        "functions: {f: {app: 'm:b', kind: wsgi}}",
        "nothing would ask the web application `f`",
        "f",
        "on: {http: /path}",
    );
    check(
        "functions: {f: {app: 'm:b', on: {http: images}}}",
        "`images` is no path that an API can have",
        "images",
        "/images",
    );
    check(
        "kind: wsgi\nfunctions: {f: {app: 'm:b', on: {http: /}}}",
        "the project's own application answers all of the API",
        "/",
        "/images",
    );
    check(
        "functions: {f: {app: 'm:b', on: {http: /a}}, g: {app: 'm:b', on: {http: /a/}}}",
        "another function answers `/a` already",
        "/a/",
        "",
    );
    check(
        "functions: {f: {app: 'm:b', on: {stream: a}}}",
        "`functions.f.on.stream` is not a key of slam.yaml",
        "stream",
        "",
    );
    check("functions: {f: {app: 'm:b', environment: {STAGE: a}}}", "`STAGE` is set by slam itself", "STAGE", "");
    check("functions: {f: {app: 'm:b', permissions: [{allow: x, on: '*'}]}}", "`x` is not an action", "x", "");
}

#[test]
fn what_is_shipped_as_it_is_has_a_path() {
    check(
        "name: x\nhandler: index.handler\nruntime: nodejs22.x",
        "`handler` calls what is in a package that is shipped as it is, and there is none",
        "handler",
        "package: {path: …}",
    );
    check("name: x\napp: m:a\nruntime: java21", "`app` is Python, and the runtime is `java21`", "m:a", "handler");
    check(
        "name: x\nhandler: a.b\nkind: wsgi\npackage: {path: x.zip}",
        "this is about `app`, and what is called here is Lambda's own handler",
        "kind",
        "",
    );
}

#[test]
fn layers_are_versions() {
    check(
        "layers: [numpy]",
        "this is neither the ARN of a layer's version nor a CloudFormation function",
        "numpy",
        "ends with the version",
    );
    check(
        "layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:x']",
        "this is neither the ARN of a layer's version nor a CloudFormation function",
        "'arn:aws:lambda:eu-west-1:123456789012:layer:x'",
        "",
    );
    let six = "layers: [!Ref A, !Ref A, !Ref A, !Ref A, !Ref A]\npackage: {layer: true}";
    check(
        six,
        "a function has at most 5 layers, that of `package.layer` included",
        "[!Ref A, !Ref A, !Ref A, !Ref A, !Ref A]",
        "",
    );
}

#[test]
fn results_are_kept_for_a_time() {
    for text in ["7", "0d", "1w", "d", "9999999999999999999d"] {
        check(&format!("tasks: {{results: {text}}}"), &format!("`{text}` is no time to keep results for"), text, "12h");
    }
    check("tasks: {retries: 3}", "Lambda repeats an asynchronous invocation twice at most", "3", "");
}

#[test]
fn what_the_adapter_does_needs_an_application() {
    let handler = "name: x\nhandler: index.handler\nruntime: nodejs22.x\npackage: {path: js}\n";
    let gzip = format!("{handler}http: {{gzip: 1000}}");
    let requests = format!("{handler}logs: {{requests: false}}");
    check(
        &requests,
        "`logs.requests` is for WSGI and ASGI applications, and the project has none",
        "false",
        "remove it",
    );
    check(&gzip, "`http.gzip` is for WSGI and ASGI applications, and the project has none", "1000", "remove it");
    let stream = format!("{handler}http: {{stream: true}}");
    check(&stream, "`http.stream` is for WSGI and ASGI applications, and the project has none", "true", "remove it");
}

/// What is wrong with a file of variables, told of its line and at the place that names it.
#[test]
fn files_of_variables_are_checked() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let write = |name: &str, text: &[u8]| std::fs::write(directory.path().join(name), text).expect("written");
    write("good", b"A=1");
    write("bad", b"GOOD=1\nBAD\n");
    write("aws", b"# for the command line\nAWS_REGION=eu-west-1\n");
    write("ours", b"STAGE=dev");
    write("short", b"X=1");
    write("table", b"\nTABLE_TASKS=x");
    write("latin", b"AB=\xe4");
    write("large", "#".repeat(70_000).as_bytes());
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/hostname", directory.path().join("link")).expect("linked");
    for (from, message) in [
        ("missing", "there is no file missing"),
        ("../x", "`../x` is not a file of the project"),
        ("/etc/hostname", "`/etc/hostname` is not a file of the project"),
        ("link", "`link` is not a file of the project"),
        ("bad", "bad:2: `BAD` has no value: write `BAD=` for an empty one"),
        ("aws", "aws:2: `AWS_REGION` is set by Lambda itself"),
        ("ours", "ours:1: `STAGE` is set by slam itself"),
        ("short", "short:1: `X` cannot be the name of an environment variable of Lambda"),
        ("table", "table:2: `TABLE_TASKS` is set by slam: it names the table `tasks`"),
        ("latin", "latin is not UTF-8 text"),
        ("large", "large is larger than 64 kB"),
    ] {
        for place in ["environment: {{from: F}}", "stages: {{dev: {{environment: {{from: F}}}}}}"] {
            let environment = place.replace("{{", "{").replace("}}", "}").replace('F', from);
            let text =
                format!("name: x\napp: m:a\ntables: {{tasks: {{attributes: {{id: S}}, key: id}}}}\n{environment}");
            let path = directory.path().join("slam.yaml");
            let error = Project::parse(&text, &path, &Defaults::default()).expect_err(from);
            assert_eq!(error.diagnostics[0].message, message, "{error}");
            assert_eq!(text[error.diagnostics[0].span.clone().expect("a place")], *from);
        }
    }
}

#[test]
fn files_of_variables_mix_with_others_in_their_order() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join(".env"), "export LEVEL='info' # loud\nNAME=file\n").expect("written");
    std::fs::write(directory.path().join("prod.env"), "NAME=prod\n").expect("written");
    let text = "name: x\napp: m:a\nenvironment: {LEVEL: debug, from: .env, NAME: yaml}\n\
                stages: {dev: , prod: {environment: {from: prod.env}}}\n\
                functions: {f: {app: 'm:f', environment: {from: .env}}}\n";
    let project = Project::parse(text, &directory.path().join("slam.yaml"), &Defaults::default()).expect("read");
    assert_eq!((&*project.environment["LEVEL"], &*project.environment["NAME"]), ("info", "yaml"));
    assert!(!project.environment.contains_key("from"));
    assert_eq!(project.stages[1].environment["NAME"], "prod");
    assert_eq!(project.functions[0].environment["NAME"], "file");
}
