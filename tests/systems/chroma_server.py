"""Starts a real Chroma server on a free loopback port with a few collections, for as long as standard input stays open.

usage: chroma_server.py FOLDER [--empty]

The server's address is printed as the first line. Each further line of input deletes or changes something: `change`
gives the first record another text and adds one.
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import chromadb

RECORDS = 1203


def fill(client):
    books = client.get_or_create_collection("books", metadata={"hnsw:space": "cosine", "description": "What we know"})
    for start in range(0, RECORDS, 300):
        rows = range(start, min(start + 300, RECORDS))
        books.add(
            ids=[f"r{row:05}" for row in rows],
            documents=[f"Passage {row} of the handbook." for row in rows],
            metadatas=[{"source": f"/data/handbook/{row % 7}.md", "page": row} for row in rows],
            embeddings=[[float(row % 13), 1.0, 0.5] for row in rows],
        )
    client.get_or_create_collection("empty")


def main(folder, empty):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = pathlib.Path(sys.executable).parent / "chroma"
    command = [str(program), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder / "chroma")]
    settings = {**os.environ, "ANONYMIZED_TELEMETRY": "False", "DO_NOT_TRACK": "1"}
    with open(folder / "chroma.log", "w") as log:
        server = subprocess.Popen(command, env=settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=2).read()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"Chroma did not start:\n{(folder / 'chroma.log').read_text()[-4000:]}")
                time.sleep(0.2)
        client = chromadb.HttpClient(host="127.0.0.1", port=port, settings=chromadb.Settings(anonymized_telemetry=False))
        if not empty:
            fill(client)
        print(url, flush=True)
        for line in sys.stdin:
            if line.strip() == "change":
                books = client.get_collection("books")
                books.update(ids=["r00000"], documents=["Another text."], embeddings=[[1.0, 1.0, 0.5]])
                books.add(ids=["new"], documents=["A new passage."], embeddings=[[2.0, 1.0, 0.5]])
                print("changed", flush=True)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=15)


if __name__ == "__main__":
    # Ended from outside, it still has to end the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main(pathlib.Path(sys.argv[1]), "--empty" in sys.argv[2:])
