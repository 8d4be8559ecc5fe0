"""Runs a real dbt project on DuckDB with `dbt-ol`, which sends its events to a receiver.

usage: send_dbt.py ADDRESS TOKEN
"""

import pathlib
import sys
import tempfile

import dbt_project

PROJECT = pathlib.Path(__file__).parent / "dbt" / "bookshop"


def main(address, token):
    with tempfile.TemporaryDirectory() as temp:
        folder = dbt_project.copy(PROJECT, pathlib.Path(temp) / "bookshop")
        sending = dbt_project.openlineage(address, "bookshop-jobs") | {"OPENLINEAGE_API_KEY": token}
        dbt_project.run(folder, "dbt", "seed")
        dbt_project.run(folder, "dbt-ol", "run", env=sending)


if __name__ == "__main__":
    main(*sys.argv[1:])
