import base64

import flask

app = flask.Flask(__name__)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@app.route("/hello")
def hello():
    return "héllo"


@app.route("/echo/<path:rest>", methods=METHODS)
def echo(rest):
    request = flask.request
    data = base64.b64encode(request.get_data()).decode()
    return {
        "method": request.method,
        "rest": rest,
        "args": request.args.to_dict(flat=False),
        "form": request.form.to_dict(flat=False),
        "cookies": request.cookies,
        "type": request.content_type,
        "length": request.content_length,
        "x": request.headers.get("X-Thing"),
        "data": data,
    }


@app.route("/cookies")
def cookies():
    response = flask.make_response("ok")
    response.set_cookie("a", "1", path="/", httponly=True)
    response.set_cookie("b", "two words, and a comma", max_age=60, samesite="Lax")
    response.headers.add("X-Many", "1")
    response.headers.add("X-Many", "2")
    return response


@app.route("/redirect")
def redirect():
    return flask.redirect(flask.url_for("hello"))


@app.route("/binary")
def binary():
    return flask.Response(bytes(range(256)), content_type="image/png")


@app.route("/empty")
def empty():
    return "", 204


@app.route("/unchanged")
def unchanged():
    response = flask.Response("x")
    response.set_etag("tag")
    return response.make_conditional(flask.request)


@app.route("/stream")
def stream():
    return flask.Response((f"piece {number}\n" for number in range(5)), content_type="text/plain")


@app.route("/upload", methods=["POST"])
def upload():
    file = flask.request.files["file"]
    return {"name": file.filename, "size": len(file.read()), "field": flask.request.form["field"]}


@app.route("/url")
def url():
    return flask.url_for("echo", rest="é x", _external=True)


@app.route("/boom")
def boom():
    raise RuntimeError("boom")
