"""The clouds that are measured: slam, MiniStack, moto; each a process of its own with a home of its own."""

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import time

import boto3
import botocore.config

import peers
from measure import first_answer, free_port, process


@dataclasses.dataclass
class Cloud:
    """A running cloud, and how boto3 gets to it."""

    name: str
    pid: int
    port: int
    key: str = "000000000000"
    secret: str = "test"
    # Why it runs no functions.
    without_functions: str | None = None

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=botocore.config.Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


@contextlib.contextmanager
def slam(program, work, *options):
    """slam as it comes: signatures are verified, roles enforced. `--open` lets in any key, for a client that cannot sign."""
    port = free_port()
    home, log = work / f"slam-{port}", work / f"slam-{port}.log"
    programs = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"  # uv is there
    variables = peers.environment(SLAM_HOME=str(home), SLAM_PORT=str(port), NO_COLOR="1", PATH=programs)
    begun = time.perf_counter()
    with process([program, "cloud", "start", "--foreground", *options], variables, log) as child:
        first_answer(child, port, "/_slam/health", log, begun)
        cloud = Cloud("slam", child.pid, port)
        if "--open" not in options:
            told = subprocess.run([program, "env", "--json"], env=variables, capture_output=True, text=True, check=True)
            told = json.loads(told.stdout)
            cloud = dataclasses.replace(cloud, key=told["AWS_ACCESS_KEY_ID"], secret=told["AWS_SECRET_ACCESS_KEY"])
        yield cloud


@contextlib.contextmanager
def ministack(python, work):
    """MiniStack, its functions as processes."""
    server = peers.MiniStack(python, work)
    with server.run() as (child, _):
        yield Cloud("MiniStack", child.pid, server.port)


@contextlib.contextmanager
def moto(python, work):
    """Moto's server. It runs functions in containers alone."""
    with peers.moto(python, work) as (child, port):
        yield Cloud("moto", child.pid, port, without_functions="needs Docker")


@contextlib.contextmanager
def all(program, python, work, *options):
    """The three, side by side."""
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        yield [enter(slam(program, work, *options)), enter(ministack(python, work)), enter(moto(python, work))]
