"""What SQS's operations are about."""

import json
import time

from members.subject import Subject

ARN = "arn:aws:sqs:us-east-1:000000000000"
TEXT, BYTES = {"DataType": "String", "StringValue": "text"}, {"DataType": "Binary", "BinaryValue": b"bytes"}
TRACE = {"DataType": "String", "StringValue": "Root=1-00000000-000000000000000000000000"}


def entry(**members):
    return {"Entries": [{"Id": "a", "MessageBody": "body", **members}]}


NAME = {"MessageAttributes": "a", "MessageSystemAttributes": "AWSTraceHeader"}


def beside():
    """What stands beside the value of an attribute: its type, and what it then has, where the value is one that AWS refuses."""
    for kind, name in NAME.items():
        for value in ("StringValue", "BinaryValue", "StringListValues", "BinaryListValues"):
            if value == "BinaryValue" and kind == "MessageAttributes":
                attribute = {"DataType": "Binary"}
            else:
                attribute = {"DataType": "String", **({} if value == "StringValue" else {"StringValue": "text"})}
            yield ("SendMessage", f"{kind}.{value}"), {kind: {name: attribute}}
            yield ("SendMessageBatch", f"Entries.{kind}.{value}"), entry(**{kind: {name: attribute}})


class Recipe(Subject):
    SERVICE = "sqs"
    # A queue's name stands for its URL, too.
    QueueUrl = QueueName = "{name}"
    CreateQueue_QueueName = "{name}"
    Attributes = {"DelaySeconds": "7"}
    tags = Tags = {"a": "b"}
    TagKeys = ["first"]
    Label, AWSAccountIds, Actions = "label", ["111111111111"], ["SendMessage"]
    RemovePermission_Label = "there"
    QueueOwnerAWSAccountId = "111111111111"
    QueueNamePrefix = "{name}-"
    GetQueueAttributes_AttributeNames = ["DelaySeconds"]
    ReceiveMessage_AttributeNames = MessageSystemAttributeNames = ["SentTimestamp"]
    MessageAttributeNames = ["All"]
    MaxNumberOfMessages, VisibilityTimeout, WaitTimeSeconds = 2, 0, 21
    ReceiveRequestAttemptId = "attempt"
    MessageBody, DelaySeconds = "body", 9
    MessageDeduplicationId, MessageGroupId = "once", "group"
    MessageAttributes, MessageSystemAttributes = {"a": TEXT}, {"AWSTraceHeader": TRACE}
    Id = "a"
    SourceArn, DestinationArn = f"{ARN}:{{name}}-dead", f"{ARN}:{{name}}"
    MaxNumberOfMessagesPerSecond = 7
    StringListValues, BinaryListValues = ["text"], [b"bytes"]
    NAMED = {"CreateQueue": {"QueueUrl": "QueueUrl"}}
    LOOK = {
        "GetQueueAttributes": {"AttributeNames": ["All"]},
        "ListMessageMoveTasks": {"MaxResults": 10},
        "ListQueues": {"QueueNamePrefix": "{name}"},
        "ListDeadLetterSourceQueues": {"QueueUrl": "{name}-dead"},
    }
    BASE = {
        "ListQueues": {"QueueNamePrefix": "{name}"},
        "ListDeadLetterSourceQueues": {"QueueUrl": "{name}-dead"},
        "GetQueueAttributes": {"AttributeNames": ["All"]},
    }
    TOGETHER = {
        **dict(beside()),
        ("SendMessage", "MessageDeduplicationId"): {"QueueUrl": "{name}.fifo", "MessageGroupId": "group"},
        ("SendMessage", "MessageGroupId"): {"QueueUrl": "{name}.fifo", "MessageDeduplicationId": "once"},
        ("SendMessageBatch", "Entries.MessageDeduplicationId"): {"QueueUrl": "{name}.fifo", **entry(MessageGroupId="group")},
        ("SendMessageBatch", "Entries.MessageGroupId"): {"QueueUrl": "{name}.fifo", **entry(MessageDeduplicationId="once")},
    }
    REFUSES = {
        ("GetQueueUrl", "QueueOwnerAWSAccountId"): ("AWS.SimpleQueueService.NonExistentQueue",),
        # How long it waits is not seen, but that it cannot wait for so long.
        ("ReceiveMessage", "WaitTimeSeconds"): ("InvalidParameterValue",),
        # It is for FIFO queues alone: tests/test_sqs.py.
        ("ReceiveMessage", "ReceiveRequestAttemptId"): ("InvalidParameterValue",),
        # The trace is a text (API reference, SendMessage: `MessageSystemAttributes`).
        ("SendMessage", "MessageSystemAttributes.BinaryValue"): ("InvalidParameterValue",),
        ("*", "StringListValues"): ("AWS.SimpleQueueService.UnsupportedOperation",),
        ("*", "BinaryListValues"): ("AWS.SimpleQueueService.UnsupportedOperation",),
    }

    @property
    def sqs(self):
        return self.world.client("sqs")

    def begin(self):
        if self.operation == "CreateQueue":
            return
        dead, source = f"{self.name}-dead", f"{self.name}-source"
        redrive = json.dumps({"deadLetterTargetArn": f"{ARN}:{dead}", "maxReceiveCount": 1})
        self.sqs.create_queue(QueueName=self.name, tags={"first": "kept", "second": "kept"})
        self.sqs.add_permission(QueueUrl=self.name, Label="there", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
        self.sqs.create_queue(QueueName=f"{self.name}.fifo", Attributes={"FifoQueue": "true"})
        self.sqs.create_queue(QueueName=dead)
        for name in (source, f"{source}-2"):
            self.sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": redrive})
        for number in range(3):
            self.sqs.send_message(QueueUrl=self.name, MessageBody=f"kept {number}", MessageAttributes={"a": TEXT, "b": BYTES})
        self.bury(source)
        if self.operation == "ListMessageMoveTasks":
            for _ in range(2):
                self.sqs.start_message_move_task(SourceArn=f"{ARN}:{dead}")
                self.settled(dead)
                self.bury(source)

    def bury(self, source):
        """A message goes to the dead-letter queue."""
        self.sqs.send_message(QueueUrl=source, MessageBody="dead")
        for _ in range(2):
            self.sqs.receive_message(QueueUrl=source, VisibilityTimeout=0)

    def settled(self, dead):
        while self.sqs.list_message_move_tasks(SourceArn=f"{ARN}:{dead}")["Results"][0]["Status"] == "RUNNING":
            time.sleep(0.02)

    def ReceiptHandle(self):
        return self.sqs.receive_message(QueueUrl=self.name)["Messages"][0]["ReceiptHandle"]

    def ChangeMessageVisibility_VisibilityTimeout(self):
        return 0

    def Entries(self):
        if self.operation == "SendMessageBatch":
            return entry()["Entries"]
        return [{"Id": "a", "ReceiptHandle": self.value("ReceiptHandle")}]

    def TaskHandle(self):
        arguments = {"SourceArn": f"{ARN}:{self.name}-dead", "MaxNumberOfMessagesPerSecond": 1}
        return self.sqs.start_message_move_task(**arguments)["TaskHandle"]
