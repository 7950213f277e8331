"""Inputs of operations without and with one member, from the shapes of botocore's models and a subject's values."""

import operations

from members.subject import OneOf, filled


# The value of a member that is left out.
ABSENT = object()


# DynamoDB's values, whose members are kinds of values: its own tests know them.
VALUES = {"AttributeValue", "ExpectedAttributeValue", "AttributeValueUpdate", "Condition"}


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
        return [merged(None, one, subject) for one in other]
    if isinstance(other, dict) and not isinstance(one, dict):
        one = {}
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    together = {key: merged(one.get(key), other[key], subject) if key in other else one[key] for key in {**one, **other}}
    return {key: value for key, value in together.items() if value is not None}


def paths(shape, within=frozenset()):
    """All members beneath a shape: the path, the structure that has it, and its own shape."""
    if shape is None or shape.name in within or shape.name in VALUES:
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
        # The first is often the default.
        return shape.enum[::-1]
    if kind in ("integer", "long", "double", "float"):
        least = shape.metadata.get("min", 1)
        return [number for number in (max(least, 1), max(least, 1) + 1, shape.metadata.get("max")) if number is not None]
    if kind == "structure" and not shape.required_members:
        return []
    return [operations.member(name, shape, Lookup(subject))]


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


