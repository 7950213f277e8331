import base64
import gzip

import pytest

from slam_lambda.compression import Compression, accepts_gzip
from slam_lambda.wsgi import WsgiRunner

from .process import run
from .support import context, rest_event

TEXT = b"the same words again and again " * 100
ACCEPT = [("Accept-Encoding", "br, gzip;q=0.5")]


def answer(monkeypatch, body=TEXT, headers=(), status="200 OK", accept=ACCEPT, minimum="1024"):
    def app(environ, start_response):
        start_response(status, list(headers))
        return [body]

    monkeypatch.setenv("SLAM_GZIP", minimum)
    reply = WsgiRunner(app)(rest_event(headers=accept), context())
    return reply, reply["multiValueHeaders"]


def test_text_is_compressed_for_who_asks(monkeypatch):
    reply, headers = answer(monkeypatch, headers=[("Content-Length", str(len(TEXT))), ("ETag", '"tag"')])
    assert gzip.decompress(base64.b64decode(reply["body"])) == TEXT
    assert headers == {"ETag": ['W/"tag"'], "Vary": ["Accept-Encoding"], "Content-Encoding": ["gzip"]}


@pytest.mark.parametrize(
    "case",
    [
        {"accept": []},
        {"accept": [("Accept-Encoding", "gzip;q=0, br")]},
        {"minimum": "1000000"},
        {"minimum": ""},
        {"body": bytes(range(256)) * 4, "minimum": "2000"},
        {"headers": [("Content-Encoding", "br")]},
        {"headers": [("Cache-Control", "public, no-transform")]},
        {"headers": [("Cache-Control", "No-Transform")]},
        {"status": "206 Partial Content"},
    ],
)
def test_answer_is_left_as_it_is(monkeypatch, case):
    assert answer(monkeypatch, **case)[1].get("Content-Encoding") in (None, ["br"])


def test_caches_are_told_whoever_asks(monkeypatch):
    assert answer(monkeypatch, accept=[])[1]["Vary"] == ["Accept-Encoding"]
    assert answer(monkeypatch, headers=[("Vary", "Cookie")])[1]["Vary"] == ["Cookie", "Accept-Encoding"]


@pytest.mark.parametrize(
    "accepted, expected",
    [("gzip", True), ("*", True), ("GZIP;q=1.0", True), ("", False), ("br", False), ("*;q=0", False), ("gzip;q=x", False)],
)
def test_accept_encoding(accepted, expected):
    assert accepts_gzip(accepted) == expected


def test_wrong_setting_is_told(monkeypatch):
    monkeypatch.setenv("SLAM_GZIP", "yes")
    with pytest.raises(ValueError, match="SLAM_GZIP"):
        Compression.from_environment()


def test_application_may_set_it_itself(tmp_path):
    files = {
        "web.py": """
            import os
            os.environ.setdefault("SLAM_GZIP", "1024")
            def app(environ, start_response):
                start_response("200 OK", [])
                return [b"a" * 2000]
        """
    }
    (reply,) = run(tmp_path, files, [["dev", rest_event(headers=ACCEPT)]], app="web:app", kind="wsgi")
    assert reply["multiValueHeaders"]["Content-Encoding"] == ["gzip"]
