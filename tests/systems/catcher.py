"""A small HTTP server that keeps the body of every POST it is sent.

It stands where an OpenLineage receiver would, so that what real clients send can be recorded as it came.
"""

import gzip
import http.server
import json
import threading


class Catcher:
    """Listens on a free loopback port while the `with` block runs; `bodies` holds what came, in order."""

    def __init__(self):
        self.bodies = []
        catcher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                catcher.bodies.append(json.loads(body))
                self.send_response(201)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
