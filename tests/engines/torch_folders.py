"""Tiny folders as Hugging Face lays models out: made, copied and damaged, read."""

import importlib
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from appliance.engines.base import EngineSpec
from appliance.engines.hf_folder.folder import ModelFolder, read_folder

SCRIPTS = Path(__file__).parents[2] / "scripts"


def generator() -> Callable[..., tuple[str, ...]]:
    """``make_tiny_safetensors`` of ``scripts/``."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        return importlib.import_module("make_tiny_safetensors").make_tiny_safetensors
    finally:
        sys.path.remove(str(SCRIPTS))


@dataclass
class Copy:
    """A folder of its own. ``files`` is what the form names."""

    path: Path
    files: tuple[str, ...]
    pooling: str = ""

    @classmethod
    def of(cls, fields: dict, target: Path) -> "Copy":
        """Of what ``tiny_torch`` made."""
        shutil.copytree(Path(fields["model_path"]).parent, target)
        return cls(target, fields["files"])

    @property
    def spec(self) -> EngineSpec:
        return EngineSpec(
            engine="torch",
            model_path=str(self.path / "config.json"),
            context_tokens=128,
            kv_tokens=512,
            max_sequences=8,
            files=self.files,
            pooling=self.pooling,
            precision="float32",
        )

    def read(self, **changes) -> ModelFolder:
        return read_folder(msgspec.structs.replace(self.spec, **changes))

    def change(self, name: str, /, **fields) -> None:
        """Other values in a JSON file; None takes one out."""
        whole = json.loads((self.path / name).read_text(encoding="utf-8"))
        whole |= fields
        for key, value in fields.items():
            if value is None:
                del whole[key]
        self.write(name, whole)

    def write(self, name: str, value: object) -> None:
        (self.path / name).write_text(json.dumps(value), encoding="utf-8")

    def weights(self, name: str = "model.safetensors") -> tuple[dict, bytes]:
        """Header and data of a file."""
        whole = (self.path / name).read_bytes()
        length = int.from_bytes(whole[:8], "little")
        return json.loads(whole[8 : 8 + length]), whole[8 + length :]

    def write_weights(self, header: object, data: bytes, name: str = "model.safetensors") -> None:
        told = header if isinstance(header, bytes) else json.dumps(header).encode()
        (self.path / name).write_bytes(len(told).to_bytes(8, "little") + told + data)

    def rename(self, names) -> None:
        """Each tensor's name becomes ``names(name)``."""
        header, data = self.weights()
        self.write_weights({names(name): one for name, one in header.items()}, data)

    def leave_out(self, name: str) -> None:
        """A tensor and its bytes."""
        header, data = self.weights()
        gone = header.pop(name)
        start, end = gone["data_offsets"]
        for one in header.values():
            if "data_offsets" in one and one["data_offsets"][0] >= end:
                one["data_offsets"] = [offset - (end - start) for offset in one["data_offsets"]]
        self.write_weights(header, data[:start] + data[end:])

    def add(self, name: str, shape: list[int], dtype: str = "F32", size: int = 4) -> None:
        """A tensor of zeros at the end."""
        header, data = self.weights()
        count = size
        for one in shape:
            count *= one
        offsets = [len(data), len(data) + count]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": offsets}
        self.write_weights(header, data + bytes(count))
