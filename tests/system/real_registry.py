"""A real registry for tests: `carrel registry serve` as its own process, and plain HTTP with the protocol's
own functions for boxes to speak to it.
"""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec

from appliance.federation.protocol import kinds
from appliance.federation.protocol.checking import sha256
from appliance.federation.protocol.enroll_code import read_code
from appliance.federation.protocol.messages import Proof
from appliance.federation.protocol.replies import Reply
from appliance.trust.signed import kind_of
from tests.system.box import free_port
from tests.system.programs import CARREL, Forked, carry_out, start

START_S = 120


class Now:
    """What ``BoxForTests`` asks for the time."""

    @property
    def now_s(self):
        return int(time.time())

    @property
    def day(self):
        return time.strftime("%Y-%m-%d", time.gmtime())


@dataclass
class RealRegistry:
    """Everything under one temporary folder."""

    home: Path
    port: int = field(default_factory=free_port)
    scheme: str = "http"
    verify: str | bool = True
    process: Forked | subprocess.Popen | None = None
    clock: Now = field(default_factory=Now)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def at(self) -> Path:
        return self.home / "registry"

    def command(self, *words: str) -> subprocess.CompletedProcess:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "CARREL_HOME": str(self.home)}
        return carry_out(("registry", *words), environment)

    def document(self, *words: str):
        done = self.command(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self) -> "RealRegistry":
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "CARREL_HOME": str(self.home)}
        with (self.home / "registry.out").open("ab") as output:
            self.process = start((*CARREL, "registry", "serve"), environment, output)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.home / "registry.out").read_text()[-3000:]
            if self._answers():
                return self
            time.sleep(0.02)  # a process of another kind to wait for: it has no event to offer
        raise AssertionError("the registry did not get ready")

    def _answers(self) -> bool:
        try:
            with self.http as http:
                return http.get("v1/nonce").status_code == 204
        except httpx.TransportError:
            return False

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    @property
    def http(self) -> httpx.Client:
        return httpx.Client(base_url=f"{self.scheme}://{self.host}", timeout=10, verify=self.verify)

    def post(self, key, token: str, **changed) -> httpx.Response:
        """A message as any box would send it; ``changed`` are members of its proof."""
        path = kinds.PATHS[kind_of(token)]
        with self.http as http:
            nonce = http.head(kinds.NONCE_PATH).headers[kinds.NONCE_HEADER]
            proof = Proof(host=self.host, path=path, nonce=nonce, body_sha256=sha256(token.encode()))
            signed = key.sign(kinds.PROOF, msgspec.structs.replace(proof, **changed))
            headers = {"content-type": kinds.MEDIA, kinds.PROOF_HEADER: signed}
            return http.post(path, content=token, headers=headers)

    def send(self, key, token: str, **changed) -> Reply:
        """The same; it has to be taken."""
        response = self.post(key, token, **changed)
        assert response.status_code in {200, 201}, response.text
        return msgspec.json.decode(response.content, type=Reply)

    def code(self, institution="North College", **more) -> str:
        words = [part for name, value in more.items() for part in (f"--{name}", value)]
        return read_code(self.document("code", "--institution", institution, *words)["text"]).code
