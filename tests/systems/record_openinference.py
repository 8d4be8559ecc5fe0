"""Records what two more families of instrumentations send for a small assistant of a library: OpenInference's, and
OpenTelemetry's own (with what was said in events, and on spans).

usage: record_openinference.py FIXTURES
"""

import os
import pathlib
import sys

os.environ.update(OPENAI_API_KEY="none")

from model_endpoint import ModelEndpoint, vector
from otlp_catcher import OtlpCatcher
from scrub import Scrub

QUESTION = "When does the library open on Mondays?"
PASSAGES = {
    "hours-1": ("On Mondays the library opens at nine.", {"source": "/data/handbook.md", "page": 3}),
    "hours-2": ("On Sundays the library is closed.", {"source": "/data/handbook.md", "page": 4}),
}
TOOLS = [{"type": "function", "function": {"name": "opening_hours", "description": "When the library opens.", "parameters": {"type": "object", "properties": {"day": {"type": "string"}}}}}]


def providers(url):
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource({"service.name": "library", "service.version": "2.1"})
    traces, logs = TracerProvider(resource=resource), LoggerProvider(resource=resource)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{url}/v1/traces")))
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(f"{url}/v1/logs")))
    metrics = MeterProvider(resource=resource, metric_readers=[PeriodicExportingMetricReader(OTLPMetricExporter(f"{url}/v1/metrics"))])
    return traces, logs, metrics


def talk(endpoint):
    """Three model calls with a tool between them, and an embedding, through OpenAI's client."""
    import openai

    client = openai.OpenAI(base_url=endpoint, api_key="none", max_retries=0)
    messages = [{"role": "system", "content": "You are at the desk of a library."}, {"role": "user", "content": QUESTION}]
    first = client.chat.completions.create(model="gpt-4o-mini", temperature=0.2, max_tokens=64, tools=TOOLS, messages=messages)
    call = first.choices[0].message.tool_calls[0]
    messages += [first.choices[0].message.model_dump(exclude_none=True), {"role": "tool", "tool_call_id": call.id, "content": '{"opens": "09:00"}'}]
    client.chat.completions.create(model="gpt-4o-mini", tools=TOOLS, messages=messages)
    stream = client.chat.completions.create(model="gpt-4o-mini", stream=True, stream_options={"include_usage": True}, messages=messages[:2])
    list(stream)
    client.embeddings.create(model="text-embedding-3-small", input=QUESTION)


def openinference(endpoint, traces, *_):
    """OpenInference: OpenAI's client, a LangChain chain over a store in memory, and spans of its own decorators."""
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import RunnablePassthrough
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings
    from openinference.instrumentation import OITracer, TraceConfig, using_attributes, using_prompt_template
    from openinference.instrumentation.langchain import LangChainInstrumentor
    from openinference.instrumentation.openai import OpenAIInstrumentor

    embeddings = OpenAIEmbeddings(model="text-embedding-3-small", base_url=endpoint, api_key="none", check_embedding_ctx_length=False)
    store = InMemoryVectorStore(embeddings)
    store.add_texts([text for text, _ in PASSAGES.values()], [metadata for _, metadata in PASSAGES.values()], ids=list(PASSAGES))
    OpenAIInstrumentor().instrument(tracer_provider=traces)
    tracer = OITracer(traces.get_tracer("library"), TraceConfig())
    with using_attributes(session_id="visit-1", user_id="reader-1", tags=["desk"]):
        with tracer.start_as_current_span("desk", openinference_span_kind="agent") as span:
            span.set_attribute("agent.name", "desk")
            span.set_input(QUESTION)

            @tracer.tool(description="When the library opens.")
            def opening_hours(day):
                return {"opens": "09:00"}

            with using_prompt_template(template="At the desk of {place}", version="4", variables={"place": "a library"}):
                talk(endpoint)
            opening_hours("Monday")
            with tracer.start_as_current_span("rerank", openinference_span_kind="reranker") as reranker:
                reranker.set_attribute("reranker.model_name", "rerank-english-v3.0")
                reranker.set_attribute("reranker.query", QUESTION)
                for index, (name, (text, _)) in enumerate(PASSAGES.items()):
                    for side in ("input", "output"):
                        reranker.set_attribute(f"reranker.{side}_documents.{index}.document.id", name)
                        reranker.set_attribute(f"reranker.{side}_documents.{index}.document.content", text)
                    reranker.set_attribute(f"reranker.output_documents.{index}.document.score", 0.9 - index / 2)
            with tracer.start_as_current_span("relevance", openinference_span_kind="evaluator") as evaluator:
                evaluator.set_attribute("eval.score", 1)
    OpenAIInstrumentor().uninstrument()
    LangChainInstrumentor().instrument(tracer_provider=traces)
    prompt = ChatPromptTemplate.from_template("Answer from the passages: {passages}\nQuestion: {question}")
    model = ChatOpenAI(model="gpt-4o-mini", base_url=endpoint, api_key="none", temperature=0)
    chain = {"passages": store.as_retriever(search_kwargs={"k": 2}), "question": RunnablePassthrough()} | prompt | model | StrOutputParser()
    chain.with_config(run_name="ask_library").invoke(QUESTION)


def conventions(endpoint, traces, logs, metrics):
    """OpenTelemetry's own instrumentation of OpenAI's client, which tells what was said in events."""
    from opentelemetry import trace
    from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

    OpenAIInstrumentor().instrument(tracer_provider=traces, logger_provider=logs, meter_provider=metrics)
    tracer = traces.get_tracer("library")
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "desk", "gen_ai.agent.description": "Answers readers.", "gen_ai.provider.name": "openai", "gen_ai.conversation.id": "visit-1"}
    with tracer.start_as_current_span("invoke_agent desk", attributes=agent):
        talk(endpoint)
        tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "opening_hours", "gen_ai.tool.type": "function", "gen_ai.tool.call.id": "call_1", "gen_ai.agent.name": "desk"}
        with tracer.start_as_current_span("execute_tool opening_hours", attributes=tool) as span:
            score = {"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.8, "gen_ai.evaluation.score.label": "relevant", "gen_ai.evaluation.explanation": "The day fits."}
            span.add_event("gen_ai.evaluation.result", attributes=score)


def handler(endpoint, traces, logs, metrics):
    """The latest conventions, as OpenTelemetry's own library for instrumentations writes them."""
    from opentelemetry.util.genai.handler import TelemetryHandler
    from opentelemetry.util.genai.types import FunctionToolDefinition, InputMessage, OutputMessage, RetrievalDocument, TextPart, ToolCallRequestPart

    told = TelemetryHandler(traces, metrics, logs, instrumentation_scope_name="library")
    with told.workflow("ask_library", conversation_id="visit-1"):
        with told.retrieval(data_source_id="handbook", provider="chroma", request_model="text-embedding-3-small", server_address="vectors.example.org", server_port=8000) as retrieval:
            retrieval.query_text, retrieval.top_k = QUESTION, 2
            retrieval.documents = [RetrievalDocument(id=name, score=0.9 - index / 4) for index, name in enumerate(PASSAGES)]
        with told.invoke_local_agent(agent_name="desk", request_model="gpt-4o-mini") as agent:
            agent.agent_description = "Answers readers."
            with told.inference("openai", request_model="gpt-4o-mini", server_address="api.openai.com", server_port=443) as answer:
                answer.temperature, answer.max_tokens = 0.2, 64
                answer.prompt_name, answer.prompt_version, answer.prompt_variables = "desk", "4", {"place": "a library"}
                answer.input_messages = [InputMessage("user", [TextPart(QUESTION)])]
                answer.tool_definitions = [FunctionToolDefinition("opening_hours", "When the library opens.", {"type": "object"})]
                answer.output_messages = [OutputMessage("assistant", [ToolCallRequestPart({"day": "Monday"}, "opening_hours", "call_1")], "tool_call")]
                answer.response_model_name, answer.response_id, answer.finish_reasons = "gpt-4o-mini-2024-07-18", "chatcmpl-1", ["tool_call"]
                answer.input_tokens, answer.output_tokens = 21, 8
            with told.tool("opening_hours", tool_type="function", agent_name="desk") as tool:
                tool.tool_call_id, tool.tool_description = "call_1", "When the library opens."
                tool.arguments, tool.tool_result = {"day": "Monday"}, {"opens": "09:00"}


def record(folder, name, program, **environment):
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        if status:
            sys.exit(f"recording {name} failed")
        return
    os.environ.update(environment)
    with OtlpCatcher() as catcher, ModelEndpoint() as endpoint:
        traces, logs, metrics = providers(catcher.url)
        program(endpoint.url, traces, logs, metrics)
        traces.force_flush()
        logs.force_flush()
        metrics.force_flush()
        catcher.write(folder, name, Scrub())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    fixtures = pathlib.Path(sys.argv[1]) / "otlp"
    record(fixtures / "openinference", "assistant", openinference)
    record(fixtures / "opentelemetry", "events", conventions, OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="true")
    record(fixtures / "opentelemetry", "spans", handler, OTEL_SEMCONV_STABILITY_OPT_IN="gen_ai_latest_experimental", OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="SPAN_AND_EVENT")
