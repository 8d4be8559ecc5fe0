"""Trains models of how late a flight arrives, compares them on months they have not seen, and registers the best.

usage: train.py DATABASE
"""

import logging
import sys
import warnings

import mlflow
from mlflow import MlflowClient
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss, mean_absolute_error, r2_score, roc_auc_score, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from delays import CATEGORIES, FEATURES, LABEL, LATE, NUMBERS, as_dataset, read, run_tags
from report import Reporter, facet, model_version, warehouse_input

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

TRAINING, HOLDOUT = "features.training_departures", "features.holdout_departures"
TRUSTED = [
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss.loss.HalfBinomialLoss",
    "numpy.dtype",
    "functools.partial",
]


def linear_columns():
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    return make_column_transformer((numbers, NUMBERS), (OneHotEncoder(handle_unknown="ignore"), CATEGORIES))


def tree_columns():
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return make_column_transformer((codes, CATEGORIES), ("passthrough", NUMBERS))


REGRESSORS = {
    "mean of the year": ({}, lambda: make_pipeline(DummyRegressor())),
    "ridge, alpha 1": ({"alpha": 1.0}, lambda: make_pipeline(linear_columns(), Ridge(alpha=1.0))),
    "ridge, alpha 1000": ({"alpha": 1000.0}, lambda: make_pipeline(linear_columns(), Ridge(alpha=1000.0))),
    "trees, slow": ({"max_iter": 60, "learning_rate": 0.05, "max_leaf_nodes": 15}, None),
    "trees": ({"max_iter": 60, "learning_rate": 0.1, "max_leaf_nodes": 31}, None),
    "trees, large": ({"max_iter": 60, "learning_rate": 0.2, "max_leaf_nodes": 127}, None),
}


class Trainer:
    """Reads the tables once, and trains and logs one model per call."""

    def __init__(self, database, report):
        self.report = report
        self.train, self.holdout = read(database, TRAINING, rows=60_000), read(database, HOLDOUT, rows=20_000)
        self.training_data, self.holdout_data = as_dataset(self.train, TRAINING), as_dataset(self.holdout, HOLDOUT)

    def run(self, experiment, name, params, fit, register=None):
        """One run in MLflow and one in OpenLineage, each knowing the other; returns the logged model."""
        step_name = f"{experiment}.{name.replace(',', '').replace(' ', '_')}"
        with self.report.step(step_name, inputs=[warehouse_input(TRAINING), warehouse_input(HOLDOUT)]) as step:
            with mlflow.start_run(run_name=name, tags={**run_tags("train.py"), "openlineage.job": f"train.{step_name}"}) as run:
                mlflow.log_params({**params, "features": ",".join(FEATURES), "training_rows": len(self.train)})
                mlflow.log_input(self.training_data, context="training")
                mlflow.log_input(self.holdout_data, context="evaluation")
                model, scores = fit()
                logged = mlflow.sklearn.log_model(
                    model,
                    name=experiment,
                    input_example=self.holdout[FEATURES].head(2),
                    pip_requirements=["scikit-learn"],
                    skops_trusted_types=TRUSTED,
                    params={key: str(value) for key, value in params.items()},
                )
                mlflow.log_metrics(scores, model_id=logged.model_id, dataset=self.holdout_data)
            step.facets["externalQuery"] = facet.external_query_run.ExternalQueryRunFacet(externalQueryId=run.info.run_id, source="mlflow")
            if register:
                step.outputs.append(register(logged))
        return logged, scores

    def regressor(self, name, params, make):
        def fit():
            model = make() if make else make_pipeline(tree_columns(), HistGradientBoostingRegressor(random_state=2013, early_stopping=False, **params))
            model.fit(self.train[FEATURES], self.train[LABEL])
            if not make:
                curve(model, self.train, "train_rmse")
                curve(model, self.holdout, "holdout_rmse")
            guess = model.predict(self.holdout[FEATURES])
            truth = self.holdout[LABEL]
            return model, {
                "rmse": root_mean_squared_error(truth, guess), "mae": mean_absolute_error(truth, guess), "r2": r2_score(truth, guess),
            }

        return fit

    def classifier(self, make):
        def fit():
            model = make().fit(self.train[FEATURES], self.train[LABEL] > LATE)
            chance = model.predict_proba(self.holdout[FEATURES])[:, 1]
            truth = self.holdout[LABEL] > LATE
            return model, {"roc_auc": roc_auc_score(truth, chance), "log_loss": log_loss(truth, chance)}

        return fit


def curve(model, frame, metric):
    """How the error falls as trees are added."""
    columns, trees = model[0], model[-1]
    for step, guess in enumerate(trees.staged_predict(columns.transform(frame[FEATURES])), start=1):
        if step % 2 == 0:
            mlflow.log_metric(metric, root_mean_squared_error(frame[LABEL], guess), step=step)


def registrar(client, name, description):
    """Registers a logged model as the next version, and says so as a dataset that the training wrote."""

    def register(logged):
        version = client.create_model_version(
            name, source=f"models:/{logged.model_id}", run_id=logged.run_id, model_id=logged.model_id, description=description, tags={"reviewed_by": "ines"}
        )
        output = model_version(name, version.version)
        return facet_output(output)

    return register


def facet_output(dataset):
    from openlineage.client import event_v2 as ol

    return ol.OutputDataset(namespace=dataset.namespace, name=dataset.name, facets=dataset.facets)


def main(database):
    client = MlflowClient()
    with Reporter("train", "Trains the delay models and registers the best of them.", __file__) as report:
        trainer = Trainer(database, report)

        delay = "arrival-delay"
        client.create_registered_model(
            delay, tags={"owner": "forecasting", "tier": "production"}, description="Minutes that a flight will arrive late, told when it is due to leave."
        )
        note = "How late does a flight arrive? Trained on January to October 2013, measured on November and December."
        mlflow.set_experiment(experiment_id=client.create_experiment(delay, tags={"mlflow.note.content": note, "team": "forecasting"}))
        registered = {"ridge, alpha 1": "First version: a line through everything.", "trees": "Trees see that storms and evenings add up.", "trees, large": "More leaves; fits the training months better."}
        for name, (params, make) in REGRESSORS.items():
            register = registrar(client, delay, registered[name]) if name in registered else None
            trainer.run(delay, name, {"kind": name.split(",")[0], **params}, trainer.regressor(name, params, make), register)
        client.set_registered_model_alias(delay, "champion", "2")
        client.set_registered_model_alias(delay, "challenger", "3")
        client.set_model_version_tag(delay, "1", "retired", "2014-01-15")

        late = "late-arrival"
        client.create_registered_model(late, tags={"owner": "forecasting", "tier": "trial"}, description=f"Chance that a flight arrives more than {LATE} minutes late.")
        mlflow.set_experiment(experiment_id=client.create_experiment(late, tags={"mlflow.note.content": "Late or not?", "team": "forecasting"}))
        trainer.run(late, "logistic", {"C": 1.0}, trainer.classifier(lambda: make_pipeline(linear_columns(), LogisticRegression(max_iter=400))))
        trees = {"max_iter": 40, "learning_rate": 0.1}
        make = lambda: make_pipeline(tree_columns(), HistGradientBoostingClassifier(random_state=2013, early_stopping=False, **trees))  # noqa: E731
        trainer.run(late, "trees", trees, trainer.classifier(make), registrar(client, late, "Trees again."))
        client.set_registered_model_alias(late, "champion", "1")


if __name__ == "__main__":
    main(sys.argv[1])
