"""An engine that does to the gateway what a broken or hostile one might. ``options["act"]`` chooses."""

import os
import signal
import socket
import struct
import sys
import threading
from pathlib import Path

from appliance.domain.generation import FinishReason
from appliance.engines.base import (
    EngineFacts,
    EngineSpec,
    Finished,
    Free,
    StepPlan,
    StepResult,
    Tokens,
    unheard,
)
from appliance.engines.fake import FakePlugin, FakeRunner, FakeVocabulary
from appliance.engines.fake.options import FakeOptions
from appliance.workers.codec import encode
from appliance.workers.frames import Prepared, Step


def _gateway() -> int:
    return int(sys.argv[1])


def _send(data: bytes) -> None:
    os.write(_gateway(), data)


def _finished(compute_ms: float) -> Finished:
    return Finished(1, 0, FinishReason.STOP, "", 1, 0, 1, compute_ms)


ACTS = {
    "garbage": lambda: _send(struct.pack(">I", 7) + b"garbage"),
    "too-large": lambda: _send(struct.pack(">I", 2**24 + 1)),
    "unfit": lambda: _send(encode(Prepared(1, (1,)))),
    "wrong-choice": lambda: _send(encode(Step((Tokens(1, 5, (1,), "x"),), Free(1, 1)))),
    "endless-time": lambda: _send(encode(Step((_finished(float("inf")),), Free(1, 1)))),
    "segfault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "stopped": lambda: os.kill(os.getpid(), signal.SIGSTOP),
}


def _connect(port: str) -> str:
    try:
        socket.create_connection(("127.0.0.1", int(port)), timeout=5).close()
    except OSError as error:
        return type(error).__name__
    return "connected"


def _open(path: str) -> str:
    found = []
    for flags in (os.O_RDONLY, os.O_WRONLY):
        try:
            os.close(os.open(path, flags))
            found.append("opened")
        except OSError as error:
            found.append(type(error).__name__)
    return "+".join(found)


FACTS = {
    "open": _open,
    "environment": lambda _: ",".join(sorted(os.environ)),
    "connect": _connect,
    "modules": lambda _: ",".join(sorted(sys.modules)),
    "status": lambda _: Path("/proc/self/status").read_text(),
}


class RogueRunner(FakeRunner):
    def __init__(self, spec: EngineSpec) -> None:
        super().__init__(spec, FakeOptions(step_delay_ms=1))
        self._act = spec.options.get("act", "")
        self._say = spec.options.get("say", "")
        self._argument = spec.options.get("argument", "")
        self._steps = 0

    @property
    def facts(self) -> EngineFacts:
        facts = super().facts
        if not self._say:
            return facts
        return EngineFacts(
            FACTS[self._say](self._argument),
            facts.context_tokens,
            facts.kv_tokens,
            facts.max_sequences,
            facts.batch_tokens,
            facts.vocabulary,
        )

    def forward(self, plan: StepPlan) -> StepResult:
        self._steps += 1
        if self._act == "exception":
            raise ValueError("a piece of somebody's prompt: Wendelin")
        if self._steps == 3 and self._act:
            ACTS[self._act]()
        return super().forward(plan)


class RoguePlugin(FakePlugin):
    def open_runner(self, spec: EngineSpec, on_progress=unheard) -> RogueRunner:
        if spec.options.get("act") == "die-loading":
            os.kill(os.getpid(), signal.SIGKILL)
        if spec.options.get("act") == "load-for-ever":
            print("loading", flush=True)
            threading.Event().wait()
        return RogueRunner(spec)

    def open_vocabulary(self, spec: EngineSpec) -> FakeVocabulary:
        return FakeVocabulary(FakeOptions())


plugin = RoguePlugin()
