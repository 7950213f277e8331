"""What `django-admin startproject` writes, at the URL that is printed, in a real browser."""

import os
import subprocess
import sys
import zipfile

import pytest
import requests
from browser import browser  # noqa: F401  (a fixture)
from functions import runtime

PASSWORD = "correct horse battery"
COLLECT = "package: {before: '" + sys.executable + " manage.py collectstatic --noinput'}\n"
SETTINGS = """
ALLOWED_HOSTS = ["*"]
STATIC_ROOT = BASE_DIR / "staticfiles"
# The package is read-only: what is written is gone with the process, so sessions are in the cookie.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
import os, shutil, tempfile
if "LAMBDA_TASK_ROOT" in os.environ:
    DATABASES["default"]["NAME"] = os.path.join(tempfile.gettempdir(), "db.sqlite3")
    if not os.path.exists(DATABASES["default"]["NAME"]):
        shutil.copyfile(BASE_DIR / "db.sqlite3", DATABASES["default"]["NAME"])
"""
WHITENOISE = """
MIDDLEWARE.insert(1, "whitenoise.middleware.WhiteNoiseMiddleware")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DEBUG = False
"""
MANIFEST = """
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
DEBUG = False
"""
# What is said in settings.py and slam.yaml beyond what `startproject` writes.
KINDS = {
    "whitenoise": (WHITENOISE, COLLECT, "django\nwhitenoise\n"),
    "static": ("", COLLECT + "static: staticfiles\n", "django\n"),
    "static-manifest": (MANIFEST, COLLECT + "static: {folder: staticfiles, cache: 1h}\n", "django\n"),
}


@pytest.fixture
def project(tmp_path, request):
    settings, slam, requirements = KINDS[request.param]
    folder = tmp_path / "mysite"
    folder.mkdir()
    python = lambda *arguments, **more: subprocess.run([sys.executable, *arguments], cwd=folder, check=True, **more)
    python("-m", "django", "startproject", "mysite", ".")
    with (folder / "mysite" / "settings.py").open("a") as file:
        file.write(SETTINGS + settings)
    python("manage.py", "migrate", "--noinput", stdout=subprocess.DEVNULL)
    account = ["--noinput", "--username", "ada", "--email", "ada@example.com"]
    python("manage.py", "createsuperuser", *account, env={**os.environ, "DJANGO_SUPERUSER_PASSWORD": PASSWORD})
    head = f"name: mysite\napp: mysite.wsgi:application\nkind: wsgi\nruntime: {runtime()}\nmemory: 512\ntimeout: 60\n"
    (folder / "slam.yaml").write_text(head + slam)
    (folder / "requirements.txt").write_text(requirements)
    return folder


def log_in(browser, url):
    """Logs in to the admin: the requests of the login page, and of the page after it."""
    before = browser.open(url + "admin/")
    browser.one("#id_username").send_keys("ada")
    browser.one("#id_password").send_keys(PASSWORD)
    style = browser.style("#header", "background-color")
    browser.one("input[type=submit]").click()
    browser.until("#user-tools")
    return before, style, browser.requests()


@pytest.mark.parametrize("project", KINDS, indirect=True)
def test_the_admin_works_in_a_browser(machine, project, browser):
    machine.run("deploy", cwd=project)
    url = machine.json("status", cwd=project)["stages"][0]["url"]
    api = machine.json("status", cwd=project)["stacks"][0]["api"]
    for place in (url, f"http://{api}.execute-api.us-east-1.localhost:{machine.port}/dev/"):
        login, style, admin = log_in(browser, place)
        asked = {**login, **admin}
        assert set(asked.values()) <= {200, 302, 304}, asked
        assert [address for address in asked if ".css" in address and address.startswith(place + "static/admin/")], asked
        # `--secondary` of the admin's style sheet: #417690.
        assert style == "rgba(65, 118, 144, 1)"
        assert browser.driver.current_url == place + "admin/"
        assert "ada" in browser.one("#user-tools").text.lower()
        # A page below, with scripts, and the way out.
        listed = browser.open(place + "admin/auth/user/")
        assert set(listed.values()) <= {200, 304}, listed
        assert any(".js" in address for address in {**admin, **listed})
        browser.driver.delete_all_cookies()


@pytest.mark.parametrize("project", ["static-manifest"], indirect=True)
def test_names_with_a_hash_are_kept_for_good(machine, project):
    machine.run("deploy", cwd=project)
    url = machine.json("status", cwd=project)["stages"][0]["url"]
    page = requests.get(url + "admin/login/").text
    address = next(part for part in page.split('"') if part.startswith("/dev/static/admin/css/base."))
    answer = requests.get(requests.compat.urljoin(url, address))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    plain = requests.get(url + "static/admin/css/base.css")
    assert plain.headers["Cache-Control"] == "public, max-age=3600"
    # Of the folder the package has what the storage reads, and nothing else.
    package = machine.json("build", cwd=project)["path"]
    names = [name for name in zipfile.ZipFile(package).namelist() if name.startswith("staticfiles")]
    assert names == ["staticfiles/staticfiles.json"]
