"""Asynchronous invocations: the queue behind a function."""

import json
import time

import botocore.exceptions

from functions import create


def test_events_do_not_starve_behind_reserved_concurrency(shared_machine, function_role):
    """One at a time, all of them run as soon as the function can keep up: AWS ran ten behind one of ten seconds in less
    than a hundred."""
    logging = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    role = function_role(shared_machine, "starving", logging)
    source = "import time\ndef handler(event, context):\n    time.sleep(event['seconds'])\n    print('ran', event['number'])\n"
    client = create(shared_machine, role, source, name="starving", Timeout=10)
    client.put_function_concurrency(FunctionName="starving", ReservedConcurrentExecutions=1)
    for number, seconds in enumerate([4] + [0.5] * 10):
        event = json.dumps({"seconds": seconds, "number": number})
        client.invoke(FunctionName="starving", InvocationType="Event", Payload=event)
    logs = shared_machine.client("logs")
    ran, deadline = [], time.monotonic() + 30
    while len(ran) < 11 and time.monotonic() < deadline:
        time.sleep(0.2)
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/starving", filterPattern="ran")["events"]
        except botocore.exceptions.ClientError:
            continue  # The function has not logged yet.
        ran = [int(event["message"].split()[1]) for event in events]
    assert sorted(ran) == list(range(11))
