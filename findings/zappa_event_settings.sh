#!/usr/bin/env bash
# Which settings of an event source that Zappa's README documents reach AWS.
#
# Seen 2026-11-29: Zappa 0.63.0 sends no filter for `key_filters` (S3) and no `StartingPosition` for `starting_position` (DynamoDB,
# Kinesis), without a word; AWS refuses such a mapping with InvalidParameterValueException, and the deployment would log that and
# go on. `prefix` and `suffix`, which the README does not have, do reach S3. Of two event sources in one bucket only the second stays.
# https://github.com/zappa/Zappa#executing-in-response-to-aws-events
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check zappa==0.63.0

cat > "$folder/ask.py" <<'PYTHON'
import importlib.metadata
import json

from zappa.utilities import add_event_source

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:app"


class Cloud:
    """Stands in for a boto3 session: notes each request, keeps one bucket's notifications and the mappings."""

    def __init__(self):
        self.asked, self.notifications, self.mappings = [], {}, []

    def client(self, service):
        return Client(self, service)


class Client:
    def __init__(self, cloud, service):
        self.cloud = cloud

    def __getattr__(self, operation):
        def call(**request):
            cloud = self.cloud
            cloud.asked.append((operation, request))
            if operation == "get_bucket_notification_configuration":
                return dict(cloud.notifications)
            if operation == "put_bucket_notification_configuration":
                cloud.notifications = json.loads(json.dumps(request["NotificationConfiguration"]))
            if operation == "list_event_source_mappings":
                return {"EventSourceMappings": cloud.mappings}
            if operation == "create_event_source_mapping":
                cloud.mappings = [{"UUID": "1"}]
            return {}

        return call


def add(cloud, **source):
    add_event_source(source, FUNCTION, "app.function", cloud)
    return cloud


def show(label, what):
    print(f"{label}: {json.dumps(what, sort_keys=True)}")


readme = importlib.metadata.metadata("zappa").get_payload() or importlib.metadata.metadata("zappa")["Description"]
for name in ("key_filters", "starting_position", '"prefix":'):
    show(f"README has {name}", name in readme)

bucket = {"arn": "arn:aws:s3:::bucket", "events": ["s3:ObjectCreated:*"]}
cloud = add(Cloud(), **bucket, key_filters=[{"type": "suffix", "value": ".json"}, {"type": "prefix", "value": "in/"}])
show("key_filters", [c.get("Filter") for c in cloud.notifications["LambdaFunctionConfigurations"]])
cloud = add(Cloud(), **bucket, prefix="in/", suffix=".json")
show("prefix and suffix", [c.get("Filter") for c in cloud.notifications["LambdaFunctionConfigurations"]])

for arn in ("arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-01-01T00:00:00.000", "arn:aws:kinesis:us-east-1:123456789012:stream/s"):
    cloud = add(Cloud(), arn=arn, starting_position="TRIM_HORIZON", batch_size=50, enabled=True)
    requests = [sorted(request) for operation, request in cloud.asked if operation == "create_event_source_mapping"]
    show(f"starting_position, {arn.split(':')[2]}", requests)

cloud = Cloud()
for prefix in ("a/", "b/"):
    add(cloud, **bucket, prefix=prefix)
show("two in one bucket", [c["Filter"]["Key"]["FilterRules"] for c in cloud.notifications["LambdaFunctionConfigurations"]])
PYTHON

cat > "$folder/expected" <<'TEXT'
README has key_filters: true
README has starting_position: true
README has "prefix":: false
key_filters: [null]
prefix and suffix: [{"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".json"}]}}]
starting_position, dynamodb: [["BatchSize", "Enabled", "EventSourceArn", "FunctionName"]]
starting_position, kinesis: [["BatchSize", "Enabled", "EventSourceArn", "FunctionName"]]
two in one bucket: [[{"Name": "prefix", "Value": "b/"}]]
TEXT

"$folder/venv/bin/python" "$folder/ask.py" | tee "$folder/seen"
diff "$folder/expected" "$folder/seen"
