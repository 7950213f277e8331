"""The operations of the services that the cloud has: those of botocore's models, and minimal valid inputs of each."""

import datetime
import functools
import json
import re

import botocore.session
from conftest import ROOT


@functools.cache
def manual():
    """Service → (operations that are carried out, operations that are refused), as docs/embedded-cloud.md has them."""
    rows = {}
    for line in (ROOT / "docs" / "embedded-cloud.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0] in botocore.session.get_session().get_available_services():
            rows[cells[0]] = tuple(set(cell.split(", ")) if cell else set() for cell in cells[1:])
    return rows


def refused_parameters():
    """Service, operation, a parameter's path and the one value that is taken (or None), of each that the manual refuses."""
    for line in (ROOT / "docs" / "embedded-cloud.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 2 and cells[0].split(" ")[0] in manual():
            for path, _, unless in re.findall(r"([\w.]+)( \(but for `(.*?)`\))?", cells[1]):
                yield *cells[0].split(" "), path, unless or None


@functools.cache
def model(service):
    """botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)


# Documents whose form the models do not tell.
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["lambda.amazonaws.com", "scheduler.amazonaws.com"], "AWS": "000000000000"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def minimal(operation, values):
    """The input of an operation (a botocore OperationModel) with its required members and no others; `values` has those
    of members by name."""
    return structure(operation.input_shape, values) if operation.input_shape else {}


def structure(shape, values):
    """A structure's required members; of a union the first."""
    if getattr(shape, "is_tagged_union", False):
        names = list(shape.members)[:1]
    else:
        names = shape.required_members
    return {name: member(name, shape.members[name], values) for name in names}


def member(name, shape, values):
    """A value for a member: the one of its name, or one that its shape allows."""
    kind = shape.type_name
    if name in values and (kind == "string" or not isinstance(values[name], str)):
        return values[name]
    if kind == "structure":
        return structure(shape, values)
    if kind == "list":
        return [member(name.removesuffix("s"), shape.member, values)]
    if kind == "map":
        return {member("key", shape.key, values): member("value", shape.value, values)}
    if kind == "string":
        return text(shape)
    if kind == "blob":
        return b"{}"
    if kind == "boolean":
        return False
    if kind == "timestamp":
        return datetime.datetime(2026, 1, 1)
    return max(int(shape.metadata.get("min", 1)), 1)


def text(shape):
    """A text that the shape's enumeration, lengths and pattern allow, as far as one of a few does."""
    if shape.enum:
        return shape.enum[0]
    shortest = max(int(shape.metadata.get("min", 1)), 1)
    candidates = ["kept", "a" * shortest, "1" * shortest, f"arn:aws:iam::000000000000:role/{'a' * shortest}", "{}"]
    pattern = shape.metadata.get("pattern", ".*").replace(r"\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}", r"\w ")
    try:
        fitting = [value for value in candidates if len(value) >= shortest and re.fullmatch(pattern, value)]
    except re.error:
        fitting = []
    return (fitting or [value for value in candidates if len(value) >= shortest])[0]


def asking(shape, path, unless, values):
    """The minimal input with the member at a path asking for something: for another value than `unless`."""
    if shape.type_name == "list":
        return [asking(shape.member, path, unless, values)]
    name, _, rest = path.partition(".")
    inner = shape.members[name]
    value = asking(inner, rest, unless, values) if rest else something(name, inner, unless, values)
    return {**structure(shape, values), name: value}


def something(name, shape, unless, values):
    """A value that is neither empty nor false."""
    if shape.type_name == "boolean":
        return True
    if shape.type_name == "list":
        return [something(name.removesuffix("s"), shape.member, unless, values)]
    if shape.type_name == "structure":
        first, of_member = next(iter(shape.members.items()))
        return structure(shape, values) or {first: something(first, of_member, unless, values)}
    if unless and getattr(shape, "enum", None):
        return next(value for value in shape.enum if value != unless)
    return member(name, shape, values)


def with_each_member(operation, values):
    """The minimal input with each further member that it may have, at any depth: the member's path, and the input."""
    if operation.input_shape:
        yield from _with_each(operation.input_shape, values, frozenset())


def _with_each(shape, values, within):
    """Variants of a value of this shape."""
    if shape.name in within:
        return
    within = within | {shape.name}
    if shape.type_name == "list":
        for path, value in _with_each(shape.member, values, within):
            yield path, [value]
    elif shape.type_name == "structure":
        base = structure(shape, values)
        for name, of_member in shape.members.items():
            value = member(name, of_member, values)
            # An empty structure says nothing.
            if name not in base and value not in ({}, [{}]):
                yield name, {**base, name: value}
            if not isinstance(values.get(name, ""), (list, dict)):
                for path, deeper in _with_each(of_member, values, within):
                    yield f"{name}.{path}", {**base, name: deeper}
