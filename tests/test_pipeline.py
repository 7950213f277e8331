"""The example examples/pipeline: a file becomes rows, changes, messages and notifications, hop by hop, and none is lost when the
cloud is killed at any moment (tests/torture/pipeline.py).
"""

import json
import pathlib
import sys
import time

from hooks import verified

sys.path.insert(0, str(pathlib.Path(__file__).parent / "torture"))
from pipeline import CUSTOMERS, FIELDS, as_csv, deployed, finished, in_order, orders, run, stream, until  # noqa: E402


def test_each_hop_is_seen(tmp_path):
    with deployed(tmp_path, 10, {}) as pipeline:
        rows = orders("first")
        pipeline.put("first", rows)
        until(lambda: len(pipeline.parcels()) == len(rows))
        # The object, the items, the stream's records.
        stored = pipeline.client("s3").get_object(Bucket=pipeline.resources["DevUploadsBucket"], Key="first.csv")
        assert stored["Body"].read() == as_csv(rows)
        items = sorted([[next(iter(item[field].values())) for field in FIELDS] for item in pipeline.items("orders")])
        assert items == rows
        changes = [record["dynamodb"]["Keys"]["id"]["S"] for record in stream(pipeline)]
        assert changes == [row[0] for row in rows]
        # The notifications, each of them SNS's.
        parcels = pipeline.parcels()
        for message in pipeline.heard:
            assert verified(message)["Type"] == "Notification"
            assert message["MessageAttributes"]["customer"]["Value"] == json.loads(message["Message"])["customer"]
        assert sorted(parcels) == [row[0] for row in rows]
        in_order(pipeline, [rows])
        # The messages, while nobody takes them.
        resting(pipeline)
        # A task, and its result.
        job = pipeline.call()
        counted = until(lambda: finished(pipeline, job))
        quantities = {customer: [int(row[3]) for row in rows if row[1] == customer] for customer in CUSTOMERS}
        more = {"ada": [1, 2, 3]}
        totals = {customer: of + more.get(customer, []) for customer, of in quantities.items()}
        assert counted == {
            "status": "done",
            "value": {customer: {"orders": len(of), "things": sum(of)} for customer, of in totals.items()},
            "error": None,
        }
        seen_by_a_person(pipeline, job)


def resting(pipeline):
    """What lies in the queue while its mapping is off, and that it goes on once that is on."""
    functions, sqs = pipeline.client("lambda"), pipeline.client("sqs")
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    (mapping,) = [one for one in mappings if one["EventSourceArn"].endswith(":dev-orders.fifo")]
    state = lambda: functions.get_event_source_mapping(UUID=mapping["UUID"])["State"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    until(lambda: state() == "Disabled")
    rows = [[f"second-{row}", "ada", "engine", str(row)] for row in range(1, 4)]
    pipeline.put("second", rows)
    until(lambda: pipeline.waiting("dev-orders.fifo") == len(rows))
    url = sqs.get_queue_url(QueueName="dev-orders.fifo")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    assert [json.loads(message["Body"])["id"] for message in messages] == [row[0] for row in rows]
    for message, row in zip(messages, rows):
        attributes = message["Attributes"]
        assert (attributes["MessageGroupId"], attributes["MessageDeduplicationId"]) == ("ada", row[0])
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    heard = until(lambda: [parcels for parcels in [pipeline.parcels()] if "second-3" in parcels])[0]
    assert [heard[row[0]][0]["message"] for row in rows] == [message["MessageId"] for message in messages]


def seen_by_a_person(pipeline, job):
    """`slam events tail` names every hop, and `slam logs` what the functions say."""
    until(lambda: pipeline.waiting("dev-pipeline-slam-tasks") == 0)
    shown = pipeline.run("events", "tail", "--no-follow", "-n", "1000").stdout
    bucket, names = pipeline.resources["DevUploadsBucket"], pipeline.resources
    for hop in [
        f"s3 {bucket} → lambda {names['LoadFunction']}:dev",
        f"dynamodb dev.orders → lambda {names['OrderFunction']}:dev",
        f"sqs dev-orders.fifo → lambda {names['PackFunction']}:dev",
        f"sns dev-parcels → {pipeline.server.url}",
        f"sqs dev-pipeline-slam-tasks → lambda {names['Function']}:dev",
    ]:
        assert f" {hop}  " in shown, f"{hop} is not in\n{shown}"
    assert {told["outcome"] for told in pipeline.delivered()} == {"delivered"}
    assert f"counting: {job}" in pipeline.run("logs").stdout
    assert "first.csv: 15 orders" in pipeline.run("logs", "--function", "load").stdout


def test_each_night_has_its_report(tmp_path):
    """A day takes 48 seconds here, so functions may take long, and messages stay hidden longer than they do."""
    with deployed(tmp_path, 1800, {"timeout: 20": "timeout: 900"}) as pipeline:
        results = until(lambda: [item for item in pipeline.items("pipeline.slam-tasks") if item["status"]["S"] == "done"], 120)
        assert json.loads(results[0]["value"]["S"]) == {}
        told = [one for one in pipeline.delivered() if ":scheduler:" in one["source"]]
        assert told and told[0]["outcome"] == "delivered"
        assert told[0]["target"].endswith(f":function:{pipeline.resources['Function']}:dev")
        assert f"counting: {results[0]['id']['S']}" in pipeline.run("logs").stdout


def test_nothing_is_lost_by_kills(tmp_path):
    seed = time.time_ns() % 1_000_000
    print(f"seed {seed}")
    run(tmp_path, 20, seed)
