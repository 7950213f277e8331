"""boto3 and the aws command, with nothing but what `slam env` prints."""

import json
import time
import textwrap

import pytest

TEMPLATE = """\
Parameters:
  Suffix: {Type: String, Default: "010"}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "${AWS::StackName}-${Suffix}"
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
Outputs:
  Name: {Value: !Ref Table}
  Arn: {Value: !GetAtt Table.Arn}
"""


def named_by_the_second():
    """The aws command names its change sets by the second, and a name may not come twice."""
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.05)


def test_aws_cloudformation_deploy(shared_machine, tmp_path):
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    deploy = ["cloudformation", "deploy", "--template-file", "template.yaml", "--stack-name", "cli"]
    shared_machine.aws(*deploy, cwd=tmp_path)
    named_by_the_second()
    outputs = json.loads(shared_machine.aws("cloudformation", "describe-stacks", "--stack-name", "cli", "--output", "json").stdout)
    values = {o["OutputKey"]: o["OutputValue"] for o in outputs["Stacks"][0]["Outputs"]}
    assert values["Name"] == "cli-010"
    # Again: nothing to do, which the command says and takes for success.
    again = shared_machine.aws(*deploy, "--no-fail-on-empty-changeset", cwd=tmp_path)
    assert "No changes to deploy" in again.stdout + again.stderr
    named_by_the_second()
    shared_machine.aws(*deploy, "--parameter-overrides", "Suffix=b", cwd=tmp_path)
    assert shared_machine.client("dynamodb").list_tables()["TableNames"] == ["cli-b"]
    shared_machine.aws("cloudformation", "delete-stack", "--stack-name", "cli")
    shared_machine.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", "cli")
    assert shared_machine.client("dynamodb").list_tables()["TableNames"] == []


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["sts", "get-caller-identity", "--query", "Account", "--output", "text"], "000000000000"),
        (["s3", "mb", "s3://made-by-cli"], "make_bucket: made-by-cli"),
        (["s3", "ls"], "made-by-cli"),
        (["dynamodb", "list-tables", "--output", "json"], "TableNames"),
        (["logs", "describe-log-groups", "--output", "json"], "logGroups"),
        (["lambda", "list-functions", "--output", "json"], "Functions"),
        (["apigateway", "get-rest-apis", "--output", "json"], ""),
        (["iam", "list-roles", "--output", "json"], "Roles"),
    ],
)
def test_the_aws_command(shared_machine, arguments, expected):
    assert expected in shared_machine.aws(*arguments).stdout


def test_s3_streams_large_files_in_parts(shared_machine, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(bytes(range(256)) * 4096 * 20)  # 20 MB
    shared_machine.aws("s3", "mb", "s3://parts")
    shared_machine.aws("s3", "cp", str(big), "s3://parts/big")
    shared_machine.aws("s3", "cp", "s3://parts/big", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == big.read_bytes()
    shared_machine.aws("s3", "rb", "--force", "s3://parts")


def test_presigned_urls(shared_machine):
    import requests

    s3 = shared_machine.client("s3")
    s3.create_bucket(Bucket="presigned")
    put = s3.generate_presigned_url("put_object", {"Bucket": "presigned", "Key": "k"}, ExpiresIn=60)
    assert requests.put(put, data=b"body").status_code == 200
    get = s3.generate_presigned_url("get_object", {"Bucket": "presigned", "Key": "k"}, ExpiresIn=60)
    assert requests.get(get).content == b"body"
    forged = get.replace("Signature=", "Signature=x")
    assert requests.get(forged).status_code == 403
    assert requests.get(get.split("?")[0]).status_code == 403


@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_presigned_urls_of_a_bucket(shared_machine, region, style):
    """botocore signs these in version 2 for the two oldest regions, over a path that ends with a slash."""
    import requests

    bucket = f"presigned-{region}-{style}"
    config = {"s3": {"addressing_style": style}}
    s3 = shared_machine.client("s3", region_name=region, config=config)
    s3.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}))
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for operation, expected in {
        "list_objects": "<Key>k</Key>",
        "list_objects_v2": "<Key>k</Key>",
        "get_bucket_location": "<LocationConstraint",
        "get_bucket_versioning": "<VersioningConfiguration",
        "get_bucket_acl": "FULL_CONTROL",
    }.items():
        answer = requests.get(s3.generate_presigned_url(operation, {"Bucket": bucket}))
        assert answer.status_code == 200 and expected in answer.text, answer.text
    assert requests.head(s3.generate_presigned_url("head_bucket", {"Bucket": bucket})).status_code == 200



def test_env_speaks_three_shells(shared_machine):
    printed = {shell: shared_machine.run("env", "--shell", shell).stdout for shell in ("sh", "fish", "powershell")}
    assert "export AWS_ENDPOINT_URL=" in printed["sh"]
    assert "set -gx AWS_ENDPOINT_URL" in printed["fish"]
    assert "$Env:AWS_ENDPOINT_URL" in printed["powershell"]


def test_template_urls_in_every_form(shared_machine):
    s3 = shared_machine.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="t.yaml", Body=TEMPLATE)
    cloudformation = shared_machine.client("cloudformation")
    endpoint = shared_machine.client_environment()["AWS_ENDPOINT_URL"]
    for url in [
        "https://templates.s3.amazonaws.com/t.yaml",
        "https://templates.s3.us-east-1.amazonaws.com/t.yaml",
        "https://s3.amazonaws.com/templates/t.yaml",
        "https://s3.us-east-1.amazonaws.com/templates/t.yaml",
        f"{endpoint}/templates/t.yaml",
    ]:
        summary = cloudformation.get_template_summary(TemplateURL=url)
        assert summary["ResourceTypes"] == ["AWS::DynamoDB::Table"], url
