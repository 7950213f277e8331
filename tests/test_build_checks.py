"""What a build finds wrong with the code before anything is uploaded, and what it only tells of."""

import sqlite3
import textwrap

import pytest

from test_packages import python

RUNTIME = "python3.13"
FLASK = "import flask\n\napp = flask.Flask(__name__)\n"


@pytest.fixture
def check(builder, tmp_path):
    """Builds a project of these files; what slam says of it."""
    if python() is None:
        pytest.skip(f"there is no {RUNTIME} on this machine")

    def build(files, settings="", app="app:main", code=2, options=(), folder=None):
        folder = folder or tmp_path / "project"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text) if isinstance(text, bytes) else path.write_text(text)
        (folder / "slam.yaml").write_text(f"name: checks\napp: {app}\nruntime: {RUNTIME}\n{settings}")
        return builder.run("build", *options, cwd=folder, code=code).stderr

    return build


def test_a_syntax_error_is_shown_at_its_place(check):
    said = check({"app.py": "def main():\n    return (1 +\n\n"})
    assert "app.py:2 is not valid Python 3.13: '(' was never closed" in said
    assert "  2 │ return (1 +\n    │        ^" in said, said
    # Of a module that nothing imports it is told, and the function can start.
    said = check({"app.py": "def main(): pass\n", "old.py": "print 'two'\n"}, code=0)
    assert "warning: old.py:1 is not valid Python 3.13" in said


def test_a_module_that_is_missing_is_named_with_its_distribution(check):
    files = {"app.py": "import json\nfrom parts import words\n\ndef main(): pass\n", "parts/__init__.py": "", "requirements.txt": "flask\n"}
    said = check({**files, "parts/words.py": "import flask\nimport flask_httpauth\n"})
    assert "error: the module `flask_httpauth` is not in the package\n  parts/words.py:2  import flask_httpauth" in said
    said = check({**files, "parts/words.py": "import flask\nimport flask_httpauth\nimport yaml\n"})
    assert "error: the code has several errors:\n  - the module `flask_httpauth`" in said
    assert "\n  - the module `yaml` is not in the package\n    parts/words.py:3" in said
    assert "hint: add `flask-httpauth` and `PyYAML` to requirements.txt\n" in said


@pytest.mark.parametrize(
    "name, text, expected",
    [
        ("requirements-prod.txt", "six\n", "add `PyYAML` to requirements-prod.txt"),
        ("pyproject.toml", '[project]\nname = "p"\nversion = "1"\ndependencies = ["six"]\n', "`dependencies` in pyproject.toml"),
        ("poetry.lock", 'package = []\n[metadata]\npython-versions = "*"\n', "`poetry add PyYAML`"),
        ("Pipfile.lock", '{"default": {}}', "`pipenv install PyYAML`"),
        (None, None, "write `PyYAML` into a requirements.txt"),
    ],
)
def test_the_projects_own_way_to_add_a_dependency_is_told(check, name, text, expected):
    files = {"app.py": "import yaml\n\ndef main(): pass\n"}
    if name:
        files[name] = text
    if name == "poetry.lock":
        files["pyproject.toml"] = '[tool.poetry.dependencies]\npython = "*"\n'
    settings = f"package: {{requirements: {name}}}\n" if name and "prod" in name else ""
    assert expected in check(files, settings)


@pytest.mark.parametrize(
    "line, expected",
    [
        ("import cgi", "`cgi` left Python with 3.13, and `legacy-cgi` brings it again: add it with `uv add legacy-cgi`"),
        ("import distutils.util", "`distutils` left Python with 3.12: take a newer version of what imports it"),
        ("import pkg_resources", "`uv add 'setuptools<82'`"),
        ("from google.cloud import storage", "`uv add google-cloud-storage`"),
        ("import google.auth", "`uv add google-auth`"),
        ("from azure.storage.blob import BlobClient", "`uv add azure-storage-blob`"),
    ],
)
def test_the_distribution_of_a_module_is_known(check, line, expected):
    lock = 'version = 1\nrequires-python = ">=3.9"\n\n[[package]]\nname = "p"\nversion = "1"\nsource = { virtual = "." }\n'
    project = '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\n'
    assert expected in check({"app.py": line + "\ndef main(): pass\n", "uv.lock": lock, "pyproject.toml": project})


def test_a_name_that_a_dependency_has_not_is_told_with_its_version(check):
    said = check({"app.py": "from flask import Markup\ndef main(): pass\n", "requirements.txt": "flask==3.1.0\n"})
    assert "cannot import name 'Markup' from 'flask' (flask/__init__.py)" in said
    assert "hint: Flask 3.1.0 is packed, which has no such name: correct the import, or take another version" in said
    said = check({"app.py": "from parts import size\ndef main(): pass\n", "parts.py": ""})
    assert "hint: correct the import, or what parts.py defines" in said
    said = check({"app.py": "import one\ndef main(): pass\n", "one.py": "from two import b\na = 1\n", "two.py": "from one import a\nb = 1\n"})
    assert "hint: two modules import each other" in said and "one.py:1  from two import b\n  two.py:1" in said


def test_what_projects_call_modules_of_their_own_is_no_requirement(check):
    said = check({"site.py": "", "entry.py": "from app import create_app\ndef main(): pass\n"}, app="entry:main")
    assert "hint: there is no app.py and no folder app in what is packed" in said


def test_the_projects_own_line_is_told_however_deep_the_dependencies_go(check):
    files = {"entry.py": "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n"}
    settings = "kind: wsgi\nenvironment: {DJANGO_SETTINGS_MODULE: site_of.settings}\n"
    said = check({**files, "site_of/__init__.py": "", "requirements.txt": "django\n"}, settings, app="entry:application")
    assert "the module `site_of.settings` is not in the package\n  entry.py:3  application = get_wsgi_application()" in said
    assert "there is no site_of/settings.py in the project" in said


def test_imports_that_may_fail_are_no_errors(check):
    text = """
        try:
            import no_such_module
        except ImportError:
            no_such_module = None
        if False:
            import another_one

        def main():
            import a_third
    """
    check({"app.py": textwrap.dedent(text)}, code=0)
    # Lambda brings it, whether this machine has it or not.
    check({"app.py": "import boto3\n\ndef main(): pass\n"}, code=0)


def test_what_a_dependency_needs_and_does_not_ask_for_is_found_by_importing(check):
    files = {"app.py": "import importlib\nimportlib.import_module('no_' + 'such')\n\ndef main(): pass\n"}
    said = check(files)
    assert "the module `no_such` is not in the package\n  app.py:2  importlib.import_module('no_' + 'such')" in said
    said = check({"app.py": "from json import no_such_name\n\ndef main(): pass\n"})
    assert "cannot import name 'no_such_name' from 'json'" in said and "app.py:1" in said


MISSING = "the module `no_such` is not in the package"
TRIES = "try:\n    import no_such\nexcept ImportError as error:\n    "


@pytest.mark.parametrize(
    "source, expected",
    [
        # Whatever is made of a module that is missing, it is missing.
        (TRIES + "raise RuntimeError('pip install such[all]') from error", f"{MISSING} (RuntimeError: pip install such[all])\n  app.py:2  import no_such"),
        (TRIES + "raise SystemError('needed')", f"{MISSING} (SystemError: needed)"),
        (TRIES + "raise ImportError(f'sorry: {error}') from None", MISSING),
        ("def end():\n    raise SystemExit(1)\n" + TRIES + "print('none here'); end()", f"{MISSING} (SystemExit: 1)\n  app.py:4  import no_such"),
        ("import os\n" + TRIES + "os._exit(1)", MISSING),
        (TRIES + "raise ExceptionGroup('several', [error])", MISSING),
        ("try:\n    import no_other\nexcept ImportError:\n    import no_such", f"{MISSING}\n  app.py:4"),
        ("def read():\n    import no_such\ntry:\n    read()\nexcept ImportError as error:\n    raise KeyError('x') from error", f"{MISSING} (KeyError: 'x')\n  app.py:4  read()\n  app.py:2"),
        ("import importlib.metadata as of\nof.version('no-such')", "asks for the version of `no-such`, which is not in the package\n  app.py:2"),
        ("import importlib\ntry:\n    importlib.import_module('broken')\nexcept SyntaxError as error:\n    raise RuntimeError from error", "broken.py:1 is not valid Python 3.13"),
    ],
)
def test_a_missing_module_is_found_behind_what_became_of_it(check, source, expected):
    said = check({"app.py": source + "\ndef main(): pass\n", "broken.py": "1 +\n"})
    assert expected in said
    for word in ["_slam_", "checks/", "lambda_handler"]:
        assert word not in said


@pytest.mark.parametrize(
    "source, expected",
    [
        ("def end():\n    os._exit(4)\nend()", "importing app:main ends the process, with status 4\n  app.py:4  end()\n  app.py:3  os._exit(4)"),
        ("raise SystemExit('bye')", "importing app:main raises SystemExit: bye\n  app.py:2"),
        ("raise KeyboardInterrupt", "importing app:main raises KeyboardInterrupt"),
        ("def connect():\n    raise OSError('unreachable')\n" + TRIES + "connect()", "importing app:main raises OSError: unreachable"),
        ("raise ValueError('one\\ntwo')", "importing app:main raises ValueError: one\n  two\n  app.py:2"),
        ("class Odd(Exception):\n    def __str__(self): return 1 / 0\nraise Odd", "importing app:main raises Odd"),
        ("os.environ['DATABASE_URL']", "importing app:main needs the variable `DATABASE_URL`, which no `environment` sets\n  app.py:2"),
        ("os.kill(os.getpid(), 11)", "the application was not imported to its end: the process ended with signal: 11 (SIGSEGV)"),
        ("os.execv('/bin/true', ['true'])", "the application was not imported to its end: the process ended with exit status: 0"),
        ("exec('1 +')", "importing app:main raises SyntaxError: invalid syntax"),
    ],
)
def test_what_may_be_otherwise_on_lambda_is_a_warning(check, source, expected):
    said = check({"app.py": f"import os\n{source}\ndef main(): pass\n"}, code=0)
    assert f"warning: {expected}" in said
    assert "_slam_" not in said
    # As long as it is so.
    files = {"app.py": f"import os\n{source}\ndef main(): return 1\n"}
    assert check({}, code=0) == check({}, code=0) and f"warning: {expected}" in check({}, code=0)
    assert f"warning: {expected}" in check(files, code=0) and f"warning: {expected}" in check({}, options=["--json"], code=0)


def test_a_child_that_ends_is_none_of_the_applications(check):
    source = "import os\nif os.fork() == 0:\n    os._exit(1)\nos.wait()\n\ndef main(): pass\n"
    assert "warning" not in check({"app.py": source}, code=0)


def test_a_module_that_calls_what_its_function_keeps_is_looked_at(check):
    """A name that a function has taken from a call of nothing known ended the check."""
    source = "def main():\n    made = print()\n    made()\n    again = made()\n    return again\n"
    assert "warning" not in check({"app.py": source}, code=0)


def test_a_part_that_a_package_has_not_is_no_dependency(check):
    """Only an import tells of those."""
    said = check({"app.py": "from importlib import import_module\nimport_module('site_of.settings')\ndef main(): pass\n", "site_of/__init__.py": ""})
    assert "the module `site_of.settings` is not in the package" in said
    assert "there is no site_of/settings.py in the project" in said and "requirements" not in said
    said = check({"app.py": "import flask\nimport flask.nothing\ndef main(): pass\n", "requirements.txt": "flask\n"})
    assert "`flask` is in the package and has no such part" in said


def test_a_module_that_is_missing_is_told_once(check):
    said = check({"app.py": "import nowhere.a\nfrom nowhere import b\nimport nowhere.c\n"})
    assert said.count("the module `nowhere`") == 1 and "app.py:1  import nowhere.a" in said


def test_a_module_that_was_left_out_is_told(check):
    files = {"app.py": "import local\n\ndef main(): pass\n", "local.py": ""}
    assert "local.py is in the project, but left out" in check(files, "package: {exclude: [local.py]}\n")


@pytest.mark.parametrize(
    "source, files, settings, expected",
    [
        ("from services import mail", {"services/mail.py": ""}, "package: {exclude: [services/]}\n", "services is in the project, but left out (`package.exclude` leaves services out): `package: {include: [services]}`"),
        ("import services.mail", {"services/__init__.py": "", "services/mail.py": ""}, "package: {exclude: [mail.py]}\n", "services/mail.py is in the project, but left out"),
        ("import utlis", {"utils.py": ""}, "", "hint: there is utils.py: did you mean `utils`?"),
        ("import services.mial", {"services/mail.py": ""}, "", "there is services/mail.py: did you mean `services.mail`?"),
        ("import Models", {"models.py": ""}, "", "there is models.py: did you mean `models`?"),
        # What lies in a folder that has nothing to do with the import may be called as a dependency is.
        ("import yaml", {"fixtures/yaml.py": ""}, "", "write `PyYAML` into a requirements.txt"),
    ],
)
def test_a_missing_module_that_is_the_projects_own_is_no_requirement(check, source, files, settings, expected):
    said = check({"app.py": source + "\ndef main(): pass\n", **files}, settings)
    assert expected in said
    assert "requirements.txt" not in said or "PyYAML" in expected


def test_what_lies_beside_the_module_that_imports_it_is_named_by_its_packages(check):
    files = {"backend/main.py": "from core.config import x\ndef main(): pass\n", "backend/core/config.py": "x = 1\n"}
    said = check(files, app="backend.main:main")
    assert "the module `core` is not in the package\n  backend/main.py:1  from core.config import x" in said
    assert "name it `backend.core`, or pack its folder with `package: {path: backend}`" in said
    check(files, "package: {path: backend}\n", app="main:main", code=0)


def test_a_callable_that_is_missing_is_told_with_what_is_meant(check):
    said = check({"app.py": "def main(): pass\ndef mian(): pass\n"}, app="app:mains")
    assert "the module `app` has no `mains`, which `app: app:mains` names" in said
    assert "did you mean `app: app:main`?" in said
    said = check({"app.py": "main = 1\n"})
    assert "`app: app:main` names a int, which cannot be called" in said


@pytest.mark.parametrize(
    "source, needs, kind",
    [
        (FLASK, "flask", "wsgi"),
        ("from fastapi import FastAPI\n\napp = FastAPI()\n", "fastapi", "asgi"),
        ("from starlette.applications import Starlette as S\n\ndef make():\n    return S()\n\napp = make()\n", "starlette", "asgi"),
        ("def app(environ, start_response):\n    return []\n", "", "wsgi"),
        ("async def app(scope, receive, send):\n    pass\n", "", "asgi"),
        # Only an import tells.
        ("import flask\n\napp = getattr(flask, 'Flask')(__name__)\n", "flask", "wsgi"),
    ],
)
def test_a_web_application_says_that_it_is_one(check, builder, tmp_path, source, needs, kind):
    files = {"app.py": source, "requirements.txt": f"{needs}\n"}
    said = check(files, app="app:app")
    article = {"wsgi": "a WSGI application", "asgi": "an ASGI application"}[kind]
    assert f"`app: app:app` is {article}, and slam.yaml deploys it as a plain function" in said
    assert f"write `kind: {kind}` in slam.yaml" in said
    other = {"wsgi": "asgi", "asgi": "wsgi"}[kind]
    assert f"write `kind: {kind}`" in check(files, f"kind: {other}\n", app="app:app")
    check(files, f"kind: {kind}\n", app="app:app", code=0)
    if "getattr" not in source:
        folder = tmp_path / "new"
        folder.mkdir()
        (folder / "app.py").write_text(source)
        said = builder.run("init", "app:app", "--runtime", RUNTIME, cwd=folder).stderr
        assert f"kind: {kind}\n" in (folder / "slam.yaml").read_text() and kind.upper() in said


def test_a_function_that_makes_an_application_is_not_one(check, builder, tmp_path):
    source = "def create_app(config=None):\n    from flask import Flask\n    app = Flask(__name__)\n    return app\n"
    said = check({"app.py": source, "requirements.txt": "flask\n"}, "kind: wsgi\n", app="app:create_app")
    assert "`app: app:create_app` is a function that makes a WSGI application" in said
    assert "`from app import create_app` and `app = create_app()`, such as wsgi.py, and `app: wsgi:app`" in said
    said = builder.run("init", "app:create_app", cwd=tmp_path / "project", code=2, input="").stderr
    (tmp_path / "project" / "slam.yaml").unlink()
    said = builder.run("init", "app:create_app", cwd=tmp_path / "project", code=2).stderr
    assert "wsgi.py" in said and not (tmp_path / "project" / "slam.yaml").exists()


def test_an_application_that_raises_is_told_of_and_built(check):
    source = "import socket\n\ndef connect():\n    socket.create_connection(('127.0.0.1', 9), 1)\n\nconnect()\n\ndef main(): pass\n"
    said = check({"app.py": source}, code=0)
    assert "warning: importing app:main raises ConnectionRefusedError" in said
    assert "app.py:6  connect()\n  app.py:4  socket.create_connection" in said
    for word in ["lambda_handler", "slam_lambda", "_slam_", "importlib"]:
        assert word not in said


def test_an_application_that_ends_or_prints_does_no_harm(check):
    said = check({"app.py": "import sys\nprint('noise' * 1000)\nsys.exit('bye')\n\ndef main(): pass\n"}, code=0)
    assert "raises SystemExit: bye" in said and "noise" not in said


def test_the_environment_is_the_stages_and_nothing_of_this_machine(check, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_MACHINE", "x")
    source = """
import os
assert os.environ["TABLE_TASKS"] == "dev.tasks" and os.environ["LEVEL"] == "info", os.environ
assert os.environ["STAGE"] == "dev" and "SECRET_OF_THE_MACHINE" not in os.environ
def main(): pass
"""
    settings = "environment: {LEVEL: info}\ntables: {tasks: {attributes: {id: S}, key: id}}\n"
    assert "warning" not in check({"app.py": source}, settings, code=0)


def test_the_check_can_be_left_out(check, builder, tmp_path):
    files = {"app.py": "import no_such_module\n"}
    check(files)
    check(files, options=["--no-check"], code=0)
    # A package that was built without one is checked before it is deployed.
    said = builder.run("deploy", cwd=tmp_path / "project", code=2).stderr
    assert "`no_such_module`" in said and not (builder.home / "cloud").exists()


@pytest.mark.parametrize(
    "writes, path, hint",
    [
        ("import os\nos.mkdir('logs')", "logs", "write below /tmp"),
        ("import pathlib\npathlib.Path(__file__).with_name('made.txt').write_text('x')", "made.txt", "write below /tmp"),
        ("import logging.handlers\nlogging.handlers.RotatingFileHandler('parts/app.log')", "parts/app.log", "write below /tmp"),
        ("import os\nos.remove('parts/__init__.py')", "parts/__init__.py", "write below /tmp"),
        ("import os\nos.rename('parts', 'other')", "parts", "write below /tmp"),
        ("open('parts/__init__.py', 'a')", "parts/__init__.py", "write below /tmp"),
        (
            "import flask, os\nmain = flask.Flask(__name__)\nos.makedirs(main.instance_path)",
            "instance",
            'Flask(__name__, instance_path="/tmp/instance")',
        ),
    ],
)
def test_writing_beside_the_code_is_an_error(check, writes, path, hint):
    # As on Lambda, where the folder of the package is read-only.
    kind = "kind: wsgi\n" if "flask" in writes else ""
    said = check({"app.py": f"def main(): pass\n{writes}\n", "parts/__init__.py": "", "requirements.txt": "flask"}, kind)
    assert f"app:main writes `{path}` while it is imported, and on Lambda the package's folder is read-only" in said
    assert f"\n  app.py:{2 + writes.count(chr(10))}  {writes.splitlines()[-1]}" in said and hint in said


@pytest.mark.parametrize(
    "writes",
    [
        "import tempfile\ntempfile.TemporaryFile().write(b'x')",
        "import os\nopen(os.devnull, 'w').write('x')",
        "import os\nos.makedirs('parts', exist_ok=True)",
        "try: open('made.txt', 'w')\nexcept OSError as error: assert error.errno == 30",
        "try: open('nowhere/made.txt', 'w')\nexcept FileNotFoundError: pass",
        "import os\ntry: os.remove('nowhere')\nexcept FileNotFoundError: pass",
    ],
)
def test_writing_elsewhere_or_with_a_way_out_is_none(check, writes):
    assert "warning" not in check({"app.py": f"def main(): pass\n{writes}\n", "parts/__init__.py": ""}, code=0)


@pytest.fixture
def imports(check, builder, tmp_path):
    """Whether a deployment imports an application again after a change. The deployment itself is refused for its name."""
    folder, count = tmp_path / "project", tmp_path / "count"
    count.write_text("")

    def again(files):
        before = count.read_text()
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        (folder / "slam.yaml").write_text(f"name: checks\napp: app:main\nruntime: {RUNTIME}\n")
        builder.run("deploy", cwd=folder)
        return count.read_text() != before

    yield f"with open({str(count)!r}, 'a') as file: file.write('x')\n", again
    builder.run("delete", "--yes", cwd=folder)


def test_what_changes_inside_of_a_function_is_not_imported_again(imports):
    """Unless the function is called by the import: then, and with all that is outside of functions, it is."""
    counts, again = imports
    source = (
        f"{counts}import latest, settings, tools\nclass Late:\n    def method(self): return 1\n\n"
        "def main():\n    return 1\n\ndef made():\n    return tools.helped(1)\n\nmade()\n"
    )
    tools = "def helped(number):\n    return number\n\ndef other():\n    return 1\n"
    files = {"app.py": source, "tools.py": tools, "settings.py": "APPS = ['one']\n", "tests/test_app.py": "A = 1\n", "latest.py": "A = 1\n"}
    assert again(files)
    for name, old, new, expected in [
        ("app.py", "def main():\n    return 1", "def main():\n    return 2", False),
        ("app.py", "def method(self): return 1", "def method(self): return 2", False),
        ("tools.py", "def other():\n    return 1", "def other():\n    return 2", False),
        ("tests/test_app.py", "A = 1", "A = 2", False),
        ("latest.py", "A = 1", "A = 2", True),
        ("settings.py", "'one'", "'one', 'two'", True),
        ("app.py", "tools.helped(1)", "tools.helped(2)", True),
        ("tools.py", "return number", "return number + 1", True),
        ("app.py", "class Late", "@tools.helped\nclass Late", True),
    ]:
        files[name] = files[name].replace(old, new)
        assert again(files) == expected, new


def test_databases_of_sqlite_are_named(check, tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    with sqlite3.connect(folder / "db.sqlite3") as database:
        database.execute("create table tasks (id)")
    settings = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.sqlite3'}}\n"
    said = check({"app.py": "def main(): pass\n", "site/settings.py": "# Django\n" + settings, "not.db": "text"}, code=0)
    assert said.count("warning") == 1 and "not.db" not in said
    assert "db.sqlite3 is a database, site/settings.py:2 uses it" in said and "docs/django.md" in said
    # It is so as long as nothing changes.
    assert check({}, code=0).count("SQLite keeps nothing on Lambda") == 1
    said = check({"site/settings.py": ""}, code=0)
    assert "read-only and every environment has other files: db.sqlite3 is a database" in said and "`tables`" in said
    # Who copies it to where it can be written, or opens it for reading alone, knows.
    copied = "import os, shutil, tempfile\nNAME = os.path.join(tempfile.gettempdir(), 'db.sqlite3')\n"
    assert "SQLite" not in check({"site/settings.py": settings + copied}, code=0)
    assert "SQLite" not in check({"site/settings.py": "NAME = 'file:db.sqlite3?mode=ro&immutable=1'\n"}, code=0)


@pytest.mark.parametrize(
    "url, told",
    [("sqlite:///app.db", True), ("sqlite+pysqlite:///", True), ("sqlite:///:memory:", False), ("sqlite://", False), ("sqlite:////tmp/a.db", False)],
)
def test_urls_of_sqlite_are_named(check, url, told):
    said = check({"app.py": f"URL = {url!r}\ndef main(): pass\n"}, code=0)
    assert ("other files: app.py:1 uses it" in said and "`tables` in slam.yaml" in said) == told == ("SQLite" in said)


DJANGO = {
    "requirements.txt": "django\n",
    "app.py": """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "site_.settings"
from django.core.wsgi import get_wsgi_application
main = get_wsgi_application()
""",
    "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\nSECRET_KEY = 'x'\nALLOWED_HOSTS = ['*']\n",
    "site_/urls.py": "from django.urls import include, path\nurlpatterns = [path('docs/', include('docs.urls'))]\n",
    "docs/urls.py": "from django.urls import path\nfrom docs import views\nurlpatterns = [path('', views.show)]\n",
    "docs/views.py": "def show(request): pass\n",
}


@pytest.mark.parametrize(
    "changed, code, expected",
    [
        ({}, 0, ""),
        ({"site_/urls.py": "import no_such_module\n"}, 2, "  site_/urls.py:1  import no_such_module\nhint: add"),
        ({"docs/views.py": "def show(:\n"}, 2, "docs/views.py:1 is not valid Python"),
        ({"docs/views.py": "x = 1 / 0\n"}, 0, "raises ZeroDivisionError"),
    ],
)
def test_django_is_loaded_as_the_first_request_loads_it(check, changed, code, expected):
    said = check({**DJANGO, **changed}, "kind: wsgi\n", code=code)
    assert expected in said and "nothing imports this module" not in said


@pytest.mark.parametrize(
    "kind, source, expected",
    [
        ("wsgi", "import flask\ndef main(): return 1\n", "does not take `environ` and `start_response`"),
        ("wsgi", "from made import create_app\nmain = create_app\n", "what a function makes must be called first"),
        ("wsgi", "import flask\napp = flask.Flask('x')\ndef home(): pass\nmain = home\n", "did you mean `app: app:app`?"),
        ("asgi", "def main(event, context): pass\n", "does not take `scope`, `receive` and `send`"),
        ("wsgi", "class main:\n    def __init__(self, environ, start): pass\n", None),
        ("wsgi", "import functools\nmain = functools.partial(print, 1)\n", None),
        ("asgi", "class App:\n    async def __call__(self, *messages): pass\nmain = App()\n", None),
    ],
)
def test_what_cannot_be_called_as_its_kind_is_an_error(check, kind, source, expected):
    files = {"app.py": source, "made.py": "def create_app(config=None): pass\n", "requirements.txt": "flask\n"}
    said = check(files, f"kind: {kind}\n", code=2 if expected else 0)
    assert expected is None or (expected in said and "`app: app:main`" in said)


def test_a_distribution_is_proposed_beside_what_is_spelt_alike(check):
    files = {"app.py": "import flaskr\n\ndef main(): pass\n", "flaskr/__init__.py": "import flask\n"}
    said = check(files)
    assert "hint: write `flask` into a requirements.txt" in said and "did you mean" not in said
    said = check({"flaskr/__init__.py": "import requests\n", "request.py": ""})
    assert "hint: there is request.py: did you mean `request`? If not, write `requests` into a requirements.txt" in said


def test_variables_come_from_files(check, builder, tmp_path):
    files = {"app.py": "import os\n\ndef main(): return os.environ['GREETING']\n", ".env": "export GREETING='hello # you'\n"}
    said = check(files, code=0)
    assert ".env is left out; `environment: {from: .env}` takes its variables" in said
    said = check({"app.py": "import os\nassert os.environ['GREETING'] == 'hello # you'\ndef main(): pass\n"}, "environment: {from: .env}\n", code=0)
    assert ".env" not in said and "warning" not in said
    (tmp_path / "project" / ".env").write_text("A=1\nnonsense\n")
    said = builder.run("build", cwd=tmp_path / "project", code=2).stderr
    assert ".env:2: `nonsense` has no value" in said and "slam.yaml:4" in said
