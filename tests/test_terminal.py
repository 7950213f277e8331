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


def test_a_picture_of_the_file_is_whole(shared_machine, tmp_path):
    write(tmp_path, "timeout: forever # and a comment that is longer than the terminal is wide, which is cut\n")
    shown = lines_at_terminal(shared_machine, tmp_path, ["deploy"], columns=60, code=2)
    assert all(len(line) <= 60 for line in shown), shown
    text = "\n".join(shown)
    assert "slam.yaml:4:10" in text and re.search(r"^4 │ timeout: forever", text, re.M), text
    assert "━━━━━━━" in text
