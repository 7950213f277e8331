"""Measures one adapter in a process of its own, and prints what it found as JSON.

    worker.py ADAPTER
"""

import contextlib
import gc
import io
import json
import pathlib
import sys
import time
import types

import adapters

FIXTURES = pathlib.Path(adapters.ROOT) / "python" / "tests" / "fixtures"
EVENTS = {"REST": "apigw-rest-v1-proxy-catch-all.json", "HTTP": "function-url-get-with-headers.json"}
CONTEXT = types.SimpleNamespace(
    function_version="$LATEST",
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:tasks:dev",
    function_name="tasks",
    aws_request_id="1",
    memory_limit_in_mb="128",
    get_remaining_time_in_millis=lambda: 10_000,
)
SECONDS = 0.5
BATCH = 50


def noop_wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


async def noop_asgi(scope, receive, send):
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


def flask_hello():
    import flask

    app = flask.Flask("hello")
    app.add_url_rule("/", "hello", lambda **_: "hello")
    app.add_url_rule("/<path:path>", "hello")
    app.view_functions["hello"] = lambda **_: "hello"
    return app


def starlette_hello():
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def hello(request):
        return PlainTextResponse("hello")

    return Starlette(routes=[Route("/{path:path}", hello)])


def microseconds(handler, event):
    """CPU time of one request: of many small batches the quickest, which nothing else on the machine disturbed.

    Handlers may change the event they get, so each gets one of its own, as from Lambda.
    """
    text = json.dumps(event)
    for _ in range(200):
        handler(json.loads(text), CONTEXT)
    gc.collect()
    best, until = float("inf"), time.monotonic() + SECONDS
    while time.monotonic() < until:
        batch = [json.loads(text) for _ in range(BATCH)]
        begun = time.process_time_ns()
        for each in batch:
            handler(each, CONTEXT)
        best = min(best, (time.process_time_ns() - begun) / BATCH / 1000)
    return best


def measure(name):
    found = {}
    asgi = name in adapters.ASGI
    make = (adapters.ASGI if asgi else adapters.WSGI)[name]
    begun = time.perf_counter_ns()
    handler = make(noop_asgi if asgi else noop_wsgi)
    found["import"] = (time.perf_counter_ns() - begun) / 1e6
    hello = starlette_hello() if asgi else flask_hello()
    for what, app in (("no-op", None), ("hello", hello)):
        if app is not None:
            # Zappa's handler is a singleton, and ours and the original's import the application by name.
            for module in [module for module in sys.modules if module.startswith(("zappa", "application"))]:
                del sys.modules[module]
            handler = make(app)
        for kind, file in EVENTS.items():
            event = json.loads((FIXTURES / file).read_text())
            if "httpMethod" in event:
                # The sample is a POST; both are measured with what a browser's GET looks like.
                event.update(httpMethod="GET", body=None)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    reply = handler(dict(event), CONTEXT)
                    right = str(reply["statusCode"]) == "200" and reply["body"] == "hello"
                    found[f"{what} {kind}"] = microseconds(handler, event) if right else f"answers {reply!r:.60}"
            except Exception as error:
                found[f"{what} {kind}"] = f"{type(error).__name__}: {error}"
    return found


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
