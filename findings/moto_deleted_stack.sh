#!/usr/bin/env bash
# What moto's CloudFormation leaves of a stack that it says is deleted.
#
# Seen 2026-11-29: moto 5.2.5 tells the stack as DELETE_COMPLETE, and keeps its (empty) bucket, which ListStackResources lists
# as CREATE_COMPLETE. AWS deletes it, and lists DELETE_COMPLETE.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export UV_CACHE_DIR="$folder/packages"

cat > "$folder/ask.py" <<'PYTHON'
import os

os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from moto import mock_aws

with mock_aws():
    client = boto3.client("cloudformation")
    body = '{"Resources": {"Photos": {"Type": "AWS::S3::Bucket"}}}'
    stack = client.create_stack(StackName="shop", TemplateBody=body)["StackId"]
    client.delete_stack(StackName="shop")
    print(client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
    print([one["ResourceStatus"] for one in client.list_stack_resources(StackName=stack)["StackResourceSummaries"]])
    print(len(boto3.client("s3").list_buckets()["Buckets"]), "bucket")
PYTHON

seen=$(uv run --quiet --no-project --python 3.11 --with "moto[cloudformation,s3]==5.2.5" python "$folder/ask.py")
echo "$seen"
diff <(echo "$seen") - <<'EXPECTED'
DELETE_COMPLETE
['CREATE_COMPLETE']
1 bucket
EXPECTED
