import base64

import bottle

app = bottle.Bottle()


@app.get("/hello")
def hello():
    return "héllo"


@app.route("/echo/<rest:path>", method=["GET", "POST", "PUT", "PATCH", "DELETE"])
def echo(rest):
    request = bottle.request
    return {
        "method": request.method,
        "rest": rest,
        "args": {name: request.query.getall(name) for name in request.query},
        "cookies": dict(request.cookies),
        "type": request.content_type,
        "length": request.content_length,
        "data": base64.b64encode(request.body.read()).decode(),
    }


@app.get("/cookies")
def cookies():
    bottle.response.set_cookie("a", "1", httponly=True)
    bottle.response.set_cookie("b", "2", samesite="lax")
    return "ok"


@app.get("/redirect")
def redirect():
    bottle.redirect("/hello")


@app.get("/binary")
def binary():
    bottle.response.content_type = "image/png"
    return bytes(range(256))


@app.get("/empty")
def empty():
    bottle.response.status = 204


@app.get("/stream")
def stream():
    return (f"piece {number}\n" for number in range(5))


@app.post("/upload")
def upload():
    file = bottle.request.files["file"]
    return {"name": file.filename, "size": len(file.file.read()), "field": bottle.request.forms["field"]}


@app.get("/url")
def url():
    return bottle.request.url


@app.get("/boom")
def boom():
    raise RuntimeError("boom")
