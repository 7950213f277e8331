"""SQS under load: cycles of send, receive and delete, on queues that hold a thousand messages and a million."""

import concurrent.futures
import datetime
import http.client
import json
import pathlib
import re
import sys
import time

from measure import cpu, median, memory, wrk_says

HERE = pathlib.Path(__file__).resolve().parent
CONNECTIONS = (1, 16, 64)
DEPTHS = (1_000, 10_000, 100_000, 1_000_000)
DEEP = 16  # connections, where the depth is what changes
FILL = 90  # seconds at the most that filling a cloud's queue may take, to all depths together
FILLERS = 4  # connections that fill a queue


class Queue:
    """A queue of a cloud, filled and asked by wrk."""

    def __init__(self, cloud, name):
        self.cloud, self.sqs = cloud, cloud.client("sqs")
        self.url = self.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
        self.address = f"http://127.0.0.1:{cloud.port}/"

    def holds(self):
        names = ["ApproximateNumberOfMessages"]
        return int(self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"][names[0]])

    def fill(self, most, seconds=FILL):
        """Fills it up to so many messages, as far as that can be done in time. Gives how many there are."""
        missing, end = most - self.holds(), time.monotonic() + seconds
        with concurrent.futures.ThreadPoolExecutor(FILLERS) as pool:
            list(pool.map(lambda _: self.send(max(missing, 0) // FILLERS, end), range(FILLERS)))
        return self.holds()

    def send(self, count, end):
        """Sends messages in batches. It signs as cycle.lua does."""
        entries = [{"Id": str(number), "MessageBody": "x" * 200} for number in range(10)]
        body = json.dumps({"QueueUrl": self.url, "Entries": entries})
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "AmazonSQS.SendMessageBatch",
            "X-Amz-Date": f"{today()}T000000Z",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=000000000000/{today()}/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.cloud.port, timeout=60)
        for _ in range(0, count, len(entries)):
            if time.monotonic() > end:
                break
            connection.request("POST", "/", body, headers)
            answer = connection.getresponse()
            if answer.status != 200:
                sys.exit(f"{self.cloud.name} answers SendMessageBatch with {answer.status}: {answer.read()}")
            answer.read()
        connection.close()

    def cycles(self, connections, seconds):
        """Cycles per second, and the server's CPU time of each in microseconds; or what failed."""
        before = cpu(self.cloud.pid)
        text, failed = wrk_says(self.address, connections, seconds, HERE / "cycle.lua", self.url, today())
        used = cpu(self.cloud.pid) - before
        if failed:
            return failed
        count, taken = map(int, re.search(r"Cycles: (\d+) in (\d+) us", text).groups())
        return (count / taken * 1e6, used / count * 1e6) if count else "no cycle ended"


def today():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")


def throughput(clouds, rounds, seconds):
    """For each number of connections the cycles per second of each cloud; all are asked in turns."""
    queues = [Queue(cloud, "throughput") for cloud in clouds]
    for queue in queues:
        queue.fill(DEPTHS[0])
    found = {}
    for connections in CONNECTIONS:
        print(f"{connections} connections …", file=sys.stderr)
        taken = {cloud.name: [] for cloud in clouds}
        for _ in range(rounds):
            for queue in queues:
                taken[queue.cloud.name].append(queue.cycles(connections, seconds))
        found[connections] = {name: middle(values) for name, values in taken.items()}
    return found


def middle(values):
    """The median of the rates, or the first failure."""
    failure = next((value for value in values if isinstance(value, str)), None)
    return failure or median([rate for rate, _ in values])


def depths(clouds, seconds):
    """For each cloud and depth: CPU time of a cycle and memory; or what it says instead, and then nothing of what is deeper."""
    found = {}
    for cloud in clouds:
        queue = Queue(cloud, "depth")
        cells, left = {}, FILL
        found[cloud.name] = cells
        for depth in DEPTHS:
            print(f"{cloud.name}, {depth} messages …", file=sys.stderr)
            begun = time.monotonic()
            there = queue.fill(depth, left)
            left -= time.monotonic() - begun
            # A queue of SQS counts approximately.
            if there < depth * 0.99:
                cells[depth] = f"{there:,} in {FILL} s"
                break
            cells[depth] = queue.cycles(DEEP, seconds), memory(cloud.pid)[0]
            if isinstance(cells[depth][0], str):
                break
    return found
