"""A function's package and its layers are as on AWS: with the zip file's times, and on a read-only file system."""

import io
import json
import os
import pathlib
import subprocess
import sys
import time
import zipfile

import pytest
import requests
from functions import create, package, runtime
from test_runtimes import needs_node, node

LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
TRIES = """
import errno, os, tempfile
def attempt(work, *arguments):
    try:
        work(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
def handler(event, context):
    root = os.environ["LAMBDA_TASK_ROOT"]
    with tempfile.NamedTemporaryFile("w", dir=os.environ["TMPDIR"]) as file:
        file.write("x")
    return {
        "known": os.path.exists("mark"),
        "new": attempt(open, "mark", "w"),
        "new by its path": attempt(open, root + "/mark", "w"),
        "own": attempt(open, __file__, "a"),
        "folder": attempt(os.mkdir, "folder"),
        "removed": attempt(os.unlink, __file__),
        "time": attempt(os.utime, __file__),
        "others": attempt(open, os.path.dirname(root) + "/mark", "w"),
        "working folder": os.getcwd() == root,
    }
"""


@pytest.fixture(scope="module")
def role(shared_machine):
    iam = shared_machine.client("iam")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    arn = iam.create_role(RoleName="read-only", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [LOGS]}
    iam.put_role_policy(RoleName="read-only", PolicyName="logs", PolicyDocument=json.dumps(policy))
    return arn


def invoke(machine, name, event=None):
    return json.load(machine.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))["Payload"])


def read_only(machine):
    """The error of a read-only file system, and that of modes where the system lets the cloud make none."""
    return "EACCES" if "mount namespace" in (machine.home / "cloud.log").read_text() else "EROFS"


def test_packages_cannot_be_changed(shared_machine, role):
    for name in ("one", "other"):
        create(shared_machine, role, TRIES, name=name)
    error = read_only(shared_machine)
    expected = dict.fromkeys(["new", "new by its path", "own", "folder", "removed", "time", "others"], error)
    for name in ("one", "other", "one"):
        assert invoke(shared_machine, name) == {**expected, "known": False, "working folder": True}


def layer(machine, name, files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file, text in files.items():
            archive.writestr(zipfile.ZipInfo(file, (2019, 5, 6, 7, 8, 10)), text)
    client = machine.client("lambda")
    return client.publish_layer_version(LayerName=name, Content={"ZipFile": buffer.getvalue()})["LayerVersionArn"]


LAYERED = """
import one, other, os
def handler(event, context):
    answers = []
    for module in (one, other):
        folder = os.path.dirname(module.__file__)
        try:
            open(folder + "/new", "w")
        except OSError as error:
            answers.append([error.strerror, os.stat(module.__file__).st_mtime, os.stat(folder).st_mtime])
    return answers
"""


@pytest.mark.parametrize("count", [1, 2])
def test_layers_cannot_be_changed_and_have_their_times(shared_machine, role, count):
    files = [{"python/": "", "python/one.py": ""}, {"python/": "", "python/other.py": ""}]
    if count == 1:
        files = [{**files[0], **files[1]}]
    layers = [layer(shared_machine, f"layer-{count}-{index}", files) for index, files in enumerate(files)]
    create(shared_machine, role, LAYERED, name=f"layered-{count}", Layers=layers)
    words = {"EROFS": "Read-only file system", "EACCES": "Permission denied"}[read_only(shared_machine)]
    assert invoke(shared_machine, f"layered-{count}") == [[words, 1557126490.0, 1557126490.0]] * 2


def test_files_and_folders_have_the_times_of_the_zip_file(shared_machine, role):
    """https://github.com/Miserlou/Zappa/issues/680: they came out as of 1980."""
    source = """
import os
def handler(event, context):
    return [os.stat(os.environ["LAMBDA_TASK_ROOT"] + "/" + name).st_mtime for name in event]
"""
    buffer = io.BytesIO()
    names = {"app.py": source, "folder/": "", "folder/file": "x", "folder/late": "x"}
    with zipfile.ZipFile(buffer, "w") as archive:
        for day, (name, text) in enumerate(names.items(), 2):
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, day, 3, 4, 6)), text)
    client = shared_machine.client("lambda")
    client.create_function(
        FunctionName="times", Runtime=runtime(), Handler="app.handler", Role=role, Code={"ZipFile": buffer.getvalue()}
    )
    client.get_waiter("function_active_v2").wait(FunctionName="times")
    first = 1577934246.0
    assert invoke(shared_machine, "times", list(names)) == [first + day * 86400 for day in range(4)]


@needs_node
def test_node_functions_cannot_change_their_package(shared_machine, role):
    source = """
        import fs from 'node:fs';
        export const handler = async () => {
          fs.writeFileSync(process.env.TMPDIR + '/x', 'x');
          try { fs.writeFileSync('mark', 'x'); } catch (error) { return error.code; }
        };
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.mjs", source)
    client = shared_machine.client("lambda")
    client.create_function(
        FunctionName="node", Runtime=node(), Handler="index.handler", Role=role, Code={"ZipFile": buffer.getvalue()},
        Timeout=20,
    )
    client.get_waiter("function_active_v2").wait(FunctionName="node")
    assert invoke(shared_machine, "node") == read_only(shared_machine)


def test_packages_are_removed_all_the_same(machine, function_role):
    machine.run("cloud", "start")
    create(machine, function_role(machine, "r", LOGS), TRIES, name="gone")
    invoke(machine, "gone")
    machine.client("lambda").delete_function(FunctionName="gone")
    # What a function that ran a moment ago held is swept with the next start.
    machine.run("cloud", "stop")
    machine.run("cloud", "start")
    unpacked = machine.home / "cloud" / "lambda" / "unpacked"
    deadline = time.monotonic() + 20
    while list(unpacked.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(unpacked.iterdir()) == []


def test_bytecode_is_kept_elsewhere(shared_machine, role):
    """A start need not compile again what an earlier one has, and the package stays as it was sent."""
    source = "import helper\ndef handler(event, context):\n    return [helper.__cached__, helper.__spec__.loader.__class__.__name__]\n"
    client = shared_machine.client("lambda")
    client.create_function(
        FunctionName="compiled", Runtime=runtime(), Handler="app.handler", Role=role,
        Code={"ZipFile": package(app=source, helper="x = 1")},
    )
    client.get_waiter("function_active_v2").wait(FunctionName="compiled")
    cached, loader = invoke(shared_machine, "compiled")
    assert loader == "SourceFileLoader"
    lambda_ = (shared_machine.home / "cloud" / "lambda").resolve()
    place = pathlib.Path(cached)
    assert not place.exists() and not place.parent.exists()
    assert (lambda_ / "bytecode" / place.relative_to(lambda_ / "unpacked")).exists()


DJANGO = {
    "slam.yaml": "name: shop\napp: shop.wsgi:application\nkind: wsgi\nruntime: {runtime}\ncommands: true\ntimeout: 60\nmemory: 512\n",
    "requirements.txt": "django\n",
    "shop/__init__.py": "",
    "shop/settings.py": """\
import pathlib
BASE_DIR = pathlib.Path(__file__).parent.parent
SECRET_KEY = "tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
""",
    "shop/urls.py": """\
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.urls import path
def login(request):
    try:
        SessionStore().create()
    except Exception as error:
        return HttpResponse(f"{type(error).__name__}: {error}")
    return HttpResponse("logged in")
urlpatterns = [path("", lambda request: HttpResponse(f"{User.objects.count()} users")), path("login", login)]
""",
    "shop/wsgi.py": """\
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
""",
}


def test_a_database_in_the_package_can_be_read_only(machine, tmp_path):
    """As on AWS: what was migrated before is read, and nothing is written, neither by a request nor by a command."""
    for name, text in DJANGO.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace("{runtime}", runtime()) if name == "slam.yaml" else text)
    migrate = "import django; django.setup(); from django.core.management import call_command; call_command('migrate', verbosity=0)"
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "shop.settings"}
    subprocess.run([sys.executable, "-c", migrate], cwd=tmp_path, env=settings, check=True)
    machine.run("deploy", cwd=tmp_path)
    url = machine.json("status", cwd=tmp_path)["stages"][0]["url"]
    assert requests.get(url).text == "0 users"
    assert requests.get(url.rstrip("/") + "/login").text == "OperationalError: attempt to write a readonly database"
    migrated = machine.run("manage", "migrate", "sessions", "zero", cwd=tmp_path, code=1)
    assert "attempt to write a readonly database" in migrated.stdout + migrated.stderr
