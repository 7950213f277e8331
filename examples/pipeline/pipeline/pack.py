"""Messages of the queue become parcels, which the topic tells of."""

import json
import os

import boto3
from botocore.exceptions import ClientError

sns = boto3.client("sns")
customers = boto3.resource("dynamodb").Table(os.environ["TABLE_CUSTOMERS"])


def pack(event, context):
    """A message comes again when its batch failed, or took too long: the order is packed once, and told at least once."""
    failed = []
    for record in event["Records"]:
        try:
            # What comes after one that failed waits behind it.
            if failed:
                raise RuntimeError("an order before it failed")
            one(record)
        except Exception as error:
            print(f"order {record['messageId']} comes again: {error}")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def one(record):
    order = json.loads(record["body"])
    add(order)
    # Topics keep no order: by the number, whoever listens puts parcels in theirs, and knows one again.
    parcel = {**order, "message": record["messageId"], "number": record["attributes"]["SequenceNumber"]}
    sns.publish(
        TopicArn=os.environ["TOPIC_PARCELS"],
        Subject=f"Parcel for {order['customer']}",
        Message=json.dumps(parcel),
        MessageAttributes={"customer": {"DataType": "String", "StringValue": order["customer"]}},
    )


def add(order):
    """Put the order behind the customer's others, unless it is there."""
    try:
        customers.update_item(
            Key={"customer": order["customer"]},
            UpdateExpression="SET packed = list_append(if_not_exists(packed, :none), :one) ADD things :quantity",
            ConditionExpression="NOT contains(packed, :id)",
            ExpressionAttributeValues={":none": [], ":one": [order["id"]], ":id": order["id"], ":quantity": order["quantity"]},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
