"""Templates of every kind of event source and API hold against cfn-lint, which knows AWS's schemas and rules: not a warning."""

import json
import subprocess

import pytest
from conftest import ROOT

HEAD = """
name: linted
app: jobs:work
runtime: python3.13
"""
# By kind, with all that may be said of it; others' are named by their ARNs.
KINDS = {
    "queue": """
queues:
  mail: {retries: 3, delay: 5s, keep: 10d}
  orders: {fifo: true, retries: 0, visibility: 1h, content_deduplication: true, high_throughput: true}
on:
  - {queue: mail, batch: 100, window: 5s, filter: [{body: {kind: [a]}}, {body: {kind: [b]}}], concurrency: 5, partial: true}
  - {queue: orders, batch: 1, enabled: false}
  - {queue: "arn:aws:sqs:us-east-1:123456789012:jobs"}
""",
    "table": """
tables: {notes: {attributes: {id: S}, key: id}}
queues: {lost: {}}
topics: {losses: {}}
buckets: {attic: {}}
functions:
  audit:
    app: jobs:audit
    on: {table: notes, filter: {eventName: [REMOVE]}, batch: 10, window: 1m, start: latest, bisect: true, parallel: 2, retries: 3, age: 1h, partial: true, failures: queue lost}
  told: {app: "jobs:audit", on: {table: notes, failures: topic losses}}
  kept: {app: "jobs:audit", on: {table: notes, failures: bucket attic}}
  others:
    app: jobs:audit
    on: {table: "arn:aws:dynamodb:us-east-1:123456789012:table/others/stream/2026-01-01T00:00:00.000", failures: "arn:aws:s3:::others"}
""",
    "schedule": """
queues: {lost: {}}
on:
  - {schedule: cron(0 3 * * ? *), timezone: Europe/Dublin, input: {kwargs: {full: true}}, flexible: 15m}
  - {schedule: rate(1 hour), retries: 3, age: 1h, failures: queue lost, enabled: false}
  - {schedule: "at(2031-01-01T00:00:00)"}
""",
    "topic": """
queues:
  lost: {}
  copies: {on: {topic: changes, raw: true, filter: {kind: [a]}, failures: queue lost}}
  ordered: {fifo: true, on: {topic: ordered}}
topics:
  changes: {}
  ordered: {fifo: true, content_deduplication: true}
on:
  - {topic: changes, filter: {kind: [b], n: [{numeric: [">", 1]}]}, filter_by: body, failures: queue lost}
  - {topic: "arn:aws:sns:us-east-1:123456789012:others"}
""",
    "bucket": """
buckets:
  uploads:
    versioned: true
    cors: {origins: ["https://example.com"], max_age: 1h}
    lifecycle: {prefix: tmp/, expire: 7d, expire_versions: 30d, abort_uploads: 1d}
  plain: {}
on:
  - {bucket: uploads, prefix: raw/, suffix: .png, events: ["ObjectCreated:*", ObjectRemoved:Delete]}
  - {bucket: uploads, prefix: big/}
  - {bucket: plain}
""",
    "event": """
queues: {lost: {}}
on:
  - {event: {source: [shop], detail-type: [OrderPlaced]}, failures: queue lost, retries: 5, age: 2h}
  - {event: {source: [shop]}, bus: orders, paths: {id: $.detail.id}, template: '{"id": <id>}', enabled: false}
  - {event: {source: [aws.s3]}, input: {from: s3}}
""",
    "tasks by a queue": """
tasks: {via: queue, retries: 4, results: 1d}
functions: {audit: {app: "jobs:audit", permissions: []}}
""",
    "a guarded REST API": """
kind: wsgi
static: {folder: public, index: index.html}
http:
  logs: full
  cors: {origins: ["https://a.example", "https://b.example"], max_age: 1h, credentials: true}
  throttle: {rate: 100, burst: 200, paths: {/pay: {rate: 1, burst: 2}, /static: {rate: 50, burst: 50}}}
  authorizer:
    lambda: jobs:check
    open: [/health, /static]
    paths: {/admin: iam, /staff: {cognito: {pool: us-east-1_a1B2c3D4e, scopes: [staff]}}}
  keys: {partner: {quota: 10000/day, throttle: {rate: 5, burst: 10}}}
""",
    "a guarded HTTP API": """
kind: wsgi
http:
  api: http
  cors: {origins: "https://*.a.example", expose: etag}
  throttle: {rate: 100, burst: 200, paths: {/pay: {rate: 1, burst: 2}}}
  authorizer:
    jwt: {issuer: "https://id.example.com", audience: shop, scopes: [read]}
    open: /health
    paths:
      /admin: iam
      /partners: {lambda: "jobs:check", cache: 5m, header: X-Token}
      /staff: {cognito: {pool: us-east-1_a1B2c3D4e, clients: [abc]}}
""",
    "a function URL with a signature": """
kind: wsgi
http: {api: url, authorizer: iam, cors: {origins: "*"}}
""",
    "an HTTP API": """
kind: asgi
http: {api: http, logs: access}
tags: {team: shop}
functions: {images: {app: "images:app", kind: wsgi, on: {http: "/images/{id}"}}}
""",
    "a function URL": """
kind: asgi
http: {api: url, stream: true}
""",
    "tasks by Lambda": "tasks: {retries: 1, results: 1d}\n",
}
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if (path / "slam.yaml").exists())


def check(machine, folder, tmp_path):
    template = machine.run("template", cwd=folder).stdout
    (tmp_path / "template.json").write_text(template)
    linter = ["cfn-lint", "--format", "json", str(tmp_path / "template.json")]
    done = subprocess.run(linter, capture_output=True, text=True, timeout=300)
    found = [f"{one['Rule']['Id']} {one['Location']['Path']}: {one['Message']}" for one in json.loads(done.stdout or "[]")]
    assert (found, done.returncode) == ([], 0), done.stderr
    return json.loads(template)["Resources"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind(builder, tmp_path, kind):
    (tmp_path / "slam.yaml").write_text(HEAD + KINDS[kind])
    assert check(builder, tmp_path, tmp_path)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example(builder, tmp_path, example):
    assert check(builder, ROOT / "examples" / example, tmp_path)
