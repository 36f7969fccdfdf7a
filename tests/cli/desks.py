"""A command line in this process, against a fake box and a fake API."""

import json
import os
import threading
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from appliance.cli.desk import Desk
from appliance.cli.main import run
from appliance.config import Surroundings, UserFolders


@dataclass(frozen=True)
class Output:
    code: int
    out: str
    err: str

    @property
    def document(self):
        """The one JSON document on standard output."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


@dataclass
class CommandLine:
    """Runs commands as `carrel` does, with surroundings of its own."""

    home: Path
    capture: object
    environ: dict[str, str] = field(default_factory=dict)
    more: dict[str, object] = field(default_factory=dict)

    def desk(self) -> Desk:
        environ = {"CARREL_HOME": str(self.home), "PATH": "/usr/bin:/bin", **self.environ}
        folders = UserFolders(self.home, self.home, self.home, self.home)
        return Desk(around=Surroundings(environ, uid=os.getuid(), cores=2, folders=folders), **self.more)

    def __call__(self, *words: str) -> Output:
        return self.run(words)

    def run(self, words: Sequence[str]) -> Output:
        self.capture.readouterr()
        code = run(list(words), self.desk())
        return Output(code, *self.capture.readouterr())


def streamed(answer: dict) -> bytes:
    """The answer in two chunks of its text, as a stream of chat completions."""
    text = answer["choices"][0]["message"]["content"]
    deltas = [{"choices": [{"delta": {"content": part}}]} for part in (text[:4], text[4:])]
    events = [*deltas, {"choices": [], "usage": answer["usage"]}]
    return b"".join(b"data: %s\n\n" % json.dumps(one).encode() for one in events) + b"data: [DONE]\n\n"


class FakeApi:
    """Answers as the public side of a box does, and notes who asked for what."""

    def __init__(self) -> None:
        self.models = ["handbook-tiny"]
        self.particulars: dict[str, dict[str, object]] = {}
        self.requests: list[tuple[str, str, object]] = []
        self.ready = 200
        self.url = ""

    def answer(self, path: str) -> tuple[int, object]:
        if path == "/readyz":
            return self.ready, {}
        if path == "/v1/models":
            data = [
                {"id": one, "object": "model", "carrel": self.particulars.get(one, {})} for one in self.models
            ]
            return 200, {"object": "list", "data": data}
        message = {"role": "assistant", "content": "Port 7411."}
        usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return 200, {"id": "c", "model": "handbook-tiny", "choices": choices, "usage": usage}

    @contextmanager
    def serving(self):
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("content-length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                api.requests.append((self.path, self.headers.get("authorization", ""), body))
                status, answer = api.answer(self.path)
                content = streamed(answer) if body and body.get("stream") else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(content)))
                self.send_header("x-request-id", "req_1")
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *words):
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}/v1"
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield self
            server.shutdown()
            thread.join()
