"""A Django project: served, and administered with `slam manage`."""

import requests
from functions import runtime

FILES = {
    "slam.yaml": "name: site\napp: site_wsgi:application\nkind: wsgi\nruntime: {runtime}\ncommands: true\ntimeout: 60\nmemory: 512\n",
    "requirements.txt": "django\n",
    "site_settings.py": """\
SECRET_KEY = "tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "site_urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
import tempfile
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": tempfile.gettempdir() + "/site.db"}}
USE_TZ = True
""",
    "site_urls.py": """\
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse("at " + request.path))]
""",
    "site_wsgi.py": """\
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
""",
}


def test_management_commands_run_in_the_function(machine, tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text.format(runtime=runtime()) if name == "slam.yaml" else text)
    machine.run("deploy", cwd=tmp_path)
    url = machine.json("status", cwd=tmp_path)["stages"][0]["url"]
    assert requests.get(url).text == "at /dev/"
    manage = lambda *arguments, **more: machine.run("manage", *arguments, cwd=tmp_path, **more)
    assert "System check identified no issues" in manage("check").stdout
    assert "Applying auth.0001_initial... OK" in manage("migrate", "--noinput").stdout
    # A command that asks has nobody to answer, and says so.
    assert "no terminal to ask at" in manage("flush", code=1).stderr
    # The log tells what ran, and not its arguments.
    log = machine.run("logs", cwd=tmp_path).stdout
    assert " dev manage check  " in log and " dev manage migrate  " in log and "migrate --noinput" not in log, log
    unknown = manage("nope", code=1)
    assert "Unknown command" in unknown.stdout + unknown.stderr
