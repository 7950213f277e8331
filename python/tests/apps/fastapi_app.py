import asyncio
from typing import Annotated, List

from fastapi import Cookie, Depends, FastAPI, File, Form, Header, HTTPException, Query, Request, UploadFile
from fastapi.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from pydantic import BaseModel


class Item(BaseModel):
    name: str
    size: int = 1


app = FastAPI()


async def resource():
    await asyncio.sleep(0)
    yield "resource"


@app.get("/hello", response_class=PlainTextResponse)
def hello():
    return "héllo"


@app.api_route("/echo/{rest:path}", methods=["GET", "PUT", "PATCH", "DELETE"])
async def echo(
    request: Request,
    rest: str,
    held: Annotated[str, Depends(resource)],
    x: Annotated[List[str], Query()] = [],
    a: Annotated[str, Cookie()] = "",
    x_thing: Annotated[str, Header()] = "",
):
    return {"method": request.method, "rest": rest, "x": x, "a": a, "thing": x_thing, "held": held}


@app.post("/echo/{rest:path}")
async def create(item: Item):
    return item


@app.get("/cookies")
def cookies(response: Response):
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return {}


@app.get("/redirect")
def redirect():
    return RedirectResponse("/hello")


@app.get("/binary")
def binary():
    return Response(bytes(range(256)), media_type="image/png")


@app.get("/empty", status_code=204)
def empty():
    return None


@app.get("/stream")
def stream():
    return StreamingResponse((f"piece {number}\n" for number in range(5)), media_type="text/plain")


@app.post("/upload")
def upload(file: Annotated[UploadFile, File()], field: Annotated[str, Form()]):
    return {"name": file.filename, "size": len(file.file.read()), "field": field}


@app.get("/url")
def url(request: Request):
    return str(request.url_for("echo", rest="é x"))


@app.get("/unchanged")
def teapot():
    raise HTTPException(418, "teapot")
