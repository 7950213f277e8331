"""Input that nests deeply is refused or read, and never ends the cloud: each parser of what comes from outside."""

import json
import urllib.error
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

DEPTHS = [100, 1000, 20000]


def objects(depth):
    return '{"a":' * depth + "1" + "}" * depth


def lists(depth):
    return "[" * depth + "]" * depth


def call(method, **parameters):
    """The error's status, or 200."""
    try:
        return method(**parameters)["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as refused:
        return refused.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def cloud(shared_machine):
    def raw(service, body, headers, path="/", method="POST"):
        """A body that no client would write, signed as root."""
        client = shared_machine.client("dynamodb")
        url = client.meta.endpoint_url + path
        request = AWSRequest(method, url, data=body, headers=headers)
        SigV4Auth(client._request_signer._credentials, service, client.meta.region_name).add_auth(request)
        sent = urllib.request.Request(url, data=body.encode(), headers=dict(request.headers), method=method)
        try:
            with urllib.request.urlopen(sent, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    shared_machine.raw = raw
    yield shared_machine
    assert call(shared_machine.client("sts").get_caller_identity) == 200


def table(client):
    key = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    call(client.create_table, TableName="nested", AttributeDefinitions=attributes, **key)
    return {"TableName": "nested"}


@pytest.mark.parametrize("depth, status", [(50, 200), (299, 200), (301, 400), (600, 400), (1000, 400)])
def test_conditions(cloud, depth, status):
    """AWS allows 300 operators (Developer Guide, "Quotas in Amazon DynamoDB")."""
    client = cloud.client("dynamodb")
    nested = table(client)
    condition = "(NOT " * depth + "a = :s" + ")" * depth
    values = {"ExpressionAttributeValues": {":s": {"S": "x"}}}
    # The comparison is an operator, too.
    client.put_item(**nested, Item={"id": {"S": "a"}, "a": {"S": "x" if depth % 2 == 0 else "y"}})
    put = {"Item": {"id": {"S": "a"}}, "ConditionExpression": condition}
    assert call(client.put_item, **nested, **put, **values) == status
    assert call(client.scan, **nested, FilterExpression=condition, **values) == status


@pytest.mark.parametrize("depth", DEPTHS)
def test_expressions_and_statements(cloud, depth):
    client = cloud.client("dynamodb")
    nested = table(client)
    values = {"ExpressionAttributeValues": {":s": {"S": "x"}}}
    key = {"Key": {"id": {"S": "a"}}}
    open = "(" * depth
    assert call(client.scan, **nested, FilterExpression=open + "a") == 400
    assert call(client.query, **nested, KeyConditionExpression=open + "id = :s" + ")" * depth, **values) == 400
    assert call(client.update_item, **nested, **key, UpdateExpression="SET a = " + open, **values) == 400
    assert call(client.update_item, **nested, **key, UpdateExpression="SET a = " + "f(" * depth, **values) == 400
    for where in ["NOT " * depth + "a = 1", open + "a = 1" + ")" * depth, f"a = {lists(depth)}"]:
        assert call(client.execute_statement, Statement=f"SELECT * FROM nested WHERE {where}") in (200, 400)


@pytest.mark.parametrize("depth", DEPTHS)
def test_json_bodies_and_attribute_values(cloud, depth):
    table(cloud.client("dynamodb"))

    def target(name, version):
        return {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": name}

    value = '{"M":{"a":' * depth + '{"S":"x"}' + "}}" * depth
    put = f'{{"TableName":"nested","Item":{{"id":{{"S":"a"}},"v":{value}}}}}'
    assert cloud.raw("dynamodb", put, target("DynamoDB_20120810.PutItem", "1.0")) == 400
    group = f'{{"logGroupName":{objects(depth)}}}'
    assert cloud.raw("logs", group, target("Logs_20140328.CreateLogGroup", "1.1")) == 400
    parameter = f'{{"Name":{lists(depth)}}}'
    assert cloud.raw("ssm", parameter, target("AmazonSSM.GetParameter", "1.1")) == 400
    secret = f'{{"SecretId":{lists(depth)}}}'
    assert cloud.raw("secretsmanager", secret, target("secretsmanager.GetSecretValue", "1.1")) == 400
    rest = {"Content-Type": "application/json"}
    function = f'{{"FunctionName":"x","Environment":{objects(depth)}}}'
    assert cloud.raw("lambda", function, rest, "/2015-03-31/functions") == 400
    api = f'{{"name":"x","endpointConfiguration":{objects(depth)}}}'
    assert cloud.raw("apigateway", api, rest, "/restapis") in (200, 201, 400)


@pytest.mark.parametrize("depth", DEPTHS)
def test_policies(cloud, depth):
    iam = cloud.client("iam")
    statement = f'{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{objects(depth)}}}'
    for document in [lists(depth), f'{{"Version":"2012-10-17","Statement":[{statement}]}}']:
        assert call(iam.create_policy, PolicyName="nested", PolicyDocument=document) == 400
        assert call(iam.create_role, RoleName="nested", AssumeRolePolicyDocument=document) == 400


@pytest.mark.parametrize("depth", DEPTHS)
def test_templates(cloud, depth):
    client = cloud.client("cloudformation")

    def bucket(name, conditions="{}"):
        return f'{{"Conditions":{conditions},"Resources":{{"a":{{"Type":"AWS::S3::Bucket","Properties":{name}}}}}}}'

    joins = '{"Fn::Join":["",[' * depth + '"x"' + "]]}" * depth
    nots = '{"Fn::Not":[' * depth + '{"Fn::Equals":["a","b"]}' + "]}" * depth
    block = "".join(" " * index + "a:\n" for index in range(min(depth, 900)))
    for body in [
        bucket(f'{{"BucketName":{objects(depth)}}}'),
        bucket(f'{{"BucketName":{joins}}}'),
        bucket("{}", f'{{"c":{nots}}}'),
        "Resources: " + lists(depth),
        "Resources: " + "{a: " * depth + "1" + "}" * depth,
        "Resources: " + "!Join ['', [" * depth + "x" + "]]" * depth,
        "Resources:\n  " + "- " * depth + "x",
        block,
    ]:
        assert call(client.validate_template, TemplateBody=body) in (200, 400)
        stack = {"StackName": "nested", "OnFailure": "DELETE"}
        assert call(client.create_stack, TemplateBody=body, **stack) in (200, 400)


@pytest.mark.parametrize("depth", DEPTHS)
def test_xml_bodies(cloud, depth):
    call(cloud.client("s3").create_bucket, Bucket="nested")
    body = "<a>" * depth + "</a>" * depth
    headers = {"Content-Type": "application/xml", "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    for of, method in [("delete", "POST"), ("tagging", "PUT"), ("cors", "PUT"), ("lifecycle", "PUT")]:
        assert 400 <= cloud.raw("s3", body, headers, f"/nested?{of}", method) < 500


@pytest.mark.parametrize("depth", DEPTHS)
def test_models_and_mapping_templates(cloud, depth):
    client = cloud.client("apigateway")
    api = client.create_rest_api(name="nested")["id"]
    schema = '{"type":"object","properties":{"a":' * depth + "{}" + "}}" * depth
    model = {"name": "nested", "contentType": "application/json", "schema": schema}
    assert call(client.create_model, restApiId=api, **model) in (200, 201, 400)
    paths = f'{{"openapi":"3.0.0","info":{{"title":"x","version":"1"}},"paths":{objects(depth)}}}'
    assert call(client.put_rest_api, restApiId=api, body=paths) in (200, 400, 501)
    root = {"restApiId": api, "resourceId": client.get_resources(restApiId=api)["items"][0]["id"], "httpMethod": "POST"}
    client.put_method(**root, authorizationType="NONE")
    client.put_method_response(**root, statusCode="200")
    answers = {"application/json": '{"statusCode": 200}'}
    client.put_integration(**root, type="MOCK", requestTemplates=answers)
    for template in [
        "#if(true)" * depth + "x" + "#end" * depth,
        "#set($x = " + "(" * depth + "1" + ")" * depth + ")",
        f"#set($x = {lists(depth)})",
        "#if(" + "!" * depth + "true)x#end",
        "$a" + ".b(" * depth + ")" * depth,
        "$input.json('$" + ".a" * depth + "')",
        f"$util.parseJson('{lists(depth)}')",
    ]:
        templates = {"application/json": template}
        stored = call(client.put_integration_response, **root, statusCode="200", responseTemplates=templates)
        if stored not in (200, 201):
            assert stored == 400
            continue
        client.create_deployment(restApiId=api, stageName="dev")
        path = f"/_aws/execute-api/{api}/dev/"
        answered = cloud.raw("execute-api", json.dumps({}), {"Content-Type": "application/json"}, path)
        # API Gateway's answer to a template that cannot be carried out.
        assert answered in (200, 500)
    client.delete_rest_api(restApiId=api)


@pytest.mark.parametrize("depth", DEPTHS)
def test_patterns(cloud, depth):
    logs = cloud.client("logs")
    call(logs.create_log_group, logGroupName="nested")
    for pattern in ["{ " + "(" * depth + "$.a = 1" + ")" * depth + " }", "{ $" + ".a" * depth + " = 1 }", "[" * depth]:
        assert call(logs.filter_log_events, logGroupName="nested", filterPattern=pattern) in (200, 400, 501)
    queue = "arn:aws:sqs:us-east-1:000000000000:none"
    criteria = {"Filters": [{"Pattern": objects(depth)}]}
    mapping = {"FunctionName": "none", "EventSourceArn": queue, "FilterCriteria": criteria}
    assert 400 <= call(cloud.client("lambda").create_event_source_mapping, **mapping) <= 501
