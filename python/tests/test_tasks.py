"""Tasks: called later through Lambda, their results kept in a table."""

import asyncio
import json
import sys
from types import SimpleNamespace

import pytest

from slam_lambda import make_handler, tasks

from .support import FUNCTION, context, v2_event

MODULE = __name__


class Lambda:
    def __init__(self):
        self.invocations = []

    def invoke(self, **parameters):
        self.invocations.append(parameters)


class DynamoDB:
    def __init__(self):
        self.items = {}

    def put_item(self, TableName, Item):
        self.items[TableName, Item["id"]["S"]] = Item

    def get_item(self, TableName, Key, ConsistentRead):
        item = self.items.get((TableName, Key["id"]["S"]))
        return {"Item": item} if item else {}


@tasks.task(table="jobs")
def double(number):
    """Twice as much."""
    return number * 2


@tasks.task(table="jobs")
def failing():
    raise RuntimeError("boom")


@tasks.task
async def forgotten(number):
    CALLED.append(number)


def plain(number):
    return number


CALLED = []


@pytest.fixture
def aws(monkeypatch):
    clients = SimpleNamespace(**{"lambda": Lambda()}, dynamodb=DynamoDB())
    monkeypatch.setattr(tasks, "_client", lambda service: getattr(clients, service))
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "tasks")
    monkeypatch.delenv("SLAM_STAGES", raising=False)
    monkeypatch.setattr(tasks, "_invoked_arn", f"{FUNCTION}:prod")
    return clients


def deliver(aws):
    """Invoke the function with what was sent to Lambda."""
    handler = make_handler({"module": MODULE, "app": "plain", "kind": "function"})
    sent = getattr(aws, "lambda").invocations.pop()
    handler(json.loads(sent["Payload"]), context(alias="prod"))
    return sent


def test_task_is_a_function_as_ever():
    assert (double(2), double.__name__, double.__doc__) == (4, "double", "Twice as much.")


def test_result_is_kept(aws):
    job = double.later(number=21)
    assert double.result(job).status == "queued"
    deliver(aws)
    assert (double.result(job).status, double.result(job).value) == ("done", 42)


def test_same_alias_is_invoked_asynchronously(aws):
    double.later(1)
    sent = deliver(aws)
    assert (sent["FunctionName"], sent["InvocationType"]) == (f"{FUNCTION}:prod", "Event")


def test_failure_is_kept_and_raised_for_lambda_to_repeat(aws):
    job = failing.later()
    with pytest.raises(RuntimeError, match="boom"):
        deliver(aws)
    assert (failing.result(job).status, failing.result(job).error) == ("failed", "RuntimeError: boom")


def test_coroutine_without_table(aws):
    forgotten.later(7)
    deliver(aws)
    assert CALLED.pop() == 7
    with pytest.raises(ValueError, match="keeps no results"):
        forgotten.result("x")


@tasks.task(table="jobs")
def named(job, self, complete="x"):
    return [job, self, complete]


@tasks.task(table="jobs")
async def looped():
    return id(asyncio.get_running_loop())


def test_arguments_may_have_any_name(aws):
    assert named(job=1, self=2) == [1, 2, "x"]
    job = named.later(job=1, self=2, complete=3)
    deliver(aws)
    assert named.result(job).value == [1, 2, 3]


def test_coroutines_of_tasks_have_one_loop(aws):
    handler = make_handler({"module": MODULE, "app": "plain", "kind": "function"})
    first, second = [looped.later(), looped.later()]
    for sent in getattr(aws, "lambda").invocations:
        handler(json.loads(sent["Payload"]), context(alias="prod"))
    assert looped.result(first).value == looped.result(second).value


def test_coroutine_of_a_task_has_the_loop_of_an_asgi_application(aws, monkeypatch):
    async def app(scope, receive, send):
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(id(asyncio.get_running_loop())).encode()})

    monkeypatch.setattr(sys.modules[MODULE], "app", app, raising=False)
    handler = make_handler({"module": MODULE, "app": "app", "kind": "asgi"})
    job = looped.later()
    [sent] = getattr(aws, "lambda").invocations
    handler(json.loads(sent["Payload"]), context(alias="prod"))
    assert str(looped.result(job).value) == handler(v2_event(), context(alias="prod"))["body"]
    handler.__self__._runner.__self__.close()


def test_frameworks_see_a_coroutine_function():
    assert asyncio.iscoroutinefunction(looped) and not asyncio.iscoroutinefunction(double)


def test_outside_lambda_a_coroutine_runs_at_once_in_a_running_loop(aws, monkeypatch):
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")
    monkeypatch.setattr(tasks, "_invoked_arn", None)

    async def view():
        return looped.result(looped.later()).status

    assert asyncio.run(view()) == "done"


def test_long_error_is_cut(aws):
    @tasks.task(table="jobs")
    def fails():
        raise ValueError("x" * 500_000)

    with pytest.raises(ValueError):
        fails._run("1", asyncio.run)
    assert len(fails.result("1").error) == 10_000


def test_unknown_result_is_none(aws):
    assert double.result("none") is None


def test_outside_lambda_it_runs_at_once(aws, monkeypatch):
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")
    monkeypatch.setattr(tasks, "_invoked_arn", None)
    assert double.result(double.later(3)).value == 6
    assert getattr(aws, "lambda").invocations == []


def test_arguments_are_json(aws):
    with pytest.raises(TypeError, match="double are not JSON"):
        double.later(object())


@pytest.mark.parametrize("name", ["plain", "missing", "sys.exit"])
def test_nothing_but_tasks_is_called(name):
    assert MODULE in sys.modules
    with pytest.raises(LookupError, match="no task"):
        tasks.run({tasks.EVENT_KEY: {"id": "1", "module": MODULE, "name": name, "args": [1], "kwargs": {}}})


def test_results_are_kept_where_and_as_long_as_slam_yaml_says(aws, monkeypatch):
    monkeypatch.setenv("SLAM_TASKS_TABLE", "dev.project.slam-tasks")
    monkeypatch.setenv("SLAM_TASKS_SECONDS", "60")
    monkeypatch.setattr(tasks.time, "time", lambda: 1000.0)
    job = forgotten.later(3)
    item = aws.dynamodb.items["dev.project.slam-tasks", job]
    assert (item["status"], item["expires"]) == ({"S": "queued"}, {"N": "1060"})
    assert forgotten.result(job).status == "queued"


class Sqs:
    def __init__(self):
        self.messages = []

    def send_message(self, **parameters):
        self.messages.append(parameters)


QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/prod-project-slam-tasks"


@pytest.fixture
def queue(aws, monkeypatch):
    aws.sqs = Sqs()
    monkeypatch.setenv("SLAM_TASKS_QUEUE", QUEUE)
    return aws.sqs


def batch(*bodies, queue="prod-project-slam-tasks"):
    arn = f"arn:aws:sqs:eu-west-1:123456789012:{queue}"
    return {
        "Records": [
            {"messageId": str(number), "body": body, "eventSource": "aws:sqs", "eventSourceARN": arn}
            for number, body in enumerate(bodies)
        ]
    }


def handle(event):
    return make_handler({"module": MODULE, "app": "plain", "kind": "function"})(event, context(alias="prod"))


def test_a_task_goes_by_the_queue_that_there_is(aws, queue):
    job = double.later(21)
    [sent] = queue.messages
    assert sent["QueueUrl"] == QUEUE and getattr(aws, "lambda").invocations == []
    assert handle(batch(sent["MessageBody"])) == {"batchItemFailures": []}
    assert double.result(job).value == 42


def test_a_message_that_fails_is_told_and_the_others_are_done(aws, queue, capsys):
    jobs = [double.later(1), failing.later(), double.later(2)]
    answer = handle(batch(*[sent["MessageBody"] for sent in queue.messages]))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert [double.result(job).status for job in jobs] == ["done", "failed", "done"]
    assert "RuntimeError: boom" in capsys.readouterr().err
    with pytest.raises(RuntimeError, match="boom"):
        handle(batch(queue.messages[1]["MessageBody"]))


def test_messages_of_other_queues_are_the_applications_own(aws, queue):
    event = batch("{}", queue="prod-mail")
    assert handle(event) == event
    assert handle({"Records": []}) == {"Records": []}
    assert handle({"Records": "x"}) == {"Records": "x"}
