"""kill -9 of the cloud after acknowledged writes, at random points, and everything is there again."""

import random
import subprocess
import threading
import time

import requests

KILLS = 20


def test_acknowledged_writes_survive_kills(machine, project):
    folder = project("tasks-api", keep_config=True)
    machine.run("deploy", cwd=folder)
    url = machine.json("status", cwd=folder)["stages"][0]["url"]
    group = machine.client("lambda").list_functions()["Functions"][0]["LoggingConfig"]["LogGroup"]
    s3 = machine.client("s3")
    s3.create_bucket(Bucket="durable")
    machine.client("dynamodb").create_table(
        TableName="numbers",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    machine.client("logs").create_log_stream(logGroupName=group, logStreamName="durable")
    acknowledged = {"items": set(), "objects": set(), "events": set()}
    randomness = random.Random(4566)

    for round_number in range(KILLS):
        stop = threading.Event()

        def write(kind, one):
            number = 0
            while not stop.is_set():
                name = f"{round_number}-{number}"
                number += 1
                try:
                    one(name)
                except Exception:  # The cloud was killed under the call: not acknowledged.
                    return
                acknowledged[kind].add(name)

        dynamodb, s3, logs = machine.client("dynamodb"), machine.client("s3"), machine.client("logs")
        now = 1_000 * int(time.time())
        writers = [
            ("items", lambda name: dynamodb.put_item(TableName="numbers", Item={"id": {"S": name}})),
            ("objects", lambda name: s3.put_object(Bucket="durable", Key=name, Body=name.encode())),
            (
                "events",
                lambda name: logs.put_log_events(
                    logGroupName=group, logStreamName="durable", logEvents=[{"timestamp": now, "message": name}]
                ),
            ),
        ]
        threads = [threading.Thread(target=write, args=writer) for writer in writers]
        for thread in threads:
            thread.start()
        stop.wait(randomness.uniform(0.02, 0.4))
        machine.kill()
        stop.set()
        for thread in threads:
            thread.join()
        machine.run("cloud", "start")

    dynamodb, s3, logs = machine.client("dynamodb"), machine.client("s3"), machine.client("logs")
    assert all(len(names) >= KILLS for names in acknowledged.values()), {k: len(v) for k, v in acknowledged.items()}
    items = {
        item["id"]["S"] for page in dynamodb.get_paginator("scan").paginate(TableName="numbers") for item in page["Items"]
    }
    assert acknowledged["items"] <= items
    for name in acknowledged["objects"]:
        assert s3.get_object(Bucket="durable", Key=name)["Body"].read() == name.encode()
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, logStreamNames=["durable"])
    assert acknowledged["events"] <= {event["message"] for page in pages for event in page["events"]}

    stack = machine.client("cloudformation").describe_stacks(StackName="tasks-api")["Stacks"][0]
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    # The API answers as before: where it did, unless another cloud of this machine took its port in the meantime.
    url = machine.json("status", cwd=folder)["stages"][0]["url"]
    assert requests.get(f"{url}tasks", auth=("user", "secret")).json()["tasks"] == []


def test_a_stack_under_way_is_not_stuck_after_a_kill(machine, project):
    """Whatever the stack was doing when the cloud was killed, it comes to rest, and can be deployed and deleted."""
    folder = project("fizzbuzz")
    machine.run("init", "fizzbuzz:fizzbuzz", cwd=folder)
    machine.run("cloud", "start")
    randomness = random.Random(1)
    for _ in range(3):
        killer = threading.Timer(randomness.uniform(0.05, 1.0), machine.kill)
        killer.start()
        # The deployment may end in time or lose its cloud.

        subprocess.run(
            [machine.binary, "deploy"], cwd=folder, env=machine.environment(), capture_output=True, timeout=120
        )
        killer.join()
        machine.run("cloud", "start")

    cloudformation = machine.client("cloudformation")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        stacks = cloudformation.describe_stacks()["Stacks"]
        if all(not s["StackStatus"].endswith("_IN_PROGRESS") or s["StackStatus"] == "REVIEW_IN_PROGRESS" for s in stacks):
            break
        time.sleep(0.1)
    machine.run("deploy", cwd=folder)
    assert machine.run("invoke", "number:=15", cwd=folder).stdout.strip() == "fizz buzz"
    machine.run("delete", "--yes", cwd=folder)
