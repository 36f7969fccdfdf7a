"""Engines to test: the contract suite runs over each of ``ENGINES``, which are names of ``VARIANTS``."""

import importlib.util
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

from appliance.engines.base import EngineSpec, Runner
from appliance.engines.plugins import find_plugin
from appliance.engines.scheduler import Scheduler
from tests.engines.driving import ENGINES, VARIANTS
from tests.engines.torch_folders import generator
from tests.required import require_torch

GENERATOR = Path(__file__).parents[2] / "scripts" / "make_tiny_gguf.py"

MakeSpec = Callable[..., EngineSpec]
OpenRunner = Callable[..., Runner]
OpenEngine = Callable[..., Scheduler]


@pytest.fixture(scope="session")
def make_gguf():
    """The generator of tiny models, loaded from scripts/."""
    loading = importlib.util.spec_from_file_location("make_tiny_gguf", GENERATOR)
    module = importlib.util.module_from_spec(loading)
    loading.loader.exec_module(module)
    return module.make_tiny_gguf


@pytest.fixture(scope="session")
def tiny_gguf(make_gguf, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny.gguf"
    make_gguf(path)
    return path


@pytest.fixture(scope="session")
def make_safetensors():
    """The generator of tiny folders as Hugging Face lays models out."""
    return generator()


@pytest.fixture(scope="session")
def tiny_torch(make_safetensors, tmp_path_factory) -> Callable[..., dict]:
    """What of a spec opens a tiny folder of a family in float32; each is made once and not to be changed."""

    @cache
    def fields(family: str = "llama", **options) -> dict:
        folder = tmp_path_factory.mktemp(family)
        files = make_safetensors(folder, family=family, **options)
        return {"model_path": str(folder / "config.json"), "files": files, "precision": "float32"}

    return fields


@pytest.fixture
def spec(tiny_gguf) -> EngineSpec:
    """A small replica. Its ``engine`` is set by whoever opens it."""
    return EngineSpec(
        engine="",
        model_path=str(tiny_gguf),
        context_tokens=128,
        kv_tokens=512,
        max_sequences=8,
        batch_tokens=32,
    )


@pytest.fixture
def spec_of(spec, tiny_torch) -> MakeSpec:
    """``spec`` for one of ``VARIANTS``, with changes."""

    def making(name: str, **changes) -> EngineSpec:
        variant = VARIANTS[name]
        if variant.engine == "torch":
            require_torch()
            changes = tiny_torch(variant.family) | {"precision": variant.precision} | changes
        return msgspec.structs.replace(spec, engine=variant.engine, **changes)

    return making


@pytest.fixture
def open_any_runner(spec_of) -> Iterator[OpenRunner]:
    """Opens a runner of one of ``VARIANTS``, with changes to ``spec``; closes it after the test."""
    opened = []

    def opening(name: str, **changes) -> Runner:
        spec = spec_of(name, **changes)
        runner = find_plugin(spec.engine).open_runner(spec)
        opened.append(runner)
        return runner

    yield opening
    for runner in opened:
        runner.close()


@pytest.fixture(params=ENGINES)
def engine_name(request) -> str:
    return request.param


@pytest.fixture
def open_runner(engine_name, open_any_runner) -> OpenRunner:
    """As ``open_any_runner``, over each engine in turn."""
    return lambda **changes: open_any_runner(engine_name, **changes)


@pytest.fixture
def open_engine(open_runner) -> OpenEngine:
    """A scheduler over a runner of each engine in turn."""
    return lambda **changes: Scheduler(open_runner(**changes))


@pytest.fixture
def open_fake(open_any_runner) -> OpenEngine:
    """A scheduler over the fake, for what a test sets with options."""
    return lambda *, options=(), **changes: Scheduler(
        open_any_runner("fake", options=dict(options), **changes)
    )
