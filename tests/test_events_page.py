"""docs/events.md, as a newcomer types it: each example is deployed, its commands are run, and its function gets such an event."""

import json
import os
import re
import subprocess

import pytest
from conftest import ROOT
from sources import fast, until  # noqa: F401

PAGE = (ROOT / "docs" / "events.md").read_text()
(CODE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
# By heading: slam.yaml, the commands, and an event.
EXAMPLES = {
    section.split("\n")[0]: [re.search(rf"```{kind}\n(.*?)```", section, re.DOTALL).group(1) for kind in ("yaml", "sh", "json")]
    for section in PAGE.split("\n## ")
    if "```yaml" in section
}


def assert_like(shown, got, where="event"):
    """What the page shows is in what came, and is of the same kind."""
    assert type(shown) is type(got), f"{where}: {got}"
    if isinstance(shown, dict):
        assert shown.keys() <= got.keys(), f"{where}: {sorted(got)}"
        for key in shown:
            assert_like(shown[key], got[key], f"{where}.{key}")
    elif isinstance(shown, list):
        for one, other in zip(shown, got, strict=True):
            assert_like(one, other, f"{where}[]")
    elif isinstance(shown, str) and "…" not in shown and "2026" not in shown and "1796" not in shown:
        assert shown == got, where
    elif isinstance(shown, int):
        assert shown == got, where


@pytest.mark.parametrize("source", EXAMPLES)
def test_an_example(fast, tmp_path, source):  # noqa: F811
    slam_yaml, commands, event = EXAMPLES[source]
    folder, programs = tmp_path / "project", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    (folder / "jobs.py").write_text(CODE)
    (folder / "slam.yaml").write_text(slam_yaml)
    (programs / "slam").symlink_to(fast.binary)
    # What would go on until somebody ends it.
    commands = commands.replace("slam events tail", "slam events tail --no-follow")
    path = f"{programs}:{os.environ['PATH']}"
    shell = ["bash", "-euo", "pipefail", "-c", commands]
    done = subprocess.run(shell, cwd=folder, env=fast.environment(PATH=path), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    logs = lambda: [json.loads(line) for line in fast.run("logs", "--json", cwd=folder).stdout.splitlines()]  # noqa: E731
    messages = lambda: [line["message"] for line in logs() if line.get("message", "").startswith("got ")]  # noqa: E731
    got = until(messages)[0]
    assert_like(json.loads(event), json.loads(got.removeprefix("got ")))
    fast.run("delete", "--yes", cwd=folder)


def test_there_is_an_example_of_each_source():
    assert list(EXAMPLES) == ["A queue", "A table", "A topic", "A bucket", "An event", "A schedule"]
