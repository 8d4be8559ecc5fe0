"""Serves a real dbt project with `dbt docs serve` on a free loopback port, for as long as standard input stays open.

usage: dbt_docs_server.py FOLDER

The project is copied into FOLDER, which must not exist, built and documented there; the server's address is printed as
the first line.
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

import dbt_project

PROJECT = pathlib.Path(__file__).parent / "dbt" / "bookshop"


def main(folder):
    dbt_project.copy(PROJECT, folder)
    dbt_project.run(folder, "dbt", "build")
    dbt_project.run(folder, "dbt", "docs", "generate")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {**os.environ, "DBT_PROFILES_DIR": str(folder), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
    command = [str(dbt_project.BIN / "dbt"), "docs", "serve", "--host", "127.0.0.1", "--port", str(port), "--no-browser"]
    with open(folder / "serve.log", "w") as log:
        server = subprocess.Popen(command, cwd=folder, env=settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{url}/manifest.json", timeout=2).read()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"dbt docs serve did not start:\n{(folder / 'serve.log').read_text()[-4000:]}")
                time.sleep(0.2)
        print(url, flush=True)
        sys.stdin.read()
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=15)


if __name__ == "__main__":
    # Ended from outside, it still has to end the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main(pathlib.Path(sys.argv[1]))
