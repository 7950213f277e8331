#!/usr/bin/env bash
# Which ASGI frameworks find a route when `path` begins with `root_path`, as the specification says since 2019.
#
# Seen 2026-11-29: Starlette 0.34.0 finds it and has the root twice in its URLs, Starlette 0.32.0.post1, Litestar 2.4.5,
# Falcon 4.4.0 and Sanic 25.12.1 answer 404; Starlette 0.35.1, Litestar 2.25.0, Quart 0.22.0 and Django 5.2.8 find it and lead
# back to it. Without the root in `path` those that answered 404 find the route.
# https://asgi.readthedocs.io/en/latest/specs/www.html#http-connection-scope
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export UV_CACHE_DIR="$folder/packages"

cat > "$folder/ask.py" <<'PYTHON'
import asyncio
import sys


def application(name):
    if name == "starlette":
        from starlette.applications import Starlette
        from starlette.responses import PlainTextResponse
        from starlette.routing import Route

        return Starlette(routes=[Route("/a/b", lambda request: PlainTextResponse(str(request.url)))])
    if name == "litestar":
        from litestar import Litestar, Request, get

        @get("/a/b")
        async def show(request: Request) -> str:
            return str(request.url)

        return Litestar([show])
    if name == "falcon":
        import falcon.asgi

        class Show:
            async def on_get(self, request, response):
                response.text = request.uri

        app = falcon.asgi.App()
        app.add_route("/a/b", Show())
        return app
    if name == "sanic":
        from sanic import Sanic, text

        app = Sanic("shown")

        @app.get("/a/b")
        async def show(request):
            return text(request.url)

        return app
    if name == "quart":
        from quart import Quart, request

        app = Quart("shown")

        @app.get("/a/b")
        async def show():
            return request.url

        return app
    from django.conf import settings

    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x")
    from django.core.asgi import get_asgi_application
    from django.http import HttpResponse
    from django.urls import path

    globals()["urlpatterns"] = [path("a/b", lambda request: HttpResponse(request.build_absolute_uri()))]
    return get_asgi_application()


async def ask(app, path):
    sent, received = [], [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        if received:
            return received.pop()
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "/dev",
        "headers": [(b"host", b"h")], "client": ("192.0.2.1", 0), "server": ("h", 80), "extensions": {},
    }
    await asyncio.wait_for(app(scope, receive, send), 20)
    body = b"".join(message.get("body", b"") for message in sent[1:]).decode()
    return f"{sent[0]['status']} {body if sent[0]['status'] == 200 else ''}".strip()


async def start(app):
    waiting, started = [{"type": "lifespan.startup"}], asyncio.Event()

    async def receive():
        if waiting:
            return waiting.pop()
        await asyncio.sleep(60)

    async def send(_):
        started.set()

    running = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send))
    await asyncio.wait([running, asyncio.ensure_future(started.wait())], timeout=10, return_when=asyncio.FIRST_COMPLETED)


async def main(app):
    await start(app)
    print(await ask(app, "/dev/a/b"), "|", await ask(app, "/a/b"))


asyncio.run(main(application(sys.argv[1])))
PYTHON

seen=$(for package in starlette==0.32.0.post1 starlette==0.34.0 starlette==0.35.1 litestar==2.4.5 litestar==2.25.0 \
  falcon==4.4.0 sanic==25.12.1 quart==0.22.0 django==5.2.8; do
  echo "$package: $(uv run --quiet --no-project --python 3.11 --with "$package" \
    python "$folder/ask.py" "${package%%=*}" 2>/dev/null | tail -n 1)"
done)
echo "$seen"
diff <(echo "$seen") - <<'EXPECTED'
starlette==0.32.0.post1: 404 | 200 http://h/dev/a/b
starlette==0.34.0: 200 http://h/dev/dev/a/b | 200 http://h/dev/a/b
starlette==0.35.1: 200 http://h/dev/a/b | 200 http://h/a/b
litestar==2.4.5: 404 | 200 http://h/dev/a/b
litestar==2.25.0: 200 http://h/dev/a/b | 200 http://h/dev/a/b
falcon==4.4.0: 404 | 200 http://h/dev/a/b
sanic==25.12.1: 404 | 200 http://h/a/b
quart==0.22.0: 200 http://h/dev/a/b | 404
django==5.2.8: 200 http://h/dev/a/b | 200 http://h/a/b
EXPECTED
