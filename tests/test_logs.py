"""`slam logs` as a person reads it: a line for each request, and below it what the function wrote."""

import json
import re
import select
import subprocess
import time

import pytest
import requests

from functions import runtime
from terminal import at_terminal

APP = '''
import logging, os, time
import boto3

logging.getLogger().setLevel("INFO")

def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/tasks":
        logging.info("loaded %d tasks", 12)
        print("\\x1b[2Jpainted")
    elif path == "/broken":
        broken()
    elif path == "/slow":
        print("this takes its time", flush=True)
        time.sleep(30)
    elif path == "/denied":
        boto3.client("dynamodb").describe_time_to_live(TableName=os.environ["TABLE_TASKS"])
    start_response("200 OK", [("content-type", "text/plain")])
    return [b"hello"]

def broken():
    raise ValueError("no such task")

def mail(to):
    print("mail to", to)
    raise RuntimeError("no such person")
'''

YAML = f"""
name: told
app: pages.app:app
kind: wsgi
runtime: {runtime()}
timeout: 2
memory: 128
package: {{path: service}}
tables: {{tasks: {{attributes: {{id: S}}, key: id}}}}
functions: {{mail: {{app: "pages.app:mail"}}}}
"""


def write(folder):
    (folder / "service" / "pages").mkdir(parents=True)
    (folder / "service" / "pages" / "app.py").write_text(APP)
    (folder / "slam.yaml").write_text(YAML)


@pytest.fixture(scope="module")
def deployed(shared_machine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("told")
    write(folder)
    nothing = deploy(shared_machine, folder)
    return folder, nothing["stages"][0]["url"]


def deploy(machine, folder):
    return machine.json("deploy", cwd=folder)


def until(machine, folder, text, *arguments):
    """What `slam logs` prints, once `text` is in it: lines arrive a moment after the answer, as on AWS."""
    deadline = time.monotonic() + 30
    while text not in (log := machine.run("logs", *arguments, cwd=folder).stdout):
        assert time.monotonic() < deadline, log
        time.sleep(0.1)
    return log


TIME = r"\d\d:\d\d:\d\d\.\d{3}"


def test_nothing_is_said_to_be_nothing(machine, tmp_path):
    (tmp_path / "app.py").write_text("def app(): pass\n")
    (tmp_path / "slam.yaml").write_text(f"name: silent\napp: app:app\nruntime: {runtime()}\n")
    machine.run("deploy", cwd=tmp_path)
    done = machine.run("logs", cwd=tmp_path)
    assert done.stdout == ""
    assert "no log lines of dev in the last 1h: `--period 1d` looks further back" in done.stderr


def test_a_request_is_a_line(shared_machine, deployed):
    folder, url = deployed
    assert requests.get(f"{url}tasks?secret=1").text == "hello"
    log = until(shared_machine, folder, "GET /tasks 200")
    request = next(line for line in log.splitlines() if "GET /tasks 200" in line)
    assert re.fullmatch(rf"{TIME} dev told GET /tasks 200  [\d.]+ ms  (cold \d+ ms  )?\d+ MB  [0-9a-f]{{8}}", request), log
    assert re.search(rf"^(?:{TIME}|            )     INFO loaded 12 tasks$", log, re.M), log
    assert "\\u{1b}[2Jpainted" in log and "\x1b" not in log
    assert "secret" not in log and "REPORT" not in log
    platform = shared_machine.run("logs", "--platform", cwd=folder).stdout
    # What Lambda told before the request stands before it.
    assert platform.index("INIT_START") < platform.index("GET /tasks 200") < platform.index("START RequestId: ")
    assert "REPORT RequestId: " in platform and "START RequestId: " in platform and "INIT_START" in platform


def test_a_traceback_is_the_projects_own(shared_machine, deployed):
    folder, url = deployed
    assert requests.get(f"{url}broken").status_code == 500
    log = until(shared_machine, folder, "GET /broken 500")
    line = APP.splitlines().index("        broken()") + 1
    assert f'File "service/pages/app.py", line {line}, in app' in log
    assert "ValueError: no such task" in log
    for own in ("slam_lambda", "lambda_handler", "unpacked", str(shared_machine.home)):
        assert own not in log, log


def test_a_plain_function_is_invoked(shared_machine, deployed):
    folder, _ = deployed
    failed = shared_machine.run("invoke", "--function", "mail", "to=zoe", cwd=folder, code=1)
    assert "mail to zoe" in failed.stderr and failed.stderr.count("RuntimeError: no such person") == 1
    assert 'File "service/pages/app.py"' in failed.stderr and "lambda_handler" not in failed.stderr
    assert "REPORT" not in failed.stderr and failed.stdout == ""
    log = until(shared_machine, folder, "dev mail invoke failed", "--function", "mail")
    assert "ERROR RuntimeError: no such person" in log and "GET /" not in log


def test_logs_right_after_a_request_have_no_halves(machine, tmp_path):
    write(tmp_path)
    url = deploy(machine, tmp_path)["stages"][0]["url"]
    for number in range(5):
        requests.get(f"{url}at-once/{number}")
        log = machine.run("logs", cwd=tmp_path).stdout
        assert "running" not in log, log
        assert not re.search(rf"^{TIME} dev told$", log, re.M), log
        assert re.findall(TIME, log) == sorted(re.findall(TIME, log)), log


def test_a_call_that_never_came_to_the_function_has_no_frames(shared_machine, deployed):
    folder, _ = deployed
    failed = shared_machine.run("invoke", "--function", "mail", "nobody:=[1]", cwd=folder, code=1)
    assert "TypeError: " in failed.stderr and "Traceback" not in failed.stderr
    log = until(shared_machine, folder, "TypeError: ", "--function", "mail", "--period", "20s")
    assert "Traceback" not in log[log.rindex("TypeError"):], log


def test_what_ends_a_function_is_said_in_words(shared_machine, deployed):
    folder, url = deployed
    assert requests.get(f"{url}slow").status_code in (502, 504)
    log = until(shared_machine, folder, "timed out after 2 s")
    assert "this takes its time" in log and "`timeout` in slam.yaml gives it longer" in log
    # So does `slam invoke`.
    slow = shared_machine.run("invoke", "GET", "/slow", cwd=folder, code=1)
    assert "this takes its time\ntimed out after 2 s: `timeout` in slam.yaml gives it longer" in slow.stderr


def test_a_denial_is_told_in_the_words_of_slam_yaml(shared_machine, deployed):
    folder, url = deployed
    assert requests.get(f"{url}denied").status_code == 500
    log = until(shared_machine, folder, "GET /denied 500")
    lacking = "{allow: [dynamodb:DescribeTimeToLive], on: table tasks}"
    assert f"the role lacks  {lacking}  under `permissions`" in log
    # It is true: with these words it works.
    allowed = YAML + f"permissions: [{lacking}]\n"
    (folder / "slam.yaml").write_text(allowed)
    try:
        deploy(shared_machine, folder)
        assert requests.get(f"{url}denied").status_code == 200
    finally:
        (folder / "slam.yaml").write_text(YAML)
        deploy(shared_machine, folder)


def test_programs_get_the_lines_as_they_are(shared_machine, deployed):
    folder, url = deployed
    requests.get(f"{url}tasks")
    until(shared_machine, folder, "GET /tasks 200")
    lines = [json.loads(line) for line in shared_machine.run("logs", "--json", cwd=folder).stdout.splitlines()]
    assert all(line.keys() == {"timestamp", "group", "stream", "message"} for line in lines)
    messages = [line["message"] for line in lines]
    assert "slam: GET /tasks 200" in messages and "\x1b[2Jpainted" in messages
    assert any(message.startswith("REPORT RequestId: ") for message in messages)
    assert [line["timestamp"] for line in lines] == sorted(line["timestamp"] for line in lines)


def test_the_line_about_a_request_can_be_left_out(machine, tmp_path):
    write(tmp_path)
    (tmp_path / "slam.yaml").write_text(YAML + "logs: {requests: false}\n")
    url = deploy(machine, tmp_path)["stages"][0]["url"]
    requests.get(f"{url}tasks")
    assert "dev told request  " in until(machine, tmp_path, "loaded 12 tasks")
    assert "slam: GET" not in machine.run("logs", "--json", cwd=tmp_path).stdout


def test_a_terminal_has_colour_and_80_columns(shared_machine, deployed):
    folder, url = deployed
    requests.get(f"{url}{'long/' * 30}end")
    until(shared_machine, folder, "/end 200")
    shown = at_terminal(shared_machine, folder, ["logs"])
    assert "\x1b[32m" in shown, shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    line = next(line for line in plain.splitlines() if "/end 200" in line)
    assert len(line) <= 80 and "…" in line
    assert "\x1b[" not in at_terminal(shared_machine, folder, ["logs"], NO_COLOR="1").replace("\\u{1b}[", "")


def test_new_lines_are_followed(machine, tmp_path):
    write(tmp_path)
    url = deploy(machine, tmp_path)["stages"][0]["url"]
    process = subprocess.Popen(
        [machine.binary, "logs", "--tail"],
        cwd=tmp_path, env=machine.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    try:
        deadline = time.monotonic() + 60
        shown = ""
        # What came before it began may be shown first, or nothing may.
        while "GET /followed 200" not in shown:
            assert time.monotonic() < deadline, "nothing was followed"
            requests.get(f"{url}followed")
            while select.select([process.stdout], [], [], 1)[0]:
                shown = process.stdout.readline()
                if "GET /followed 200" in shown:
                    break
    finally:
        process.terminate()
        process.communicate(timeout=30)
