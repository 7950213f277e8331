import base64

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound, HTTPNoContent
from pyramid.response import Response


def hello(request):
    return Response("héllo")


def echo(request):
    return Response(
        json_body={
            "method": request.method,
            "rest": request.matchdict["rest"],
            "args": {name: request.GET.getall(name) for name in request.GET},
            "cookies": dict(request.cookies),
            "type": request.content_type,
            "length": request.content_length,
            "data": base64.b64encode(request.body).decode(),
        }
    )


def cookies(request):
    response = Response("ok")
    response.set_cookie("a", "1", httponly=True)
    response.set_cookie("b", "2", samesite="Lax")
    return response


def redirect(request):
    return HTTPFound(request.route_path("hello"))


def binary(request):
    return Response(bytes(range(256)), content_type="image/png")


def empty(request):
    return HTTPNoContent()


def unchanged(request):
    return Response("x", etag="tag", conditional_response=True)


def stream(request):
    return Response(app_iter=(f"piece {number}\n".encode() for number in range(5)))


def upload(request):
    file = request.POST["file"]
    return Response(json_body={"name": file.filename, "size": len(file.file.read()), "field": request.POST["field"]})


def url(request):
    return Response(request.route_url("echo", rest="é x"))


with Configurator() as configuration:
    configuration.add_route("echo", "/echo/{rest:.*}")
    configuration.add_view(echo, route_name="echo")
    for view in (hello, cookies, redirect, binary, empty, unchanged, stream, upload, url):
        configuration.add_route(view.__name__, f"/{view.__name__}")
        configuration.add_view(view, route_name=view.__name__)
    app = configuration.make_wsgi_app()
