"""Dependencies in a layer of their own: `package: {layer: true}`, and layers of others."""

import io
import zipfile

import requests
from functions import runtime

CONFIG = """\
name: layered
app: app:app
kind: wsgi
runtime: {runtime}
package: {{layer: true}}
stages: {{dev: {{}}, prod: {{}}}}
"""
APP = """\
from flask import Flask
app = Flask(__name__)

@app.route("/")
def where():
    import flask
    return "{word} " + ("layer" if "/python/" in flask.__file__ else flask.__file__)
"""


def write(folder, word, requirements="flask\n"):
    (folder / "app.py").write_text(APP.replace("{word}", word))
    (folder / "requirements.txt").write_text(requirements)


def layer_versions(machine):
    client = machine.client("lambda")
    layers = client.list_layers()["Layers"]
    return [version["Version"] for layer in layers for version in client.list_layer_versions(LayerName=layer["LayerName"])["LayerVersions"]]


def test_dependencies_have_a_layer_that_changes_when_they_do(machine, tmp_path):
    (tmp_path / "slam.yaml").write_text(CONFIG.format(runtime=runtime()))
    write(tmp_path, "one")
    machine.run("deploy", cwd=tmp_path)
    url = {stage["name"]: stage["url"] for stage in machine.json("status", cwd=tmp_path)["stages"]}
    assert requests.get(url["dev"]).text == "one layer"
    function = machine.client("lambda").list_functions()["Functions"][0]
    assert function["CodeSize"] < 100_000 < function["Layers"][0]["CodeSize"]
    published = machine.json("publish", "prod", cwd=tmp_path)
    url = {stage["name"]: stage["url"] for stage in published["stages"]}

    # New code: the layer stays.
    before = function["Layers"][0]["Arn"]
    write(tmp_path, "two")
    machine.run("deploy", cwd=tmp_path)
    assert machine.client("lambda").list_functions()["Functions"][0]["Layers"][0]["Arn"] == before

    # New dependencies: another layer, and what is published keeps its own although that is gone.
    write(tmp_path, "three", "flask\nitsdangerous\nbottle\n")
    machine.run("deploy", cwd=tmp_path)
    after = machine.client("lambda").list_functions()["Functions"][0]["Layers"][0]["Arn"]
    assert after != before and len(layer_versions(machine)) == 1
    assert (requests.get(url["dev"]).text, requests.get(url["prod"]).text) == ("three layer", "one layer")

    # Of the same code, with other dependencies, a version is new.
    machine.run("publish", "prod", cwd=tmp_path)
    assert requests.get(url["prod"]).text == "three layer"
    machine.run("delete", "--yes", cwd=tmp_path)
    assert layer_versions(machine) == []


def test_a_streaming_runtime_finds_the_layer(machine, tmp_path):
    (tmp_path / "slam.yaml").write_text(CONFIG.format(runtime=runtime()) + "http: {stream: true}\n")
    write(tmp_path, "streamed")
    machine.run("deploy", cwd=tmp_path)
    url = machine.json("status", cwd=tmp_path)["stages"][0]["url"]
    assert requests.get(url).text == "streamed layer"


def test_layers_of_others_are_used_by_arn(machine, tmp_path):
    machine.run("cloud", "start")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("python/shared_words.py", "WORD = 'shared'\n")
    layer = machine.client("lambda").publish_layer_version(LayerName="words", Content={"ZipFile": content.getvalue()})
    (tmp_path / "app.py").write_text("def main():\n    import shared_words\n    return shared_words.WORD\n")
    config = f"name: uses\napp: app:main\nruntime: {runtime()}\nlayers: ['{layer['LayerVersionArn']}']\n"
    (tmp_path / "slam.yaml").write_text(config)
    machine.run("deploy", cwd=tmp_path)
    assert machine.run("invoke", cwd=tmp_path).stdout == "shared\n"

    # A layer that is not there fails the deployment in AWS's words.
    (tmp_path / "slam.yaml").write_text(config.replace(":words:1", ":words:7"))
    assert "words:7" in machine.run("deploy", cwd=tmp_path, code=1).stderr
    assert machine.run("invoke", cwd=tmp_path).stdout == "shared\n"


def test_a_layer_of_nothing_is_refused(machine, tmp_path):
    (tmp_path / "slam.yaml").write_text(f"name: empty\napp: app:main\nruntime: {runtime()}\npackage: {{layer: true}}\n")
    (tmp_path / "app.py").write_text("def main():\n    return 1\n")
    refused = machine.run("build", cwd=tmp_path, code=2).stderr
    assert "`package.layer` puts dependencies into a layer" in refused and "requirements.txt" in refused
