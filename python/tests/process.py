"""The whole handler in a process of its own, as Lambda runs it."""

import json
import pathlib
import subprocess
import sys
import textwrap

from .support import FUNCTION

PACKAGE = pathlib.Path(__file__).parent.parent

DRIVER = """
import json, os, sys
from types import SimpleNamespace
task = json.loads(sys.stdin.read())
os.environ.update(task["environment"])
sys.path[:0] = [os.environ["LAMBDA_TASK_ROOT"], task["adapter"]]
from slam_lambda import make_handler
results = []
try:
    handler = make_handler(task["settings"])
except Exception as error:
    print(json.dumps(["init", type(error).__name__, str(error)]))
    raise SystemExit
for alias, event in task["invocations"]:
    context = SimpleNamespace(invoked_function_arn=f"{task['arn']}:{alias}", function_version="3")
    try:
        results.append(handler(event, context))
    except Exception as error:
        results.append([type(error).__name__, str(error)])
# What the application printed may not have ended its line.
print()
print(json.dumps(results))
"""


def run(tmp_path, files, invocations, **how):
    return run_with_log(tmp_path, files, invocations, **how)[0]


def run_with_log(tmp_path, files, invocations, app="app:main", kind="function", stages=None, version=None):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    module, _, attribute = app.partition(":")
    environment = {"LAMBDA_TASK_ROOT": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    if stages is not None:
        environment["SLAM_STAGES"] = json.dumps(stages)
    if version is not None:
        environment["AWS_LAMBDA_FUNCTION_VERSION"] = version
    task = {
        "environment": environment,
        "adapter": str(PACKAGE),
        "arn": FUNCTION,
        "settings": {"module": module, "app": attribute, "kind": kind},
        "invocations": invocations,
    }
    done = subprocess.run(
        [sys.executable, "-B", "-c", DRIVER], input=json.dumps(task), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr
