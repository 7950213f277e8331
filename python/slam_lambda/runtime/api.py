"""The client of the Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

HTTP/1.1 over a plain socket. ``http.client`` would bring the e-mail package with it, at every cold start.
"""

import json
import socket
from binascii import b2a_base64

from .encoding import encode

_PREFIX = "/2018-06-01/runtime"
_ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
_ERROR_BODY = "Lambda-Runtime-Function-Error-Body"
# Trailers are read into memory before anything else is known of them, so servers keep them small.
_MOST_ERROR_BYTES = 4096


class RuntimeApi:
    """The Runtime API at ``address``, over one connection that is kept."""

    def __init__(self, address):
        self._address = address
        self._connection = None

    def next(self):
        """Wait for an event; its headers, with names in lower case, and its body."""
        status, headers, body = self._exchange("GET", "/invocation/next")
        if status != 200:
            raise RuntimeError(f"slam: the Runtime API answered {status} instead of an event: {body[:500]!r}")
        return headers, body

    def respond(self, request_id, body, content_type):
        """Answer an event whole."""
        self._exchange("POST", f"/invocation/{request_id}/response", body, f"Content-Type: {content_type}\r\n")

    def fail(self, request_id, error):
        """Say that an event could not be handled."""
        self._error(f"/invocation/{request_id}/error", error)

    def init_error(self, error):
        """Say that the function could not be loaded."""
        self._error("/init/error", error)

    def stream(self, request_id, content_type):
        """Answer an event piece by piece."""
        return ResponseStream(self._address, f"{_PREFIX}/invocation/{request_id}/response", content_type)

    def _error(self, path, error):
        headers = f"Content-Type: application/json\r\n{_ERROR_TYPE}: {_token(error['errorType'])}\r\n"
        self._exchange("POST", path, encode(error).encode(), headers)

    def _exchange(self, method, path, body=b"", headers=""):
        head = f"{method} {_PREFIX}{path} HTTP/1.1\r\nHost: {self._address}\r\nContent-Length: {len(body)}\r\n"
        request = f"{head}{headers}\r\n".encode("latin-1") + body
        if self._connection is not None:
            try:
                return self._connection.exchange(request)
            except ConnectionError:
                # A kept connection may have been closed while the process stood still.
                self._connection.close()
        self._connection = _Connection(self._address)
        return self._connection.exchange(request)


class Gone(OSError):
    """Nobody takes the answer any more."""


class ResponseStream:
    """An answer in pieces, on a connection of its own: Lambda wants it closed after the last one.

    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
    """

    def __init__(self, address, path, content_type):
        self._address = address
        self._connection = None
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {content_type}\r\n"
            "Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n"
            f"Trailer: {_ERROR_TYPE}, {_ERROR_BODY}\r\n\r\n"
        ).encode("latin-1")

    def write(self, data):
        """Send a piece, and wait until it is on its way."""
        self._send_all(self._framed(data))

    def end(self, error=None):
        """Send the end, with what went wrong before it."""
        self._send_all(self._end(error))

    async def send(self, loop, data):
        """Send a piece, and let others run until it is on its way."""
        await self._send(loop, self._framed(data))

    async def send_end(self, loop, error=None):
        """Send the end, and let others run until it is on its way."""
        await self._send(loop, self._end(error))

    def close(self):
        """Wait until all of it was taken, and close the connection."""
        if self._connection is not None:
            try:
                self._connection.socket.setblocking(True)
                self._connection.receive()
            except OSError:
                # Whoever took it has gone, and knows why.
                pass
            finally:
                self._connection.close()

    def _send_all(self, data):
        try:
            self._open(blocking=True).sendall(data)
        except OSError as error:
            raise Gone(str(error)) from error

    async def _send(self, loop, data):
        try:
            await loop.sock_sendall(self._open(blocking=False), data)
        except OSError as error:
            raise Gone(str(error)) from error

    def _open(self, blocking):
        if self._connection is None:
            self._connection = _Connection(self._address)
        self._connection.socket.setblocking(blocking)
        return self._connection.socket

    def _framed(self, data):
        head, self._head = self._head, b""
        # A piece of no bytes would be the end.
        return b"%s%x\r\n%s\r\n" % (head, len(data), data) if data else head

    def _end(self, error):
        head, self._head = self._head, b""
        trailers = b""
        if error is not None:
            body = b2a_base64(_short(error), newline=False).decode()
            trailers = f"{_ERROR_TYPE}: {_token(error['errorType'])}\r\n{_ERROR_BODY}: {body}\r\n".encode("latin-1")
        return b"%s0\r\n%s\r\n" % (head, trailers)


class _Connection:
    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def close(self):
        self.socket.close()

    def exchange(self, request):
        self.socket.sendall(request)
        return self.receive()

    def receive(self):
        """The next response: status, headers with names in lower case, body."""
        received = self._received
        end = received.find(b"\r\n\r\n")
        while end < 0:
            received += self._read()
            end = received.find(b"\r\n\r\n")
        status_line, *lines = received[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = bytearray(received[end + 4 :])
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return int(status_line.split()[1]), headers, self._chunks(body)
        length = int(headers.get("content-length", 0))
        while len(body) < length:
            body += self._read()
        self._received = bytes(body[length:])
        return int(status_line.split()[1]), headers, bytes(body[:length])

    def _chunks(self, received):
        """A body in chunks (RFC 9112, 7.1), of which ``received`` has come already."""
        body = bytearray()
        while True:
            line = self._line(received)
            length = int(line.partition(b";")[0], 16)
            while len(received) < length + 2:
                received += self._read()
            if length == 0:
                # Trailers, if there are any, up to an empty line.
                while line:
                    line = self._line(received)
                self._received = bytes(received)
                return bytes(body)
            body += received[:length]
            del received[: length + 2]

    def _line(self, received):
        while b"\r\n" not in received:
            received += self._read()
        line, _, rest = bytes(received).partition(b"\r\n")
        received[:] = rest
        return line

    def _read(self):
        piece = self.socket.recv(262144)
        if not piece:
            raise ConnectionResetError("slam: the Runtime API closed the connection")
        return piece


def _token(text):
    """An error's type for a header: it may be any class's name."""
    return text.encode("ascii", "replace").decode().replace("\r", "?").replace("\n", "?")


def _short(error):
    """An error document that fits into a trailer."""
    body = json.dumps(error).encode()
    if len(body) > _MOST_ERROR_BYTES:
        body = json.dumps({**error, "stackTrace": []}).encode()
    if len(body) > _MOST_ERROR_BYTES:
        # A character takes up to twelve bytes.
        message = error["errorMessage"][: _MOST_ERROR_BYTES // 16]
        body = json.dumps({**error, "errorMessage": message, "stackTrace": []}).encode()
    return body
