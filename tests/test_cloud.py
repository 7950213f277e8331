"""The embedded cloud's own commands, and its reset endpoint for test suites."""

import json
import signal
import subprocess

import requests


def test_start_status_stop(machine):
    assert machine.json("cloud", "status")["running"] is False
    machine.run("cloud", "start")
    status = machine.json("cloud", "status")
    assert status["running"] is True and status["port"] == machine.port
    # Starting what runs is no error, and starts nothing.
    machine.run("cloud", "start")
    assert machine.json("cloud", "status")["pid"] == status["pid"]
    machine.run("cloud", "stop")
    assert machine.json("cloud", "status")["running"] is False


def test_reset_forgets_everything_but_the_key(machine):
    machine.run("cloud", "start")
    before = machine.client_environment()
    machine.client("s3").create_bucket(Bucket="forgotten")
    machine.client("s3").put_object(Bucket="forgotten", Key="k", Body=b"body")
    machine.client("logs").create_log_group(logGroupName="forgotten")
    machine.client("dynamodb").create_table(
        TableName="forgotten",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert machine.own("POST", "/_slam/reset").ok
    assert machine.client("s3").list_buckets()["Buckets"] == []
    assert machine.client("logs").describe_log_groups()["logGroups"] == []
    assert machine.client("dynamodb").list_tables()["TableNames"] == []
    assert machine.client_environment() == before


def test_the_command_asks_before_it_resets(machine):
    machine.run("cloud", "start")
    machine.client("logs").create_log_group(logGroupName="kept")
    assert "--yes" in machine.run("cloud", "reset", code=1, input="").stderr
    assert len(machine.client("logs").describe_log_groups()["logGroups"]) == 1
    machine.run("cloud", "reset", "--yes")
    assert machine.client("logs").describe_log_groups()["logGroups"] == []


def test_the_foreground_ends_at_a_signal(machine):
    process = subprocess.Popen(
        [machine.binary, "cloud", "start", "--foreground"],
        env=machine.environment(), stdout=subprocess.PIPE, text=True,
    )
    assert f":{machine.port}" in process.stdout.readline()
    assert json.loads((machine.home / "cloud" / "cloud.json").read_text())["pid"] == process.pid
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    assert machine.json("cloud", "status")["running"] is False
