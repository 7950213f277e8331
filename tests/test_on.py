"""Queues, tables and schedules that call functions, as slam.yaml says it: deployed by slam, driven by boto3."""

import json

from sources import SEEN, fast, on, until  # noqa: F401

QUEUE = f"""
app: jobs:send
functions:
  worker: {{app: "jobs:work", environment: {{WHO: worker}}, on: {{queue: mail, partial: true}}}}
# Longer than a function takes to start, in a cloud as fast as this one.
queues: {{mail: {{retries: 1, visibility: 5m}}}}
tables:
{SEEN}"""


def test_a_queue_calls_its_function(on):
    on.deploy(QUEUE)
    # The function finds its queue, and may send to it.
    on.machine.run("invoke", "text=from the function", cwd=on.folder)
    on.send("dev-mail", "from outside")
    until(lambda: sorted(on.bodies("worker")) == ["from outside", "from the function"])
    (record,) = on.events("worker")[0]["Records"]
    assert record["eventSource"] == "aws:sqs" and record["eventSourceARN"].endswith(":dev-mail")
    # What fails is tried once more, and then it is in the dead-letter queue.
    on.send("dev-mail", "bad one")
    (dead,) = until(lambda: on.received("dev-mail-dead"))
    assert dead["Body"] == "bad one" and on.bodies("worker").count("bad one") == 2


def test_a_stage_takes_messages_once_it_is_published(on):
    stages = "stages: {dev: {}, prod: {}}\n"
    on.deploy(QUEUE + stages)
    assert on.resources("AWS::Lambda::EventSourceMapping") == ["DevWorkerMailQueueSource"]
    on.send("prod-mail", "early")
    on.machine.run("publish", "prod", cwd=on.folder)
    until(lambda: on.bodies("worker", "prod") == ["early"])
    assert on.bodies("worker") == []
    on.machine.run("invoke", "--stage", "prod", "text=late", cwd=on.folder)
    until(lambda: sorted(on.bodies("worker", "prod")) == ["early", "late"])


def test_a_fifo_queue_keeps_its_order(on):
    text = QUEUE.replace("mail: {retries: 1, ", "mail: {fifo: true, content_deduplication: true, ").replace(", partial: true", ", batch: 1")
    on.deploy(text)
    on.send("dev-mail.fifo", "1", "2", "2", "3", MessageGroupId="one")
    until(lambda: len(on.bodies("worker")) == 3)
    assert sorted(on.bodies("worker")) == ["1", "2", "3"]


def test_only_what_matches_is_taken_and_what_is_off_is_not(on):
    on.deploy(QUEUE.replace("partial: true", "filter: {body: {kind: [good]}}, batch: 20, window: 1s"))
    on.send("dev-mail", '{"kind": "evil"}', '{"kind": "good"}')
    until(lambda: on.bodies("worker") == ['{"kind": "good"}'])
    on.deploy(QUEUE.replace("partial: true", "enabled: false"))
    on.send("dev-mail", "kept")
    mappings = on.machine.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    (mapping,) = [mapping for mapping in mappings if mapping["EventSourceArn"].endswith(":dev-mail")]
    assert mapping["State"] == "Disabled"
    (message,) = until(lambda: on.received("dev-mail"))
    assert message["Body"] == "kept"


TABLE = f"""
app: jobs:audit
environment: {{WHO: audit}}
on: {{table: notes, filter: {{eventName: [INSERT, REMOVE]}}, retries: 0, bisect: true, failures: queue lost}}
queues: {{lost: {{}}}}
tables:
  notes: {{attributes: {{id: S}}, key: id}}
{SEEN}"""


def test_a_table_calls_its_function(on):
    on.deploy(TABLE)
    dynamodb = on.machine.client("dynamodb")
    item = {"id": {"S": "one"}, "text": {"S": "old"}}
    dynamodb.put_item(TableName="dev.notes", Item=item)
    dynamodb.put_item(TableName="dev.notes", Item={**item, "text": {"S": "new"}})
    dynamodb.delete_item(TableName="dev.notes", Key={"id": {"S": "one"}})
    records = lambda: [record for event in on.events("audit") for record in event["Records"]]
    until(lambda: sorted(record["eventName"] for record in records()) == ["INSERT", "REMOVE"])
    (removed,) = [record for record in records() if record["eventName"] == "REMOVE"]
    assert removed["dynamodb"]["OldImage"]["text"] == {"S": "new"}
    dynamodb.put_item(TableName="dev.notes", Item={"id": {"S": "raise"}})
    (lost,) = until(lambda: on.received("dev-lost"))
    assert json.loads(lost["Body"])["requestContext"]["condition"] == "RetryAttemptsExhausted"


SCHEDULE = f"""
app: jobs:nightly
on: {{schedule: rate(1 hour), input: {{kwargs: {{full: true}}}}}}
functions:
  tick:
    app: jobs:tick
    environment: {{WHO: tick}}
    on: [{{schedule: cron(* * * * ? *), failures: queue lost}}, {{schedule: at(2030-01-01T00:00:00), failures: queue lost, enabled: false}}]
queues: {{lost: {{}}}}
tables:
{SEEN}"""


def test_a_schedule_calls_its_function(on):
    on.deploy(SCHEDULE)
    until(lambda: [item for item in on.seen() if item["id"] == "nightly"] == [{"id": "nightly", "stage": "dev", "full": True}])
    event = until(lambda: on.events("tick"))[0]
    assert event["detail-type"] == "Scheduled Event" and event["source"] == "aws.scheduler"


def test_a_queue_does_not_go_with_its_messages(on):
    on.deploy(QUEUE.replace("partial: true", "enabled: false"))
    on.send("dev-mail", "kept")
    (on.folder / "slam.yaml").write_text(f"name: {on.name}\napp: jobs:send\ntables:\n{SEEN}")
    said = on.machine.run("deploy", cwd=on.folder, code=2).stderr
    assert "the queue dev-mail would go with about 1 message. Nothing was changed" in said
    sqs, url = on.queue("dev-mail")
    sqs.purge_queue(QueueUrl=url)
    on.machine.run("deploy", cwd=on.folder)
    assert on.resources("AWS::SQS::Queue") == []


TASKS = f"""
app: jobs:start
# A message comes again after six times of this: longer than a function takes to start, in a cloud as fast as this one.
timeout: 60
functions: {{look: {{app: "jobs:look"}}}}
tasks: {{via: queue, retries: 1, results: 1d}}
tables:
{SEEN}"""


def test_tasks_go_by_a_queue(on):
    on.deploy(TASKS)
    job = on.call("Function", text="ab")
    until(lambda: on.call("LookFunction", job=job) == ["done", "abab", None])
    job = on.call("Function", text="raise")
    (dead,) = until(lambda: on.received(f"dev-{on.name}-slam-tasks-dead"))
    assert json.loads(dead["Body"])["slam.task"]["id"] == job
    assert on.call("LookFunction", job=job) == ["failed", None, "ValueError: asked to"]
