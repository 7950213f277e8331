"""Django is imported for the path that leads to it; others hear of it with each request."""

import json
import pathlib
import shutil

import django
import pytest

from .process import run_with_log
from .support import rest_event, v2_event

# What `django-admin startproject` writes, as far as it matters here, and what reads its settings as WhiteNoise does.
SETTINGS = """
    import os, sys
    sys.imports = getattr(sys, "imports", 0) + 1
    SECRET_KEY = "tests"
    ALLOWED_HOSTS = ["*"]
    ROOT_URLCONF = "site_urls"
    INSTALLED_APPS = ["django.contrib.staticfiles"]
    MIDDLEWARE = ["site_middleware.Eager"]
    STATIC_URL = "static/"
"""
DJANGO = {
    "site_settings.py": SETTINGS,
    "site_middleware.py": """
        from django.conf import settings
        from django.contrib.staticfiles.storage import staticfiles_storage
        class Eager:
            def __init__(self, get_response):
                self.get_response = get_response
                self.prefix = settings.STATIC_URL.removeprefix((settings.FORCE_SCRIPT_NAME or "").rstrip("/"))
            def __call__(self, request):
                request.prefix = self.prefix
                return self.get_response(request)
    """,
    "site_urls.py": """
        import os, sys
        from django.http import JsonResponse
        from django.templatetags.static import static
        from django.urls import path, reverse
        def view(request):
            urls = [static("a.css"), reverse("view"), request.path, request.prefix]
            return JsonResponse({"urls": urls, "variable": os.environ.get("SCRIPT_NAME"), "imports": sys.imports})
        urlpatterns = [path("tasks", view, name="view")]
    """,
    "wsgi.py": """
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
        from django.core.wsgi import get_wsgi_application
        application = get_wsgi_application()
    """,
    "asgi.py": """
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
        from django.core.asgi import get_asgi_application
        application = get_asgi_application()
    """,
}
FLASK = {
    "wsgi.py": """
        import sys
        from flask import Flask, request, url_for
        sys.imports = getattr(sys, "imports", 0) + 1
        application = Flask(__name__)
        @application.get("/tasks")
        def view():
            return {"urls": [url_for("static", filename="a.css"), url_for("view")], "imports": sys.imports}
    """
}
STAGES = {"dev": {"STAGE": "dev", "SCRIPT_NAME": "/dev"}, "prod": {"STAGE": "prod", "SCRIPT_NAME": "/prod"}}
AT_THE_STAGE = rest_event("/tasks")
AT_A_LOCAL_PATH = rest_event("/tasks", whole="/_aws/execute-api/abc/dev/tasks")
AT_A_DOMAIN = rest_event("/tasks", whole="/tasks")


def serve(tmp_path, *invocations, kind="wsgi", stages=STAGES, files=DJANGO):
    if files is not FLASK:
        # What is not in the package is imported once, whatever imports it.
        package = pathlib.Path(django.__file__).parent
        ignored = shutil.ignore_patterns("__pycache__", "*.mo", "*.po", "gis", "admin")
        shutil.copytree(package, tmp_path / "django", ignore=ignored)
    answers, log = run_with_log(
        tmp_path, files, list(invocations), app=f"{kind}:application", kind=kind, stages=stages, version="$LATEST"
    )
    assert all("statusCode" in answer for answer in answers), answers
    return [json.loads(answer["body"]) for answer in answers], log


def urls(path):
    return [f"{path}/static/a.css", f"{path}/tasks", f"{path}/tasks", "/static/"]


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_urls_lead_to_the_stage(tmp_path, kind):
    answers, log = serve(tmp_path, ["dev", AT_THE_STAGE], ["dev", AT_THE_STAGE], kind=kind)
    assert answers == [{"urls": urls("/dev"), "variable": "/dev", "imports": 1}] * 2
    assert "SCRIPT_NAME" not in log


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_each_path_has_its_own(tmp_path, kind):
    prod = rest_event("/tasks", stage="prod")
    both = [["dev", AT_THE_STAGE], ["dev", AT_A_LOCAL_PATH], ["dev", AT_A_DOMAIN], ["prod", prod]]
    answers, log = serve(tmp_path, *both, *both, kind=kind)
    paths = ["/dev", "/_aws/execute-api/abc/dev", "", "/prod"]
    assert [answer["urls"] for answer in answers] == [urls(path) for path in paths] * 2
    assert answers[-1]["imports"] == 4
    assert "SCRIPT_NAME" in log


def test_what_is_likely_can_be_said(tmp_path):
    # The environment of slam.yaml counts more than what slam supposes.
    stages = {"dev": {"SCRIPT_NAME": ""}}
    answers, log = serve(tmp_path, ["dev", AT_A_DOMAIN], ["dev", v2_event("/tasks")], stages=stages)
    assert answers == [{"urls": urls(""), "variable": "", "imports": 1}] * 2
    assert "SCRIPT_NAME" not in log


def test_a_setting_of_the_project_counts_more(tmp_path):
    files = {**DJANGO, "site_settings.py": SETTINGS + '    FORCE_SCRIPT_NAME = "/shop"\n'}
    answers, _ = serve(tmp_path, ["dev", AT_THE_STAGE], ["dev", AT_A_DOMAIN], files=files)
    assert [answer["imports"] for answer in answers] == [1, 1]
    assert [answer["urls"][1] for answer in answers] == ["/shop/tasks"] * 2


def test_paths_are_not_imported_without_end(tmp_path):
    many = [["dev", rest_event("/tasks", whole=f"/{number}/tasks")] for number in range(10)]
    answers, _ = serve(tmp_path, *many)
    assert answers[-1]["imports"] == 4
    assert [answer["urls"][0] for answer in answers[:3]] == [f"/{number}/static/a.css" for number in range(3)]


def test_others_are_imported_once(tmp_path):
    answers, _ = serve(tmp_path, ["dev", AT_THE_STAGE], ["dev", AT_A_DOMAIN], files=FLASK)
    assert answers == [
        {"urls": ["/dev/static/a.css", "/dev/tasks"], "imports": 1},
        {"urls": ["/static/a.css", "/tasks"], "imports": 1},
    ]


def test_fastapi_and_starlette_hear_of_it_with_each_request(tmp_path):
    files = {
        "asgi.py": """
            import pathlib
            from fastapi import FastAPI, Request
            from fastapi.staticfiles import StaticFiles
            here = pathlib.Path(__file__).parent
            application = FastAPI()
            application.mount("/static", StaticFiles(directory=here / "public"), name="static")
            @application.get("/tasks")
            def view(request: Request):
                return {"urls": [request.url_for("static", path="a.css").path]}
        """,
        "public/a.css": "a {}",
    }
    events = [rest_event(path) for path in ("/tasks", "/static/a.css", "/openapi.json", "/docs")]
    answers, _ = run_with_log(
        tmp_path, files, [["dev", event] for event in events], app="asgi:application", kind="asgi", stages=STAGES
    )
    assert [answer["statusCode"] for answer in answers] == [200] * 4
    assert json.loads(answers[0]["body"])["urls"][0] == "/dev/static/a.css"
    assert answers[1]["body"] == "a {}"
    assert json.loads(answers[2]["body"])["servers"] == [{"url": "/dev"}]
    # The page that shows it asks for it where it is.
    assert "/dev/openapi.json" in answers[3]["body"]
