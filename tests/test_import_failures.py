"""What a person reads of an application that cannot be loaded on Lambda: errors of their own files, not of slam's."""

import json

import pytest

from functions import runtime
from test_logs import until

APP = "import os\n\ndef start():\n    raise ValueError('no table')\n\ndef app(environ, start_response): pass\n\nif os.environ.get('LEVEL') == 'high':\n    start()\n"
OWN = ("lambda_handler", "slam_lambda", "importlib")


@pytest.mark.parametrize("kind", ["wsgi", "function"])
@pytest.mark.parametrize(
    "source, error, message, place",
    [
        ("import shop\n\nimport nowhere\n", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nowhere'", 'File "app.py", line 3, in <module>'),
        ("import shop.broken\n", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': '(' was never closed (broken.py, line 2)", 'File "shop/broken.py", line 2'),
        (APP, "ValueError", "no table", 'File "app.py", line 4, in start'),
        ("other = 1\n", "AttributeError", "slam: app has no 'app'; slam.yaml names the application app:app", None),
    ],
)
def test_errors_are_of_the_projects_own_files(shared_machine, tmp_path, kind, source, error, message, place):
    name = f"fails-{kind}-{error.split('.')[-1].lower()}"
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "broken.py").write_text("def price():\n    return (1 +\n")
    (tmp_path / "app.py").write_text(source)
    (tmp_path / "slam.yaml").write_text(f"name: {name}\napp: app:app\nkind: {kind}\nruntime: {runtime()}\nenvironment: {{LEVEL: high}}\n")
    shared_machine.json("deploy", "--no-check", cwd=tmp_path)
    stack = shared_machine.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    function = next(it["PhysicalResourceId"] for it in stack if it["ResourceType"] == "AWS::Lambda::Function")
    answer = shared_machine.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    payload = answer["Payload"].read().decode()
    told = json.loads(payload)
    assert answer["FunctionError"] == "Unhandled"
    assert (told["errorType"], told["errorMessage"]) == (error, message)
    request = ("GET", "/") if kind == "wsgi" else ()
    invoked = shared_machine.run("invoke", *request, cwd=tmp_path, code=1)
    log = until(shared_machine, tmp_path, message)
    assert f"{error}: {message}" in log
    assert place is None or (place in log and place in invoked.stderr), log + invoked.stderr
    for text in (payload, invoked.stdout + invoked.stderr, log):
        for own in OWN:
            assert own not in text, text
