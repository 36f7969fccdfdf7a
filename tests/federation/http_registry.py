"""A registry on a real socket of the loopback: nonces, proofs and answers as the protocol says, or as badly
as a test wants.
"""

import secrets
import threading
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from appliance.federation.protocol.checking import check_proof
from appliance.federation.protocol.kinds import NONCE_HEADER, NONCE_PATH, PROOF, PROOF_HEADER
from appliance.federation.protocol.messages import Proof
from appliance.federation.protocol.replies import Refused
from appliance.trust.signed import signer_of, unfold

JSON, PROBLEM = "application/json", "application/problem+json"


def nonce_of(proof: str) -> str:
    """Whoever has signed it."""
    return msgspec.json.decode(unfold(proof, PROOF, signer_of(proof)), type=Proof).nonce


class HttpRegistry:
    """``answer`` is given path and token of a message and returns status, media type and body, or raises
    ``Refused``; ``asked`` are (method, path, nonce or empty). ``nonces`` are those that count once more;
    ``instead`` are raw answers that come before all others, one a request: status, headers, body.
    """

    def __init__(self, answer: Callable[[str, str], tuple[int, str, bytes]]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, str]] = []
        self.tokens: list[str] = []
        self.nonces: set[str] = set()
        self.instead: list[tuple[int, dict[str, str], bytes]] = []
        self.hosts: set[str] = set()
        self.stall = threading.Event()
        self.stalls = False
        """The body of the next answers never comes."""
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def nonce(self) -> str:
        made = secrets.token_urlsafe(24)
        self.nonces.add(made)
        return made

    def receive(self, path: str, proof: str, token: str) -> tuple[int, str, bytes]:
        try:
            signer = signer_of(token)
            nonce = check_proof(proof, token=token, signer=signer, hosts=self.hosts, path=path)
            if nonce not in self.nonces:
                raise Refused("bad-nonce", "This nonce was used, or is too old.")
            self.nonces.remove(nonce)
            self.tokens.append(token)
            return self.answer(path, token)
        except Refused as refused:
            problem = refused.problem()
            return problem.status, PROBLEM, msgspec.json.encode(problem)

    @contextmanager
    def serving(self):
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.removeprefix("/")
                registry.asked.append(("GET", path, ""))
                if registry.instead:
                    self.send(*registry.instead.pop(0))
                elif path == NONCE_PATH:
                    self.send(204, {NONCE_HEADER: registry.nonce()}, b"")
                else:
                    self.send(404, {"content-type": "text/plain"}, b"no")

            def do_POST(self):
                path = self.path.removeprefix("/")
                token = self.rfile.read(int(self.headers["content-length"])).decode()
                proof = self.headers[PROOF_HEADER]
                registry.asked.append(("POST", path, nonce_of(proof)))
                if registry.instead:
                    self.send(*registry.instead.pop(0))
                    return
                status, media, body = registry.receive(path, proof, token)
                self.send(status, {"content-type": media, NONCE_HEADER: registry.nonce()}, body)

            def send(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "content-length" not in headers and status != 204:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                if registry.stalls:
                    registry.stall.wait(20)
                    self.close_connection = True
                    return
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        self.hosts.add(f"127.0.0.1:{self.port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self.stall.set()
            server.shutdown()
            thread.join()
            server.server_close()
