"""A library's help desk: a small RAG application, traced with the real LangSmith SDK and LangChain."""

import openai
from langchain_core.documents import Document
from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langsmith import traceable, tracing_context
from langsmith.wrappers import wrap_openai

PROJECT = "library-helpdesk"
QUESTION = "When does the library open on Mondays?"
PASSAGE = "The library opens at nine on Mondays."
HANDBOOK = "s3://library-lake/handbook/opening.md"


def template():
    return ChatPromptTemplate.from_messages([("system", "Answer from: {context}"), ("human", "{question}")])


def ask_openai(client, openai_url):
    """A retrieval and a chat completion through OpenAI's client; gives the root run's id."""
    model = wrap_openai(openai.OpenAI(base_url=openai_url, api_key="none"), chat_name="ChatOpenAI")
    seen = {}

    @traceable(run_type="retriever", client=client)
    def look_up(question):
        return [Document(id="opening-0", page_content=PASSAGE, metadata={"source": HANDBOOK, "page": 3})]

    @traceable(run_type="tool", client=client)
    def clock():
        """The time of day."""
        return "06:55"

    @traceable(name="answer", client=client, tags=["helpdesk"], metadata={"session_id": "visit-1", "user_id": "ines"})
    def answer(question):
        from langsmith.run_helpers import get_current_run_tree

        seen["root"] = get_current_run_tree().id
        found = look_up(question)
        clock()
        messages = [{"role": "system", "content": "Answer from: " + found[0].page_content}, {"role": "user", "content": question}]
        said = model.chat.completions.create(
            model="gpt-4o-mini", messages=messages, temperature=0.1, max_tokens=50, langsmith_extra={"client": client}
        )
        return said.choices[0].message.content

    with tracing_context(enabled=True, client=client, project_name=PROJECT):
        seen["answer"] = answer(QUESTION)
    return seen


def ask_langchain(client, prompt):
    """The same through LangChain: a prompt, a model, a parser."""
    said = AIMessage(
        content="At nine.",
        response_metadata={"model_name": "gpt-4o-mini-2024-07-18", "finish_reason": "stop"},
        usage_metadata={"input_tokens": 21, "output_tokens": 5, "total_tokens": 26},
    )
    model = FakeMessagesListChatModel(responses=[said])
    model = model.with_config(metadata={"ls_provider": "openai", "ls_model_name": "gpt-4o-mini", "ls_model_type": "chat", "ls_temperature": 0.1})
    chain = (prompt | model | StrOutputParser()).with_config(run_name="langchain-answer")
    with tracing_context(enabled=True, client=client, project_name=PROJECT):
        return chain.invoke({"context": PASSAGE, "question": QUESTION})


def fail(client):
    """A step that ends with an error."""

    @traceable(name="broken", client=client)
    def broken():
        raise ValueError("the door is locked")

    with tracing_context(enabled=True, client=client, project_name=PROJECT):
        try:
            broken()
        except ValueError:
            pass
