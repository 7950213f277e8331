"""An application that cannot be loaded, as Lambda and whoever reads its log are told of it."""

import json

import pytest

from .platform import Platform

HANDLER = """
    from slam_lambda import make_handler
    lambda_handler = make_handler({"module": "shop.web", "app": "app", "kind": KIND})
"""
# What AWS's runtime does first; it catches what is left to it.
CLIENT = """
    import importlib
    try:
        importlib.import_module("lambda_handler")
    except Exception as error:
        print("left to AWS's runtime:", repr(error))
"""
IMPORTS = "Unable to import module 'shop.web': "
RUNTIMES = pytest.mark.parametrize("runtime", ["client", "slam_lambda.runtime"])


@pytest.fixture
def load(tmp_path):
    running = []

    def start(source, kind="wsgi", runtime="client", **environment):
        (tmp_path / "shop").mkdir()
        files = {
            "client.py": CLIENT,
            "lambda_handler.py": HANDLER.replace("KIND", repr(kind)),
            "shop/__init__.py": "",
            "shop/web.py": source,
            "shop/broken.py": "def price():\n    return (1 +\n",
        }
        running.append(Platform(tmp_path, files, module=runtime, **environment))
        return running[-1]

    yield start
    for platform in running:
        platform.close()


@RUNTIMES
@pytest.mark.parametrize("kind", ["wsgi", "asgi", "function"])
@pytest.mark.parametrize(
    "source, error, message, places",
    [
        ("import nowhere", "Runtime.ImportModuleError", IMPORTS + "No module named 'nowhere'", ["web.py:1"]),
        ("from json import nothing", "Runtime.ImportModuleError", IMPORTS + "cannot import name 'nothing'", ["web.py:1"]),
        ("\nimport shop.broken", "Runtime.UserCodeSyntaxError", "Syntax error in module 'shop.web': ", ["web.py:2", "broken.py:2"]),
        ("def fail():\n    raise KeyError('x')\nfail()", "KeyError", "'x'", ["web.py:3", "web.py:2"]),
        ("try:\n    import nowhere\nexcept ImportError as e:\n    raise ValueError('no') from e", "ValueError", "no", ["web.py:4"]),
        ("other = 1", "AttributeError", "slam: shop.web has no 'app'; slam.yaml names the application shop.web:app", []),
        ("app = 1", "TypeError", "slam: shop.web:app is a int, not a callable", []),
    ],
)
def test_an_application_that_cannot_be_loaded_is_told_as_its_own_error(load, runtime, kind, source, error, message, places):
    platform = load(source, kind, runtime)
    told = platform.init.json()
    assert platform.init.path == "/2018-06-01/runtime/init/error"
    assert platform.init.headers["Lambda-Runtime-Function-Error-Type"] == told["errorType"] == error
    assert told["errorMessage"].startswith(message) and told["requestId"] == ""
    found = [frame.split('"')[1].rpartition("/")[2] + ":" + frame.split(", line ")[1].split(",")[0].split("\n")[0] for frame in told["stackTrace"]]
    assert found == places
    assert platform.process.wait(timeout=20) == 1
    # One event of the log, with the same.
    events = platform.close().strip().split("\n")
    assert len(events) == 1 and events[0].startswith(f"[ERROR] {error}: {message}")
    for own in ("lambda_handler", "slam_lambda", "importlib"):
        assert own not in json.dumps(told) + events[0]


def test_the_log_is_json_where_that_is_asked_for(load):
    platform = load("import nowhere", AWS_LAMBDA_LOG_FORMAT="JSON")
    platform.init.wait()
    event = json.loads(platform.close())
    assert (event["level"], event["errorType"]) == ("ERROR", "Runtime.ImportModuleError") and len(event["stackTrace"]) == 1


def test_where_nobody_listens_the_error_is_raised(load):
    platform = load("import nowhere", AWS_LAMBDA_RUNTIME_API="127.0.0.1:9")
    assert platform.process.wait(timeout=20) == 0
    assert "left to AWS's runtime: ModuleNotFoundError(\"No module named 'nowhere'\")" in platform.close()


def test_the_end_of_the_process_is_the_applications(load):
    platform = load("import sys\nsys.exit(3)")
    assert platform.process.wait(timeout=20) == 3
    assert platform.close() == ""
