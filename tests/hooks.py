"""Servers of the tests, with TLS where they are certified, and what shows that a message is SNS's."""

import base64
import contextlib
import datetime
import http.server
import ipaddress
import queue as queues
import threading

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


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


def certified(folder):
    """A file with a key and a certificate of this machine."""
    key = rsa.generate_private_key(65537, 2048)
    name, now = x509.Name([]), datetime.datetime.now(datetime.timezone.utc)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1)
    built = built.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    certificate = built.add_extension(here, True).sign(key, hashes.SHA256())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
    return folder / "server.pem"


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
