"""The features of the delay models, and where they are kept."""

import pathlib
import sys

import duckdb
import mlflow

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from duckdb_source import DuckDbTable  # noqa: E402
from report import CATALOG, WAREHOUSE  # noqa: E402

NUMBERS = [
    "month", "weekday", "departure_hour", "distance", "plane_age", "seats", "temperature_c", "wind_kmh", "rain_mm",
    "visibility_km", "dest_latitude", "dest_longitude",
]
CATEGORIES = ["carrier", "origin"]
FEATURES = NUMBERS + CATEGORIES
LABEL = "arrival_delay"
LATE = 15


def read(database, table, rows=None):
    """The table as a frame; with `rows`, that many of its rows, the same each time."""
    sample = f"using sample reservoir({rows} rows) repeatable (2013)" if rows else ""
    with duckdb.connect(database, read_only=True) as connection:
        # One thread, or the sample differs from run to run.
        connection.execute("set threads = 1")
        frame = connection.execute(f"select * from {table} {sample}").df()
    return frame.astype({column: "float64" for column in [*NUMBERS, LABEL]})


def as_dataset(frame, table, targets=LABEL):
    """The frame as MLflow's dataset, named as the table it came from."""
    name = f"{CATALOG}.{table}"
    return mlflow.data.from_pandas(frame[[*FEATURES, LABEL]], source=DuckDbTable(WAREHOUSE, name), name=name, targets=targets)


def run_tags(program):
    return {"mlflow.source.name": program, "mlflow.source.type": "LOCAL", "mlflow.source.git.repoURL": "https://git.example.org/flights/pipelines.git"}
