"""What was packed so far, counted by a task."""

import os

import boto3
from slam_lambda.tasks import task

customers = boto3.resource("dynamodb").Table(os.environ["TABLE_CUSTOMERS"])


def report(job=None):
    """Have it counted, and say by which job; or tell what came of that."""
    if job is None:
        job = count.later()
        print(f"counting: {job}")
        return job
    result = count.result(job)
    return result and {"status": result.status, "value": result.value, "error": result.error}


@task
def count():
    """How many orders and things each customer has got. It may run twice: the second time counts again."""
    totals, page = {}, {}
    while True:
        found = customers.scan(ConsistentRead=True, **page)
        for item in found["Items"]:
            totals[item["customer"]] = {"orders": len(item["packed"]), "things": int(item["things"])}
        if "LastEvaluatedKey" not in found:
            return totals
        page = {"ExclusiveStartKey": found["LastEvaluatedKey"]}
