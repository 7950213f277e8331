"""A file of orders becomes rows of the table."""

import csv
import os
from urllib.parse import unquote_plus

import boto3

s3 = boto3.client("s3")
orders = boto3.resource("dynamodb").Table(os.environ["TABLE_ORDERS"])


def load(event, context):
    """Lambda may call this twice for one file: a row that is in the table already stays as it is, and is no change."""
    for record in event["Records"]:
        bucket, key = record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])
        lines = s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines()
        rows = csv.DictReader(line.decode() for line in lines)
        # One after the other: the stream tells of them in this order.
        for count, row in enumerate(rows, 1):
            orders.put_item(Item={**row, "quantity": int(row["quantity"])})
        print(f"{key}: {count} orders")
