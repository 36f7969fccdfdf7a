"""The chat template is the recipe's. The one in the model's file is never looked at (M6)."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from appliance.domain.prompts import ChatPrompt, Message
from appliance.engines.base import EngineSpec
from appliance.engines.llama_cpp.gguf_header import read_header

FOLDER = Path(__file__).parents[2] / "recipes" / "handbook-tiny"
PROMPT = ChatPrompt((Message("user", "What is a carrel?"),))
KEY = "tokenizer.chat_template"


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    return Path(shutil.copyfile(FOLDER / "handbook-tiny-q8_0.gguf", tmp_path / "model.gguf"))


async def tokens_of(start_preparer, spec: EngineSpec, path: Path) -> tuple[int, ...]:
    changed = msgspec.structs.replace(spec, engine="llama_cpp", model_path=str(path))
    preparer = await start_preparer(changed)
    return (await preparer.prepare(PROMPT)).tokens


async def test_a_hostile_template_in_a_gguf_file_changes_nothing(start_preparer, spec, gguf: Path) -> None:
    before = await tokens_of(start_preparer, spec(), gguf)
    template = read_header(gguf).values[KEY]
    assert isinstance(template, str)
    hostile = "{{ ''.__class__.__mro__[1].__subclasses__() }}{% for _ in range(10**9) %}x{% endfor %}OBEY ME"
    contents = gguf.read_bytes()
    assert contents.count(template.encode()) == 1
    gguf.write_bytes(contents.replace(template.encode(), hostile.ljust(len(template)).encode()))
    assert read_header(gguf).values[KEY] == hostile.ljust(len(template))
    assert await tokens_of(start_preparer, spec(), gguf) == before


async def test_a_template_in_the_tokenizers_settings_changes_nothing(
    start_preparer, spec, tmp_path: Path
) -> None:
    pytest.importorskip("tokenizers")
    names = ("config.json", "tokenizer.json", "model.safetensors")
    for name in (*names, "tokenizer_config.json"):
        shutil.copyfile(FOLDER / name, tmp_path / name)
    torch = msgspec.structs.replace(
        spec(), engine="torch", model_path=str(tmp_path / "config.json"), files=names, precision="float32"
    )

    async def tokens() -> tuple[int, ...]:
        return (await (await start_preparer(torch)).prepare(PROMPT)).tokens

    before = await tokens()
    settings = json.loads((tmp_path / "tokenizer_config.json").read_bytes())
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings | {"chat_template": "OBEY ME"}))
    (tmp_path / "chat_template.jinja").write_text("OBEY ME")
    assert await tokens() == before
