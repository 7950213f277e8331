"""`static` in slam.yaml: a folder that the API serves from a bucket, beside an application that never sees it."""

import time
import zipfile

import pytest
import requests
from functions import runtime

APP = """\
from flask import Flask, url_for
app = Flask(__name__)

@app.get("/")
def root():
    return url_for("static", filename="css/site.css")

@app.get("/<path:path>")
def other(path):
    return "the application has " + path, 404
"""
SETTINGS = "name: site\napp: web:app\nkind: wsgi\nruntime: {runtime}\nmemory: 256\n{more}"
STATIC = "static: {folder: public, url: /static, cache: 1h, immutable: ['js/*-????.js'], index: index.html}\n"


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    files = {
        "slam.yaml": SETTINGS.format(runtime=runtime(), more=STATIC + "stages: {dev: {}, prod: {}}\n"),
        "requirements.txt": "flask\n",
        "web.py": APP,
        "public/index.html": "<h1>hello</h1>",
        "public/css/site.css": "h1 { color: red }",
        "public/css/with space é.css": "b {}",
        "public/js/app-a1b2.js": "1",
        "public/logo.png": bytes(range(256)),
        "public/.env": "SECRET=1",
    }
    write(folder, files)
    return folder


def objects(machine):
    s3 = machine.client("s3")
    bucket = next(bucket["Name"] for bucket in s3.list_buckets()["Buckets"])
    return {entry["Key"]: entry for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]}


def urls(machine, folder):
    return {stage["name"]: stage["url"] for stage in machine.json("status", cwd=folder)["stages"]}


def test_files_are_served_by_the_api_and_are_not_in_the_package(machine, site):
    said = machine.run("deploy", cwd=site).stderr
    assert "  upload    static files " in said and "  upload    package " in said
    url = urls(machine, site)["dev"]
    # The address that Flask makes is the one that is served.
    address = requests.get(url).text
    assert address == "/dev/static/css/site.css"
    css = requests.get(requests.compat.urljoin(url, address))
    assert (css.status_code, css.text) == (200, "h1 { color: red }")
    assert css.headers["Content-Type"] == "text/css; charset=utf-8"
    assert css.headers["Cache-Control"] == "public, max-age=3600"
    assert requests.get(css.url, headers={"If-None-Match": css.headers["ETag"]}).status_code == 304
    script = requests.get(url + "static/js/app-a1b2.js")
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert requests.get(url + "static/logo.png").content == bytes(range(256))
    assert requests.get(url + "static/css/with space é.css").text == "b {}"
    for index in ("static", "static/"):
        assert requests.get(url + index).text == "<h1>hello</h1>"
    head = requests.head(css.url)
    assert (head.status_code, head.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    # What is not there, what nobody meant to serve, and what is above.
    for missing in ("nope.css", ".env", "css", "..%2F..%2Fweb.py", "%2e%2e/"):
        answer = requests.get(url + "static/" + missing)
        assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"}), missing
    # Other verbs, and all other paths, are the application's.
    assert "Method Not Allowed" in requests.post(url + "static/css/site.css").text
    assert requests.get(url + "statics").text == "the application has statics"
    package = machine.json("build", cwd=site)
    assert package["static"]["files"] == 5
    assert not [name for name in zipfile.ZipFile(package["path"]).namelist() if name.startswith("public")]


def test_every_url_of_the_api_serves_them(machine, site):
    machine.run("deploy", cwd=site)
    api = machine.json("status", cwd=site)["stacks"][0]["api"]
    base = f"http://127.0.0.1:{machine.port}"
    for path in (f"/_aws/execute-api/{api}/dev", f"/restapis/{api}/dev/_user_request_"):
        # An application knows no other path than AWS's: what it links to is at the API's own host.
        assert requests.get(base + path + "/").text == "/dev/static/css/site.css"
        assert requests.get(base + path + "/static/css/site.css").text == "h1 { color: red }"
    host = {"Host": f"{api}.execute-api.us-east-1.localhost:{machine.port}"}
    assert requests.get(f"{base}/dev/", headers=host).text == "/dev/static/css/site.css"
    assert requests.get(f"{base}/dev/static/css/site.css", headers=host).text == "h1 { color: red }"


def versions(machine):
    return {key.split("/")[2] for key in objects(machine) if "/static/" in key and not key.endswith(".json")}


def test_a_version_keeps_its_files(machine, site):
    css = lambda stage: requests.get(urls(machine, site)[stage] + "static/css/site.css").text
    machine.run("deploy", cwd=site)
    machine.run("publish", "prod", cwd=site)
    before = objects(machine)
    # Nothing but a file changes: no code, and yet another version.
    write(site, {"public/css/site.css": "h1 { color: blue }"})
    machine.run("deploy", cwd=site)
    assert (css("dev"), css("prod")) == ("h1 { color: blue }", "h1 { color: red }")
    after = objects(machine)
    assert set(before) <= set(after) and len(after) > len(before)
    assert "nothing has changed" in machine.run("deploy", cwd=site).stderr
    machine.run("publish", "prod", cwd=site)
    assert css("prod") == "h1 { color: blue }"
    machine.run("publish", "prod", "--version", "1", cwd=site)
    assert (css("dev"), css("prod")) == ("h1 { color: blue }", "h1 { color: red }")
    # What a version has been made with stays; what no version has any more goes with a later deployment. S3 tells times in
    # whole seconds, so these are some apart.
    kept = versions(machine)
    colors = ["green", "gold", "black", "grey", "white"]
    for color in colors:
        write(site, {"public/css/site.css": f"h1 {{ color: {color} }}"})
        machine.run("deploy", cwd=site)
        time.sleep(1.1)
    assert kept < versions(machine) and len(versions(machine)) < len(kept) + len(colors)
    assert css("prod") == "h1 { color: red }"
    machine.run("delete", "--yes", cwd=site)
    assert machine.client("s3").list_buckets()["Buckets"] == []


def test_they_come_and_go(machine, site):
    machine.run("deploy", cwd=site)
    url = urls(machine, site)["dev"]
    settings = SETTINGS.format(runtime=runtime(), more="stages: {dev: {}, prod: {}}\n")
    write(site, {"slam.yaml": settings})
    machine.run("deploy", cwd=site)
    # The application's own again: Flask serves `static`, which is not there.
    assert requests.get(url + "static/css/site.css").status_code == 404
    write(site, {"slam.yaml": settings + "static: {folder: public, url: /assets}\n"})
    machine.run("deploy", cwd=site)
    assert requests.get(url + "assets/css/site.css").text == "h1 { color: red }"
    assert "the application has assets" in requests.get(url + "assets").text


def test_what_cannot_be_served_stops_the_build(machine, site):
    with (site / "public" / "film.mp4").open("wb") as film:
        film.truncate(10 * 1024 * 1024 + 1)
    told = machine.run("deploy", cwd=site, code=2).stderr
    assert "an API answers 10 MB at most, and these static files are larger: film.mp4" in told
    assert "static: {exclude" in told
    assert not (machine.home / "cloud" / "cloud.json").exists()
