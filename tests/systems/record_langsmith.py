"""Records what the real LangSmith SDKs send: every request, as it came.

Ids and times are replaced by ones that are the same with every recording, so that recording again changes only what
the SDKs changed.

usage: record_langsmith.py FIXTURES
"""

import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import uuid

for name in list(os.environ):
    if name.startswith(("LANGSMITH_", "LANGCHAIN_")):
        del os.environ[name]
os.environ["LANGSMITH_TRACING"] = "true"
os.environ["LANGCHAIN_REVISION_ID"] = "recorded"

import zstandard
from langsmith import Client, utils
from langsmith.run_trees import RunTree

import langsmith_app as app
from model_endpoint import ModelEndpoint
from langsmith_stand_in import StandIn
from scrub import Scrub, write_ndjson

NPM = "langsmith@0.12.0"


def client_of(server, **more):
    return Client(api_url=server.url, api_key="recorded", **more)


def traces(client, openai_url):
    seen = app.ask_openai(client, openai_url)
    app.fail(client)
    client.flush()
    client.create_feedback(run_id=seen["root"], trace_id=seen["root"], key="correctness", score=0.9, comment="as in the handbook")
    client.flush()
    # Told of in two parts, as a long-running step is.
    root = RunTree(name="slow", run_type="chain", inputs={"question": app.QUESTION}, project_name=app.PROJECT, ls_client=client)
    root.post()
    step = root.create_child(name="thinker", run_type="llm", inputs={"messages": [{"role": "user", "content": app.QUESTION}]}, extra={"metadata": {"ls_provider": "openai", "ls_model_name": "gpt-4o-mini"}})
    step.post()
    client.flush()
    step.end(outputs={"choices": [{"message": {"role": "assistant", "content": "At nine."}, "finish_reason": "stop"}], "model": "gpt-4o-mini-2024-07-18"})
    step.patch()
    root.end(outputs={"answer": "At nine."})
    root.patch()
    client.flush()
    return seen


def everything_else(client):
    """Datasets, examples, projects, prompts and feedback by itself."""
    dataset = client.create_dataset("opening hours", description="Questions that visitors ask", metadata={"team": "helpdesk"})
    client.create_examples(
        dataset_id=dataset.id,
        examples=[{"inputs": {"question": app.QUESTION}, "outputs": {"answer": "At nine."}, "metadata": {"branch": "main"}, "split": "test"}],
    )
    client.create_project("helpdesk-eval", description="Against opening hours", reference_dataset_id=dataset.id, metadata={"revision": "3f2a1bc"})
    client.push_prompt("helpdesk-answer", object=app.template(), description="Answers visitors", tags=["helpdesk"], commit_tags=["prod"])
    prompt = client.pull_prompt("helpdesk-answer")
    app.ask_langchain(client, prompt)
    client.flush()


def in_javascript(server, work):
    npm = shutil.which("npm")
    if npm is None:
        print("no npm: what its SDK sends is not recorded again")
        return
    subprocess.run([npm, "install", "--silent", "--no-fund", "--no-audit", "--prefix", work, NPM], check=True)
    script = pathlib.Path(work) / "app.cjs"
    script.write_text(pathlib.Path(__file__).with_name("langsmith_app.cjs").read_text())
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    subprocess.run([shutil.which("node"), script, server.url], check=True, env={**kept, "LANGSMITH_TRACING": "true"})


class Steady:
    """Replaces ids and times by ones that are the same with every recording; lengths stay."""

    ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
    HEX = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f])")
    ISO = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")
    DOTTED = re.compile(r"20\d{6}T\d{12}(?=Z)")
    MILLIS = re.compile(r"(?<=_time\":)1[78]\d{11}")
    FORM = re.compile(r"(?<=LangSmithFormBoundary)[0-9a-z]+")
    PLATFORM = re.compile(r"(?<=\"platform\":\")[^\"]*|(?<=\"runtime_version\":\")[^\"]*")

    def __init__(self, texts):
        self._ids, self._hexes = {}, {}
        times = set()
        for text in texts:
            times |= {found.translate(str.maketrans("", "", "-:.")) for found in self.ISO.findall(text)} | set(self.DOTTED.findall(text))
        self._times = {time: rank for rank, time in enumerate(sorted(times))}

    def _time(self, time):
        rank = self._times[time]
        return f"20260301T08{rank // 60_000:02}{rank // 1000 % 60:02}{rank % 1000:03}000"

    def text(self, text):
        number = lambda table, found: table.setdefault(found, len(table) + 1)
        text = self.ID.sub(lambda m: f"00000000-0000-7000-8000-{number(self._ids, m[0]):012x}", text)
        text = self.HEX.sub(lambda m: f"{number(self._hexes, m[0]):0{len(m[0])}x}", text)
        text = self.FORM.sub("0", text)
        text = self.PLATFORM.sub("any", text)
        text = self.MILLIS.sub("1772352001000", text)
        text = self.DOTTED.sub(lambda m: self._time(m[0]), text)

        def iso(match):
            t = self._time(match[0].translate(str.maketrans("", "", "-:.")))
            return f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[9:11]}:{t[11:13]}:{t[13:15]}.{t[15:]}"

        return self.ISO.sub(iso, text)


def readable(requests, scrub):
    """Texts instead of bytes."""
    for request in requests:
        body = request["body"]
        if request["content_encoding"] == "zstd":
            body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        request["body"] = scrub.text(body.decode())
        yield request


def write_frame(path, requests):
    """The first request's body, packed again as the SDK packs it: in one frame of unknown length."""
    assert requests[0]["content_encoding"] == "zstd", requests[0]
    request = steadied(requests[:1])[0]
    buffer = io.BytesIO()
    with zstandard.ZstdCompressor(level=1).stream_writer(buffer, closefd=False) as writer:
        writer.write(request["body"].encode())
    path.write_bytes(buffer.getvalue())
    print(f"{len(buffer.getvalue())} bytes: {path.name}")


def steadied(requests):
    scrub = Scrub()
    requests = list(readable(requests, scrub))
    # In this order the same ids get the same numbers every time.
    steady = Steady([request["body"] for request in requests])
    for request in requests:
        request["body"] = steady.text(request["body"])
        request["path"] = steady.text(request["path"])
        request["content_type"] = steady.text(request["content_type"])
    return requests


def write(path, requests):
    requests = steadied(requests)
    write_ndjson(path, requests)
    print(f"{len(requests)} requests: {path.name}")


def main(fixtures, work):
    folder = fixtures / "langsmith"
    with ModelEndpoint() as model:
        for name, multipart, zstd in [("multipart", True, False), ("batch", False, False), ("zstd", True, True)]:
            os.environ["LANGSMITH_DISABLE_RUN_COMPRESSION"] = "false" if zstd else "true"
            utils.get_env_var.cache_clear()
            with StandIn(multipart, zstd) as server:
                client = client_of(server)
                traces(client, model.url)
                if name == "multipart":
                    everything_else(client)
                if zstd:
                    write_frame(folder / "zstd.bin", server.requests)
                else:
                    write(folder / f"{name}.ndjson", server.requests)
    with StandIn() as server:
        in_javascript(server, work)
        if server.requests:
            write(folder / "npm.ndjson", server.requests)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), str(pathlib.Path(sys.prefix).parent.parent / "npm" / "langsmith"))
