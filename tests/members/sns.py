"""What SNS's operations are about."""

import json

from members.subject import Subject

ARN, QUEUE = "arn:aws:sns:us-east-1:000000000000", "arn:aws:sqs:us-east-1:000000000000"
TEXT = {"DataType": "String", "StringValue": "text"}


def entry(**members):
    return {"PublishBatchRequestEntries": [{"Id": "a", "Message": "body", **members}]}


def beside():
    """What stands beside the value of an attribute, where the value is one that SNS needs."""
    for value, kind in (("StringValue", "String"), ("BinaryValue", "Binary")):
        attribute = {"a": {"DataType": kind}}
        yield ("Publish", f"MessageAttributes.{value}"), {"MessageAttributes": attribute}
        yield ("PublishBatch", f"PublishBatchRequestEntries.MessageAttributes.{value}"), entry(MessageAttributes=attribute)


class Recipe(Subject):
    SERVICE = "sns"
    TopicArn = TargetArn = ResourceArn = f"{ARN}:{{name}}"
    Name = "{name}"
    CreateTopic_Attributes = {"DisplayName": "told"}
    Subscribe_Attributes = {"RawMessageDelivery": "true"}
    Tags, TagKeys = [{"Key": "a", "Value": "b"}], ["first"]
    Label, AWSAccountId, ActionName = "label", ["111111111111"], ["Publish"]
    RemovePermission_Label = "there"
    Protocol, Endpoint = "sqs", f"{QUEUE}:{{name}}-more"
    ReturnSubscriptionArn = True
    SetTopicAttributes_AttributeName, SetTopicAttributes_AttributeValue = "DisplayName", "told"
    SetSubscriptionAttributes_AttributeName, SetSubscriptionAttributes_AttributeValue = "RawMessageDelivery", "true"
    GetSMSAttributes_attributes, SetSMSAttributes_attributes = ["MonthlySpendLimit"], {"DefaultSenderID": "told"}
    Message, MessageStructure = "body", "json"
    Subject = "subject"
    MessageAttributes = {"a": TEXT}
    MessageDeduplicationId, MessageGroupId = "once", "group"
    Id = "a"
    StringValue, BinaryValue, DataType = "text", b"bytes", "String"
    PublishBatchRequestEntries = entry()["PublishBatchRequestEntries"]
    NextToken = "none"
    BASE = {"Publish": {"TopicArn": f"{ARN}:{{name}}"}, "Subscribe": {"Endpoint": f"{QUEUE}:{{name}}-more"}}
    NAMED = {"CreateTopic": {"TopicArn": "TopicArn"}, "Subscribe": {"SubscriptionArn": "SubscriptionArn"}}
    LOOK = {"ListTagsForResource": {"ResourceArn": f"{ARN}:{{name}}"}}
    TOGETHER = {
        **dict(beside()),
        ("Publish", "TargetArn"): {"TopicArn": None},
        # It is answered the ARN either way, unless somebody must confirm it.
        ("Subscribe", "ReturnSubscriptionArn"): {"Protocol": "http", "Endpoint": "http://192.0.2.1/"},
        ("Publish", "MessageStructure"): {"Message": json.dumps({"default": "d"})},
        ("PublishBatch", "PublishBatchRequestEntries.MessageStructure"): entry(Message=json.dumps({"default": "d"})),
    }
    REFUSES = {
        # What is sent is seen at the queue: tests/test_sns.py.
        ("Publish", "MessageDeduplicationId"): ("InvalidParameter",),
        ("PublishBatch", "PublishBatchRequestEntries.MessageDeduplicationId"): ("InvalidParameter",),
        ("*", "NextToken"): ("InvalidParameter",),
    }

    @property
    def sns(self):
        return self.world.client("sns")

    def begin(self):
        if self.operation == "CreateTopic":
            return
        self.sns.set_sms_attributes(attributes={"DefaultSMSType": "Promotional"})
        tags = [{"Key": "first", "Value": "kept"}, {"Key": "second", "Value": "kept"}]
        self.sns.create_topic(Name=self.name, Tags=tags)
        self.sns.add_permission(TopicArn=f"{ARN}:{self.name}", Label="there", AWSAccountId=["111111111111"], ActionName=["Publish"])
        self.queue = self.world.client("sqs").create_queue(QueueName=self.name)["QueueUrl"]
        self.kept = self.sns.subscribe(TopicArn=f"{ARN}:{self.name}", Protocol="sqs", Endpoint=f"{QUEUE}:{self.name}")["SubscriptionArn"]

    def SubscriptionArn(self):
        return getattr(self, "kept", None)
