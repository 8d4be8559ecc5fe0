"""An ordinary MLflow script in two phases, the same for MLflow's own server and for Catena, so that either can be ended
between them. Prints one line of JSON: what was seen. Where it sends is MLFLOW_TRACKING_URI alone.

usage: mlflow_receiver_app.py train
       mlflow_receiver_app.py read TRAINED
"""

import json
import logging
import os
import sys
import tempfile
import warnings

os.environ.update(LOGNAME="ines", MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false", GIT_PYTHON_REFRESH="quiet")
# A test waits for no server that is not there.
os.environ.update(MLFLOW_HTTP_REQUEST_MAX_RETRIES="1", MLFLOW_ENABLE_ASYNC_TRACE_LOGGING="false")

import mlflow
import numpy
import pandas
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException
from mlflow.entities import SpanType
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

EXPERIMENT, MODEL, PROMPT = "opening-hours", "opening-hours-classifier", "opening-hours-answer"
TAGS = {"mlflow.source.name": "train.py", "mlflow.source.type": "LOCAL", "mlflow.user": "ines", "team": "helpdesk"}


def frame():
    hours = [[day, hour] for day in range(7) for hour in range(0, 24, 3)]
    data = pandas.DataFrame(hours, columns=["day", "hour"])
    data["open"] = ((data["day"] < 6) & (data["hour"] >= 9) & (data["hour"] < 18)).astype(int)
    return data


@mlflow.trace(name="look_up", span_type=SpanType.RETRIEVER)
def look_up(question):
    return [{"page_content": "The library opens at nine.", "metadata": {"doc_uri": "s3://library-lake/handbook/opening.md"}, "id": "c1"}]


@mlflow.trace(name="answer", span_type=SpanType.CHAIN)
def answer(question):
    passages = look_up(question)
    with mlflow.start_span("ask", span_type=SpanType.LLM) as span:
        span.set_inputs({"messages": [{"role": "user", "content": question}]})
        span.set_attributes({"mlflow.llm.model": "gpt-4o-mini", "mlflow.llm.provider": "openai"})
        span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 12, "output_tokens": 4, "total_tokens": 16})
        span.set_outputs({"choices": [{"message": {"role": "assistant", "content": "At nine."}}]})
    return passages[0]["page_content"]


def refused(work):
    try:
        work()
        return None
    except RestException as error:
        return error.error_code
    except MlflowException as error:
        return error.error_code


def train(client):
    seen = {"before": client.get_experiment_by_name(EXPERIMENT), "default": client.get_experiment("0").name}
    experiment = mlflow.set_experiment(EXPERIMENT)
    client.set_experiment_tag(experiment.experiment_id, "team", "helpdesk")
    data = frame()
    dataset = mlflow.data.from_pandas(data, source="s3://library-lake/hours.csv", name="hours", targets="open")
    with mlflow.start_run(run_name="logistic", tags=TAGS) as run:
        mlflow.log_params({"C": 0.5, "max_iter": 200})
        mlflow.log_param("solver", "lbfgs")
        mlflow.log_input(dataset, context="training", tags={"split": "all"})
        for step in range(25):
            mlflow.log_metric("loss", 1.0 / (step + 1), step=step)
            mlflow.log_metrics({"accuracy": 0.5 + step / 100, "rate": 0.1 if step < 20 else float("nan")}, step=step)
        model = LogisticRegression(C=0.5, max_iter=200).fit(data[["day", "hour"]], data["open"])
        info = mlflow.sklearn.log_model(model, name="classifier", input_example=data[["day", "hour"]].head(2), params={"C": 0.5}, registered_model_name=MODEL)
        mlflow.log_metric("score", 0.75, model_id=info.model_id, dataset=dataset)
        mlflow.log_text("Trained on the opening hours.\n", "notes/read me.txt")
        mlflow.log_dict({"classes": [0, 1]}, "classes.json")
        mlflow.set_tags({"stage": "candidate", "to remove": "x"})
        mlflow.delete_tag("to remove")
        seen["changed param"] = refused(lambda: client.log_param(run.info.run_id, "C", "0.7"))
        # An active run's spans belong to it.
        seen["answer"] = answer("When does the library open?")
        trace = mlflow.get_last_active_trace_id()
    with mlflow.start_run(run_name="broken", tags=TAGS) as other:
        mlflow.log_metrics({"loss": 9.0})
    client.set_terminated(other.info.run_id, status="FAILED")
    seen["running"] = client.create_run(experiment.experiment_id, run_name="goes on", tags=TAGS).info.run_id
    client.log_metric(seen["running"], "loss", 3.0, step=1)

    seen["duplicates"] = [
        refused(lambda: client.create_experiment(EXPERIMENT)),
        refused(lambda: client.create_registered_model(MODEL)),
        refused(lambda: client.get_run("0" * 32)),
        refused(lambda: client.get_model_version(MODEL, "9")),
        refused(lambda: client.search_runs([experiment.experiment_id], "metrics.loss ~ 3")),
    ]
    client.set_registered_model_alias(MODEL, "champion", "1")
    client.set_model_version_tag(MODEL, "1", "reviewed", "yes")
    client.update_registered_model(MODEL, description="Whether the library is open")
    mlflow.genai.register_prompt(name=PROMPT, template="Answer from {{context}}: {{question}}", commit_message="the first", tags={"language": "en"})
    mlflow.genai.register_prompt(name=PROMPT, template=[{"role": "user", "content": "{{question}}"}], commit_message="shorter")
    mlflow.genai.set_prompt_alias(PROMPT, alias="prod", version=1)
    mlflow.log_feedback(trace_id=trace, name="correct", value=True, rationale="as in the handbook")
    client.set_trace_tag(trace, "channel", "desk")
    mlflow.flush_trace_async_logging()
    return {**seen, "experiment": experiment.experiment_id, "run": run.info.run_id, "other": other.info.run_id, "model": info.model_id, "trace": trace}


def points(client, run, key):
    return [[metric.step, str(metric.value)] for metric in sorted(client.get_metric_history(run, key), key=lambda metric: metric.step)]


def read(client, trained):
    seen = {}
    run = client.get_run(trained["run"])
    seen["run"] = [run.info.run_name, run.info.status, run.info.end_time is not None, run.info.user_id, run.data.params, run.data.tags["stage"], "to remove" in run.data.tags]
    seen["metrics"] = {key: str(value) for key, value in sorted(run.data.metrics.items())}
    seen["inputs"] = [[one.dataset.name, {tag.key: tag.value for tag in one.tags}] for one in run.inputs.dataset_inputs]
    seen["outputs"] = [one.model_id == trained["model"] for one in run.outputs.model_outputs]
    seen["history"] = {key: points(client, trained["run"], key) for key in ("loss", "accuracy", "rate")}

    experiments = [trained["experiment"]]
    names = lambda runs: [run.info.run_name for run in runs]
    found = lambda text, **more: names(client.search_runs(experiments, text, **more))
    seen["searched"] = {
        "all": sorted(found("")),
        "metric": found("metrics.loss < 1"),
        "param": found("params.solver = 'lbfgs' and params.`C` != '7'"),
        "tag": sorted(found("tags.team = 'helpdesk' and attributes.status = 'RUNNING'")),
        "like": sorted(found("attributes.run_name ILIKE 'BRO%'")),
        "in": found(f"attributes.run_id IN ('{trained['other']}')"),
        "by metric": found("", order_by=["metrics.loss DESC"]),
    }
    page, paged = client.search_runs(experiments, max_results=2, order_by=["attributes.run_name ASC"]), []
    paged.append(names(page))
    while page.token:
        page = client.search_runs(experiments, max_results=2, order_by=["attributes.run_name ASC"], page_token=page.token)
        paged.append(names(page))
    seen["paged"] = paged
    seen["table"] = sorted(mlflow.search_runs(experiments)["tags.mlflow.runName"])

    # The run that was under way goes on, and ends.
    with mlflow.start_run(run_id=trained["running"]):
        mlflow.log_metric("loss", 2.0, step=2)
    seen["went on"] = [client.get_run(trained["running"]).info.status, points(client, trained["running"], "loss")]
    client.delete_run(trained["other"])
    seen["deleted"] = [found(""), sorted(found("", run_view_type=2)), refused(lambda: client.log_metric(trained["other"], "x", 1))]
    client.restore_run(trained["other"])
    client.create_experiment("to delete")
    client.delete_experiment(client.get_experiment_by_name("to delete").experiment_id)
    seen["experiments"] = [sorted(one.name for one in client.search_experiments()), [one.tags.get("team") for one in client.search_experiments(filter_string="tags.team = 'helpdesk'")]]

    files = lambda path=None: sorted([one.path, one.is_dir] for one in client.list_artifacts(trained["run"], path))
    seen["files"] = [files(), files("notes")]
    with tempfile.TemporaryDirectory() as folder:
        with open(client.download_artifacts(trained["run"], "notes/read me.txt", folder)) as file:
            seen["file"] = file.read()
    seen["dict"] = mlflow.artifacts.load_dict(f"runs:/{trained['run']}/classes.json")

    model = mlflow.get_logged_model(trained["model"])
    seen["model"] = [model.name, str(model.status), model.params, model.source_run_id == trained["run"], sorted([metric.key, metric.value, metric.dataset_name] for metric in model.metrics)]
    seen["models"] = [one.name for one in mlflow.search_logged_models(experiments, "metrics.score > 0.5", output_format="list")]
    registered = client.get_registered_model(MODEL)
    version = client.get_model_version_by_alias(MODEL, "champion")
    seen["registered"] = [registered.description, registered.aliases, version.version, version.tags, version.run_id == trained["run"], version.source == f"models:/{trained['model']}", version.status]
    loaded = mlflow.sklearn.load_model(f"models:/{MODEL}@champion")
    seen["predicted"] = [int(one) for one in loaded.predict(pandas.DataFrame([[1, 12], [6, 3]], columns=["day", "hour"]))]
    seen["searched models"] = [[one.name for one in client.search_registered_models()], [one.version for one in client.search_model_versions(f"name = '{MODEL}'")]]
    seen["no alias"] = refused(lambda: client.get_model_version_by_alias(MODEL, "nobody"))

    prompt = mlflow.genai.load_prompt(f"prompts:/{PROMPT}@prod")
    seen["prompt"] = [prompt.template, prompt.version, prompt.commit_message, prompt.format(context="C", question="Q"), mlflow.genai.load_prompt(PROMPT, version=2).template]
    seen["prompts"] = [one.name for one in mlflow.genai.search_prompts()]

    trace = mlflow.get_trace(trained["trace"])
    seen["trace"] = [str(trace.info.state), trace.info.tags["channel"], trace.info.trace_metadata.get("mlflow.sourceRun") == trained["run"], trace.info.request_preview, trace.info.response_preview]
    seen["spans"] = sorted([span.name, span.span_type, span.parent_id is None] for span in trace.data.spans)
    seen["span"] = [[span.inputs, span.outputs, span.get_attribute("mlflow.llm.model")] for span in trace.data.spans if span.name == "ask"]
    seen["assessments"] = [[one.name, one.value, one.rationale, one.source.source_type] for one in trace.info.assessments]
    one = trace.info.assessments[0]
    mlflow.update_assessment(trace_id=trained["trace"], assessment_id=one.assessment_id, assessment=mlflow.entities.Feedback(name="correct", value=False, rationale="it was Sunday"))
    again = mlflow.get_assessment(trained["trace"], one.assessment_id)
    seen["assessed again"] = [again.value, again.rationale]
    seen["searched traces"] = [
        len(mlflow.search_traces(locations=experiments, filter_string=text, return_type="list"))
        for text in ("", "tags.channel = 'desk'", "trace.status = 'ERROR'", "attributes.name = 'answer'")
    ]
    return seen


def main(phase, *trained):
    client = MlflowClient()
    seen = train(client) if phase == "train" else read(client, json.loads(trained[0]))
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
