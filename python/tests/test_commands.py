"""Commands: source and management commands that run inside the function, and who may not have them."""

import json
import sys
import types

import pytest

from slam_lambda import commands, log, make_handler

from .process import run
from .support import SAMPLES, context, sample


@pytest.fixture(autouse=True)
def allowed(monkeypatch):
    monkeypatch.setenv("SLAM_COMMANDS", "1")


@pytest.fixture
def module():
    made = types.ModuleType("application", "What it is for.")
    exec("import os\ncount = 1\nclass app:\n    name = 'tasks'\n", vars(made))
    return made


def raw(source, module):
    answer = commands.run({"raw": source}, module)
    return answer["output"], answer["exit_code"]


@pytest.mark.parametrize(
    "source, output",
    [
        ("print(1)", "1\n"),
        ("1 + 1", "2\n"),
        ("'é'", "'é'\n"),
        ("None", ""),
        ("", ""),
        ("# nothing", ""),
        ("x = 2\nx * 3", "6\n"),
        ("for n in range(2): print(n)", "0\n1\n"),
        ("print('a', end='')\nprint('b')\n'c'", "ab\n'c'\n"),
        # The names of the application's module, and none of this adapter's.
        ("app.name, count, __name__", "('tasks', 1, '__main__')\n"),
        ("'source' in globals() or '__file__' in globals()", "False\n"),
        ("def f(): return g()\ndef g(): return count\nf()", "1\n"),
        ("[count for _ in range(2)]", "[1, 1]\n"),
        # Both streams, in the order written.
        ("import sys\nprint(1)\nprint(2, file=sys.stderr)\nprint(3)", "1\n2\n3\n"),
        ("from sys import stdout as o\no.write('a'); o.buffer.write(b'\\xc3'); o.buffer.write(b'\\xa9'); None", "aé"),
        ("from sys import stdout as o\no.buffer.write(b'\\xff\\n'); None", "\ufffd\n"),
        ("print('\\udc80')", "\\udc80\n"),
        ("from sys import stdout\nstdout.isatty()", "False\n"),
    ],
)
def test_source_is_run_as_at_a_prompt(source, output, module):
    assert raw(source, module) == (output, 0)


def test_namespace_is_a_copy(module):
    raw("count = 5\napp.name = 'renamed'", module)
    assert (module.count, module.app.name) == (1, "renamed")
    assert raw("count", module) == ("1\n", 0)


@pytest.mark.parametrize(
    "source, output, exit_code",
    [
        ("import sys; print(1); sys.exit(3)", "1\n", 3),
        ("raise SystemExit", "", 0),
        ("raise SystemExit(True)", "", 1),
        ("raise SystemExit('no such task')", "no such task\n", 1),
    ],
)
def test_exit_code_is_that_of_the_source(source, output, exit_code, module):
    assert raw(source, module) == (output, exit_code)


def test_exception_is_the_functions_error_and_the_output_in_the_log(module, capsys):
    with pytest.raises(ZeroDivisionError) as error:
        raw("print('so far')\ncount / 0", module)
    assert capsys.readouterr().out == "so far\n"
    last, before = error.traceback[-1], error.traceback[-2]
    assert (str(last.path), last.lineno + 1) == ("<slam invoke --raw>", 2)
    # None of the steps between the command's start and its source.
    assert before.name == "_exit_code"


def test_source_that_is_not_python_is_a_syntax_error(module):
    with pytest.raises(SyntaxError):
        raw("print(", module)


def test_output_is_written_to_the_log_as_well(module, capsys):
    raw("import sys\nprint('out')\nprint('err', file=sys.stderr)", module)
    assert capsys.readouterr() == ("out\n", "slam: runs --raw\nerr\n")


@pytest.mark.parametrize(
    "command, line",
    [
        ({"manage": ["createsuperuser", "--password=secret"]}, "slam: runs manage createsuperuser\n"),
        ({"manage": []}, "slam: runs manage\n"),
        ({"manage": ["two\nlines"]}, ""),
        ({"raw": "password = 'secret'"}, "slam: runs --raw\n"),
    ],
)
def test_the_log_tells_what_runs_without_its_arguments(command, line, capsys):
    log.log_command(command)
    assert capsys.readouterr().err == line


@pytest.mark.parametrize(
    "source", ["input('Sure? ')", "from sys import stdin; stdin.read()", "from sys import stdin; next(stdin)"]
)
def test_question_is_an_error(source, module):
    with pytest.raises(EOFError, match="no terminal"):
        raw(source, module)


@pytest.mark.parametrize("text, size", [("a", 700_000), ("\U0001f600", 2_000_000), ("\x1b", 500_000), ("a", 500_001)])
def test_output_is_bounded_to_what_lambda_returns(text, size, module, capsys):
    answer = commands.run({"raw": f"print({text!r} * {size - 1})\nprint('end', end='')"}, module)
    kept, cut = 500_000, size + 3 - 500_000
    first, rest = answer["output"].split("\n", 1)
    assert (first, len(rest), rest[-3:]) == (f"[slam: {cut} characters before these are in the log alone]", kept, "end")
    assert len(json.dumps(answer)) < 6_291_556
    assert len(capsys.readouterr().out) == size + 3


def test_streams_are_put_back(module):
    before = sys.stdin, sys.stdout, sys.stderr
    raw("sys = 1", module)
    with pytest.raises(RuntimeError):
        raw("raise RuntimeError", module)
    assert (sys.stdin, sys.stdout, sys.stderr) == before


@pytest.mark.parametrize(
    "command", [None, "print(1)", {}, {"raw": 1}, {"manage": "migrate"}, {"manage": [1]}, {"raw": "1", "manage": []}]
)
def test_command_that_is_none_is_refused(command, module):
    with pytest.raises(ValueError, match="expected"):
        commands.run(command, module)


# --- who may have them


@pytest.mark.parametrize("value", ["", "0", "true", "yes", None])
def test_commands_are_refused_unless_switched_on(value, site, monkeypatch):
    monkeypatch.delenv("SLAM_COMMANDS") if value is None else monkeypatch.setenv("SLAM_COMMANDS", value)
    with pytest.raises(PermissionError, match="any code with its role.*`commands: true` into slam.yaml"):
        site({"slam.command": {"raw": "print(1)"}}, context())


@pytest.fixture
def site(module, monkeypatch):
    """The handler of a WSGI application that answers with the path."""

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"served"]

    module.site = app
    monkeypatch.setitem(sys.modules, "application", module)
    return make_handler({"module": "application", "app": "site", "kind": "wsgi"})


@pytest.mark.parametrize("name", SAMPLES)
def test_no_http_request_reaches_them(name, site):
    command = {"slam.command": {"raw": "raise SystemExit('reached')"}}
    text = json.dumps(command)
    event = {**sample(name), "body": text, "isBase64Encoded": False, "rawQueryString": text}
    for key in ("headers", "queryStringParameters", "pathParameters", "stageVariables"):
        event[key] = {**(event.get(key) or {}), "slam.command": text}
    for more in ({}, command):
        assert site({**event, **more}, context())["body"] == "served"


def test_handler_runs_them(site):
    assert site({"slam.command": {"raw": "app.name"}}, context()) == {"output": "'tasks'\n", "exit_code": 0}


@pytest.mark.parametrize(
    "event",
    [
        {"slam.command": {"raw": "1"}, "source": "x"},
        {"kwargs": {}, "slam.command": {"raw": "1"}},
        {"detail": {"slam.command": {"raw": "1"}}},
        [{"slam.command": {"raw": "1"}}],
        "slam.command",
    ],
)
def test_other_events_are_the_functions_own(event, module, monkeypatch):
    module.main = lambda event: event
    monkeypatch.setitem(sys.modules, "application", module)
    assert make_handler({"module": "application", "app": "main", "kind": "function"})(event, context()) == event


def test_stage_is_the_invoked_one(tmp_path, monkeypatch):
    monkeypatch.delenv("SLAM_COMMANDS")
    files = {"app.py": "import os\nSTAGE = os.environ['STAGE']\ndef main(): return STAGE"}
    stages = {"dev": {"STAGE": "dev", "SLAM_COMMANDS": "1"}, "prod": {"STAGE": "prod"}}
    event = {"slam.command": {"raw": "print(STAGE, os.environ['STAGE'])"}}
    allowed, refused = run(tmp_path, files, [["dev", event], ["prod", event]], stages=stages)
    assert allowed == {"output": "dev dev\n", "exit_code": 0}
    assert refused[0] == "PermissionError"


# --- Django


PROJECT = {
    "site_settings.py": """
        SECRET_KEY = "for tests alone"
        INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        USE_TZ = True
    """,
    "web.py": """
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
        from django.core.wsgi import get_wsgi_application
        app = get_wsgi_application()
    """,
}


def manage(tmp_path, *lines, files=PROJECT, app="web:app"):
    pytest.importorskip("django")
    invocations = [["dev", {"slam.command": {"manage": list(line)}}] for line in lines]
    return run(tmp_path, files, invocations, app=app, kind="wsgi")


@pytest.mark.parametrize(
    "line, output, exit_code",
    [
        (["check"], "no issues", 0),
        (["migrate", "--noinput"], "Applying auth.0001_initial... OK", 0),
        (["diffsettings"], "SECRET_KEY = 'for tests alone'", 0),
        (["sqlmigrate", "auth", "9999"], "CommandError", 1),
        (["nonsense"], "Unknown command: 'nonsense'", 1),
        (["migrate", "--wrong"], "unrecognized arguments: --wrong", 2),
        (["createsuperuser"], "not running in a TTY", 0),
        ([], "Available subcommands", 0),
    ],
)
def test_management_command(tmp_path, line, output, exit_code):
    answer = manage(tmp_path, line)[0]
    assert output in answer["output"] and answer["exit_code"] == exit_code


def test_management_command_that_asks_fails(tmp_path):
    ((kind, message),) = manage(tmp_path, ["flush"])
    assert kind == "EOFError" and "--noinput" in message


def test_project_that_is_not_django_is_told(tmp_path):
    files = {"web.py": "def app(environ, start_response): pass"}
    ((kind, message),) = manage(tmp_path, ["migrate"], files=files)
    assert kind == "RuntimeError" and "DJANGO_SETTINGS_MODULE" in message


def test_package_without_django_is_told(tmp_path):
    files = {"web.py": "import sys\nsys.modules['django'] = None\ndef app(environ, start_response): pass"}
    ((kind, message),) = manage(tmp_path, ["migrate"], files=files)
    assert kind == "RuntimeError" and "which this package has not" in message
