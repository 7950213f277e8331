"""How late schedules are: each sends to a queue, and the queue's SentTimestamp is when it came there."""

import datetime
import json
import time

from botocore.exceptions import BotoCoreError, ClientError
from delivery import role

ONCE = 5  # one-time schedules, three seconds apart
MINUTE = 60


class Schedules:
    """The schedules of a cloud, from now on."""

    def __init__(self, cloud, notes):
        self.cloud, self.notes, self.refused = cloud, notes, {}
        self.sqs = cloud.client("sqs")
        account = cloud.client("sts").get_caller_identity()["Account"]
        self.queue = f"arn:aws:sqs:us-east-1:{account}:ticks"
        # EventBridge's rules send by the queue's own policy.
        let = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": self.queue}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [let]})
        self.url = self.sqs.create_queue(QueueName="ticks", Attributes={"Policy": policy})["QueueUrl"]
        self.role = role(cloud, "scheduler", "scheduler", ["sqs:SendMessage"])
        first = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=10)
        self.moments = [first + datetime.timedelta(seconds=3 * number) for number in range(ONCE)]
        for kind, make in (("once", self.once), ("rate", self.rate), ("rule", self.rule)):
            try:
                make()
            except (ClientError, BotoCoreError) as error:
                self.refused[kind] = "refused"
                notes.append(f"{cloud.name}, {kind}: {error}")

    def schedule(self, name, expression):
        target = {"Arn": self.queue, "RoleArn": self.role, "Input": json.dumps({"of": name})}
        self.cloud.client("scheduler").create_schedule(
            Name=name, ScheduleExpression=expression, FlexibleTimeWindow={"Mode": "OFF"}, Target=target
        )

    def once(self):
        for number, moment in enumerate(self.moments):
            self.schedule(f"once-{number}", f"at({moment:%Y-%m-%dT%H:%M:%S})")

    def rate(self):
        self.schedule("rate", "rate(1 minute)")

    def rule(self):
        events = self.cloud.client("events")
        events.put_rule(Name="rule", ScheduleExpression="rate(1 minute)")
        targets = [{"Id": "queue", "Arn": self.queue, "Input": json.dumps({"of": "rule"})}]
        events.put_targets(Rule="rule", Targets=targets)

    def read(self):
        """Seconds late of one-time schedules, and seconds between a schedule's minutes beside sixty; or what there is to say."""
        came = {}
        while messages := self.receive():
            for message in messages:
                came.setdefault(json.loads(message["Body"])["of"], []).append(int(message["Attributes"]["SentTimestamp"]) / 1000)
        once = [came[f"once-{number}"][0] - moment.timestamp() for number, moment in enumerate(self.moments) if f"once-{number}" in came]
        found = {"once": once or "never runs"}
        for kind in ("rate", "rule"):
            moments = sorted(came.get(kind, []))
            gaps = [abs(after - before - MINUTE) for before, after in zip(moments, moments[1:])]
            found[kind] = gaps or ("never runs" if not moments else "ran once")
        return {kind: self.refused.get(kind) or value for kind, value in found.items()}

    def receive(self):
        names = ["SentTimestamp"]
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=names)
        return answer.get("Messages", [])


def wait(schedules, begun, seconds):
    """Until they have run for so long."""
    time.sleep(max(0.0, begun + seconds - time.monotonic()))
    return {each.cloud.name: each.read() for each in schedules}
