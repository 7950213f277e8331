import base64

import django
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.urls import path, re_path

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="for tests alone",
        MIDDLEWARE=["django.middleware.http.ConditionalGetMiddleware"],
        LOGGING_CONFIG=None,
    )
    django.setup(set_prefix=False)


def hello(request):
    return HttpResponse("héllo")


def echo(request, rest):
    data = base64.b64encode(request.body).decode()
    return JsonResponse(
        {
            "method": request.method,
            "rest": rest,
            "args": dict(request.GET.lists()),
            "form": dict(request.POST.lists()),
            "cookies": request.COOKIES,
            "type": request.content_type,
            "x": request.headers.get("X-Thing"),
            "data": data,
        }
    )


def cookies(request):
    response = HttpResponse("ok")
    response.set_cookie("a", "1", httponly=True)
    response.set_cookie("b", "two words, and a comma", samesite="Lax")
    return response


def redirect(request):
    return HttpResponseRedirect("/hello")


def binary(request):
    return HttpResponse(bytes(range(256)), content_type="image/png")


def empty(request):
    return HttpResponse(status=204)


def unchanged(request):
    return HttpResponse("x", headers={"ETag": '"tag"'})


def stream(request):
    return StreamingHttpResponse((f"piece {number}\n" for number in range(5)), content_type="text/plain")


def upload(request):
    file = request.FILES["file"]
    return JsonResponse({"name": file.name, "size": len(file.read()), "field": request.POST["field"]})


def url(request):
    return HttpResponse(request.build_absolute_uri("/echo/é x"))


def boom(request):
    raise RuntimeError("boom")


urlpatterns = [
    path("hello", hello),
    re_path("^echo/(?P<rest>.*)$", echo),
    *(path(view.__name__, view) for view in (cookies, redirect, binary, empty, unchanged, stream, upload, url, boom)),
]

from django.core.wsgi import get_wsgi_application  # noqa: E402  (the settings come first)

app = get_wsgi_application()
