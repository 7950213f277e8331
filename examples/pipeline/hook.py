"""The server that hears of parcels: `python hook.py`, before `slam deploy`. It needs nothing but Python.

One that the world can reach would verify the signature, as AWS documents it, and ask for HTTPS.
"""

import http.server
import json
import urllib.request


class Hook(http.server.BaseHTTPRequestHandler):
    seen = set()

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if message["Type"] == "SubscriptionConfirmation":
            urllib.request.urlopen(message["SubscribeURL"], timeout=10).close()
            print("subscribed to", message["TopicArn"], flush=True)
        elif message["Type"] == "Notification":
            parcel = json.loads(message["Message"])
            # SNS tells everything at least once.
            if parcel["id"] not in self.seen:
                self.seen.add(parcel["id"])
                print(f"{message['Subject']}: {parcel['quantity']} {parcel['thing']}, number {parcel['number']}", flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Hook).serve_forever()
