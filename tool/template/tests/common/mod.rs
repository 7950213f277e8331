//! Projects that the tests share.

use slam_project::{Defaults, Project};
use std::path::Path;

/// A plain function.
#[allow(dead_code)] // Each test file is a crate of its own, and not all need it.
pub const FIZZBUZZ: &str = "name: fizzbuzz\napp: fizzbuzz:fizzbuzz\nkind: function\n";

/// A web application with a table and two stages.
#[allow(dead_code)] // Each test file is a crate of its own, and not all need it.
pub const TASKS: &str = "\
name: tasks
description: A list of tasks
app: tasks_api:app
kind: wsgi
stages:
  dev:
  prod: {environment: {LEVEL: warning}}
environment: {LEVEL: info}
tables:
  tasks:
    attributes: {id: S}
    key: id
";

/// Everything that this version supports.
#[allow(dead_code)] // Each test file is a crate of its own, and not all need it.
pub const EVERYTHING: &str = r#"
name: everything
description: All there is
app: every.thing:app
kind: wsgi
runtime: python3.12
architecture: arm64
memory: 512
timeout: 30
package: {bucket: my-packages, exclude: ["docs/**"]}
http: {api: rest, logs: access}
devstage: dev
stages:
  dev: {http: {logs: none}}
  beta: {}
  prod-eu: {http: {logs: full}, secrets: {DATABASE_URL: ssm:/prod/database}}
environment: {LEVEL: info, GREETING: "héllo, 'you'"}
secrets: {DATABASE_URL: "ssm:/database:3", API_KEY: "secretsmanager:tasks/key#v"}
tables:
  tasks:
    attributes: {id: S, owner: S, due: N}
    key: [id, due]
    local_secondary_indexes: {by_owner: {key: [id, owner], project: [title]}}
    global_secondary_indexes: {of_owner: {key: [owner, due], project: all}, of_due: {key: due}}
    ttl: expires
    stream: new_and_old
  audit.log:
    attributes: {at: N}
    key: at
    read_throughput: 5
permissions:
  - AmazonSESFullAccess
  - AWSLambdaRole
  - arn:aws:iam::123456789012:policy/mine
  - {allow: [s3:GetObject], on: !Sub "${Files.Arn}/*"}
  - {allow: dynamodb:PartiQLSelect, on: [table tasks]}
vpc: {subnets: [subnet-1, subnet-2], security_groups: [sg-1]}
logs: {retention: 30d}
tags: {team: tasks}
resources:
  Files: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}
outputs:
  FilesName: {Value: !Ref Files}
"#;

/// Several functions: one in the shared package, one with a package and a role of its own, one that is not Python.
#[allow(dead_code)] // Each test file is a crate of its own, and not all need it.
pub const SEVERAL: &str = r#"
name: several
app: web:app
kind: wsgi
runtime: python3.13
package: {layer: true}
layers: ["arn:aws:lambda:eu-west-1:123456789012:layer:insights:53"]
commands: true
tasks: {retries: 0, results: 1d}
stages: {dev: {}, prod: {}}
functions:
  images:
    app: images:app
    kind: asgi
    memory: 1024
    on: {http: /images}
  faces:
    app: faces:find
    architecture: arm64
    environment: {MODEL: small}
    secrets: {KEY: ssm:faces}
    permissions: [{allow: rekognition:DetectFaces, on: "*"}]
    package: {layer: false}
  resize:
    runtime: nodejs22.x
    handler: index.handler
    package: {path: functions/resize}
    on: {http: "/images/{id}/small"}
tables:
  tasks: {attributes: {id: S}, key: id}
"#;

/// Queues, and everything that may call a function.
#[allow(dead_code)] // Each test file is a crate of its own, and not all need it.
pub const EVENTS: &str = r#"
name: events
app: jobs:work
stages: {dev: {}, prod: {}}
tags: {team: jobs}
environment: {GREETING: "${NAME}"}
queues:
  mail: {retries: 3, delay: 5s, keep: 10d}
  orders: {fifo: true, retries: 0, visibility: 1h, content_deduplication: true, high_throughput: true}
  lost: {}
  copies: {on: {topic: changes, raw: true, filter: {kind: [a]}, failures: queue lost}}
topics:
  changes: {}
  ordered: {fifo: true, content_deduplication: true}
buckets:
  uploads:
    versioned: true
    cors: {origins: ["https://example.com"], max_age: 1h}
    lifecycle: {prefix: tmp/, expire: 7d, expire_versions: 30d, abort_uploads: 1d}
  plain: {}
tables:
  notes: {attributes: {id: S}, key: id}
tasks: {via: queue, retries: 4, results: 1d}
permissions: [{allow: sqs:ReceiveMessage, on: queue lost}, {allow: "s3:GetObjectTagging", on: bucket plain}]
on:
  - {queue: mail, batch: 100, window: 5s, filter: [{body: {kind: [a]}}, {body: {kind: [b]}}], concurrency: 5, partial: true}
  - {queue: orders, batch: 1}
  - queue: arn:aws:sqs:eu-west-1:123456789012:jobs
    stages: [prod]
functions:
  audit:
    app: jobs:audit
    timeout: 20
    permissions: []
    on:
      table: notes
      filter: {eventName: [REMOVE]}
      batch: 10
      window: 1m
      start: latest
      bisect: true
      parallel: 2
      retries: 3
      age: 1h
      partial: true
      failures: queue lost
  watch:
    app: jobs:watch
    permissions: []
    on: {table: arn:aws:dynamodb:eu-west-1:123456789012:table/others/stream/2026-01-01T00:00:00.000, failures: !GetAtt Dump.Arn, stages: prod}
  nightly:
    app: jobs:nightly
    on:
      - {schedule: cron(0 3 * * ? *), timezone: Europe/Dublin, input: {kwargs: {full: true}}, flexible: 15m}
      - {schedule: rate(1 hour), retries: 3, age: 1h, failures: queue lost, enabled: false}
  reader:
    app: jobs:read
    on:
      - {topic: changes, filter: {kind: [b], n: [{numeric: [">", 1]}]}, filter_by: body, failures: queue lost}
      - {topic: arn:aws:sns:eu-west-1:123456789012:others, stages: [prod]}
      - {bucket: uploads, prefix: raw/, suffix: .png, events: ["ObjectCreated:*", ObjectRemoved:Delete]}
      - {bucket: uploads, prefix: big/}
      - {bucket: plain, enabled: false}
      - {event: {source: [shop], detail-type: [OrderPlaced]}, failures: queue lost, retries: 5, age: 2h}
      - {event: {source: [shop]}, bus: orders, paths: {id: $.detail.id}, template: '{"id": <id>}', enabled: false}
      - {event: {source: [aws.s3]}, input: {from: s3}}
resources:
  Dump: {Type: AWS::SQS::Queue}
"#;

/// An HTTP API of each stage, with two functions behind it.
#[allow(dead_code)] // Each test file is a crate of its own, and not all need it.
pub const HTTP: &str = "\
name: shop
app: shop.web:app
kind: asgi
http:
  api: http
  logs: access
  cors: {origins: ['https://*.example.com'], expose: etag, max_age: 1h, credentials: true}
  throttle: {rate: 100, burst: 200, paths: {/images: {rate: 5, burst: 10}}}
  authorizer:
    jwt: {issuer: 'https://id.example.com', audience: [shop], scopes: [read]}
    open: /health
    paths:
      /admin: iam
      /partners: {lambda: 'shop.auth:check', cache: 5m, header: X-Token}
      /staff: {cognito: {pool: !Ref Pool, clients: [!Ref Client]}}
tags: {team: shop}
stages: {dev: {}, prod: {http: {logs: none, authorizer: iam, throttle: {rate: 1, burst: 1}}}}
resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Client: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: !Ref Pool}}
functions:
  images: {app: 'shop.images:app', kind: wsgi, on: {http: /images}}
";

/// A REST API with everything that may stand before its methods.
#[allow(dead_code)] // Each test file is a crate of its own, and not all need it.
pub const GUARDED: &str = "\
name: bank
app: bank.web:app
kind: wsgi
stages: {dev: {}, prod: {http: {logs: full, throttle: {rate: 10, burst: 20, paths: {/pay: {rate: 1, burst: 2}}}, keys: {gold: {}}}}}
tags: {team: bank}
static: {folder: public, index: index.html}
http:
  cors: {origins: ['https://a.example', 'https://b.example'], max_age: 1h}
  throttle: {rate: 100, burst: 200, paths: {/static: {rate: 50, burst: 50}}}
  authorizer:
    lambda: bank.auth:check
    open: [/health, /static]
    paths: {/admin: iam, /staff: {cognito: {pool: eu-west-1_a1B2c3D4e, scopes: [bank/staff]}}}
  keys: {partner: {quota: 10000/day, throttle: {rate: 5, burst: 10}}}
functions:
  images: {app: 'bank.images:app', kind: asgi, on: {http: /images}}
";

/// A function URL of each stage.
#[allow(dead_code)] // Each test file is a crate of its own, and not all need it.
pub const URL: &str = "\
name: feed
app: feed:app
kind: asgi
http: {api: url, stream: true, cors: {origins: '*'}}
stages: {dev: {}, prod: {http: {authorizer: iam}}}
";

/// Files that the API serves, at two paths' depth, with an index.
#[allow(dead_code)] // Each test file is a crate of its own, and not all need it.
pub const SITE: &str = "\
name: site
app: site.wsgi:application
kind: wsgi
stages: {dev: {}, prod: {}}
static: {folder: public, url: /app/files, index: index.html}
";

/// As the original would have had it.
#[allow(dead_code)]
pub const ORIGINAL: &str = r#"
name: "tasks-api"
description: "Deployed with slam."
function:
  module: "tasks_api"
  app: "app"
requirements: "requirements.txt"
devstage: "dev"
environment:
stage_environments:
  dev:
  prod:
    LEVEL: warning
aws:
  s3_bucket: "tasks-api-1a2b3c4d"
  lambda_timeout: 10
  lambda_memory: 128
  lambda_runtime: "python3.12"
  lambda_security_groups:
  lambda_subnet_ids:
  lambda_managed_policies:
    - AWSLambdaRole
  lambda_inline_policies:
    - PolicyName: mine
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Action: "s3:*", Resource: !GetAtt Files.Arn}]
  cfn_resources:
    Files: {Type: AWS::S3::Bucket}
  cfn_outputs:
    FilesBucket: {Value: !Ref Files}
wsgi:
  deploy_api_gateway: true
  log_stages:
  - dev
dynamodb_tables:
  tasks:
    attributes:
      id: S
    key: id
    read_throughput: 1
    write_throughput: 1
"#;

pub fn project(text: &str) -> Project {
    Project::parse(text, Path::new("slam.yaml"), &Defaults::default()).unwrap_or_else(|error| panic!("{error}"))
}
