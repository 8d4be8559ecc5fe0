"""Records the database of a real MLflow server after real clients used it.

usage: record_mlflow.py FIXTURES
"""

import logging
import math
import os
import pathlib
import sys
import tempfile
import warnings

os.environ.update(LOGNAME="ines", MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false", GIT_PYTHON_REFRESH="quiet")

import mlflow
from mlflow import MlflowClient
from palmerpenguins import load_penguins
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.pipeline import make_pipeline

from duckdb_source import DuckDbTable
from mlflow_server import MlflowServer
from scrub import Scrub
from scrub_sqlite import scrub_database

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

FEATURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
TABLE = DuckDbTable("duckdb://zoo.duckdb", "zoo.main.penguins")


def source_tags(name, commit="9b1c0de"):
    return {"mlflow.source.name": name, "mlflow.source.type": "LOCAL", "mlflow.source.git.commit": commit, "mlflow.user": "ines"}


def species_runs(client):
    """Five runs over two kinds of model; three of their models go to the registry."""
    experiment = client.create_experiment("penguin-species", tags={"team": "zoo", "mlflow.note.content": "Which penguin is it?\n\n*Palmer station, 2007 to 2009.*"})
    frame = load_penguins().dropna().reset_index(drop=True)
    train, test = train_test_split(frame, test_size=0.3, random_state=7, stratify=frame["species"])
    training = mlflow.data.from_pandas(train, source=TABLE, name="zoo.main.penguins", targets="species")
    holdout = mlflow.data.from_pandas(test, source=TABLE, name="zoo.main.penguins", targets="species")
    models = []
    for strength in (0.01, 1.0, 100.0):
        with mlflow.start_run(experiment_id=experiment, run_name=f"logistic C={strength}", tags=source_tags("train_logistic.py")):
            mlflow.log_params({"C": strength, "max_iter": 500, "features": ",".join(FEATURES), "scaler": "standard"})
            mlflow.log_input(training, context="training", tags={"split": "70 %"})
            mlflow.log_input(holdout, context="evaluation")
            model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=500)).fit(train[FEATURES], train["species"])
            logged = mlflow.sklearn.log_model(model, name="species", input_example=test[FEATURES].head(2), pip_requirements=["scikit-learn"], params={"C": strength})
            score(model, test, logged.model_id, holdout)
            models.append(logged)
    with mlflow.start_run(experiment_id=experiment, run_name="small network", tags=source_tags("train_network.py")) as run:
        mlflow.log_params({"hidden": "(8, 4)", "learning_rate": 0.02})
        mlflow.log_input(training, context="training")
        scaler = StandardScaler().fit(train[FEATURES])
        network = MLPClassifier(hidden_layer_sizes=(8, 4), learning_rate_init=0.02, random_state=7)
        for epoch in range(60):
            network.partial_fit(scaler.transform(train[FEATURES]), train["species"], classes=sorted(frame["species"].unique()))
            probabilities = network.predict_proba(scaler.transform(test[FEATURES]))
            mlflow.log_metrics({"loss": network.loss_, "val_loss": log_loss(test["species"], probabilities)}, step=epoch)
        pipeline = make_pipeline(scaler, network)
        trusted = ["sklearn.neural_network._stochastic_optimizers.AdamOptimizer"]
        logged = mlflow.sklearn.log_model(pipeline, name="species", pip_requirements=["scikit-learn"], skops_trusted_types=trusted)
        score(pipeline, test, logged.model_id, holdout)
        models.append(logged)
    with mlflow.start_run(experiment_id=experiment, run_name="diverged", tags=source_tags("train_network.py")):
        mlflow.log_params({"hidden": "(8, 4)", "learning_rate": 1000.0})
        mlflow.log_input(training, context="training")
        for step, loss in enumerate([1.1, 40.0, 3.2e8, math.inf, math.nan, -math.inf]):
            mlflow.log_metric("loss", loss, step=step)
        mlflow.end_run("FAILED")
    return models, run.info.run_id


def score(model, test, model_id, dataset):
    guess = model.predict(test[FEATURES])
    scores = {"accuracy": accuracy_score(test["species"], guess), "f1_macro": f1_score(test["species"], guess, average="macro")}
    mlflow.log_metrics(scores, model_id=model_id, dataset=dataset)


def mass_runs(client):
    """A parent run with two children, one of them stopped, and a run that is deleted."""
    experiment = client.create_experiment("penguin-mass", tags={"team": "zoo"})
    file = mlflow.data.from_pandas(load_penguins().head(20), source="https://data.example.org/penguins.csv", name="penguins-csv")
    with mlflow.start_run(experiment_id=experiment, run_name="sweep", tags={**source_tags("sweep.py"), "purpose": "find the depth"}):
        mlflow.log_params({"depths": "2,3"})
        for depth, end in ((2, "FINISHED"), (3, "KILLED")):
            with mlflow.start_run(experiment_id=experiment, run_name=f"depth {depth}", nested=True, tags=source_tags("sweep.py")):
                mlflow.log_param("depth", depth)
                mlflow.log_input(file, context="training")
                mlflow.log_metric("rmse", 412.5 - 30 * depth)
                mlflow.end_run(end)
    with mlflow.start_run(experiment_id=experiment, run_name="by mistake", tags=source_tags("sweep.py")) as run:
        mlflow.log_param("depth", -1)
    client.delete_run(run.info.run_id)


def registry(client, models):
    name = "penguin-species"
    client.create_registered_model(name, tags={"tier": "demo", "owner": "zoo"}, description="Tells the three species of penguin apart.")
    for number, logged in enumerate(models, start=1):
        version = client.create_model_version(
            name,
            source=f"models:/{logged.model_id}",
            run_id=logged.run_id,
            model_id=logged.model_id,
            tags={"validated": "true" if number > 1 else "false"},
            description=f"Attempt {number}.",
        )
        assert str(version.version) == str(number), version
    client.set_registered_model_alias(name, "champion", "3")
    client.set_registered_model_alias(name, "challenger", "4")
    client.create_registered_model("penguin-mass", description="Nothing good enough yet.")


def prompts():
    mlflow.genai.register_prompt(
        name="describe-penguin",
        template="Describe a {{species}} penguin of {{mass}} g in one sentence.",
        commit_message="First try",
        tags={"author": "ines"},
    )
    mlflow.genai.register_prompt(
        name="describe-penguin",
        template=[{"role": "system", "content": "You are a zoo guide."}, {"role": "user", "content": "Describe a {{species}} penguin of {{mass}} g."}],
        commit_message="Chat form",
    )
    mlflow.genai.set_prompt_alias("describe-penguin", alias="production", version=2)


def main(fixtures):
    with tempfile.TemporaryDirectory() as folder:
        with MlflowServer(folder) as server:
            mlflow.set_tracking_uri(server.url)
            client = MlflowClient()
            models, _ = species_runs(client)
            mass_runs(client)
            registry(client, models)
            prompts()
        scrub_database(server.database, Scrub(project=folder))
        out = fixtures / "mlflow" / "mlflow.db"
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(server.database.read_bytes())
        print(f"mlflow.db of {out.stat().st_size} bytes")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
