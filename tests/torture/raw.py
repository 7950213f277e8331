"""A client that takes nothing for an answer but a whole one.

botocore writes a request, signs it, and reads its answer. Between them is a connection of ours: botocore's own tells of a
200 that nobody sent when the server dies after a PUT without a body.
"""

import functools
import http.client
import select
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.parsers
import botocore.serialize
import botocore.session


class Unanswered(Exception):
    """The connection broke before the answer was whole: nobody knows what was done."""


class Refused(Exception):
    """The cloud answered with an error."""

    def __init__(self, operation, status, code, message):
        super().__init__(f"{operation}: {status} {code}: {message}")
        self.operation, self.status, self.code = operation, status, code


class Answer:
    """A whole answer."""

    def __init__(self, response):
        self.status, self.body = response.status, response.read()
        self.headers = botocore.awsrequest.HeadersDict(response.getheaders())


class Connection:
    """One connection at a time to a port of this machine; begun anew where it ended between two requests."""

    def __init__(self, port, timeout=60):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def ask(self, method, path, body=b"", headers={}):
        # Nothing is expected now: what can be read is the end of a connection that idled.
        if self.http.sock and select.select([self.http.sock], [], [], 0)[0]:
            self.http.close()
        try:
            self.http.request(method, path, body, headers)
            response = self.http.getresponse()
            # Without a length its end is the connection's, which nobody can tell from a server's.
            if not response.chunked and response.length is None:
                raise Unanswered(f"{method} {path}: an answer of no length")
            answer = Answer(response)
        except (OSError, http.client.HTTPException) as error:
            self.http.close()
            raise Unanswered(f"{method} {path}: {error!r}") from error
        if (answer.headers.get("connection") or "").lower() == "close":
            self.http.close()
        return answer

    def close(self):
        self.http.close()


@functools.cache
def model(service):
    return botocore.session.get_session().get_service_model(service)


@functools.cache
def protocol(service):
    name = model(service).metadata["protocol"]
    return botocore.serialize.create_serializer(name), botocore.parsers.create_parser(name)


class Client:
    """Calls operations of the services as the account's root, one after another. It hears nothing once `deaf` is set."""

    def __init__(self, variables, timeout=60, deaf=None):
        url = urllib.parse.urlsplit(variables["AWS_ENDPOINT_URL"])
        self.origin, self.region = variables["AWS_ENDPOINT_URL"], variables["AWS_REGION"]
        self.credentials = botocore.credentials.Credentials(
            variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]
        )
        self.connection, self.deaf = Connection(url.port, timeout), deaf

    def signed(self, service, operation, **values):
        """Method, path, body and headers of a signed request."""
        serializer, _ = protocol(service)
        parts = serializer.serialize_to_request(values, model(service).operation_model(operation))
        body = parts["body"]
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
        body = body.encode() if isinstance(body, str) else bytes(body)
        query = urllib.parse.urlencode(parts["query_string"], quote_via=urllib.parse.quote)
        path = parts["url_path"] + (("&" if "?" in parts["url_path"] else "?") + query if query else "")
        request = botocore.awsrequest.AWSRequest(parts["method"], self.origin + path, parts["headers"], body)
        name = model(service).signing_name
        signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
        signer(self.credentials, name, self.region).add_auth(request)
        return parts["method"], path, body, dict(request.headers)

    def call(self, service, operation, **values):
        answer = self.connection.ask(*self.signed(service, operation, **values))
        if self.deaf and self.deaf.is_set():
            raise Unanswered(f"{operation}: nobody heard the answer")
        _, parser = protocol(service)
        parts = {"status_code": answer.status, "headers": answer.headers, "body": answer.body}
        if answer.status >= 300:
            error = parser.parse(parts, None).get("Error", {})
            raise Refused(operation, answer.status, error.get("Code"), error.get("Message"))
        of = model(service).operation_model(operation)
        if not of.has_streaming_output:
            return parser.parse(parts, of.output_shape)
        # The parser makes text of bytes, but for streams.
        name = of.output_shape.serialization["payload"]
        return {**parser.parse({**parts, "body": None}, of.output_shape), name: answer.body}

    def fetch(self, url):
        """What is behind a URL of the cloud's, such as a presigned one."""
        url = urllib.parse.urlsplit(url)
        answer = self.connection.ask("GET", f"{url.path}?{url.query}")
        if answer.status != 200:
            raise Refused(f"GET {url.path}", answer.status, None, answer.body[:200])
        return answer.body

    def close(self):
        self.connection.close()
