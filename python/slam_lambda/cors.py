"""What browsers are told of pages of other origins, where a REST API passes the answer on.

``SLAM_CORS``, which slam.yaml's ``http: {cors: …}`` sets, says it as JSON: ``origins``, ``expose`` and
``credentials``. API Gateway's REST APIs answer preflights by themselves, and nothing else; HTTP APIs and function
URLs add these headers to every answer. What the application says itself counts more.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
"""

import json
import os


class Cors:
    """Tells browsers which pages may read an answer."""

    def __init__(self, origins, expose=(), credentials=False):
        self._all = "*" in origins
        self._origins = {origin.lower() for origin in origins}
        self._more = {}
        if expose:
            self._more["Access-Control-Expose-Headers"] = [",".join(expose)]
        if credentials:
            self._more["Access-Control-Allow-Credentials"] = ["true"]

    @classmethod
    def from_environment(cls):
        """What ``SLAM_CORS`` asks for; None where it is not set."""
        text = os.environ.get("SLAM_CORS")
        if text is None:
            return None
        try:
            return cls(**json.loads(text))
        except (TypeError, ValueError):
            raise ValueError(f"slam: the environment variable SLAM_CORS is not what slam sets: {text!r}") from None

    def tell(self, event, reply):
        """Add the headers to a reply to the page that asks, if it may read it."""
        if "access-control-allow-origin" in reply.values:
            return
        headers = event.get("headers") or {}
        origin = next((value for name, value in headers.items() if name.lower() == "origin"), None)
        if not self._all:
            # A cache has to know even where nobody asks.
            vary = reply.values.setdefault("vary", [])
            if not vary:
                reply.headers["Vary"] = vary
            if not any(part.strip().lower() in ("origin", "*") for value in vary for part in value.split(",")):
                vary.append("Origin")
        if not origin or not (self._all or origin.lower() in self._origins):
            return
        reply.headers["Access-Control-Allow-Origin"] = ["*" if self._all else origin]
        reply.headers.update(self._more)
