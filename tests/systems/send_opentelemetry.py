"""Sends spans with OpenTelemetry's own exporters: over HTTP (plain and gzip) and gRPC (plain and gzip), then with a
wrong token. Prints how many spans were acknowledged.

usage: send_opentelemetry.py HTTP_ADDRESS GRPC_ADDRESS TOKEN
"""

import logging
import sys

import grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as Grpc
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as Http
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult, SimpleSpanProcessor

logging.disable(logging.CRITICAL)


class Kept(SpanExporter):
    def __init__(self):
        self.spans = []

    def export(self, spans):
        self.spans += spans
        return SpanExportResult.SUCCESS


def spans(count):
    kept = Kept()
    provider = TracerProvider(resource=Resource({"service.name": "exporters"}))
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("tests", "1.0")
    with tracer.start_as_current_span("whole"):
        for number in range(count - 1):
            with tracer.start_as_current_span(f"part {number}", attributes={"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "n": [1, 2]}) as span:
                span.add_event("seen", {"x": True})
    return kept.spans


def main(http, grpc_address, token):
    headers = {"authorization": f"Bearer {token}"}
    host = grpc_address.removeprefix("http://")
    exporters = [
        Http(f"{http}/v1/traces", headers=headers),
        Http(f"{http}/v1/traces", headers=headers, compression=Compression.Gzip),
        Grpc(host, insecure=True, headers=headers),
        Grpc(host, insecure=True, headers=headers, compression=grpc.Compression.Gzip),
    ]
    sent = 0
    for exporter in exporters:
        batch = spans(100)
        assert exporter.export(batch) is SpanExportResult.SUCCESS, type(exporter)
        sent += len(batch)
        exporter.shutdown()
    wrong = {"authorization": "Bearer not-the-token-at-all"}
    for exporter in [Http(f"{http}/v1/traces", headers=wrong), Grpc(host, insecure=True, headers=wrong)]:
        assert exporter.export(spans(1)) is SpanExportResult.FAILURE, type(exporter)
        exporter.shutdown()
    print(sent)


if __name__ == "__main__":
    main(*sys.argv[1:])
