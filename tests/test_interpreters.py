"""Which Python runs functions: one that belongs to no project, and where its boto3 comes from."""

import json
import os
import pathlib
import subprocess
import sys
import venv

import pytest
from functions import create, package, runtime

LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
ASKS = """
import os, sys
def handler(event, context):
    import boto3
    found = {"base": sys.prefix == sys.base_prefix, "program": sys.executable, "boto3": os.path.dirname(boto3.__file__)}
    found["variables"] = [name for name in os.environ if name.startswith(("PYTHON", "VIRTUAL_ENV", "CONDA"))]
    found["path"] = sys.path
    return found
"""


def invoke(machine, name):
    return json.load(machine.client("lambda").invoke(FunctionName=name, Payload=b"null")["Payload"])


def other_project(folder):
    """A virtual environment with a boto3 of its own, as a shell has it that works on another project."""
    venv.create(folder / "venv", symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    package = folder / "venv" / "lib" / version / "site-packages" / "boto3"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('this is of another project')\n")
    programs = folder / "venv" / "bin"
    if not (programs / version).exists():
        (programs / version).symlink_to("python3")
    return programs


def test_no_projects_virtual_environment_runs_functions(machine, function_role, tmp_path, monkeypatch):
    programs = other_project(tmp_path)
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('of the shell')\n")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for name in ("PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.setenv(name, str(tmp_path))
    create(machine, function_role(machine, "r", LOGS), ASKS, Timeout=60)
    found = invoke(machine, "f")
    assert found["base"] and found["variables"] == [], found
    places = [*found["path"], found["program"], found["boto3"]]
    assert not any(place.startswith(str(programs.parent)) for place in places), found
    chosen = machine.json("cloud", "status")["runtimes"][runtime()]
    assert os.path.samefile(chosen["program"], found["program"])
    line = f"functions of {runtime()} run on Python {chosen['version']}, {chosen['program']}"
    assert line in machine.run("cloud", "status").stdout
    assert line in (machine.home / "cloud.log").read_text()


def bare():
    """A runtime whose interpreter has no boto3, if this machine has one."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv") / "versions"
    for program in sorted(pyenv.glob("3.*/bin/python"), reverse=True):
        version = program.parent.parent.name.rsplit(".", 1)[0]
        known = version in ("3.9", "3.10", "3.11", "3.12", "3.13")
        if known and subprocess.run([program, "-I", "-c", "import boto3"], capture_output=True).returncode:
            return f"python{version}"
    return None


def test_boto3_is_installed_for_an_interpreter_that_has_none(machine, function_role):
    name = bare()
    if name is None:
        pytest.skip("every interpreter of this machine has boto3")
    machine.run("cloud", "start")
    client = machine.client("lambda")
    client.create_function(
        FunctionName="sdk", Runtime=name, Handler="app.handler", Role=function_role(machine, "r", LOGS),
        Code={"ZipFile": package(app=ASKS)}, Timeout=60,
    )
    client.get_waiter("function_active_v2").wait(FunctionName="sdk")
    found = invoke(machine, "sdk")
    assert found.get("boto3", "").startswith(str((machine.home / "cloud" / "lambda" / "runtime").resolve())), found
    assert f"installing boto3 for functions of {name}" in (machine.home / "cloud.log").read_text()


@pytest.mark.parametrize("running", [False, True])
def test_a_runtime_that_this_machine_cannot_run_is_refused_before_anything_is_built(machine, tmp_path, running):
    """Whether a cloud runs that says so, or one would have to be started. The uv that slam has for itself is on no PATH."""
    (tmp_path / "nothing").mkdir()
    places = ("PATH", "HOME", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME")
    bare_machine = {name: str(tmp_path / "nothing") for name in places}
    uv = machine.home / "uv" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.touch()
    (tmp_path / "app.py").write_text("def main(event, context): pass\n")
    (tmp_path / "slam.yaml").write_text(
        "name: lacking\napp: app:main\nruntime: python3.13\nstages: {dev: {}, prod: {target: aws, region: eu-west-1}}\n"
    )
    if running:
        machine.run("cloud", "start", **bare_machine)
    said = machine.run("deploy", cwd=tmp_path, code=2, **bare_machine)
    assert "The runtime python3.13 needs Python 3.13, which is not on this machine, where dev would run" in said.stderr
    assert "slam.yaml:3:1" in said.stderr and "package" not in said.stderr
    assert f"`{uv} python install 3.13`" in said.stderr
    if running:
        assert machine.client("cloudformation").list_stacks()["StackSummaries"] == []
    else:
        assert not (machine.home / "cloud").exists()
