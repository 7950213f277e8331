"""Pictures that are sent here become small while nobody waits."""

import io
import os
import time
import uuid

import boto3
from flask import Flask, abort, request, url_for
from PIL import Image, UnidentifiedImageError
from slam_lambda.tasks import task

# An item of DynamoDB has at most 400 KB; larger pictures would go to a bucket.
MAX_BYTES = 300_000
SIZE = 64
KEPT_SECONDS = 24 * 3600

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
table = boto3.resource("dynamodb").Table(os.environ["TABLE_PICTURES"])


@app.post("/pictures")
def send():
    """Keep a picture and have it made small: the answer says where it will be."""
    key = uuid.uuid4().hex
    table.put_item(Item={"id": key, "picture": request.get_data(), "expires": int(time.time()) + KEPT_SECONDS})
    job = make.later(key)
    return {"job": url_for("job", id=job), "thumbnail": url_for("thumbnail", id=key)}, 202


@app.get("/jobs/<id>")
def job(id):
    """What has become of it."""
    result = make.result(id) or abort(404)
    return {"status": result.status, "size": result.value, "error": result.error}


@app.get("/pictures/<id>/thumbnail")
def thumbnail(id):
    """The small picture."""
    item = table.get_item(Key={"id": id}, ConsistentRead=True).get("Item", {})
    if "thumbnail" not in item:
        abort(404)
    return bytes(item["thumbnail"].value), {"Content-Type": "image/png"}


@task
def make(key):
    """Make one picture small. It may run twice: the second time does the same again."""
    item = table.get_item(Key={"id": key}, ConsistentRead=True)["Item"]
    try:
        image = Image.open(io.BytesIO(item["picture"].value))
    except UnidentifiedImageError:
        return None
    image.thumbnail((SIZE, SIZE))
    small = io.BytesIO()
    image.save(small, "PNG")
    table.update_item(
        Key={"id": key},
        UpdateExpression="SET thumbnail = :small",
        ExpressionAttributeValues={":small": small.getvalue()},
    )
    return list(image.size)
