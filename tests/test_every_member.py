"""Every member that an operation accepts has an effect that can be seen, or `members/unseen.txt` says why not.

Generated from botocore's models: each operation is sent without and with each member, and compared are its answer and what
its service tells afterwards (`members/seen.py`). When the sweep complains of a member, give the service's recipe in
`members/` a value that shows the effect; a member without any is carried out, refused (`xtask/operations.txt`), or written
down with its reason.
"""

import importlib
import pathlib

import operations
import pytest
from conftest import ROOT
from members.seen import World
from members.sweep import REFUSED, Sweep

UNSEEN = pathlib.Path(__file__).parent / "members" / "unseen.txt"
RECIPES = {"cognito-idp": "cognito", "lambda": "lambda_"}
# Python knows no names under localhost, and asks for checksums where it is not told.
CONFIG = {"inject_host_prefix": False, "response_checksum_validation": "when_required"}


def listed(service):
    """What `unseen.txt` has of a service: operation and path of a member."""
    for line in UNSEEN.read_text().splitlines():
        if line.startswith(f"{service} "):
            names, paths = line.partition(":")[0].split(" ")[1:]
            yield from ((name, path) for name in names.split(",") for path in paths.split(","))


def without_effect(service):
    """The members that `operations.txt` says are taken without effect."""
    here, operation = "", ""
    for line in (ROOT / "xtask" / "operations.txt").read_text().splitlines():
        if line.startswith("["):
            here = line.strip("[]").split(" ")[0]
        elif here == service and not line.startswith("#") and not (line.startswith("~") and ": " in line):
            for word in line.split():
                if word[0].isalpha():
                    operation = word
                elif word[0] == "~":
                    yield operation, word[1:]


def within(known, operation, path):
    """Whether a member, or a structure that it is in, is among these."""
    parts = path.split(".")
    return any((operation, ".".join(parts[: depth + 1])) in known for depth in range(len(parts)))


@pytest.fixture(scope="module")
def world(shared_machine):
    return World(shared_machine, CONFIG)


@pytest.mark.parametrize("service", operations.manual())
def test_every_member_has_an_effect_or_a_reason(world, service):
    recipe = importlib.import_module(f"members.{RECIPES.get(service, service)}").Recipe
    found = Sweep(world, recipe).run()
    known = {*listed(service), *without_effect(service)}
    unseen = {member: why for member, why in found.items() if why not in (None, REFUSED)}
    missing = [f"{service} {name} {path}: {why}" for (name, path), why in unseen.items() if not within(known, name, path)]
    assert not missing, "\n".join(["no effect is seen of these members, nor why:", *missing])
    needless = sorted(one for one in known if not any(within({one}, *member) for member in unseen))
    assert not needless, f"their effect is seen, or they are refused or not there: {needless}"
