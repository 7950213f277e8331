"""Zip files as nobody vouches for them, and what the cloud keeps of them."""

import io
import json
import shutil
import stat
import zipfile

import functions
import pytest
from botocore.exceptions import ClientError

HANDLER = ("app.py", "def handler(event, context):\n    return open(__file__).read()[:3]\n")


def zipped(*entries):
    """A zip file of names and texts; a text that begins with `->` is a link."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in [HANDLER, *entries]:
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = ((stat.S_IFLNK | 0o777) if text.startswith("->") else 0o644) << 16
            archive.writestr(entry, text.removeprefix("->"))
    return data.getvalue()


def refused(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


UNREADABLE = "Could not unzip uploaded file. Please check your file, then try to upload again."


@pytest.mark.parametrize(
    "entries, told",
    [
        ([("n" * 300, "x")], UNREADABLE),
        ([("n" * 300 + "/x", "x")], UNREADABLE),
        ([("n" * 300, "->app.py")], UNREADABLE),
        ([("link", "->lib"), ("link/below.py", "x")], UNREADABLE),
        ([("file", "x"), ("file/below.py", "x")], UNREADABLE),
        ([("lib/up", "->.."), ("out", "->lib/up/../../etc/passwd")], "The package's entry out leads outside of the package: remove it from the zip file"),
    ],
    ids=["long", "long-folder", "long-link", "link-as-folder", "file-as-folder", "chained-links"],
)
def test_entries_that_cannot_be(shared_machine, function_role, request, entries, told):
    client, name = shared_machine.client("lambda"), request.node.callspec.id
    role = function_role(shared_machine, f"code-{name}")
    code = {"ZipFile": zipped(*entries)}
    expected = (400, "InvalidParameterValueException", told)
    function = {"FunctionName": name, "Runtime": functions.runtime(), "Handler": "app.handler", "Role": role}
    assert refused(client.create_function, Code=code, **function) == expected
    assert refused(client.publish_layer_version, LayerName=name, Content=code) == expected
    # With nothing of it kept.
    client.create_function(Code={"ZipFile": zipped()}, **function)
    assert refused(client.update_function_code, FunctionName=name, ZipFile=zipped(*entries)) == expected
    assert json.loads(client.invoke(FunctionName=name)["Payload"].read()) == "def"


def test_what_is_unpacked_is_made_again_from_what_was_sent(machine, function_role):
    machine.run("cloud", "start")
    client = machine.client("lambda")
    layers = [
        client.publish_layer_version(LayerName=name, Content={"ZipFile": zipped((f"{name}.txt", name))})["LayerVersionArn"]
        for name in ("one", "two")
    ]
    role = function_role(machine, "again")
    source = "import os\ndef handler(event, context):\n    return sorted(os.listdir(os.environ['LAMBDA_TASK_ROOT']))\n"
    code = {"ZipFile": zipped(("more.py", source))}
    common = {"Runtime": functions.runtime(), "Role": role, "Code": code}
    client.create_function(FunctionName="plain", Handler="more.handler", **common)
    client.create_function(FunctionName="layered", Handler="more.handler", Layers=layers, **common)

    def answers():
        invoked = [client.invoke(FunctionName=name) for name in ("plain", "layered")]
        return [(one.get("FunctionError"), json.loads(one["Payload"].read())) for one in invoked]

    expected = [(None, ["app.py", "more.py"])] * 2
    assert answers() == expected
    machine.run("cloud", "stop")
    shutil.rmtree(machine.home / "cloud" / "lambda" / "unpacked")
    machine.run("cloud", "start")
    client = machine.client("lambda")
    assert answers() == expected
