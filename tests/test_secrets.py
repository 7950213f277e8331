"""`secrets` of slam.yaml: values that are read when a function starts, and are nowhere else."""

import json
import re
import urllib.request

import functions
import pytest
from botocore.exceptions import ClientError

VALUE = "postgres://user:s3cr3t@db.internal/tasks"

APP = """
import os

import flask

# Read while it is imported, as applications do.
URL = os.environ["DATABASE_URL"]
app = flask.Flask(__name__)


@app.route("/")
def index():
    return {"url": URL, "environment": {name: value for name, value in os.environ.items() if name.startswith(("S", "D", "P"))}}
"""


class Site:
    """A Flask application with a secret, in a folder of its own."""

    def __init__(self, machine, folder, name):
        self.machine, self.folder, self.name = machine, folder / name, name
        self.folder.mkdir()
        (self.folder / "site_app.py").write_text(APP)
        (self.folder / "requirements.txt").write_text("flask\n")
        self.parameter = f"/{name}/database"
        self.ssm = machine.client("ssm")

    def write(self, *more):
        secrets = f"secrets:\n  DATABASE_URL: ssm:{self.parameter}\n"
        lines = f"name: {self.name}\napp: site_app:app\nkind: wsgi\nruntime: {functions.runtime()}\n{secrets}"
        (self.folder / "slam.yaml").write_text(lines + "\n".join(more) + "\n")

    def put(self, value=VALUE, name=None):
        self.ssm.put_parameter(Name=name or self.parameter, Value=value, Type="SecureString", Overwrite=True)

    def slam(self, *arguments, **keywords):
        return self.machine.run(*arguments, cwd=self.folder, **keywords)

    def deploy(self, *arguments):
        return json.loads(self.slam("deploy", "--json", *arguments).stdout)

    def get(self, stage="dev"):
        status = json.loads(self.slam("status", "--json").stdout)
        url = next(one["url"] for one in status["stages"] if one["name"] == stage)
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)

    def template(self):
        body = self.machine.client("cloudformation").get_template(StackName=self.name)["TemplateBody"]
        return body if isinstance(body, dict) else json.loads(body)

    def role(self):
        found = self.machine.client("cloudformation").describe_stack_resource(
            StackName=self.name, LogicalResourceId="FunctionExecutionRole"
        )
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def policies(self):
        """The statements of the role's policies."""
        iam, role = self.machine.client("iam"), self.role()
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        return {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"] for name in names}

    def invoke(self, qualifier="dev"):
        """What an invocation of the function itself answers; the function's name is the stack's output."""
        arn = self.template_output("FunctionArn")
        answer = self.machine.client("lambda").invoke(FunctionName=arn, Qualifier=qualifier, Payload=b"{}")
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())

    def template_output(self, name):
        stack = self.machine.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        return next(output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == name)


@pytest.fixture
def site(shared_machine, tmp_path, request):
    name = "s-" + re.sub(r"[^a-z]+", "-", request.node.name.removeprefix("test_"))[:30].strip("-")
    return Site(shared_machine, tmp_path, name)


def test_an_application_has_the_value_and_nothing_else_has(site):
    site.put()
    site.write("environment: {PLAIN: seen}")
    site.deploy()
    seen = site.get()
    assert seen["url"] == VALUE
    assert seen["environment"]["DATABASE_URL"] == VALUE and seen["environment"]["PLAIN"] == "seen"
    assert not {"SLAM_SECRETS", "SLAM_STAGES"} & set(seen["environment"])
    # Where the value is kept is in the template; the value is neither there, nor in the configuration, nor in the package.
    arn = site.template_output("FunctionArn")
    configuration = site.machine.client("lambda").get_function_configuration(FunctionName=arn)
    assert json.loads(configuration["Environment"]["Variables"]["SLAM_SECRETS"]) == {"DATABASE_URL": f"ssm:{site.parameter}"}
    assert VALUE not in json.dumps(site.template()) and VALUE not in json.dumps(configuration, default=str)
    logs = site.slam("logs", "--platform").stdout
    assert "GET" in logs and VALUE not in logs


def test_the_role_may_read_just_what_is_named(site):
    site.put()
    site.put("other", f"{site.parameter}/other")
    site.write()
    site.deploy()
    statements = site.policies()["Secrets"]
    own = f"arn:aws:ssm:us-east-1:000000000000:parameter{site.parameter}"
    assert statements == [{"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": [own]}]
    assert site.get()["url"] == VALUE
    # Without that it does not start, and says why and for which variable.
    iam, role = site.machine.client("iam"), site.role()
    iam.delete_role_policy(RoleName=role, PolicyName="Secrets")
    arn = site.template_output("FunctionArn")
    site.machine.client("lambda").update_function_configuration(FunctionName=arn, Description="anew")
    failed, error = site.invoke()
    assert failed and error["errorType"] == "SecretsError"
    assert "DATABASE_URL" in error["errorMessage"] and "ssm:GetParameters on resource: " + own in error["errorMessage"]
    assert "slam deploy" in error["errorMessage"]


def test_a_secret_that_is_missing_is_told_with_how_it_is_made(site):
    site.write()
    refused = site.slam("deploy", code=2).stderr
    assert f"there is no parameter {site.parameter} (local, account 000000000000, us-east-1)" in refused
    assert "slam.yaml:6:3" in refused and "DATABASE_URL" in refused
    assert f"aws ssm put-parameter --name {site.parameter} --type SecureString --value" in refused
    with pytest.raises(ClientError, match="does not exist"):
        site.template()
    # Whoever goes on without hears of it from the function, by its name and never with a value.
    site.deploy("--no-check")
    failed, error = site.invoke()
    expected = f"slam: secrets cannot be read: DATABASE_URL (ssm:{site.parameter}): there is no such parameter in us-east-1"
    assert (failed, error["errorType"], error["errorMessage"]) == ("Unhandled", "SecretsError", expected)
    assert f"ssm:{site.parameter}" in site.slam("logs").stdout
    # Once it is there, the next environment starts.
    site.put()
    assert site.get()["url"] == VALUE


def test_a_value_is_read_when_an_environment_starts(site):
    site.put("one")
    site.write("stages: {dev: {}, prod: {}}")
    site.deploy()
    site.slam("publish", "prod")
    assert (site.get()["url"], site.get("prod")["url"]) == ("one", "one")
    site.put("two")
    assert (site.get()["url"], site.get("prod")["url"]) == ("one", "one")
    # With something new to publish both start anew.
    site.write("stages: {dev: {}, prod: {}}", "environment: {PLAIN: new}")
    site.deploy()
    assert (site.get()["url"], site.get("prod")["url"]) == ("two", "one")
    site.slam("publish", "prod")
    assert site.get("prod")["url"] == "two"


def test_a_version_is_published_as_it_was(site):
    site.put("one")
    site.write("stages: {dev: {}, prod: {}}")
    site.parameter += ":1"
    site.write("stages: {dev: {}, prod: {}}")
    site.deploy()
    site.slam("publish", "prod")
    site.put("two", site.parameter.removesuffix(":1"))
    site.parameter = site.parameter.removesuffix(":1") + ":2"
    site.write("stages: {dev: {}, prod: {}}")
    site.deploy()
    assert (site.get()["url"], site.get("prod")["url"]) == ("two", "one")


def test_stages_have_secrets_of_their_own(site):
    site.put("of dev")
    prod = f"{site.parameter}/prod"
    stages = f"stages: {{dev: {{}}, test: {{environment: {{DATABASE_URL: plain}}}}, prod: {{secrets: {{DATABASE_URL: 'ssm:{prod}'}}}}}}"
    site.write(stages)
    site.deploy()
    # What is published is what is deployed: also what prod will read is known by that.
    refused = site.slam("publish", "prod", code=2).stderr
    assert f"there is no parameter {prod}" in refused and "which the stage prod reads `DATABASE_URL` from" in refused
    site.put("of prod", prod)
    site.slam("publish", "prod")
    site.slam("publish", "test")
    assert [site.get(stage)["url"] for stage in ("dev", "test", "prod")] == ["of dev", "plain", "of prod"]


def test_a_published_version_goes_on_with_what_slam_yaml_names_no_more(site):
    site.put()
    site.write("stages: {dev: {}, prod: {}}")
    site.deploy()
    site.slam("publish", "prod")
    before, site.parameter = site.parameter, f"{site.parameter}/new"
    site.put("new")
    site.write("stages: {dev: {}, prod: {}}")
    site.deploy()
    arn = "arn:aws:ssm:us-east-1:000000000000:parameter"
    policies = site.policies()
    assert [policies[name][0]["Resource"] for name in ("Secrets", "SecretsOfPublishedVersions")] == [
        [arn + site.parameter],
        [arn + before],
    ]
    assert (site.get()["url"], site.get("prod")["url"]) == ("new", VALUE)


def test_a_project_may_make_its_own_parameter(site):
    site.write(
        "resources:",
        f"  Database: {{Type: 'AWS::SSM::Parameter', Properties: {{Name: {site.parameter}, Type: String, Value: made}}}}",
    )
    site.deploy()
    assert site.get()["url"] == "made"


def test_the_check_before_a_deployment_has_no_secrets_and_says_so(site):
    site.put()
    site.write()
    told = site.slam("deploy").stderr
    assert "site_app:app was imported up to where it needs the secret `DATABASE_URL`" in told
    assert "warning" not in told


def test_secrets_manager_keeps_them_too(site):
    """A whole secret, and two values of one that is a JSON object, which is read once."""
    manager = site.machine.client("secretsmanager")
    whole, parts = f"{site.name}/key", f"{site.name}/mail"
    manager.create_secret(Name=whole, SecretString="whole secret")
    site.put()
    site.write()
    config = site.folder / "slam.yaml"
    more = f"  DIRECT: secretsmanager:{whole}\n  PASSWORD: secretsmanager:{parts}#password\n  PORT: secretsmanager:{parts}#port\n"
    config.write_text(config.read_text().rstrip("\n") + "\n" + more)
    refused = site.slam("deploy", code=2).stderr
    assert f"there is no secret {parts} (local, account 000000000000, us-east-1)" in refused
    assert f"aws secretsmanager create-secret --name {parts} --secret-string" in refused and whole not in refused
    arn = manager.create_secret(Name=parts, SecretString=json.dumps({"password": "p4ss", "port": 25}))["ARN"]
    # A name that begins with this one is another secret, which the role may not read.
    manager.create_secret(Name=f"{parts}-abcdef-more", SecretString="other")
    site.deploy()
    seen = site.get()["environment"]
    assert [seen[name] for name in ("DIRECT", "PASSWORD", "PORT", "DATABASE_URL")] == ["whole secret", "p4ss", "25", VALUE]
    prefix = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"
    allowed = {statement["Action"]: statement["Resource"] for statement in site.policies()["Secrets"]}
    assert allowed["secretsmanager:GetSecretValue"] == [f"{prefix}{whole}-??????", f"{prefix}{parts}-??????"]
    assert arn.startswith(f"{prefix}{parts}-") and set(allowed) == {"secretsmanager:GetSecretValue", "ssm:GetParameters"}
    # What is about to be deleted cannot be read any more.
    manager.delete_secret(SecretId=whole, RecoveryWindowInDays=7)
    assert f"there is no secret {whole}" in site.slam("deploy", code=2).stderr
    # A key that it has not is found out when a function starts: nobody reads a value before.
    manager.restore_secret(SecretId=whole)
    manager.put_secret_value(SecretId=parts, SecretString=json.dumps({"password": "p4ss"}))
    config.write_text(config.read_text() + "environment: {PLAIN: anew}\n")
    site.deploy()
    failed, error = site.invoke()
    assert (failed, error["errorMessage"]) == (
        "Unhandled",
        f"slam: secrets cannot be read: PORT (secretsmanager:{parts}#port): the secret has no 'port'",
    )
