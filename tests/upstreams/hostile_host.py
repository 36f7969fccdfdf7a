"""A host that speaks the OpenAI API as badly as it is told to: what it does is the name of the model."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = ["Carrel", " listens", " on", " port", " 7411", "."]
SECRET_TALK = "the prompt was: tell me a secret"


def chunk(text: str | None = None, *, index: int = 0, reason: str | None = None, **more: object) -> bytes:
    delta = {} if text is None else {"content": text}
    choice = {"index": index, "delta": delta, "finish_reason": reason}
    return b"data: %s\n\n" % json.dumps({"choices": [choice], **more}).encode()


def usage(prompt: int, completion: int, cached: int = 0) -> bytes:
    counts = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    return b"data: %s\n\n" % json.dumps({"choices": [], "usage": counts}).encode()


DONE = b"data: [DONE]\n\n"


class HostileHost:
    """``asked`` are the requests that came: path, headers, body. ``left`` is set once a client hung up."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], dict]] = []
        self.left = threading.Event()
        self.port = 0
        self.connections = 0
        self.models_answer = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @contextmanager
    def serving(self, port: int = 0) -> Iterator["HostileHost"]:
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                host.connections += 1
                super().setup()

            def do_GET(self):
                host.asked.append((self.path, dict(self.headers), {}))
                self.answer(host.models_answer, b'{"object":"list","data":[]}', "application/json")

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                host.asked.append((self.path, dict(self.headers), body))
                getattr(self, "do_" + body["model"].replace("-", "_"))(body)

            def answer(self, status: int, content: bytes, kind: str, **headers: str) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(content)))
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(content)

            def stream(self, *pieces: bytes) -> None:
                self.answer(200, b"".join(pieces), "text/event-stream")

            def said(self) -> list[bytes]:
                return [chunk(word) for word in WORDS]

            def do_honest(self, _body):
                self.stream(*self.said(), chunk(reason="stop"), usage(20, 7, 4), DONE)

            def do_lies_more(self, _body):
                self.stream(*self.said(), chunk(reason="stop"), usage(4000, 5000), DONE)

            def do_lies_less(self, _body):
                long = [chunk(" word") for _ in range(60)]
                self.stream(*long, chunk(reason="stop"), usage(20, 2), DONE)

            def do_silent(self, _body):
                self.stream(*self.said(), chunk(reason="stop"), DONE)

            def do_breaks(self, _body):
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                self.wfile.write(b"".join(self.said()))
                self.close_connection = True

            def do_cuts_short(self, _body):
                self.stream(*self.said())

            def do_errs(self, _body):
                error = {"error": {"message": SECRET_TALK, "code": "queue_timed_out"}}
                self.stream(*self.said(), b"data: %s\n\n" % json.dumps(error).encode())

            def do_babbles(self, _body):
                self.stream(*self.said(), b"data: {not json\n\n")

            def do_filters(self, _body):
                self.stream(*self.said(), chunk(reason="content_filter"), usage(20, 6), DONE)

            def do_redirects(self, _body):
                self.answer(307, b"", "text/plain", location="http://127.0.0.1:1/v1/chat/completions")

            def do_compresses(self, _body):
                self.answer(200, b"\x1f\x8b", "text/event-stream", content_encoding="gzip")

            def do_sets_cookies(self, _body):
                events = b"".join([*self.said(), chunk(reason="stop"), usage(20, 7), DONE])
                self.answer(200, events, "text/event-stream", set_cookie="trace=1; Path=/")

            def do_too_busy(self, _body):
                self.refuse(429, "rate_limit_exceeded", retry_after="7200000")

            def do_too_long(self, _body):
                self.refuse(400, "context_length_exceeded")

            def do_dislikes(self, _body):
                self.refuse(400, "unsupported_parameter")

            def do_wants_another_key(self, _body):
                self.refuse(401, "invalid_api_key")

            def do_breaks_down(self, _body):
                self.refuse(500, "oops")

            def refuse(self, status: int, code: str, **headers: str) -> None:
                body = {"error": {"message": SECRET_TALK, "code": code}}
                self.answer(status, json.dumps(body).encode(), "application/json", **headers)

            def do_hangs(self, _body):
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                self.wfile.write(chunk("Carrel"))
                self.until_left(lambda: b"")

            def do_overruns(self, _body):
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                self.until_left(lambda: chunk(" and on"))

            def do_long_line(self, _body):
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                self.until_left(lambda: b"x" * 65536)

            def until_left(self, more: Callable[[], bytes]) -> None:
                """Send until the client hangs up."""
                self.connection.settimeout(0.05)
                try:
                    for _ in range(100_000):
                        if piece := more():
                            self.wfile.write(piece)
                            continue
                        try:
                            if self.connection.recv(1) == b"":
                                break
                        except TimeoutError:
                            continue
                except OSError:
                    pass
                host.left.set()
                self.close_connection = True

            def log_message(self, *words):
                pass

        with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
            server.daemon_threads = True
            self.port = server.server_port
            thread = threading.Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()
