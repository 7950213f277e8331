"""SQS with the SDKs of other languages, and from within a function, with nothing but what `slam env` prints or a function's
environment has.

What is theirs alone: Java's SDK compares the digests of message attributes, of what it sends and of what it receives;
JavaScript's goes where a queue's URL leads.
"""

import json
import os
import shutil
import subprocess

import functions_java as java
import pytest
from functions import create
from test_runtimes import needs_node

JAVA = """
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

public class Queues {
    static MessageAttributeValue text(String type, String value) {
        return MessageAttributeValue.builder().dataType(type).stringValue(value).build();
    }

    public static void main(String[] arguments) {
        try (SqsClient sqs = SqsClient.create()) {
            String url = sqs.createQueue(it -> it.queueName("java")).queueUrl();
            SdkBytes bytes = SdkBytes.fromByteArray(new byte[] {0, 1, (byte) 255});
            Map<String, MessageAttributeValue> attributes = Map.of(
                "text", text("String.label", "\\u00e4\\r\\n\\t"), "number", text("Number.float", "1.50"), "a.b-c_d", text("String", "x"),
                "bytes", MessageAttributeValue.builder().dataType("Binary.gif").binaryValue(bytes).build());
            sqs.sendMessage(it -> it.queueUrl(url).messageBody("alone \\u20ac").messageAttributes(attributes));
            var entries = List.of("one", "two").stream().map(name -> SendMessageBatchRequestEntry.builder().id(name)
                .messageBody(name).messageAttributes(attributes).build()).toList();
            System.out.println(sqs.sendMessageBatch(it -> it.queueUrl(url).entries(entries)).successful().size());
            var received = new TreeMap<String, Message>();
            while (received.size() < 3) {
                sqs.receiveMessage(it -> it.queueUrl(url).waitTimeSeconds(20).maxNumberOfMessages(10).messageAttributeNames("All"))
                    .messages().forEach(it -> received.put(it.body(), it));
            }
            System.out.println(received.keySet().equals(Set.of("alone \\u20ac", "one", "two")));
            System.out.println(received.values().stream().allMatch(it -> it.messageAttributes().equals(attributes)));
            // Of some of the attributes there is another digest.
            sqs.changeMessageVisibility(it -> it.queueUrl(url).receiptHandle(received.get("one").receiptHandle()).visibilityTimeout(0));
            Message one = sqs.receiveMessage(it -> it.queueUrl(url).waitTimeSeconds(20).messageAttributeNames("a.*", "text")).messages().get(0);
            System.out.println(one.messageAttributes().keySet().stream().sorted().toList());
            received.put("one", one);
            var handles = received.values().stream().map(it -> DeleteMessageBatchRequestEntry.builder().id(it.messageId())
                .receiptHandle(it.receiptHandle()).build()).toList();
            System.out.println(sqs.deleteMessageBatch(it -> it.queueUrl(url).entries(handles)).successful().size());
            sqs.deleteQueue(it -> it.queueUrl(url));
            try {
                sqs.getQueueUrl(it -> it.queueName("nothing"));
            } catch (QueueDoesNotExistException error) {
                System.out.println(error.awsErrorDetails().errorCode());
            }
        }
    }
}
"""

SCRIPT = """
    import { SQSClient, SendMessageBatchCommand, SendMessageCommand, ReceiveMessageCommand, DeleteMessageCommand } from "@aws-sdk/client-sqs";

    const sqs = new SQSClient({});
    const QueueUrl = process.argv[2];
    const MessageAttributes = { bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255]) } };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "alone €", MessageAttributes }));
    const Entries = ["one", "two"].map((Id) => ({ Id, MessageBody: Id, MessageAttributes }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const told = [];
    while (told.length < 3) {
      const ask = { QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] };
      for (const message of (await sqs.send(new ReceiveMessageCommand(ask))).Messages ?? []) {
        told.push([message.Body, [...message.MessageAttributes.bytes.BinaryValue]]);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      }
    }
    console.log(JSON.stringify(told.sort()));
"""

FUNCTION = """
import os
import boto3

sqs = boto3.client("sqs")


def handler(event, context):
    sent = sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=event["text"])
    # Also by the name that a queue has in its account.
    url = sqs.get_queue_url(QueueName="from-a-function")["QueueUrl"]
    return {"id": sent["MessageId"], "url": url}
"""


@pytest.mark.skipif(java.runtime() is None, reason="this machine has no JDK that AWS offers on PATH")
def test_java_finds_every_digest_right(shared_machine, tmp_path):
    jars = java.libraries("software.amazon.awssdk:sqs:2.57.8")
    if jars is None:
        pytest.skip("AWS's SDK for Java cannot be had here")
    java.compile(tmp_path / "classes", {"Queues.java": JAVA}, *jars, release=17)
    environment = shared_machine.environment(**shared_machine.client_environment())
    path = os.pathsep.join(map(str, [tmp_path / "classes", *jars]))
    done = subprocess.run(["java", "-cp", path, "Queues"], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["2", "true", "true", "[a.b-c_d, text]", "3", "AWS.SimpleQueueService.NonExistentQueue"]


@needs_node
def test_javascript_goes_where_a_queue_leads(shared_machine, tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("this machine has no npm")
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(tmp_path), "@aws-sdk/client-sqs@3.1169.0"]
    subprocess.run(install, check=True, timeout=300)
    (tmp_path / "queues.mjs").write_text(SCRIPT)
    url = shared_machine.client("sqs").create_queue(QueueName="javascript")["QueueUrl"]
    # Nothing tells it of an endpoint but the queue's URL.
    variables = {name: value for name, value in shared_machine.client_environment().items() if not name.startswith("AWS_ENDPOINT")}
    done = subprocess.run(
        ["node", "queues.mjs", url], cwd=tmp_path, env=shared_machine.environment(**variables), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["alone €", [0, 255]], ["one", [0, 255]], ["two", [0, 255]]]


def test_a_function_sends_without_being_told_an_endpoint(shared_machine, function_role):
    sqs = shared_machine.client("sqs")
    url = sqs.create_queue(QueueName="from-a-function")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    role = function_role(shared_machine, "sender", {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"], "Resource": arn})
    functions = create(shared_machine, role, FUNCTION, name="sender", Environment={"Variables": {"QUEUE": url}}, Timeout=30)
    answer = functions.invoke(FunctionName="sender", Payload=json.dumps({"text": "from within"}))
    told = json.loads(answer["Payload"].read())
    assert told.get("url") == url, told
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert (message["Body"], message["MessageId"]) == ("from within", told["id"])
