"""A server of the test that SNS tells, and what shows that a message is SNS's."""

import base64
import contextlib
import http.server
import queue as queues
import threading

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding


def verified(message):
    """A message of which the certificate at its URL says that nobody has changed it."""
    pem = requests.get(message.get("SigningCertURL") or message["SigningCertUrl"], timeout=60)
    assert pem.status_code == 200
    key = x509.load_pem_x509_certificate(pem.content).public_key()
    fields = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{message[name]}\n" for name in fields if message.get(name) is not None)
    digest = {"1": hashes.SHA1(), "2": hashes.SHA256()}[message["SignatureVersion"]]
    key.verify(base64.b64decode(message["Signature"]), signed.encode(), padding.PKCS1v15(), digest)
    return message


@contextlib.contextmanager
def serving(tls=None):
    """A server that keeps what it is sent, and answers as it is told."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answers = self.server.answers
            self.send_response(answers.pop(0) if answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.server.sent.put((self.headers, body))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.sent, server.answers = queues.Queue(), []
    server.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
