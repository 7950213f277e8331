"""What can be seen of a call: its answer, and for one that changes something what its service tells afterwards.

What differs between two equal calls is no effect: names and times are made steady, and `differ` asks only where calls that
are equal agree.
"""

import datetime
import functools
import re
import time

import botocore.eventstream
import operations
from botocore.exceptions import BotoCoreError, ClientError

from members.inputs import ABSENT
from members.subject import filled

READING = re.compile("ExecuteStatement|(Batch)?(Get|List|Describe|Head|Query|Scan|Filter|Validate)(?!RandomPassword)")


class World:
    """A cloud, and clients of its services."""

    def __init__(self, machine, config):
        self.machine = machine
        self.client = functools.cache(lambda service: machine.client(service, config=config))
        self.kept = {}

    def once(self, name, make):
        """What all subjects share."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def call(self, service, operation, arguments):
        """The answer, or the error."""
        try:
            answer = self.client(service)._make_api_call(operation, arguments)
        except ClientError as error:
            told = {name: one for name, one in error.response.items() if name != "ResponseMetadata"}
            return {**told, "error": told["Error"].get("Code", ""), "message": told["Error"].get("Message", "")}
        except BotoCoreError as error:
            return {"error": "client", "message": str(error)}
        answer.pop("ResponseMetadata")
        return read(answer)


def read(value):
    """An answer with what it streams."""
    if isinstance(value, dict):
        return {key: read(one) for key, one in value.items()}
    if isinstance(value, list):
        return [read(one) for one in value]
    if hasattr(value, "read"):
        return value.read()
    if isinstance(value, botocore.eventstream.EventStream):
        return [read(event) for event in value]
    return value


def steady(value, names):
    """A leaf without what is another each time: names, and how late it is."""
    if isinstance(value, datetime.datetime):
        # In quarters of an hour from now, if it is not a date that was given.
        away = value.astimezone(datetime.timezone.utc) - datetime.datetime.now(datetime.timezone.utc)
        return f"now {round(away.total_seconds() / 900)}" if abs(away.days) < 500 else value.isoformat()
    if isinstance(value, int) and abs(value / 1000 - time.time()) < 86400:
        return "now"
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str):
        for text, instead in sorted(names.items(), key=lambda pair: -len(pair[0])):
            value = value.replace(text, instead)
        value = re.sub(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?", "<time>", value)
        return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>", value)
    return value


def leaves(value, names, ordered, path=()):
    """An answer as path → values. Lists keep their order, or say only how often they have what."""
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from leaves(one, names, ordered, (*path, steady(key, names)))
    elif isinstance(value, (list, tuple)) and value:
        for index, one in enumerate(value):
            yield from leaves(one, names, ordered, (*path, index if ordered else "*"))
    else:
        yield path, steady(value, names)


def flat(value, names, ordered=False):
    """An answer as path → all that is there."""
    found = {}
    for path, leaf in leaves(value, names, ordered):
        found.setdefault(path, []).append(repr(leaf))
    return {path: sorted(several) for path, several in found.items()}


def state(subject, service):
    """What the reading operations tell that this subject has the required members of."""
    told = {}
    for operation in sorted(operations.manual()[service][0]):
        shape = operations.model(service).operation_model(operation).input_shape
        required = shape.required_members if shape else []
        looks = subject.LOOK.get(operation, {})
        for index, more in enumerate(looks if isinstance(looks, list) else [looks]):
            if not READING.match(operation) or more is None or not (required or more):
                continue
            arguments = {name: subject.made.get(name) for name in required}
            for name, value in more.items():
                arguments[name] = value(subject) if callable(value) else filled(value, subject.name)
            if None not in arguments.values():
                told[operation, index] = subject.world.call(service, operation, arguments)
    return told


class Seen:
    """What can be seen of one call."""

    def __init__(self, subject, service, arguments):
        self.subject, self.service = subject, service
        for name, value in arguments.items():
            subject.made.setdefault(name, value)
        self.answer = subject.world.call(service, subject.operation, arguments)
        self.error = self.answer.get("error")
        if subject.operation in subject.STEADY and not self.error:
            self.answer = subject.STEADY[subject.operation](self.answer)
        self.reads = READING.match(subject.operation) or self.error
        subject.learn(self.answer)
        if not self.reads:
            subject.settle(arguments)
        self.told = flat(self.answer, subject.names(), ordered=self.reads)
        self.state = None

    def later(self):
        """What is there afterwards: looked at only where the answers are equal."""
        if self.state is None:
            told = {} if self.reads else state(self.subject, self.service)
            self.state = flat(told, self.subject.names())
        return self.state


def differ(equal, other):
    """Where the last of several seen differs from all others, which are the same there."""
    first, places = equal[0], {place for one in (*equal, other) for place in one}
    agreed = {place for place in places if all(one.get(place, ABSENT) == first.get(place, ABSENT) for one in equal)}
    return {place for place in agreed if other.get(place, ABSENT) != first.get(place, ABSENT)}
