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


def test_delete_takes_no_stage_that_was_not_named(machine, shop):
    slam_yaml(shop, "stages: {dev: {}, prod: {}}\n")
    machine.run("deploy", cwd=shop)
    refused = machine.run("delete", "--yes", "--stage", "prod", cwd=shop, code=2).stderr
    assert "dev and prod live in one stack, and are deleted together" in refused
    assert "`slam delete --stage dev,prod`" in refused
    assert says(machine, shop, "dev") == "one"
    said = machine.run("delete", "--yes", "--stage", "prod,dev", cwd=shop).stderr
    assert "dev, prod: " in said and "gone for good" in said
    assert everything_left(machine) == {}


def test_a_stage_that_is_new_in_slam_yaml_is_deployed_first(machine, shop):
    slam_yaml(shop, "stages: {dev: {}}\n")
    machine.run("deploy", cwd=shop)
    slam_yaml(shop, "stages: {dev: {}, prod: {}}\n")
    refused = machine.run("publish", "prod", cwd=shop, code=1).stderr
    assert "prod is new in slam.yaml: the stack does not have it yet" in refused and "`slam deploy`" in refused
    machine.run("deploy", cwd=shop)
    machine.run("publish", "prod", cwd=shop)
    assert says(machine, shop, "prod") == "one"


def test_nothing_is_promoted_from_a_stack_that_is_not_there(machine, shop):
    told = machine.run("publish", "prod", "--yes", cwd=shop, code=1).stderr
    assert "is not deployed" in told and "slam deploy" in told
    assert stack_names(machine, "eu-west-1") == []


@pytest.mark.parametrize("more", [REGIONS, "stages: {dev: {}, prod: {}}\n"])
def test_files_that_were_changed_since_are_not_published_unsaid(machine, shop, more):
    slam_yaml(shop, more)
    machine.run("deploy", cwd=shop)
    assert "files have changed" not in machine.run("publish", "prod", "--yes", cwd=shop).stderr
    (shop / "tell.py").write_text(APP.replace("one", "two"))
    told = machine.run("publish", "prod", cwd=shop).stderr
    assert "files have changed since `dev` was deployed: they are not in what is published" in told
    assert "`slam deploy`" in told and "nothing has changed" in told
    assert says(machine, shop, "prod") == "one"
    machine.run("deploy", cwd=shop)
    assert "files have changed" not in machine.run("publish", "prod", cwd=shop).stderr
    assert says(machine, shop, "prod") == "two"


# Whose cloud it is


def a_port_answers(port, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server has ended"
        try:
            requests.get(f"http://127.0.0.1:{port}/")
            return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers on {port}")


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    """A program of others that speaks AWS's protocols, not always with AWS's answers."""
    port = free_port()
    command = ["uv", "tool", "run", "--from", "moto[server]==5.2.5", "moto_server", "-p", str(port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with (tmp_path_factory.mktemp("moto") / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            a_port_answers(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def credentials(**more):
    return {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", **more}


def no_credentials(folder):
    """An environment in which AWS's SDKs find nothing."""
    return {"AWS_CONFIG_FILE": str(folder / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none")}


def test_a_stage_that_cannot_be_reached_leaves_the_others_alone(machine, shop, tmp_path):
    slam_yaml(shop, ON_AWS)
    nothing = no_credentials(tmp_path)
    said = machine.run("deploy", cwd=shop, **nothing).stderr
    assert "prod  aws eu-west-1: untouched" in said
    shown = machine.run("status", cwd=shop, code=1, **nothing)
    assert "stage     dev  newest code ($LATEST)" in shown.stdout and "prod  cannot be told" in shown.stdout
    assert "prod (aws eu-west-1) cannot be reached" in shown.stderr and "aws configure" in shown.stderr
    told = json.loads(machine.run("status", "--json", cwd=shop, code=1, **nothing).stdout)
    assert stages(told)["dev"]["version"] == "$LATEST"
    assert stages(told)["prod"]["version"] is None and stages(told)["prod"]["problem"]
    refused = machine.run("publish", "prod", "--yes", cwd=shop, code=1, **nothing).stderr
    assert "prod (aws eu-west-1) cannot be reached" in refused
    assert machine.run("invoke", cwd=shop, **nothing).stdout.strip() == "one"


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_CLOUDFORMATION"])
def test_aws_is_never_the_embedded_cloud(machine, shop, name):
    slam_yaml(shop, ON_AWS)
    machine.run("deploy", cwd=shop)
    variables = machine.client_environment()
    url = variables.pop("AWS_ENDPOINT_URL")
    refused = machine.run("publish", "prod", "--yes", cwd=shop, code=1, **{**variables, name: url}).stderr
    assert f"it is `target: aws`, and {url} is an embedded cloud of slam's" in refused
    assert f"unset {name} AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY" in refused
    assert stack_names(machine, "eu-west-1") == []
    # The stages that are local need none of this, and are not disturbed by it.
    machine.run("deploy", cwd=shop, **{**variables, name: url})
    shown = machine.run("status", cwd=shop, code=1, **{**variables, name: url})
    assert "stage     dev  newest code ($LATEST)" in shown.stdout and "embedded cloud of slam's" in shown.stderr


def test_a_profile_with_an_endpoint_is_seen_too(machine, shop, tmp_path):
    slam_yaml(shop, ON_AWS.replace("region:", "profile: company, region:"))
    machine.run("deploy", cwd=shop)
    variables = machine.client_environment()
    config = tmp_path / "config"
    config.write_text(
        f"[profile company]\nendpoint_url = {variables['AWS_ENDPOINT_URL']}\n"
        f"aws_access_key_id = {variables['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {variables['AWS_SECRET_ACCESS_KEY']}\n"
    )
    refused = machine.run("publish", "prod", "--yes", cwd=shop, code=1, AWS_CONFIG_FILE=str(config)).stderr
    assert "is an embedded cloud of slam's" in refused
    assert "remove `endpoint_url` of the profile company" in refused


def test_what_another_cloud_answers_is_not_taken_for_done(machine, shop, moto):
    slam_yaml(shop, ON_AWS)
    machine.run("deploy", cwd=shop)
    there = credentials(AWS_ENDPOINT_URL=moto)
    done = machine.run("publish", "prod", "--yes", cwd=shop, code=1, **there)
    assert f"aws, account 123456789012, eu-west-1, at {moto}" in done.stderr
    assert "does not answer as AWS does" in done.stderr
    assert "is published" not in done.stderr and "published" not in done.stdout
    # What it has is not called deleted, or kept, before it was looked at.
    done = subprocess.run(
        [machine.binary, "delete", "--yes", "--stage", "prod"],
        cwd=shop, env=machine.environment(**there), capture_output=True, text=True, timeout=120,
    )
    assert "because the template says so" not in done.stderr
    left = boto3.client(
        "cloudformation", endpoint_url=moto, region_name="eu-west-1",
        aws_access_key_id="testing", aws_secret_access_key="testing",
    )
    stacks = left.list_stacks()["StackSummaries"]
    names = [stack["StackName"] for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"]
    assert ("shop is deleted" in done.stderr) == (done.returncode == 0), done.stderr
    assert done.returncode != 0 or names == [], done.stderr
    assert says(machine, shop, "dev") == "one"


# A deployment under way


def slow(folder, count=450, word="slow", last=""):
    """A template that takes a while: log groups that wait for each other, and at the end maybe something that fails."""
    groups = "".join(
        f"  Group{number}: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: {word}-{number}}}"
        + (f", DependsOn: Group{number - 1}" if number else "")
        + "}\n"
        for number in range(count)
    )
    slam_yaml(folder, f"resources:\n{groups}{last}")


def start(machine, folder, *arguments):
    return subprocess.Popen(
        [machine.binary, *arguments], cwd=folder, env=machine.environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )


def under_way(machine, process, stack="shop"):
    """Waits until the stack is being changed."""
    client = machine.client("cloudformation")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        if any("IN_PROGRESS" in one["StackStatus"] and "REVIEW" not in one["StackStatus"]
               for one in client.describe_stacks()["Stacks"]):
            return
        time.sleep(0.01)
    raise AssertionError("nothing is under way")


def status_of(machine, stack="shop"):
    return machine.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]


def test_two_deployments_at_once(machine, shop):
    slam_yaml(shop)
    machine.run("deploy", cwd=shop)
    slow(shop)
    first = start(machine, shop, "deploy")
    under_way(machine, first)
    told = machine.run("deploy", cwd=shop, code=1).stderr
    assert "another deployment of shop runs since" in told and "UPDATE_IN_PROGRESS" in told and "--wait" in told
    assert first.wait(120) == 0, first.communicate()


def test_a_deployment_waits_for_another(machine, shop):
    slam_yaml(shop)
    machine.run("deploy", cwd=shop)
    slow(shop)
    first = start(machine, shop, "deploy")
    under_way(machine, first)
    slam_yaml(shop)
    (shop / "tell.py").write_text(APP.replace("one", "two"))
    said = machine.run("deploy", "--wait", cwd=shop).stderr
    assert "another deployment of shop runs since" in said
    assert first.wait(120) == 0, first.communicate()
    assert says(machine, shop, "dev") == "two"
    assert machine.client("logs").describe_log_groups(logGroupNamePrefix="slow-")["logGroups"] == []


def test_status_says_what_is_under_way(machine, shop):
    slam_yaml(shop)
    machine.run("deploy", cwd=shop)
    slow(shop)
    first = start(machine, shop, "deploy")
    under_way(machine, first)
    assert "UPDATE_IN_PROGRESS since" in machine.run("status", cwd=shop).stdout
    assert first.wait(120) == 0, first.communicate()


def test_ctrl_c_says_what_goes_on(machine, shop):
    slam_yaml(shop)
    machine.run("deploy", cwd=shop)
    slow(shop)
    first = start(machine, shop, "deploy")
    under_way(machine, first)
    first.send_signal(signal.SIGINT)
    out, errors = first.communicate(timeout=30)
    assert first.returncode == 130, (out, errors)
    assert "the cloud goes on with shop by itself (UPDATE_IN_PROGRESS)" in errors and "slam status" in errors
    assert "is deployed" not in errors
    said = machine.run("deploy", "--wait", cwd=shop).stderr
    assert "nothing has changed" in said
    assert status_of(machine) == "UPDATE_COMPLETE"
    assert machine.client("logs").describe_log_groups(logGroupNamePrefix="slow-449")["logGroups"]


BROKEN = (
    "  Broken: {Type: AWS::Lambda::Function, DependsOn: Group2, Properties: {Handler: a.b, Runtime: RUNTIME, "
    "Role: 'arn:aws:iam::000000000000:role/nobody', Code: {S3Bucket: nowhere-at-all, S3Key: gone.zip}}}\n"
)


def test_a_deployment_that_fails_is_told_once_and_by_its_line(machine, shop):
    slam_yaml(shop)
    machine.run("deploy", cwd=shop)
    slow(shop, 3, "gone", BROKEN.replace("RUNTIME", runtime()))
    (shop / "tell.py").write_text(APP.replace("one", "never"))
    line = next(number for number, text in enumerate((shop / "slam.yaml").read_text().splitlines(), 1) if "Broken" in text)
    errors = machine.run("deploy", cwd=shop, code=1).stderr
    assert "the old deployment is as it was" in errors
    assert f"slam.yaml:{line}" in errors
    assert errors.count("nowhere-at-all does not exist") <= 1 and "RequestToken" not in errors
    # What was made and taken back again has no tick, and is not called made.
    for group in range(3):
        lines = [text for text in errors.splitlines() if f"Group{group} " in text]
        assert lines and "✓" not in lines[-1], errors
    shown = machine.run("status", cwd=shop).stdout
    assert "the last deployment failed" in shown and "what was deployed before runs" in shown
    # When that was is not told by the time at which it was brought back.
    assert "deployed at a time that is not known" in shown
    assert "Broken: " in shown and "Group2: " not in shown
    failed = machine.json("status", cwd=shop)["stacks"][0]["last_deployment_failed"]
    assert [failure["resource"] for failure in failed["failures"]] == ["Broken"]
    assert says(machine, shop, "dev") == "one"
    # And the next one that succeeds ends this.
    slam_yaml(shop)
    (shop / "tell.py").write_text(APP.replace("one", "two"))
    machine.run("deploy", cwd=shop)
    assert "failed" not in machine.run("status", cwd=shop).stdout


def test_a_first_deployment_that_fails_leaves_nothing(machine, shop):
    slow(shop, 3, "gone", BROKEN.replace("RUNTIME", runtime()))
    errors = machine.run("deploy", cwd=shop, code=1).stderr
    assert "Broken" in errors
    assert "nothing is deployed" in errors and "the old deployment" not in errors
    assert everything_left(machine) == {}
