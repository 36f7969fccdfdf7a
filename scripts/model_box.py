"""A real box that serves one model, with everything under one folder: for measurements. A GGUF file runs on
llama.cpp, a folder of safetensors on torch.

The gateway is its own process, as `carrel serve` runs it; its recipe is written for the files.
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


VECTORS = "vectors"


def recipe(
    model: Path,
    *,
    context_tokens: int,
    sequences: int,
    name: str = "model",
    pooling: str | None = None,
    precision: str = "float32",
) -> str:
    """The TOML of a model of that name; with a pooling it makes vectors. The precision is a folder's."""
    speaks = f"pooling = {json.dumps(pooling)}" if pooling else f"chat_template = {json.dumps(TEMPLATE)}"
    engine = f'engine = "torch"\nprecision = "{precision}"' if model.is_dir() else 'engine = "llama_cpp"'
    files = "".join(_file(path) for path in files_of(model))
    return f"""
id = "{name}"
revision = 1
title = "A model to measure"
summary = "Written by a measurement."
license = "Apache-2.0"
tier = "open"
context_tokens = {context_tokens}
max_sequences = {sequences}
{speaks}
[defaults]
max_tokens = 16
[[forms]]
name = "file"
{engine}
{files}"""


def files_of(model: Path) -> list[Path]:
    """What a recipe names of a model, the file that is opened first."""
    if not model.is_dir():
        return [model]
    return [model / "config.json", model / "tokenizer.json", *sorted(model.glob("*.safetensors*"))]


def _file(path: Path) -> str:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return f"""
[[forms.files]]
name = "{path.name}"
size_bytes = {path.stat().st_size}
sha256 = "{sha256}"
"""


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ModelBox:
    """Serves ``model`` under the name ``model``; ``settings`` are Carrel's, by name. A context manager.

    ``program`` runs the gateway with the recipes' folder as its argument, ``python`` it and every command.
    With ``vectors`` the same file is served under that name too, as a model of vectors.
    """

    def __init__(
        self,
        model: Path,
        folder: Path,
        *,
        context_tokens: int,
        sequences: int,
        program: Sequence[str] = ("-c", RUN),
        python: str = sys.executable,
        vectors: bool = False,
        precision: str = "float32",
        **settings: object,
    ) -> None:
        self._program = program
        self._python = python
        self._served = ("model", VECTORS) if vectors else ("model",)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._home = folder
        self._recipes = folder / "recipes"
        self._models = folder / "models"
        self._recipes.mkdir(parents=True)
        for name in self._served:
            self._models.joinpath(name).mkdir(parents=True)
            for path in files_of(model):
                shutil.copyfile(path, self._models / name / path.name)
            pooling = "mean" if name == VECTORS else None
            written = recipe(
                model,
                context_tokens=context_tokens,
                sequences=sequences,
                name=name,
                pooling=pooling,
                precision=precision,
            )
            self._recipes.joinpath(f"{name}.toml").write_text(written)
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
            [self._python, *self._program, str(self._recipes)], env=self.environment, start_new_session=True
        )
        try:
            self._wait("healthz")
            for name in self._served:
                self.carrel("model", "run", name)
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
            [self._python, "-m", "appliance", *words, "--json"],
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
        # One client: each reads certificates when it is made, which would take from the box that starts.
        with httpx.Client(timeout=2, trust_env=False) as client:
            while time.monotonic() < deadline:
                if self._process is None or self._process.poll() is not None:
                    raise RuntimeError("the gateway has ended")
                try:
                    if client.get(f"http://127.0.0.1:{self.port}/{path}").status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.05)
        raise RuntimeError(f"the box has no {path}")
