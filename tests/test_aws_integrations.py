"""REST APIs that call services of AWS: each in its own protocol, as a role, with templates on both sides."""

import json
import time

import botocore.exceptions
import pytest
import requests

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
URI = "arn:aws:apigateway:us-east-1:"
FORM = {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"}


def target(name, version="1.1"):
    return {
        "integration.request.header.X-Amz-Target": f"'{name}'",
        "integration.request.header.Content-Type": f"'application/x-amz-json-{version}'",
    }


@pytest.fixture(scope="module")
def role(shared_machine):
    def make(name, *actions):
        iam = shared_machine.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        statements = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}] if actions else []
        document = {"Version": "2012-10-17", "Statement": statements}
        if actions:
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(document))
        return arn

    return make


def deploy(machine, credentials, uri, verb="POST", responses=({"statusCode": "200"},), declared=(), path="call", media=(), **integration):
    """The URL of an API with one method, which calls a service."""
    gateway = machine.client("apigateway")
    api = gateway.create_rest_api(name=uri[:40], binaryMediaTypes=list(media))["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart=path)["id"]
    place = {"restApiId": api, "resourceId": resource, "httpMethod": verb}
    gateway.put_method(**place, authorizationType="NONE", requestParameters={name: False for name in declared})
    arguments = {"type": "AWS", "integrationHttpMethod": "POST", "uri": URI + uri, "credentials": credentials, **integration}
    gateway.put_integration(**place, **{name: value for name, value in arguments.items() if value is not None})
    for response in responses:
        headers = {name: False for name in response.get("responseParameters", {})}
        gateway.put_method_response(**place, statusCode=response["statusCode"], responseParameters=headers)
        gateway.put_integration_response(**place, **response)
    gateway.create_deployment(restApiId=api, stageName="dev")
    port = machine.own("GET", "/_slam/apis").json()[api]["port"]
    return f"http://localhost:{port}/dev"


def test_a_message_is_sent_by_the_path_of_its_queue(shared_machine, role):
    sqs = shared_machine.client("sqs")
    queue = sqs.create_queue(QueueName="integrated")["QueueUrl"]
    template = (
        "Action=SendMessage&MessageBody=$util.urlEncode($input.body)&MessageAttribute.1.Name=from"
        "&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=$input.params('From')"
    )
    told = "$input.path('$.SendMessageResponse.SendMessageResult.MessageId') $input.path('$.SendMessageResponse.ResponseMetadata.RequestId')"
    url = deploy(
        shared_machine,
        role("sends", "sqs:SendMessage"),
        "sqs:path/000000000000/integrated",
        requestParameters=FORM,
        requestTemplates={"application/json": template},
        passthroughBehavior="NEVER",
        responses=({"statusCode": "200", "responseTemplates": {"application/json": told}},),
    )
    answer = requests.post(f"{url}/call", json={"a": "b&c"}, headers={"From": "me"})
    assert answer.status_code == 200
    message = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"][0]
    assert json.loads(message["Body"]) == {"a": "b&c"}
    assert message["MessageAttributes"]["from"]["StringValue"] == "me"
    assert answer.text.split()[0] == message["MessageId"] and len(answer.text.split()) == 2
    # Of no body at all a template makes an empty object (recorded: test_sqs_aws_integration).
    assert requests.post(f"{url}/call", headers={"From": "me"}).status_code == 200
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "{}"
    assert requests.post(f"{url}/call", data="x", headers={"Content-Type": "text/plain"}).status_code == 415


def test_attributes_have_either_name_and_what_is_unknown_is_refused(shared_machine, role):
    """Forms call them MessageAttribute, and templates that are written for AWS MessageAttributes, too."""
    sqs = shared_machine.client("sqs")
    queue = sqs.create_queue(QueueName="named")["QueueUrl"]
    sender = role("names", "sqs:SendMessage")

    def call(path, form):
        url = deploy(
            shared_machine,
            sender,
            "sqs:path/000000000000/named",
            path=path,
            requestParameters=FORM,
            requestTemplates={"application/json": f"Action=SendMessage&MessageBody={path}&{form}"},
            responses=({"statusCode": "200"}, {"statusCode": "501", "selectionPattern": "501"}),
        )
        answer = requests.post(f"{url}/{path}", json={})
        return answer.status_code, answer.text

    attribute = "{0}.1.Name=from&{0}.1.Value.DataType=String&{0}.1.Value.StringValue=me"
    assert call("either", attribute.format("MessageAttributes"))[0] == 200
    message = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"][0]
    assert message["MessageAttributes"]["from"]["StringValue"] == "me"
    status, text = call("refused", attribute.format("MessageSystemAttributes"))
    assert status == 501 and "the parameter MessageSystemAttributes of a form, which calls it MessageSystemAttribute is not" in text
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_a_role_of_an_integration_must_be_passed(shared_machine, role):
    """By a patch, too: each role that it names, though the last one alone stays."""
    iam, gateway = shared_machine.client("iam"), shared_machine.client("apigateway")
    given, other = role("given"), role("other")
    api = gateway.create_rest_api(name="patched")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    place = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    gateway.put_method(**place, authorizationType="NONE")
    gateway.put_integration(**place, type="MOCK")
    iam.create_user(UserName="integrator")
    statements = [
        {"Effect": "Allow", "Action": "apigateway:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": given},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="integrator", PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName="integrator")["AccessKey"]
    client = shared_machine.client("apigateway", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])

    def patch(*roles):
        patches = [{"op": "replace", "path": "/credentials", "value": arn} for arn in roles]
        return client.update_integration(**place, patchOperations=patches)["credentials"]

    assert patch(given) == given
    for roles in ([other], [given, other]):
        with pytest.raises(botocore.exceptions.ClientError, match=f"iam:PassRole on resource: {other}"):
            patch(*roles)
    assert gateway.get_integration(**place)["credentials"] == given


def test_a_queue_takes_actions_and_json_too(shared_machine, role):
    sqs = shared_machine.client("sqs")
    queue = sqs.create_queue(QueueName="spoken-to")["QueueUrl"]
    sender = role("speaks", "sqs:*")
    by_action = {
        "integration.request.querystring.QueueUrl": f"'{queue}'",
        "integration.request.querystring.MessageBody": "method.request.querystring.text",
    }
    url = deploy(
        shared_machine, sender, "sqs:action/SendMessage", "GET", declared=["method.request.querystring.text"], requestParameters=by_action
    )
    answer = requests.get(f"{url}/call", params={"text": "by action"})
    # All members are there, those without a value too.
    sent = answer.json()["SendMessageResponse"]["SendMessageResult"]
    assert (answer.status_code, sent["SequenceNumber"], set(sent)) == (
        200,
        None,
        {"MD5OfMessageBody", "MD5OfMessageAttributes", "MD5OfMessageSystemAttributes", "MessageId", "SequenceNumber"},
    )
    url = deploy(
        shared_machine,
        sender,
        "sqs:path/",
        requestParameters=target("AmazonSQS.SendMessage", "1.0"),
        requestTemplates={"application/json": json.dumps({"QueueUrl": queue, "MessageBody": "$input.path('$.text')"})},
    )
    assert requests.post(f"{url}/call", json={"text": "in json"}).json()["MessageId"]
    received = deploy(shared_machine, sender, "sqs:path/000000000000/spoken-to?Action=ReceiveMessage&MaxNumberOfMessages=10", "GET")
    got = requests.get(f"{received}/call").json()["ReceiveMessageResponse"]["ReceiveMessageResult"]["messages"]
    assert {message["Body"] for message in got} == {"by action", "in json"}
    assert requests.get(f"{received}/call").json()["ReceiveMessageResponse"]["ReceiveMessageResult"] == {"messages": None}
    # XML, where that is what is asked for.
    url = deploy(
        shared_machine,
        sender,
        "sqs:path/000000000000/spoken-to",
        requestParameters={**FORM, "integration.request.header.Accept": "'application/xml'"},
        requestTemplates={"application/json": "Action=SendMessage&MessageBody=x"},
    )
    assert requests.post(f"{url}/call", json={}).text.startswith("<SendMessageResponse")


@pytest.fixture(scope="module")
def things(shared_machine):
    client = shared_machine.client("dynamodb")
    client.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


def test_items_are_written_and_read(shared_machine, role, things):
    template = {"TableName": "things", "Item": {"id": {"S": "$input.params('id')"}, "n": {"N": "$input.path('$.n')"}}}
    put = deploy(
        shared_machine,
        role("writes-items", "dynamodb:PutItem"),
        "dynamodb:action/PutItem",
        requestTemplates={"application/json": json.dumps(template)},
        responses=({"statusCode": "200", "responseTemplates": {"application/json": "$input.json('$')"}},),
    )
    answer = requests.post(f"{put}/call?id=a", json={"n": 7})
    assert (answer.status_code, answer.json(), answer.headers["content-type"]) == (200, {}, "application/json")
    assert things.get_item(TableName="things", Key={"id": {"S": "a"}})["Item"]["n"] == {"N": "7"}
    query = {
        "TableName": "things",
        "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "$input.params('id')"}},
    }
    listed = '[#foreach($item in $input.path("$.Items"))$item.n.N#if($foreach.hasNext),#end#end]'
    get = deploy(
        shared_machine,
        role("reads-items", "dynamodb:Query"),
        "dynamodb:action/Query",
        requestTemplates={"application/json": json.dumps(query)},
        responses=({"statusCode": "200", "responseTemplates": {"application/json": listed}},),
    )
    assert requests.post(f"{get}/call?id=a").json() == [7]
    assert requests.post(f"{get}/call?id=b").json() == []


def test_what_a_service_refuses_chooses_the_response(shared_machine, role, things):
    responses = (
        {"statusCode": "200"},
        {
            "statusCode": "404",
            "selectionPattern": "4\\d\\d",
            "responseTemplates": {"application/json": '{"type": "$input.path(\'$.__type\')", "says": "$input.path(\'$.message\')"}'},
        },
    )
    get = {"TableName": "$input.params('table')", "Key": {"id": {"S": "a"}}}
    arguments = {"requestTemplates": {"application/json": json.dumps(get)}, "responses": responses}
    url = deploy(shared_machine, role("may-get", "dynamodb:GetItem"), "dynamodb:action/GetItem", **arguments)
    answer = requests.post(f"{url}/call?table=none-such")
    assert answer.status_code == 404 and answer.json()["type"].endswith("#ResourceNotFoundException")
    assert requests.post(f"{url}/call?table=things").status_code == 200
    url = deploy(shared_machine, role("may-nothing"), "dynamodb:action/GetItem", **arguments)
    answer = requests.post(f"{url}/call?table=things")
    assert answer.status_code == 404 and answer.json()["type"].endswith("#AccessDeniedException")
    arn = role("trusts-another", "dynamodb:*")
    other = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "lambda.amazonaws.com"}}]}
    shared_machine.client("iam").update_assume_role_policy(RoleName="trusts-another", PolicyDocument=json.dumps(other))
    assert requests.post(f"{deploy(shared_machine, arn, 'dynamodb:action/GetItem', **arguments)}/call?table=things").status_code == 500


def test_topics_events_parameters_secrets_and_logs(shared_machine, role):
    client = shared_machine.client
    queue = client("sqs").create_queue(QueueName="told")["QueueUrl"]
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]}
    client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(allowed)})
    topic = client("sns").create_topic(Name="told")["TopicArn"]
    client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:000000000000:told", Attributes={"RawMessageDelivery": "true"}
    )
    everything = role("everything", "sns:*", "events:*", "ssm:*", "secretsmanager:*", "logs:*")
    url = deploy(
        shared_machine,
        everything,
        "sns:path//",
        requestParameters=FORM,
        requestTemplates={"application/json": f"Action=Publish&TopicArn=$util.urlEncode('{topic}')&Message=$util.urlEncode($input.json('$.m'))"},
    )
    answer = requests.post(f"{url}/call", json={"m": "hello"}).json()
    assert answer["PublishResponse"]["PublishResult"]["MessageId"] and answer["PublishResponse"]["PublishResult"]["SequenceNumber"] is None
    got = []
    for _ in range(50):
        got = client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
        if got:
            break
        time.sleep(0.1)
    assert got[0]["Body"] == '"hello"'
    # Recorded: test_apigateway_to_eventbridge; the template names the target.
    url = deploy(
        shared_machine,
        everything,
        "events:action/PutEvents",
        passthroughBehavior="WHEN_NO_TEMPLATES",
        requestTemplates={
            "application/json": """
                #set($context.requestOverride.header.X-Amz-Target = "AWSEvents.PutEvents")
                #set($context.requestOverride.header.Content-Type = "application/x-amz-json-1.1")
                {"Entries": [{"Detail": "$util.escapeJavaScript($input.body)", "DetailType": "Test", "Source": "order"}]}
            """
        },
    )
    answer = requests.post(f"{url}/call", json={"data": "x"}).json()
    assert answer["FailedEntryCount"] == 0 and answer["Entries"][0]["EventId"]
    client("ssm").put_parameter(Name="/p", Value="v", Type="String")
    client("secretsmanager").create_secret(Name="s", SecretString="hidden")
    client("logs").create_log_group(logGroupName="g")
    for uri, name, body, path, expected in [
        ("ssm:action/GetParameter", "AmazonSSM.GetParameter", {"Name": "/p"}, ("Parameter", "Value"), "v"),
        ("secretsmanager:action/GetSecretValue", "secretsmanager.GetSecretValue", {"SecretId": "s"}, ("SecretString",), "hidden"),
        ("logs:action/DescribeLogGroups", "Logs_20140328.DescribeLogGroups", {"logGroupNamePrefix": "g"}, ("logGroups", 0, "logGroupName"), "g"),
    ]:
        url = deploy(shared_machine, everything, uri, requestParameters=target(name))
        answer = requests.post(f"{url}/call", json=body).json()
        for step in path:
            answer = answer[step]
        assert answer == expected, uri


def test_a_bucket_is_filled_listed_and_emptied(shared_machine, role):
    s3 = shared_machine.client("s3")
    s3.create_bucket(Bucket="integrated")
    arn = role("stores", "s3:*")
    names = ["path.key", "header.Content-Type", "header.x-amz-meta-kind", "querystring.prefix"]
    declared = [f"method.request.{name}" for name in names]
    arguments = {
        "verb": "ANY",
        "declared": declared,
        "path": "{key+}",
        "media": ["image/png"],
        "integrationHttpMethod": "ANY",
        "requestParameters": {
            "integration.request.path.key": "method.request.path.key",
            "integration.request.header.Content-Type": "method.request.header.Content-Type",
            "integration.request.header.x-amz-meta-kind": "method.request.header.x-amz-meta-kind",
        },
        "responses": (
            {"statusCode": "200", "responseParameters": {"method.response.header.ETag": "integration.response.header.ETag"}},
            {"statusCode": "204", "selectionPattern": "204"},
            {"statusCode": "404", "selectionPattern": "404"},
        ),
    }
    url = deploy(shared_machine, arn, "s3:path/integrated/{key}", **arguments)
    put = requests.put(f"{url}/a/b%20c+d.txt", data="text", headers={"Content-Type": "text/plain", "x-amz-meta-kind": "note"})
    assert put.status_code == 200
    stored = s3.get_object(Bucket="integrated", Key="a/b c+d.txt")
    assert (stored["Body"].read(), stored["ContentType"], stored["Metadata"]) == (b"text", "text/plain", {"kind": "note"})
    assert put.headers["etag"] == stored["ETag"]
    assert requests.get(f"{url}/a/b%20c+d.txt").text == "text"
    # Bytes are bytes where the API says so, and text else (recorded: test_apigw_s3_binary_support_request).
    requests.put(f"{url}/picture", data=b"\x89\xff", headers={"Content-Type": "image/png"})
    assert s3.get_object(Bucket="integrated", Key="picture")["Body"].read() == b"\x89\xff"
    assert requests.get(f"{url}/picture", headers={"Accept": "image/png"}).content == b"\x89\xff"
    assert requests.get(f"{url}/picture").text == "if8="
    requests.put(f"{url}/broken", data=b"\x89\xff", headers={"Content-Type": "text/plain"})
    assert s3.get_object(Bucket="integrated", Key="broken")["Body"].read().decode() == "\ufffd\ufffd"
    assert requests.head(f"{url}/picture").headers["etag"]
    assert requests.delete(f"{url}/picture").status_code == 204
    assert requests.get(f"{url}/picture").status_code == 404
    mapped = {"integration.request.querystring.prefix": "method.request.querystring.prefix"}
    listed = deploy(
        shared_machine,
        arn,
        "s3:path/integrated?list-type=2",
        "GET",
        declared=declared,
        path="{key+}",
        integrationHttpMethod="GET",
        requestParameters=mapped,
    )
    answer = requests.get(f"{listed}/all", params={"prefix": "a/"})
    assert "<Key>a/b c+d.txt</Key>" in answer.text and "<Key>broken</Key>" not in answer.text
    written = deploy(
        shared_machine,
        arn,
        "integrated.s3:path/templated",
        "GET",
        integrationHttpMethod="PUT",
        requestTemplates={"application/json": '{"at": "$context.stage"}'},
    )
    assert requests.get(f"{written}/call").status_code == 200
    assert json.loads(s3.get_object(Bucket="integrated", Key="templated")["Body"].read()) == {"at": "dev"}


def test_what_is_not_here_is_refused_by_name(shared_machine, role, things):
    any_role = "arn:aws:iam::000000000000:role/any"
    for uri, credentials, what in [
        ("kinesis:action/PutRecord", any_role, "an integration with the AWS service kinesis"),
        ("states:action/StartExecution", any_role, "an integration with the AWS service states"),
        ("streams.dynamodb:action/ListStreams", any_role, "the subdomain streams of dynamodb"),
        ("s3:action/GetObject&Bucket=b&Key=k", any_role, "an integration with S3 by action/GetObject"),
        ("sqs:path/000000000000/q", None, "an integration with sqs without the role"),
    ]:
        with pytest.raises(botocore.exceptions.ClientError, match=what):
            deploy(shared_machine, credentials, uri)
    # Nothing says in which protocol, and the older one is not here.
    url = deploy(shared_machine, role("reads-parameters", "ssm:*"), "ssm:action/GetParameter")
    assert requests.post(f"{url}/call", json={}).status_code == 500
