"""Logs to an MLflow server what an application that answers questions leaves there.

usage: mlflow_answers.py ADDRESS

A prompt with a version and an alias, a trace with what was retrieved and answered, what people said of it, and an
evaluation dataset.
"""

import os
import sys

os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"

import mlflow
from mlflow.entities import AssessmentSource, Document, SpanType


@mlflow.trace(span_type=SpanType.RETRIEVER)
def find(question):
    metadata = {"doc_uri": "s3://lake/opening.md", "score": 0.5}
    return [Document(page_content="The shop opens at nine.", metadata=metadata, id="c1")]


@mlflow.trace(span_type=SpanType.CHAT_MODEL)
def ask(question):
    span = mlflow.get_current_active_span()
    span.set_attribute("mlflow.llm.model", "gpt-4o-mini")
    span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 12, "output_tokens": 4, "total_tokens": 16})
    return "At nine."


@mlflow.trace(span_type=SpanType.CHAIN)
def answer(question):
    mlflow.genai.load_prompt("prompts:/qa/1")
    find(question)
    return ask(question)


def main():
    mlflow.set_tracking_uri(sys.argv[1])
    experiment = mlflow.set_experiment("helpdesk").experiment_id
    mlflow.genai.register_prompt(
        name="qa", template="Answer {{q}} from {{ctx}}", commit_message="first wording", tags={"team": "kb"}
    )
    mlflow.genai.set_prompt_alias("qa", "production", 1)
    answer("When does it open?")
    trace = mlflow.get_last_active_trace_id()
    person = AssessmentSource(source_type="HUMAN", source_id="ann")
    mlflow.log_feedback(trace_id=trace, name="correct", value=True, rationale="as in the book", source=person)
    mlflow.log_expectation(trace_id=trace, name="expected", value="nine")
    dataset = mlflow.genai.datasets.create_dataset(name="golden", experiment_id=[experiment], tags={"v": "1"})
    dataset.merge_records([{"inputs": {"q": "When does it open?"}, "expectations": {"expected": "nine"}}])


if __name__ == "__main__":
    main()
