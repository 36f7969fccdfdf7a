"""A real box that serves one GGUF file, with everything under one folder: for measurements.

The gateway is its own process, as `carrel serve` runs it; its recipe is written for the file.
"""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

START_S = 120
RUN = """
import asyncio, pathlib, sys
from appliance.config import from_process
from appliance.wiring.running import run_gateway
asyncio.run(run_gateway(from_process({}), recipes=pathlib.Path(sys.argv[1])))
"""
TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{% endfor %}{{ '<|im_start|>assistant\\n' }}"
)


def recipe(model: Path, *, context_tokens: int, sequences: int) -> str:
    """The TOML of a model named ``model``."""
    with model.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return f"""
id = "model"
revision = 1
title = "A model to measure"
summary = "Written by a measurement."
license = "Apache-2.0"
tier = "open"
context_tokens = {context_tokens}
max_sequences = {sequences}
chat_template = {json.dumps(TEMPLATE)}
[defaults]
max_tokens = 16
[[forms]]
name = "file"
engine = "llama_cpp"
[[forms.files]]
name = "{model.name}"
size_bytes = {model.stat().st_size}
sha256 = "{sha256}"
"""


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class GgufBox:
    """Serves ``model`` under the name ``model``; ``settings`` are Carrel's, by name. A context manager.

    ``program`` runs the gateway with the recipes' folder as its argument.
    """

    def __init__(
        self,
        model: Path,
        folder: Path,
        *,
        context_tokens: int,
        sequences: int,
        program: Sequence[str] = ("-c", RUN),
        **settings: object,
    ) -> None:
        self._program = program
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._home = folder
        self._recipes = folder / "recipes"
        self._models = folder / "models"
        self._models.joinpath("model").mkdir(parents=True)
        shutil.copyfile(model, self._models / "model" / model.name)
        self._recipes.mkdir()
        self._recipes.joinpath("model.toml").write_text(
            recipe(model, context_tokens=context_tokens, sequences=sequences)
        )
        self._settings = {"port": self.port, "models_dir": self._models, "log_to_terminal": False, **settings}
        self._process: subprocess.Popen | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What the gateway and every command of it are started with."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        chosen = {
            f"CARREL_{name.upper()}": str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in self._settings.items()
        }
        return {**kept, "HOME": str(self._home), "CARREL_HOME": str(self._home / "box"), **chosen}

    @property
    def pid(self) -> int:
        """The gateway's."""
        if self._process is None:
            raise RuntimeError("the box does not run")
        return self._process.pid

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, *self._program, str(self._recipes)], env=self.environment, start_new_session=True
        )
        try:
            self._wait("healthz")
            self.carrel("model", "run", "model")
            self._wait("readyz")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """As SIGTERM does. Safe to call twice."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    def carrel(self, *words: str) -> dict:
        """Run one command with ``--json``; its document."""
        done = subprocess.run(
            [sys.executable, "-m", "appliance", *words, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"carrel {' '.join(words)}: exit {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def new_key(self, name: str) -> str:
        """A key of the default project."""
        return self.carrel("key", "new", name)["key"]

    def _wait(self, path: str) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError("the gateway has ended")
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/{path}", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"the box has no {path}")
