"""A list of tasks as a JSON API: Flask, basic authentication, and a DynamoDB table through PynamoDB.

Nothing in here knows of Lambda. The name of the table comes from the environment, where slam puts it.
"""

import os
import uuid

from flask import Flask, abort, jsonify, request, url_for
from flask_httpauth import HTTPBasicAuth
from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, DoesNotExist, UpdateError
from pynamodb.models import Model
from werkzeug.exceptions import HTTPException
from werkzeug.security import check_password_hash

PAGE = 100

# The password is "secret", and it is public: that is why these few rounds do. Take the default of
# `werkzeug.security.generate_password_hash` for one that is not.
USERS = {
    "user": "pbkdf2:sha256:1000$tasks$a859e596eb82a368f63530856fae7a9bceeef4691ed992ce9b9b617d35fe1e17",
}

app = Flask(__name__)
auth = HTTPBasicAuth(realm="tasks")


class Task(Model):
    """A task as the table holds it."""

    class Meta:
        table_name = os.environ.get("TABLE_TASKS") or f"{os.environ.get('STAGE', 'dev')}.tasks"

    id = UnicodeAttribute(hash_key=True)
    description = UnicodeAttribute()
    done = BooleanAttribute(default=False)

    def to_json(self):
        return {"id": self.id, "description": self.description, "done": self.done, "url": self.url()}

    def url(self):
        return url_for("get_task", id=self.id, _external=True)


@auth.verify_password
def verify_password(username, password):
    if username in USERS and check_password_hash(USERS[username], password):
        return username
    return None


@auth.error_handler
def unauthorized(status):
    return jsonify(error="This needs a user name and a password"), status


@app.errorhandler(HTTPException)
def http_error(error):
    if error.response is not None:
        return error.response
    return jsonify(error=error.description), error.code


@app.get("/")
def index():
    return jsonify(
        name="tasks-api",
        stage=os.environ.get("STAGE", "dev"),
        version=os.environ.get("LAMBDA_VERSION"),
        links={"tasks": url_for("list_tasks", _external=True)},
    )


@app.get("/tasks")
@auth.login_required
def list_tasks():
    """A page of tasks, and the link to the next if there are more."""
    after = request.args.get("after")
    found = Task.scan(limit=PAGE, last_evaluated_key={"id": {"S": after}} if after else None)
    answer = {"tasks": [task.to_json() for task in found]}
    if found.last_evaluated_key:
        answer["next"] = url_for("list_tasks", after=found.last_evaluated_key["id"]["S"], _external=True)
    return jsonify(answer)


@app.post("/tasks")
@auth.login_required
def create_task():
    fields = task_fields(request.get_json(), required=["description"])
    task = Task(uuid.uuid4().hex, **fields)
    task.save()
    return jsonify(task.to_json()), 201, {"Location": task.url()}


@app.get("/tasks/<id>")
@auth.login_required
def get_task(id):
    try:
        return jsonify(Task.get(id).to_json())
    except DoesNotExist:
        abort(404, f"There is no task {id}")


@app.put("/tasks/<id>")
@auth.login_required
def update_task(id):
    """Change what is given: one write, that fails if the task is gone meanwhile."""
    fields = task_fields(request.get_json(), required=[])
    if not fields:
        abort(400, "Give a description, or done, or both")
    task = Task(id)
    try:
        task.update(
            actions=[getattr(Task, name).set(value) for name, value in fields.items()], condition=Task.id.exists()
        )
    except UpdateError as error:
        not_found_unless(error, id)
    return jsonify(task.to_json())


@app.delete("/tasks/<id>")
@auth.login_required
def delete_task(id):
    try:
        Task(id).delete(condition=Task.id.exists())
    except DeleteError as error:
        not_found_unless(error, id)
    return "", 204


def not_found_unless(error, id):
    """404 when the condition failed, any other error as it is."""
    if error.cause_response_code == "ConditionalCheckFailedException":
        abort(404, f"There is no task {id}")
    raise error


def task_fields(body, required):
    """The fields of a task in a request's JSON; 400 tells which one is wrong."""
    types = {"description": str, "done": bool}
    if not isinstance(body, dict):
        abort(400, "The body must be a JSON object")
    for name in required:
        if name not in body:
            abort(400, f"The field {name!r} is missing")
    for name, value in body.items():
        if name not in types:
            abort(400, f"There is no field {name!r}, only {', '.join(types)}")
        if not isinstance(value, types[name]):
            abort(400, f"The field {name!r} must be {'text' if types[name] is str else 'true or false'}")
    if body.get("description") == "":
        abort(400, "The field 'description' is empty")
    return body
