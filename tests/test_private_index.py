"""A package index of one's own, with a password: found, and never told to anybody."""

import base64
import http.server
import json
import shutil
import threading
import zipfile

import pytest

from functions import runtime

USER, SECRET = "reader", "s3cr3t-of-the-index"


def wheel(folder, name):
    """A pure wheel of one module."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "WORD = 'private'\n")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", f"{name}.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
    return path


@pytest.fixture
def index(tmp_path):
    """The port of a simple index on loopback that wants a password."""
    root = tmp_path / "index"
    place = root / "simple" / "slam-private-words"
    place.mkdir(parents=True)
    made = wheel(tmp_path, "slam_private_words")
    shutil.move(made, place / made.name)
    (place / "index.html").write_text(f'<!DOCTYPE html><a href="{made.name}">{made.name}</a>')
    expected = "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(root))

        def do_GET(self):
            if self.headers.get("Authorization") != expected:
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic realm=index")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            super().do_GET()

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def project(folder, requirements):
    folder.mkdir()
    (folder / "app.py").write_text("def main():\n    import slam_private_words\n    return slam_private_words.WORD\n")
    (folder / "requirements.txt").write_text(requirements)
    (folder / "slam.yaml").write_text(f"name: private\napp: app:main\nruntime: {runtime()}\n")
    return folder


def address(port, secret=SECRET):
    return f"http://{USER}:{secret}@127.0.0.1:{port}/simple"


@pytest.mark.parametrize("where", ["requirements", "environment", "pip"])
def test_a_private_index_is_asked(machine, tmp_path, index, where):
    line = f"--index-url {address(index)}\n" if where == "requirements" else ""
    folder = project(tmp_path / "project", f"{line}slam-private-words==1.0\n")
    more = {"UV_CACHE_DIR": str(tmp_path / "uv")}
    if where == "environment":
        more["UV_DEFAULT_INDEX"] = address(index)
    if where == "pip":
        configuration = tmp_path / "pip.conf"
        configuration.write_text(f"[global]\nindex-url = {address(index)}\n")
        more["PIP_CONFIG_FILE"] = str(configuration)
    built = machine.run("build", "--json", cwd=folder, **more)
    assert [part["name"] for part in json.loads(built.stdout)["dependencies"]] == ["slam_private_words"]
    told = built.stdout + built.stderr + machine.run("build", "--explain", cwd=folder, **more).stdout
    package = zipfile.ZipFile(next((machine.home / "cache").rglob("packages/*.zip")))
    assert SECRET not in told and not any(SECRET.encode() in package.read(name) for name in package.namelist())


def test_a_wrong_password_is_told_without_it(machine, tmp_path, index):
    folder = project(tmp_path / "project", f"--index-url {address(index, 'wrong-0ne')}\nslam-private-words==1.0\n")
    refused = machine.run("build", cwd=folder, code=2, UV_CACHE_DIR=str(tmp_path / "uv")).stderr
    assert "refused" in refused and "401" in refused and "wrong-0ne" not in refused
