"""What must not be in the product's code, whatever a linter thinks of it: ways for data to become code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "appliance").rglob("*.py"), *(ROOT / "tui").rglob("*.py")])
ROOMS = {path.parent.relative_to(ROOT) for path in SOURCES}
MODULES = {"pickle", "cloudpickle", "marshal", "shelve", "dill", "joblib", "diskcache", "multiprocessing"}
OBJECTS = {
    # torch.distributed's collectives for objects, which pickle them
    *("all_gather_object", "gather_object", "broadcast_object_list", "scatter_object_list"),
    *("send_object_list", "recv_object_list"),
}
CALLS = {
    "eval",
    "exec",
    "__import__",
    "extractall",
    "LlamaDiskCache",
    "LlamaCache",
    "from_pretrained",
    # python-tuf's own ways out of the box
    "Urllib3Fetcher",
    "RequestsFetcher",
    *OBJECTS,
}
LOADERS = {"torch", "jit", "hub", "package", "serialization", "yaml", "numpy", "np"}
KEYWORDS = {"trust_remote_code", "shell", "allow_pickle"}
WORTHS = {"load_format": "safetensors", "weights_only": True, "use_safetensors": True}
"""Keywords that have to be what they are here."""


def faults(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found += [one.name for one in names if one.name.partition(".")[0] in MODULES]
            case ast.ImportFrom(module=str(module)):
                found += [module] if module.partition(".")[0] in MODULES else []
            case ast.Call(func=ast.Attribute(attr="eval"), args=[], keywords=[]):
                pass  # a torch module's, that puts it into the mode for use; Python's takes a text
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in CALLS:
                found.append(name)
            case ast.Call(func=ast.Name(id="Updater"), keywords=given):
                found += [] if "fetcher" in {one.arg for one in given} else ["Updater without a fetcher"]
            case ast.Call(
                func=ast.Attribute(attr="load", value=ast.Name(id=owner) | ast.Attribute(attr=owner))
            ) if owner in LOADERS:
                found.append(f"{owner}.load")
            case ast.keyword(arg=str(name), value=value) if name in KEYWORDS:
                found += [] if isinstance(value, ast.Constant) and value.value is False else [name]
            case ast.keyword(arg=str(name), value=value) if name in WORTHS:
                found += [] if isinstance(value, ast.Constant) and value.value == WORTHS[name] else [name]
    return found


@pytest.mark.parametrize("room", sorted(ROOMS), ids=str)
def test_no_data_become_code(room: Path):
    sources = [path for path in SOURCES if path.parent == ROOT / room]
    found = {path.name: faults(path.read_text(encoding="utf-8")) for path in sources}
    assert {name: faulty for name, faulty in found.items() if faulty} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import torch\ntorch.load('x')",
        "yaml.load(text)",
        "tar.extractall()",
        "eval('1')",
        "subprocess.run('ls', shell=True)",
        "AutoModel.from_pretrained('x')",
        "EngineArgs(trust_remote_code=True)",
        "EngineArgs(load_format='auto')",
        "torch.jit.load('x')",
        "load(file, weights_only=False)",
        "from multiprocessing import Queue",
        "torch.distributed.broadcast_object_list(told)",
        "builtins.eval('1')",
        "llama_cpp.LlamaDiskCache()",
        "Updater(folder, address, bootstrap=root)",
        "tuf.ngclient.Urllib3Fetcher()",
    ],
)
def test_the_search_finds_what_it_looks_for(source: str):
    assert faults(source)


@pytest.mark.parametrize(
    "source", ["model.eval()", "EngineArgs(load_format='safetensors', trust_remote_code=False)"]
)
def test_the_search_lets_pass_what_is_harmless(source: str):
    assert faults(source) == []
