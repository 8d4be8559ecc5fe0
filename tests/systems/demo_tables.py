"""The first part of the demo: raw files become tables with dbt, watched by OpenLineage, and a table becomes a document.

usage: demo_tables.py FOLDER ADDRESS TOKEN
"""

import pathlib
import sys

import duckdb

import dbt_project

PROJECT = pathlib.Path(__file__).parent / "demo" / "library"
HOURS = """weekday,opens,closes
Monday,9:00,18:00
Tuesday,10:00,18:00
Wednesday,10:00,20:00
Sunday,,
"""


def main(folder, address, token):
    folder = pathlib.Path(folder)
    raw = folder / "raw"
    raw.mkdir()
    (raw / "hours.csv").write_text(HOURS)
    visits = [f"{day},{hour},{(day * 7 + hour * 3) % 40}" for day in range(6) for hour in range(8, 20)]
    (raw / "visits.csv").write_text("\n".join(["weekday,hour,visitors", *visits, ""]))
    project = dbt_project.copy(PROJECT, folder / "library")
    sending = dbt_project.openlineage(address, "library-jobs") | {"OPENLINEAGE_API_KEY": token, "LIBRARY_RAW": str(raw)}
    dbt_project.run(project, "dbt-ol", "run", env=sending)

    with duckdb.connect(str(project / "library.duckdb"), read_only=True) as database:
        rows = database.execute("select weekday, opens, closes from opening_hours order by opens, weekday").fetchall()
    knowledge = folder / "knowledge"
    knowledge.mkdir()
    lines = [f"On {day}s the library opens at {opens} and closes at {closes}." for day, opens, closes in rows]
    (knowledge / "visiting.md").write_text("\n\n".join(lines) + "\n")
    print(len(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
