"""Long lines at a terminal: broken at spaces, with commands whole; nowhere else."""

import re

import pytest

from functions import runtime
from terminal import lines_at_terminal

NAME = "a-project-with-quite-a-long-name"
TABLE = "tables: {notes: {attributes: {id: S}, key: id}}\n"


def write(folder, more=""):
    (folder / "app.py").write_text("def app():\n    return 'here'\n")
    (folder / "slam.yaml").write_text(f"name: {NAME}\napp: app:app\nruntime: {runtime()}\n{more}")


@pytest.mark.parametrize("columns", [60, 80])
def test_lines_are_broken_at_spaces(shared_machine, tmp_path, columns):
    write(tmp_path, TABLE)
    see = lambda *arguments, **more: lines_at_terminal(shared_machine, tmp_path, arguments, columns=columns, **more)
    shown = see("deploy")
    package = next(line for line in shown if "0 dependencies" in line)
    assert package.startswith("  package   a-pr") and re.search(r" \d\.\d s$", package), package
    write(tmp_path)
    shown += see("deploy")
    told = "\n".join(shown)
    assert "  left behind: the table dev.notes with 0 items;\n               `slam deploy --delete-data notes` deletes it\n" in told, told
    shown += see("status")
    shown += see("deploy", "--stage", "nowhere", code=2)
    shown += see("invoke", "GET", "tasks", code=2)
    assert all(len(line) <= columns for line in shown), [line for line in shown if len(line) > columns]
    # Elsewhere a line is a line.
    assert "items; `slam deploy --delete-data notes` deletes it\n" in shared_machine.run("status", cwd=tmp_path).stdout
    shared_machine.run("delete", "--yes", cwd=tmp_path)


def test_a_question_that_is_not_answered_has_a_line_of_its_own(shared_machine, tmp_path):
    write(tmp_path, TABLE.replace("notes: ", "one: ").replace("}}\n", "}, two: {attributes: {id: S}, key: id}}\n"))
    shared_machine.run("deploy", cwd=tmp_path)
    end = "\x04"
    shown = lines_at_terminal(shared_machine, tmp_path, ["delete"], code=1, typed=[("to go on: ", end)])
    assert "  type the name of the project to go on: " in shown and "error: nothing of dev was deleted" in shown
    write(tmp_path)
    deleting = ["deploy", "--delete-data", "one,two"]
    shown = lines_at_terminal(shared_machine, tmp_path, deleting, code=1, typed=[("delete them? [y/N] ", end)])
    assert "  delete them? [y/N] " in shown and "error: nothing was deployed or deleted" in shown, shown
    shared_machine.run("delete", "--yes", cwd=tmp_path)


def test_each_thing_is_said_once_and_in_words(machine, tmp_path):
    stages = "stages: {dev: {}, prod: {}}\n"
    write(tmp_path, stages + TABLE)
    refused = machine.run("status", cwd=tmp_path, code=1).stderr
    assert "`slam cloud start` starts it, and so does `slam deploy`" in refused
    said = machine.run("deploy", cwd=tmp_path)
    assert re.search(r"^  template  \d+ resources, all of them new: ", said.stderr, re.M)
    assert "  upload    package " in said.stderr
    # The stages stand in one column, and the URLs last.
    assert "\n  prod  nothing is published to it yet: `slam publish prod`\n" in said.stderr
    assert said.stdout == "  dev   newest code\n"
    write(tmp_path, stages)
    said = machine.run("deploy", cwd=tmp_path).stderr
    left = "left behind: the tables dev.notes and prod.notes with 0 items; `slam deploy --delete-data notes` deletes them"
    assert said.count("dev.notes") == 1 and left in said and "DevNotesDynamoDBTable kept" in said, said
    write(tmp_path, stages + TABLE)
    said = machine.run("deploy", cwd=tmp_path).stderr
    # That it is taken in, and set to stay, is no news of its own.
    assert "taken in again: table dev.notes with 0 items" in said
    assert "DevNotesDynamoDBTable" not in said[: said.index("  template  ")], said
    write(tmp_path, stages + TABLE.replace("id: S", "id: N"))
    refused = machine.run("deploy", cwd=tmp_path, code=2).stderr
    assert "nothing is in it: take `notes` out of slam.yaml, run `slam deploy --delete-data notes`" in refused
    said = machine.run("delete", "--yes", cwd=tmp_path).stderr
    ticks = re.findall(r"\S DevNotesDynamoDBTable(?: \w+)?", said)
    assert ticks == ["✓ DevNotesDynamoDBTable deleted"], said
    assert re.search(r"^  stack     (\d+) of \1 resources are gone ", said, re.M), said


def test_a_picture_of_the_file_is_whole(shared_machine, tmp_path):
    write(tmp_path, "timeout: forever # and a comment that is longer than the terminal is wide, which is cut\n")
    shown = lines_at_terminal(shared_machine, tmp_path, ["deploy"], columns=60, code=2)
    assert all(len(line) <= 60 for line in shown), shown
    text = "\n".join(shown)
    assert "slam.yaml:4:10" in text and re.search(r"^4 │ timeout: forever", text, re.M), text
    assert "━━━━━━━" in text
