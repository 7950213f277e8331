"""`slam cache`: what builds keep, by kind, and its removal."""

import os
import time

from test_packages import project

DAY = 24 * 60 * 60


def kinds(machine, *arguments):
    found = machine.json("cache", *arguments)
    assert found["bytes"] == sum(kind["bytes"] for kind in found["kinds"])
    return {kind["kind"]: kind["entries"] for kind in found["kinds"]}


def test_what_builds_keep_is_shown_and_cleaned(machine, tmp_path):
    assert machine.json("cache")["bytes"] == 0
    folder = project(tmp_path / "kept", ["six"])
    first = machine.json("build", cwd=folder)
    # A package and the note on what it was made from, the dependencies, and what the checks remember.
    assert kinds(machine) == {"packages": 2, "dependencies": 1, "checks": 2, "promoted": 0}
    said = machine.run("cache").stdout
    assert f"in {machine.home / 'cache' / 'bundle'}" in said and "dependencies      1" in said
    old = machine.home / "cache" / "bundle" / "packages" / "old.zip"
    old.write_bytes(b"x" * 1000)
    os.utime(old, (time.time() - 8 * DAY,) * 2)
    assert kinds(machine, "clean", "--older-than", "9d")["packages"] == 0
    assert "1 kB removed" in machine.run("cache", "clean", "--older-than", "7d").stdout
    assert not old.exists()
    machine.run("cache", "clean", "--all")
    assert machine.json("cache")["bytes"] == 0
    # Nothing is missed: the next build makes the same bytes again.
    again = machine.json("build", cwd=folder)
    assert again["sha256"] == first["sha256"]


def test_cleaning_needs_to_know_what(machine):
    assert "--older-than" in machine.run("cache", "clean", code=2).stderr
    assert "`soon` is no period" in machine.run("cache", "clean", "--older-than", "soon", code=2).stderr
    machine.run("cache", "clean", "--all", "--older-than", "1d", code=2)
