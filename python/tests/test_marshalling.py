"""What both of our Python runtime clients answer and log, compared with what AWS's did: ``tests/marshalling`` has it."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests" / "marshalling"
sys.path.insert(0, str(TABLE))

import record  # noqa: E402
import server  # noqa: E402

RECORDED = json.loads((TABLE / "recorded" / "python.json").read_text())
# As the embedded cloud's client writes the line ends of a message that is one event of the log.
LINE_END = "\x1f"


def interpreters():
    """The interpreters of this machine that AWS has a runtime of, and the one of these tests first, by their version."""
    found = {}
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv") / "versions"
    candidates = [sys.executable, *sorted(map(str, pyenv.glob("3.*/bin/python")))]
    for runtime in RECORDED["clients"]:
        candidates += filter(None, [shutil.which(runtime)])
    for candidate in candidates:
        asked = [candidate, "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"]
        answer = subprocess.run(asked, capture_output=True, text=True)
        if answer.returncode == 0 and answer.stdout.strip() in RECORDED["clients"]:
            found.setdefault(answer.stdout.strip(), candidate)
    return found


INTERPRETERS = interpreters()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folders of the function, of the embedded cloud's client, and of a package with the runtime that streams."""
    folder = tmp_path_factory.mktemp("marshalling").resolve()
    shutil.copytree(ROOT / "python" / "slam_lambda", folder / "package" / "slam_lambda")
    for place in ("task", "package"):
        (folder / place).mkdir(exist_ok=True)
        shutil.copy(TABLE / "values.py", folder / place)
    source = ROOT / "cloud" / "lambda" / "src" / "runtime" / "python"
    shared = folder / "client" / "_slam"
    shared.mkdir(parents=True)
    (shared / "__init__.py").touch()
    for name in ("_slam_runtime.py", "bootstrap.py"):
        shutil.copy(source / name, folder / "client")
    for name in ("context.py", "encoding.py", "errors.py", "records.py"):
        shutil.copy(ROOT / "python" / "slam_lambda" / "runtime" / name, shared)
    return folder


def client(kind, program, folder):
    """The command of a client and its function's folder."""
    if kind == "embedded":
        return [program, "-S", "-X", "slam_packages=", str(folder / "client" / "bootstrap.py")], folder / "task"
    return [program, "-m", "slam_lambda.runtime"], folder / "package"


def expected(log_format, runtime):
    for name, answers in RECORDED[log_format].items():
        (answer,) = (answer for answer in answers if runtime in answer["on"])
        yield name, {key: value for key, value in answer.items() if key != "on"}


def told(answer):
    """An answer with its messages apart from what was printed, and no line's end at their ends."""
    messages, printed = list(answer.get("log", [])), []
    for line in answer.get("printed", "").split("\n"):
        if line.startswith(server.RECORD):
            messages.append(line[1:].replace(LINE_END, "\n"))
        elif line:
            printed.append(line)
    ended = {"log": [message.rstrip("\n") for message in messages], "printed": printed}
    return {**answer, **ended}


def logged(answer):
    """An answer of a start, whose lines come in a list, without a header and a note that nobody has a use for."""
    printed = answer.get("printed", [])
    told_of = [line[1:].replace(LINE_END, "\n") for line in printed if line.startswith(server.RECORD)]
    messages = [message.rstrip("\n") for message in [*answer.get("log", []), *told_of]]
    return {
        **{name: value for name, value in answer.items() if name != "type"},
        "log": [message for message in messages if "LAMBDA_WARNING" not in message],
        "printed": [line for line in printed if not line.startswith(server.RECORD)],
    }


@pytest.mark.parametrize("log_format", ["TEXT", "JSON"])
@pytest.mark.parametrize("kind", ["embedded", "streaming"])
@pytest.mark.parametrize("runtime", sorted(INTERPRETERS))
def test_answers_and_logs_are_those_of_awss_client(folder, runtime, kind, log_format):
    command, root = client(kind, INTERPRETERS[runtime], folder)
    variables = record.environment(runtime, "values.handler", PYTHONDONTWRITEBYTECODE="1")
    variables["PYTHONPATH" if kind == "streaming" else "LAMBDA_RUNTIME_DIR"] = str(root)
    if log_format == "JSON":
        variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
    answers = dict(expected(log_format, runtime))
    events = {name: json.dumps({"case": name}).encode() for name in answers}
    found = server.answers(command, events, variables, str(root))
    differ = {name: (told(found[name]), told(answer)) for name, answer in answers.items() if told(found[name]) != told(answer)}
    assert not differ, f"{len(differ)} of {len(answers)} differ, found and expected:\n" + "\n".join(
        f"{name}: {pair[0]}\n  {pair[1]}" for name, pair in differ.items()
    )


@pytest.mark.parametrize("kind", ["embedded", "streaming"])
@pytest.mark.parametrize("runtime", sorted(INTERPRETERS))
def test_starts_fail_as_with_awss_client(folder, tmp_path, runtime, kind):
    command, _ = client(kind, INTERPRETERS[runtime], folder)
    variables = record.environment(runtime, "", PYTHONDONTWRITEBYTECODE="1")
    variables["PYTHONPATH" if kind == "streaming" else "LAMBDA_RUNTIME_DIR"] = str(folder / "package")
    found = record.inits(lambda handler: command, variables, tmp_path / "inits")
    answers = dict(expected("INIT", runtime))
    # From Python 3.12 on AWS's client sends it as Latin-1, which ends the process without a word to the caller.
    lost = answers.pop("unicode") if "exit" in answers["unicode"] and "to" not in answers["unicode"] else None
    assert (lost is None) == (runtime in ("python3.8", "python3.9", "python3.10", "python3.11"))
    differ = {name: (logged(found[name]), logged(answer)) for name, answer in answers.items()}
    differ = {name: pair for name, pair in differ.items() if pair[0] != pair[1]}
    assert not differ, "found and expected:\n" + "\n".join(
        f"{name}: {pair[0]}\n  {pair[1]}" for name, pair in differ.items()
    )
