"""Fixtures of the end-to-end tests: the built binary, a home of its own, real clients.

Nothing here knows the inside of slam. `SLAM_BINARY` names the program under test; `cargo xtask test` sets it.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import boto3
import botocore.config
import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Machine:
    """A fresh machine's worth of slam: a home and a port that nobody else has."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.home.mkdir()
        self.port = free_port()
        self.binary = os.environ.get("SLAM_BINARY") or str(ROOT / "target" / "debug" / "slam")

    def environment(self, **more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **kept,
            "SLAM_HOME": str(self.home),
            "SLAM_PORT": str(self.port),
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_COLOR": "1",
            # The cache of dependencies is shared by all tests of a run: it is keyed by content.
            **more,
        }

    def run(self, *arguments, cwd=None, code=0, input=None, **environment):
        """Runs slam; the exit code must be `code`."""
        done = subprocess.run(
            [self.binary, *map(str, arguments)],
            cwd=cwd,
            env=self.environment(**environment),
            input=input,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, (
            f"slam {' '.join(map(str, arguments))} ended with {done.returncode}, not {code}\n"
            f"--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
        )
        return done

    def json(self, *arguments, **keywords):
        return json.loads(self.run(*arguments, "--json", **keywords).stdout)

    def client_environment(self):
        """What `slam env` prints, and nothing else."""
        return self.json("env")

    def own(self, method, path):
        """A request to one of the cloud's own endpoints, with the token that opens them."""
        variables = self.client_environment()
        headers = {"Authorization": f"Bearer {variables['SLAM_TOKEN']}"}
        return requests.request(method, f"{variables['AWS_ENDPOINT_URL']}{path}", headers=headers, timeout=60)

    def delivered(self, source):
        """Where to events of a source were delivered, and with which outcome, as `slam events tail` shows it."""
        told = self.own("GET", "/_slam/deliveries").json()["deliveries"]
        return [(one["target"], one["outcome"]) for one in told if one["source"] == source]

    def client(self, service, **keywords):
        variables = self.client_environment()
        return boto3.client(
            service,
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            region_name=keywords.pop("region_name", variables["AWS_REGION"]),
            aws_access_key_id=keywords.pop("aws_access_key_id", variables["AWS_ACCESS_KEY_ID"]),
            aws_secret_access_key=keywords.pop("aws_secret_access_key", variables["AWS_SECRET_ACCESS_KEY"]),
            config=botocore.config.Config(retries={"max_attempts": 1}, **keywords.pop("config", {})),
            **keywords,
        )

    def aws(self, *arguments, code=0, cwd=None):
        """Runs the aws command with what `slam env` prints."""
        done = subprocess.run(
            ["aws", *map(str, arguments)],
            cwd=cwd,
            env=self.environment(**self.client_environment(), AWS_PAGER=""),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, f"aws {' '.join(map(str, arguments))}\n{done.stdout}\n{done.stderr}"
        return done

    def cloud_pid(self):
        return json.loads((self.home / "cloud" / "cloud.json").read_text())["pid"]

    def kill(self):
        """kill -9 of the cloud."""
        pid = self.cloud_pid()
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and is_alive(pid):
            time.sleep(0.005)

    def stop(self):
        if (self.home / "cloud" / "cloud.json").exists():
            subprocess.run([self.binary, "cloud", "stop"], env=self.environment(), capture_output=True, timeout=60)


def is_alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    yield machine
    machine.stop()


@pytest.fixture(scope="module")
def shared_machine(tmp_path_factory):
    """One machine for all tests of a module that do not disturb each other."""
    machine = Machine(tmp_path_factory.mktemp("machine"))
    machine.run("cloud", "start")
    yield machine
    machine.stop()


@pytest.fixture(scope="module")
def builder(tmp_path_factory):
    """One machine for the tests of a module that build: its cloud runs only where one deploys."""
    machine = Machine(tmp_path_factory.mktemp("builder"))
    yield machine
    machine.stop()


@pytest.fixture
def project(tmp_path):
    """Copies an example project into a fresh folder, without its slam.yaml: as a newcomer has it."""

    def copy(name, keep_config=False):
        folder = tmp_path / name
        ignored = shutil.ignore_patterns("__pycache__", *([] if keep_config else ["slam.yaml"]))
        shutil.copytree(ROOT / "examples" / name, folder, ignore=ignored)
        return folder

    return copy


@pytest.fixture(scope="session")
def function_role():
    """A role that Lambda may take on, with the given statements."""

    def make(machine, name, *statements):
        iam = machine.client("iam")
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        if statements:
            policy = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(policy))
        return arn

    return make
