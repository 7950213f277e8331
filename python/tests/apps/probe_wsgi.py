"""Answers with what the server told: every text in the environ, and the body."""

import base64
import json

NOT_COMPARED = ("SERVER_SOFTWARE", "REMOTE_PORT", "RAW_URI", "SERVER_PORT")


def app(environ, start_response):
    body = environ["wsgi.input"].read()
    told = {
        name: value
        for name, value in environ.items()
        if isinstance(value, str) and name not in NOT_COMPARED and not name.startswith(("gunicorn", "lambda"))
    }
    told["body"] = base64.b64encode(body).decode()
    text = json.dumps(told, sort_keys=True).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
    return [text]
