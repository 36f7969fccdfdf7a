"""A real box with two models whose workers can be killed in four ways, and streams to see what it does."""

import asyncio
import hashlib
import json
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.system.box import RealBox

WEIGHTS = b"the fake engine never reads this"
RECIPE = f"""
id = "{{name}}"
revision = 1
title = "Mortal"
summary = "The fake engine."
license = "Apache-2.0"
tier = "open"
context_tokens = 4096
max_sequences = 64
chat_template = "{{{{{{{{ messages[0].content }}}}}}}}"
[defaults]
max_tokens = 16
[[forms]]
name = "f16"
engine = "mortal"
[[forms.files]]
name = "weights.gguf"
size_bytes = {len(WEIGHTS)}
sha256 = "{hashlib.sha256(WEIGHTS).hexdigest()}"
"""
RUN = """
import asyncio, json, pathlib, sys
import msgspec
from appliance.config import from_process
from appliance.wiring.processes import Keeping
from appliance.wiring.running import run_gateway
from appliance.workers.hanging import HangRule
from appliance.workers.restart import RestartPolicy
from appliance.workers.supervision import ChildSettings

said = json.loads(sys.argv[1])
settings = from_process({})
environment = {**settings.child_environment, **said["environment"]}
keeping = Keeping(
    children=ChildSettings(restarts=RestartPolicy(**said["restarts"])), hang=HangRule(**said["hang"])
)
settings = msgspec.structs.replace(settings, child_environment=environment)
asyncio.run(run_gateway(settings, pathlib.Path(said["recipes"]), keeping))
"""
DEATHS: Mapping[str, signal.Signals] = {
    "SIGKILL": signal.SIGKILL,
    "SIGSEGV": signal.SIGSEGV,
    "SIGSTOP": signal.SIGSTOP,
    "out-of-memory": signal.SIGUSR1,
}


def mortal_box(
    folder: Path,
    *,
    hang: Mapping[str, float],
    restarts: Mapping[str, float],
    options: Mapping[str, str] = {"step_delay_ms": "5"},
    settings: Mapping[str, str] = {},
) -> RealBox:
    """Not started. A worker over 200 MiB is ended."""
    said = {
        "recipes": str(_write_recipes(folder / "recipes")),
        "environment": {
            "PYTHONPATH": f"{_declare_engine(folder)}:{Path(__file__).parent}",
            "MORTAL_OPTIONS": json.dumps(dict(options)),
        },
        "hang": dict(hang),
        "restarts": dict(restarts),
    }
    return RealBox(
        folder,
        program=(sys.executable, "-c", RUN, json.dumps(said)),
        extra={"CARREL_RUN_DEMO": "false", "CARREL_WORKER_MEMORY_MIB": "200", **settings},
    )


@dataclass
class Seen:
    """What one client saw of its stream. Times are monotonic seconds."""

    request_id: str = ""
    first_s: float = 0.0
    end_s: float = 0.0
    chunks: int = 0
    error: dict[str, object] | None = None
    flowing: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Streams:
    """Clients of one model."""

    http: httpx.AsyncClient
    model: str = "mortal"

    async def one(self, seen: Seen, max_tokens: int = 3000) -> Seen:
        """One stream to its end, clean or not."""
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": "Hi"}],
            "max_tokens": max_tokens,
            "stream": True,
        }
        async with self.http.stream("POST", "chat/completions", json=body) as answer:
            seen.request_id = answer.headers["x-request-id"]
            assert answer.status_code == 200, await answer.aread()
            async for line in answer.aiter_lines():
                self._take(line, seen)
        seen.end_s = seen.end_s or time.monotonic()
        return seen

    def _take(self, line: str, seen: Seen) -> None:
        # The first chunk has a role and no text.
        if '"content"' in line and '"content":""' not in line:
            seen.chunks += 1
            if seen.chunks == 3:
                seen.first_s = time.monotonic()
                seen.flowing.set()
        if '"error"' in line:
            seen.end_s = time.monotonic()
            seen.error = json.loads(line.removeprefix("data: "))["error"]


@dataclass(frozen=True)
class Death:
    """What one death of a worker did, in seconds after it: each stream's error, and the next token."""

    kind: str
    errors_s: list[float]
    back_s: float
    streams: list[Seen]


async def die(streams: Streams, kind: str, count: int, kill: Callable[[signal.Signals], None]) -> Death:
    """With ``count`` streams flowing, kill the worker; then see one stream flow again."""
    async with asyncio.timeout(120):
        seen = [Seen() for _ in range(count)]
        running = [asyncio.create_task(streams.one(one)) for one in seen]
        await asyncio.gather(*(one.flowing.wait() for one in seen))
        killed_s = time.monotonic()
        kill(DEATHS[kind])
        await asyncio.gather(*running)
        after = await streams.one(Seen(), max_tokens=5)
    return Death(kind, [one.end_s - killed_s for one in seen], after.first_s - killed_s, [*seen, after])


def _write_recipes(folder: Path) -> Path:
    for name in ("mortal", "neighbor"):
        (folder / name).mkdir(parents=True)
        (folder / name / "weights.gguf").write_bytes(WEIGHTS)
        (folder / f"{name}.toml").write_text(RECIPE.format(name=name))
    return folder


def _declare_engine(folder: Path) -> Path:
    declared = folder / "engine" / "mortal-1.dist-info"
    declared.mkdir(parents=True)
    (declared / "METADATA").write_text("Metadata-Version: 2.1\nName: mortal\nVersion: 1\n")
    (declared / "entry_points.txt").write_text("[carrel.engines.v1]\nmortal = mortal_engine:plugin\n")
    return declared.parent
