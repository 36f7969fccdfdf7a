"""Those who take part: a registry and boxes, each with a folder and a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
START_S = 60
WIDTH = 132


@dataclass
class Told:
    """What was printed: steps with the time since the beginning, commands, and what was seen. ``folder`` has
    everything of the chapter that is told.
    """

    folder: Path
    began_s: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)
    steps: int = 0

    def say(self, text: str) -> None:
        clean = text.replace(str(self.folder), "…").rstrip()
        self.lines.append(clean)
        print(clean, flush=True)

    def chapter(self, title: str, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.say(f"\n==== {title}")

    def step(self, title: str) -> None:
        self.steps += 1
        self.say(f"\n-- {time.monotonic() - self.began_s:6.1f} s  {title}")

    def seen(self, text: str) -> None:
        self.say(f"   => {text}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Party:
    """Somebody with a folder (CARREL_HOME) who gives commands."""

    name: str
    told: Told
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.told.folder / self.name

    @property
    def env(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        own = {
            "HOME": str(self.home),
            "CARREL_HOME": str(self.home),
            "CARREL_WORKER_THREADS": "1",
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
            "COLUMNS": str(WIDTH),
        }
        return {**kept, **own, **self.settings}

    def carrel(self, *words: str, code: int = 0, quiet: bool = False) -> str:
        """Print a command and what it says; it has to end with ``code``."""
        shown = " ".join(f'"{one}"' if " " in one else one for one in words)
        done = self._run(words)
        if done.returncode != code:
            sys.exit(f"{self.name}$ carrel {shown}\n{done.stdout}{done.stderr}\nended with {done.returncode}")
        self.told.say(f"{self.name}$ carrel {shown}" + (f"   (exit code {code})" if code else ""))
        if not quiet:
            said = (done.stdout + done.stderr).strip()
            self.told.say("\n".join(f"   {line.rstrip()}" for line in said.splitlines()))
        return done.stdout

    def asked(self, *words: str) -> dict:
        """A command's document; nothing is printed."""
        done = self._run((*words, "--json"))
        if done.returncode:
            sys.exit(f"{self.name}$ carrel {' '.join(words)}\n{done.stderr}")
        return json.loads(done.stdout)

    def _run(self, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (sys.executable, "-m", "appliance", *words),
            env=self.env, capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip


@dataclass
class Box(Party):
    """A box with a person who asks its models."""

    port: int = field(default_factory=free_port)
    key: str = ""

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, "CARREL_PORT": str(self.port)}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        self.carrel("up", quiet=True)
        self.key = self.key or self.asked("key", "new", "demo")["key"]

    def down(self) -> None:
        self._run(("down", "--yes"))

    def ask(self, model: str, *, tokens: int = 24) -> httpx.Response:
        """A question to a model."""
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "How do I make a key?"}],
            "max_tokens": tokens,
        }
        headers = {"authorization": f"Bearer {self.key}"}
        url = f"{self.address}/v1/chat/completions"
        return httpx.post(url, json=body, headers=headers, timeout=60, trust_env=False)

    def answers(self, model: str) -> None:
        """It has to."""
        answer = self.ask(model)
        if answer.status_code != 200:
            sys.exit(f"{self.name} asks {model}: {answer.status_code} {answer.text}")
        words = answer.json()["choices"][0]["message"]["content"]
        self.told.seen(f"{model} answers on {self.name}: {words!r}")

    def refuses(self, model: str, *, within_s: float = 0) -> float:
        """It has to, at the latest after so long. Answers how long it took."""
        began_s = time.monotonic()
        while (answer := self.ask(model)).status_code == 200:
            if time.monotonic() - began_s > within_s:
                sys.exit(f"{self.name}: {model} answers still")
        took_s = time.monotonic() - began_s
        error = answer.json()["error"]
        self.told.seen(
            f"{model} is refused on {self.name}: {answer.status_code} {error['code']}: {error['message']}"
        )
        return took_s


@dataclass
class Registry(Party):
    """Its keeper, and the process that answers boxes."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def folder(self) -> Path:
        return self.home / "registry"

    def serve(self) -> None:
        self.told.say(f"{self.name}$ carrel registry serve &")
        with (self.told.folder / "registry.out").open("ab") as output:
            self.process = subprocess.Popen(
                (sys.executable, "-m", "appliance", "registry", "serve"),
                env=self.env, stdout=output, stderr=output, cwd="/", start_new_session=True,
            )  # fmt: skip
        deadline_s = time.monotonic() + START_S
        while time.monotonic() < deadline_s:
            try:
                httpx.get(f"{self.address}/v1/nonce", timeout=2, trust_env=False).raise_for_status()
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        sys.exit(f"the registry did not start: {(self.told.folder / 'registry.out').read_text()[-2000:]}")

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
