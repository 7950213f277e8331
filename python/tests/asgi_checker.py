"""Checks a server against the ASGI specification (https://asgi.readthedocs.io), as wsgiref.validate does for WSGI."""


def checked(app):
    """The application, which fails where the server breaks a rule."""

    async def checker(scope, receive, send):
        CHECKS[scope["type"]](scope)
        received = []

        async def checked_receive():
            message = await receive()
            assert type(message) is dict and type(message["type"]) is str
            assert message["type"].startswith(scope["type"]), message
            if message["type"] == "http.request":
                assert "http.disconnect" not in received
                assert type(message.get("body", b"")) is bytes
                assert type(message.get("more_body", False)) is bool
            received.append(message["type"])
            return message

        async def checked_send(message):
            assert await send(message) is None

        return await app(scope, checked_receive, checked_send)

    return checker


def _http(scope):
    _common(scope)
    assert scope["http_version"] in ("1.0", "1.1", "2", "2.0")
    assert type(scope["method"]) is str and scope["method"] == scope["method"].upper()
    assert scope["scheme"] in ("http", "https")


def _websocket(scope):
    _common(scope)
    assert scope["scheme"] in ("ws", "wss")
    assert all(type(name) is str for name in scope["subprotocols"])


def _common(scope):
    assert scope["asgi"]["version"] == "3.0" and scope["asgi"]["spec_version"] in ("2.0", "2.1", "2.3", "2.4")
    path = scope["path"]
    assert type(path) is str and path.startswith("/") and path.startswith(scope["root_path"])
    assert type(scope["raw_path"]) is bytes and scope["raw_path"].isascii() and b"?" not in scope["raw_path"]
    assert type(scope["query_string"]) is bytes
    assert type(scope["root_path"]) is str and not scope["root_path"].endswith("/")
    for name, value in scope["headers"]:
        assert type(name) is bytes and type(value) is bytes and name == name.lower()
    for name in ("client", "server"):
        if scope[name] is not None:
            host, port = scope[name]
            assert type(host) is str and (type(port) is int or port is None)
    assert type(scope["extensions"]) is dict
    if "state" in scope:
        assert type(scope["state"]) is dict


def _lifespan(scope):
    assert scope["asgi"]["version"] == "3.0" and scope["asgi"]["spec_version"] in ("1.0", "2.0")
    assert type(scope["state"]) is dict


CHECKS = {"http": _http, "websocket": _websocket, "lifespan": _lifespan}
