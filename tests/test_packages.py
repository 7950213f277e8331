"""Real sets of dependencies: built online once, then offline to the same bytes, and imported from the package alone.

What is imported is what a rule that leaves too much out would break.
"""

import ast
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
import zipfile

import pytest

from conftest import Machine

RUNTIME = "python3.13"
SETS = {
    "flask": (["flask"], "flask, flask.testing, jinja2.ext, werkzeug.test, markupsafe._speedups"),
    "fastapi": (["fastapi", "pydantic"], "fastapi, fastapi.responses, pydantic, pydantic_core"),
    "cryptography": (["cryptography"], "cryptography.x509, cryptography.hazmat.primitives.asymmetric.rsa"),
    "psycopg": (["psycopg[binary]"], "psycopg, psycopg_binary, psycopg.types.json"),
    "lxml": (["lxml"], "lxml.etree, lxml.html"),
    "pillow": (["pillow"], "PIL.Image, PIL._imaging, PIL.JpegImagePlugin"),
    "django": (["django"], "django, django.test, django.test.client, django.contrib.auth.hashers, django.db.models"),
    "pandas": (["numpy", "pandas"], "pandas, pandas.testing, numpy, numpy.testing, numpy.random"),
}
# Work for what is compiled: a library that has lost something it needs may still load.
WORK = {
    "fastapi": """
        class Item(pydantic.BaseModel):
            price: float

        assert Item.model_validate_json('{"price": "1.5"}').price == 1.5
        try:
            Item(price="much")
        except pydantic.ValidationError as error:
            assert "float_parsing" in str(error)
    """,
    "cryptography": """
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        key = rsa.generate_private_key(65537, 2048)
        signature = key.sign(b"text", padding.PKCS1v15(), hashes.SHA256())
        key.public_key().verify(signature, b"text", padding.PKCS1v15(), hashes.SHA256())
    """,
    "psycopg": """
        try:
            psycopg.connect("host=127.0.0.1 port=1 connect_timeout=2")
        except psycopg.OperationalError as error:
            assert "refused" in str(error), error
    """,
    "lxml": """
        assert lxml.etree.XSLT(lxml.etree.XML(
            '<s:stylesheet xmlns:s="http://www.w3.org/1999/XSL/Transform" version="1.0">'
            '<s:template match="/"><b><s:value-of select="//a"/></b></s:template></s:stylesheet>'
        ))(lxml.etree.XML("<r><a>text</a></r>")).getroot().text == "text"
    """,
    "pillow": """
        import io

        for form in ("PNG", "JPEG", "WEBP", "TIFF", "JPEG2000", "AVIF"):
            file = io.BytesIO()
            PIL.Image.new("RGB", (64, 64), "red").resize((32, 32)).save(file, form)
            assert PIL.Image.open(file).convert("RGB").getpixel((9, 9))[0] > 240, form
    """,
    "pandas": """
        square = numpy.random.default_rng(1).random((50, 50))
        assert numpy.allclose(numpy.linalg.inv(square) @ square, numpy.eye(50))
        table = pandas.DataFrame({"day": pandas.date_range("2026-01-01", periods=4), "a": [1, 2, 3, 4]})
        assert list(table.groupby(table.day.dt.day % 2).a.sum()) == [6, 4]
    """,
}


def python():
    """The target's Python, where it is at hand."""
    kept = [pathlib.Path.home() / ".pyenv" / "versions", pathlib.Path.home() / ".local" / "share" / "uv" / "python"]
    folders = [*os.environ["PATH"].split(os.pathsep), *(str(path) for root in kept for path in sorted(root.glob("*/bin")))]
    for folder in folders:
        found = os.path.join(folder, RUNTIME)
        if os.path.isfile(found) and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    return None


def project(folder, requirements, extra=""):
    folder.mkdir()
    (folder / "app.py").write_text("def main():\n    return 1\n")
    (folder / "requirements.txt").write_text("\n".join(requirements) + "\n")
    (folder / "slam.yaml").write_text(f"name: packages\napp: app:main\nruntime: {RUNTIME}\n{extra}")
    return folder


@pytest.mark.parametrize("name", SETS)
def test_a_real_set_builds_offline_and_imports(builder, tmp_path, name):
    requirements, modules = SETS[name]
    folder = project(tmp_path / name, requirements)
    online = builder.json("build", cwd=folder)
    # From uv's cache, as if slam had never seen the project.
    shutil.rmtree(builder.home / "cache" / "bundle")
    offline = builder.json("build", "--offline", cwd=folder)
    assert offline["sha256"] == online["sha256"]
    interpreter = python()
    if interpreter is None:
        pytest.skip(f"built; there is no {RUNTIME} to import it with")
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(offline["path"]).extractall(unpacked)
    libraries = [str(path) for path in unpacked.rglob("*.so*")]
    code = f"import sys; sys.path.insert(0, {str(unpacked)!r}); import {modules}\n{textwrap.dedent(WORK.get(name, ''))}"
    # The loader takes every library there is, imported or not.
    code += f"\nimport ctypes\nfor path in {libraries}: ctypes.CDLL(path)"
    # -I -S: nothing of the interpreter's own packages helps.
    done = subprocess.run([interpreter, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_two_machines_make_the_same_bytes(tmp_path):
    """Another home, another path, another day and zone, another umask, files made in another order; no cache is shared."""
    names = ["app.py", "requirements.txt", "slam.yaml", "data/é.txt", "data/a b.txt", "run.sh"]
    hashes = set()
    for number, order in enumerate([names, names[::-1]]):
        root = tmp_path / f"machine {number}"
        root.mkdir()
        machine = Machine(root)
        folder = project(root / ("p" * (number + 1)), ["flask==3.1.0", "markupsafe==3.0.2"])
        content = {name: (folder / name).read_bytes() if (folder / name).exists() else b"#!/bin/sh\n" for name in names}
        shutil.rmtree(folder)
        umask = os.umask([0o022, 0o077][number])
        try:
            for name in order:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content[name])
                path.chmod(path.stat().st_mode | 0o100 if name == "run.sh" else path.stat().st_mode)
                os.utime(path, (1_000_000_000 * (number + 1),) * 2)
            elsewhere = {"TZ": ["UTC", "Asia/Tokyo"][number], "LC_ALL": ["C", "C.UTF-8"][number]}
            built = machine.run("build", "--json", cwd=folder, UV_CACHE_DIR=str(root / "uv"), **elsewhere)
        finally:
            os.umask(umask)
        hashes.add(json.loads(built.stdout)["sha256"])
    assert len(hashes) == 1


def test_what_has_no_wheel_is_built_from_its_source(builder, tmp_path):
    """Said, the same bytes on two machines, from the cache offline, and it works."""
    hashes = set()
    for number in range(2):
        root = tmp_path / f"machine {number}"
        root.mkdir()
        machine = Machine(root)
        folder = project(root / "sdist", ["langdetect==1.0.9"])
        elsewhere = {"TZ": ["UTC", "Asia/Tokyo"][number], "UV_CACHE_DIR": str(root / "uv")}
        said = machine.run("build", cwd=folder, **elsewhere).stderr
        assert "building langdetect from its source, as it has no wheel" in said
        assert "built from source: langdetect 1.0.9" in said
        assert "from source" not in machine.run("build", cwd=folder, **elsewhere).stderr
        shutil.rmtree(machine.home / "cache" / "bundle")
        built = json.loads(machine.run("build", "--offline", "--json", cwd=folder, **elsewhere).stdout)
        assert {part["name"]: part["from_source"] for part in built["dependencies"]} == {"langdetect": True, "six": False}
        hashes.add(built["sha256"])
    assert len(hashes) == 1
    if python() is not None:
        zipfile.ZipFile(built["path"]).extractall(tmp_path / "unpacked")
        code = f"import sys; sys.path.insert(0, {str(tmp_path / 'unpacked')!r}); import langdetect"
        assert subprocess.run([python(), "-I", "-S", "-c", code]).returncode == 0


@pytest.mark.parametrize("form", ["requirements", "uv", "poetry", "pipenv", "pylock"])
@pytest.mark.parametrize("genuine", [True, False])
def test_a_locked_source_must_be_the_one_that_was_locked(builder, tmp_path, form, genuine):
    folder = project(tmp_path / form, [])
    (folder / "requirements.txt").unlink()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["docopt==0.6.2"]\n'
        '[tool.poetry.dependencies]\ndocopt = "*"\n'
    )
    subprocess.run(["uv", "lock", "--quiet"], cwd=folder, check=True, timeout=300)
    lock = (folder / "uv.lock").read_text()
    (folder / "uv.lock").unlink()
    source = re.search(r'url = "(?P<url>[^"]*/docopt-0\.6\.2\.tar\.gz)", hash = "(?P<hash>[^"]*)"', lock)
    digest = source["hash"] if genuine else "sha256:" + "0" * 64
    name, text = {
        "requirements": ("requirements.txt", f"docopt==0.6.2 --hash={digest}\n"),
        "uv": ("uv.lock", lock.replace(source["hash"], digest)),
        "poetry": (
            "poetry.lock",
            '[[package]]\nname = "docopt"\nversion = "0.6.2"\noptional = false\ngroups = ["main"]\n'
            f'files = [{{file = "docopt-0.6.2.tar.gz", hash = "{digest}"}}]\n[metadata]\npython-versions = ">=3.9"\n',
        ),
        "pipenv": ("Pipfile.lock", json.dumps({"default": {"docopt": {"version": "==0.6.2", "hashes": [digest]}}})),
        "pylock": (
            "pylock.toml",
            'lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "docopt"\nversion = "0.6.2"\n'
            f'sdist = {{ url = "{source["url"]}", hashes = {{ sha256 = "{digest.split(":")[1]}" }} }}\n',
        ),
    }[form]
    (folder / name).write_text(text)
    if genuine:
        built = builder.json("build", cwd=folder)
        assert [(part["name"], part["from_source"]) for part in built["dependencies"]] == [("docopt", True)]
    else:
        error = builder.run("build", cwd=folder, code=2).stderr
        assert "`docopt` is not the one whose hash is in " + name in error


def test_what_compiles_something_is_refused_with_advice(builder, tmp_path):
    folder = project(tmp_path / "native", ["psycopg2==2.9.10"])
    error = builder.run("build", cwd=folder, code=2).stderr
    assert "`psycopg2` 2.9.10 has no wheel for Python 3.13 on x86_64-manylinux_2_34 (needed by requirements.txt)" in error
    assert "hint: in the place of `psycopg2` take `psycopg2-binary`" in error


def on(folder, version):
    """The project with another runtime."""
    (folder / "slam.yaml").write_text(f"name: packages\napp: app:main\nruntime: python{version}\n")
    return folder


def test_a_missing_wheel_is_told_with_the_runtime_that_has_one(builder, tmp_path):
    """numpy 2.4.6 is for Python 3.11 and later, but its wheels for 3.11 are for a later Linux than Lambda has there."""
    folder = on(project(tmp_path / "wheel", ["numpy==2.4.6"]), "3.10")
    error = builder.run("build", cwd=folder, code=2).stderr
    assert "`numpy` 2.4.6 is for Python >=3.11, and the runtime's is 3.10 (needed by requirements.txt)" in error
    assert "hint: take `runtime: python3." in error and "a version of `numpy` that is for Python 3.10" in error
    error = builder.run("build", cwd=on(folder, "3.11"), code=2).stderr
    assert "those for Python 3.11 need glibc 2.27, and Lambda's python3.11 is on Amazon Linux 2, which has 2.26" in error
    assert "hint: `numpy==2.4.6` has wheels for Python 3.12, 3.13 and 3.14: take `runtime: python3." in error


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the machine must be without what has wheels")
def test_a_runtime_is_proposed_that_this_machine_can_run(builder, tmp_path):
    """Of the Pythons that would do this machine has none, or one that is not the newest."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ["python3", f"python3.{sys.version_info.minor}"]:
        (programs / name).symlink_to(os.path.realpath(sys.executable))
    (programs / "uv").symlink_to(os.path.realpath(shutil.which("uv")))
    alone = dict.fromkeys(["HOME", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"], str(tmp_path / "none"))
    alone |= {"PATH": str(programs), "UV_CACHE_DIR": str(tmp_path / "cache")}
    folder = on(project(tmp_path / "wheel", ["numpy==2.4.6"]), "3.11")
    error = builder.run("build", cwd=folder, code=2, **alone).stderr
    assert "take `runtime: python3.14`; to run it on this machine too, install that Python (`uv python install 3.14`)" in error
    shutil.copy(os.path.realpath(sys.executable), programs / "python3.12")
    error = builder.run("build", cwd=folder, code=2, **alone).stderr
    assert "take `runtime: python3.12`" in error and "install that Python" not in error


@pytest.mark.parametrize("asked", ["django[argon2]==6.0", "django>=6"])
def test_a_dependency_for_newer_pythons_is_told_with_the_runtime(builder, tmp_path, asked):
    error = builder.run("build", cwd=on(project(tmp_path / "newer", [asked]), "3.11"), code=2).stderr
    assert re.search(r"`django`( 6\.0)? is for Python >=3\.12, and the runtime's is 3\.11", error), error
    assert "hint: take `runtime: python3." in error and "source" not in error


def test_a_lock_for_other_pythons_is_told_with_the_runtime(builder, tmp_path):
    folder = project(tmp_path / "locked", [])
    (folder / "requirements.txt").unlink()
    (folder / "uv.lock").write_text('version = 1\nrequires-python = ">=3.12, <3.14"\n')
    (folder / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n')
    error = builder.run("build", cwd=on(folder, "3.11"), code=2).stderr
    assert "uv.lock is locked for Python >=3.12, <3.14, and the runtime's is 3.11" in error
    assert re.search(r"hint: take `runtime: python3\.1[23]`", error), error


def test_what_is_compiled_is_told_in_one_message(builder, tmp_path):
    """markupsafe publishes wheels for platforms as well, but its source makes a pure one where nothing is compiled."""
    folder = on(project(tmp_path / "several", ["greenlet==1.1.2", "cffi==1.15.0", "markupsafe==2.0.1"]), "3.11")
    error = builder.run("build", cwd=folder, code=2).stderr
    assert error.count("building") == 1 and "as they have no wheels: cffi, greenlet, markupsafe" in error
    assert "these have none either, and are compiled too: " in error and "markupsafe 2.0.1" in error
    assert re.search(r"`(cffi|greenlet)`, .* and `markupsafe` have wheels for Python 3.9 and 3.10: take `runtime: python3\.", error), error
    folder = on(project(tmp_path / "optional", ["markupsafe==2.0.1"]), "3.11")
    assert builder.json("build", cwd=folder)["dependencies"][0]["from_source"] is True


def test_the_line_that_asks_for_a_package_is_named(builder, tmp_path):
    folder = project(tmp_path / "included", ["-r requirements/production.txt"])
    (folder / "requirements").mkdir()
    (folder / "requirements" / "production.txt").write_text("# served by\nsix\nuwsgi==2.0.28\n")
    error = builder.run("build", cwd=folder, code=2).stderr
    assert "(needed by requirements/production.txt)" in error
    assert "hint: remove `uwsgi`: slam's adapter calls the application" in error
    assert "(requirements/production.txt, line 3)" in error


@pytest.mark.parametrize("who", ["--only-binary :all:", "pyproject.toml", "UV_NO_BUILD"])
def test_who_wants_wheels_only_gets_nothing_else(builder, tmp_path, who):
    option = f"{who}\n" if who.startswith("--") else ""
    folder = project(tmp_path / "wheels", [f"{option}docopt==0.6.2"])
    if who == "pyproject.toml":
        (folder / who).write_text("[tool.uv]\nno-build = true\n")
    more = {who: "1"} if who.startswith("UV") else {}
    error = builder.run("build", cwd=folder, code=2, **more).stderr
    assert "`docopt` 0.6.2 has no wheel" in error and "its source may not be built: " in error
    assert {"pyproject.toml": "`no-build` in uv's settings"}.get(who, who) in error


def test_a_build_that_fails_shows_the_end_of_what_it_said(builder, tmp_path):
    """A source whose setup.py raises, and one that writes a library: an index of files is enough for both."""
    links = tmp_path / "links"
    links.mkdir()
    sdist(links, "slam-raises", "print('noise ' * 100)\nraise RuntimeError('no weather today')\n")
    library = "from setuptools import setup\nsetup(name='slam-library', version='1.0', packages=['lib'], package_data={'lib': ['*.bin']})\n"
    sdist(links, "slam-library", library, {"lib/__init__.py": b"", "lib/x.bin": b"\x7fELF\x02\x01"})
    for name, expected in [("slam-raises", "RuntimeError: no weather today"), ("slam-library", "not pure Python: lib/x.bin is compiled")]:
        folder = project(tmp_path / name, [f"--find-links {links}", name])
        error = builder.run("build", cwd=folder, code=2).stderr
        assert "has no wheel for Python 3.13 on x86_64-manylinux_2_34 (needed by requirements.txt), and" in error
        assert expected in error and len(error) < 3000 and "noise" not in error


def test_wheels_may_need_what_lambdas_system_has(builder, tmp_path):
    """Amazon Linux 2023, on which the runtimes from python3.12 on are, has glibc 2.34."""
    links = tmp_path / "links"
    links.mkdir()
    for name, glibc in [("slam-34", 34), ("slam-35", 35)]:
        stem = f"{name.replace('-', '_')}-1.0"
        tag = f"cp313-cp313-manylinux_2_{glibc}_x86_64"
        with zipfile.ZipFile(links / f"{stem}-{tag}.whl", "w") as wheel:
            wheel.writestr(f"{stem.split('-')[0]}.py", "")
            wheel.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            wheel.writestr(f"{stem}.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
            wheel.writestr(f"{stem}.dist-info/RECORD", "")
    right, wrong = (project(tmp_path / name, [f"--find-links {links}", name]) for name in ("slam-34", "slam-35"))
    built = builder.json("build", cwd=right)
    assert [(part["name"], part["from_source"]) for part in built["dependencies"]] == [("slam-34", False)]
    assert "`slam-35` has no wheel for Python 3.13 on x86_64-manylinux_2_34" in builder.run("build", cwd=wrong, code=2).stderr


def sdist(folder, name, setup, files=()):
    """A source distribution with a setup.py."""
    root = f"{name.replace('-', '_')}-1.0"
    with tarfile.open(folder / f"{root}.tar.gz", "w:gz") as archive:
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
        for path, content in {"PKG-INFO": about, "setup.py": setup.encode(), **dict(files)}.items():
            info = tarfile.TarInfo(f"{root}/{path}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_the_budget_and_the_command_before(builder, tmp_path):
    folder = project(tmp_path / "budget", ["flask"], "package: {budget: 100KB, before: echo made > made.txt}\n")
    error = builder.run("build", cwd=folder, code=2).stderr
    assert "larger than its budget" in error and "Werkzeug" in error
    assert (folder / "made.txt").exists()


def test_explain_tells_the_chain(builder, tmp_path):
    folder = project(tmp_path / "explain", ["flask"])
    assert "requirements.txt → flask → " in builder.run("build", "--explain", "markupsafe", cwd=folder).stdout
    assert "a file of the project" in builder.run("build", "--explain", "app.py", cwd=folder).stdout
    assert "left out" in builder.run("build", "--explain", cwd=folder).stdout


def test_a_package_built_before_must_be_one(builder, tmp_path):
    folder = project(tmp_path / "prebuilt", [])
    broken = folder / "broken.zip"
    broken.write_text("no zip")
    error = builder.run("deploy", "--lambda-package", broken, cwd=folder, code=2).stderr
    assert "broken.zip" in error and "hint" in error


def test_libraries_lose_what_nothing_loads(builder, tmp_path):
    """The same modules, with and without; `include` keeps one whole."""
    name = "markupsafe/_speedups.cpython-313-x86_64-linux-gnu.so"

    def size(number, settings):
        folder = project(tmp_path / f"libraries{number}", ["markupsafe==3.0.2"], settings)
        with zipfile.ZipFile(builder.json("build", cwd=folder)["path"]) as package:
            return package.getinfo(name).file_size

    whole = size(1, "package: {slim: false}\n")
    assert size(2, "") < whole
    assert size(3, "package: {include: [markupsafe/*.so]}\n") == whole
    explained = builder.run("build", "--explain", name, cwd=tmp_path / "libraries2").stdout
    assert "debug information" in explained and "package.include" in explained
    assert "debug information" not in builder.run("build", "--explain", name, cwd=tmp_path / "libraries3").stdout


def test_the_adapter_goes_without_comments(builder, tmp_path):
    """What is shipped means the same, on the same lines, as Python itself reads both."""
    settings = "kind: wsgi\ncommands: true\nhttp: {gzip: 1024, stream: true}\n"
    folder = project(tmp_path / "adapter", [], settings)
    with zipfile.ZipFile(builder.json("build", "--no-check", cwd=folder)["path"]) as package:
        shipped = {name: package.read(name).decode() for name in package.namelist() if name.startswith("slam_lambda/")}
    assert len(shipped) > 20
    sources = pathlib.Path(__file__).resolve().parent.parent / "python"
    for name, text in shipped.items():
        assert meaning(text) == meaning((sources / name).read_text()), name
        assert not re.search(r"^ *#|  #", text, re.MULTILINE), name


def meaning(source):
    """The tree of a module without docstrings, and the line of each of its nodes."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        if documented and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass(lineno=node.body[0].lineno)
    return ast.dump(tree), [getattr(node, "lineno", None) for node in ast.walk(tree)]
