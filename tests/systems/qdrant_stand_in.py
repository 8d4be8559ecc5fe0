"""Stands in for a Qdrant server, whose program can't be had from a package registry: what it answers are the objects of
Qdrant's own client, from the client's store in memory; and the real client reads it over HTTP before anybody else.

usage: qdrant_stand_in.py ANYTHING

The address is printed as the first line; it serves for as long as standard input stays open.
"""

import http.server
import json
import re
import sys
import threading

from qdrant_client import QdrantClient, models

POINTS = 450


def filled():
    store = QdrantClient(":memory:")
    store.create_collection("kb", vectors_config=models.VectorParams(size=3, distance=models.Distance.COSINE))
    payload = lambda n: {"page_content": f"text {n}", "metadata": {"source": "/data/opening.md", "page": n}}
    store.upsert(
        "kb", [models.PointStruct(id=n, vector=[float(n), 1.0, 2.0], payload=payload(n)) for n in range(1, POINTS + 1)]
    )
    return store


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def result(self, model):
        self.answer({"result": model, "status": "ok", "time": 0.001})

    def do_GET(self):
        store = self.server.store
        if self.path == "/":
            return self.answer({"title": "qdrant - vector search engine", "version": "1.20.0"})
        if self.path == "/collections":
            return self.result(store.get_collections().model_dump(mode="json"))
        found = re.fullmatch(r"/collections/(\w+)", self.path)
        if found:
            return self.result(store.get_collection(found[1]).model_dump(mode="json"))
        return self.answer({"status": {"error": "Not found"}}, 404)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        found = re.fullmatch(r"/collections/(\w+)/points/scroll", self.path)
        if not found:
            return self.answer({"status": {"error": "Not found"}}, 404)
        points, following = self.server.store.scroll(
            found[1], limit=body["limit"], offset=body.get("offset"), with_payload=True, with_vectors=False
        )
        points = [point.model_dump(mode="json") for point in points]
        return self.result({"points": points, "next_page_offset": following})

    def log_message(self, *_):
        pass


def main():
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.store = filled()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    client = QdrantClient(url=address)
    assert [one.name for one in client.get_collections().collections] == ["kb"]
    assert client.get_collection("kb").points_count == POINTS
    points, _ = client.scroll("kb", limit=10)
    assert len(points) == 10 and points[0].payload["page_content"] == "text 1"
    print(address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
