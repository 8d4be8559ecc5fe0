"""Starts a real MLflow server on a free loopback port.

As a program it serves a copy of a database for as long as its standard input stays open, and prints the server's
address as its first line:

    .cache/venv/mlflow/bin/python tests/systems/mlflow_server.py tests/fixtures/mlflow/mlflow.db

With `--new FOLDER`, it serves a database that it makes there.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request


class MlflowServer:
    """Serves the database `folder`/mlflow.db while the `with` block runs; makes it when it does not exist."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    @property
    def database(self):
        return self._folder / "mlflow.db"

    def __enter__(self):
        artifacts = self._folder / "artifacts"
        artifacts.mkdir(exist_ok=True)
        self._log = open(self._folder / "server.log", "w")
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self._port), "--workers", "1"]
        command += ["--backend-store-uri", f"sqlite:///{self.database}", "--artifacts-destination", str(artifacts)]
        settings = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
        # A session of its own: the server starts workers, and all of them have to end together.
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log, env=settings, cwd=self._folder, start_new_session=True)
        self._wait()
        return self

    def _wait(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=2).read()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        self.__exit__()
        raise SystemExit(f"MLflow did not start:\n{(self._folder / 'server.log').read_text()[-4000:]}")

    def __exit__(self, *_):
        try:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        except ProcessLookupError:
            pass
        self._log.close()


def serve(folder):
    with MlflowServer(folder) as server:
        print(server.url, flush=True)
        sys.stdin.read()


def main(*arguments):
    if arguments[0] == "--new":
        return serve(arguments[1])
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(arguments[0], pathlib.Path(folder) / "mlflow.db")
        serve(folder)


if __name__ == "__main__":
    # Ended from outside, it still has to end the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main(*sys.argv[1:])
