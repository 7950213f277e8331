"""What one call is about: things of its own, and the values of members that name them.

A service's recipe, a file of this folder, is a class of it: what it has by a member's name (`RoleName`), or by an operation's
member (`CreateRole_RoleName`), is the member's value, or makes it when it is first asked for.
"""

import itertools

NAMES = itertools.count(1)


class Subject:
    """What one call is about, and the values of members that it needs."""

    # Members that each call of an operation has beside the required ones: operation → members.
    BASE = {}
    # Members that go along with a member, in the call without it, too: (operation, path) → members; None takes one away.
    TOGETHER = {}
    # What members of an answer are called in the reading operations: operation → name → name.
    NAMED = {}
    # What is steady of an answer by chance: operation → function of it.
    STEADY = {}
    # What are the codes of errors that show a member's effect, as of a precondition: (operation, path) → codes. The operation
    # may be *, of all operations.
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
    def tidy(cls, world):
        """Takes away what the subjects of one operation have left, where there is not room for those of all."""

    @classmethod
    def knows(cls, operation, member):
        """Whether the recipe has a value for an operation's member."""
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
        """Waits until a call with these arguments has done what it began."""

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
    """A value with a subject's name for {name}."""
    if isinstance(value, str):
        return value.replace("{name}", name)
    if isinstance(value, list):
        return [filled(one, name) for one in value]
    if isinstance(value, dict):
        return {filled(key, name): filled(one, name) for key, one in value.items()}
    return value


def strings(answer):
    """The texts of an answer by the names of their members."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            if isinstance(value, str):
                yield key, value
            else:
                yield from strings(value)


class OneOf(tuple):
    """Several values, of which one shows the effect."""
