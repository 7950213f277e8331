"""Which cloud a command means: that of its home, however stale what it knows of it is."""

import json
import os
import signal
import subprocess

import pytest
import requests
from conftest import Machine


@pytest.fixture
def homes(tmp_path):
    """Two homes that have one port."""
    machines = []
    for name in "ab":
        (tmp_path / name).mkdir()
        machines.append(Machine(tmp_path / name))
    machines[1].port = machines[0].port
    yield machines
    for machine in machines:
        machine.stop()


def health(machine):
    return requests.get(f"http://127.0.0.1:{machine.port}/_slam/health", timeout=30).json()


def record(machine):
    return json.loads((machine.home / "cloud" / "cloud.json").read_text())


def test_a_cloud_says_whose_it_is(shared_machine):
    told, written = health(shared_machine), record(shared_machine)
    assert told["home"] == str(shared_machine.home / "cloud")
    assert (told["instance"], told["pid"]) == (written["instance"], written["pid"])


def test_a_killed_clouds_record_leads_to_no_other(homes):
    """The other home's cloud has the port since, and somebody else the process id."""
    one, other = homes
    one.run("cloud", "start")
    one.client("logs").create_log_group(logGroupName="ours")
    one.kill()
    other.run("cloud", "start")
    other.client("logs").create_log_group(logGroupName="kept")
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        path = one.home / "cloud" / "cloud.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "pid": bystander.pid}))
        assert one.json("cloud", "status")["running"] is False
        assert "not running" in one.run("cloud", "reset", "-y", code=1).stderr
        assert "was not running" in one.run("cloud", "stop").stderr
        assert bystander.poll() is None
    finally:
        bystander.send_signal(signal.SIGKILL)
        bystander.wait()
    assert [group["logGroupName"] for group in other.client("logs").describe_log_groups()["logGroups"]] == ["kept"]
    # Nothing is deployed to it either: the port is taken, and by whom is told.
    refused = one.run("cloud", "start", code=1).stderr
    assert f"port {one.port} is taken by " in refused and f" (process {record(other)['pid']})" in refused
    other.run("cloud", "stop")
    one.run("cloud", "start")
    assert [group["logGroupName"] for group in one.client("logs").describe_log_groups()["logGroups"]] == ["ours"]


def test_a_record_of_the_same_home_before_leads_to_none(machine):
    """Killed and started again by hand: the record of the first is not that of the second."""
    machine.run("cloud", "start")
    first = record(machine)
    machine.kill()
    machine.run("cloud", "start")
    second = record(machine)
    assert first["instance"] != second["instance"] and health(machine)["instance"] == second["instance"]


def test_first_deployments_at_once(machine, project):
    """Each needs the cloud of a home that is new; one of them starts it."""
    folder = project("fizzbuzz", keep_config=True)
    # The package is there, so that all of them come to the cloud at about the same time.
    machine.run("build", cwd=folder)
    deployments = []
    for number in range(8):
        config = folder / f"{number}.yaml"
        config.write_text((folder / "slam.yaml").read_text().replace("name: fizzbuzz", f"name: fizzbuzz-{number}"))
        command = [machine.binary, "-c", config.name, "deploy"]
        deployments.append(subprocess.Popen(command, cwd=folder, env=machine.environment(), stderr=subprocess.PIPE, text=True))
    ended = [(one.communicate(timeout=300)[1], one.returncode) for one in deployments]
    assert [code for _, code in ended] == [0] * 8, "\n".join(said for said, _ in ended)
    assert sum("embedded cloud started" in said for said, _ in ended) == 1
    stacks = machine.client("cloudformation").describe_stacks()["Stacks"]
    assert sorted(stack["StackName"] for stack in stacks) == [f"fizzbuzz-{number}" for number in range(8)]


def test_the_log_is_added_to_and_put_aside_when_it_is_large(machine):
    log = machine.home / "cloud.log"
    listens = f"listens on http://127.0.0.1:{machine.port}"
    for times in (1, 2):
        machine.run("cloud", "start")
        machine.run("cloud", "start")
        machine.run("cloud", "stop")
        assert log.read_text().count(listens) == times
    # A start that fails tells its own reason, and leaves what is there.
    folder = machine.home.parent / "blocker"
    folder.mkdir()
    blocker = Machine(folder)
    blocker.port = machine.port
    blocker.run("cloud", "start")
    refused = machine.run("cloud", "start", code=1).stderr
    blocker.stop()
    assert "is taken by" in refused and "listens" not in refused
    assert log.read_text().count(listens) == 2 and "is taken by" in log.read_text()
    before = log.read_text()
    with log.open("a") as file:
        file.write("x" * (5 << 20))
    machine.run("cloud", "start")
    # The cloud answers before it has said so; it is over when it has stopped.
    machine.run("cloud", "stop")
    assert log.read_text().count(listens) == 1
    assert (machine.home / "cloud.log.1").read_text().startswith(before)
    assert os.stat(log).st_mode & 0o777 == 0o600
