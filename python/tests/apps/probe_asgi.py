"""Answers with what the server told: the scope, and the body."""

import base64
import json

COMPARED = ("type", "http_version", "method", "scheme", "path", "raw_path", "query_string", "root_path", "headers")


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    told = {name: scope[name] for name in COMPARED}
    told["headers"] = sorted(told["headers"])
    told["client"] = scope["client"][0]
    told["body"] = base64.b64encode(body)
    text = json.dumps(told, sort_keys=True, default=lambda value: value.decode("latin-1")).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})
