"""Lets LanceDB make two tables in a folder.

usage: lancedb_tables.py FOLDER
"""

import sys

import lancedb


def main():
    database = lancedb.connect(sys.argv[1])
    row = lambda n: {"id": f"c{n}", "text": f"text {n}", "page": n, "vector": [float(n), 1.0, 2.0, 3.0]}
    table = database.create_table("kb", [row(n) for n in range(20)])
    table.delete("id = 'c3'")
    table.add([row(99)])
    database.create_table("plain", [{"id": "a", "n": 1}])


if __name__ == "__main__":
    main()
