"""Types the names of a catalog into SQLite's full text, and prints how long each keystroke takes, as JSON.

usage: fts5_peer.py CATALOG
"""

import json
import pathlib
import random
import re
import sqlite3
import sys
import tempfile
import time

TYPED = 60


def main(catalog):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "fts5.db"
        database = sqlite3.connect(path)
        source = sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)
        names = [name for (name,) in source.execute("select name from entity where name is not null")]
        start = time.monotonic()
        database.execute("create virtual table entity using fts5 (name, prefix = '2 3')")
        database.executemany("insert into entity (name) values (?)", ((name,) for name in names))
        database.commit()
        seconds = time.monotonic() - start
        times = []
        for name in random.Random(7).sample(names, TYPED):
            words = re.findall(r"\w+", name.replace("_", " "))
            typed = " ".join(words)
            for end in range(1, len(typed) + 1):
                query = " ".join(f'"{word}"*' for word in typed[:end].split())
                start = time.perf_counter()
                database.execute("select rowid from entity where entity match ? order by rank limit 20", (query,)).fetchall()
                times.append((time.perf_counter() - start) * 1000)
        times.sort()
        at = lambda share: times[int((len(times) - 1) * share)]  # noqa: E731
        print(json.dumps({"keystroke_ms": {"p50": at(0.5), "p95": at(0.95)}, "index_bytes": path.stat().st_size, "index_seconds": seconds}))


if __name__ == "__main__":
    main(sys.argv[1])
