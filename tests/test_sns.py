"""SNS with boto3 and the aws command: what is published arrives at queues, functions and servers of the test.

AWS's recorded answers are replayed in `cloud/sns/tests/recorded.rs`; filter policies are in `cloud/sns/src/model/filter.rs`.
"""

import io
import json
import os
import signal
import ssl
import subprocess
import textwrap
import time
import zipfile

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import Machine
from hooks import certified, serving, verified

ACCOUNT, OTHER = "000000000000", "222222222222"


@pytest.fixture(scope="module")
def open_machine(tmp_path_factory):
    """A cloud of anybody's keys, in which a minute passes in a second, and which may send requests to this machine."""
    machine = Machine(tmp_path_factory.mktemp("open"))
    machine.run("cloud", "start", "--open", "--time-scale", "60", SLAM_ALLOW_HOSTS="127.0.0.1")
    yield machine
    machine.stop()


def client_of(machine, service, account=ACCOUNT):
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    key = dict(aws_access_key_id=account, aws_secret_access_key="test")
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{machine.port}", region_name="us-east-1", config=config, **key)


@pytest.fixture(scope="module")
def sns(open_machine):
    return client_of(open_machine, "sns")


@pytest.fixture(scope="module")
def sqs(open_machine):
    return client_of(open_machine, "sqs")


NAMES = iter(range(1_000_000))


def a_topic(sns, **attributes):
    name = f"topic-{next(NAMES)}" + (".fifo" if attributes.get("FifoTopic") else "")
    return sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]


def a_queue(sqs, source=None, **attributes):
    """A queue that a topic may send to."""
    name = f"queue-{next(NAMES)}" + (".fifo" if attributes.get("FifoQueue") else "")
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    if source:
        allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
        statement = {**allow, "Condition": {"ArnEquals": {"aws:SourceArn": source}}}
        attributes["Policy"] = json.dumps({"Version": "2012-10-17", "Statement": statement})
    return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"], arn


def subscribed(sns, sqs, topic, fifo=False, **attributes):
    more = {"FifoQueue": "true"} if fifo else {}
    url, arn = a_queue(sqs, topic, **more)
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes, ReturnSubscriptionArn=True)
    return url, subscription["SubscriptionArn"]


def received(sqs, url, count):
    """So many messages, in the order in which they come."""
    messages, empty = [], 0
    while len(messages) < count:
        some = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=20, MessageAttributeNames=["All"], AttributeNames=["All"])
        # The cloud's 20 seconds are a third of one of the machine's.
        empty += not some.get("Messages")
        assert empty < 100, f"{len(messages)} of {count} came"
        for message in some.get("Messages", []):
            messages.append(message)
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages


@pytest.fixture
def server():
    with serving() as server:
        yield server


def refused(call, code, text=""):
    with pytest.raises(ClientError) as failure:
        call()
    error = failure.value.response["Error"]
    assert error["Code"] == code and text in error["Message"], error


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_queue_gets_what_is_published_and_can_verify_it(sns, sqs, version):
    topic = a_topic(sns, SignatureVersion=version)
    url, subscription = subscribed(sns, sqs, topic)
    attributes = {"a": {"DataType": "String", "StringValue": "x"}, "b": {"DataType": "Binary", "BinaryValue": b"\x01"}}
    published = sns.publish(TopicArn=topic, Subject="About", Message="Grüße \"x\"\n", MessageAttributes=attributes)
    [message] = received(sqs, url, 1)
    body = json.loads(message["Body"])
    assert list(body) == [
        "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL",
        "UnsubscribeURL", "MessageAttributes",
    ]
    assert (body["MessageId"], body["Message"], body["Subject"]) == (published["MessageId"], "Grüße \"x\"\n", "About")
    assert body["MessageAttributes"] == {"a": {"Type": "String", "Value": "x"}, "b": {"Type": "Binary", "Value": "AQ=="}}
    assert body["UnsubscribeURL"].endswith(f"/?Action=Unsubscribe&SubscriptionArn={subscription}")
    assert verified(body)["SignatureVersion"] == version
    body["Message"] = "another"
    with pytest.raises(Exception):
        verified(body)


def test_raw_delivery_is_the_message_alone(sns, sqs):
    topic = a_topic(sns)
    url, _ = subscribed(sns, sqs, topic, RawMessageDelivery="true")
    sns.publish(TopicArn=topic, Message="text", MessageAttributes={"a": {"DataType": "Number", "StringValue": "1"}})
    [message] = received(sqs, url, 1)
    assert message["Body"] == "text"
    assert message["MessageAttributes"] == {"a": {"StringValue": "1", "DataType": "Number"}}


def test_a_queue_takes_what_its_policy_lets_in(sns, sqs):
    topic, other = a_topic(sns), a_topic(sns)
    url, arn = a_queue(sqs, topic)
    for one in (topic, other):
        sns.subscribe(TopicArn=one, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=other, Message="kept out")
    sns.publish(TopicArn=topic, Message="let in")
    assert [json.loads(message["Body"])["Message"] for message in received(sqs, url, 1)] == ["let in"]


def test_filters_and_messages_by_protocol(sns, sqs):
    topic = a_topic(sns)
    by_attribute, _ = subscribed(sns, sqs, topic, FilterPolicy=json.dumps({"kind": [{"prefix": "a"}]}))
    by_body, _ = subscribed(sns, sqs, topic, FilterPolicy=json.dumps({"n": [{"numeric": [">", 1]}]}), FilterPolicyScope="MessageBody")
    kind = {"kind": {"DataType": "String", "StringValue": "abc"}}
    sns.publish(TopicArn=topic, Message='{"n": 1}')
    sns.publish(TopicArn=topic, Message='{"n": 1}', MessageAttributes=kind)
    sns.publish(TopicArn=topic, MessageStructure="json", Message=json.dumps({"default": "d", "sqs": '{"n": 2}'}))
    assert [json.loads(m["Body"])["Message"] for m in received(sqs, by_attribute, 1)] == ['{"n": 1}']
    assert [json.loads(m["Body"])["Message"] for m in received(sqs, by_body, 1)] == ['{"n": 2}']
    assert "Messages" not in sqs.receive_message(QueueUrl=by_attribute)


def test_a_function_gets_an_event(open_machine, sns, sqs):
    topic = a_topic(sns, SignatureVersion="2")
    url, _ = a_queue(sqs)
    source = textwrap.dedent(f"""
        import boto3, json
        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl="{url}", MessageBody=json.dumps(event))
    """)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", source)
    iam, functions = client_of(open_machine, "iam"), client_of(open_machine, "lambda")
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}
    role = iam.create_role(RoleName="told", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    send = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}}
    iam.put_role_policy(RoleName="told", PolicyName="send", PolicyDocument=json.dumps(send))
    function = functions.create_function(FunctionName="told", Runtime="python3.13", Handler="app.handler", Role=role, Code={"ZipFile": packed.getvalue()}, Timeout=60)
    functions.get_waiter("function_active_v2").wait(FunctionName="told")
    functions.add_permission(FunctionName="told", StatementId="sns", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com", SourceArn=topic)
    subscription = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function["FunctionArn"])["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="text")
    [message] = received(sqs, url, 1)
    [record] = json.loads(message["Body"])["Records"]
    assert (record["EventSource"], record["EventVersion"], record["EventSubscriptionArn"]) == ("aws:sns", "1.0", subscription)
    told = record["Sns"]
    assert (told["Message"], told["Subject"], told["MessageAttributes"]) == ("text", None, {})
    # AWS says 1 here, though the signature is one of version 2.
    assert told["SignatureVersion"] == "1"
    verified({**told, "SignatureVersion": "2"})


def test_a_server_confirms_and_gets_messages(sns, server):
    topic = a_topic(sns)
    arguments = dict(TopicArn=topic, Protocol="http", Endpoint=server.url)
    assert sns.subscribe(**arguments)["SubscriptionArn"] == "pending confirmation"
    headers, body = server.sent.get(timeout=60)
    asked = verified(json.loads(body))
    assert asked["Type"] == headers["x-amz-sns-message-type"] == "SubscriptionConfirmation"
    assert "x-amz-sns-subscription-arn" not in headers
    sns.publish(TopicArn=topic, Message="not yet")
    # A page from elsewhere must not do it; whoever has the link may.
    assert requests.get(asked["SubscribeURL"], headers={"Sec-Fetch-Site": "cross-site"}, timeout=60).status_code == 403
    confirmed = requests.get(asked["SubscribeURL"], timeout=60)
    assert confirmed.status_code == 200
    subscription = sns.subscribe(**arguments)["SubscriptionArn"]
    assert f"<SubscriptionArn>{subscription}</SubscriptionArn>" in confirmed.text
    assert sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["ConfirmationWasAuthenticated"] == "false"
    for wrong in ("&Token=x", ""):
        assert "Invalid parameter: Token" in requests.get(asked["SubscribeURL"].split("&Token")[0] + wrong, timeout=60).text
    sns.publish(TopicArn=topic, Message="now", Subject="s")
    headers, body = server.sent.get(timeout=60)
    message = verified(json.loads(body))
    assert (message["Message"], headers["x-amz-sns-subscription-arn"]) == ("now", subscription)
    assert headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert headers["User-Agent"] == "Amazon Simple Notification Service Agent"
    sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="true")
    sns.publish(TopicArn=topic, Message="raw")
    headers, body = server.sent.get(timeout=60)
    assert (headers["x-amz-sns-rawdelivery"], body) == ("true", "raw")
    # Who ends it with the link is asked whether that was meant.
    assert requests.get(message["UnsubscribeURL"], timeout=60).status_code == 200
    farewell = verified(json.loads(server.sent.get(timeout=60)[1]))
    assert farewell["Type"] == "UnsubscribeConfirmation"
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    requests.get(farewell["SubscribeURL"], timeout=60)
    sns.publish(TopicArn=topic, Message="again")
    assert server.sent.get(timeout=60)[1] == "again"


def confirmed(sns, server, topic, **attributes):
    arguments = dict(TopicArn=topic, Protocol="http", Endpoint=server.url, Attributes=attributes)
    sns.subscribe(**arguments)
    asked = json.loads(server.sent.get(timeout=60)[1])
    return sns.confirm_subscription(TopicArn=topic, Token=asked["Token"], AuthenticateOnUnsubscribe="true")["SubscriptionArn"]


def test_a_server_that_fails_is_asked_again_and_then_its_queue(sns, sqs, server):
    topic = a_topic(sns)
    url, dead = a_queue(sqs, topic)
    retry = {"numRetries": 2, "minDelayTarget": 1, "maxDelayTarget": 1}
    policy = {"healthyRetryPolicy": retry, "requestPolicy": {"headerContentType": "application/json"}}
    redrive = json.dumps({"deadLetterTargetArn": dead})
    subscription = confirmed(sns, server, topic, DeliveryPolicy=json.dumps(policy), RedrivePolicy=redrive)
    server.answers += [503, 500]
    sns.publish(TopicArn=topic, Message="third time")
    bodies = [server.sent.get(timeout=60) for _ in range(3)]
    assert {json.loads(body)["Message"] for _, body in bodies} == {"third time"}
    assert bodies[0][0]["Content-Type"] == "application/json"
    server.answers += [500, 500, 500]
    sns.publish(TopicArn=topic, Message="never")
    [letter] = received(sqs, url, 1)
    assert verified(json.loads(letter["Body"]))["Message"] == "never"
    while not server.sent.empty():
        server.sent.get()
    # Who refuses is not asked again.
    server.answers += [403]
    sns.publish(TopicArn=topic, Message="refused")
    assert json.loads(received(sqs, url, 1)[0]["Body"])["Message"] == "refused"
    assert server.sent.qsize() == 1
    # Only owners may end a subscription that was confirmed so.
    link = json.loads(letter["Body"])["UnsubscribeURL"]
    assert requests.get(link, timeout=60).status_code == 403
    sns.unsubscribe(SubscriptionArn=subscription)
    refused(lambda: sns.get_subscription_attributes(SubscriptionArn=subscription), "NotFound", "Subscription does not exist")


def test_servers_with_tls_are_verified(tmp_path):
    file = certified(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    for name in ("trusting", "wary"):
        (tmp_path / name).mkdir()
    trusting, wary = Machine(tmp_path / "trusting"), Machine(tmp_path / "wary")
    trusting.run("cloud", "start", "--open", SLAM_ALLOW_HOSTS="127.0.0.1", SSL_CERT_FILE=str(file))
    wary.run("cloud", "start", "--open", SLAM_ALLOW_HOSTS="127.0.0.1")
    try:
        with serving(tls) as server:
            for machine in (wary, trusting):
                sns = client_of(machine, "sns")
                topic = a_topic(sns)
                sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=server.url)
            # Only who trusts the certificate has sent anything.
            asked = json.loads(server.sent.get(timeout=60)[1])
            assert asked["TopicArn"] == topic
            sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
            sns.publish(TopicArn=topic, Message="m")
            assert json.loads(server.sent.get(timeout=60)[1])["Message"] == "m"
    finally:
        trusting.stop()
        wary.stop()


def test_this_machine_is_in_reach_by_its_owners_word_alone(tmp_path, server):
    machine = Machine(tmp_path)
    machine.run("cloud", "start", "--open")
    try:
        sns, sqs = client_of(machine, "sns"), client_of(machine, "sqs")
        topic = a_topic(sns)
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=server.url)
        url, _ = subscribed(sns, sqs, topic)
        sns.publish(TopicArn=topic, Message="m")
        received(sqs, url, 1)
        assert server.sent.empty()
    finally:
        machine.stop()


def test_a_queue_that_is_gone_has_a_dead_letter_queue(sns, sqs):
    topic = a_topic(sns)
    url, dead = a_queue(sqs, topic)
    gone, arn = a_queue(sqs, topic)
    sqs.delete_queue(QueueUrl=gone)
    for raw in ("true", "false"):
        subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
        for name, value in (("RedrivePolicy", json.dumps({"deadLetterTargetArn": dead})), ("RawMessageDelivery", raw)):
            sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName=name, AttributeValue=value)
        sns.publish(TopicArn=topic, Message="m")
        [letter] = received(sqs, url, 1)
        assert (letter["Body"] if raw == "true" else json.loads(letter["Body"])["Message"]) == "m"


def test_fifo_topics_keep_the_order_of_groups_and_know_messages_again(sns, sqs):
    topic = a_topic(sns, FifoTopic="true", ContentBasedDeduplication="true")
    url, _ = subscribed(sns, sqs, topic, fifo=True, RawMessageDelivery="true")
    numbers = []
    for index in range(40):
        told = sns.publish(TopicArn=topic, Message=f"{index}", MessageGroupId=f"g{index % 3}")
        numbers.append(told["SequenceNumber"])
        again = sns.publish(TopicArn=topic, Message=f"{index}", MessageGroupId=f"g{index % 3}")
        assert (again["MessageId"], again["SequenceNumber"]) == (told["MessageId"], told["SequenceNumber"])
    assert numbers == sorted(numbers) and len({len(number) for number in numbers}) == 1
    messages = received(sqs, url, 40)
    for group in range(3):
        own = [int(message["Body"]) for message in messages if message["Attributes"]["MessageGroupId"] == f"g{group}"]
        assert own == list(range(group, 40, 3))
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    # Five of the cloud's minutes later it is new.
    time.sleep(6)
    sns.publish(TopicArn=topic, Message="39", MessageGroupId="g0")


def test_fifo_scopes_and_refusals(sns, sqs):
    topic = a_topic(sns, FifoTopic="true", FifoThroughputScope="MessageGroup")
    ids = [sns.publish(TopicArn=topic, Message="m", MessageGroupId=group, MessageDeduplicationId="d")["MessageId"] for group in "aab"]
    assert ids[0] == ids[1] != ids[2]
    refused(lambda: sns.publish(TopicArn=topic, Message="m"), "InvalidParameter", "MessageGroupId parameter is required")
    refused(lambda: sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://example.com"), "InvalidParameter")
    standard = a_topic(sns)
    _, arn = a_queue(sqs, FifoQueue="true")
    refused(lambda: sns.subscribe(TopicArn=standard, Protocol="sqs", Endpoint=arn), "InvalidParameter", "FIFO SQS Queues can not be")


def test_what_was_accepted_is_delivered_by_the_next_process(tmp_path, server):
    machine = Machine(tmp_path)
    start = lambda: machine.run("cloud", "start", "--open", "--time-scale", "60", SLAM_ALLOW_HOSTS="127.0.0.1")
    start()
    try:
        sns, sqs = client_of(machine, "sns"), client_of(machine, "sqs")
        topic, fifo = a_topic(sns), a_topic(sns, FifoTopic="true", ContentBasedDeduplication="true")
        retry = {"numRetries": 50, "minDelayTarget": 60, "maxDelayTarget": 60}
        confirmed(sns, server, topic, DeliveryPolicy=json.dumps({"healthyRetryPolicy": retry}))
        url, _ = subscribed(sns, sqs, topic, RawMessageDelivery="true")
        line, _ = subscribed(sns, sqs, fifo, fifo=True, RawMessageDelivery="true")
        server.answers += [503] * 5
        for index in range(20):
            sns.publish(TopicArn=topic, Message=f"{index}")
            sns.publish(TopicArn=fifo, Message=f"{index}", MessageGroupId="g")
        pid = json.loads((machine.home / "cloud" / "cloud.json").read_text())["pid"] if (machine.home / "cloud" / "cloud.json").exists() else None
        pid = pid or next(json.loads(path.read_text())["pid"] for path in machine.home.rglob("cloud.json"))
        os.kill(pid, signal.SIGKILL)
        start()
        bodies = {message["Body"] for message in received(sqs, url, 20)}
        while len(bodies) < 20:
            bodies |= {message["Body"] for message in received(sqs, url, 1)}
        assert bodies == {f"{index}" for index in range(20)}
        assert [message["Body"] for message in received(sqs, line, 20)] == [f"{index}" for index in range(20)]
        told = set()
        while len(told) < 20:
            told.add(json.loads(server.sent.get(timeout=60)[1])["Message"])
    finally:
        machine.stop()


def test_one_topic_fans_out_to_many_queues(sns, sqs):
    topic = a_topic(sns)
    urls = [subscribed(sns, sqs, topic, RawMessageDelivery="true")[0] for _ in range(30)]
    entries = [{"Id": f"{index}", "Message": f"{index}"} for index in range(10)]
    told = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [entry["Id"] for entry in told["Successful"]] == [entry["Id"] for entry in entries]
    for url in urls:
        assert {message["Body"] for message in received(sqs, url, 10)} == {f"{index}" for index in range(10)}


def test_batches_and_sizes(sns, server):
    topic = a_topic(sns)
    entry = lambda id, message="m": {"Id": id, "Message": message}
    batch = lambda *entries: sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=list(entries))
    refused(lambda: batch(), "EmptyBatchRequest")
    refused(lambda: batch(entry("a"), entry("a")), "BatchEntryIdsNotDistinct")
    refused(lambda: batch(*(entry(f"{i}") for i in range(11))), "TooManyEntriesInBatchRequest")
    refused(lambda: batch(entry("a", "x" * 200_000), entry("b", "x" * 200_000)), "BatchRequestTooLong")
    refused(lambda: sns.publish(TopicArn=topic, Message="x" * 262_145), "InvalidParameter", "Message too long")
    sns.publish(TopicArn=topic, Message="x" * 262_144)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="MaximumMessageSize", AttributeValue="1048576")
    sns.publish(TopicArn=topic, Message="x" * 1_048_576)
    refused(lambda: sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=server.url), "InvalidParameter", "MaximumMessageSize")


def test_lists_have_pages(sns, sqs):
    topic = a_topic(sns)
    for index in range(103):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:page-{index}")
    first = sns.list_subscriptions_by_topic(TopicArn=topic)
    second = sns.list_subscriptions_by_topic(TopicArn=topic, NextToken=first["NextToken"])
    assert (len(first["Subscriptions"]), len(second["Subscriptions"]), second.get("NextToken")) == (100, 3, None)
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "103"


def test_policies_let_in_other_accounts(open_machine, sns, sqs):
    topic = a_topic(sns)
    other = client_of(open_machine, "sns", OTHER)
    refused(lambda: other.publish(TopicArn=topic, Message="m"), "AuthorizationError", "SNS:Publish")
    sns.add_permission(TopicArn=topic, Label="other", AWSAccountId=[OTHER], ActionName=["Publish", "Subscribe"])
    url, _ = subscribed(sns, sqs, topic)
    other.publish(TopicArn=topic, Message="m")
    received(sqs, url, 1)
    foreign = f"arn:aws:sqs:us-east-1:{OTHER}:foreign"
    subscription = other.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=foreign)["SubscriptionArn"]
    assert [one["SubscriptionArn"] for one in other.list_subscriptions()["Subscriptions"]] == [subscription]
    sns.remove_permission(TopicArn=topic, Label="other")
    refused(lambda: other.publish(TopicArn=topic, Message="m"), "AuthorizationError")
    other.unsubscribe(SubscriptionArn=subscription)
    # A queue of another account is asked.
    assert sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=foreign)["SubscriptionArn"] == "pending confirmation"


def test_what_is_not_supported_is_refused_by_name(sns, sqs):
    topic = a_topic(sns)
    for protocol, endpoint in (("application", f"arn:aws:sns:us-east-1:{ACCOUNT}:endpoint/GCM/a/1"), ("firehose", f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/d")):
        refused(lambda: sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint), "NotImplemented", f"the protocol {protocol}")
    for name, value in (("KmsMasterKeyId", "alias/aws/sns"), ("TracingConfig", "Active"), ("FirehoseFailureFeedbackRoleArn", "arn:aws:iam::0:role/r")):
        refused(lambda: sns.set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value), "NotImplemented", name)
    refused(lambda: sns.publish(PhoneNumber="+15551234567", Message="m"), "NotImplemented", "PhoneNumber")
    refused(lambda: sns.create_platform_application(Name="a", Platform="GCM", Attributes={"PlatformCredential": "c", "PlatformPrincipal": "p"}), "NotImplemented", "mobile push")


def test_mail_waits_for_its_confirmation_and_phones_are_in_the_sandbox(open_machine, sns, sqs):
    topic = a_topic(sns)
    told = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ada@example.com")
    assert told["SubscriptionArn"] == "pending confirmation"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (listed["SubscriptionArn"], listed["Protocol"]) == ("PendingConfirmation", "email")
    refused(lambda: sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint="ada"), "InvalidParameter", "Email address")
    refused(lambda: sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="ada"), "InvalidParameter", "Invalid SMS endpoint: ada")
    # A message to a phone is given up, which the dead-letter queue shows.
    url, arn = a_queue(sqs, topic)
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})}
    phone = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15551234567", Attributes=redrive)["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=phone)["Attributes"]["ConfirmationWasAuthenticated"] == "true"
    sns.publish(TopicArn=topic, Message="to a phone")
    (letter,) = received(sqs, url, 1)
    assert json.loads(letter["Body"])["Message"] == "to a phone"
    told = [one for one in open_machine.own("GET", "/_slam/deliveries").json()["deliveries"] if one["source"] == topic]
    why = {one["target"]: (one["outcome"], one["why"]) for one in told}
    assert len(told) == 3 and why[arn] == ("delivered", None)
    for target, text in (("ada@example.com", "sends no mail"), ("+15551234567", "SMS sandbox")):
        outcome, reason = why[target]
        assert outcome == "given-up" and text in reason


def test_nobody_has_applications_of_mobile_push(sns):
    assert sns.list_platform_applications()["PlatformApplications"] == []
    application, endpoint = (f"arn:aws:sns:us-east-1:{ACCOUNT}:{kind}" for kind in ("app/GCM/a", "endpoint/GCM/a/1"))
    refused(lambda: sns.list_endpoints_by_platform_application(PlatformApplicationArn=application), "NotFound", "PlatformApplication does not exist")
    refused(lambda: sns.set_platform_application_attributes(PlatformApplicationArn=application, Attributes={"Enabled": "true"}), "NotFound", "PlatformApplication does not exist")
    refused(lambda: sns.get_endpoint_attributes(EndpointArn=endpoint), "NotFound", "Endpoint does not exist")
    sns.delete_platform_application(PlatformApplicationArn=application)
    sns.delete_endpoint(EndpointArn=endpoint)


def test_only_queues_and_servers_get_the_message_alone(sns):
    topic, raw = a_topic(sns), {"RawMessageDelivery": "true"}
    for protocol, endpoint in (("email", "ada@example.com"), ("sms", "+15551234567"), ("lambda", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f")):
        why = f"Delivery protocol [{protocol}] does not support raw message delivery."
        refused(lambda: sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=raw), "InvalidParameter", why)
        kept = sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, ReturnSubscriptionArn=True)["SubscriptionArn"]
        ask = lambda: sns.set_subscription_attributes(SubscriptionArn=kept, AttributeName="RawMessageDelivery", AttributeValue="true")
        refused(ask, "InvalidParameter", why)


def test_settings_of_sms_are_kept_in_their_region(sns):
    sns.set_sms_attributes(attributes={"DefaultSMSType": "Transactional", "DefaultSenderID": "Shop"})
    assert sns.get_sms_attributes(attributes=["DefaultSMSType"])["attributes"] == {"DefaultSMSType": "Transactional"}
    assert sns.get_sms_attributes()["attributes"] == {"MonthlySpendLimit": "1", "DefaultSMSType": "Transactional", "DefaultSenderID": "Shop"}
    # All are set or none.
    refused(lambda: sns.set_sms_attributes(attributes={"DefaultSMSType": "Promotional", "MonthlySpendLimit": "2"}), "InvalidParameter", "MonthlySpendLimit is invalid")
    for name in ("DeliveryStatusIAMRole", "UsageReportS3Bucket"):
        refused(lambda: sns.set_sms_attributes(attributes={name: "x"}), "NotImplemented", f"the attribute {name} of SMS")
    refused(lambda: sns.get_sms_attributes(attributes=["Price"]), "InvalidParameter", "Price is not a valid attribute")
    assert sns.get_sms_attributes(attributes=["DefaultSMSType"])["attributes"] == {"DefaultSMSType": "Transactional"}


def test_templates_subscribe_mailboxes_and_phones(open_machine, sns):
    stacks = client_of(open_machine, "cloudformation")
    template = """
    Resources:
      Alarm: {Type: "AWS::SNS::Topic", Properties: {TopicName: alarm, Subscription: [{Protocol: email, Endpoint: ada@example.com}]}}
      Phone: {Type: "AWS::SNS::Subscription", Properties: {TopicArn: !Ref Alarm, Protocol: sms, Endpoint: "+15551234567"}}
    """
    stacks.create_stack(StackName="alarm", TemplateBody=textwrap.dedent(template))
    stacks.get_waiter("stack_create_complete").wait(StackName="alarm", WaiterConfig={"Delay": 1})
    listed = sns.list_subscriptions_by_topic(TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:alarm")["Subscriptions"]
    assert {one["Protocol"]: one["SubscriptionArn"] == "PendingConfirmation" for one in listed} == {"email": True, "sms": False}
    stacks.delete_stack(StackName="alarm")
    stacks.get_waiter("stack_delete_complete").wait(StackName="alarm", WaiterConfig={"Delay": 1})
    # Unconfirmed ones cannot be deleted: they are of a topic that is gone.
    assert not [one for one in sns.list_topics()["Topics"] if one["TopicArn"].endswith(":alarm")]


def test_deliveries_are_logged_where_the_topic_says_so(open_machine, sns, sqs):
    iam, logs = client_of(open_machine, "iam"), client_of(open_machine, "logs")
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sts:AssumeRole"}}
    role = iam.create_role(RoleName="feedback", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    write = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}}
    iam.put_role_policy(RoleName="feedback", PolicyName="write", PolicyDocument=json.dumps(write))
    topic = a_topic(sns, SQSSuccessFeedbackRoleArn=role, SQSSuccessFeedbackSampleRate="100", SQSFailureFeedbackRoleArn=role)
    url, _ = subscribed(sns, sqs, topic)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:nowhere")
    published = sns.publish(TopicArn=topic, Message="m")["MessageId"]
    group = f"sns/us-east-1/{ACCOUNT}/{topic.split(':')[-1]}"
    for name, status in ((group, "SUCCESS"), (f"{group}/Failure", "FAILURE")):
        for _ in range(100):
            try:
                events = logs.filter_log_events(logGroupName=name)["events"]
            except ClientError:
                events = []
            if events:
                break
            time.sleep(0.1)
        [line] = [json.loads(event["message"]) for event in events]
        assert (line["status"], line["notification"]["messageId"], line["notification"]["topicArn"]) == (status, published, topic)


def test_the_aws_command(open_machine):
    environment = open_machine.environment(
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{open_machine.port}", AWS_ACCESS_KEY_ID=ACCOUNT, AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1",
    )
    run = lambda *words: subprocess.run(["aws", "sns", *words], env=environment, capture_output=True, text=True, check=True).stdout
    topic = json.loads(run("create-topic", "--name", "by-command", "--tags", "Key=a,Value=b"))["TopicArn"]
    assert json.loads(run("list-tags-for-resource", "--resource-arn", topic))["Tags"] == [{"Key": "a", "Value": "b"}]
    assert "MessageId" in json.loads(run("publish", "--topic-arn", topic, "--message", "m"))
    run("delete-topic", "--topic-arn", topic)
    assert topic not in run("list-topics")
