"""Deployments by tools that know nothing of slam: Zappa, and the aws command's own packaging."""

import json
import os
import subprocess
import sys
import textwrap

import pytest
import requests

APP = """\
from flask import Flask

app = Flask(__name__)


@app.get("/hello/<name>")
def hello(name):
    return {"hello": name}
"""


@pytest.fixture(scope="session")
def zappa_environment(tmp_path_factory):
    """A virtual environment with Zappa and Flask, as Zappa wants its projects to have."""
    folder = tmp_path_factory.mktemp("zappa") / "venv"
    subprocess.run(["uv", "venv", "--quiet", "--seed", "--python", sys.executable, str(folder)], check=True, timeout=300)
    subprocess.run(
        ["uv", "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "zappa==0.63.0", "flask"],
        check=True,
        timeout=300,
    )
    return folder


def test_zappa_deploy(machine, tmp_path, zappa_environment):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    settings = {
        "dev": {
            "app_function": "app.app",
            "aws_region": "us-east-1",
            "project_name": "by-zappa",
            "runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
            "s3_bucket": "by-zappa-packages",
            "keep_warm": False,
            "touch": False,
        }
    }
    (folder / "zappa_settings.json").write_text(json.dumps(settings))
    machine.run("cloud", "start")
    environment = machine.environment(
        **machine.client_environment(),
        VIRTUAL_ENV=str(zappa_environment),
        PATH=f"{zappa_environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
    )

    def zappa(*arguments):
        done = subprocess.run(
            [str(zappa_environment / "bin" / "zappa"), *arguments],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=600,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    zappa("deploy", "dev")
    api = machine.client("apigateway").get_rest_apis()["items"][0]["id"]
    url = f"http://127.0.0.1:{machine.port}/_aws/execute-api/{api}/dev"
    assert requests.get(f"{url}/hello/zappa").json() == {"hello": "zappa"}

    (folder / "app.py").write_text(APP.replace('"hello":', '"updated":'))
    zappa("update", "dev")
    assert requests.get(f"{url}/hello/zappa").json() == {"updated": "zappa"}

    # Its undeploy asks EventBridge for rules, a service that the cloud does not have yet: refused by name.
    refused = subprocess.run(
        [str(zappa_environment / "bin" / "zappa"), "undeploy", "dev", "--yes"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=600,
    )
    told = refused.stdout + refused.stderr
    assert "the service events (its operation ListRuleNamesByTarget) is not supported by the embedded cloud" in told


def test_aws_cloudformation_package_and_deploy(machine, tmp_path):
    source = tmp_path / "src"
    source.mkdir()
    (source / "app.py").write_text("def handler(event, context):\n    return {'got': event}\n")
    (tmp_path / "template.yaml").write_text(
        textwrap.dedent(
            f"""\
            Resources:
              Role:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]
              Function:
                Type: AWS::Lambda::Function
                Properties:
                  Runtime: python{sys.version_info.major}.{sys.version_info.minor}
                  Handler: app.handler
                  Role: !GetAtt Role.Arn
                  Code: ./src
            Outputs:
              Name: {{Value: !Ref Function}}
            """
        )
    )
    machine.run("cloud", "start")
    machine.aws("s3", "mb", "s3://artifacts")
    package = ["--template-file", "template.yaml", "--s3-bucket", "artifacts", "--output-template-file", "packaged.yaml"]
    machine.aws("cloudformation", "package", *package, cwd=tmp_path)
    deploy = ["--template-file", "packaged.yaml", "--stack-name", "packaged", "--capabilities", "CAPABILITY_IAM"]
    machine.aws("cloudformation", "deploy", *deploy, cwd=tmp_path)
    name = machine.client("cloudformation").describe_stacks(StackName="packaged")["Stacks"][0]["Outputs"][0]["OutputValue"]
    answer = machine.client("lambda").invoke(FunctionName=name, Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"got": {"a": 1}}
