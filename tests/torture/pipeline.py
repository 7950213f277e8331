"""The pipeline of examples/pipeline under kills: a file's rows go through bucket, table, stream, FIFO queue and topic to a server, and
each arrives although the cloud is killed at any moment.

    SLAM_BINARY=target/release/slam python tests/torture/pipeline.py [--kills 500] [--seed 1]

What a kill may do: functions run again (Lambda, streams and SQS all promise at least once), so notifications may come twice. What
it may not: lose a row, let a customer's orders overtake each other, or put one twice into the FIFO queue.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
"""

import argparse
import collections
import contextlib
import csv
import io
import json
import pathlib
import random
import shutil
import tempfile
import threading
import time

import boto3
import botocore.config
import botocore.exceptions
from cloud import Cloud
from conftest import ROOT
from hooks import serving, verified

FIELDS = ["id", "customer", "thing", "quantity"]
CUSTOMERS = ["ada", "alan", "barbara", "edsger", "grace"]
ROWS = 15


def orders(file, count=ROWS):
    """The rows of a file: many orders of few customers."""
    return [[f"{file}-{row:03}", CUSTOMERS[(row * 7) % 5], "engine", str(row)] for row in range(1, count + 1)]


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows([FIELDS, *rows])
    return text.getvalue().encode()


class Pipeline:
    """The example, deployed to a cloud of its own, and what its server heard."""

    def __init__(self, folder, server, scale, changes):
        self.cloud = Cloud(folder, "--time-scale", str(scale), SLAM_ALLOW_HOSTS=f"127.0.0.1:{server.server_port}")
        self.server, self.folder = server, folder / "pipeline"
        self.heard, self.clients, self.making = [], {}, threading.Lock()
        shutil.copytree(ROOT / "examples" / "pipeline", self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        text = (self.folder / "slam.yaml").read_text()
        for old, new in {"http://127.0.0.1:8000/parcels": server.url, **changes}.items():
            assert old in text
            text = text.replace(old, new)
        (self.folder / "slam.yaml").write_text(text)

    def deploy(self):
        self.cloud.start()
        self.run("deploy")
        described = self.client("cloudformation").describe_stack_resources(StackName="pipeline")["StackResources"]
        self.resources = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in described}
        # Who subscribes confirms it: https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html
        asked = verified(json.loads(self.server.sent.get(timeout=60)[1]))
        assert asked["Type"] == "SubscriptionConfirmation"
        self.client("sns").confirm_subscription(TopicArn=asked["TopicArn"], Token=asked["Token"])

    def client(self, service):
        with self.making:
            if service not in self.clients:
                variables = self.cloud.variables
                self.clients[service] = boto3.session.Session().client(
                    service,
                    endpoint_url=variables["AWS_ENDPOINT_URL"],
                    region_name=variables["AWS_REGION"],
                    aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
                    config=botocore.config.Config(retries={"total_max_attempts": 1}),
                )
            return self.clients[service]

    def run(self, *arguments):
        return self.cloud.run(*arguments, cwd=self.folder)

    def put(self, name, rows):
        self.client("s3").put_object(Bucket=self.resources["DevUploadsBucket"], Key=f"{name}.csv", Body=as_csv(rows))

    def call(self, **arguments):
        called = self.client("lambda").invoke(
            FunctionName=f"{self.resources['Function']}:dev", Payload=json.dumps({"kwargs": arguments})
        )
        answer = json.loads(called["Payload"].read())
        assert "FunctionError" not in called, answer
        return answer

    def parcels(self):
        """What the server heard so far, by the ids of the orders."""
        while not self.server.sent.empty():
            self.heard.append(json.loads(self.server.sent.get()[1]))
        parcels = collections.defaultdict(list)
        for message in self.heard:
            parcel = json.loads(message["Message"])
            parcels[parcel["id"]].append(parcel)
        return parcels

    def items(self, table):
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=f"dev.{table}", ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def packed(self):
        """The orders of each customer, in the order in which they were packed."""
        return {item["customer"]["S"]: [one["S"] for one in item["packed"]["L"]] for item in self.items("customers")}

    def waiting(self, queue):
        """How many messages a queue has."""
        sqs = self.client("sqs")
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        return sum(int(count) for count in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"].values())

    def delivered(self):
        """What `slam events tail` tells: from where to where, with which outcome."""
        lines = self.run("events", "tail", "--no-follow", "-n", "1000", "--json").stdout.splitlines()
        return [json.loads(line) for line in lines]


@contextlib.contextmanager
def deployed(folder, scale, changes):
    with serving() as server:
        pipeline = Pipeline(folder, server, scale, changes)
        try:
            pipeline.deploy()
            yield pipeline
        finally:
            pipeline.cloud.end()


def until(reached, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := reached():
            return found
        time.sleep(0.1)
    raise TimeoutError("it did not come to that")


# How long the cloud lives at most between two kills, in seconds: on a small machine, three functions start in that.
LONGEST = 7
# What is other than in the example, so that kills are survived in seconds.
CHANGES = {
    # A message that was under way comes again after a minute, which is six seconds.
    "timeout: 20": "timeout: 10",
    # Kills count as receives that failed.
    "retries: 3}": "retries: 500}",
    "retries: 2,": "retries: 500,",
    "cron(0 3 * * ? *)": "rate(5 minutes)",
}


def run(folder, kills, seed, say=print):
    """Drops a file for each kill, at random moments, and sees to it that all comes out at the end."""
    randomness = random.Random(seed)
    files, jobs, faults = [orders(f"file{number:03}") for number in range(kills)], [], []
    wanted = {row[0] for rows in files for row in rows}
    with deployed(folder, 10, CHANGES) as pipeline:

        def drop():
            """One file after the other, and now and then a task: as often as it takes to be told that it was accepted."""
            try:
                for number, rows in enumerate(files):
                    stubborn(lambda: pipeline.put(f"file{number:03}", rows))
                    if number % 4 == 0:
                        jobs.append(stubborn(pipeline.call))
                    time.sleep(LONGEST / 2)
            except Exception as error:
                faults.append(repr(error))

        dropping = threading.Thread(target=drop)
        dropping.start()
        for number in range(1, kills + 1):
            time.sleep(randomness.uniform(0, LONGEST))
            running = pipeline.cloud.kill()
            assert not running, f"processes {running} outlive the cloud by ten seconds"
            took = pipeline.cloud.start()
            say(f"kill {number}: start {took:.3f} s; {len(pipeline.parcels())} of {len(wanted)} orders are told")
        dropping.join()
        assert not faults, faults
        with contextlib.suppress(TimeoutError):
            until(lambda: wanted <= pipeline.parcels().keys(), 120)
        assert wanted <= pipeline.parcels().keys(), lost(pipeline, wanted)
        say(f"{len(wanted)} orders are told by {len(pipeline.heard)} notifications")
        assert wanted == pipeline.parcels().keys()
        in_order(pipeline, files)
        for message in pipeline.heard:
            verified(message)
        for job in jobs:
            assert until(lambda: finished(pipeline, job))["status"] == "done", job
        # The schedule goes on.
        count = len(pipeline.items("pipeline.slam-tasks"))
        until(lambda: len(pipeline.items("pipeline.slam-tasks")) > count)
        for queue in ("dev-orders.fifo", "dev-orders-dead.fifo", "dev-untold", "dev-pipeline-slam-tasks-dead"):
            until(lambda: pipeline.waiting(queue) == 0)


def in_order(pipeline, files):
    """Each customer's orders are packed once, in the order of the queue; and those of a file in the order of the file."""
    parcels, packed = pipeline.parcels(), pipeline.packed()
    numbers = {order: {parcel["number"] for parcel in heard} for order, heard in parcels.items()}
    messages = {order: {parcel["message"] for parcel in heard} for order, heard in parcels.items()}
    twice = {order: known for known in (numbers, messages) for order, known in known.items() if len(known) > 1}
    assert not twice, f"the FIFO queue had more than one message of {twice}"
    for customer, of in packed.items():
        assert of == sorted(of, key=lambda order: int(min(numbers[order]))), f"{customer}'s orders overtook each other"
        for rows in files:
            wanted = [row[0] for row in rows if row[1] == customer]
            assert [order for order in of if order in wanted] == wanted, f"{customer}'s orders are not in the order of the file"


def lost(pipeline, wanted):
    """How far those came that did not arrive."""
    missing = sorted(wanted - pipeline.parcels().keys())
    stored = {item["id"]["S"] for item in pipeline.items("orders")}
    packed = {order for of in pipeline.packed().values() for order in of}
    streamed = {record["dynamodb"]["Keys"]["id"]["S"] for record in stream(pipeline)}
    told = [
        f"{order}: {'in' if order in stored else 'not in'} the table, {'in' if order in streamed else 'not in'} the stream, "
        f"{'packed' if order in packed else 'not packed'}"
        for order in missing
    ]
    queues = {queue: pipeline.waiting(queue) for queue in ("dev-orders.fifo", "dev-orders-dead.fifo", "dev-untold")}
    return "\n".join([f"{len(missing)} of {len(wanted)} orders did not arrive; {queues}", *told])


def stream(pipeline):
    streams = pipeline.client("dynamodbstreams")
    arn = pipeline.client("dynamodb").describe_table(TableName="dev.orders")["Table"]["LatestStreamArn"]
    records = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        asked = dict(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        iterator = streams.get_shard_iterator(**asked)["ShardIterator"]
        records += streams.get_records(ShardIterator=iterator)["Records"]
    return records


def finished(pipeline, job):
    result = pipeline.call(job=job)
    return result if result["status"] in ("done", "failed") else None


# What the cloud cannot answer while it is down.
DOWN = (botocore.exceptions.EndpointConnectionError, botocore.exceptions.ConnectionClosedError, botocore.exceptions.HTTPClientError)


def stubborn(call):
    """Asks until there is an answer."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return call()
        except DOWN:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    arguments = parser.parse_args()
    begun = time.monotonic()
    say = lambda text: print(f"{time.monotonic() - begun:6.0f} s  {text}", flush=True)
    say(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory(prefix="slam-pipeline-") as folder:
        run(pathlib.Path(folder), arguments.kills, arguments.seed, say)


if __name__ == "__main__":
    main()
