"""SQS with boto3, the aws command, and clients that still speak its older protocol.

What a sequence of calls does to a queue is held against a model in `cloud/sqs/tests/properties.rs`, and AWS's recorded answers
are replayed in `cloud/sqs/tests/recorded.rs`.
"""

import concurrent.futures
import hashlib
import json
import socket
import subprocess
import sys
import textwrap
import threading
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import Machine

ACCOUNT, OTHER = "000000000000", "222222222222"


def arn(name, account=ACCOUNT):
    return f"arn:aws:sqs:us-east-1:{account}:{name}"


@pytest.fixture(scope="module")
def open_machine(tmp_path_factory):
    """A cloud of anybody's keys."""
    machine = Machine(tmp_path_factory.mktemp("open"))
    machine.run("cloud", "start", "--open")
    yield machine
    machine.stop()


@pytest.fixture(scope="module")
def fast(tmp_path_factory):
    """A client of a cloud in which an hour passes in 20 seconds."""
    machine = Machine(tmp_path_factory.mktemp("fast"))
    machine.run("cloud", "start", "--open", "--time-scale", "180")
    yield client_of(machine)
    machine.stop()


def client_of(machine, account=ACCOUNT, **more):
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    key = dict(aws_access_key_id=account, aws_secret_access_key="test")
    return boto3.client("sqs", endpoint_url=f"http://127.0.0.1:{machine.port}", region_name="us-east-1", config=config, **key, **more)


@pytest.fixture(scope="module")
def sqs(open_machine):
    return client_of(open_machine)


@pytest.fixture
def queue(sqs, request):
    """The URL of a queue with the test's name."""
    return sqs.create_queue(QueueName=request.node.originalname[:80])["QueueUrl"]


def fifo(sqs, name, **attributes):
    return sqs.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true", **attributes})["QueueUrl"]


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Code"] == code, error.value
    return error.value.response["Error"]["Message"]


def bodies(answer):
    return [message["Body"] for message in answer.get("Messages", [])]


def numbers(sqs, url):
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return [int(told[f"ApproximateNumberOfMessages{name}"]) for name in ("", "NotVisible", "Delayed")]


def until(reached, *arguments):
    while not (found := reached(*arguments)):
        time.sleep(0.02)
    return found


# ---- messages


def test_attributes_and_digests_come_back(sqs, queue):
    attributes = {
        "text": {"DataType": "String.label", "StringValue": "ä\r\n\t"},
        "number": {"DataType": "Number.float", "StringValue": "1.50"},
        "bytes": {"DataType": "Binary", "BinaryValue": bytes(range(256))},
    }
    # boto3 checks the digests of what it receives, but for attributes' (botocore.handlers).
    sent = sqs.send_message(QueueUrl=queue, MessageBody="a\r\nb <&> \U0001f600", MessageAttributes=attributes)
    message = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"][0]
    assert message["MessageAttributes"] == attributes and message["Body"] == "a\r\nb <&> \U0001f600"
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"] == digest(attributes)
    assert message["MD5OfBody"] == hashlib.md5(message["Body"].encode()).hexdigest()
    assert message["MessageId"] == sent["MessageId"]


def digest(attributes):
    """As the Developer Guide says it, "Calculating the MD5 message digest for message attributes"."""
    part = lambda data: len(data).to_bytes(4, "big") + data
    md5 = hashlib.md5()
    for name, attribute in sorted(attributes.items()):
        binary = "BinaryValue" in attribute
        value = attribute["BinaryValue"] if binary else attribute["StringValue"].encode()
        md5.update(part(name.encode()) + part(attribute["DataType"].encode()) + (b"\2" if binary else b"\1") + part(value))
    return md5.hexdigest()


def test_what_is_no_message_is_refused(sqs, queue):
    send = lambda **more: {"QueueUrl": queue, "MessageBody": "m", **more}
    text = lambda value="v", kind="String": {"DataType": kind, "StringValue": value}
    for name in ("AWS.x", "amazon.x", ".x", "x.", "x..y", "x y", "x" * 257):
        refused("InvalidParameterValue", sqs.send_message, **send(MessageAttributes={name: text()}))
    for value in (text(kind="Text"), text(kind=""), text("x", "Number"), {"DataType": "Binary", "StringValue": "x"}, text("\x01")):
        refused("InvalidParameterValue", sqs.send_message, **send(MessageAttributes={"a": value}))
    refused("InvalidParameterValue", sqs.send_message, **send(MessageAttributes={f"a{number}": text() for number in range(11)}))
    refused("InvalidParameterValue", sqs.send_message, **send(MessageSystemAttributes={"Other": text()}))
    refused("InvalidParameterValue", sqs.send_message, **send(DelaySeconds=901))
    refused("InvalidParameterValue", sqs.send_message, **send(MessageDeduplicationId="of a FIFO queue"))
    for character in ("\x00", "\x0b", "\x1f", "\ufffe", "\uffff"):
        refused("InvalidMessageContents", sqs.send_message, QueueUrl=queue, MessageBody=f"a{character}")
    assert numbers(sqs, queue) == [0, 0, 0]


def test_a_mebibyte_and_not_a_byte_more(sqs, queue):
    attributes = {"a": {"DataType": "String", "StringValue": "v"}}
    most = 1_048_576 - len("aStringv")
    sqs.send_message(QueueUrl=queue, MessageBody="x" * most, MessageAttributes=attributes)
    refused("InvalidParameterValue", sqs.send_message, QueueUrl=queue, MessageBody="x" * (most + 1), MessageAttributes=attributes)
    half = [{"Id": str(number), "MessageBody": "é" * 262_144} for number in range(2)]
    assert len(sqs.send_message_batch(QueueUrl=queue, Entries=half)["Successful"]) == 2
    half[0]["MessageBody"] += "x"
    message = refused("AWS.SimpleQueueService.BatchRequestTooLong", sqs.send_message_batch, QueueUrl=queue, Entries=half)
    assert message == "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes."
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    assert sorted(len(body.encode()) for body in bodies(received)) == [524_288, 524_288, most]


def test_batches_tell_of_each_entry(sqs, queue):
    entries = [{"Id": "good", "MessageBody": "m"}, {"Id": "bad", "MessageBody": "\x00"}]
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert [entry["Id"] for entry in sent["Successful"]] == ["good"]
    assert [(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in sent["Failed"]] == [("bad", "InvalidMessageContents", True)]
    handle = sqs.receive_message(QueueUrl=queue)["Messages"][0]["ReceiptHandle"]
    entries = [{"Id": "a", "ReceiptHandle": handle, "VisibilityTimeout": 60}, {"Id": "b", "ReceiptHandle": "x", "VisibilityTimeout": 0}]
    changed = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=entries)
    assert [entry["Code"] for entry in changed["Failed"]] == ["ReceiptHandleIsInvalid"] and len(changed["Successful"]) == 1
    for entry in entries:
        del entry["VisibilityTimeout"]
    deleted = sqs.delete_message_batch(QueueUrl=queue, Entries=entries)
    assert [entry["Code"] for entry in deleted["Failed"]] == ["ReceiptHandleIsInvalid"] and len(deleted["Successful"]) == 1
    batch = lambda *ids: {"QueueUrl": queue, "Entries": [{"Id": one, "MessageBody": "m"} for one in ids]}
    for code, ids in (("EmptyBatchRequest", ()), ("BatchEntryIdsNotDistinct", ("a", "a")), ("TooManyEntriesInBatchRequest", map(str, range(11)))):
        refused(f"AWS.SimpleQueueService.{code}", sqs.send_message_batch, **batch(*ids))


def test_a_handle_is_of_its_queue(sqs, queue):
    other = sqs.create_queue(QueueName="another")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="m")
    handle = sqs.receive_message(QueueUrl=queue)["Messages"][0]["ReceiptHandle"]
    for call in (sqs.delete_message, lambda **of: sqs.change_message_visibility(VisibilityTimeout=1, **of)):
        refused("ReceiptHandleIsInvalid", call, QueueUrl=other, ReceiptHandle=handle)
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=handle)
    # A used one, again.
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=handle)
    refused("InvalidParameterValue", sqs.change_message_visibility, QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=1)


# ---- time


def test_twelve_hours_are_the_longest(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="m")
    handle = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=43_200)["Messages"][0]["ReceiptHandle"]
    # Some time has passed since it was received.
    change = dict(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=43_200)
    message = until(lambda: try_change(sqs, change))
    assert message == "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"
    assert numbers(sqs, queue) == [0, 1, 0]


def try_change(sqs, change):
    try:
        sqs.change_message_visibility(**change)
    except ClientError as error:
        return error.response["Error"]["Message"]


def test_delays_and_timeouts_hide(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="delayed", DelaySeconds=600)
    assert numbers(sqs, queue) == [0, 0, 1] and bodies(sqs.receive_message(QueueUrl=queue)) == []
    sqs.send_message(QueueUrl=queue, MessageBody="ready")
    assert bodies(sqs.receive_message(QueueUrl=queue)) == ["ready"] and numbers(sqs, queue) == [0, 1, 1]
    assert bodies(sqs.receive_message(QueueUrl=queue)) == []


def test_delays_and_timeouts_end(fast):
    url = fast.create_queue(QueueName="hidden")["QueueUrl"]
    fast.send_message(QueueUrl=url, MessageBody="delayed", DelaySeconds=300)
    # Long polling sees what becomes ready by itself; each wait is 20 of AWS's seconds.
    receive = lambda: fast.receive_message(QueueUrl=url, WaitTimeSeconds=20, VisibilityTimeout=300, AttributeNames=["All"]).get("Messages")
    received, again = until(receive), until(receive)
    assert [one[0]["Attributes"]["ApproximateReceiveCount"] for one in (received, again)] == ["1", "2"]
    assert again[0]["ReceiptHandle"] != received[0]["ReceiptHandle"]


def test_old_messages_are_gone(fast):
    url = fast.create_queue(QueueName="forgetful", Attributes={"MessageRetentionPeriod": "60"})["QueueUrl"]
    fast.send_message_batch(QueueUrl=url, Entries=[{"Id": str(number), "MessageBody": "m"} for number in range(10)])
    until(lambda: numbers(fast, url) == [0, 0, 0])
    assert bodies(fast.receive_message(QueueUrl=url)) == []


def test_the_sixty_seconds_of_purges_and_names(sqs):
    url = sqs.create_queue(QueueName="swept")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="before")
    sqs.purge_queue(QueueUrl=url)
    sqs.send_message(QueueUrl=url, MessageBody="after")
    assert bodies(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)) == ["after"]
    refused("AWS.SimpleQueueService.PurgeQueueInProgress", sqs.purge_queue, QueueUrl=url)
    sqs.delete_queue(QueueUrl=url)
    refused("AWS.SimpleQueueService.NonExistentQueue", sqs.send_message, QueueUrl=url, MessageBody="m")
    refused("AWS.SimpleQueueService.QueueDeletedRecently", sqs.create_queue, QueueName="swept")


def test_the_sixty_seconds_end(fast):
    url = fast.create_queue(QueueName="swept")["QueueUrl"]
    for _ in range(2):
        fast.send_message(QueueUrl=url, MessageBody="m")
        until(succeeds, lambda: fast.purge_queue(QueueUrl=url))
    fast.delete_queue(QueueUrl=url)
    until(succeeds, lambda: fast.create_queue(QueueName="swept"))
    assert numbers(fast, url) == [0, 0, 0]


def succeeds(call):
    try:
        call()
    except ClientError:
        return False
    return True


# ---- waiting


def test_waiting_receivers_get_what_is_sent(sqs, queue):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = [pool.submit(lambda: bodies(until_received(sqs, queue))) for _ in range(5)]
        for number in range(5):
            sqs.send_message(QueueUrl=queue, MessageBody=str(number))
        assert sorted(body for one in waiting for body in one.result(timeout=60)) == list("01234")


def until_received(sqs, url):
    return until(lambda: answer if (answer := sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)).get("Messages") else None)


def test_a_receiver_that_hung_up_takes_nothing_along(machine):
    machine.run("cloud", "start", "--open")
    sqs = client_of(machine)
    url = sqs.create_queue(QueueName="left")["QueueUrl"]
    body = json.dumps({"QueueUrl": url, "WaitTimeSeconds": 20})
    head = f"POST / HTTP/1.1\r\nHost: localhost:{machine.port}\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Length: {len(body)}\r\n"
    credential = f"{ACCOUNT}/20261129/us-east-1/sqs/aws4_request"
    head += f"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20261129T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n\r\n"
    gone = [socket.create_connection(("127.0.0.1", machine.port)) for _ in range(3)]
    for connection in gone:
        connection.sendall((head + body).encode())
    time.sleep(0.2)
    for connection in gone:
        connection.close()
    time.sleep(0.5)
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    assert numbers(sqs, url) == [1, 0, 0]
    assert bodies(sqs.receive_message(QueueUrl=url)) == ["kept"]


def test_the_cloud_ends_although_somebody_waits(machine):
    machine.run("cloud", "start", "--open")
    sqs = client_of(machine)
    url = sqs.create_queue(QueueName="patient")["QueueUrl"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = [pool.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=20) for _ in range(3)]
        time.sleep(0.5)
        machine.run("cloud", "stop")
        # They are answered, with nothing.
        assert [bodies(one.result(timeout=60)) for one in waiting] == [[], [], []]


def test_a_noisy_neighbour_lets_others_go_first(sqs, queue):
    for number in range(20):
        sqs.send_message(QueueUrl=queue, MessageBody=f"noisy {number}", MessageGroupId="noisy")
    assert len(bodies(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10))) == 10
    for number in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=f"quiet {number}", MessageGroupId="quiet")
    received = bodies(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=5))
    assert received == ["quiet 0", "quiet 1", "quiet 2", "noisy 10", "noisy 11"]


# ---- FIFO


def test_an_attempt_is_repeated(sqs):
    url = fifo(sqs, "attempts", ContentBasedDeduplication="true", VisibilityTimeout="43200")
    for number in range(4):
        sqs.send_message(QueueUrl=url, MessageBody=str(number), MessageGroupId="g")
    receive = lambda **more: sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=2, **more)
    first = receive(ReceiveRequestAttemptId="once")["Messages"]
    again = receive(ReceiveRequestAttemptId="once")["Messages"]
    assert [(one["Body"], one["ReceiptHandle"]) for one in first] == [(one["Body"], one["ReceiptHandle"]) for one in again]
    # The group is held by them, for everybody else.
    assert bodies(receive(ReceiveRequestAttemptId="other")) == [] and bodies(receive()) == []
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first[0]["ReceiptHandle"])
    assert bodies(receive(ReceiveRequestAttemptId="once")) == []
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first[1]["ReceiptHandle"])
    assert bodies(receive()) == ["2", "3"]


def duplicate(sqs, url, body):
    return sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId="one")


def test_a_duplicate_is_told_as_the_first(sqs):
    url = fifo(sqs, "duplicates")
    first, second = duplicate(sqs, url, "first"), duplicate(sqs, url, "second")
    assert (first["MessageId"], first["SequenceNumber"]) == (second["MessageId"], second["SequenceNumber"])
    assert bodies(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)) == ["first"]


def test_a_duplicate_is_forgotten_after_five_minutes(fast):
    url = fifo(fast, "duplicates")
    first = duplicate(fast, url, "first")
    second = until(lambda: answer if (answer := duplicate(fast, url, "second"))["MessageId"] != first["MessageId"] else None)
    assert int(second["SequenceNumber"]) > int(first["SequenceNumber"]) and len(second["SequenceNumber"]) == 20
    assert bodies(fast.receive_message(QueueUrl=url, MaxNumberOfMessages=10)) == ["first", "second"]


def test_the_delay_of_a_fifo_queue_is_retroactive(sqs):
    url = fifo(sqs, "late", ContentBasedDeduplication="true", DelaySeconds="900")
    sqs.send_message(QueueUrl=url, MessageBody="m", MessageGroupId="g")
    assert numbers(sqs, url) == [0, 0, 1]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "0"})
    assert numbers(sqs, url) == [1, 0, 0]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "900"})
    assert numbers(sqs, url) == [0, 0, 1] and bodies(sqs.receive_message(QueueUrl=url)) == []


def test_a_limit_per_group_needs_deduplication_per_group(sqs):
    attributes = {"FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId"}
    refused("InvalidAttributeValue", sqs.create_queue, QueueName="fast.fifo", Attributes=attributes)


# ---- dead letters


def with_dead_letters(sqs, name, receipts=1, end="", **attributes):
    kind = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if end else {}
    dead = sqs.create_queue(QueueName=f"{name}-dead{end}", Attributes=kind)["QueueUrl"]
    redrive = json.dumps({"deadLetterTargetArn": arn(f"{name}-dead{end}"), "maxReceiveCount": receipts})
    return sqs.create_queue(QueueName=f"{name}{end}", Attributes={"RedrivePolicy": redrive, **kind, **attributes})["QueueUrl"], dead


@pytest.mark.parametrize("end", ["", ".fifo"])
def test_a_dead_letter_keeps_its_id(sqs, end):
    url, dead = with_dead_letters(sqs, "letters", receipts=2, end=end)
    group = {"MessageGroupId": "g"} if end else {}
    sent = sqs.send_message(QueueUrl=url, MessageBody="m", **group)["MessageId"]
    everything = dict(AttributeNames=["All"], VisibilityTimeout=0)
    first = sqs.receive_message(QueueUrl=url, **everything)["Messages"][0]["Attributes"]
    sqs.receive_message(QueueUrl=url, **everything)
    assert bodies(sqs.receive_message(QueueUrl=url, **everything)) == []
    message = sqs.receive_message(QueueUrl=dead, **everything)["Messages"][0]
    assert message["MessageId"] == sent
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == arn(f"letters{end}")
    assert message["Attributes"]["ApproximateReceiveCount"] == "3"
    # A standard queue's keeps its age, too; a FIFO queue's begins anew.
    assert (message["Attributes"]["SentTimestamp"] == first["SentTimestamp"]) == (not end)
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]


def test_who_may_send_dead_letters(sqs):
    dead = sqs.create_queue(QueueName="choosy")["QueueUrl"]
    policy = lambda receipts=1, target="choosy": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn(target), "maxReceiveCount": receipts})}
    allow = lambda **policy: sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": json.dumps(policy)})
    url = sqs.create_queue(QueueName="chosen")["QueueUrl"]
    for permission, fine in (({"redrivePermission": "denyAll"}, False), ({"redrivePermission": "byQueue", "sourceQueueArns": [arn("other")]}, False), ({"redrivePermission": "byQueue", "sourceQueueArns": [arn("chosen")]}, True), ({"redrivePermission": "allowAll"}, True)):
        allow(**permission)
        if fine:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=policy())
        else:
            refused("InvalidParameterValue", sqs.set_queue_attributes, QueueUrl=url, Attributes=policy())
    fifo(sqs, "choosy")
    for wrong in (policy(0), policy(1001), policy(target="nothing"), policy(target="choosy.fifo"), {"RedrivePolicy": "{}"}, {"RedrivePolicy": "x"}):
        refused("InvalidParameterValue", sqs.set_queue_attributes, QueueUrl=url, Attributes=wrong)


def test_a_move_task_goes_on_after_a_crash(machine):
    machine.run("cloud", "start", "--open", "--time-scale", "10")
    sqs = client_of(machine)
    url, dead = with_dead_letters(sqs, "moved")
    for number in range(40):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    # Each receipt sets the one aside that was received before.
    for _ in range(80):
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)
    assert numbers(sqs, dead) == [40, 0, 0]
    handle = sqs.start_message_move_task(SourceArn=arn("moved-dead"), MaxNumberOfMessagesPerSecond=2)["TaskHandle"]
    until(lambda: numbers(sqs, url)[0] > 0)
    machine.kill()
    machine.run("cloud", "start", "--open", "--time-scale", "10")
    task = lambda: sqs.list_message_move_tasks(SourceArn=arn("moved-dead"))["Results"][0]
    until(lambda: task()["Status"] == "COMPLETED")
    assert (numbers(sqs, url), numbers(sqs, dead)) == ([40, 0, 0], [0, 0, 0])
    refused("AWS.SimpleQueueService.UnsupportedOperation", sqs.cancel_message_move_task, TaskHandle=handle)


def test_what_is_acknowledged_survives_a_kill(machine):
    machine.run("cloud", "start", "--open")
    sqs = client_of(machine)
    url = fifo(sqs, "kept", ContentBasedDeduplication="true", VisibilityTimeout="43200")
    sent, deleted, received, stop = [], [], [], threading.Event()

    def work(group):
        own = client_of(machine)
        number = 0
        while not stop.is_set():
            try:
                own.send_message(QueueUrl=url, MessageBody=f"{group} {number}", MessageGroupId=group)
                sent.append(f"{group} {number}")
                number += 1
                if number % 3 == 0:
                    for message in own.receive_message(QueueUrl=url).get("Messages", []):
                        received.append(message["Body"])
                        own.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                        deleted.append(message["Body"])
            except Exception:
                return

    threads = [threading.Thread(target=work, args=(group,)) for group in "abc"]
    for thread in threads:
        thread.start()
    until(lambda: len(deleted) > 30)
    machine.kill()
    stop.set()
    for thread in threads:
        thread.join()
    machine.run("cloud", "start", "--open")
    # What was received and not deleted is still in flight; its group gives nothing until it is let go.
    left = sum(numbers(sqs, url))
    kept = set(sent) - set(deleted)
    # Of each thread, one call was under way when the cloud was killed: it may have been carried out.
    assert abs(left - len(kept)) <= 3, (left, len(kept))
    seen = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        seen += [message["Body"] for message in messages]
        sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]} for index, message in enumerate(messages)])
    assert not set(seen) & set(deleted)
    for group in "abc":
        order = [int(body.split()[1]) for body in seen if body.startswith(group)]
        assert order == sorted(order), order


# ---- queues


def test_lists_are_paged(sqs):
    for number in range(5):
        sqs.create_queue(QueueName=f"page-{number}")
    first = sqs.list_queues(QueueNamePrefix="page-", MaxResults=2)
    second = sqs.list_queues(QueueNamePrefix="page-", MaxResults=10, NextToken=first["NextToken"])
    names = [url.rsplit("/", 1)[1] for answer in (first, second) for url in answer["QueueUrls"]]
    assert names == [f"page-{number}" for number in range(5)] and "NextToken" not in second
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="nothing")
    for size in (0, 1001):
        refused("InvalidParameterValue", sqs.list_queues, MaxResults=size)


def test_a_url_is_read_by_its_path(sqs, queue):
    name = queue.rsplit("/", 1)[1]
    for url in (f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/{name}", f"https://{ACCOUNT}/{ACCOUNT}/{name}", name):
        sqs.send_message(QueueUrl=url, MessageBody="m")
    assert numbers(sqs, queue) == [3, 0, 0]
    assert queue == sqs.get_queue_url(QueueName=name)["QueueUrl"]


def test_what_is_no_queue_is_refused(sqs):
    create = lambda name, **attributes: refused_create(sqs, name, attributes)
    assert create("a.b") == create("x" * 81) == create("a.fifo") == "InvalidParameterValue"
    assert create("a", VisibilityTimeout="43201") == create("a", MaximumMessageSize="1048577") == "InvalidAttributeValue"
    assert create("a", Policy="x") == create("a", SqsManagedSseEnabled="perhaps") == "InvalidAttributeValue"
    assert create("a", Other="x") == create("a", QueueArn="x") == "InvalidAttributeName"
    with pytest.raises(ClientError, match="KmsMasterKeyId") as error:
        sqs.create_queue(QueueName="a", Attributes={"KmsMasterKeyId": "alias/aws/sqs"})
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def refused_create(sqs, name, attributes):
    with pytest.raises(ClientError) as error:
        sqs.create_queue(QueueName=name, Attributes=attributes)
    return error.value.response["Error"]["Code"]


def test_policies_let_other_accounts_in(open_machine, sqs, queue):
    stranger = client_of(open_machine, OTHER)
    send = lambda: stranger.send_message(QueueUrl=queue, MessageBody="from afar")
    refused("AccessDenied", send)
    sqs.add_permission(QueueUrl=queue, Label="them", AWSAccountIds=[OTHER], Actions=["SendMessage"])
    send()
    refused("AccessDenied", stranger.receive_message, QueueUrl=queue)
    message = sqs.receive_message(QueueUrl=queue, AttributeNames=["SenderId"])["Messages"][0]
    assert (message["Body"], message["Attributes"]["SenderId"]) == ("from afar", OTHER)
    refused("InvalidParameterValue", sqs.add_permission, QueueUrl=queue, Label="them", AWSAccountIds=[OTHER], Actions=["SendMessage"])
    refused("InvalidParameterValue", sqs.add_permission, QueueUrl=queue, Label="more", AWSAccountIds=[OTHER], Actions=["DeleteQueue"])
    sqs.remove_permission(QueueUrl=queue, Label="them")
    refused("AccessDenied", send)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [deny]})})
    refused("AccessDenied", sqs.send_message, QueueUrl=queue, MessageBody="mine")


def test_iam_knows_actions_queues_and_tags(shared_machine):
    iam, root = shared_machine.client("iam"), shared_machine.client("sqs")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = shared_machine.client("sqs", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    tagged = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    asked = {"StringEquals": {"aws:RequestTag/team": "blue"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    statements = [
        {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": "*", "Condition": tagged},
        {"Effect": "Allow", "Action": ["sqs:CreateQueue", "sqs:TagQueue"], "Resource": arn("ann-*"), "Condition": asked},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=policy)
    urls = {team: root.create_queue(QueueName=f"of-{team}", tags={"team": team})["QueueUrl"] for team in ("blue", "red")}
    # A batch needs what one message does.
    batch = [{"Id": "a", "MessageBody": "m"}]
    ann.send_message_batch(QueueUrl=urls["blue"], Entries=batch)
    handle = ann.receive_message(QueueUrl=urls["blue"])["Messages"][0]["ReceiptHandle"]
    message = refused("AccessDenied", ann.delete_message, QueueUrl=urls["blue"], ReceiptHandle=handle)
    assert "sqs:DeleteMessage" in message and arn("of-blue") in message
    refused("AccessDenied", ann.send_message_batch, QueueUrl=urls["red"], Entries=batch)
    ann.create_queue(QueueName="ann-1", tags={"team": "blue"})
    for name, tags in (("ann-2", {"team": "red"}), ("ann-2", {"team": "blue", "more": "x"}), ("ann-2", {}), ("bob-1", {"team": "blue"})):
        refused("AccessDenied", ann.create_queue, QueueName=name, tags=tags)
    # Whoever may not read or delete there, may not move messages away.
    refused("AccessDenied", ann.start_message_move_task, SourceArn=arn("of-blue"), DestinationArn=arn("of-blue"))


# ---- other clients

OLD = """
    import json, os
    import boto3
    from botocore.exceptions import ClientError

    sqs = boto3.client("sqs")
    assert sqs.meta.service_model.metadata["protocol"] == "query"
    told = {}
    url = sqs.create_queue(QueueName="old", Attributes={"DelaySeconds": "0", "VisibilityTimeout": "77"}, tags={"a": "b"})["QueueUrl"]
    told["attributes"] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout", "QueueArn"])["Attributes"]
    told["tags"] = sqs.list_queue_tags(QueueUrl=url)["Tags"]
    attributes = {"t": {"DataType": "String", "StringValue": "x"}, "b": {"DataType": "Binary", "BinaryValue": b"\\\\0\\\\xff"}}
    entries = [{"Id": str(number), "MessageBody": f"a\\\\r\\\\n<{number}>", "MessageAttributes": attributes} for number in range(3)]
    sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    told["sent"] = [entry["Id"] for entry in sent["Successful"]]
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
    told["received"] = sorted(message["Body"] for message in received)
    assert all(message["MessageAttributes"] == attributes for message in received)
    told["count"] = received[0]["Attributes"]["ApproximateReceiveCount"]
    entries = [{"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]} for index, message in enumerate(received)]
    entries[2]["ReceiptHandle"] = "x"
    deleted = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    told["deleted"] = [len(deleted["Successful"]), deleted["Failed"][0]["Code"]]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=received[2]["ReceiptHandle"], VisibilityTimeout=0)
    told["empty"] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [{}])[0].get("Body")
    sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
    sqs.untag_queue(QueueUrl=url, TagKeys=["a"])
    told["queues"] = len(sqs.list_queues(QueueNamePrefix="old")["QueueUrls"])
    try:
        sqs.send_message(QueueUrl=url + "er", MessageBody="m")
    except ClientError as error:
        told["error"] = [error.response["Error"]["Code"], error.response["Error"]["Message"]]
    try:
        sqs.get_queue_url(QueueName="none")
    except sqs.exceptions.QueueDoesNotExist as error:
        told["known"] = True
    sqs.delete_queue(QueueUrl=url)
    print(json.dumps(told))
"""


@pytest.fixture(scope="session")
def older(tmp_path_factory):
    """A Python with a boto3 that speaks the query protocol of SQS."""
    folder = tmp_path_factory.mktemp("older") / "venv"
    python = str(folder / "bin" / "python")
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)], check=True, timeout=300)
    packages = ["boto3==1.26.165", "botocore==1.29.165"]
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", python, *packages], check=True, timeout=300)
    return python


def test_an_older_client_speaks_query(shared_machine, older, tmp_path):
    script = tmp_path / "old.py"
    script.write_text(textwrap.dedent(OLD).replace("\\\\", "\\"))
    variables = shared_machine.client_environment()
    # Such a client knows no AWS_ENDPOINT_URL.
    text = script.read_text().replace('client("sqs")', f'client("sqs", endpoint_url="{variables["AWS_ENDPOINT_URL"]}")')
    script.write_text(text)
    done = subprocess.run([older, str(script)], env=shared_machine.environment(**variables), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == {
        "attributes": {"VisibilityTimeout": "77", "QueueArn": arn("old")},
        "tags": {"a": "b"},
        "sent": ["0", "1", "2"],
        "received": [f"a\r\n<{number}>" for number in range(3)],
        "count": "1",
        "deleted": [2, "ReceiptHandleIsInvalid"],
        "empty": told["empty"],
        "queues": 1,
        "error": ["AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist for this wsdl version."],
        "known": True,
    }
    assert told["empty"] in told["received"]


def test_the_aws_command(shared_machine):
    # Version 1 of the command goes to AWS for SQS, whatever AWS_ENDPOINT_URL says, unless it is told here.
    url = shared_machine.client_environment()["AWS_ENDPOINT_URL"]
    aws = lambda *arguments: json.loads(shared_machine.aws("--endpoint-url", url, "sqs", *arguments, "--output", "json").stdout or "{}")
    url = aws("create-queue", "--queue-name", "by-cli", "--attributes", "DelaySeconds=0")["QueueUrl"]
    aws("send-message", "--queue-url", url, "--message-body", "hello", "--message-attributes", "a={DataType=String,StringValue=b}")
    message = aws("receive-message", "--queue-url", url, "--message-attribute-names", "All")["Messages"][0]
    assert (message["Body"], message["MessageAttributes"]["a"]["StringValue"]) == ("hello", "b")
    aws("delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
    told = aws("get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]
    assert told["ApproximateNumberOfMessages"] == told["ApproximateNumberOfMessagesNotVisible"] == "0"
    aws("delete-queue", "--queue-url", url)
