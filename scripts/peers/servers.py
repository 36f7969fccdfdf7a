"""Starts our box and the servers it is compared with, all on one model file with the same sizes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from model_box import START_S, ModelBox, free_port

VERSION = "0.3.36"
XLLAMACPP = "2026.10.11549"
TRANSFORMERS = "5.23.0"
TORCH = "2.13.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "carrel" / "peers"
WHEELS = CACHE.parent / "wheels"
BUILDER = Path(__file__).parents[1] / "build_peer_server.sh"
XLLAMACPP_PROGRAM = """
import signal, sys, xllamacpp
p = xllamacpp.CommonParams()
p.model.path, p.hostnames, p.port = sys.argv[1], ["127.0.0.1"], int(sys.argv[2])
p.n_parallel, p.n_ctx, p.kv_unified = int(sys.argv[3]), int(sys.argv[4]), False
p.cpuparams.n_threads = p.cpuparams_batch.n_threads = int(sys.argv[5])
server = xllamacpp.Server(p)
signal.pause()
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What all servers are given. ``context_tokens`` is of one request."""

    model: Path
    sequences: int
    context_tokens: int
    threads: int
    people: int
    shared_prefix: bool


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that is up. ``counts`` is False where it sends no usage with a stream, ``serial`` True where
    its requests wait for each other.
    """

    name: str
    url: str
    model: str
    keys: tuple[str, ...] = ("",)
    counts: bool = True
    serial: bool = False


@contextmanager
def ours(sizes: Sizes, folder: Path) -> Iterator[Peer]:
    """A whole box: keys, ledger and fair queue, as ``carrel serve`` runs it."""
    box = ModelBox(
        sizes.model,
        folder / "carrel",
        context_tokens=sizes.context_tokens,
        sequences=sizes.sequences,
        worker_threads=sizes.threads,
        queue_limit=10_000,
        person_running_limit=sizes.sequences,
        person_waiting_limit=10_000,
        log_level="warning",
    )
    with box:
        if sizes.shared_prefix:
            box.carrel("project", "set", "default", "--share-prefixes", "yes")
        with ThreadPoolExecutor(4) as makers:
            names = [f"student {number}" for number in range(sizes.people)]
            keys = tuple(makers.map(box.new_key, names))
        yield Peer("carrel", box.url, "model", keys)


@contextmanager
def llama_server(sizes: Sizes, folder: Path) -> Iterator[Peer]:
    """llama.cpp's C++ server, split KV as is its default where the number of slots is given."""
    built = subprocess.run(["sh", BUILDER], check=True, capture_output=True, text=True).stdout.strip()
    port = free_port()
    program = [f"{built}/llama-server", "-m", str(sizes.model), "--host", "127.0.0.1", "--port", str(port)]
    program += ["-np", str(sizes.sequences), "-c", str(sizes.sequences * sizes.context_tokens)]
    program += ["-t", str(sizes.threads), "--log-disable"]
    with _running(program, folder / "llama-server.log", port, "health", {"LD_LIBRARY_PATH": built}):
        yield Peer("llama-server", f"http://127.0.0.1:{port}/v1", "model")


@contextmanager
def llama_cpp_python(sizes: Sizes, folder: Path) -> Iterator[Peer]:
    """llama-cpp-python's own server. Requests wait for each other; by default they would end each other."""
    port = free_port()
    program = [_python(), "-m", "llama_cpp.server", "--model", str(sizes.model), "--port", str(port)]
    program += ["--host", "127.0.0.1", "--n_ctx", str(sizes.context_tokens), "--verbose", "false"]
    program += ["--n_threads", str(sizes.threads), "--n_threads_batch", str(sizes.threads)]
    program += ["--interrupt_requests", "false"]
    with _running(program, folder / "llama-cpp-python.log", port, "v1/models"):
        yield Peer("llama-cpp-python", f"http://127.0.0.1:{port}/v1", "model", counts=False, serial=True)


@contextmanager
def xllamacpp(sizes: Sizes, folder: Path) -> Iterator[Peer]:
    """The C++ server inside a Python process, as its wheel brings it (built for AVX2)."""
    port = free_port()
    numbers = (port, sizes.sequences, sizes.sequences * sizes.context_tokens, sizes.threads)
    program = [_python(), "-c", XLLAMACPP_PROGRAM, str(sizes.model), *(str(number) for number in numbers)]
    with _running(program, folder / "xllamacpp.log", port, "health"):
        yield Peer("xllamacpp", f"http://127.0.0.1:{port}/v1", "model")


@contextmanager
def transformers_serve(sizes: Sizes, folder: Path) -> Iterator[Peer]:
    """transformers' own server with its continuous batching, in float32. Sends no usage with a stream."""
    port = free_port()
    program = [str(Path(_python_of_transformers()).with_name("transformers")), "serve", str(sizes.model)]
    program += ["--continuous-batching", "--host", "127.0.0.1", "--port", str(port), "--dtype", "float32"]
    program += ["--device", "cpu", "--model-timeout", "-1"]
    environment = {"OMP_NUM_THREADS": str(sizes.threads), "HF_HUB_OFFLINE": "1"}
    with _running(program, folder / "transformers-serve.log", port, "health", environment):
        yield Peer("transformers-serve", f"http://127.0.0.1:{port}/v1", str(sizes.model), counts=False)


PEERS = {
    "carrel": ours,
    "llama-server": llama_server,
    "llama-cpp-python": llama_cpp_python,
    "xllamacpp": xllamacpp,
}


def _python() -> str:
    """A cached environment with the two Python servers; the wheel that Carrel was installed with is used."""
    wheels = [word for one in sorted(WHEELS.glob("*/")) for word in ("--find-links", str(one))]
    return _environment(
        f"python-{VERSION}", [*wheels, f"llama-cpp-python[server]=={VERSION}", f"xllamacpp=={XLLAMACPP}"]
    )


def _python_of_transformers() -> str:
    """A cached environment with transformers' server."""
    wanted = [f"transformers[serving]=={TRANSFORMERS}", f"torch=={TORCH}"]
    return _environment(f"transformers-{TRANSFORMERS}", wanted)


def _environment(name: str, wanted: list[str]) -> str:
    """The Python of a cached environment, made when it is missing."""
    home = CACHE / name
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
        (home / "complete").touch()
    return str(python)


@contextmanager
def _running(
    program: list[str], log: Path, port: int, path: str, environment: dict[str, str] | None = None
) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            program, stdout=output, stderr=output, env={**os.environ, **(environment or {})}
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/{path}", log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen, url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server has ended: {log.read_text(errors='replace')[-2000:]}")
        try:
            if httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers at {url}")
