"""A loopback OTLP/HTTP endpoint that keeps what exporters send, and writes it down as OTLP's protobuf and JSON.

What changes from recording to recording is made stable: ids are numbered in the order in which spans started, the first
span starts at a given moment, ports are all the same.
"""

import base64
import gzip
import hashlib
import http.server
import json
import pathlib
import re
import threading

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
FIRST = 1_795_000_000_000_000_000
REQUESTS = {"traces": ExportTraceServiceRequest, "metrics": ExportMetricsServiceRequest, "logs": ExportLogsServiceRequest}
MEASURED_ONCE = {"service.instance.id": "11111111-2222-4333-8444-555555555555", "process.pid": 1}


class OtlpCatcher:
    """Listens on a free loopback port while the `with` block runs."""

    def __init__(self):
        self.requests = {signal: [] for signal in REQUESTS}
        catcher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                signal = self.path.rsplit("/", 1)[-1]
                if signal in REQUESTS:
                    catcher.requests[signal].append(REQUESTS[signal].FromString(body))
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
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

    def write(self, folder, name, scrub, signals=("traces", "logs")):
        """Writes `NAME.traces.json` and `NAME.traces.bin`, and the same for the other signals if any came: everything of
        a signal in one request."""
        folder = pathlib.Path(folder)
        stable = Stable(self.requests["traces"], f"{folder.name}/{name}")
        folder.mkdir(parents=True, exist_ok=True)
        for signal, requests in self.requests.items():
            if not requests or signal not in signals:
                continue
            whole = REQUESTS[signal]()
            # Metrics come again and again with higher numbers; the last has it all.
            for request in requests if signal != "metrics" else requests[-1:]:
                whole.MergeFrom(request)
            value = stable.value(scrub.value(json_format.MessageToDict(whole, use_integers_for_enums=True)))
            text = json.dumps(in_otlp_json(value), indent=1, ensure_ascii=False)
            (folder / f"{name}.{signal}.json").write_text(text + "\n", encoding="utf-8")
            (folder / f"{name}.{signal}.bin").write_bytes(json_format.ParseDict(value, REQUESTS[signal]()).SerializeToString(deterministic=True))


class Stable:
    def __init__(self, requests, name):
        """`name` tells the traces of one recording from those of another."""
        prefix = hashlib.sha256(name.encode()).digest()[:8]
        spans = [span for request in requests for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]
        spans.sort(key=lambda span: span.start_time_unix_nano)
        self._shift = FIRST - min((span.start_time_unix_nano for span in spans), default=FIRST)
        self._ids, self._uuids, traces = {}, {}, 0
        for number, span in enumerate(spans, 1):
            if coded(span.trace_id) not in self._ids:
                traces += 1
                self._ids[coded(span.trace_id)] = coded(prefix + traces.to_bytes(8, "big"))
            self._ids[coded(span.span_id)] = coded(bytes([0xB0] * 4) + number.to_bytes(4, "big"))

    def value(self, value, key=""):
        if isinstance(value, dict):
            known = MEASURED_ONCE.get(value.get("key"))
            if known is not None:
                return {"key": value["key"], "value": {"stringValue": known} if isinstance(known, str) else {"intValue": str(known)}}
            return {inner: self.value(item, inner) for inner, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, key) for item in value]
        if key in ("traceId", "spanId", "parentSpanId"):
            return self._ids.get(value, value)
        if key.lower().endswith("timeunixnano"):
            return str(int(value) + self._shift) if int(value) else value
        if isinstance(value, str):
            value = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8000", value)
            return UUID.sub(lambda found: self._uuids.setdefault(found[0], f"00000000-0000-4000-8000-{len(self._uuids):012x}"), value)
        return value


def coded(raw):
    return base64.b64encode(raw).decode()


def in_otlp_json(value, key=""):
    """protobuf's JSON with OTLP's one difference: ids are hexadecimal."""
    if isinstance(value, dict):
        return {inner: in_otlp_json(item, inner) for inner, item in value.items()}
    if isinstance(value, list):
        return [in_otlp_json(item, key) for item in value]
    if key in ("traceId", "spanId", "parentSpanId"):
        return base64.b64decode(value).hex()
    return value
