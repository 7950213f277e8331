//! What a slam.yaml says is what the project is, in either style.

use slam_project::variables::{SLAM_COMMANDS, SLAM_STAGES};
use slam_project::*;
use std::path::Path;

fn parse(text: &str) -> Project {
    Project::parse(text, Path::new("dir/slam.yaml"), &Defaults::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn app(project: &Project) -> String {
    match &project.function.code {
        Code::App { app, .. } => app.to_string(),
        Code::Handler(handler) => panic!("{handler}"),
    }
}

fn kind(project: &Project) -> Kind {
    match project.function.code {
        Code::App { kind, .. } => kind,
        Code::Handler(_) => panic!("{:?}", project.function),
    }
}

/// As the original's `slam init` writes it, comments and all.
const ORIGINAL: &str = r#"---
# slam configuration file
name: "tasks-api"
description: "Deployed with slam."
function:
  module: "tasks_api"
  app: "app"
requirements: "requirements.txt"
devstage: "dev"
environment:
  # define variables here as "key: value" pairs
  LEVEL: 010
stage_environments:
  dev:
    # define stage specific variables here as "key: value" pairs
  prod:
    LEVEL: warning
aws:
  s3_bucket: "tasks-api-1a2b3c4d"
  lambda_timeout: 20
  lambda_memory: 256
  lambda_runtime: "python3.12"
  lambda_security_groups:
  lambda_subnet_ids:
  lambda_managed_policies:
    - AWSLambdaRole
    - arn:aws:iam::aws:policy/AmazonSESFullAccess
  lambda_inline_policies:
    - PolicyName: mine
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "s3:*", Resource: !GetAtt Files.Arn}]}
  cfn_resources:
    Files: {Type: AWS::S3::Bucket}
  cfn_outputs:
    FilesBucket: {Value: !Ref Files}
dynamodb_tables:
  mytable2:
   attributes:
     id: "S"
     name: "S"
     age: "N"
   key: ["id", "name"]
   read_throughput: 2
   write_throughput: 1
   local_secondary_indexes:
     myindex:
       key: ["id", "age"]
       project:
         - "name"
   global_secondary_indexes:
     myindex2:
       key: ["age", "name"]
       project: "all"
       read_throughput: 3
wsgi:
  deploy_api_gateway: true
  log_stages:
  - dev
"#;

const TODAY: &str = r#"
name: tasks-api
description: Deployed with slam.
app: tasks_api:app
kind: wsgi
runtime: python3.12
memory: 256
timeout: 20
package: {requirements: requirements.txt, bucket: tasks-api-1a2b3c4d}
environment: {LEVEL: 010}
stages:
  dev: {http: {logs: full}}
  prod: {environment: {LEVEL: warning}}
permissions:
  - AWSLambdaRole
  - arn:aws:iam::aws:policy/AmazonSESFullAccess
resources:
  Files: {Type: AWS::S3::Bucket}
outputs:
  FilesBucket: {Value: {Ref: Files}}
tables:
  mytable2:
    attributes: {id: S, name: S, age: N}
    key: [id, name]
    read_throughput: 2
    local_secondary_indexes: {myindex: {key: [id, age], project: [name]}}
    global_secondary_indexes: {myindex2: {key: [age, name], project: all, read_throughput: 3}}
"#;

#[test]
fn both_styles_say_the_same() {
    let (original, today) = (parse(ORIGINAL), parse(TODAY));
    assert_eq!(original.name, today.name);
    assert_eq!(original.description, today.description);
    assert_eq!(original.function, today.function);
    assert_eq!(original.http, today.http);
    assert_eq!(original.package, today.package);
    assert_eq!(original.stages, today.stages);
    assert_eq!(original.dev_stage, today.dev_stage);
    assert_eq!(original.environment, today.environment);
    assert_eq!(original.tables, today.tables);
    assert_eq!(original.permissions[..2], today.permissions[..]);
    assert_eq!(original.resources, today.resources);
    assert_eq!(original.outputs, today.outputs);
}

#[test]
fn the_original_is_understood() {
    let project = parse(ORIGINAL);
    assert_eq!(project.directory, Path::new("dir"));
    assert_eq!(app(&project), "tasks_api:app");
    assert_eq!(kind(&project), Kind::Wsgi);
    assert_eq!(project.environment["LEVEL"], "010");
    assert_eq!(project.stages[0].api_logs, ApiLogs::Full);
    assert_eq!(project.stages[1].api_logs, ApiLogs::None);
    assert_eq!(project.stages[1].environment["LEVEL"], "warning");
    assert_eq!(project.tables[0].throughput, Some(Throughput { read: 2, write: 1 }));
    assert_eq!(project.tables[0].global_indexes[0].throughput, Some(Throughput { read: 3, write: 1 }));
    assert_eq!(project.tables[0].local_indexes[0].projection, Projection::Include(vec!["name".into()]));
    assert_eq!(project.permissions[0], Permission::Managed(ManagedPolicy::Aws("service-role/AWSLambdaRole".into())));
}

#[test]
fn little_needs_to_be_said() {
    let project = parse("name: x\napp: m:a\n");
    assert_eq!(kind(&project), Kind::Function);
    assert_eq!((project.function.memory, project.function.timeout), (128, 10));
    assert_eq!(project.function.runtime, "python3.13");
    assert_eq!(project.http, None);
    assert_eq!((project.stages.len(), project.dev_stage.as_str()), (1, "dev"));
}

#[test]
fn an_api_is_deployed_when_it_is_wished_for() {
    for (text, expected) in [
        ("kind: wsgi", true),
        ("http: {api: rest}", true),
        ("http: {logs: none}", true),
        ("http: {api: http}", true),
        ("http: {api: url}", true),
        ("kind: wsgi\nhttp: {api: none}", false),
        ("kind: asgi", true),
        ("kind: asgi\nhttp: {api: none}", false),
        ("wsgi: {deploy_api_gateway: true}", true),
        ("wsgi: {deploy_api_gateway: false}", false),
        ("wsgi:", false),
        ("kind: function\nhttp: {api: none}", false),
        ("", false),
    ] {
        assert_eq!(parse(&format!("name: x\napp: m:a\n{text}\n")).http.is_some(), expected, "{text}");
    }
}

/// A plain function has no API, but others of the project may.
#[test]
fn the_kind_of_api_is_that_of_all_functions() {
    let project =
        parse("name: x\napp: m:a\nkind: function\nhttp: {api: http}\nfunctions: {f: {app: 'm:f', on: {http: /f}}}\n");
    assert_eq!((project.http, project.api, project.has_api()), (None, ApiKind::Http, true));
    assert_eq!(parse("name: x\napp: m:a\nkind: wsgi\n").api, ApiKind::Rest);
}

#[test]
fn stages_say_for_themselves_what_their_apis_do() {
    let project = parse(
        "name: x\napp: m:a\nkind: wsgi\nhttp: {throttle: {rate: 1, burst: 2}, keys: {a: {quota: 5/week}}, cors: {origins: '*'}}\n\
         stages: {dev: {}, prod: {http: {throttle: {rate: 3, burst: 4}, keys: {b: {throttle: {rate: 5, burst: 6}}}}}}\n",
    );
    let [dev, prod] = [0, 1].map(|at: usize| &project.stages[at].settings);
    assert_eq!(dev.throttle.all, Some(Limits { rate: 1, burst: 2 }));
    assert_eq!(prod.throttle.all, Some(Limits { rate: 3, burst: 4 }));
    assert_eq!(dev.plans[0].quota, Some(Quota { limit: 5, period: Period::Week }));
    assert_eq!((prod.plans.len(), &*prod.plans[0].name, prod.plans[0].quota), (1, "b", None));
    assert_eq!(dev.cors, prod.cors);
    // The adapter tells browsers where the API does not.
    let told = |text: &str| {
        let project = parse(&format!("name: x\napp: m:a\n{text}"));
        project.lambda_environment(&project.function, &[&project.stages[0]]).get("SLAM_CORS").cloned()
    };
    let expected = r#"{"origins":["*"],"expose":["etag"],"credentials":false}"#;
    assert_eq!(told("http: {cors: {origins: '*', expose: etag}}").as_deref(), Some(expected));
    assert_eq!(told("http: {api: http, cors: {origins: '*'}}"), None);
    // A stage with a place of its own has a REST API of its own.
    parse("name: x\napp: m:a\nkind: wsgi\nstages: {dev: {}, prod: {target: aws, http: {authorizer: iam}}}\n");
}

#[test]
fn who_may_call_is_found_by_the_longest_path() {
    let project = parse(
        "name: x\napp: m:a\nkind: wsgi\nhttp: {authorizer: {lambda: 'auth.tokens:check', open: [/a/open/], paths: {/a: iam}}}\n",
    );
    let access = &project.stages[0].settings.access;
    let asked = |path: &str| match access.of(path) {
        Rule { open: true, .. } => "open",
        Rule { authorizer: Some(Authorizer::Iam), .. } => "iam",
        Rule { authorizer: Some(Authorizer::Lambda { .. }), .. } => "lambda",
        _ => "nobody",
    };
    for (path, expected) in [("", "lambda"), ("/a", "iam"), ("/a/b", "iam"), ("/ab", "lambda"), ("/a/open", "open")] {
        assert_eq!(asked(path), expected, "{path}");
    }
    // The function is one of the project's, and runs from its package.
    let [function] = &project.functions[..] else { panic!("{:?}", project.functions) };
    assert_eq!(
        (function.name.as_deref(), function.handler()),
        (Some("auth-tokens-check"), "lambda_handler_auth_tokens_check.lambda_handler".to_owned())
    );
    assert_eq!(project.packages().len(), 1);
}

#[test]
fn the_environment_is_common_variables_and_a_map_of_stages() {
    let project = parse(
        "name: x\napp: m:a\ndevstage: dev\nenvironment: {AA: 1}\n\
         stages: {prod: {environment: {AA: 2}}, dev: }\ntables: {my-t: {attributes: {id: S}, key: id}}\n",
    );
    let stages: Vec<_> = project.stages.iter().collect();
    let environment = project.lambda_environment(&project.function, &stages);
    assert_eq!(environment["AA"], "1");
    assert_eq!(
        environment[SLAM_STAGES],
        r#"{"dev":{"STAGE":"dev","TABLE_MY_T":"dev.my-t"},"prod":{"STAGE":"prod","TABLE_MY_T":"prod.my-t","AA":"2"}}"#
    );
}

#[test]
fn stages_share_a_stack_when_they_share_a_place() {
    let project = parse(
        "name: x\napp: m:a\ndevstage: dev\nstages:\n  prod: {target: aws, region: eu-west-1}\n  dev: \n  \
         test: \n  beta: {target: aws, region: eu-west-1}\n",
    );
    let stacks: Vec<(Target, Vec<&str>)> = project
        .deployments()
        .into_iter()
        .map(|stack| (stack.target, stack.stages.iter().map(|stage| stage.name.as_str()).collect()))
        .collect();
    assert_eq!(stacks, [(Target::Local, vec!["dev", "test"]), (Target::Aws, vec!["prod", "beta"])]);
}

#[test]
fn permissions_are_policies_or_statements() {
    let project = parse(
        "name: x\napp: m:a\ntables: {t: {attributes: {id: S}, key: id}}\npermissions:\n  - AmazonSESFullAccess\n  \
         - {allow: s3:GetObject, on: [!GetAtt Files.Arn, \"arn:aws:s3:::b/*\", table t]}\n\
         resources: {Files: {Type: AWS::S3::Bucket}}\n",
    );
    assert_eq!(project.permissions[0], Permission::Managed(ManagedPolicy::Aws("AmazonSESFullAccess".into())));
    let Permission::Statement { actions, resources } = &project.permissions[1] else { panic!("a statement") };
    assert_eq!(actions, &["s3:GetObject"]);
    assert_eq!(resources[0], PermissionResource::Arn(serde_json::json!({"Fn::GetAtt": ["Files", "Arn"]})));
    assert_eq!(resources[2], PermissionResource::Table("t".into()));
}

#[test]
fn what_init_writes_reads_back() {
    let plain = InitOptions { function: "my_app:app".into(), runtime: "python3.12".into(), ..Default::default() };
    let full = InitOptions {
        name: Some("tasks".into()),
        description: Some("Tasks: all of them, \"quoted\" # too".into()),
        bucket: Some("my-bucket".into()),
        timeout: Some(30),
        memory: Some(512),
        stages: vec!["dev".into(), "prod".into()],
        requirements: Some("req/base.txt".into()),
        kind: Kind::Wsgi,
        dynamodb_tables: vec!["tasks".into(), "users".into()],
        ..plain.clone()
    };
    let project = parse(&slam_yaml(&plain));
    assert_eq!(project.name, "my-app");
    assert_eq!(project.description.as_deref(), Some("Deployed with slam."));
    assert_eq!((project.http, kind(&project)), (None, Kind::Function));
    let project = parse(&slam_yaml(&full));
    assert_eq!(project.description, full.description);
    assert_eq!(project.package.bucket, full.bucket);
    assert_eq!(project.package.requirements, full.requirements);
    assert_eq!((project.function.memory, project.function.timeout), (512, 30));
    assert_eq!((project.http, kind(&project)), (Some(Http { stream: false, gzip: None }), Kind::Wsgi));
    assert_eq!(project.stages.iter().map(|stage| stage.name.as_str()).collect::<Vec<_>>(), ["dev", "prod"]);
    assert_eq!(project.tables.len(), 2);
    assert_eq!(project.tables[0].throughput, None);
    let without = parse(&slam_yaml(&InitOptions { no_api_gateway: true, ..full.clone() }));
    assert_eq!((without.http, kind(&without)), (None, Kind::Wsgi));
    insta::assert_snapshot!(slam_yaml(&full));
}

#[test]
fn init_writes_once_and_only_what_is_right() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("slam.yaml");
    let good = InitOptions { function: "m:a".into(), runtime: "python3.12".into(), ..Default::default() };
    let bad = InitOptions { function: "m".into(), ..good.clone() };
    assert!(matches!(init(&path, &bad), Err(InitError::Options(_))));
    assert!(!path.exists());
    init(&path, &good).expect("written");
    assert!(matches!(init(&path, &good), Err(InitError::Exists(_))));
    Project::load(&path, &Defaults::default()).expect("reads back");
}

#[test]
fn the_schema_follows_the_language() {
    insta::assert_json_snapshot!(schema());
}

#[test]
fn files_from_other_systems_are_read() {
    for text in ["\u{feff}name: x\napp: m:a\n", "name: x\r\napp: m:a\r\nstages:\r\n  dev:\r\n"] {
        assert_eq!(app(&parse(text)), "m:a");
    }
}

#[test]
fn the_examples_are_projects() {
    for name in ["fizzbuzz", "tasks-api"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name).join("slam.yaml");
        let project = Project::load(&path, &Defaults::default()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(project.name, name);
    }
}

/// A function says only what differs.
#[test]
fn functions_inherit_what_they_do_not_say() {
    let project = parse(
        "name: x\napp: m:a\nkind: wsgi\nruntime: python3.13\nmemory: 256\ntimeout: 7\nenvironment: {ONE: '1', TWO: '1'}\n\
         vpc: {subnets: [s], security_groups: [g]}\npackage: {exclude: [docs], layer: true}\n\
         layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:x:1']\nfunctions:\n  \
         same: {app: 'm:b', environment: {TWO: '2'}}\n  \
         arm: {app: 'm:c', architecture: arm64, memory: 512}\n  \
         own: {app: 'm:d', package: {exclude: [x]}, permissions: []}\n  \
         other: {runtime: nodejs22.x, handler: index.handler, package: {path: js}, on: {http: /js/}}\n  \
         rust: {runtime: provided.al2023, package: {path: target/rust.zip}}\n",
    );
    let find = |name: &str| project.functions.iter().find(|it| it.name.as_deref() == Some(name)).expect(name);
    let same = find("same");
    assert_eq!((same.memory, same.timeout, same.layers.len()), (256, 7, 1));
    assert_eq!((same.vpc.as_ref(), &same.package, &same.permissions), (project.function.vpc.as_ref(), &None, &None));
    assert_eq!(same.handler(), "lambda_handler_same.lambda_handler");
    let variables = project.lambda_environment(same, &[&project.stages[0]]);
    assert_eq!((&*variables["ONE"], &*variables["TWO"]), ("1", "2"));
    // Other wheels: a package of its own, made as the project's.
    let arm = find("arm").package.as_ref().expect("its own");
    assert_eq!((&arm.exclude, arm.layer, find("arm").memory), (&vec!["docs".to_owned()], true, 512));
    let own = find("own");
    assert_eq!((own.package.as_ref().map(|it| (it.exclude.clone(), it.layer))), Some((vec!["x".to_owned()], true)));
    assert_eq!(own.permissions.as_deref(), Some(&[][..]));
    let other = find("other");
    assert_eq!(
        (other.handler(), other.path.as_deref(), other.layers.len()),
        ("index.handler".to_owned(), Some("/js"), 0)
    );
    assert_eq!(other.package.as_ref().map(|it| (it.path.as_deref(), it.layer)), Some((Some("js"), false)));
    assert_eq!(find("rust").handler(), "bootstrap");
    let packages: Vec<_> =
        project.packages().iter().map(|plan| (plan.name.map(str::to_owned), plan.functions.len())).collect();
    let named = |name: &str| (Some(name.to_owned()), 1);
    assert_eq!(packages, [(None, 2), named("arm"), named("own"), named("other"), named("rust")]);
}

/// Nothing puts on the variables of the invoked stage in a package that is shipped as it is.
#[test]
fn the_variables_of_the_only_stage_are_a_handlers_own() {
    let text = "name: x\nruntime: provided.al2023\npackage: {path: rust}\nstages: {dev: {environment: {ONE: '1'}}, prod: {}}\n";
    let project = parse(text);
    let variables = |stages: &[&Stage]| project.lambda_environment(&project.function, stages).get("ONE").cloned();
    assert_eq!(variables(&[&project.stages[0]]), Some("1".to_owned()));
    assert_eq!(variables(&[&project.stages[0], &project.stages[1]]), None);
}

#[test]
fn commands_are_allowed_by_a_variable() {
    for (line, expected) in [("", None), ("commands: true\n", Some("1".to_owned()))] {
        let project = parse(&format!("name: x\napp: m:a\n{line}"));
        let variables = project.lambda_environment(&project.function, &[&project.stages[0]]);
        assert_eq!(variables.get(SLAM_COMMANDS).cloned(), expected);
    }
}

#[test]
fn lines_about_requests_are_silenced_by_a_variable() {
    for (line, expected) in [("", None), ("logs: {requests: true}\n", None), ("logs: {requests: false}\n", Some("0"))] {
        let project = parse(&format!("name: x\napp: m:a\nkind: wsgi\n{line}"));
        let variables = project.lambda_environment(&project.function, &[&project.stages[0]]);
        assert_eq!(variables.get("SLAM_LOG_REQUESTS").map(String::as_str), expected);
    }
}

#[test]
fn answers_are_compressed_by_a_variable_of_web_applications() {
    let project = parse("name: x\napp: m:a\nkind: wsgi\nhttp: {gzip: 1024}\nfunctions: {f: {app: 'm:b'}}\n");
    let gzip =
        |function: &Function| project.lambda_environment(function, &[&project.stages[0]]).get("SLAM_GZIP").cloned();
    assert_eq!((gzip(&project.function), gzip(&project.functions[0])), (Some("1024".to_owned()), None));
}

#[test]
fn static_files_are_a_folder_or_more() {
    let files = |text: &str| parse(&format!("name: x\napp: m:a\nkind: wsgi\n{text}")).static_files;
    let base = StaticFiles {
        folder: "files".to_owned(),
        url: "/static".to_owned(),
        cache: 60,
        immutable: Vec::new(),
        exclude: Vec::new(),
        index: None,
    };
    assert_eq!(files("static: ./files/"), Some(base.clone()));
    assert_eq!(files("static: {folder: files}"), Some(base.clone()));
    assert_eq!(files("static:"), None);
    assert_eq!(files(""), None);
    let whole = "static: {folder: web/dist, url: /app/, cache: 2h, immutable: [a], exclude: [b], index: index.html}";
    let expected = StaticFiles {
        folder: "web/dist".to_owned(),
        url: "/app".to_owned(),
        cache: 7200,
        immutable: vec!["a".to_owned()],
        exclude: vec!["b".to_owned()],
        index: Some("index.html".to_owned()),
    };
    assert_eq!(files(whole), Some(expected));
}

#[test]
fn the_path_of_a_stage_is_known_where_there_is_an_api() {
    let path = |text: &str| {
        let project = parse(&format!("name: x\napp: m:a\n{text}"));
        project.stage_environment(&project.stages[0]).get("SCRIPT_NAME").cloned()
    };
    let dev = Some("/dev".to_owned());
    assert_eq!(path("kind: wsgi"), dev);
    assert_eq!(path("kind: function"), None);
    assert_eq!(path("kind: wsgi\nhttp: {api: none}"), None);
    assert_eq!(path("kind: function\nfunctions: {web: {app: 'm:b', kind: wsgi, on: {http: /web}}}"), dev);
    // Of the other kinds each stage has its own host.
    assert_eq!(path("http: {api: http}"), None);
    assert_eq!(path("http: {api: url}"), None);
    // Who has a domain says so.
    assert_eq!(path("kind: wsgi\nstages: {dev: {environment: {SCRIPT_NAME: ''}}}"), Some(String::new()));
    assert_eq!(path("kind: wsgi\nenvironment: {SCRIPT_NAME: /shop}"), None);
}
