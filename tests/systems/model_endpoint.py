"""A loopback endpoint that answers as OpenAI's API does, always the same, so that real client libraries can be used
without a model: chat completions (whole and streamed, with a tool call when tools are offered and none was answered),
and embeddings.
"""

import http.server
import json
import threading

ANSWER = "The library opens at nine on Mondays."


def vector(text):
    """Three numbers that depend on the text only."""
    return [round((sum(map(ord, text)) % prime) / prime, 3) for prime in (97, 89, 83)]


def completion(request):
    messages = request["messages"]
    wants_tool = request.get("tools") and messages[-1]["role"] != "tool"
    message = {"role": "assistant", "content": ANSWER}
    if wants_tool:
        function = {"name": request["tools"][0]["function"]["name"], "arguments": '{"day": "Monday"}'}
        message = {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1795000000,
        "model": request["model"] + "-2024-07-18",
        "system_fingerprint": "fp_1",
        "choices": [{"index": 0, "finish_reason": "tool_calls" if wants_tool else "stop", "logprobs": None, "message": message}],
        "usage": {"prompt_tokens": 21, "completion_tokens": 8, "total_tokens": 29},
    }


def chunks(request):
    whole = completion(request)
    head = {key: whole[key] for key in ("id", "created", "model", "system_fingerprint")} | {"object": "chat.completion.chunk"}
    words = ANSWER.split(" ")
    for index, word in enumerate(words):
        delta = {"content": word if index == 0 else " " + word} | ({"role": "assistant"} if index == 0 else {})
        yield head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    yield head | {"choices": [], "usage": whole["usage"]}


def embeddings(request):
    texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
    data = [{"object": "embedding", "index": i, "embedding": vector(str(text))} for i, text in enumerate(texts)]
    return {"object": "list", "data": data, "model": request["model"], "usage": {"prompt_tokens": 5, "total_tokens": 5}}


class ModelEndpoint:
    """Listens on a loopback port while the `with` block runs; `url` is the API's base."""

    def __init__(self, port=0):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
                if self.path.endswith("/embeddings"):
                    return self.reply(embeddings(request))
                if request.get("model") == "broken":
                    return self.reply({"error": {"message": "no such model", "type": "invalid_request_error", "code": "model_not_found"}}, 404)
                if request.get("stream"):
                    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks(request)] + ["data: [DONE]\n\n"]
                    return self.send("".join(lines).encode(), "text/event-stream")
                return self.reply(completion(request))

            def reply(self, value, status=200):
                self.send(json.dumps(value).encode(), "application/json", status)

            def send(self, body, kind, status=200):
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
