"""The example examples/thumbnails: binary bodies, a task with a result, a native dependency in a layer."""

import struct
import time
import zlib

import pytest
import requests


def png(width, height):
    """A picture of one colour."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff\x80\x00" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def url(machine, project):
    folder = project("thumbnails", keep_config=True)
    machine.run("deploy", cwd=folder)
    return machine.json("status", cwd=folder)["stages"][0]["url"].rstrip("/")


def finished(origin, path):
    until = time.monotonic() + 60
    while (job := requests.get(origin + path).json())["status"] in ("queued", "running"):
        assert time.monotonic() < until, job
        time.sleep(0.1)
    return job


def test_a_picture_becomes_small_later(url):
    origin = url.removesuffix("/dev")
    sent = requests.post(f"{url}/pictures", data=png(320, 160), headers={"Content-Type": "image/png"})
    assert sent.status_code == 202
    assert finished(origin, sent.json()["job"]) == {"status": "done", "size": [64, 32], "error": None}
    small = requests.get(origin + sent.json()["thumbnail"])
    assert small.headers["Content-Type"] == "image/png"
    assert struct.unpack(">II", small.content[16:24]) == (64, 32)
    # What is no picture is a result, too.
    other = requests.post(f"{url}/pictures", data=b"\xff\xfe no picture")
    assert finished(origin, other.json()["job"])["size"] is None
    assert requests.get(origin + other.json()["thumbnail"]).status_code == 404
    assert requests.get(f"{url}/jobs/nothing").status_code == 404
    assert requests.post(f"{url}/pictures", data=b"x" * 300_001).status_code == 413
