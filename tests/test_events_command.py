"""`slam events`: sample events, and functions called with them."""

import hashlib
import json
import subprocess

from functions import runtime


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
