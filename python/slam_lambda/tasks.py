"""Functions called later: ``@slam.task`` of an application.

::

    from slam_lambda.tasks import task

    @task
    def thumbnail(key): ...

    thumbnail("photo.png")                  # now, as ever
    job = thumbnail.later("photo.png")      # in an invocation of its own

``later`` invokes this same function asynchronously, through the same alias, so
the task runs with the same code and the same stage. Lambda repeats a task that
raises, twice by default: write tasks so that they may run again. With
``tasks: {via: queue}`` it goes by a queue of the stage instead, and one that was
given up is in the queue's dead-letter queue.

``tasks: {results: 7d}`` in slam.yaml lets the function do this, and keeps results
in a table of each stage; ``thumbnail.result(job)`` reads one back. A task may name
another table, ``@task(table=os.environ["TABLE_JOBS"])``, with the string hash key
``id``. Items carry ``expires``, a time for the table's TTL.

Outside Lambda ``later`` calls the function at once.
"""

import functools
import inspect
import json
import os
import time
import uuid

#: The one key of the event that a task is invoked with.
EVENT_KEY = "slam.task"

# What slam.yaml's `tasks` sets.
_TABLE = "SLAM_TASKS_TABLE"
_SECONDS = "SLAM_TASKS_SECONDS"
_QUEUE = "SLAM_TASKS_QUEUE"
# Lambda repeats for six hours at most.
_KEPT_SECONDS = 7 * 24 * 3600
# DynamoDB's items have at most 400 KB; some of it is ours.
_MAX_RESULT_BYTES = 390_000
_MOST_CHARACTERS_OF_ERROR = 10_000

# The alias this invocation came through; set by the handler.
_invoked_arn = None


class TaskResult:
    """What is known of a task: ``status`` is ``queued``, ``running``, ``done`` or ``failed``."""

    __slots__ = ("status", "value", "error")

    def __init__(self, status, value=None, error=None):
        self.status = status
        self.value = value
        self.error = error

    def __repr__(self):
        return f"TaskResult(status={self.status!r}, value={self.value!r}, error={self.error!r})"


class Task:
    """A function that can be called later."""

    def __init__(self, function, table=None):
        functools.update_wrapper(self, function)
        self._function = function
        if inspect.iscoroutinefunction(function):
            # Frameworks ask before they call: Starlette would run it in a thread and never await it.
            _mark_coroutine_function(self)
        self._own_table = table

    @property
    def _table(self):
        # Each stage has its own, and one process may serve several.
        return self._own_table or os.environ.get(_TABLE)

    def __call__(self, /, *args, **kwargs):
        """Call the function now."""
        return self._function(*args, **kwargs)

    def later(self, /, *args, **kwargs):
        """Call the function in an invocation of its own; the id to ask for its result is returned."""
        job = uuid.uuid4().hex
        event = {
            EVENT_KEY: {
                "id": job,
                "module": self._function.__module__,
                "name": self._function.__qualname__,
                "args": args,
                "kwargs": kwargs,
            }
        }
        try:
            payload = json.dumps(event).encode()
        except TypeError as error:
            raise TypeError(f"slam: the arguments of the task {self.__name__} are not JSON: {error}") from None
        function = _invoked_arn or _own_name()
        self._store(job, status="queued")
        if not function:
            call = json.loads(payload)[EVENT_KEY]
            self._run(job, _complete, *call["args"], **call["kwargs"])
            return job
        queue = os.environ.get(_QUEUE)
        if queue:
            _client("sqs").send_message(QueueUrl=queue, MessageBody=payload.decode())
        else:
            _client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload)
        return job

    def result(self, job):
        """The task's result so far, or None if there is no such task (any more)."""
        if self._table is None:
            raise ValueError(
                f"slam: the task {self.__name__} keeps no results: write `tasks: {{results: 7d}}` into slam.yaml, "
                "or give it a table, @task(table=…)"
            )
        found = _client("dynamodb").get_item(TableName=self._table, Key={"id": {"S": job}}, ConsistentRead=True)
        item = found.get("Item")
        if item is None:
            return None
        value = json.loads(item["value"]["S"]) if "value" in item else None
        return TaskResult(item["status"]["S"], value, item.get("error", {}).get("S"))

    def _run(self, job, complete, /, *args, **kwargs):
        self._store(job, status="running")
        try:
            value = self._function(*args, **kwargs)
            if hasattr(value, "__await__"):
                value = complete(_awaited(value))
            if self._table is None:
                return
            text = json.dumps(value)
            if len(text) > _MAX_RESULT_BYTES:
                raise ValueError(f"the result has {len(text)} bytes of JSON, and a table keeps {_MAX_RESULT_BYTES}")
        except Exception as error:
            self._store(job, status="failed", error=f"{type(error).__name__}: {error}"[:_MOST_CHARACTERS_OF_ERROR])
            raise
        self._store(job, status="done", value=text)

    def _store(self, job, **fields):
        if self._table is None:
            return
        item = {name: {"S": text} for name, text in {"id": job, **fields}.items()}
        kept = _KEPT_SECONDS if self._own_table else int(os.environ.get(_SECONDS, _KEPT_SECONDS))
        item["expires"] = {"N": str(int(time.time()) + kept)}
        _client("dynamodb").put_item(TableName=self._table, Item=item)


def task(function=None, *, table=None):
    """Make a function a task: ``@task``, or ``@task(table=…)`` to keep results."""
    if function is None:
        return functools.partial(Task, table=table)
    return Task(function, table)


def is_task(event):
    """Whether ``event`` is a task's."""
    return isinstance(event, dict) and len(event) == 1 and isinstance(event.get(EVENT_KEY), dict)


def run(event, complete=None):
    """Run the task of an event. Only what is decorated as a task is ever called.

    ``complete`` runs a coroutine where the application runs its own.
    """
    import importlib

    call = event[EVENT_KEY]
    found = importlib.import_module(call["module"])
    for name in call["name"].split("."):
        found = getattr(found, name, None)
    if not isinstance(found, Task):
        raise LookupError(f"slam: {call['module']} has no task {call['name']!r}")
    found._run(call["id"], complete or _complete, *call["args"], **call["kwargs"])


def is_batch(event):
    """Whether ``event`` has messages of this stage's queue of tasks."""
    queue = os.environ.get(_QUEUE)
    records = event.get("Records")
    if not queue or not isinstance(records, list) or not records or not isinstance(records[0], dict):
        return False
    # Queues of one name are in other accounts and regions alone, and no mapping of ours reads those.
    return str(records[0].get("eventSourceARN")).rpartition(":")[2] == queue.rpartition("/")[2]


def run_batch(event, complete=None):
    """Run the tasks in messages of a queue; those that failed are told, and come again."""
    failed = []
    for record in event["Records"]:
        try:
            run(json.loads(record["body"]), complete)
        except Exception:
            # A batch of one fails as a whole, which counts as an error of the function and is logged by the runtime.
            if len(event["Records"]) == 1:
                raise
            import traceback

            traceback.print_exc()
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _own_name():
    """This function, through the alias of its stage: what is known before the first invocation."""
    name, stage = os.environ.get("AWS_LAMBDA_FUNCTION_NAME"), os.environ.get("STAGE")
    return f"{name}:{stage}" if name and stage else name


def entered(arn):
    """Note the alias this invocation came through."""
    global _invoked_arn
    _invoked_arn = arn


@functools.lru_cache(maxsize=None)
def _client(service):
    import boto3

    return boto3.client(service)


async def _awaited(value):
    return await value


def _complete(coroutine):
    """Run a coroutine to its end, also where a loop runs already: in a thread then, as nobody awaits ``later``."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def _mark_coroutine_function(task):
    if hasattr(inspect, "markcoroutinefunction"):
        inspect.markcoroutinefunction(task)
    else:
        # Until Python 3.12 there is no public way; this is what asyncio.coroutine did.
        import asyncio

        task._is_coroutine = asyncio.coroutines._is_coroutine
