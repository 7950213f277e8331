"""Each member of each operation, generated from botocore's models: what does a call answer, and what is there afterwards,
with it and without it?

- A *subject* is what a call is about: things of its own, made when a member asks for them. A service's recipe (a file of
  this folder) is its class: the method or the value of a member's name (`RoleName`), or of an operation's member
  (`CreateRole_RoleName`), is the member's value.
- *Seen* of a call is its answer, and for one that changes something what the service's reading operations then tell.
- What differs between two equal calls is no effect. Neither is an error: a member must be accepted to be seen.
"""

import datetime
import functools
import itertools
import json
import re
import time

import botocore.eventstream
import botocore.session
import operations
from botocore.exceptions import BotoCoreError, ClientError

READING = re.compile("ExecuteStatement|(Batch)?(Get|List|Describe|Head|Query|Scan|Filter|Validate)(?!RandomPassword)")
NAMES = itertools.count(1)


class Subject:
    """What one call is about, and the values of members that it needs."""

    # Members that each call of an operation has: operation → members.
    BASE = {}
    # Members that go along with a member, in the call without it, too: (operation, path) → members; None takes one away.
    TOGETHER = {}
    # What members of an answer are called in the reading operations: operation → name → name.
    NAMED = {}
    # What is steady of an answer by chance: operation → function of it.
    STEADY = {}
    # What is the code of the error that shows a member's effect, such as a precondition's: (operation, path) → code; the operation may be *.
    REFUSES = {}
    # What is the code of the errors that are told otherwise with a member: (operation, path) → code.
    FAILS = {}
    # What reading operations are asked with beside their required members: operation → members. None: it is not asked.
    LOOK = {}

    def __init__(self, world, operation):
        self.world, self.operation = world, operation
        self.name = f"m{next(NAMES):04}"
        # The values of members, and those of them that name what this subject has.
        self.made, self.own = {}, set()
        self.begin()

    def begin(self):
        """Makes what there must be beside what the operation's members name."""

    @classmethod
    def knows(cls, operation, member):
        return hasattr(cls, f"{operation}_{member}") or hasattr(cls, member) and not hasattr(Subject, member)

    def value(self, member, operation=None):
        """A member's value: made at the first time, the same afterwards."""
        key = f"{operation or self.operation}_{member}"
        key = key if hasattr(self, key) else member
        if key not in self.made:
            found = getattr(self, key)
            self.made[key] = found() if callable(found) else filled(found, self.name)
            self.own |= {key} if callable(found) else set()
        return self.made[key]

    def settle(self, arguments):
        """Waits until a call has done what it began."""

    def learn(self, answer):
        """Takes from an answer what names the thing that was made."""
        named = self.NAMED.get(self.operation, {})
        for member, value in strings(answer):
            if not self.knows(self.operation, member) or member in named:
                self.made.setdefault(named.get(member, member), value)
            self.own |= {named[member]} if member in named else set()

    def names(self):
        """What stands for itself in answers: text → what is written for it."""
        told = {self.made[member]: f"<{member}>" for member in self.own if isinstance(self.made[member], str)}
        return {**told, self.name: "<name>"}


def each(names, paths, value):
    """A table's rows for operations (in one text) and paths: all have the same value."""
    return {(operation, path): value for operation in names.split() for path in paths.split()}


def filled(value, name):
    if isinstance(value, str):
        return value.replace("{name}", name)
    if isinstance(value, list):
        return [filled(one, name) for one in value]
    if isinstance(value, dict):
        return {filled(key, name): filled(one, name) for key, one in value.items()}
    return value


def strings(answer):
    if isinstance(answer, dict):
        for key, value in answer.items():
            if isinstance(value, str):
                yield key, value
            else:
                yield from strings(value)


# --- inputs


class Lookup(dict):
    """The values of a subject by member, as `operations.member` asks for them."""

    def __init__(self, subject):
        self.subject = subject

    def __contains__(self, member):
        return self.subject.knows(self.subject.operation, member)

    def __getitem__(self, member):
        return self.subject.value(member)


def base(subject, shape, more):
    """An operation's input without the member in question: what is required, and what the recipe adds."""
    arguments = operations.structure(shape, Lookup(subject)) if shape else {}
    for added in (subject.BASE.get(subject.operation, {}), more):
        arguments = merged(arguments, filled(added, subject.name), subject)
    return arguments


def merged(one, other, subject):
    """The second in the first: None takes away, and a function is asked for the subject's own."""
    if callable(other):
        return other(subject)
    if isinstance(other, list):
        return [merged(None, each, subject) for each in other]
    if isinstance(other, dict) and not isinstance(one, dict):
        one = {}
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    together = {key: merged(one.get(key), other[key], subject) if key in other else one[key] for key in {**one, **other}}
    return {key: value for key, value in together.items() if value is not None}


def paths(shape, within=frozenset()):
    """The paths of all members beneath a shape."""
    if shape is None or shape.name in within or shape.name in ("AttributeValue", "Expected", "Condition"):
        return
    within = within | {shape.name}
    if shape.type_name == "list":
        yield from paths(shape.member, within)
    elif shape.type_name == "map":
        yield from paths(shape.value, within)
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield name, shape, member
            yield from ((f"{name}.{path}", of, inner) for path, of, inner in paths(member, within))


def candidates(subject, name, shape, path):
    """Values of a member, the likeliest to have an effect first."""
    for key in (path.replace(".", "_"), name):
        if subject.knows(subject.operation, key):
            value = subject.value(key)
            return list(value) if isinstance(value, OneOf) else [value]
    kind = shape.type_name
    if kind == "boolean":
        return [True, False]
    if getattr(shape, "enum", None):
        return [*shape.enum[::-1], *shape.enum][: len(shape.enum)]
    if kind in ("integer", "long", "double", "float"):
        least = shape.metadata.get("min", 1)
        return [number for number in (max(least, 1), max(least, 1) + 1, shape.metadata.get("max")) if number is not None]
    if kind == "structure" and not shape.required_members:
        return []
    return [operations.member(name, shape, Lookup(subject))]


class OneOf(tuple):
    """Several values, of which one shows the effect."""


def put(arguments, shape, path, value, subject):
    """The arguments with a value at a path (a fresh copy), or without what is there; lists and maps are entered."""
    if shape.type_name == "list":
        items = arguments or [operations.member("", shape.member, Lookup(subject))]
        return [put(items[0], shape.member, path, value, subject), *items[1:]]
    if shape.type_name == "map":
        items = arguments or operations.member("", shape, Lookup(subject))
        key = next(iter(items))
        return {**items, key: put(items[key], shape.value, path, value, subject)}
    name, _, rest = path.partition(".")
    arguments = dict(arguments if arguments is not None else operations.structure(shape, Lookup(subject)))
    if rest:
        arguments[name] = put(arguments.get(name), shape.members[name], rest, value, subject)
        if arguments[name] in ({}, [{}]) and value is ABSENT:
            del arguments[name]
    elif value is ABSENT:
        arguments.pop(name, None)
    else:
        arguments[name] = value
    return arguments


ABSENT = object()
# Why no effect is seen of a member that is refused by its name.
REFUSED = "refused by its name"


# --- what is seen


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
            told = {**error.response, "error": error.response["Error"].get("Code", ""), "message": error.response["Error"].get("Message", "")}
            del told["ResponseMetadata"]
            return told
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
        away = (value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)) - datetime.datetime.now(datetime.timezone.utc)
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
    found = {}
    for path, leaf in leaves(value, names, ordered):
        found.setdefault(path, []).append(repr(leaf))
    return {path: sorted(each) for path, each in found.items()}


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
    steady = {place for place in places if all(one.get(place, ABSENT) == first.get(place, ABSENT) for one in equal)}
    return {place for place in steady if other.get(place, ABSENT) != first.get(place, ABSENT)}


def refuses_by_name(answer, path, shape):
    """Whether an error says that this member is not there. The answer to a HEAD has no body to tell it."""
    words = [word.rstrip("s") + "s?" for word in path.split(".")]
    on_the_wire = re.escape(shape.serialization.get("name", words[-1]))
    named = any(re.search(rf"\b{word}\b", answer["message"]) for word in (*words, f"(?i:{on_the_wire})"))
    return answer["error"] == "501" or answer["error"] == "NotImplemented" and (named or NOT_OF_BUCKETS in answer["message"])


# AWS's own words for headers that are for directory buckets.
NOT_OF_BUCKETS = "A header you provided implies functionality that is not implemented"


class Sweep:
    """All members of a service's operations."""

    def __init__(self, world, recipe):
        self.world, self.recipe, self.service = world, recipe, recipe.SERVICE
        self.baselines, self.readers = {}, {}
        self.refused = {(operation, path) for service, operation, path, _ in operations.refused_parameters() if service == self.service}

    def members(self):
        """Operation, path, structure and shape of each member that is accepted and not required in its structure."""
        for operation in sorted(operations.manual()[self.service][0]):
            shape = operations.model(self.service).operation_model(operation).input_shape
            for path, of, member in paths(shape):
                ends = [".".join(path.split(".")[: depth + 1]) for depth in range(path.count(".") + 1)]
                if path.rpartition(".")[2] in of.required_members or any((operation, end) in self.refused for end in ends):
                    continue
                # A structure that may be empty says nothing itself; a union's members are not optional.
                inner = member.member if member.type_name == "list" else member
                says_nothing = inner.type_name == "structure" and not inner.required_members
                known = member.type_name == "list" and self.recipe.knows(operation, path.rpartition(".")[2])
                if getattr(of, "is_tagged_union", False) or says_nothing and not known:
                    continue
                yield operation, path, member

    def run(self, wanted=lambda operation, path: True):
        """Operation, path → why no effect is seen, or None where it is."""
        return {(operation, path): self.examine(operation, path, member) for operation, path, member in self.members() if wanted(operation, path)}

    def examine(self, operation, path, member):
        shape = operations.model(self.service).operation_model(operation).input_shape
        more = self.recipe.TOGETHER.get((operation, path), {})
        name = path.rpartition(".")[2]
        probe = self.subject(operation)
        values = self.token(operation, path, shape, more)
        values = candidates(probe, name, member, path) if values is None else values
        one = self.without(operation, path, shape, more)[0]
        why = "no value, or no second page"
        for turn, value in enumerate(values[:6]):
            subject = self.subject(operation)
            if subject is not probe:
                # What the value names is made for this subject.
                own = candidates(subject, name, member, path)
                value = own[turn] if len(own) == len(values) else value
            other = Seen(subject, self.service, put(base(subject, shape, more), shape, path, value, subject))
            if other.error and other.error == one.error == self.recipe.FAILS.get((operation, path)):
                if self.effect(operation, path, shape, more, other):
                    return None
                why = f"no effect on the error {other.error}"
            elif other.error:
                expected = self.recipe.REFUSES.get((operation, path)) or self.recipe.REFUSES.get(("*", name), ())
                if other.error in expected and not one.error:
                    return None
                if refuses_by_name(other.answer, path, member):
                    why = REFUSED
                    # What asks for nothing is taken.
                    if member.type_name == "boolean":
                        break
                    continue
                why = f"{'both are refused' if one.error else 'refused'}: {other.error}: {other.answer['message'][:200]}"
            elif one.error or self.effect(operation, path, shape, more, other):
                return None
            else:
                why = f"no effect of {str(value)[:80]}"
        return why

    def effect(self, operation, path, shape, more, other):
        """Whether a call differs from those without the member; once more without it shows that this is no chance."""
        equal = self.without(operation, path, shape, more)
        for seen in (lambda call: call.told, lambda call: call.later()):
            if differ([seen(one) for one in equal], seen(other)):
                again = self.once_without(operation, path, shape, more)
                if differ([seen(one) for one in (*equal, again)], seen(other)):
                    return True
                equal.append(again)
        return False

    def once_without(self, operation, path, shape, more):
        subject = self.subject(operation)
        return Seen(subject, self.service, put(base(subject, shape, more), shape, path, ABSENT, subject))

    def without(self, operation, path, shape, more):
        """What is seen of the call without a member, twice: once for all members that leave the same."""
        same = path.partition(".")[0] in self.recipe.BASE.get(operation, {}) or "." in path
        key = (operation, path if same else "", repr(more))
        if key not in self.baselines:
            self.baselines[key] = [self.once_without(operation, path, shape, more) for _ in range(2)]
        return self.baselines[key]

    def subject(self, operation):
        """A subject of its own; of an operation that only reads, the one for all its calls."""
        if READING.match(operation):
            if operation not in self.readers:
                self.readers[operation] = self.recipe(self.world, operation)
            return self.readers[operation]
        return self.recipe(self.world, operation)

    def token(self, operation, path, shape, more):
        """Of a member that goes on with a list: what its first page said."""
        if path not in TOKENS or self.recipe.knows(operation, path):
            return None
        subject = self.subject(operation)
        limit = {name: 1 for name in LIMITS if name in shape.members}
        first = self.world.call(self.service, operation, {**base(subject, shape, more), **limit})
        found = [first[name] for name in (path, *TOKENS[path]) if first.get(name)]
        return found[:1]


# What goes on with a list, and what its pages call it; and what makes pages short.
TOKENS = {
    "ExclusiveStartKey": ["LastEvaluatedKey"],
    "ExclusiveStartStreamArn": ["LastEvaluatedStreamArn"],
    "ExclusiveStartShardId": ["LastEvaluatedShardId"],
    "ExclusiveStartTableName": ["LastEvaluatedTableName"],
    "KeyMarker": ["NextKeyMarker"],
    "Marker": ["NextMarker"],
    "NextToken": [],
    "PartNumberMarker": ["NextPartNumberMarker"],
    "UploadIdMarker": ["NextUploadIdMarker"],
    "VersionIdMarker": ["NextVersionIdMarker"],
    "ContinuationToken": ["NextContinuationToken"],
    "nextToken": ["nextForwardToken"],
    "position": [],
}
LIMITS = ["Limit", "MaxBuckets", "MaxItems", "MaxKeys", "MaxParts", "MaxResults", "MaxUploads", "limit"]
