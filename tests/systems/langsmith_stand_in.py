"""A small HTTP server that stands where LangSmith would, and keeps every request that it is sent.

It answers just enough for the real SDKs to go on: what they ask for is what they sent before.
"""

import http.server
import json
import threading
import urllib.parse
import uuid

TENANT = "28920d3d-0491-41b0-b8dd-7e15d56c0c94"
NOW = "2026-03-01T08:00:00+00:00"


class StandIn:
    """Listens on a free loopback port while the `with` block runs; `requests` holds what came, in order."""

    def __init__(self, multipart=True, zstd=False):
        self.requests = []
        self.info = {
            "version": "0.10.0",
            "batch_ingest_config": {
                "use_multipart_endpoint": multipart,
                "scale_up_qsize_trigger": 1000,
                "scale_up_nthreads_limit": 16,
                "scale_down_nempty_trigger": 4,
                "size_limit": 100,
                "size_limit_bytes": 20971520,
            },
            "instance_flags": {"zstd_compression_enabled": zstd, "dataset_examples_multipart_enabled": True, "examples_multipart_enabled": True},
        }
        self._repos, self._commits, self._datasets, self._sessions = {}, {}, {}, {}
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _body(self):
                if self.headers.get("transfer-encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("content-length", 0) or 0))
                chunks = []
                while length := int(self.rfile.readline().split(b";")[0], 16):
                    chunks.append(self.rfile.read(length))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(chunks)

            def _do(self):
                body = self._body()
                path, _, query = self.path.partition("?")
                if self.command != "GET":
                    stand_in.requests.append(
                        {
                            "method": self.command,
                            "path": path,
                            "content_type": self.headers.get("content-type", ""),
                            "content_encoding": self.headers.get("content-encoding", ""),
                            "body": body,
                        }
                    )
                status, answer = stand_in._answer(self.command, path.rstrip("/"), urllib.parse.parse_qs(query), self.headers.get("content-type", ""), body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def _answer(self, method, path, query, content_type, body):
        said = json.loads(body) if body and content_type.startswith("application/json") else {}
        match method, path.split("/")[1:]:
            case "GET", ["info"]:
                return 200, self.info
            case "GET", ["settings"]:
                return 200, {"id": TENANT, "display_name": "stand-in", "created_at": NOW, "tenant_handle": "stand-in"}
            case "POST", ["datasets"]:
                made = {"id": str(uuid.uuid4()), "created_at": NOW, "tenant_id": TENANT, **said}
                self._datasets[made["name"]] = made
                return 200, made
            case "GET", ["datasets"]:
                return 200, [made for name, made in self._datasets.items() if name in query.get("name", [name])]
            case "POST", ["v1", "platform", "datasets", _, "examples"]:
                return 201, {"count": 1, "example_ids": [str(uuid.uuid4())], "as_of": NOW}
            case "POST", ["sessions"]:
                made = {"tenant_id": TENANT, "start_time": NOW, "reference_dataset_id": None, **said}
                self._sessions[made["name"]] = made
                return 200, made
            case "GET", ["sessions"]:
                return 200, list(self._sessions.values())
            case "POST", ["repos"]:
                made = {"id": str(uuid.uuid4()), "tenant_id": TENANT, "owner": None, "full_name": said["repo_handle"], "created_at": NOW, "updated_at": NOW}
                made |= {"is_archived": False, "num_likes": 0, "num_downloads": 0, "num_views": 0, "num_commits": 0, **said}
                self._repos[said["repo_handle"]] = made
                return 200, {"repo": made}
            case "GET", ["repos", _, name] if name in self._repos:
                return 200, {"repo": self._repos[name]}
            case "POST", ["repos", _, _, "tags"]:
                return 200, {}
            case "GET", ["commits", _, name]:
                return 200, {"commits": self._commits.get(name, []), "total": len(self._commits.get(name, []))}
            case "POST", ["commits", _, name]:
                made = {"id": str(uuid.uuid4()), "commit_hash": (uuid.uuid4().hex + uuid.uuid4().hex), "examples": [], **said}
                self._commits.setdefault(name, []).insert(0, made)
                return 200, {"commit": made}
            case "GET", ["commits", _, name, _] if name in self._commits:
                return 200, self._commits[name][0]
            case "POST" | "PATCH", ["runs", *_]:
                return 202, {"message": "taken"}
            case "POST", ["feedback"]:
                return 200, {**said, "created_at": NOW, "modified_at": NOW}
        return 404, {"detail": "not found"}

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
