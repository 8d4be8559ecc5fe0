"""Runs the library's assistant under the real OpenLLMetry, which sends to a receiver: over HTTP to an address with a
scheme, over gRPC to one without.

usage: send_openllmetry.py ADDRESS TOKEN
"""

import os
import sys

from record_openllmetry import assistant, chain
from model_endpoint import ModelEndpoint


def main(address, token):
    from opentelemetry import metrics, trace
    from traceloop.sdk import Traceloop

    # As the Connections screen shows it.
    os.environ.update(TRACELOOP_BASE_URL=address, TRACELOOP_HEADERS=f"authorization=Bearer%20{token}", OTEL_EXPORTER_OTLP_INSECURE="true")
    Traceloop.init(app_name="library")
    with ModelEndpoint() as endpoint:
        assistant(endpoint.url)
        chain(endpoint.url)
    # What could not be delivered is dropped with a line in the log; whoever runs this counts what arrived.
    trace.get_tracer_provider().force_flush()
    metrics.get_meter_provider().force_flush()
    print("sent")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
