"""`SLAM_CORS`: what browsers are told of pages of other origins."""

import pytest

from slam_lambda.cors import Cors
from slam_lambda.http import Reply, Response

ASKS = "https://a.example"
OTHERS = ["https://a.example", "https://b.example"]


def told(cors, origin=ASKS, headers=()):
    reply = Reply("GET", Response(200, "OK", list(headers), b""))
    cors.tell({"headers": {"origin": origin} if origin else None}, reply)
    return {name.lower(): values for name, values in reply.headers.items() if name.lower() != "content-length"}


@pytest.mark.parametrize(
    ("cors", "origin", "expected"),
    [
        (Cors(["*"]), ASKS, {"access-control-allow-origin": ["*"]}),
        (Cors(["*"]), None, {}),
        (Cors(OTHERS), ASKS, {"access-control-allow-origin": [ASKS], "vary": ["Origin"]}),
        (Cors(OTHERS), "https://c.example", {"vary": ["Origin"]}),
        (Cors(OTHERS), None, {"vary": ["Origin"]}),
        (
            Cors([ASKS], ["etag", "x-total"], True),
            ASKS,
            {
                "access-control-allow-origin": [ASKS],
                "access-control-expose-headers": ["etag,x-total"],
                "access-control-allow-credentials": ["true"],
                "vary": ["Origin"],
            },
        ),
    ],
)
def test_who_is_told(cors, origin, expected):
    assert told(cors, origin) == expected


def test_what_the_application_says_counts_more():
    own = [("Access-Control-Allow-Origin", "https://mine.example")]
    assert told(Cors(["*"]), headers=own) == {"access-control-allow-origin": ["https://mine.example"]}
    assert told(Cors(OTHERS), headers=[("Vary", "Accept")])["vary"] == ["Accept", "Origin"]
    assert told(Cors(OTHERS), headers=[("Vary", "accept, origin")])["vary"] == ["accept, origin"]


def test_the_variable(monkeypatch):
    monkeypatch.delenv("SLAM_CORS", raising=False)
    assert Cors.from_environment() is None
    monkeypatch.setenv("SLAM_CORS", '{"origins": ["*"], "expose": [], "credentials": false}')
    assert told(Cors.from_environment()) == {"access-control-allow-origin": ["*"]}
    monkeypatch.setenv("SLAM_CORS", "*")
    with pytest.raises(ValueError, match="SLAM_CORS"):
        Cors.from_environment()
