"""The last part of the demo: a small program that puts a document into a Chroma server, finds a passage of it for a
question and has a model answer, under OpenLLMetry and LangSmith at once.

usage: demo_answer.py FOLDER CHROMA OTLP LANGSMITH TOKEN
"""

import os
import pathlib
import sys

from model_endpoint import ModelEndpoint, vector

QUESTION = "When does the library open on Mondays?"


def main(folder, chroma, otlp, langsmith, token):
    os.environ.update(TRACELOOP_BASE_URL=otlp, TRACELOOP_HEADERS=f"authorization=Bearer%20{token}", TRACELOOP_TELEMETRY="false")
    os.environ.update(LANGSMITH_TRACING="true", LANGSMITH_ENDPOINT=langsmith, LANGSMITH_API_KEY=token, LANGSMITH_PROJECT="library-desk")
    os.environ.update(ANONYMIZED_TELEMETRY="False")
    from traceloop.sdk import Traceloop

    Traceloop.init(app_name="library-desk")
    import chromadb
    import openai
    from langsmith import Client, traceable
    from langsmith.wrappers import wrap_openai
    from opentelemetry import trace
    from traceloop.sdk.decorators import workflow

    host, port = chroma.removeprefix("http://").split(":")
    store = chromadb.HttpClient(host=host, port=int(port), settings=chromadb.Settings(anonymized_telemetry=False))
    collection = store.create_collection("library-knowledge")
    path = pathlib.Path(folder) / "knowledge" / "visiting.md"
    passages = [text.strip() for text in path.read_text().split("\n\n") if text.strip()]
    collection.add(
        ids=[f"visiting-{row}" for row in range(len(passages))],
        documents=passages,
        metadatas=[{"source": str(path), "table": "library.main.opening_hours", "row": row} for row in range(len(passages))],
        embeddings=[vector(text) for text in passages],
    )
    client = Client()
    with ModelEndpoint() as endpoint:
        model = wrap_openai(openai.OpenAI(base_url=endpoint.url, api_key="none", max_retries=0))

        @traceable(run_type="retriever", client=client)
        def look_up(question):
            found = collection.query(query_embeddings=[vector(passages[0])], n_results=1)
            each = zip(found["documents"][0], found["metadatas"][0])
            return [{"page_content": text, "type": "Document", "metadata": metadata} for text, metadata in each]

        @workflow(name="ask_library")
        @traceable(name="ask_library", client=client)
        def ask(question):
            context = "\n".join(passage["page_content"] for passage in look_up(question))
            messages = [{"role": "system", "content": "Answer from: " + context}, {"role": "user", "content": question}]
            return model.chat.completions.create(model="gpt-4o-mini", messages=messages).choices[0].message.content

        answer = ask(QUESTION)
    client.flush()
    trace.get_tracer_provider().force_flush()
    print(answer)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
