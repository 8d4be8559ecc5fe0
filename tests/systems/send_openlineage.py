"""Sends the bakery's events with the real OpenLineage Python client, twice, and once with a wrong token.

usage: send_openlineage.py ADDRESS TOKEN
"""

import sys

from openlineage.client import OpenLineageClient
from openlineage.client import facet_v2 as facet
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpCompression, HttpConfig, HttpTransport

from record_openlineage import PRODUCER, events


def client(address, token, compression=None):
    config = HttpConfig(url=address, auth=ApiKeyTokenProvider({"apiKey": token}), compression=compression)
    return OpenLineageClient(transport=HttpTransport(config))


def main(address, token):
    facet.set_producer(PRODUCER)
    sent = 0
    # Compressed the second time: the same events all the same.
    for compression in (None, HttpCompression.GZIP):
        sending = client(address, token, compression)
        for event in events():
            sending.emit(event)
            sent += 1
        sending.close()
    try:
        client(address, "no-such-token").emit(next(events()))
    except Exception as error:
        assert "401" in str(error), error
    else:
        raise AssertionError("a wrong token was accepted")
    print(sent)


if __name__ == "__main__":
    main(*sys.argv[1:])
