"""What `slam init` finds out about a project, and what it refuses to write down."""

import os
import re
import subprocess
import sys

import pytest

FACTORY = "import flask\nfrom nowhere import db\n\ndef create_app(config=None):\n    app = flask.Flask(__name__)\n    return app\n"
FLASK = {"app.py": "import flask\n\napp = flask.Flask(__name__)\n"}


@pytest.fixture
def init(builder, tmp_path):
    """Runs `slam init` beside these files; what it says, and what it writes."""

    def run(files, *arguments, code=0, **environment):
        for name, text in files.items():
            path = tmp_path / "project" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        written = tmp_path / "project" / "slam.yaml"
        written.unlink(missing_ok=True)
        said = builder.run("init", *arguments, cwd=tmp_path / "project", code=code, **environment).stderr
        assert written.exists() == (code == 0)
        return said, written.read_text() if code == 0 else ""

    return run


@pytest.mark.parametrize("options", [[], ["--wsgi"]])
@pytest.mark.parametrize(
    "app, expected",
    [
        ("mian:app", "there is main.py: did you mean `main:app`?"),
        ("main.py:app", "there is main.py: did you mean `main:app`?"),
        ("./main.py:app", "a module is named with dots and without `.py`: `main`"),
        ("main.py", "for `app` in the file main.py: `app: main:app`"),
        ("web/api.py:app", "a module is named with dots and without `.py`: `web.api`"),
        ("api:app", "there is web/api.py, and Python finds modules from the directory of slam.yaml on: name it `web.api`"),
        ("web.nothing:app", "there is web/api.py: did you mean"),
        ("main:ap", "did you mean `main:app`?"),
        ("main:handler", "did you mean `main:app`?"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_meant(init, app, expected, options):
    files = {"main.py": FLASK["app.py"], "web/__init__.py": "", "web/api.py": "def app(): pass\n"}
    if app == "web.nothing:app":
        expected = "did you mean `app: main:app` or `app: web.api:app`?"
    assert expected in init(files, app, *options, code=2)[0]


@pytest.mark.parametrize(
    "source, files",
    [
        ("from shop import create_app\nfrom nowhere import x\napp = create_app()\n", {"shop/__init__.py": FACTORY}),
        ("from shop import create_app as make\napp = make()\n", {"shop/__init__.py": "from .factory import create_app\n", "shop/factory.py": FACTORY}),
        ("import shop.factory\napp = shop.factory.create_app()\n", {"shop/__init__.py": "", "shop/factory.py": FACTORY}),
        ("from shop import factory\napp = factory.create_app()\n", {"shop/__init__.py": "", "shop/factory.py": FACTORY}),
        ("from shop import *\napp = create_app()\n", {"shop/__init__.py": "from shop.factory import *\n", "shop/factory.py": FACTORY}),
        ("from shop import app\n", {"shop/__init__.py": "from .factory import create_app\napp = create_app('x')\n", "shop/factory.py": FACTORY}),
        # Modules that import each other are looked at once.
        ("from shop import app\n", {"shop/__init__.py": "import flask\napp = flask.Flask('x')\nimport main\n"}),
    ],
)
def test_an_application_is_followed_to_where_it_is_made(init, source, files):
    """Although what it needs is not installed here."""
    said, written = init({"main.py": source, **files}, "main:app")
    assert "main:app is an application of WSGI, so it gets an API" in said
    assert "kind: wsgi\n" in written


@pytest.mark.parametrize("options", [[], ["--wsgi"]])
def test_a_factory_that_is_imported_is_no_application(init, options):
    files = {"main.py": "from shop import create_app\n", "shop/__init__.py": FACTORY}
    assert "main:create_app is a function that makes a web application" in init(files, "main:create_app", *options, code=2)[0]


def test_what_cannot_be_told_is_said(init):
    files = {"main.py": "from nowhere import make\napp = make()\n"}
    said, written = init(files, "main:app")
    assert "warning: could not tell what main:app is (there is no `nowhere` here): taken as a plain function" in said
    assert "`--wsgi` or `--asgi` says otherwise" in said and "kind: function\n" in written
    said, written = init(files, "main:app", "--asgi")
    assert "could not tell" not in said and "kind: asgi\n" in written
    said, _ = init({"main.py": "app = 1 / 0\n"}, "main:app")
    assert "could not tell what main:app is (importing it here raises ZeroDivisionError: division by zero)" in said


PROJECT = '[project]\nname = "p"\nversion = "1"\nrequires-python = "{}"\n'


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": PROJECT.format(">=3.12,<3.14")},
        {"pyproject.toml": '[tool.poetry.dependencies]\npython = ">=3.12,<3.14"\n'},
        {"pyproject.toml": PROJECT.format(">=3.9"), "uv.lock": 'version = 1\nrequires-python = ">=3.12,<3.14"\n'},
        {"poetry.lock": 'package = []\n[metadata]\npython-versions = ">=3.12,<3.14"\n', "pyproject.toml": ""},
    ],
)
def test_the_runtime_is_one_that_the_project_is_for(init, files):
    said, written = init({**FLASK, **files}, "app:app")
    runtime = re.search("^runtime: python(.*)$", written, re.M)[1]
    assert runtime in ("3.12", "3.13")
    own = subprocess.run(["python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True)
    if runtime != own.stdout.strip():
        assert f"the runtime is python{runtime}: " in said and "`python3` here is" in said
        assert "is for Python >=3.12,<3.14" in said


def test_a_project_for_no_runtime_of_lambda_is_refused(init):
    files = {**FLASK, "pyproject.toml": PROJECT.format(">=3.40")}
    said, _ = init(files, "app:app", code=2)
    assert "pyproject.toml is for Python >=3.40, and Lambda runs none of these" in said
    assert "runtime: python3.13\n" in init(files, "app:app", "--runtime", "python3.13")[1]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the machine must be without the newer Pythons")
def test_the_newest_runtime_that_the_machine_can_run_is_taken(init, tmp_path):
    own = f"python3.{sys.version_info.minor}"
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ["python3", own]:
        (programs / name).symlink_to(os.path.realpath(sys.executable))
    alone = dict.fromkeys(["HOME", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"], str(tmp_path / "none"))
    alone |= {"PATH": str(programs)}
    newer = {**FLASK, "pyproject.toml": PROJECT.format(">=3.12")}
    said, written = init(newer, "app:app", **alone)
    assert "runtime: python3.14\n" in written
    assert "warning: the runtime is python3.14, which this machine cannot run" in said
    assert "hint: install Python 3.14 (`uv python install 3.14`)" in said
    (programs / "python3.12").symlink_to(os.path.realpath(sys.executable))
    said, written = init(newer, "app:app", **alone)
    assert "runtime: python3.12\n" in written and "warning" not in said
    said, written = init({"pyproject.toml": PROJECT.format(">=3.9")}, "app:app", **alone)
    assert f"runtime: {own}\n" in written and "the runtime is" not in said
