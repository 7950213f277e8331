"""New rows of the table become messages of the queue."""

import json
import os

import boto3
from boto3.dynamodb.types import TypeDeserializer

sqs = boto3.client("sqs")
read = TypeDeserializer().deserialize

# What SendMessageBatch takes.
MOST = 10


def order(event, context):
    """A batch that fails comes again as a whole. The queue knows again for five minutes what it has: by the order's id."""
    entries = [entry(str(number), record["dynamodb"]["NewImage"]) for number, record in enumerate(event["Records"])]
    for first in range(0, len(entries), MOST):
        answer = sqs.send_message_batch(QueueUrl=os.environ["QUEUE_ORDERS"], Entries=entries[first : first + MOST])
        # What comes after one that failed must not overtake it.
        if answer.get("Failed"):
            raise RuntimeError(f"the queue did not take {answer['Failed']}")


def entry(number, image):
    item = {name: read(value) for name, value in image.items()}
    return {
        "Id": number,
        "MessageBody": json.dumps({**item, "quantity": int(item["quantity"])}),
        "MessageGroupId": item["customer"],
        "MessageDeduplicationId": item["id"],
    }
