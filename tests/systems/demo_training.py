"""The second part of the demo: an MLflow script that trains on one of dbt's tables. Where it sends is
MLFLOW_TRACKING_URI alone.

usage: demo_training.py FOLDER
"""

import logging
import os
import pathlib
import sys
import warnings

os.environ.update(LOGNAME="ines", MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false", GIT_PYTHON_REFRESH="quiet")

import mlflow
from sklearn.linear_model import LinearRegression

from duckdb_source import DuckDbTable

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)


def main(folder):
    # As dbt's profile has it, which is how the events of dbt name it.
    os.chdir(pathlib.Path(folder) / "library")
    table = DuckDbTable("duckdb://library.duckdb", "library.main.visits_by_hour")
    data = table.load()
    mlflow.set_experiment("visits")
    with mlflow.start_run(run_name="linear") as run:
        mlflow.log_input(mlflow.data.from_pandas(data, source=table, name=table.table, targets="visitors"), context="training")
        model = LinearRegression().fit(data[["weekday", "hour"]], data["visitors"])
        mlflow.log_metric("r2", model.score(data[["weekday", "hour"]], data["visitors"]))
        mlflow.sklearn.log_model(model, name="visits", registered_model_name="library-visits", pip_requirements=["scikit-learn"])
    print(run.info.run_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
