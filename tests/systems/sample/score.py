"""Lets the champion predict the flights of November and December, and keeps its predictions in the warehouse.

usage: score.py DATABASE
"""

import logging
import sys
import warnings

import duckdb
import mlflow
from mlflow import MlflowClient
from mlflow.entities import LoggedModelInput
from sklearn.metrics import mean_absolute_error

from delays import FEATURES, LABEL, as_dataset, read, run_tags
from report import Reporter, facet, model_version, row_count, table, warehouse_input

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

HOLDOUT = "features.holdout_departures"
PREDICTIONS = "serving.delay_predictions"
MODEL = "arrival-delay"


def prompts():
    """The wording for passengers, which a language model will fill in from a prediction."""
    mlflow.genai.register_prompt(
        name="explain-delay",
        template="Flight {{carrier}} {{flight}} to {{dest}} is expected {{minutes}} minutes late. Say so.",
        commit_message="Bare facts",
        tags={"team": "forecasting"},
    )
    mlflow.genai.register_prompt(
        name="explain-delay",
        template=[
            {"role": "system", "content": "You tell passengers about delays: kindly, in one sentence, with no promise."},
            {"role": "user", "content": "Flight {{carrier}} {{flight}} to {{dest}}, expected {{minutes}} minutes late. Weather: {{weather}}."},
        ],
        commit_message="Kinder, and with the weather",
    )
    mlflow.genai.set_prompt_alias("explain-delay", alias="production", version=2)


def main(database):
    client = MlflowClient()
    champion = client.get_model_version_by_alias(MODEL, "champion")
    mlflow.set_experiment(experiment_id=client.create_experiment("delay-scoring", tags={"team": "forecasting"}))
    with Reporter("score", "Predicts arrival delays with the champion.", __file__) as report:
        with report.step("delay_predictions", inputs=[warehouse_input(HOLDOUT), model_version(MODEL, champion.version)]) as step:
            frame = read(database, HOLDOUT)
            with mlflow.start_run(run_name="November and December", tags=run_tags("score.py")) as run:
                mlflow.log_params({"model": f"models:/{MODEL}/{champion.version}", "alias": "champion"})
                mlflow.log_input(as_dataset(frame, HOLDOUT), context="input")
                client.log_inputs(run.info.run_id, models=[LoggedModelInput(champion.source.removeprefix("models:/"))])
                model = mlflow.sklearn.load_model(f"models:/{MODEL}@champion")
                predictions = frame[["flight_id", "flight_date", "carrier", "origin", "dest"]].assign(predicted_delay=model.predict(frame[FEATURES]), model_version=int(champion.version))
                mlflow.log_metrics({"rows": len(predictions), "mae": mean_absolute_error(frame[LABEL], predictions["predicted_delay"])})
            with duckdb.connect(database) as connection:
                connection.execute("create schema if not exists serving")
                connection.execute(f"create or replace table {PREDICTIONS} as select * from predictions")
                step.outputs.append(table(connection, PREDICTIONS, "Predicted arrival delay per flight, and the version that said so.", row_count(len(predictions))))
            step.facets["externalQuery"] = facet.external_query_run.ExternalQueryRunFacet(externalQueryId=run.info.run_id, source="mlflow")
    prompts()


if __name__ == "__main__":
    main(sys.argv[1])
