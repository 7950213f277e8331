"""`slam events`: sample events, and functions called with them."""

import hashlib
import json
import subprocess
import time

import requests

from functions import create, runtime
from hooks import serving


def test_events_are_listed_and_made(machine):
    sources = machine.run("events", "generate").stdout
    assert "sqs " in sources and "receive-message" in sources
    listed = machine.run("events", "generate", "s3").stdout
    assert "put " in listed and "key='photos/happy face.jpg'" in listed
    made = json.loads(machine.run("events", "generate", "s3", "put", "bucket=photos", "key=a cat.png").stdout)
    (record,) = made["Records"]
    assert record["eventName"] == "ObjectCreated:Put" and record["eventVersion"] == "2.1"
    assert (record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]) == ("photos", "a+cat.png")
    (message,) = json.loads(machine.run("events", "generate", "sqs", "receive-message", 'body={"n": 1}').stdout)["Records"]
    assert message["body"] == '{"n": 1}' and message["md5OfBody"] == hashlib.md5(b'{"n": 1}').hexdigest()


def test_what_is_not_there_is_refused_with_what_is(machine):
    for arguments, said in [
        (["sqss"], "did you mean `sqs`?"),
        (["s3", "putt"], "did you mean `put`?"),
        (["s3", "put", "size=1"], "it takes bucket, key, region"),
        (["s3", "put", "size"], "is not `name=text`"),
        (["eventbridge", "custom", "detail={"], "is not valid JSON"),
    ]:
        assert said in machine.run("events", "generate", *arguments, code=2).stderr, arguments


def test_a_function_is_called_with_an_event(shared_machine, tmp_path):
    (tmp_path / "app.py").write_text("def app(event):\n    return [record['body'] for record in event['Records']]\n")
    (tmp_path / "slam.yaml").write_text(f"name: sampled\napp: app:app\nruntime: {runtime()}\n")
    shared_machine.run("deploy", cwd=tmp_path)
    event = shared_machine.run("events", "generate", "sqs", "receive-message", "body=hello").stdout
    (tmp_path / "event.json").write_text(event)
    assert json.loads(shared_machine.run("invoke", "@event.json", cwd=tmp_path).stdout) == ["hello"]
    command = [shared_machine.binary, "invoke", "@-"]
    piped = subprocess.run(command, input=event, cwd=tmp_path, env=shared_machine.environment(), capture_output=True, text=True, timeout=60)
    assert json.loads(piped.stdout) == ["hello"]
    (tmp_path / "event.json").write_text("{")
    assert "is not valid JSON" in shared_machine.run("invoke", "@event.json", cwd=tmp_path, code=2).stderr


def test_what_was_delivered_is_shown(shared_machine, tmp_path):
    """A queue that a stack of the project has, and a function that fails for one of its messages."""
    (tmp_path / "app.py").write_text(
        "def app(event):\n    if any(record['body'] == 'bad' for record in event['Records']): raise ValueError('bad')\n"
    )
    queue = "{Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: tailed-jobs}}, Others: {Type: AWS::SQS::Queue}}"
    (tmp_path / "slam.yaml").write_text(
        f"name: tailed\napp: app:app\nruntime: {runtime()}\nresources: {queue}\n"
        "permissions:\n- {allow: [sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes], on: 'arn:aws:sqs:*:*:tailed-jobs'}\n"
    )
    shared_machine.run("deploy", cwd=tmp_path)
    sqs, functions = shared_machine.client("sqs"), shared_machine.client("lambda")
    url = sqs.get_queue_url(QueueName="tailed-jobs")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    name = next(it["FunctionName"] for it in functions.list_functions()["Functions"] if it["FunctionName"].startswith("tailed"))
    mapping = functions.create_event_source_mapping(FunctionName=name, EventSourceArn=arn)["UUID"]

    def told(count):
        """Delivered lines of the project, as soon as there are so many."""
        while True:
            shown = shared_machine.run("events", "tail", "--no-follow", "--json", cwd=tmp_path).stdout
            lines = [json.loads(line) for line in shown.splitlines()]
            if len(lines) >= count:
                return lines

    sqs.send_message(QueueUrl=url, MessageBody="good")
    (line,) = told(1)
    assert (line["source"], line["events"], line["outcome"]) == (arn, 1, "delivered")
    assert line["target"].endswith(f":function:{name}") and line["id"]
    sqs.send_message(QueueUrl=url, MessageBody="bad")
    assert [(it["outcome"], it["why"]) for it in told(2)] == [("delivered", None), ("failed", "the function failed")]
    shown = shared_machine.run("events", "tail", "--no-follow", "-n", "1", cwd=tmp_path).stdout
    assert f"sqs tailed-jobs → lambda {name}  1 event  failed: the function failed" in shown
    functions.delete_event_source_mapping(UUID=mapping)
    assert "sqs tailed-jobs" in shared_machine.run("events", "tail", "--no-follow", "--all", cwd=tmp_path).stdout
    shared_machine.run("delete", "--yes", cwd=tmp_path)


def until(reached):
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_topics_deliver_is_told(machine):
    """To a server that fails at first, without the password that it is told in confidence; then to a dead-letter queue."""
    machine.run("cloud", "start", "--time-scale", "60", SLAM_ALLOW_HOSTS="127.0.0.1")
    sns, sqs = machine.client("sns"), machine.client("sqs")
    topic = sns.create_topic(Name="changes")["TopicArn"]
    arn = topic.replace(":sns:", ":sqs:").replace("changes", "lost")
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    sqs.create_queue(QueueName="lost", Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": allow})})
    with serving() as server:
        server.answers += [503, 200, 403]
        endpoint = server.url.replace("//", "//user:secret@")
        redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})}
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint, Attributes=redrive)
        asked = [json.loads(server.sent.get(timeout=60)[1]) for _ in range(2)][1]
        sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
        sns.publish(TopicArn=topic, Message="refused")
        told = [(server.url, "failed"), (server.url, "delivered"), (server.url, "given-up"), (arn, "delivered")]
        until(lambda: machine.delivered(topic) == told)
        assert "secret" not in machine.own("GET", "/_slam/deliveries").text


def test_what_becomes_of_asynchronous_invocations_is_told(machine, function_role):
    machine.run("cloud", "start", "--time-scale", "60")
    role = function_role(machine, "tells", {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"})
    source = "def handler(event, context):\n    return 1 / event\n"
    functions = create(machine, role, source, name="divides", Timeout=30)
    queue = machine.client("sqs").create_queue(QueueName="failed")["QueueUrl"]
    arn = machine.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    destination = {"OnFailure": {"Destination": arn}}
    functions.put_function_event_invoke_config(FunctionName="divides", MaximumRetryAttempts=1, DestinationConfig=destination)
    function = functions.get_function(FunctionName="divides")["Configuration"]["FunctionArn"]
    functions.invoke(FunctionName="divides", InvocationType="Event", Payload=b"1")
    until(lambda: machine.delivered(function) == [(function, "delivered")])
    functions.invoke(FunctionName="divides", InvocationType="Event", Payload=b"0")
    failed = [(function, "failed"), (function, "given-up"), (arn, "delivered")]
    until(lambda: machine.delivered(function)[1:] == failed)


def test_who_has_no_token_is_not_told(shared_machine):
    shared_machine.run("cloud", "start")
    refused = requests.get(f"http://127.0.0.1:{shared_machine.port}/_slam/deliveries", timeout=10)
    assert refused.status_code == 401


def test_messages_are_sent_and_sent_again(shared_machine, tmp_path):
    """A function that fails until it is told not to; what it gave up comes again."""
    (tmp_path / "app.py").write_text(
        "import json, os, boto3\n"
        "def app(): pass\n"
        "def take(event):\n"
        "    body = json.loads(event['Records'][0]['body'])\n"
        "    table = boto3.resource('dynamodb').Table(os.environ['TABLE_SEEN'])\n"
        "    if 'Item' not in table.get_item(Key={'id': 'mended'}): raise ValueError(body)\n"
        "    table.put_item(Item={'id': str(body['n'])})\n"
    )
    (tmp_path / "slam.yaml").write_text(
        f"name: sending\napp: app:app\nruntime: {runtime()}\n"
        "tables: {seen: {attributes: {id: S}, key: id}}\n"
        "queues: {work: {retries: 0, visibility: 5s}, plain: {}, ordered: {fifo: true}}\n"
        "functions: {taker: {app: 'app:take', timeout: 5, on: {queue: work}}}\n"
    )
    shared_machine.run("deploy", cwd=tmp_path)
    run = lambda *arguments, **more: shared_machine.run("events", *arguments, cwd=tmp_path, **more)
    assert len(run("send", "queue", "work", "n:=7").stdout.strip()) == 36
    sqs, dynamodb = shared_machine.client("sqs"), shared_machine.client("dynamodb")
    dead = sqs.get_queue_url(QueueName="dev-work-dead")["QueueUrl"]
    waiting = lambda: sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    while waiting()["ApproximateNumberOfMessages"] == "0":
        time.sleep(0.1)
    dynamodb.put_item(TableName="dev.seen", Item={"id": {"S": "mended"}})
    assert run("redrive", "work").stdout == "1 message moved back to dev-work\n"
    while "Item" not in dynamodb.get_item(TableName="dev.seen", Key={"id": {"S": "7"}}):
        time.sleep(0.1)
    run("send", "queue", "ordered", "hello", "--group", "g", "--deduplication", "d", "--attribute", "kind=mail")
    ordered = sqs.get_queue_url(QueueName="dev-ordered.fifo")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=ordered, MessageAttributeNames=["All"])["Messages"]
    assert (message["Body"], message["MessageAttributes"]["kind"]["StringValue"]) == ("hello", "mail")
    assert "the queues are work, plain, ordered" in run("send", "queue", "mail", "x", code=2).stderr
    assert "has no dead-letter queue" in run("redrive", "plain", code=2).stderr
    assert "MessageGroupId" in run("send", "queue", "ordered", "x", code=1).stderr


def test_messages_are_published_and_files_are_put(shared_machine, tmp_path):
    (tmp_path / "app.py").write_text("def app(): pass\n")
    (tmp_path / "slam.yaml").write_text(
        f"name: published\napp: app:app\nruntime: {runtime()}\n"
        "topics: {changes: {}, ordered: {fifo: true, content_deduplication: true}}\nbuckets: {uploads: {}}\n"
        "queues: {copies: {on: {topic: changes, raw: true}}, envelopes: {on: {topic: changes}}, rows: {fifo: true, on: {topic: ordered}}}\n"
    )
    run = lambda *arguments, **more: shared_machine.run("events", "send", *arguments, cwd=tmp_path, **more)
    assert "not deployed" in run("topic", "changes", "hello", code=1).stderr
    shared_machine.run("deploy", cwd=tmp_path)
    sqs = shared_machine.client("sqs")

    def received(queue):
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"])["Messages"]
        return message

    id = run("topic", "changes", "kind=photo", "n:=7", "--attribute", "kind=photo", "--subject", "seven").stdout.strip()
    copy, envelope = received("dev-copies"), json.loads(received("dev-envelopes")["Body"])
    assert json.loads(copy["Body"]) == {"kind": "photo", "n": 7}
    assert copy["MessageAttributes"]["kind"]["StringValue"] == "photo"
    assert (envelope["MessageId"], envelope["Subject"]) == (id, "seven")
    run("topic", "ordered", "first", "--group", "g")
    assert json.loads(received("dev-rows.fifo")["Body"])["Message"] == "first"
    assert "MessageGroupId" in run("topic", "ordered", "x", code=1).stderr

    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    bucket = "published-dev-uploads-000000000000"
    assert run("bucket", "uploads", "photo.png").stdout == f"s3://{bucket}/photo.png\n"
    assert run("bucket", "uploads", tmp_path / "photo.png", "--key", "raw/ä.png").stdout == f"s3://{bucket}/raw/ä.png\n"
    s3 = shared_machine.client("s3")
    for key in ["photo.png", "raw/ä.png"]:
        kept = s3.get_object(Bucket=bucket, Key=key)
        assert (kept["Body"].read(), kept["ContentType"]) == (b"\x89PNG", "image/png")
    for arguments, said in [
        (["topic", "change", "x"], "the topics are changes, ordered"),
        (["bucket", "upload", "photo.png"], "the buckets are uploads"),
        (["bucket", "uploads", ".."], "--key"),
    ]:
        assert said in run(*arguments, code=2).stderr, arguments
    for file in ["missing.png", "."]:
        assert f"{file} cannot be read" in run("bucket", "uploads", file, "--key", "x", code=1).stderr
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "photo.png"}, {"Key": "raw/ä.png"}]})
    shared_machine.run("delete", "--yes", cwd=tmp_path)
