"""Takes the recording machine out of what was recorded: its paths and names, never the structure."""

import getpass
import json
import os
import pathlib
import re
import socket
import sys


class Scrub:
    """Replaces the given folders, the Python environment, the home folder and the host name in any text."""

    def __init__(self, **folders):
        """`folders` maps a stable name to a real folder: `project=path` makes `path` read `/project`."""
        pairs = []
        for name, folder in folders.items():
            for spelling in {str(folder), os.path.realpath(folder)}:
                pairs.append((spelling, f"/{name}"))
        pairs.append((str(pathlib.Path(__file__).resolve().parents[2]), "/catena"))
        pairs.append((sys.prefix, "/venv"))
        pairs.append((sys.base_prefix, "/python"))
        pairs.append((os.path.expanduser("~"), "/home/user"))
        # The longest first, or a folder's parent would eat its own prefix.
        self._pairs = sorted(pairs, key=lambda pair: -len(pair[0]))
        self._host = re.compile(rf"\b{re.escape(socket.gethostname())}\b")

    def text(self, text):
        for real, stable in self._pairs:
            text = text.replace(real, stable)
        return self._host.sub("host", text) if len(socket.gethostname()) > 3 else text

    def value(self, value):
        """Scrubs every string inside a JSON value, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return value


def user():
    """The name of the account that records, which some systems store."""
    return getpass.getuser()


def write_json(path, value):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_ndjson(path, values):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(value, separators=(",", ":"), ensure_ascii=False) for value in values]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
