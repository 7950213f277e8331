import base64
import contextlib

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

done = []


@contextlib.asynccontextmanager
async def lifespan(app):
    yield {"started": True}


async def hello(request):
    return PlainTextResponse("héllo", background=BackgroundTask(done.append, "hello"))


async def echo(request):
    return JSONResponse(
        {
            "method": request.method,
            "rest": request.path_params["rest"],
            "args": request.query_params.multi_items(),
            "cookies": request.cookies,
            "headers": sorted(request.headers.items()),
            "started": request.state.started,
            "data": base64.b64encode(await request.body()).decode(),
        }
    )


async def cookies(request):
    response = PlainTextResponse("ok")
    response.set_cookie("a", "1", httponly=True)
    response.set_cookie("b", "two words, and a comma", samesite="lax")
    response.headers.append("X-Many", "1")
    response.headers.append("X-Many", "2")
    return response


async def redirect(request):
    return RedirectResponse(request.url_for("hello"))


def binary(request):
    return Response(bytes(range(256)), media_type="image/png")


async def empty(request):
    return Response(status_code=204)


async def stream(request):
    async def pieces():
        for number in range(5):
            yield f"piece {number}\n"

    return StreamingResponse(pieces(), media_type="text/plain")


async def upload(request):
    async with request.form() as form:
        file = form["file"]
        return JSONResponse({"name": file.filename, "size": len(await file.read()), "field": form["field"]})


async def url(request):
    return PlainTextResponse(str(request.url_for("echo", rest="é x")))


async def boom(request):
    raise RuntimeError("boom")


class Stamp(BaseHTTPMiddleware):
    """The kind of middleware that waits for the client to go."""

    async def dispatch(self, request, call_next):
        response = await call_next(request)
        response.headers["x-stamp"] = "1"
        return response


METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
app = Starlette(
    routes=[
        Route("/echo/{rest:path}", echo, methods=METHODS),
        Route("/upload", upload, methods=["POST"]),
        *(Route(f"/{view.__name__}", view) for view in (hello, cookies, redirect, binary, empty, stream, url, boom)),
    ],
    middleware=[Middleware(Stamp)],
    lifespan=lifespan,
)
