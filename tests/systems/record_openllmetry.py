"""Records what OpenLLMetry's instrumentations send for a small assistant of a library, over a Chroma collection and a
model endpoint on loopback. Run once with each supported version: names changed between them.

usage: record_openllmetry.py FIXTURES
"""

import importlib.metadata
import os
import pathlib
import sys

os.environ.update(TRACELOOP_TELEMETRY="false", TRACELOOP_METRICS_ENABLED="true", ANONYMIZED_TELEMETRY="False", OPENAI_API_KEY="none", TRACELOOP_HEADERS="")

from model_endpoint import ModelEndpoint, vector
from otlp_catcher import OtlpCatcher
from scrub import Scrub

QUESTION = "When does the library open on Mondays?"
PASSAGES = {
    "hours-1": ("On Mondays the library opens at nine.", {"source": "/data/handbook.md", "page": 3}),
    "hours-2": ("On Sundays the library is closed.", {"source": "/data/handbook.md", "page": 4}),
    "loans-1": ("Books may be kept for three weeks.", {"source": "s3://library-docs/rules/loans.pdf", "page": 1}),
}


def assistant(endpoint):
    """The program that is observed: a workflow, a task, an agent with a tool, a retrieval, four model calls."""
    import chromadb
    import openai
    from traceloop.sdk import Traceloop
    from traceloop.sdk.decorators import agent, task, tool, workflow

    client = openai.OpenAI(base_url=endpoint, api_key="none", max_retries=0)
    collection = chromadb.EphemeralClient().create_collection("handbook")
    collection.add(
        ids=list(PASSAGES),
        documents=[text for text, _ in PASSAGES.values()],
        metadatas=[metadata for _, metadata in PASSAGES.values()],
        embeddings=[vector(text) for text, _ in PASSAGES.values()],
    )

    @task(name="retrieve")
    def retrieve(question):
        found = client.embeddings.create(model="text-embedding-3-small", input=question).data[0].embedding
        return collection.query(query_embeddings=[found], n_results=2)["documents"][0]

    @tool(name="opening_hours")
    def opening_hours(day):
        return {"day": day, "opens": "09:00"}

    @agent(name="desk")
    def desk(question):
        tools = [{"type": "function", "function": {"name": "opening_hours", "description": "When the library opens.", "parameters": {"type": "object", "properties": {"day": {"type": "string"}}}}}]
        client.chat.completions.create(model="gpt-4o-mini", temperature=0.2, max_tokens=64, tools=tools, messages=[{"role": "user", "content": question}])
        return opening_hours("Monday")

    @workflow(name="ask_library")
    def ask(question):
        Traceloop.set_association_properties({"user_id": "reader-1", "session_id": "visit-1"})
        passages = retrieve(question)
        hours = desk(question)
        answer = client.chat.completions.create(
            model="gpt-4o-mini",
            top_p=0.9,
            messages=[
                {"role": "system", "content": "Answer from the passages.\n" + "\n".join(passages) + f"\n{hours}"},
                {"role": "user", "content": question},
            ],
        )
        stream = client.chat.completions.create(model="gpt-4o-mini", stream=True, stream_options={"include_usage": True}, messages=[{"role": "user", "content": "In short?"}])
        return answer.choices[0].message.content + "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)

    ask(QUESTION)
    try:
        client.chat.completions.create(model="broken", messages=[{"role": "user", "content": "Hello?"}])
    except openai.NotFoundError:
        pass


def chain(endpoint):
    """The same question through LangChain."""
    from langchain_chroma import Chroma
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import RunnablePassthrough
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    embeddings = OpenAIEmbeddings(model="text-embedding-3-small", base_url=endpoint, api_key="none", check_embedding_ctx_length=False)
    store = Chroma(collection_name="handbook-lc", embedding_function=embeddings)
    store.add_texts([text for text, _ in PASSAGES.values()], [metadata for _, metadata in PASSAGES.values()], ids=list(PASSAGES))
    prompt = ChatPromptTemplate.from_template("Answer from the passages: {passages}\nQuestion: {question}")
    model = ChatOpenAI(model="gpt-4o-mini", base_url=endpoint, api_key="none", temperature=0)
    answer = {"passages": store.as_retriever(search_kwargs={"k": 2}), "question": RunnablePassthrough()} | prompt | model | StrOutputParser()
    answer.invoke(QUESTION)


def record(fixtures, name, program):
    """In a process of its own: the SDK can be started once."""
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        if status:
            sys.exit(f"recording {name} failed")
        return
    from traceloop.sdk import Traceloop

    with OtlpCatcher() as catcher, ModelEndpoint() as endpoint:
        Traceloop.init(app_name="library", api_endpoint=catcher.url, disable_batch=False, resource_attributes={"deployment.environment": "test"})
        program(endpoint.url)
        from opentelemetry import metrics, trace

        trace.get_tracer_provider().force_flush()
        metrics.get_meter_provider().force_flush()
        catcher.write(fixtures, name, Scrub(), signals=("traces", "metrics") if name == "assistant" else ("traces",))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    version = ".".join(importlib.metadata.version("traceloop-sdk").split(".")[:2])
    folder = pathlib.Path(sys.argv[1]) / "otlp" / f"openllmetry-{version}"
    record(folder, "assistant", assistant)
    record(folder, "langchain", chain)
