"""Records the artifacts of a real dbt project on DuckDB, and the OpenLineage events that `dbt-ol` sends for it.

usage: record_dbt.py FIXTURES
"""

import pathlib
import sys
import tempfile

import dbt_project
from catcher import Catcher
from scrub import Scrub, write_ndjson

PROJECT = pathlib.Path(__file__).parent / "dbt" / "bookshop"


def main(fixtures):
    with tempfile.TemporaryDirectory() as temp:
        folder = dbt_project.copy(PROJECT, pathlib.Path(temp) / "bookshop")
        dbt_project.artifacts(folder, fixtures / "dbt" / "bookshop" / "target", Scrub(project=folder))

    with tempfile.TemporaryDirectory() as temp, Catcher() as catcher:
        folder = dbt_project.copy(PROJECT, pathlib.Path(temp) / "bookshop")
        sending = dbt_project.openlineage(catcher.url, "bookshop-jobs")
        dbt_project.run(folder, "dbt", "seed")
        dbt_project.run(folder, "dbt-ol", "run", env=sending)
        dbt_project.run(folder, "dbt-ol", "test", env=sending)
        events = Scrub(project=folder).value(catcher.bodies)
    assert any(event["eventType"] == "COMPLETE" for event in events), "dbt-ol sent no event"
    write_ndjson(fixtures / "openlineage" / "dbt.ndjson", events)
    print(f"{len(events)} events of dbt-ol")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
