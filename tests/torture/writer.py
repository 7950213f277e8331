"""A writer, and what must be read after it.

It works on a few names over and over, so that what is kept does not grow: it writes, writes over and deletes. Of each name
it remembers what may be read there: what was acknowledged last, and where an answer is missing also what it asked for, all
of it or nothing of it.
"""

import contextlib
import random

from raw import Refused


class Lost(Exception):
    """Something is not as it was acknowledged."""


class Writer:
    """One kind: `put` and `delete` change a name, `read` gives its value, or None where there is nothing."""

    kind = ""
    names = 30
    # Pauses between two changes, for what costs more than a write.
    pause = 0.0
    # How many of ten changes delete.
    deletions = 3
    # Codes of refusals that say "not now", and change nothing.
    not_now = ()

    def __init__(self, seed=0):
        self.random = random.Random(f"{self.kind}{seed}")
        self.may = {f"{self.kind}-{number}": {None} for number in range(self.names)}
        self.touched = set()
        self.written = self.deleted = 0
        self.number = 0

    def prepare(self, client):
        """What must be there before the first change."""

    def step(self, client):
        """One change. Raises what the client raises; what may be read is remembered in any case."""
        name = self.random.choice([name for name, may in self.may.items() if len(may) == 1])
        before = self.may[name]
        (now,) = before
        self.number += 1
        value = None if now is not None and self.random.randrange(10) < self.deletions else self.value(name, now)
        self.touched.add(name)
        self.may[name] = before | {value}
        try:
            if value is None:
                self.delete(client, name)
            else:
                self.put(client, name, value, now)
        except Refused as refused:
            # A refusal has changed nothing, or it is no refusal.
            self.may[name] = before
            if refused.code not in self.not_now:
                raise
            return
        self.may[name] = {value}
        self.written += value is not None
        self.deleted += value is None

    def value(self, name, now):
        return f"{name} {self.number}"

    def put(self, client, name, value, now):
        raise NotImplementedError

    def delete(self, client, name):
        raise NotImplementedError

    def read(self, client, name):
        raise NotImplementedError

    def verify(self, client, faults, everything=False):
        """Reads what was touched since the last time, or everything. Gives how many names were read."""
        names = list(self.may) if everything else sorted(self.touched)
        for name in names:
            try:
                value = self.read(client, name)
                if value not in self.may[name]:
                    raise Lost(f"{name} is {value!r:.300}, and must be one of {self.may[name]!r:.600}")
                # What was read once stays.
                self.may[name] = {value}
            except (Lost, Refused) as fault:
                faults.append(f"{fault}")
                self.remove(client, name)
                self.may[name] = {None}
        self.touched.clear()
        return len(names)

    def remove(self, client, name):
        """Deletes whatever there is of a name with a fault, so that the torture can go on."""
        with contextlib.suppress(Lost, Refused):
            self.delete(client, name)

    def clear(self, client):
        """Deletes everything that it wrote."""
        for name, may in self.may.items():
            if may != {None}:
                self.delete(client, name)
                self.may[name] = {None}


def absent(refused, *codes):
    """None, if the refusal says that there is nothing."""
    if refused.code not in codes:
        raise refused
    return None
