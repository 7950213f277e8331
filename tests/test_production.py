"""Production is only touched on purpose: stages in several stacks, promotion between them, and what cannot be reached."""

import json
import os
import pathlib
import select
import signal
import subprocess
import time

import boto3
import pytest
import requests
from conftest import free_port
from functions import runtime
from test_tutorials import everything_left

APP = "def tell():\n    return 'one'\n"
SITE = """\
from flask import Flask
app = Flask(__name__)

@app.route("/")
def root():
    import flask, os
    return "{word} of " + os.environ["STAGE"] + (" with a layer" if "/python/" in flask.__file__ else "")
"""
# Two stacks of one cloud: promotion goes from one region to the other.
REGIONS = "stages: {dev: {}, prod: {region: eu-west-1}}\n"
ON_AWS = "stages: {dev: {}, prod: {target: aws, region: eu-west-1}}\n"


def slam_yaml(folder, more="", app="tell:tell"):
    (folder / "slam.yaml").write_text(f"name: shop\napp: {app}\n{more}")


@pytest.fixture
def shop(tmp_path):
    """A function with two stages that live in different regions."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "tell.py").write_text(APP)
    slam_yaml(folder, REGIONS)
    return folder


@pytest.fixture
def site(tmp_path):
    """A Flask application with a layer, static files and a table."""
    folder = tmp_path / "site"
    (folder / "public").mkdir(parents=True)
    (folder / "web.py").write_text(SITE.replace("{word}", "one"))
    (folder / "requirements.txt").write_text("flask\n")
    (folder / "public" / "site.css").write_text("h1 { color: red }")
    slam_yaml(
        folder,
        f"{REGIONS}kind: wsgi\nruntime: {runtime()}\npackage: {{layer: true}}\nstatic: {{folder: public, url: /static}}\n"
        "tables: {tasks: {attributes: {id: S}, key: id}}\n",
        app="web:app",
    )
    return folder


def stages(answer):
    return {stage["name"]: stage for stage in answer["stages"]}


def says(machine, folder, stage):
    return machine.run("invoke", "--stage", stage, cwd=folder).stdout.strip()


def stack_names(machine, region):
    stacks = machine.client("cloudformation", region_name=region).describe_stacks()["Stacks"]
    return [stack["StackName"] for stack in stacks]


def function_of(machine, region, stage):
    """What an alias runs, by its own region's Lambda."""
    client = machine.client("lambda", region_name=region)
    name = client.list_functions()["Functions"][0]["FunctionName"]
    return client.get_function_configuration(FunctionName=name, Qualifier=stage)


# Promotion


def test_deploy_leaves_the_other_stack_alone_and_publish_promotes_what_runs(machine, shop):
    said = machine.run("deploy", cwd=shop).stderr
    account = machine.client("sts").get_caller_identity()["Account"]
    assert f"local, account {account}, us-east-1" in said
    assert "prod  local eu-west-1: untouched; `slam publish prod` promotes" in said
    assert stack_names(machine, "eu-west-1") == []
    status = machine.run("status", cwd=shop).stdout
    assert "prod  not deployed: `slam publish prod` promotes" in status

    # The first time a stack is made, which is asked.
    refused = machine.run("publish", "prod", cwd=shop, code=1).stderr
    assert "AWS::Lambda::Function" in refused and "--yes" in refused
    assert stack_names(machine, "eu-west-1") == []

    said = machine.run("publish", "prod", "--yes", cwd=shop).stderr
    assert f"local, account {account}, us-east-1" in said and f"local, account {account}, eu-west-1" in said
    assert says(machine, shop, "prod") == "one"
    dev, prod = function_of(machine, "us-east-1", "dev"), function_of(machine, "eu-west-1", "prod")
    assert (dev["Version"], prod["Version"]) == ("$LATEST", "1")
    assert dev["CodeSha256"] == prod["CodeSha256"]
    # Each stack has its own stage alone.
    for region, own, other in (("us-east-1", "dev", "prod"), ("eu-west-1", "prod", "dev")):
        client = machine.client("lambda", region_name=region)
        name = client.list_functions()["Functions"][0]["FunctionName"]
        assert [alias["Name"] for alias in client.list_aliases(FunctionName=name)["Aliases"]] == [own], other
    assert "nothing has changed" in machine.run("publish", "prod", cwd=shop).stderr

    # New code goes to dev; what prod's stack runs stays, and the next publication needs no question.
    (shop / "tell.py").write_text(APP.replace("one", "two"))
    machine.run("deploy", cwd=shop)
    assert (says(machine, shop, "dev"), says(machine, shop, "prod")) == ("two", "one")
    published = stages(machine.json("publish", "prod", cwd=shop))
    assert published["prod"]["version"] == "2"
    assert says(machine, shop, "prod") == "two"
    machine.run("publish", "prod", "--version", "1", cwd=shop)
    assert (says(machine, shop, "dev"), says(machine, shop, "prod")) == ("two", "one")
    assert function_of(machine, "eu-west-1", "prod")["Version"] == "1"
    both = stages(machine.json("status", cwd=shop))
    assert (both["dev"]["version"], both["prod"]["version"]) == ("$LATEST", "1")


def test_layers_static_files_and_tables_come_along(machine, site):
    machine.run("deploy", cwd=site)
    published = stages(machine.json("publish", "prod", "--yes", cwd=site))
    status = stages(machine.json("status", cwd=site))
    dev, prod = status["dev"]["url"], status["prod"]["url"]
    assert published["prod"]["url"] == prod
    assert requests.get(dev).text == "one of dev with a layer"
    assert requests.get(prod).text == "one of prod with a layer"
    assert requests.get(prod + "static/site.css").text == "h1 { color: red }"
    tables = {region: machine.client("dynamodb", region_name=region).list_tables()["TableNames"] for region in ("us-east-1", "eu-west-1")}
    assert tables == {"us-east-1": ["dev.tasks"], "eu-west-1": ["prod.tasks"]}

    (site / "web.py").write_text(SITE.replace("{word}", "two"))
    (site / "public" / "site.css").write_text("h1 { color: blue }")
    machine.run("deploy", cwd=site)
    assert requests.get(prod).text == "one of prod with a layer"
    assert requests.get(prod + "static/site.css").text == "h1 { color: red }"
    machine.run("publish", "prod", cwd=site)
    assert requests.get(prod).text == "two of prod with a layer"
    assert requests.get(prod + "static/site.css").text == "h1 { color: blue }"


def test_a_stage_of_another_stack_is_a_source(machine, shop):
    slam_yaml(shop, "stages: {dev: {}, beta: {}, prod: {region: eu-west-1}, live: {region: us-west-2}}\n")
    machine.run("deploy", cwd=shop)
    unpublished = machine.run("publish", "prod", "--version", "beta", "--yes", cwd=shop, code=1).stderr
    assert "slam publish beta" in unpublished
    assert stack_names(machine, "eu-west-1") == []
    machine.run("publish", "beta", cwd=shop)
    (shop / "tell.py").write_text(APP.replace("one", "two"))
    machine.run("deploy", cwd=shop)
    # What beta is at, and not the newest code of the stack that it lives in.
    machine.run("publish", "prod", "--version", "beta", "--yes", cwd=shop)
    assert says(machine, shop, "prod") == "one"
    machine.run("publish", "live", "--version", "prod", "--yes", cwd=shop)
    assert [says(machine, shop, stage) for stage in ("dev", "beta", "prod", "live")] == ["two", "one", "one", "one"]
    # And back again, within the first stack.
    machine.run("publish", "prod", cwd=shop)
    machine.run("publish", "beta", "--version", "prod", cwd=shop)
    assert says(machine, shop, "beta") == "two"


def test_delete_takes_several_stacks_only_by_name(machine, shop):
    machine.run("deploy", cwd=shop)
    machine.run("publish", "prod", "--yes", cwd=shop)
    refused = machine.run("delete", "--yes", cwd=shop, code=2).stderr
    assert "the stages live in 2 stacks" in refused and "prod (local eu-west-1)" in refused and "--stage" in refused
    machine.run("delete", "--yes", "--stage", "dev", cwd=shop)
    assert (stack_names(machine, "us-east-1"), stack_names(machine, "eu-west-1")) == ([], ["shop"])
    assert says(machine, shop, "prod") == "one"
    machine.run("delete", "--yes", "--stage", "prod", cwd=shop)
    assert stack_names(machine, "eu-west-1") == []
    assert everything_left(machine) == {}


def test_nothing_is_promoted_from_a_stack_that_is_not_there(machine, shop):
    told = machine.run("publish", "prod", "--yes", cwd=shop, code=1).stderr
    assert "is not deployed" in told and "slam deploy" in told
    assert stack_names(machine, "eu-west-1") == []
