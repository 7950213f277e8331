"""Layers: published, given to functions, seen in /opt, shared, deleted."""

import io
import json
import subprocess
import sys
import zipfile

import botocore.exceptions
import functions
import pytest
import requests


def content(**files):
    """The content of a layer: `content(**{"python/tool.py": "…"})`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def publish(machine, name, **files):
    layer = machine.client("lambda").publish_layer_version(LayerName=name, Content={"ZipFile": content(**files)})
    return layer["LayerVersionArn"]


def invoke(machine, name):
    answer = machine.client("lambda").invoke(FunctionName=name)
    payload = json.load(answer["Payload"])
    assert "FunctionError" not in answer, payload
    return payload


@pytest.fixture(scope="module")
def role(shared_machine):
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    iam = shared_machine.client("iam")
    return iam.create_role(RoleName="layers", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]


def test_a_function_sees_its_layers(shared_machine, role):
    site = f"python/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    lower = publish(shared_machine, "lower", **{"python/one.py": "FROM = 1", "python/two.py": "FROM = 1", f"{site}/three.py": "FROM = 'site'"})
    upper = publish(shared_machine, "upper", **{"python/two.py": "FROM = 2"})
    source = "import one, two, three\ndef handler(event, context): return [one.FROM, two.FROM, three.FROM]"
    client = functions.create(shared_machine, role, source, name="sees", Layers=[lower, upper])
    assert invoke(shared_machine, "sees") == [1, 2, "site"]
    shown = client.get_function_configuration(FunctionName="sees")["Layers"]
    assert [layer["Arn"] for layer in shown] == [lower, upper]
    assert all(layer["CodeSize"] > 0 for layer in shown)
    assert client.list_functions()["Functions"][0]["Layers"] == shown


def test_the_content_of_a_layer_is_to_be_had(shared_machine):
    package = content(**{"python/tool.py": "NAME = 'x'"})
    client = shared_machine.client("lambda")
    published = client.publish_layer_version(
        LayerName="had", Description="d", LicenseInfo="MIT", Content={"ZipFile": package},
        CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["x86_64", "arm64"],
    )
    got = client.get_layer_version(LayerName="had", VersionNumber=1)
    by_arn = client.get_layer_version_by_arn(Arn=published["LayerVersionArn"])
    for answer in (got, by_arn):
        assert answer["LayerArn"] + ":1" == answer["LayerVersionArn"] == published["LayerVersionArn"]
        assert (answer["Description"], answer["LicenseInfo"], answer["Version"]) == ("d", "MIT", 1)
        assert answer["CompatibleRuntimes"] == ["python3.12"]
        assert answer["Content"]["CodeSha256"] == published["Content"]["CodeSha256"]
        assert requests.get(answer["Content"]["Location"]).content == package


def test_a_layer_comes_from_a_bucket(shared_machine, role):
    s3 = shared_machine.client("s3")
    s3.create_bucket(Bucket="layers")
    s3.put_bucket_versioning(Bucket="layers", VersioningConfiguration={"Status": "Enabled"})
    versions = [
        s3.put_object(Bucket="layers", Key="l.zip", Body=content(**{"python/tool.py": f"NAME = {name}"}))["VersionId"]
        for name in (1, 2)
    ]
    client = shared_machine.client("lambda")
    source = {"S3Bucket": "layers", "S3Key": "l.zip"}
    latest = client.publish_layer_version(LayerName="stored", Content=source)
    first = client.publish_layer_version(LayerName="stored", Content={**source, "S3ObjectVersion": versions[0]})
    code = "import tool\ndef handler(event, context): return tool.NAME"
    functions.create(shared_machine, role, code, name="stored", Layers=[latest["LayerVersionArn"]])
    assert invoke(shared_machine, "stored") == 2
    client.update_function_configuration(FunctionName="stored", Layers=[first["LayerVersionArn"]])
    assert invoke(shared_machine, "stored") == 1


def test_a_deleted_layer_stays_with_its_functions(machine, function_role):
    machine.run("cloud", "start")
    layers = [publish(machine, name, **{f"python/{name}.py": f"NAME = '{name}'"}) for name in ("one", "two")]
    source = "import one, two\ndef handler(event, context): return one.NAME + two.NAME"
    client = functions.create(machine, function_role(machine, "r"), source, Layers=layers)
    for name in ("one", "two"):
        client.delete_layer_version(LayerName=name, VersionNumber=1)
    assert client.list_layers()["Layers"] == []
    machine.run("cloud", "stop")
    machine.run("cloud", "start")
    assert invoke(machine, "f") == "onetwo"
    with pytest.raises(botocore.exceptions.ClientError, match="Layer version .*:layer:one:1 does not exist"):
        machine.client("lambda").update_function_configuration(FunctionName="f", Layers=layers[:1])
    # The number is not used again.
    assert publish(machine, "one", x="y").endswith(":layer:one:2")


def test_what_belongs_to_others_needs_their_permission(machine, function_role):
    machine.run("cloud", "start")
    arn = publish(machine, "l", x="y")
    iam = machine.client("iam")
    iam.create_user(UserName="u")
    actions = ["lambda:CreateFunction", "iam:PassRole", "lambda:PublishLayerVersion"]
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps(allow))
    key = iam.create_access_key(UserName="u")["AccessKey"]
    user = machine.client("lambda", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    create = dict(
        FunctionName="g", Runtime=functions.runtime(), Handler="app.handler", Role=function_role(machine, "r"),
        Code={"ZipFile": functions.package(app="def handler(e, c): pass")}, Layers=[arn],
    )
    user.publish_layer_version(LayerName="m", Content={"ZipFile": content(x="y")})
    with pytest.raises(botocore.exceptions.ClientError, match="not authorized to perform: lambda:GetLayerVersion on resource: .*:layer:l:1"):
        user.create_function(**create)
    machine.client("lambda").add_layer_version_permission(
        LayerName="l", VersionNumber=1, StatementId="s", Action="lambda:GetLayerVersion", Principal="*"
    )
    user.create_function(**create)
    foreign = "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-x86_64:1"
    with pytest.raises(botocore.exceptions.ClientError, match=f"NotImplemented.*{foreign}"):
        machine.client("lambda").update_function_configuration(FunctionName="g", Layers=[foreign])


def test_a_wrapper_script_is_a_layer(shared_machine, role):
    """AWS's example: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper-example"""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        script = zipfile.ZipInfo("importtime_wrapper")
        script.external_attr = 0o100755 << 16
        archive.writestr(script, '#!/bin/bash\nargs=("$@")\nextra_args=("-X" "importtime")\n'
                         'args=("${args[@]:0:$#-1}" "${extra_args[@]}" "${args[@]: -1}")\nexec "${args[@]}"\n')
    client = shared_machine.client("lambda")
    layer = client.publish_layer_version(LayerName="wrapper", Content={"ZipFile": buffer.getvalue()})
    source = "import sys\ndef handler(event, context): return sys._xoptions.get('importtime')"
    functions.create(
        shared_machine, role, source, name="wrapped", Layers=[layer["LayerVersionArn"]],
        Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/importtime_wrapper"}},
    )
    assert invoke(shared_machine, "wrapped") is True


def test_the_aws_command_publishes_layers(shared_machine, tmp_path):
    (tmp_path / "l.zip").write_bytes(content(x="y"))
    arguments = ("lambda", "publish-layer-version", "--layer-name", "cli", "--zip-file", f"fileb://{tmp_path / 'l.zip'}")
    assert json.loads(shared_machine.aws(*arguments).stdout)["Version"] == 1
    listed = json.loads(shared_machine.aws("lambda", "list-layer-versions", "--layer-name", "cli").stdout)
    assert [version["Version"] for version in listed["LayerVersions"]] == [1]
