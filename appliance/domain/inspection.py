"""What the files of a model say of themselves, once somebody has looked inside and found them sound."""

from dataclasses import dataclass

from appliance.domain.recipe import Pooling, Precision
from appliance.domain.shapes import ModelShapes


@dataclass(frozen=True, slots=True)
class Inspection:
    """Claims of the files, for drafting a recipe; nothing runs by them. Empty and 0: they say nothing."""

    architecture: str = ""
    name: str = ""
    license: str = ""
    chat_template: str = ""
    context_tokens: int = 0
    parameters: int = 0
    shapes: ModelShapes | None = None
    add_bos: bool = False
    add_eos: bool = False
    pooling: Pooling = ""
    precision: Precision = ""
    """What a folder of safetensors holds its matrices in; empty for GGUF."""
