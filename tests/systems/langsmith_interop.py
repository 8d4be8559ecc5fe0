"""Uses Catena as a LangSmith through the real Python SDK, in two phases, so that it can be killed between them.

Prints one line of JSON: what was seen.

usage: langsmith_interop.py write URL KEY
       langsmith_interop.py read URL KEY WRITTEN
"""

import json
import os
import sys

for name in list(os.environ):
    if name.startswith(("LANGSMITH_", "LANGCHAIN_")):
        del os.environ[name]
os.environ["LANGSMITH_TRACING"] = "true"

from langsmith import Client, evaluate
from langsmith.run_trees import RunTree
from langsmith.utils import LangSmithConflictError, LangSmithNotFoundError

import langsmith_app as app
from model_endpoint import ModelEndpoint


def answer_of(client, run_id):
    """The model's run of a trace, and the whole trace."""
    runs = list(client.list_runs(trace_id=run_id))
    return next(run for run in runs if run.run_type == "llm"), runs


def write(client):
    with ModelEndpoint() as model:
        seen = app.ask_openai(client, model.url)
    app.fail(client)
    client.flush()
    root = str(seen["root"])
    of_answer, _ = answer_of(client, root)
    quick = client.create_feedback(run_id=root, trace_id=root, key="correctness", score=0.9, comment="as in the handbook")
    client.flush()
    by_itself = client.create_feedback(run_id=of_answer.id, key="tone", score=0.5)

    slow = RunTree(name="slow", run_type="chain", inputs={"question": app.QUESTION}, project_name=app.PROJECT, ls_client=client)
    slow.post()
    client.flush()

    dataset = client.create_dataset("opening hours", description="Questions that visitors ask", metadata={"team": "helpdesk"})
    client.create_examples(
        dataset_id=dataset.id,
        examples=[
            {"inputs": {"question": app.QUESTION}, "outputs": {"answer": "At nine."}, "metadata": {"branch": "main"}, "split": "test"},
            {"inputs": {"question": "And on Sundays?"}, "outputs": {"answer": "Closed."}},
        ],
    )
    one = client.create_example(inputs={"question": "Is there parking?"}, outputs={"answer": "Yes."}, dataset_id=dataset.id)
    try:
        client.create_dataset("opening hours")
        conflict = False
    except LangSmithConflictError:
        conflict = True
    project = client.create_project("helpdesk-eval", description="Against opening hours", reference_dataset_id=dataset.id, metadata={"revision": "3f2a1bc"})
    url = client.push_prompt("helpdesk-answer", object=app.template(), description="Answers visitors", tags=["helpdesk"], commit_tags=["prod"])
    client.push_prompt("helpdesk-answer", object=app.template() + "{again}")
    return {
        "root": root,
        "answer": seen["answer"],
        "model_run": str(of_answer.id),
        "feedback": [str(quick.id), str(by_itself.id)],
        "slow": str(slow.id),
        "dataset": str(dataset.id),
        "example": str(one.id),
        "conflict": conflict,
        "project": str(project.id),
        "commit": url.split("?")[0].rsplit("/", 1)[-1],
    }


def read(client, written):
    seen = {}
    run = client.read_run(written["root"], load_child_runs=True)
    seen["root"] = [run.name, run.status, run.inputs, run.outputs, run.tags, sorted(child.name for child in run.child_runs)]
    model, runs = answer_of(client, written["root"])
    seen["model"] = [model.inputs["model"], model.prompt_tokens, model.completion_tokens, model.extra["metadata"]["ls_provider"], model.extra["runtime"]["sdk"]]
    seen["in trace"] = len(runs)
    named = lambda **question: sorted(run.name for run in client.list_runs(project_name=app.PROJECT, **question))
    seen["roots"] = named(is_root=True)
    seen["failed"] = named(error=True)
    seen["by type"] = named(run_type="retriever")
    seen["by filter"] = named(filter='and(eq(run_type, "llm"), gt(total_tokens, 5))')
    seen["by feedback"] = named(filter='and(eq(feedback_key, "correctness"), gte(feedback_score, 0.9))')
    seen["by trace"] = named(trace_filter='eq(name, "answer")')
    seen["one by one"] = len(list(client.list_runs(project_name=app.PROJECT, limit=2)))

    seen["feedback"] = sorted([f.key, f.score, f.comment] for f in client.list_feedback(run_ids=[written["root"], written["model_run"]]))
    client.update_feedback(written["feedback"][1], score=0.25, comment="too dry")
    changed = client.read_feedback(written["feedback"][1])
    seen["changed"] = [changed.key, changed.score, changed.comment, str(changed.run_id) == written["model_run"]]
    client.delete_feedback(written["feedback"][0])
    try:
        client.read_feedback(written["feedback"][0])
        seen["deleted"] = False
    except LangSmithNotFoundError:
        seen["deleted"] = True

    # The run that was under way when the server died goes on; and once more by itself, with nothing but its id.
    client.update_run(written["slow"], outputs={"answer": "At nine."}, end_time=run.end_time)
    slow = client.read_run(written["slow"])
    seen["slow"] = [slow.name, slow.inputs, slow.outputs, slow.status]

    dataset = client.read_dataset(dataset_name="opening hours")
    seen["dataset"] = [str(dataset.id) == written["dataset"], dataset.description, dataset.example_count, dataset.metadata["team"]]
    seen["examples"] = sorted(example.inputs["question"] for example in client.list_examples(dataset_id=dataset.id))
    seen["of split"] = [example.outputs for example in client.list_examples(dataset_id=dataset.id, splits=["test"])]
    client.update_example(written["example"], outputs={"answer": "No."})
    seen["example"] = [client.read_example(written["example"]).outputs, client.read_example(written["example"]).inputs]
    project = client.read_project(project_name="helpdesk-eval")
    seen["project"] = [str(project.id) == written["project"], str(project.reference_dataset_id) == written["dataset"], project.metadata["revision"]]
    seen["projects"] = sorted(project.name for project in client.list_projects())

    pulled = client.pull_prompt("helpdesk-answer:prod")
    seen["prompt"] = [[message.prompt.template for message in pulled.messages], sorted(pulled.input_variables)]
    seen["latest"] = len(client.pull_prompt("helpdesk-answer").messages)
    seen["by hash"] = client.pull_prompt_commit(f"helpdesk-answer:{written['commit']}").commit_hash.startswith(written["commit"][:8])
    seen["commits"] = len(list(client.list_prompt_commits("helpdesk-answer")))
    client.update_prompt("helpdesk-answer", description="Answers visitors kindly")
    listed = client.list_prompts().repos
    seen["prompts"] = [[prompt.repo_handle, prompt.description, prompt.num_commits, prompt.tags] for prompt in listed]
    app.ask_langchain(client, pulled)

    results = evaluate(
        lambda inputs: {"answer": "At nine."},
        data="opening hours",
        evaluators=[lambda run, example: {"key": "exact", "score": run.outputs["answer"] == example.outputs["answer"]}],
        experiment_prefix="nightly",
        client=client,
        max_concurrency=0,
    )
    client.flush()
    seen["evaluated"] = sorted(row["evaluation_results"]["results"][0].score for row in results)
    seen["experiment"] = len(list(client.list_runs(project_name=results.experiment_name, is_root=True)))
    client.flush()
    return seen


def main(phase, url, key, *written):
    client = Client(api_url=url, api_key=key)
    seen = write(client) if phase == "write" else read(client, json.loads(written[0]))
    client.flush()
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
