"""Topics, buckets and events that call functions, as slam.yaml says it: deployed by slam, driven by boto3."""

import json

from sources import SEEN, fast, on, until  # noqa: F401

HEAD = f"""
app: jobs:send
tables:
{SEEN}"""

TOPIC = f"""{HEAD}
topics: {{changes: {{}}}}
queues:
  mail: {{}}
  copies: {{on: {{topic: changes, raw: true}}}}
functions:
  reader: {{app: "jobs:tick", environment: {{WHO: reader}}, on: {{topic: changes, filter: {{kind: [a]}}}}}}
  bodies: {{app: "jobs:tick", environment: {{WHO: bodies}}, on: {{topic: changes, filter: {{n: [1]}}, filter_by: body}}}}
"""


def test_a_topic_calls_its_functions_and_fills_its_queues(on):
    on.deploy(TOPIC)
    sns = on.machine.client("sns")
    (arn,) = [topic["TopicArn"] for topic in sns.list_topics()["Topics"] if topic["TopicArn"].endswith(":dev-changes")]
    attributes = {"kind": {"DataType": "String", "StringValue": "a"}}
    sns.publish(TopicArn=arn, Message="hello", MessageAttributes=attributes)
    sns.publish(TopicArn=arn, Message='{"n": 1}')
    until(lambda: [event["Records"][0]["Sns"]["Message"] for event in on.events("reader")] == ["hello"])
    until(lambda: [event["Records"][0]["Sns"]["Message"] for event in on.events("bodies")] == ['{"n": 1}'])
    got = set()
    until(lambda: got.update(message["Body"] for message in on.received("dev-copies")) or got == {"hello", '{"n": 1}'})


BUCKET = f"""{HEAD}
buckets: {{uploads: {{versioned: true}}}}
queues: {{mail: {{}}}}
functions:
  made: {{app: "jobs:tick", environment: {{WHO: made}}, on: {{bucket: uploads, prefix: raw/, suffix: .png}}}}
  gone: {{app: "jobs:tick", environment: {{WHO: gone}}, on: {{bucket: uploads, events: "ObjectRemoved:*"}}}}
"""


def bucket_of(on):
    return f"{on.name}-dev-uploads-000000000000"


def test_a_bucket_calls_its_functions(on):
    on.deploy(BUCKET)
    s3 = on.machine.client("s3")
    for key in ["raw/one.png", "raw/one.jpg", "one.png"]:
        s3.put_object(Bucket=bucket_of(on), Key=key, Body=b"picture")
    s3.delete_object(Bucket=bucket_of(on), Key="one.png")
    objects = lambda who: [(record["eventName"], record["s3"]["object"]["key"]) for event in on.events(who) for record in event["Records"]]
    until(lambda: objects("made") == [("ObjectCreated:Put", "raw/one.png")])
    until(lambda: objects("gone") == [("ObjectRemoved:DeleteMarkerCreated", "one.png")])


def test_a_stage_is_told_of_objects_once_it_is_published(on):
    on.deploy(BUCKET + "stages: {dev: {}, prod: {}}\n")
    s3 = on.machine.client("s3")
    bucket = bucket_of(on).replace("-dev-", "-prod-")
    assert "LambdaFunctionConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    on.machine.run("publish", "prod", cwd=on.folder)
    s3.put_object(Bucket=bucket, Key="raw/one.png", Body=b"picture")
    until(lambda: len(on.events("made", "prod")) == 1)


EVENT = f"""{HEAD}
queues: {{mail: {{}}}}
functions:
  orders: {{app: "jobs:tick", environment: {{WHO: orders}}, on: {{event: {{source: [shop], detail-type: [OrderPlaced]}}}}}}
  parts:
    app: jobs:tick
    environment: {{WHO: parts}}
    on: {{event: {{source: [shop]}}, paths: {{id: $.detail.id}}, template: '{{"order": <id>}}'}}
"""


def test_an_event_calls_its_functions(on):
    on.deploy(EVENT)
    entry = {"Source": "shop", "DetailType": "OrderPlaced", "Detail": json.dumps({"id": 7})}
    other = {**entry, "DetailType": "OrderPaid"}
    assert on.machine.client("events").put_events(Entries=[entry, other])["FailedEntryCount"] == 0
    until(lambda: [event["detail-type"] for event in on.events("orders")] == ["OrderPlaced"])
    until(lambda: on.events("parts") == [{"order": 7}, {"order": 7}])


GIVEN_UP = f"""
app: jobs:send
topics: {{losses: {{}}}}
queues: {{mail: {{}}, told: {{on: {{topic: losses, raw: true}}}}}}
buckets: {{attic: {{}}}}
functions:
  told: {{app: "jobs:audit", environment: {{WHO: told}}, on: {{table: notes, retries: 0, failures: topic losses}}}}
  kept: {{app: "jobs:audit", environment: {{WHO: kept}}, on: {{table: notes, retries: 0, failures: bucket attic}}}}
tables:
  notes: {{attributes: {{id: S}}, key: id}}
{SEEN}"""


def test_a_topic_and_a_bucket_get_changes_that_are_given_up(on):
    on.deploy(GIVEN_UP)
    on.machine.client("dynamodb").put_item(TableName="dev.notes", Item={"id": {"S": "raise"}})
    (told, *_) = until(lambda: on.received("dev-told"))
    assert json.loads(told["Body"])["requestContext"]["condition"] == "RetryAttemptsExhausted"
    s3, bucket = on.machine.client("s3"), on.physical()["DevAtticBucket"]
    (kept,) = until(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"))
    record = json.loads(s3.get_object(Bucket=bucket, Key=kept["Key"])["Body"].read())
    (change,) = json.loads(record["payload"])["Records"]
    assert change["dynamodb"]["Keys"] == {"id": {"S": "raise"}}
