"""Celery, with SQS as its broker and a table for its results: its own worker, and its own client.

The worker is a process, as people run it. Tasks tell what they did in a file. In this cloud a minute passes in a second, so that
what a worker that died has not done is soon visible again; Celery's own times are the machine's.
"""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.parse

import pytest
from sources import fast  # noqa: F401

JOBS = """
    import os
    import time

    from celery import Celery, chord, group

    app = Celery("jobs")
    app.conf.update(
        broker_url=os.environ["BROKER"],
        broker_transport_options={
            "region": "us-east-1",
            "is_secure": False,
            "queue_name_prefix": "celery-",
            "visibility_timeout": int(os.environ["VISIBILITY"]),
            "wait_time_seconds": 20,
            "polling_interval": 0.1,
        },
        task_default_queue=os.environ["QUEUE"],
        result_backend=os.environ["RESULTS"],
        dynamodb_endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        broker_connection_retry_on_startup=True,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
    )


    def tell(*words):
        with open(os.environ["TOLD"], "a") as told:
            print(*words, file=told)


    @app.task
    def add(a, b):
        return a + b


    @app.task
    def total(numbers):
        return sum(numbers)


    @app.task(bind=True, max_retries=3, default_retry_delay=0)
    def unsure(self, fails):
        tell("try", self.request.retries)
        if self.request.retries < fails:
            raise self.retry(exc=ValueError("not yet"))
        return self.request.retries


    @app.task(bind=True)
    def later(self, eta):
        tell("early" if time.time() < eta else "in time")


    @app.task(acks_late=True)
    def hang(path):
        tell("begun")
        while not os.path.exists(path):
            time.sleep(0.05)
        tell("done")
        return "done"
"""


@pytest.fixture(scope="session")
def celery(tmp_path_factory):
    """A virtual environment with Celery."""
    folder = tmp_path_factory.mktemp("celery") / "venv"
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)], check=True, timeout=300)
    install = ["uv", "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "celery[sqs]==5.7.0"]
    subprocess.run(install, check=True, timeout=300)
    return folder / "bin"


class Project:
    """The jobs, with a queue and a table of their own."""

    def __init__(self, machine, programs, folder, name, visibility):
        self.machine, self.programs, self.folder, self.told = machine, programs, folder, folder / "told"
        self.told.touch()
        (folder / "jobs.py").write_text(textwrap.dedent(JOBS))
        variables = machine.client_environment()
        key = ":".join(urllib.parse.quote(variables[it], safe="") for it in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
        self.environment = machine.environment(
            **variables,
            BROKER=f"sqs://{key}@127.0.0.1:{machine.port}//",
            RESULTS=f"dynamodb://{key}@us-east-1/results-{name}?read=5&write=5&ttl_seconds=86400",
            QUEUE=name,
            VISIBILITY=str(visibility),
            TOLD=str(self.told),
        )

    def ask(self, script):
        """What a client prints."""
        done = subprocess.run(
            [self.programs / "python", "-c", f"from jobs import *\n{textwrap.dedent(script)}"],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{self.log()}"
        return done.stdout.strip()

    @contextlib.contextmanager
    def worker(self):
        """A worker while the block runs."""
        command = [self.programs / "celery", "-A", "jobs", "worker", "--pool", "solo", "--loglevel", "INFO"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        with open(self.folder / "worker.log", "a") as log:
            child = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        try:
            yield child
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def lines(self):
        return self.told.read_text().splitlines()

    def log(self):
        return (self.folder / "worker.log").read_text() if (self.folder / "worker.log").exists() else ""

    def until(self, reached):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if reached():
                return
            time.sleep(0.05)
        raise AssertionError(f"it did not come to that: {self.lines()}\n{self.log()}")

    def left(self, queue):
        """How many messages a queue has, of all states."""
        sqs = self.machine.client("sqs")
        names = [f"ApproximateNumberOfMessages{name}" for name in ("", "NotVisible", "Delayed")]
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)


@pytest.fixture
def project(fast, celery, tmp_path):
    return lambda name, visibility=1800: Project(fast, celery, tmp_path, name, visibility)


def test_tasks_have_results_and_are_retried(project):
    it = project("my.jobs")
    with it.worker():
        assert it.ask("print(add.delay(2, 3).get(timeout=60))") == "5"
        assert it.ask("print(chord(add.s(number, 1) for number in range(4))(total.s()).get(timeout=60))") == "10"
        assert it.ask("print((add.s(1, 2) | add.s(10)).delay().get(timeout=60))") == "13"
        assert it.ask("print(unsure.delay(2).get(timeout=60))") == "2"
        assert it.lines() == ["try 0", "try 1", "try 2"]
        failed = "result = unsure.delay(9); print(result.get(timeout=60, propagate=False)); print(result.state)"
        assert it.ask(failed).splitlines() == ["not yet", "FAILURE"]
        # kombu asks for a name that SQS allows, and the queue holds nothing that is done.
        it.until(lambda: it.left("celery-my-jobs") == 0)
    url = it.machine.client("sqs").get_queue_url(QueueName="celery-my-jobs")["QueueUrl"]
    told = it.machine.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert told["Attributes"]["VisibilityTimeout"] == "1800"
    # The results are in a table whose items expire.
    items = it.machine.client("dynamodb").scan(TableName="results-my.jobs")["Items"]
    assert len(items) >= 5 and all("ttl" in item for item in items if "result" in item)


LATER = "import time; eta = time.time() + 4; later.apply_async((eta,), countdown=4); add.delay(1, 1).get(timeout=60)"


def test_a_countdown_runs_once_in_its_time(project):
    it = project("patient")
    with it.worker():
        it.ask(LATER)
        it.until(lambda: it.lines())
        it.until(lambda: it.left("celery-patient") == 0)
    assert it.lines() == ["in time"]


def test_a_countdown_beyond_the_visibility_timeout_comes_again(project):
    # The worker holds the message until its time, and SQS gives it once more meanwhile; Celery's documentation ("Using Amazon SQS",
    # Caveats) warns of it. The timeout is a second here.
    it = project("impatient", visibility=60)
    with it.worker():
        it.ask(LATER)
        it.until(lambda: len(it.lines()) > 1)
    assert set(it.lines()) == {"in time"}


def test_a_task_of_a_killed_worker_runs_again(project):
    it = project("mortal", visibility=60)
    go_on = it.folder / "go-on"
    with it.worker() as worker:
        it.ask(f"print(hang.delay({str(go_on)!r}).id)")
        it.until(lambda: it.lines() == ["begun"])
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    assert it.left("celery-mortal") == 1
    go_on.touch()
    with it.worker():
        it.until(lambda: it.left("celery-mortal") == 0)
    assert it.lines() == ["begun", "begun", "done"]
